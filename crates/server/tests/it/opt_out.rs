//! Opting out: once in the ledger, told once, and not to be undone by anyone but the customer.

use domain::{message::Direction, people::Role};
use serde_json::{Value, json};

use crate::{
    harness::{Desk, on_each_database},
    hooks,
    scene::{self, ZOE, text},
    steering::ROOM,
};

/// Gives the ledger, oldest first: each change with its source.
async fn ledger(desk: &Desk) -> Vec<String> {
    let look = |tx: &mut store::Tx| store::consent::ledger(tx, domain::ConsentId(0), 100);
    let rows = desk.app.store.read(look).await.unwrap().into_iter();
    rows.map(|row| format!("{} by {}", row.change, row.source)).collect()
}

/// Says how many texts of ours there are.
async fn said(desk: &Desk) -> usize {
    let all = hooks::all_messages(desk).await.into_iter();
    all.filter(|message| message.direction == Direction::Out).count()
}

#[tokio::test]
async fn a_second_stop_is_heard_and_neither_confirmed_nor_recorded() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        text(desk, ZOE, "STOP").await;
        for again in ["Stop.", "unsubscribe"] {
            desk.advance(3_600);
            text(desk, ZOE, again).await;
        }
        assert_eq!(said(desk).await, 1, "one confirmation");
        assert_eq!(ledger(desk).await, ["opted_out by keyword"]);
        let heard = hooks::all_messages(desk).await.into_iter();
        assert_eq!(heard.filter(|message| message.direction == Direction::In).count(), 3);

        text(desk, ZOE, "START").await;
        text(desk, ZOE, "STOP").await;
        assert_eq!(said(desk).await, 3, "who came back is told again");
        assert_eq!(
            ledger(desk).await,
            ["opted_out by keyword", "opted_in by keyword", "opted_out by keyword"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_colleagues_opt_out_neither_hides_the_customers_nor_weakens_it() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        text(desk, ZOE, "Two beds?").await;
        let out = json!({"address": ZOE, "change": "opted_out", "wording": "asked on the phone"});
        let back = json!({"address": ZOE, "change": "opted_in", "wording": "asked again"});
        let path = "/api/customers/1/consent";
        ada.post(path, out.clone()).await.expect(201);
        text(desk, ZOE, "STOP").await;
        assert_eq!(said(desk).await, 1, "her own word is the first that is confirmed");
        ada.post(path, out).await.expect(201);
        let all = [
            "opted_in by first_message",
            "opted_out by agent",
            "opted_out by keyword",
        ];
        assert_eq!(ledger(desk).await, all);
        ada.post(path, back).await.refused(409, "customer_opted_out");
    })
    .await;
}

#[tokio::test]
async fn a_stop_on_one_number_is_new_where_the_company_means_all() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        for scope in [
            domain::settings::OptOutScope::Channel,
            domain::settings::OptOutScope::Company,
        ] {
            let write = move |tx: &mut store::Tx| {
                let mut settings = store::settings::get(tx)?;
                settings.opt_out_scope = scope;
                store::settings::put(tx, &settings)
            };
            desk.app.store.write(write).await.unwrap();
            desk.advance(60);
            text(desk, ZOE, "STOP").await;
        }
        assert_eq!(
            ledger(desk).await,
            ["opted_out by keyword", "opted_out by keyword"],
            "the second reaches further"
        );
    })
    .await;
}

#[tokio::test]
async fn where_an_opt_out_reaches_one_number_the_file_tells_it_of_each() {
    on_each_database(async |desk| {
        let first = scene::channel(desk).await.0;
        let mara = desk.sign_in_as(Role::Manager).await;
        let second = json!({"name": "Second", "kind": "simulator", "address": "+12025550101"});
        let second = mara.post("/api/channels", second).await.expect(201)["id"].clone();
        let scope = json!({"opt_out_scope": "channel"});
        mara.patch("/api/settings", scope).await.expect(200);
        let (conversation, _) = text(desk, ZOE, "STOP").await;

        let told = async || {
            let file = mara.get("/api/customers/1").await.expect(200);
            let all = file["consent"].as_array().unwrap().iter();
            let lines = all.map(|one| format!("{}: {}", one["channel"]["name"], one["state"]));
            (
                lines.collect::<Vec<_>>().join(", ").replace('"', ""),
                file["may_text"]["ok"] == true,
            )
        };
        assert_eq!(told().await, ("Texts: opted_out, Second: none".to_owned(), true));
        let reply = format!("/api/conversations/{conversation}/messages");
        let body = json!({"body": "Hello", "anyway": true});
        mara.post(&reply, body).await.refused(409, "opted_out");
        let start = |body: &str| json!({"customer_id": 1, "channel_id": second, "body": body});
        mara.post("/api/conversations", start("Hello")).await.expect(201);

        let asked = |channel: &Value, change: &str| {
            json!({"address": ZOE, "channel_id": channel, "change": change, "wording": "asked on the phone"})
        };
        let path = "/api/customers/1/consent";
        let back = asked(&json!(first), "opted_in");
        mara.post(path, back).await.refused(409, "customer_opted_out");
        mara.post(path, asked(&second, "opted_out")).await.expect(201);
        assert_eq!(
            told().await,
            ("Texts: opted_out, Second: opted_out".to_owned(), false)
        );
        mara.post("/api/conversations", start("Hello again"))
            .await
            .refused(409, "opted_out");
        mara.post(path, asked(&second, "opted_in")).await.expect(201);
        assert_eq!(told().await, ("Texts: opted_out, Second: opted_in".to_owned(), true));
    })
    .await;
}

#[tokio::test]
async fn who_has_opted_out_is_texted_by_no_path() {
    on_each_database(async |desk| {
        let channel = scene::channel(desk).await.0;
        let mara = desk.sign_in_as(Role::Manager).await;
        let flow = mara.post("/api/flows", json!({"source": ROOM, "enabled": true})).await;
        let flow = flow.expect(201)["id"].clone();
        let request = json!({"kind": "room", "summary": "2 beds"});
        // A menu that waits, a text for tomorrow, and one that failed: all of them before she opts out.
        let (conversation, seen) = text(desk, ZOE, "Hello").await;
        let path = format!("/api/conversations/{conversation}");
        let request = mara.post("/api/customers/1/requests", request).await.expect(201)["id"].clone();
        let reply = |body: &str, more: Value| {
            let mut all = json!({"body": body, "last_seen_message_id": seen, "anyway": true});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let messages = format!("{path}/messages");
        let failed = mara.post(&messages, reply("It fails", json!({}))).await.expect(201)["id"].clone();
        scene::sent(desk, failed.as_i64().unwrap(), domain::message::MessageStatus::Failed).await;
        let later = reply("Good morning", json!({"send_at": "2026-03-05T08:00:00Z"}));
        mara.post(&messages, later).await.expect(201);
        let start = format!("{path}/flow/start");
        mara.post(&start, json!({"flow_id": flow})).await.expect(200);
        rapport::jobs::work_off(&desk.app).await.unwrap();
        mara.put(&format!("{path}/closure"), json!({})).await.expect(200);
        text(desk, ZOE, "STOP").await;
        let before = left(desk).await;

        mara.post(&messages, reply("Hello?", json!({})))
            .await
            .refused(409, "opted_out");
        let later = reply("Later", json!({"send_at": "2026-03-06T08:00:00Z"}));
        mara.post(&messages, later).await.refused(409, "opted_out");
        let again = format!("/api/messages/{failed}/retry");
        mara.post(&again, json!({})).await.refused(409, "opted_out");
        let new = json!({"customer_id": 1, "channel_id": channel, "body": "Hello?"});
        mara.post("/api/conversations", new).await.refused(409, "opted_out");
        let new = json!({"phone": ZOE, "channel_id": channel, "body": "Hello?"});
        mara.post("/api/conversations", new).await.refused(409, "opted_out");
        mara.post(&start, json!({"flow_id": flow}))
            .await
            .refused(409, "opted_out");
        let outcome = json!({"status": "confirmed", "tell_customer": true});
        let outcome = mara
            .patch(&format!("/api/requests/{request}"), outcome)
            .await
            .expect(200);
        assert_eq!(outcome["status"], "confirmed", "the request moves on, untold");
        text(desk, ZOE, "room").await;
        // The survey, the menu's time to answer, and what was for later are all due.
        for _ in 0..3 {
            desk.advance(86_400);
            rapport::jobs::work_off(&desk.app).await.unwrap();
        }
        assert_eq!(left(desk).await, before, "but for the confirmation nothing has left");
    })
    .await;
}

/// Gives our texts that have left or may still leave, but for the confirmation of a STOP.
async fn left(desk: &Desk) -> Vec<String> {
    use domain::message::MessageStatus::*;
    let all = hooks::all_messages(desk).await.into_iter();
    let ours = all.filter(|message| message.direction == Direction::Out && !message.compliance);
    let alive = ours.filter(|message| !matches!(message.status, Refused | Cancelled | Failed));
    alive.map(|message| message.body).collect()
}
