//! What a source told that was refused: all of it is counted, with the reason, also what is not kept.

use domain::people::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    collect::Site,
    harness::{Desk, Reply, on_each_database},
};

/// Posts a body with the site's key; gives the answer's status.
async fn post(desk: &Desk, site: &Site, path: &str, (kind, body): (&str, String)) -> u16 {
    let request = desk.nobody().request(Method::POST, path).header("content-type", kind);
    let request = request.basic_auth(&site.key, Some("")).body(body);
    Reply::to(request).await.status
}

/// How much was refused in all, by reason in order of the alphabet.
async fn sums(site: &Site) -> Vec<(String, i64)> {
    let source = &site.mara.get("/api/sources").await.expect(200)["items"][0];
    let sums = source["refusals"].as_array().unwrap().iter();
    let sum = |sum: &Value| {
        (
            sum["reason"].as_str().unwrap().to_owned(),
            sum["refused"].as_i64().unwrap(),
        )
    };
    let mut sums: Vec<_> = sums.map(sum).collect();
    sums.sort();
    sums
}

#[tokio::test]
async fn what_is_not_kept_any_more_is_counted_with_its_reason() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let nameless = |n: usize| json!({"type": "track", "userId": "ada", "messageId": format!("{n}")});
        for _ in 0..3 {
            let calls: Vec<Value> = (0..400).map(nameless).collect();
            site.batch(desk, json!(calls)).await;
        }
        site.batch(desk, json!([{"type": "track", "event": "x"}])).await;
        let of = |reason: &str, refused| (reason.to_owned(), refused);
        assert_eq!(sums(&site).await, [of("no_identity", 1), of("no_name", 1_200)]);
        assert_eq!(site.tally().await, [0, 0, 1_201]);
        let mut kept = 0;
        let mut next = Value::Null;
        while kept == 0 || !next.is_null() {
            let cursor = next.as_str().map_or(String::new(), |next| format!("&cursor={next}"));
            let path = format!("/api/sources/1/refusals?limit=200{cursor}");
            let page = site.mara.get(&path).await.expect(200);
            kept += page["items"].as_array().unwrap().len();
            next = page["next"].clone();
        }
        assert_eq!(kept, 1_000, "the newest are kept");
    })
    .await;
}

#[tokio::test]
async fn neither_a_call_that_is_too_large_nor_a_bad_byte_loses_its_siblings() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let call = |name: &str, more: &str| {
            json!({"type": "track", "userId": "ada", "messageId": name, "event": name, "properties": {"a": more}})
        };
        let calls = [call("First", ""), call("Large", &"x".repeat(1_000_000)), call("Caf?", ""), call("Last", "")];
        let mut body = json!({ "batch": calls }).to_string().into_bytes();
        let place = body.windows(4).position(|part| part == b"Caf?").unwrap();
        body[place + 3] = 0xe9;
        let request = desk.nobody().request(Method::POST, "/v1/batch");
        let request = request.basic_auth(&site.key, Some("")).body(body);
        Reply::to(request).await.expect(200);
        assert_eq!(site.done_by("user_id:ada").await, ["First", "Caf\u{fffd}", "Last"]);
        assert_eq!(sums(&site).await, [("too_large".to_owned(), 1)]);
    })
    .await;
}

#[tokio::test]
async fn requests_that_are_refused_whole_count_where_it_is_known_whose_they_are() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let plain = |body: &str| ("application/json", body.to_owned());
        assert_eq!(post(desk, &site, "/v1/batch", plain("{")).await, 400);
        assert_eq!(post(desk, &site, "/v1/batch", plain("{}")).await, 400);
        assert_eq!(post(desk, &site, "/v1/cloudevents", plain("{}")).await, 400);
        let large = plain(&" ".repeat(5_000_000));
        assert_eq!(post(desk, &site, "/v1/track", large).await, 413);
        let of = |reason: &str, refused| (reason.to_owned(), refused);
        let mut expected = vec![of("too_large_request", 1), of("unreadable_request", 3)];
        assert_eq!(sums(&site).await, expected);
        assert_eq!(site.tally().await, [0, 0, 4]);

        let change = async |change: Value| site.mara.patch("/api/sources/1", change).await.expect(200);
        change(json!({"origins": ["https://wander.example"]})).await;
        let call = json!({"userId": "ada", "event": "Came", "writeKey": site.key});
        let request = desk.nobody().request(Method::POST, "/v1/track");
        let elsewhere = request.header("origin", "https://evil.example").json(&call);
        Reply::to(elsewhere).await.refused(403, "forbidden");
        change(json!({"enabled": false})).await;
        let request = desk.nobody().request(Method::POST, "/v1/track").json(&call);
        Reply::to(request).await.refused(403, "forbidden");
        expected.insert(0, of("switched_off", 1));
        expected.insert(0, of("other_origin", 1));
        assert_eq!(sums(&site).await, expected);
        // A call that is refused alone counts once, and nobody's requests count nowhere.
        change(json!({"enabled": true, "origins": []})).await;
        assert_eq!(post(desk, &site, "/v1/track", plain("{}")).await, 400);
        let request = desk.nobody().request(Method::POST, "/v1/batch");
        let nobody = Reply::to(request.basic_auth("unknown", Some("")).body("{")).await;
        assert_eq!(nobody.status, 400);
        assert_eq!(site.tally().await, [0, 0, 7]);
        let seen = desk
            .sign_in_as(Role::Viewer)
            .await
            .get("/api/sources")
            .await
            .expect(200);
        assert_eq!(seen["items"][0]["day"]["refused"], 7);
    })
    .await;
}
