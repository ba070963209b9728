//! Visitors whom the company names: by tokens that hold, and what that does to files and talks.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Time, people::Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    chat::{Browser, claims, count, jwt, key, open, sign_in},
    harness::{Desk, Reply, on_each_database},
    scene,
};

#[tokio::test]
async fn a_token_of_the_companys_says_who_a_visitor_is() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let secret = key(desk).await;
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("1", "Where is my order?")).await;
        let mut said = claims(desk, "u1");
        said["name"] = json!("Ann Archer");
        said["email"] = json!("Ann@Example.com");
        let known = sign_in(&ann.caller, &chat, &jwt(&secret, &said)).await.expect(201);
        let signed_in = Browser::of(desk, &known);
        assert_eq!(signed_in.id, ann.id, "the thread goes on");
        assert_ne!(signed_in.token, ann.token);
        ann.caller
            .get(&format!("{chat}/messages"))
            .await
            .refused(401, "unknown_visitor");
        assert_eq!(signed_in.bodies(&chat).await, ["Where is my order?"]);
        let again = sign_in(&signed_in.caller, &chat, &jwt(&secret, &claims(desk, "u1")))
            .await
            .expect(201);
        assert_eq!(again["token"], signed_in.token, "who is known already stays so");

        let ada = desk.sign_in_as(Role::Agent).await;
        let customer = ada.get("/api/customers/1").await.expect(200);
        assert_eq!(customer["name"], "Ann Archer");
        let ids: Vec<String> = customer["identities"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| {
                format!(
                    "{} {} {}",
                    id["kind"].as_str().unwrap(),
                    id["value"].as_str().unwrap(),
                    id["verified"]
                )
            })
            .collect();
        assert_eq!(
            ids,
            [
                format!("chat {} true", ann.id),
                "user_id u1 true".to_owned(),
                "email ann@example.com true".to_owned()
            ]
        );
        let joins = ada.get("/api/customers/1/joins").await.expect(200);
        assert_eq!(joins["items"][0]["reason"], "signed_in");
    })
    .await;
}

#[tokio::test]
async fn a_user_has_one_talk_on_all_devices_and_nobody_else_sees_it() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let secret = key(desk).await;
        let signed_in = Browser::signed_in(desk, &chat, &jwt(&secret, &claims(desk, "u1"))).await;
        signed_in.say(&chat, ("1", "Where is my order?")).await;
        let phone = Browser::signed_in(desk, &chat, &jwt(&secret, &claims(desk, "u1"))).await;
        assert_eq!(
            phone.bodies(&chat).await,
            ["Where is my order?"],
            "the same talk on another device"
        );
        phone.say(&chat, ("p1", "It was number 7.")).await;
        assert_eq!(count(desk, "SELECT COUNT(*) FROM conversations").await, 1);

        let other = sign_in(&signed_in.caller, &chat, &jwt(&secret, &claims(desk, "u2")))
            .await
            .expect(201);
        let other = Browser::of(desk, &other);
        assert_eq!(
            other.bodies(&chat).await,
            [""; 0],
            "another user at this browser sees nothing of hers"
        );
        assert_eq!(signed_in.bodies(&chat).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_identity_that_does_not_hold_is_refused() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({"verified_only": true})).await;
        let nobody = desk.nobody();
        let visitors = format!("{chat}/visitors");
        let missing = nobody.post(&visitors, json!({})).await.refused(401, "wrong_identity");
        assert_eq!(missing["reason"], "missing");
        let old = key(desk).await;
        let good = jwt(&old, &claims(desk, "u1"));
        let browser = Browser::signed_in(desk, &chat, &good).await;
        browser.say(&chat, ("1", "hello")).await;

        let with = |name: &str, value: Value| {
            let mut claims = claims(desk, "u1");
            claims[name] = value;
            jwt(&old, &claims)
        };
        let now = desk.app.universe.now().seconds_since(Time(0)) as i64;
        let (head, rest) = good.split_once('.').unwrap();
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
            rest.split_once('.').unwrap().0
        );
        for (identity, reason) in [
            (jwt("another key", &claims(desk, "u1")), "wrong_signature"),
            (with("exp", json!(now - 61)), "expired"),
            (with("iat", json!(now + 120)), "too_early"),
            (with("exp", Value::Null), "unreadable"),
            (with("sub", json!("anonymous")), "unreadable"),
            (unsigned, "unreadable"),
            (format!("{head}.x"), "unreadable"),
        ] {
            let refusal = sign_in(&nobody, &chat, &identity).await.refused(401, "wrong_identity");
            assert_eq!(refusal["reason"], reason, "{identity}");
        }

        let new = key(desk).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        mara.post("/api/channels/1/keys", json!({}))
            .await
            .refused(409, "conflict");
        for secret in [&old, &new] {
            sign_in(&nobody, &chat, &jwt(secret, &claims(desk, "u1")))
                .await
                .expect(201);
        }
        mara.delete("/api/channels/1/keys/1").await.expect(204);
        mara.delete("/api/channels/1/keys/1").await.refused(404, "not_found");
        let refusal = sign_in(&nobody, &chat, &good).await.refused(401, "wrong_identity");
        assert_eq!(refusal["reason"], "wrong_signature");
        sign_in(&nobody, &chat, &jwt(&new, &claims(desk, "u1")))
            .await
            .expect(201);
        desk.sign_in_as(Role::Agent)
            .await
            .post("/api/channels/1/keys", json!({}))
            .await
            .refused(403, "forbidden");
        let kept = mara.get("/api/channels/1").await.expect(200);
        assert_eq!(kept["config"]["chat"]["keys"], json!([2]));
        assert!(!kept.to_string().contains(&new), "a secret goes out once");
    })
    .await;
}

#[tokio::test]
async fn who_signs_in_later_brings_along_what_was_said() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let secret = key(desk).await;
        let home = Browser::signed_in(desk, &chat, &jwt(&secret, &claims(desk, "u1"))).await;
        home.say(&chat, ("1", "From home")).await;
        let office = Browser::new(desk, &chat).await;
        office.say(&chat, ("1", "From the office")).await;
        assert_eq!(
            count(desk, "SELECT COUNT(*) FROM customers WHERE merged_into IS NULL").await,
            2
        );
        let known = sign_in(&office.caller, &chat, &jwt(&secret, &claims(desk, "u1")))
            .await
            .expect(201);
        let office = Browser::of(desk, &known);
        assert_eq!(office.bodies(&chat).await, ["From home", "From the office"]);
        assert_eq!(home.bodies(&chat).await.len(), 2);
        assert_eq!(
            count(desk, "SELECT COUNT(*) FROM customers WHERE merged_into IS NULL").await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn an_address_in_a_token_joins_only_files_that_have_it_verified() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let secret = key(desk).await;
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let texts = json!({"name": "Zoe", "identities": [{"kind": "email", "value": "zoe@example.com"}]});
        let zoe = ada.post("/api/customers", texts).await.expect(201)["id"].clone();
        let request = json!({"kind": "room", "summary": "a cot"});
        ada.post(&format!("/api/customers/{zoe}/requests"), request)
            .await
            .expect(201);
        let mut said = claims(desk, "u1");
        said["email"] = json!("zoe@example.com");
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("1", "hello")).await;
        sign_in(&ann.caller, &chat, &jwt(&secret, &said)).await.expect(201);
        let open = "SELECT COUNT(*) FROM customers WHERE merged_into IS NULL";
        assert_eq!(count(desk, open).await, 2, "a person typed it: a person decides");
        let asked = ada.get(&format!("/api/customers/{zoe}/suggestions")).await.expect(200);
        assert_eq!(asked["items"][0]["reason"], "same_email");
        let write = |tx: &mut store::Tx| store::customers::verify(tx, ("email", "zoe@example.com"));
        desk.app.store.write(write).await.unwrap();
        Browser::signed_in(desk, &chat, &jwt(&secret, &said)).await;
        assert_eq!(
            count(desk, open).await,
            1,
            "the company has seen that it is hers, twice"
        );
    })
    .await;
}

/// What the widget tells of a page.
async fn look_at(desk: &Desk, key: &str, browser: &str, page: &str) {
    let call = json!({"writeKey": key, "messageId": page, "anonymousId": browser, "properties": {"url": page}});
    let request = desk.nobody().request(Method::POST, "/v1/page");
    // As browsers send it that need not ask beforehand.
    let request = request.header("content-type", "text/plain;charset=UTF-8");
    Reply::to(request.body(call.to_string())).await.expect(200);
}

#[tokio::test]
async fn pages_that_were_looked_at_stand_beside_what_was_written() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        let source = mara.post("/api/sources", json!({"name": "Website"})).await.expect(201);
        let about = || async { desk.nobody().get(&chat).await.expect(200) };
        assert_eq!(about().await["pages_key"], Value::Null);
        let tell = |source: &Value| json!({"config": {"chat": {"source_id": source}}});
        mara.patch("/api/channels/1", tell(&json!(99)))
            .await
            .refused(422, "invalid");
        mara.patch("/api/channels/1", tell(&source["id"])).await.expect(200);
        let key = about().await["pages_key"].as_str().unwrap().to_owned();

        let begin = async |browser: &str| {
            let visitor = json!({"anonymous_id": browser});
            Browser::of(
                desk,
                &desk
                    .nobody()
                    .post(&format!("{chat}/visitors"), visitor)
                    .await
                    .expect(201),
            )
        };
        // Pages before the first word, and after it.
        look_at(desk, &key, "browser-1", "https://a.example/1").await;
        begin("browser-1").await.say(&chat, ("1", "hello")).await;
        begin("browser-2").await.say(&chat, ("1", "hello")).await;
        look_at(desk, &key, "browser-2", "https://a.example/2").await;
        // Who tells of no browser is nobody's.
        begin("null").await.say(&chat, ("1", "hello")).await;
        let files = "SELECT COUNT(DISTINCT customer_id) FROM identities";
        assert_eq!(count(desk, files).await, 3);
        for browser in ["browser-1", "browser-2"] {
            let path = format!("/api/customers?identity=anonymous_id:{browser}");
            let id = mara.get(&path).await.expect(200)["items"][0]["id"].clone();
            let timeline = mara
                .get(&format!("/api/customers/{id}/timeline"))
                .await
                .expect(200)
                .to_string();
            for kind in ["page_viewed", "message_received"] {
                assert!(timeline.contains(kind), "{browser}: {timeline}");
            }
        }
        mara.patch("/api/channels/1", tell(&Value::Null)).await.expect(200);
        assert_eq!(about().await["pages_key"], Value::Null);
    })
    .await;
}
