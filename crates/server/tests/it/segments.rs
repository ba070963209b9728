//! Segments: who belongs comes in and leaves by what happens, by what is on the file, and by the passing of time alone.

use std::time::Duration;

use domain::people::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    company::Company,
    harness::{Desk, on_each_database},
    identity,
};

/// Adds a segment and gives its id. Nobody keeps it true yet.
pub async fn add(company: &Company<'_>, name: &str, rule: &str) -> i64 {
    let made = company
        .mara
        .post("/api/segments", json!({"name": name, "rule": rule}))
        .await;
    made.expect(201)["id"].as_i64().unwrap()
}

/// Keeps the segments true, as the server does.
pub fn keep(desk: &Desk) {
    tokio::spawn(rapport::segments::follow(
        desk.app.clone(),
        desk.app.stopping.subscribe(),
    ));
}

/// Gives the names of who belongs to a segment, in order of the alphabet.
async fn members(company: &Company<'_>, segment: i64) -> Vec<String> {
    let page = company
        .mara
        .get(&format!("/api/segments/{segment}/customers"))
        .await
        .expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let mut names: Vec<String> = items.map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// Waits until exactly these belong to a segment and everybody has been looked at.
pub async fn awaits(company: &Company<'_>, segment: i64, wanted: &[&str]) {
    let right = async {
        loop {
            let listed = company.mara.get("/api/segments").await.expect(200);
            let mut items = listed["items"].as_array().unwrap().iter();
            let is_counting = items.find(|item| item["id"] == segment).unwrap()["is_counting"] == true;
            if !is_counting && members(company, segment).await == wanted {
                return;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(60), right).await;
    assert!(
        found.is_ok(),
        "{wanted:?} are awaited: {:?}",
        members(company, segment).await
    );
}

/// Gives what a customer's file says of segments, oldest first.
async fn told(desk: &Desk) -> Vec<String> {
    let events = desk.events().await.into_iter().filter(|event| event.customer.is_some());
    let told = events.filter_map(|event| {
        let event = serde_json::to_value(&event.event).unwrap();
        let kind = event["kind"].as_str()?.strip_prefix("segment_")?.to_owned();
        Some(format!("{kind} {}", event["data"]["name"].as_str()?))
    });
    told.collect()
}

#[tokio::test]
async fn customers_come_in_and_leave_by_what_they_do_and_by_time_alone() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&[("ana", "Cart", 30), ("ben", "Cart", 50), ("ben", "Paid", 40)]).await;
        company.reaches(3).await;
        let left = add(&company, "Left the cart", r#"did_not_then("Cart", "Paid", "1 hour")"#).await;
        let fresh = add(&company, "Lately at the cart", r#"did("Cart", "45 minutes")"#).await;
        keep(desk);
        // Whom a segment finds when it is new has not just come in: no file says so.
        awaits(&company, fresh, &["ana"]).await;
        awaits(&company, left, &[]).await;
        assert_eq!(told(desk).await, Vec::<String>::new());

        // 10:31: nobody did anything.
        desk.advance(31 * 60);
        awaits(&company, left, &["ana"]).await;
        awaits(&company, fresh, &[]).await;
        let mut said = told(desk).await;
        said.sort();
        assert_eq!(said, ["entered Left the cart", "left Lately at the cart"]);

        let paid = json!([{"type": "track", "event": "Paid", "messageId": "late", "userId": "ana", "timestamp": "2026-03-04T09:50:00Z"}]);
        company.batch(paid).await;
        awaits(&company, left, &[]).await;
        assert_eq!(told(desk).await.last().unwrap(), "left Left the cart");
    })
    .await;
}

#[tokio::test]
async fn the_file_and_a_changed_rule_decide_too() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let traits = |who: &str, tier: &str| json!({"type": "identify", "userId": who, "messageId": format!("{who} {tier}"), "traits": {"name": who, "tier": tier}});
        company.batch(json!([traits("ana", "gold"), traits("ben", "blue")])).await;
        let gold = add(&company, "Gold", r#"customer.traits.tier == "gold""#).await;
        keep(desk);
        awaits(&company, gold, &["ana"]).await;
        company.batch(json!([traits("ben", "gold")])).await;
        awaits(&company, gold, &["ana", "ben"]).await;
        let change = json!({"rule": r#"customer.name == "ben""#});
        company.mara.patch(&format!("/api/segments/{gold}"), change).await.expect(200);
        awaits(&company, gold, &["ben"]).await;

        // On the map only they are left.
        company.tell(&[("ana", "Cart", 30), ("ben", "Cart", 20)]).await;
        company.reaches(5).await;
        let map = company.mara.get(&format!("/api/journey/map?segment={gold}")).await.expect(200);
        assert_eq!((map["customers"].as_i64(), map["events"].as_i64()), (Some(1), Some(1)));
        let wrong = company.mara.get("/api/journey/map?segment=77").await.expect(422);
        assert!(wrong["fields"]["segment"].is_string());

        let page = company.mara.get(&format!("/api/segments/{gold}/customers")).await.expect(200);
        let ben = page["items"][0]["id"].as_i64().unwrap();
        let of = company.mara.get(&format!("/api/customers/{ben}/segments")).await.expect(200);
        assert_eq!(of["items"][0]["name"], "Gold");
        company.mara.delete(&format!("/api/segments/{gold}")).await.expect(204);
        let of = company.mara.get(&format!("/api/customers/{ben}/segments")).await.expect(200);
        assert_eq!(of["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_visitor_who_turns_out_to_be_somebody_is_counted_once() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&[("?v1", "Cart", 30), ("ana", "Ad", 40)]).await;
        company.reaches(2).await;
        let cart = add(&company, "At the cart", r#"did("Cart")"#).await;
        keep(desk);
        let count = async || company.mara.get(&format!("/api/segments/{cart}/customers")).await.expect(200)["items"].as_array().unwrap().len();
        let one = async { while count().await != 1 {} };
        tokio::time::timeout(Duration::from_secs(60), one).await.expect("the visitor belongs to it");
        company.batch(json!([{"type": "identify", "userId": "ana", "anonymousId": "v1", "messageId": "i", "traits": {"name": "Ana"}}])).await;
        awaits(&company, cart, &["Ana"]).await;

        // Separated, the visitor is the one who was there.
        let ana = identity::customer(&company.mara, "user_id:ana").await;
        let joins = company.mara.get(&format!("/api/customers/{ana}/joins")).await.expect(200);
        let join = format!("/api/joins/{}", joins["items"][0]["id"]);
        company.mara.delete(&join).await.expect(204);
        awaits(&company, cart, &["v1"]).await;
    })
    .await;
}

#[tokio::test]
async fn a_rule_whose_touchpoint_is_gone_has_nobody_and_says_why() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&[("ana", "Cart", 30)]).await;
        company.reaches(1).await;
        let made = company
            .mara
            .post(
                "/api/touchpoints",
                json!({"name": "Any cart", "rule": "name == 'Cart'"}),
            )
            .await
            .expect(201);
        let segment = add(&company, "Cart", r#"did("Any cart")"#).await;
        keep(desk);
        awaits(&company, segment, &["ana"]).await;
        company
            .mara
            .delete(&format!("/api/touchpoints/{}", made["id"]))
            .await
            .expect(204);
        awaits(&company, segment, &[]).await;
        let listed = company.mara.get("/api/segments").await.expect(200);
        assert_eq!(listed["items"][0]["problem"], "knows no touchpoint 'Any cart'");
    })
    .await;
}

#[tokio::test]
async fn a_rule_follows_a_touchpoint_to_its_new_name_and_names_one_only() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&[("ana", "Cart", 30), ("ben", "Ad", 20)]).await;
        company.reaches(2).await;
        let segment = add(&company, "Shoppers", r#"did('Cart') && !("Cart" in customer.tags)"#).await;
        keep(desk);
        awaits(&company, segment, &["ana"]).await;
        let mara = &company.mara;
        let rename = async |place, name: &str| company.change(place, json!({ "name": name })).await;
        let cart = company.number("Cart").await;
        let refused = rename(cart, "Ad").await.expect(422);
        assert_eq!(refused["fields"]["name"], "another touchpoint is called so");
        for name in ["Basket \"new\"", "Korb"] {
            rename(cart, name).await.expect(200);
            let listed = mara.get("/api/segments").await.expect(200);
            assert_eq!(listed["items"][0]["problem"], Value::Null);
            let rule = json!(format!("did({}) && !(\"Cart\" in customer.tags)", json!(name)));
            assert_eq!(listed["items"][0]["rule"], rule);
            // Who comes there from now on belongs to it, too.
            company.tell(&[(name, "Cart", 10)]).await;
        }
        awaits(&company, segment, &["Basket \"new\"", "Korb", "ana"]).await;
        // A page of the same name as an action: a new rule must say which.
        let page = json!({"type": "page", "userId": "cem", "name": "Ad"});
        company.batch(json!([page])).await;
        company.reaches(5).await;
        let rule = json!({"rule": r#"did("Ad")"#});
        let refused = mara.post("/api/segments/check", rule).await.expect(422);
        let told = refused["fields"]["rule"].as_str().unwrap_or_default();
        assert_eq!(told, r#"knows 2 touchpoints 'Ad': write "track:Ad" or "page:Ad""#);
        let rule = json!({"rule": r#"did("page:Ad")"#});
        assert_eq!(mara.post("/api/segments/check", rule).await.expect(200)["found"], 1);
    })
    .await;
}

#[tokio::test]
async fn a_rule_is_tried_before_it_is_saved_and_a_wrong_one_is_refused() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&[("ana", "Cart", 30), ("ben", "Ad", 20)]).await;
        company.reaches(2).await;
        let check = async |rule: &str| company.mara.post("/api/segments/check", json!({"rule": rule})).await;
        let found: Value = check(r#"did("Cart", "1 day")"#).await.expect(200);
        assert_eq!(
            (&found["tried"], &found["found"], &found["examples"][0]["name"]),
            (&json!(2), &json!(1), &json!("ana"))
        );
        for (rule, reason) in [
            ("", "cannot be read"),
            (r#"did("Card")"#, "knows no touchpoint 'Card'"),
            (r#"did("Cart", "soon")"#, "'soon' is no time"),
            ("customer.nam == 'ana'", "knows no customer.nam: there is name"),
            ("customer.name", "says neither yes nor no"),
        ] {
            let refused = check(rule).await.expect(422);
            let told = refused["fields"]["rule"].as_str().unwrap_or_default();
            assert!(told.contains(reason), "{rule}: {refused}");
            let saved = company
                .mara
                .post("/api/segments", json!({"name": "No", "rule": rule}))
                .await;
            assert!(saved.expect(422)["fields"]["rule"].is_string());
        }
        add(&company, "Once", r#"did("Cart")"#).await;
        let twice = json!({"name": "Once", "rule": r#"did("Ad")"#});
        company.mara.post("/api/segments", twice.clone()).await.expect(409);
        let vic = desk.sign_in_as(Role::Viewer).await;
        vic.post("/api/segments", twice).await.expect(403);
        assert_eq!(
            vic.get("/api/segments").await.expect(200)["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        let nobody = desk
            .nobody()
            .request(Method::GET, "/api/segments")
            .send()
            .await
            .unwrap();
        assert_eq!(nobody.status(), 401);
    })
    .await;
}
