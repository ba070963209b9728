//! Arrivals: how a customer came first and last, whatever the order in which it was told.

use serde_json::{Value, json};

use crate::{
    collect::Site,
    harness::{Desk, on_each_database},
};

/// A visit at a minute past nine, by a link with this query.
fn visit(minute: u32, query: &str, ids: Value) -> Value {
    let mut call = json!({
        "type": "page", "messageId": format!("{minute} {query} {ids}"), "timestamp": format!("2026-03-04T09:{minute:02}:00Z"),
        "context": {"page": {"url": format!("https://wander.example/rooms?{query}")}},
    });
    call.as_object_mut().unwrap().extend(ids.as_object().unwrap().clone());
    call
}

async fn came(site: &Site, customer: i64) -> [Value; 2] {
    let path = format!("/api/customers/{customer}/arrivals");
    let answer = site.mara.get(&path).await.expect(200);
    ["first", "last"].map(|end| answer[end].clone())
}

async fn by(site: &Site, customer: i64) -> [String; 2] {
    came(site, customer).await.map(|arrival| {
        format!(
            "{} {}",
            arrival["source"].as_str().unwrap_or("nothing"),
            &arrival["at"].as_str().unwrap_or("")[11..16]
        )
    })
}

#[tokio::test]
async fn the_first_and_the_last_way_are_by_the_time_of_the_visits() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let ada = || json!({"userId": "ada"});
        let visits = [
            visit(
                10,
                "utm_source=google&utm_medium=cpc&utm_campaign=Spring&gclid=G1",
                ada(),
            ),
            visit(20, "page=2", ada()),
            visit(30, "utm_source=letter&utm_medium=email", ada()),
            visit(40, "utm_source=map", ada()),
        ];
        for one in [2, 1, 3, 0] {
            site.batch(desk, json!([visits[one]])).await;
        }
        assert_eq!(by(&site, 1).await, ["google 09:10", "map 09:40"]);
        let [first, _] = came(&site, 1).await;
        assert_eq!(
            (
                &first["medium"],
                &first["campaign"],
                &first["click_ids"],
                &first["page"]
            ),
            (
                &json!("cpc"),
                &json!("Spring"),
                &json!({"gclid": "G1"}),
                &json!("https://wander.example/rooms")
            )
        );
        // Two at one moment: which is told first makes no difference.
        let (eve, bob) = (json!({"userId": "eve"}), json!({"userId": "bob"}));
        let ways = ["utm_source=one", "utm_source=two"];
        site.batch(desk, json!([visit(5, ways[0], eve.clone()), visit(5, ways[1], eve)]))
            .await;
        site.batch(desk, json!([visit(5, ways[1], bob.clone()), visit(5, ways[0], bob)]))
            .await;
        assert_eq!(by(&site, 2).await, by(&site, 3).await);
        assert_ne!(by(&site, 2).await[0], by(&site, 2).await[1]);
    })
    .await;
}

#[tokio::test]
async fn how_a_browser_came_goes_over_to_who_signs_in_there() {
    on_each_database(async |desk: &Desk| {
        let site = Site::open(desk).await;
        let browser = json!({"anonymousId": "b"});
        site.batch(desk, json!([visit(30, "utm_source=letter", json!({"userId": "ada"}))]))
            .await;
        site.batch(desk, json!([visit(10, "fbclid=F1", browser)])).await;
        assert_eq!(by(&site, 2).await, [" 09:10", " 09:10"]);
        let signed_in = json!({"type": "track", "event": "Signed in", "userId": "ada", "anonymousId": "b"});
        site.batch(desk, json!([signed_in])).await;
        assert_eq!(by(&site, 1).await, [" 09:10", "letter 09:30"]);
        assert_eq!(came(&site, 1).await[0]["click_ids"], json!({"fbclid": "F1"}));
        site.mara.get("/api/customers/2/arrivals").await.refused(409, "merged");
        site.mara
            .get("/api/customers/9/arrivals")
            .await
            .refused(404, "not_found");
        let nobody = site
            .mara
            .post("/api/customers", json!({"name": "Nobody"}))
            .await
            .expect(201);
        assert_eq!(
            came(&site, nobody["id"].as_i64().unwrap()).await,
            [Value::Null, Value::Null]
        );
    })
    .await;
}
