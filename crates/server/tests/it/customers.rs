//! Customers: the file, identities, the timeline, requests, partners' answers, consent.

use domain::{PartnerId, people::Role};
use reqwest::Method;
use serde_json::{Value, json};
use store::{params, requests};

use crate::{
    harness::{Caller, Desk, Reply, on_each_database, snapshot},
    scene::{self, ZOE, ids, jobs, text},
};

/// Puts Zoë on file: a gold customer in New York.
async fn zoe(ada: &Caller) -> i64 {
    let new = json!({
        "name": " Zoë ",
        "identities": [{"kind": "phone", "value": "(202) 555-0143"}, {"kind": "email", "value": "Zoe@Example.com"}],
        "traits": {"tier": "gold"},
    });
    let zoe = ada.post("/api/customers", new).await.expect(201)["id"].as_i64();
    let zoe = zoe.expect("a customer has an id");
    let change = json!({"time_zone": "America/New_York", "traits": {"tier": null, "floor": "3"}, "tags": ["VIP"]});
    ada.patch(&format!("/api/customers/{zoe}"), change).await.expect(200);
    zoe
}

#[tokio::test]
async fn a_file_is_kept() {
    on_each_database(async |desk| {
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        let new = json!({
            "name": " Zoë ",
            "identities": [{"kind": "phone", "value": "(202) 555-0143"}, {"kind": "email", "value": "Zoe@Example.com"}],
            "traits": {"tier": "gold"},
        });
        let zoe = ada.post("/api/customers", new.clone()).await.expect(201);
        snapshot("a new customer", &zoe);
        let taken = ada.post("/api/customers", new).await.refused(409, "identity_taken");
        assert_eq!(taken["customer_id"], zoe["id"]);

        let path = format!("/api/customers/{}", zoe["id"]);
        let change = json!({"time_zone": "America/New_York", "traits": {"tier": null, "floor": "3"}, "tags": ["VIP"]});
        let changed = ada.patch(&path, change).await.expect(200);
        assert_eq!(
            (&changed["traits"], &changed["tags"]),
            (&json!({"floor": "3"}), &json!(["vip"]))
        );
        assert_eq!(changed["local_time"], "2026-03-04T05:00");
        ada.patch(&path, json!({"time_zone": "Mars/Base"}))
            .await
            .refused(422, "invalid");
        ada.patch(&path, json!({"name": "x".repeat(501)}))
            .await
            .refused(422, "invalid");
        vic.patch(&path, json!({"name": "no"})).await.refused(403, "forbidden");
        vic.get("/api/customers/999").await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn customers_are_found() {
    on_each_database(async |desk| {
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        let zoe = zoe(&ada).await;
        let max = ada.post("/api/customers", json!({"name": "Max"})).await.expect(201);
        let max = max["id"].as_i64().unwrap();
        for query in [
            "identity=phone:+12025550143",
            "identity=phone:%2B12025550143",
            "identity=email:ZOE@example.com",
            "q=zoe",
            "q=example",
            "tag=vip",
        ] {
            assert_eq!(ids(&vic, &format!("/api/customers?{query}")).await, [zoe], "{query}");
        }
        assert_eq!(
            ids(&vic, "/api/customers?identity=phone:+12025550100").await,
            Vec::<i64>::new()
        );
        assert_eq!(ids(&vic, "/api/customers").await, [max, zoe]);
        assert_eq!(ids(&vic, "/api/customers?limit=1").await, [max]);
        vic.get("/api/customers?identity=nonsense")
            .await
            .refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_timeline_tells_what_happened() {
    on_each_database(async |desk| {
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        let zoe = zoe(&ada).await;
        let timeline = vic.get(&format!("/api/customers/{zoe}/timeline")).await.expect(200);
        let texts: Vec<_> = timeline["items"].as_array().unwrap().iter().map(scene::fact).collect();
        let expected = [
            r#"Ada customer_tagged {"tags":["vip"]} {}"#,
            concat!(
                r#"Ada customer_changed {"changes":[{"from":"","to":"America/New_York","what":"time_zone"},"#,
                r#"{"from":"","to":"3","what":"floor"},{"from":"gold","to":"","what":"tier"}]} {}"#
            ),
            r#"Ada customer_changed {"changes":[{"from":"","to":"gold","what":"tier"}]} {}"#,
            r#"Ada identity_added {"kind":"email","value":"zoe@example.com"} {}"#,
            r#"Ada identity_added {"kind":"phone","value":"+12025550143"} {}"#,
            r#"Ada customer_created {"name":"Zoë"} {}"#,
        ];
        assert_eq!(texts, expected);
        let only = vic
            .get(&format!("/api/customers/{zoe}/timeline?kinds=customer_tagged&limit=5"))
            .await
            .expect(200);
        assert_eq!(only["items"].as_array().unwrap().len(), 1);
        let event = &only["items"][0];
        assert_eq!(
            (&event["kind"], &event["data"]),
            (&json!("customer_tagged"), &json!({"tags": ["vip"]}))
        );
        assert_eq!(event["actor"], json!({"kind": "user", "id": ada.id, "name": "Ada"}));
        let first = vic
            .get(&format!("/api/customers/{zoe}/timeline?limit=5"))
            .await
            .expect(200);
        let rest = vic
            .get(&format!(
                "/api/customers/{zoe}/timeline?cursor={}",
                first["next"].as_str().unwrap()
            ))
            .await;
        assert_eq!(rest.expect(200)["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn identities_come_and_go() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        let zoe = ada.post("/api/customers", json!({"name": "Zoë"})).await.expect(201)["id"].clone();
        let path = format!("/api/customers/{zoe}/identities");
        let with = ada
            .post(&path, json!({"kind": "user_id", "value": "u-7"}))
            .await
            .expect(201);
        let identity = with["identities"][0]["id"].clone();
        ada.post(&path, json!({"kind": "user_id", "value": "u-7"}))
            .await
            .refused(409, "identity_taken");
        ada.post(&path, json!({"kind": "phone", "value": "12"}))
            .await
            .refused(422, "invalid");
        ada.post(&path, json!({"kind": "email", "value": "zoe"}))
            .await
            .refused(422, "invalid");
        ada.post(&path, json!({"kind": "a b", "value": "c"}))
            .await
            .refused(422, "invalid");
        ada.delete(&format!("{path}/{identity}")).await.expect(204);
        ada.delete(&format!("{path}/{identity}"))
            .await
            .refused(404, "not_found");
        ada.post("/api/customers/999/identities", json!({"kind": "a", "value": "c"}))
            .await
            .refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_request_moves_on_and_the_customer_is_told() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        ada.put(&format!("/api/conversations/{id}/closure"), json!({}))
            .await
            .expect(200);
        let new = json!({"kind": "room", "summary": "2 beds", "details": {"nights": 2}});
        vic.post("/api/customers/1/requests", new.clone())
            .await
            .refused(403, "forbidden");
        let request = ada.post("/api/customers/1/requests", new).await.expect(201);
        snapshot("a request that was filed", &request);
        let path = format!("/api/requests/{}", request["id"]);
        let confirmed = ada
            .patch(&path, json!({"status": "confirmed", "status_note": "Room 12."}))
            .await
            .expect(200);
        assert_eq!(
            (&confirmed["status"], &confirmed["status_note"]),
            (&json!("confirmed"), &json!("Room 12."))
        );
        let said = ada.get(&format!("/api/conversations/{id}/messages")).await.expect(200);
        assert_eq!(
            said["items"][1]["body"],
            "Good news: your request \"2 beds\" is confirmed. Room 12."
        );
        assert_eq!(said["items"][1]["author"]["kind"], "system");
        let closed = ada.get(&format!("/api/conversations/{id}")).await.expect(200);
        assert_eq!(closed["status"], "closed", "being told opens nothing");
        ada.patch(&path, json!({"status": "confirmed"})).await.expect(200);
        assert_eq!(jobs(desk, "send_message").await.len(), 1, "told once");
        ada.patch(&path, json!({"status": "done", "tell_customer": false}))
            .await
            .expect(200);
        assert_eq!(jobs(desk, "send_message").await.len(), 1);
        ada.patch(&path, json!({"status": "filed"}))
            .await
            .refused(409, "request_ended");
        ada.patch("/api/requests/999", json!({"status": "done"}))
            .await
            .refused(404, "not_found");
        assert_eq!(ids(&vic, "/api/requests?status=done").await, [1]);
        assert_eq!(ids(&vic, "/api/requests?status=filed").await, Vec::<i64>::new());
        assert_eq!(ids(&vic, "/api/customers/1/requests").await, [1]);
        ada.post("/api/customers/1/requests", json!({"kind": "", "summary": "x"}))
            .await
            .refused(422, "invalid");
        ada.post(
            "/api/customers/1/requests",
            json!({"kind": "a", "summary": "x", "partner_id": 9}),
        )
        .await
        .refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_opted_out_is_not_told() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        text(desk, ZOE, "Two beds?").await;
        text(desk, ZOE, "STOP").await;
        let other = ada
            .post("/api/customers/1/requests", json!({"kind": "room", "summary": "1 bed"}))
            .await
            .expect(201);
        let before = jobs(desk, "send_message").await.len();
        ada.patch(&format!("/api/requests/{}", other["id"]), json!({"status": "declined"}))
            .await
            .expect(200);
        assert_eq!(
            jobs(desk, "send_message").await.len(),
            before,
            "an opted-out customer is not told"
        );
    })
    .await;
}

async fn submitted(desk: &Desk) -> i64 {
    let (hash, now) = (rapport::http::caller::hash("secret-link"), desk.app.universe.now());
    let write = move |tx: &mut store::Tx| {
        let partner = requests::Partner {
            id: PartnerId(0),
            name: "Hotel Mar".to_owned(),
            way: domain::request::PartnerWay::Mail,
            address: "desk@hotel.example".to_owned(),
            secret: String::new(),
        };
        let partner = requests::insert_partner(tx, &partner, now)?;
        let sql = "INSERT INTO requests (customer_id, conversation_id, kind, summary, details, status, partner_id,
             answer_token_hash, created_at, updated_at)
             VALUES (1, 1, 'room', '2 <b>beds</b>', '{\"nights\":2}', 'submitted', ?1, ?2, ?3, ?3) RETURNING id";
        tx.query_one(sql, params![partner, &hash, now])?.get(0)
    };
    desk.app.store.write::<i64, store::Error>(write).await.unwrap()
}

#[tokio::test]
async fn a_partner_answers_by_the_link() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        text(desk, ZOE, "Two beds?").await;
        let id = submitted(desk).await;
        let hotel = desk.nobody();
        let page = hotel.get("/answers/secret-link").await;
        assert!(
            page.headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("default-src 'none'")
        );
        let page = page.expect(200);
        assert!(page.as_str().unwrap().contains("2 &lt;b&gt;beds&lt;/b&gt;"), "{page}");
        assert!(page.as_str().unwrap().contains("value=\"confirmed\""));
        assert_eq!(
            ada.get("/api/requests").await.expect(200)["items"][0]["status"],
            "submitted",
            "looking changes nothing"
        );

        let answer = json!({"status": "confirmed", "note": "Sea view.", "reference": "R-1"});
        let told = hotel.post("/answers/secret-link", answer.clone()).await.expect(200);
        assert_eq!(
            told,
            json!({"status": "confirmed", "summary": "2 <b>beds</b>", "note": "Sea view."})
        );
        hotel.post("/answers/secret-link", answer).await.expect(200);
        assert_eq!(jobs(desk, "send_message").await.len(), 1, "the customer is told once");
        hotel
            .post("/answers/secret-link", json!({"status": "declined"}))
            .await
            .refused(409, "answered");
        hotel
            .post("/answers/secret-link", json!({"status": "done"}))
            .await
            .refused(422, "invalid");
        hotel
            .post("/answers/guess", json!({"status": "declined"}))
            .await
            .refused(404, "not_found");
        let row = desk
            .app
            .store
            .read(move |tx| requests::get(tx, domain::RequestId(id)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.partner_ref.as_deref(), Some("R-1"));
        let timeline = ada
            .get("/api/customers/1/timeline?kinds=request_changed")
            .await
            .expect(200);
        assert_eq!(
            timeline["items"][0]["actor"],
            json!({"kind": "partner", "id": 1, "name": "Hotel Mar"})
        );
        let page = hotel.get("/answers/secret-link").await.expect(200);
        assert!(page.as_str().unwrap().contains("<strong>confirmed</strong>"));
    })
    .await;
}

#[tokio::test]
async fn a_partner_answers_by_the_button() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        text(desk, ZOE, "Two beds?").await;
        submitted(desk).await;
        let form = [("status", "declined"), ("note", "We are full."), ("reference", "")];
        let page = Reply::to(desk.nobody().request(Method::POST, "/answers/secret-link").form(&form))
            .await
            .expect(200);
        assert!(
            page.as_str()
                .unwrap()
                .contains("<strong>declined</strong>. We are full."),
            "{page}"
        );
        let said = ada.get("/api/conversations/1/messages").await.expect(200);
        assert!(
            said["items"][1]["body"]
                .as_str()
                .unwrap()
                .ends_with("could not be met. We are full.")
        );
        let wrong = [("status", "perhaps")];
        let wrong = Reply::to(desk.nobody().request(Method::POST, "/answers/secret-link").form(&wrong)).await;
        wrong.refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn consent_is_kept_and_only_the_customer_takes_back_the_own_no() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        text(desk, ZOE, "Two beds?").await;
        let of = async || ada.get("/api/customers/1").await.expect(200);
        assert_eq!(of().await["may_text"], json!({"ok": true, "reason": null}));
        let path = "/api/customers/1/consent";
        let out = json!({"address": ZOE, "change": "opted_out", "wording": "=HYPERLINK(\"asked on the phone\")"});
        vic.post(path, out.clone()).await.refused(403, "forbidden");
        let ledger = ada.post(path, out).await.expect(201);
        assert_eq!(
            (&ledger["items"][0]["change"], &ledger["items"][0]["actor"]["name"]),
            (&json!("opted_out"), &json!("Ada"))
        );
        let zoe = of().await;
        assert_eq!(
            (&zoe["consent"][0]["state"], &zoe["consent"][0]["may_change"]),
            (&json!("opted_out"), &json!(true))
        );
        assert_eq!(zoe["may_text"]["ok"], false);
        let back = json!({"address": ZOE, "change": "opted_in", "wording": "asked on the phone"});
        ada.post(path, back.clone()).await.expect(201);
        text(desk, ZOE, "STOP").await;
        let zoe = of().await;
        assert_eq!(
            (&zoe["consent"][0]["by_customer"], &zoe["consent"][0]["may_change"]),
            (&json!(true), &json!(false))
        );
        ada.post(path, back).await.refused(409, "customer_opted_out");
        text(desk, ZOE, "START").await;
        assert_eq!(of().await["may_text"]["ok"], true);
        let other = json!({"address": "+12025550111", "change": "opted_out", "wording": "x"});
        ada.post(path, other).await.refused(422, "invalid");
        ada.post(path, json!({"address": ZOE, "change": "opted_out", "wording": " "}))
            .await
            .refused(422, "invalid");

        let csv = vic.get("/api/consent/export.csv").await;
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
        let csv = csv.expect(200);
        let lines: Vec<_> = csv.as_str().unwrap().split("\r\n").collect();
        assert_eq!(lines.len(), 1 + 5 + 1, "{csv}");
        assert!(lines[2].contains("\"'=HYPERLINK(\"\"asked"), "{}", lines[2]);
        let ledger = vic.get(path).await.expect(200);
        assert_eq!(ledger["items"].as_array().unwrap().len(), 5);
    })
    .await;
}

#[tokio::test]
async fn a_person_decides_what_a_text_meant() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        text(desk, ZOE, "please stop texting me").await;
        text(desk, "+12025550177", "leave me alone").await;
        let open = vic.get("/api/consent/reviews").await.expect(200);
        assert_eq!(open["items"].as_array().unwrap().len(), 2, "{open}");
        assert_eq!(open["items"][0]["body"], "please stop texting me");
        let page = vic.get("/api/consent/reviews?limit=1").await.expect(200);
        assert_eq!(page["next"], "1");
        vic.post("/api/consent/reviews/1", json!({"decision": "kept"}))
            .await
            .refused(403, "forbidden");
        ada.post("/api/consent/reviews/1", json!({"decision": "opted_out"}))
            .await
            .expect(204);
        ada.post("/api/consent/reviews/1", json!({"decision": "kept"}))
            .await
            .refused(409, "decided");
        ada.post("/api/consent/reviews/2", json!({"decision": "kept"}))
            .await
            .expect(204);
        assert_eq!(vic.get("/api/consent/reviews").await.expect(200)["items"], json!([]));
        for conversation in [1, 2] {
            let thread = vic
                .get(&format!("/api/conversations/{conversation}/thread"))
                .await
                .expect(200);
            assert!(thread.to_string().contains("consent_review_decided"), "{thread}");
        }
        assert_eq!(vic.get("/api/customers/1").await.expect(200)["may_text"]["ok"], false);
        assert_eq!(
            vic.get("/api/customers/2").await.expect(200)["may_text"]["ok"],
            Value::Bool(true)
        );
    })
    .await;
}

#[tokio::test]
async fn a_canned_reply_is_filled_in() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Hi").await;
        ada.patch("/api/customers/1", json!({"name": "Zoë Mar", "traits": {"room": "12"}})).await.expect(200);
        let write = |tx: &mut store::Tx| {
            let sql = "INSERT INTO canned_replies (shortcut, title, body, updated_at) VALUES ('hi', 'Hi', ?1, 0)";
            let body = "Hi {{ customer.first_name }}, room {{customer.room}} ({{customer.phone}}) {{customer.pet}}{{agent.name}}";
            tx.execute(sql, params![body])
        };
        desk.app.store.write(write).await.unwrap();
        let path = "/api/canned-replies/1/render";
        let filled = ada.post(path, json!({"conversation_id": id})).await.expect(200);
        assert_eq!(filled, json!({"body": "Hi Zoë, room 12 (+12025550143) Ada", "missing": ["customer.pet"]}));
        ada.post("/api/canned-replies/9/render", json!({"conversation_id": id})).await.refused(404, "not_found");
        ada.post(path, json!({"conversation_id": 99})).await.refused(404, "not_found");
    })
    .await;
}
