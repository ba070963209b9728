//! Meetings away from the web: checking in by a code on the wall, and calls that an agent writes down.

use domain::people::Role;
use serde_json::{Value, json};

use crate::harness::{Caller, Desk, on_each_database};

const BROWSER: &str = "3f0c2a51-7d1e-4b8e-9a55-0123456789ab";

async fn lobby(desk: &Desk) -> (Caller, String) {
    let mara = desk.sign_in_as(Role::Manager).await;
    let place = mara.post("/api/places", json!({"name": "Lobby"})).await.expect(201);
    let link = place["link"].as_str().unwrap();
    let token = link.strip_prefix("https://desk.example.com/check-in/").unwrap();
    (mara, token.to_owned())
}

async fn timeline(mara: &Caller, customer: i64) -> Vec<Value> {
    let path = format!("/api/customers/{customer}/timeline");
    let answer = mara.get(&path).await.expect(200);
    answer["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn who_scans_a_code_is_put_down_as_having_been_there() {
    on_each_database(async |desk| {
        let (mara, token) = lobby(desk).await;
        let path = format!("/api/check-ins/{token}");
        let page = desk.nobody().get(&path).await.expect(200);
        assert_eq!(page, json!({"place": "Lobby", "company": "Our company"}));
        desk.nobody().post(&path, json!({"browser": BROWSER})).await.expect(201);
        let given = json!({"browser": BROWSER, "given": {"kind": "email", "value": " Ana@Example.com "}});
        desk.nobody().post(&path, given).await.expect(201);
        let told = timeline(&mara, 1).await;
        let kinds: Vec<&str> = told.iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert_eq!(
            kinds,
            ["checked_in", "checked_in", "identity_added", "customer_created"]
        );
        let data = json!({"place": 1, "name": "Lobby", "given_kind": "email", "given": "ana@example.com"});
        assert_eq!(told[0]["data"], data);
        let file = mara.get("/api/customers/1").await.expect(200);
        assert_eq!(file["traits"], json!({"email": "ana@example.com"}));
        assert_eq!(file["identities"].as_array().unwrap().len(), 1, "it is told, not known");
    })
    .await;
}

#[tokio::test]
async fn a_stranger_s_number_opens_no_stranger_s_file() {
    on_each_database(async |desk| {
        let (mara, token) = lobby(desk).await;
        let known = json!({"name": "Ana", "identities": [{"kind": "phone", "value": "+12025550143"}]});
        mara.post("/api/customers", known).await.expect(201);
        let given = json!({"browser": BROWSER, "given": {"kind": "phone", "value": "(202) 555-0143"}});
        desk.nobody()
            .post(&format!("/api/check-ins/{token}"), given)
            .await
            .expect(201);
        assert!(
            timeline(&mara, 1)
                .await
                .iter()
                .all(|event| event["kind"] != "checked_in")
        );
        assert_eq!(timeline(&mara, 2).await[0]["data"]["given"], "+12025550143");
        let owner = mara
            .get("/api/customers?identity=phone:%2B12025550143")
            .await
            .expect(200);
        assert_eq!(owner["items"][0]["id"], 1);
    })
    .await;
}

#[tokio::test]
async fn checking_in_is_held_to_a_measure() {
    on_each_database(async |desk| {
        let (mara, token) = lobby(desk).await;
        let path = format!("/api/check-ins/{token}");
        let nobody = desk.nobody();
        for bad in [
            json!({"browser": "short"}),
            json!({"browser": "with a space and more"}),
            json!({"browser": BROWSER, "given": {"kind": "phone", "value": "123"}}),
            json!({"browser": BROWSER, "given": {"kind": "email", "value": "nobody"}}),
        ] {
            nobody.post(&path, bad).await.refused(422, "invalid");
        }
        nobody
            .post("/api/check-ins/nowhere", json!({"browser": BROWSER}))
            .await
            .refused(404, "not_found");
        for _ in 0..5 {
            nobody.post(&path, json!({"browser": BROWSER})).await.expect(201);
        }
        nobody
            .post(&path, json!({"browser": BROWSER}))
            .await
            .refused(429, "too_many_tries");
        assert_eq!(timeline(&mara, 1).await.len(), 7);
        desk.advance(15 * 60 + 1);
        nobody.post(&path, json!({"browser": BROWSER})).await.expect(201);
        for n in 0..199 {
            let browser = format!("{n:020}");
            nobody.post(&path, json!({"browser": browser})).await.expect(201);
        }
        nobody
            .post(&path, json!({"browser": "x".repeat(20)}))
            .await
            .refused(429, "too_many_tries");
    })
    .await;
}

#[tokio::test]
async fn managers_keep_the_places() {
    on_each_database(async |desk| {
        let (mara, token) = lobby(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        ada.post("/api/places", json!({"name": "Bar"}))
            .await
            .refused(403, "forbidden");
        mara.post("/api/places", json!({"name": "Lobby"}))
            .await
            .refused(409, "conflict");
        mara.post("/api/places", json!({"name": " "}))
            .await
            .refused(422, "invalid");
        mara.post("/api/places", json!({"name": "Bar"})).await.expect(201);
        mara.patch("/api/places/1", json!({"name": "Bar"}))
            .await
            .refused(409, "conflict");
        mara.patch("/api/places/9", json!({"name": "Roof"}))
            .await
            .refused(404, "not_found");
        let code = ada.get("/api/places/1/code.svg").await;
        assert_eq!(code.headers["content-type"], "image/svg+xml");
        mara.patch("/api/places/1", json!({"enabled": false})).await.expect(200);
        desk.nobody()
            .get(&format!("/api/check-ins/{token}"))
            .await
            .refused(404, "not_found");
        let on = mara
            .patch("/api/places/1", json!({"enabled": true, "name": "Hall"}))
            .await
            .expect(200);
        assert_eq!((&on["name"], &on["enabled"]), (&json!("Hall"), &json!(true)));
        assert_eq!(
            desk.nobody().get(&format!("/api/check-ins/{token}")).await.expect(200)["place"],
            "Hall"
        );
        desk.nobody().get("/api/places").await.refused(401, "not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_written_down_is_on_the_timeline() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        ada.post("/api/customers", json!({"name": "Ana"})).await.expect(201);
        let path = "/api/customers/1/calls";
        let call = json!({
            "direction": "in", "at": "2026-03-04T09:30:00Z", "duration_seconds": 240,
            "about": " Late check-in ", "note": "Arrives after ten.",
        });
        let told = ada.post(path, call.clone()).await.expect(201);
        assert_eq!(
            (&told["kind"], &told["at"]),
            (&json!("call_logged"), &json!("2026-03-04T09:30:00.000000Z"))
        );
        assert_eq!(told["data"]["about"], "Late check-in");
        assert_eq!(told["actor"]["kind"], "user");
        let now = ada
            .post(path, json!({"direction": "out", "about": "Called back"}))
            .await
            .expect(201);
        assert_eq!(now["at"], "2026-03-04T10:00:00.000000Z");
        assert_eq!(timeline(&ada, 1).await[0]["id"], now["id"]);
        for (field, value) in [
            ("at", json!("2026-03-04T10:00:01Z")),
            ("at", json!("1999-12-31T23:59:59Z")),
            ("duration_seconds", json!(-1)),
            ("duration_seconds", json!(86_401)),
            ("about", json!("  ")),
            ("about", json!("x".repeat(201))),
            ("direction", json!("sideways")),
        ] {
            let mut bad = call.clone();
            bad[field] = value;
            ada.post(path, bad).await.refused(422, "invalid");
        }
        ada.post("/api/customers/9/calls", call.clone())
            .await
            .refused(404, "not_found");
        let viewer = desk.sign_in_as(Role::Viewer).await;
        viewer.post(path, call).await.refused(403, "forbidden");
    })
    .await;
}
