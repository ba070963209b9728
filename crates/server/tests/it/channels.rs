//! Channels: opened, changed and looked after, and a text finds the one it is meant for.

use channel::twilio::signature::sign;
use domain::{ChannelId, message::MessageStatus, people::Role};
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Desk, PUBLIC_URL, Reply, on_each_database, snapshot},
    hooks::{all_messages, failed, furnish, inbound, post},
    scene,
};

const SECRET: &str = "s3cret";

fn twilio(name: &str, address: &str, service: &str) -> Value {
    json!({
        "name": name, "kind": "twilio", "address": address, "team_id": null, "reopen": "always", "disabled": false,
        "config": {"account_sid": "AC1", "auth_token": SECRET, "messaging_service_sid": service, "base_url": ""},
    })
}

/// Posts a text to a channel's webhook as Twilio does.
async fn posted(desk: &Desk, hook: &str, (sid, to, service): (&str, &str, &str)) -> Reply {
    let fields = [
        ("MessageSid", sid),
        ("AccountSid", "AC1"),
        ("From", "+14158675309"),
        ("To", to),
        ("MessagingServiceSid", service),
        ("Body", "Hello"),
    ];
    let fields: Vec<(String, String)> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let signature = sign(SECRET, hook, &fields);
    let path = hook.strip_prefix(PUBLIC_URL).expect("a hook is under the public URL");
    let request = desk.nobody().request(reqwest::Method::POST, path).form(&fields);
    Reply::to(request.header("x-twilio-signature", signature)).await
}

#[tokio::test]
async fn a_channel_is_opened_and_changed() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        let made = mara.post("/api/channels", twilio("Main", "(202) 555-0100", "")).await.expect(201);
        snapshot("a channel", &made);
        let path = format!("/api/channels/{}", made["id"]);
        assert_eq!(vic.get(&path).await.expect(200), made);
        let change = json!({"name": "Line 1", "disabled": true, "config": {"messaging_service_sid": "MG1"}});
        let changed = mara.patch(&path, change).await.expect(200);
        assert_eq!((&changed["name"], &changed["disabled"]), (&json!("Line 1"), &json!(true)));
        assert_eq!(changed["config"]["messaging_service_sid"], "MG1");
        assert_eq!(changed["config"]["auth_token_set"], true, "what is left out stays");
        let kept = desk.app.store.read(|tx| store::channels::get(tx, ChannelId(1))).await.unwrap().unwrap();
        assert_eq!(kept.config["auth_token"], SECRET);
        let phone = json!({"name": "Try", "kind": "simulator", "address": "+12025550199"});
        let phone = mara.post("/api/channels", phone).await.expect(201);
        assert_ne!(phone["hook"], made["hook"]);
        assert_eq!(scene::ids(&vic, "/api/channels").await, [1, 2]);

        let bad = json!({"name": " ", "kind": "twilio", "address": "+12025550101", "segments_per_second": 0, "reopen_days": 366});
        snapshot("a channel refused", &mara.post("/api/channels", bad).await.refused(422, "invalid"));
        for (wrong, field) in [
            (json!({"kind": "simulator"}), "kind"),
            (json!({"address": "12"}), "address"),
            (json!({"team_id": 99}), "team_id"),
            (json!({"config": {"base_url": "twilio.com"}}), "config.base_url"),
            (json!({"config": {"base_url": "http://texts.example.com", "auth_token": SECRET}}), "config.base_url"),
            (json!({"config": {"auth_token": ""}}), "config.auth_token"),
            (json!({"config": {"base_url": "https://texts.example.com"}}), "config.auth_token"),
            (json!({"config": {"account_sid": "AC2", "auth_token": " "}}), "config.auth_token"),
        ] {
            let refusal = mara.patch(&path, wrong).await.refused(422, "invalid");
            assert!(refusal["fields"][field].is_string(), "{refusal}");
        }
        let same = json!({"config": {"account_sid": "AC1", "base_url": ""}});
        mara.patch(&path, same).await.expect(200);
        for url in ["http://127.0.0.1:9", "http://[::1]:9", "http://localhost:9", "https://texts.example.com"] {
            let moved = json!({"config": {"base_url": url, "auth_token": "another"}});
            mara.patch(&path, moved).await.expect(200);
        }
        mara.post("/api/channels", json!({"name": "x", "address": "+12025550109"})).await.refused(422, "invalid");
        mara.post("/api/channels", twilio("Twice", "+12025550100", "")).await.refused(409, "conflict");
        vic.post("/api/channels", twilio("x", "+12025550102", "")).await.refused(403, "forbidden");
        vic.patch(&path, json!({})).await.refused(403, "forbidden");
        mara.get("/api/channels/99").await.refused(404, "not_found");
        mara.patch("/api/channels/99", json!({})).await.refused(404, "not_found");
        mara.get("/api/channels/99/health").await.refused(404, "not_found");
        desk.nobody().get("/api/channels").await.refused(401, "not_signed_in");
    })
    .await;
}

async fn health(caller: &Caller) -> Value {
    caller.get("/api/channels/1/health").await.expect(200)
}

#[tokio::test]
async fn a_channels_health_is_told_in_words() {
    on_each_database(async |desk| {
        let vic = desk.sign_in_as(Role::Viewer).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        let made = mara
            .post("/api/channels", twilio("Main", "+12025550100", ""))
            .await
            .expect(201);
        let hook = made["hook"].as_str().unwrap_or_default();
        assert_eq!(health(&vic).await["advice"][0]["key"], "nothing_ever");

        let path = hook.strip_prefix(PUBLIC_URL).unwrap();
        let unsigned = desk.nobody().request(reqwest::Method::POST, path).body("Body=Hi");
        Reply::to(unsigned).await.refused(403, "wrong_signature");
        posted(desk, hook, ("SM1", "+12025550100", "")).await.expect(200);
        scene::text(desk, "+14158675308", "STOP").await;
        let stopped = "UPDATE messages SET status = ?1, error = 'No such number.' WHERE direction = 'out'";
        let status = MessageStatus::Failed.as_str();
        let write = move |tx: &mut store::Tx| tx.execute(stopped, store::params![status]);
        assert_eq!(desk.app.store.write(write).await.unwrap(), 1);
        desk.advance(60);
        snapshot("health of a channel", &health(&vic).await);
    })
    .await;
}

#[tokio::test]
async fn a_text_finds_the_channel_it_is_meant_for() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let mut hooks = Vec::new();
        for (name, address, service) in [
            ("One", "+12025550101", ""),
            ("Two", "+12025550102", "MG2"),
            ("Off", "+12025550103", ""),
        ] {
            let made = mara
                .post("/api/channels", twilio(name, address, service))
                .await
                .expect(201);
            hooks.push(made["hook"].as_str().unwrap().to_owned());
        }
        mara.patch("/api/channels/3", json!({"disabled": true}))
            .await
            .expect(200);
        let other = json!({"config": {"account_sid": "AC2", "auth_token": SECRET}});
        mara.post("/api/channels", twilio("Four", "+12025550104", ""))
            .await
            .expect(201);
        mara.patch("/api/channels/4", other).await.expect(200);
        let table = [
            ("+12025550101", "", 1),
            ("+12025550102", "", 2),
            ("+12025550109", "MG2", 2),
            ("+12025550109", "MG9", 1),
            ("+12025550103", "", 1),
            ("+12025550104", "", 1),
        ];
        for (n, (to, service, expected)) in table.into_iter().enumerate() {
            let sid = format!("SM{n}");
            posted(desk, &hooks[0], (&sid, to, service)).await.expect(200);
            posted(desk, &hooks[0], (&sid, to, service)).await.expect(200);
            let look = move |tx: &mut store::Tx| store::messages::by_provider_id(tx, ChannelId(expected), &sid);
            assert!(desk.app.store.read(look).await.unwrap().is_some(), "{to} {service}");
        }
        let count = |tx: &mut store::Tx| {
            tx.query_one("SELECT COUNT(*) FROM messages", store::params![])?
                .get::<i64>(0)
        };
        assert_eq!(
            desk.app.store.read(count).await.unwrap(),
            6,
            "the same text twice is one"
        );
    })
    .await;
}

#[tokio::test]
async fn what_comes_to_a_channel_that_is_switched_off_waits_for_it() {
    on_each_database(async |desk| {
        let channel = furnish(desk, "http://127.0.0.1:9").await;
        let mara = desk.sign_in_as(Role::Manager).await;
        let path = format!("/api/channels/{channel}");
        mara.patch(&path, json!({"disabled": true})).await.expect(200);
        assert_eq!(post(desk, &inbound("SM1", "Are you there?")).await.status, 200);
        assert_eq!(post(desk, &inbound("SM2", "STOP")).await.status, 200);

        let kept = all_messages(desk).await.into_iter().filter_map(|one| one.provider_id);
        assert_eq!(
            kept.collect::<Vec<_>>(),
            ["SM2"],
            "a wish to hear no more does not wait"
        );
        let waiting = failed(desk).await;
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0].error.as_deref(), Some("the channel Texts is switched off"));

        mara.patch(&path, json!({"disabled": false})).await.expect(200);
        let again = format!("/api/inbound/{}/retry", waiting[0].id.0);
        assert_eq!(mara.post(&again, json!({})).await.expect(200)["state"], "done");
        let kept = all_messages(desk).await.into_iter().filter_map(|one| one.provider_id);
        assert_eq!(kept.filter(|id| id == "SM1").count(), 1);
    })
    .await;
}
