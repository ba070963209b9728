//! Replying: what leaves and when, what is asked first, what is refused.

use domain::{message::MessageStatus, people::Role};
use serde_json::{Value, json};
use store::params;

use crate::{
    harness::{Caller, Desk, on_each_database, snapshot},
    scene::{self, ZOE, jobs, sent, text},
};

async fn reply(caller: &Caller, id: i64, body: Value) -> crate::harness::Reply {
    caller.post(&format!("/api/conversations/{id}/messages"), body).await
}

#[tokio::test]
async fn a_reply_waits_to_be_taken_back_and_makes_the_conversation_ones_own() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, seen) = text(desk, ZOE, "Two beds?").await;
        ada.put(&format!("/api/conversations/{id}/draft"), json!({"body": "Yes"}))
            .await
            .expect(204);
        let body = json!({"body": "Yes, we do.", "client_key": "k1", "last_seen_message_id": seen});
        let message = reply(&ada, id, body.clone()).await.expect(201);
        snapshot("a reply that can be taken back", &message);
        assert_eq!(message["send_at"], "2026-03-04T10:00:05.000000Z");
        assert_eq!(
            reply(&ada, id, body).await.expect(200),
            message,
            "the same key is the same reply"
        );
        assert_eq!(jobs(desk, "send_message").await.len(), 1);

        let conversation = ada.get(&format!("/api/conversations/{id}")).await.expect(200);
        assert_eq!(conversation["assignee"], json!({"id": ada.id, "name": "Ada"}));
        assert_eq!(
            (&conversation["draft"], &conversation["unread"]),
            (&json!(false), &json!(false))
        );

        let path = format!("/api/messages/{}", message["id"]);
        assert_eq!(ada.delete(&path).await.expect(200)["status"], "cancelled");
        assert_eq!(jobs(desk, "send_message").await.len(), 0);
        ada.delete(&path).await.refused(409, "already_sent");
        ada.delete("/api/messages/999").await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_did_not_see_the_newest_is_asked_about() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, ben) = (desk.sign_in("Ada", Role::Agent).await, desk.sign_in("Ben", Role::Agent).await);
        let (id, seen) = text(desk, ZOE, "Two beds?").await;
        desk.advance(1);
        let (_, newest) = text(desk, ZOE, "Never mind").await;
        desk.advance(1);
        ben.post(&format!("/api/conversations/{id}/notes"), json!({"body": "She called."})).await.expect(201);

        let stale = reply(&ada, id, json!({"body": "Yes", "client_key": "a", "last_seen_message_id": seen})).await;
        let stale = stale.refused(409, "stale_reply");
        assert_eq!(stale["newer"][0]["body"], "Never mind");
        assert_eq!(stale["newer"][1]["body"], "She called.");
        assert_eq!(stale["newer"].as_array().unwrap().len(), 2);
        assert_eq!(jobs(desk, "send_message").await.len(), 0, "nothing was sent");

        let with_note = json!({"body": "Yes", "client_key": "b", "last_seen_message_id": newest, "last_seen_note_id": 1});
        let own = reply(&ada, id, with_note).await.expect(201);
        let again = json!({"body": "One more thing", "client_key": "c", "last_seen_message_id": newest, "last_seen_note_id": 1});
        reply(&ada, id, again).await.expect(201);
        let other = json!({"body": "I too", "client_key": "d", "last_seen_message_id": newest});
        let other = reply(&ben, id, other).await.refused(409, "stale_reply");
        assert_eq!(other["newer"][0]["id"], own["id"], "a colleague's reply is news, the own note is none");
        reply(&ben, id, json!({"body": "I too", "client_key": "e", "last_seen_message_id": newest, "anyway": true})).await.expect(201);
    })
    .await;
}

#[tokio::test]
async fn what_must_not_be_sent_is_refused() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let say = |body: &str| json!({"body": body, "client_key": body});
        reply(&vic, id, say("Hi")).await.refused(403, "forbidden");
        reply(&ada, id, say("  ")).await.refused(422, "invalid");
        reply(&ada, id, say(&"x".repeat(1_601))).await.refused(422, "invalid");
        reply(&ada, 999, say("Hi")).await.refused(404, "not_found");
        reply(&ada, id, json!({"body": "Hi", "attachment_ids": [77]}))
            .await
            .refused(422, "invalid");
        reply(&ada, id, json!({"body": "Hi", "send_at": "2026-03-04T10:00:00Z"}))
            .await
            .refused(422, "invalid");
        reply(&ada, id, json!({"body": 7})).await.refused(422, "invalid");

        reply(&ada, id, say("shared key")).await.expect(201);
        let (other, _) = text(desk, "+12025550199", "Hi").await;
        reply(&ada, other, say("shared key")).await.refused(409, "key_in_use");

        text(desk, ZOE, "STOP").await;
        reply(&ada, id, say("But")).await.refused(409, "opted_out");
        let retried = ada.post("/api/messages/1/retry", json!({})).await;
        assert_eq!(retried.status, 409);
    })
    .await;
}

#[tokio::test]
async fn a_reply_is_sent_later_or_again() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let later = json!({"body": "Good morning", "send_at": "2026-03-05T08:00:00Z"});
        let message = reply(&ada, id, later).await.expect(201);
        assert_eq!(
            (&message["status"], &message["send_at"]),
            (&json!("scheduled"), &json!("2026-03-05T08:00:00.000000Z"))
        );
        assert_eq!(
            jobs(desk, "send_message").await,
            ["2026-03-05T08:00:00Z".parse().unwrap()]
        );
        let number = message["id"].as_i64().unwrap();
        ada.post(&format!("/api/messages/{number}/retry"), json!({}))
            .await
            .refused(409, "not_failed");
        sent(desk, number, MessageStatus::Unconfirmed).await;
        let again = ada
            .post(&format!("/api/messages/{number}/retry"), json!({}))
            .await
            .expect(200);
        assert_eq!(again["status"], "queued");
        let list = ada.get(&format!("/api/conversations/{id}/messages")).await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        let older = ada
            .get(&format!("/api/conversations/{id}/messages?before={number}"))
            .await
            .expect(200);
        assert_eq!(older["items"][0]["body"], "Two beds?");
        let first = ada
            .get(&format!("/api/conversations/{id}/messages?limit=1"))
            .await
            .expect(200);
        let next = first["next"].as_str().unwrap();
        let second = ada
            .get(&format!("/api/conversations/{id}/messages?limit=1&cursor={next}"))
            .await
            .expect(200);
        assert_eq!(second["items"][0]["id"], number);
    })
    .await;
}

#[tokio::test]
async fn an_agent_texts_first() {
    on_each_database(async |desk| {
        let channel = scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let start =
            json!({"phone": "(202) 555-0143", "channel_id": channel, "body": "Your room is ready.", "client_key": "s"});
        let begun = ada.post("/api/conversations", start.clone()).await.expect(201);
        assert_eq!(begun["customer"]["address"], ZOE);
        assert_eq!(begun["assignee"]["name"], "Ada");
        let again = ada.post("/api/conversations", start).await.expect(200);
        assert_eq!(again["id"], begun["id"]);
        let more = json!({"customer_id": begun["customer"]["id"], "channel_id": channel, "body": "And clean."});
        assert_eq!(
            ada.post("/api/conversations", more).await.expect(201)["id"],
            begun["id"],
            "it is under way"
        );

        let wrong = json!({"phone": "12", "channel_id": channel, "body": "Hi"});
        ada.post("/api/conversations", wrong).await.refused(422, "invalid");
        ada.post("/api/conversations", json!({"channel_id": channel, "body": "Hi"}))
            .await
            .refused(422, "invalid");
        let nowhere = json!({"phone": ZOE, "channel_id": 99, "body": "Hi"});
        ada.post("/api/conversations", nowhere).await.refused(422, "invalid");
        let unknown = json!({"customer_id": 99, "channel_id": channel, "body": "Hi"});
        ada.post("/api/conversations", unknown).await.refused(422, "invalid");
        let nobody = ada
            .post("/api/customers", json!({"name": "No Phone"}))
            .await
            .expect(201);
        let silent = json!({"customer_id": nobody["id"], "channel_id": channel, "body": "Hi"});
        ada.post("/api/conversations", silent).await.refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_program_replies_at_once_and_takes_nothing() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let hash = rapport::http::caller::hash("secret");
        let write = move |tx: &mut store::Tx| {
            let sql = "INSERT INTO api_tokens (name, role, token_hash, created_at) VALUES ('Till', 'agent', ?1, 0)";
            tx.execute(sql, store::params![&hash])
        };
        desk.app.store.write(write).await.unwrap();
        let till = desk.program("secret");
        let message = reply(&till, id, json!({"body": "Yes"})).await.expect(201);
        assert_eq!(
            (&message["status"], &message["send_at"]),
            (&json!("queued"), &Value::Null)
        );
        assert_eq!(
            till.get(&format!("/api/conversations/{id}")).await.expect(200)["assignee"],
            Value::Null
        );
        till.get("/api/conversations?view=mine").await.refused(403, "forbidden");
        till.get("/api/tray").await.refused(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn what_is_too_long_to_be_kept_is_refused() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let (long, files) = ("k".repeat(201), (1..=11).collect::<Vec<i64>>());
        for (body, field) in [
            (json!({"body": "Yes", "client_key": long}), "client_key"),
            (json!({"body": "Yes", "attachment_ids": files}), "attachment_ids"),
        ] {
            let refusal = reply(&ada, id, body).await.refused(422, "invalid");
            assert!(refusal["fields"][field].is_string(), "{refusal}");
        }
        reply(&ada, id, json!({"body": "Yes", "client_key": "k".repeat(200)}))
            .await
            .expect(201);
        for (field, most) in [("name", 200), ("signature", 500), ("locale", 35)] {
            let refusal = ada.patch("/api/session", json!({field: "x".repeat(most + 1)})).await;
            assert!(refusal.refused(422, "invalid")["fields"][field].is_string());
        }
    })
    .await;
}

/// Gives the addresses of what agents wrote, oldest first.
async fn agent_texts_went_to(desk: &Desk) -> Vec<String> {
    let read = |tx: &mut store::Tx| {
        let rows = tx.query(
            "SELECT address FROM messages WHERE author = 'user' ORDER BY id",
            params![],
        )?;
        rows.iter()
            .map(|row| row.get(0))
            .collect::<store::Result<Vec<String>>>()
    };
    desk.app.store.read(read).await.unwrap()
}

#[tokio::test]
async fn a_text_goes_to_the_number_that_was_asked_for() {
    on_each_database(async |desk| {
        let channel = scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let customer = ada.get(&format!("/api/conversations/{id}")).await.expect(200)["customer"]["id"].clone();
        let second = "+12025550177";
        ada.post(
            &format!("/api/customers/{customer}/identities"),
            json!({"kind": "phone", "value": second}),
        )
        .await
        .expect(201);
        text(desk, ZOE, "STOP").await;

        let start = json!({"phone": second, "channel_id": channel, "body": "Your room is ready.", "client_key": "s"});
        let begun = ada.post("/api/conversations", start).await.expect(201);
        assert_eq!(begun["customer"]["id"], customer);
        assert_eq!(begun["status"], "open");
        reply(&ada, begun["id"].as_i64().unwrap(), json!({"body": "And clean."}))
            .await
            .expect(201);
        assert_eq!(
            agent_texts_went_to(desk).await,
            [second, second],
            "the first number opted out, this one did not, and the conversation is with it"
        );
        let to_first = json!({"phone": ZOE, "channel_id": channel, "body": "Hi"});
        ada.post("/api/conversations", to_first).await.refused(409, "opted_out");
    })
    .await;
}

#[tokio::test]
async fn a_key_stands_for_one_recipient() {
    on_each_database(async |desk| {
        let channel = scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let start = |phone: &str| json!({"phone": phone, "channel_id": channel, "body": "Hi", "client_key": "k"});
        let begun = ada.post("/api/conversations", start(ZOE)).await.expect(201);
        let again = ada
            .post("/api/conversations", start("(202) 555-0143"))
            .await
            .expect(200);
        assert_eq!(again["id"], begun["id"]);
        ada.post("/api/conversations", start("+12025550199"))
            .await
            .refused(409, "key_in_use");
        let other = ada.post("/api/customers", json!({"name": "Max"})).await.expect(201);
        let other = json!({"customer_id": other["id"], "channel_id": channel, "body": "Hi", "client_key": "k"});
        ada.post("/api/conversations", other).await.refused(409, "key_in_use");
    })
    .await;
}
