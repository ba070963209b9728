//! What goes wrong on the way: no text of a customer's is lost or hidden by it, and none of ours is sent by mistake.

use domain::{
    ChannelId,
    message::{Direction, MessageStatus},
    people::Role,
    settings::Settings,
};
use rapport::jobs;
use serde_json::{Value, json};
use store::params;

use crate::{
    harness::{Caller, Desk, on_each_database},
    hooks::{self, MockTwilio},
    scene::{self, ZOE, text, told},
};

const ROOM: &str = "name: room
title: Room request
when: [{keyword: room}]
steps:
  beds:
    ask: How many beds?
    expect: number
  thanks:
    say: Thank you.
";

const TIMES: &str = "name: times
title: Opening times
when: [{keyword: times}]
steps:
  tell:
    say: From nine to five.
";

async fn change(desk: &Desk, sql: &'static str) {
    let change = move |tx: &mut store::Tx| tx.execute(sql, params![]);
    assert!(
        desk.app.store.write(change).await.unwrap() > 0,
        "{sql} changes something"
    );
}

async fn seen(caller: &Caller, conversation: i64) -> Value {
    caller
        .get(&format!("/api/conversations/{conversation}"))
        .await
        .expect(200)
}

async fn reply(caller: &Caller, conversation: i64, body: &str) -> crate::harness::Reply {
    let path = format!("/api/conversations/{conversation}/messages");
    caller.post(&path, json!({ "body": body })).await
}

#[tokio::test]
async fn a_stop_counts_even_where_its_confirmation_cannot_be_queued() {
    on_each_database(async |desk| {
        hooks::furnish(desk, "http://127.0.0.1:9").await;
        // Saved before such texts were refused.
        let mut settings = Settings::default();
        settings.texts.opted_out = "x".repeat(1_601);
        let save = move |tx: &mut store::Tx| store::settings::put(tx, &settings);
        desk.app.store.write(save).await.unwrap();
        hooks::post(desk, &hooks::inbound("SM1", "STOP")).await.expect(200);
        let newest = |tx: &mut store::Tx| store::consent::newest(tx, "+14158675309", ChannelId(1));
        let newest = desk.app.store.read(newest).await.unwrap().expect("it is in the ledger");
        assert_eq!(newest.change.as_str(), "opted_out");
        assert_eq!(hooks::all_messages(desk).await.len(), 1, "the text is there");
        assert_eq!(hooks::failed(desk).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_flow_that_cannot_be_read_silences_neither_the_others_nor_the_inbox() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        for source in [ROOM, TIMES] {
            let flow = json!({"source": source, "enabled": true});
            mara.post("/api/flows", flow).await.expect(201);
        }
        change(desk, "UPDATE flow_versions SET source = 'nonsense' WHERE flow_id = 1").await;
        text(desk, ZOE, "times").await;
        let said = hooks::all_messages(desk).await.pop().unwrap();
        assert_eq!(said.body, "From nine to five.");
        let (free, _) = text(desk, "+12025550144", "Is the pool heated?").await;
        assert!(seen(&mara, free).await["waiting_since"].is_string());
    })
    .await;
}

#[tokio::test]
async fn a_menu_that_fails_leaves_the_text_to_a_person() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        let flow = json!({"source": ROOM, "enabled": true});
        mara.post("/api/flows", flow).await.expect(201);
        text(desk, ZOE, "room").await;
        change(desk, "UPDATE flow_sessions SET state = 'broken'").await;
        let (id, _) = text(desk, ZOE, "Two. Is the pool heated?").await;
        let conversation = seen(&mara, id).await;
        assert!(conversation["waiting_since"].is_string(), "{conversation:#}");
        assert_eq!(conversation["last_line"], "Two. Is the pool heated?");
        let told = told(&mara, id).await;
        assert!(told.iter().any(|fact| fact.contains("menu_failed")), "{told:#?}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_leaves_late_leaves_a_newer_text_waiting() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        reply(&ada, id, "Yes").await.expect(201);
        desk.advance(3);
        text(desk, ZOE, "And a cot?").await;
        desk.advance(10);
        jobs::work_off(&desk.app).await.unwrap();
        assert_ne!(
            hooks::all_messages(desk).await[1].status,
            MessageStatus::Queued,
            "it has left"
        );
        let conversation = seen(&ada, id).await;
        assert_eq!(conversation["waiting_since"], "2026-03-04T10:00:03.000000Z");
        assert_eq!(
            (&conversation["last_line"], &conversation["last_direction"]),
            (&json!("And a cot?"), &json!("in"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_customer_waits_on_when_the_answer_fails() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        hooks::post(desk, &hooks::inbound("SM1", "Two beds?")).await.expect(200);
        desk.advance(60);
        twilio.answers(400, r#"{"code":21211,"message":"not a number"}"#).await;
        reply(&ada, 1, "Yes").await.expect(201);
        desk.advance(10);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(hooks::all_messages(desk).await[1].status, MessageStatus::Failed);
        assert_eq!(seen(&ada, 1).await["waiting_since"], "2026-03-04T10:00:00.000000Z");
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_is_switched_off_sends_nothing() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        reply(&ada, id, "Yes").await.expect(201);
        change(desk, "UPDATE channels SET disabled_at = 1").await;
        desk.advance(10);
        jobs::work_off(&desk.app).await.unwrap();
        let waited = hooks::all_messages(desk).await.pop().unwrap();
        assert_eq!(
            (waited.status, waited.error.as_deref()),
            (MessageStatus::Refused, Some("the channel Texts is switched off"))
        );
        assert!(seen(&ada, id).await["waiting_since"].is_string(), "nobody has answered");
        reply(&ada, id, "Yes?").await.refused(409, "channel_disabled");
        let out = hooks::all_messages(desk).await.into_iter();
        assert_eq!(out.filter(|message| message.direction == Direction::Out).count(), 1);
    })
    .await;
}

async fn statuses(desk: &Desk) -> Vec<MessageStatus> {
    let all = hooks::all_messages(desk).await.into_iter();
    all.map(|message| message.status).collect()
}

#[tokio::test]
async fn news_of_an_earlier_attempt_does_not_swallow_a_retry() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        twilio.posts.lock().await.clear();
        let ada = desk.sign_in_as(Role::Agent).await;
        hooks::post(desk, &hooks::inbound("SM1", "Two beds?")).await.expect(200);
        let news = async |sid: &str, query: &str, word: &str| {
            let news = hooks::form(&[("MessageSid", sid), ("MessageStatus", word), ("AccountSid", "AC1")]);
            hooks::post_to(desk, query, &news).await.expect(200);
            statuses(desk).await[1]
        };
        twilio.answers(201, r#"{"sid":"SM801","status":"queued"}"#).await;
        reply(&ada, 1, "Yes").await.expect(201);
        desk.advance(10);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(
            news("SM801", "?message=2&attempt=1", "undelivered").await,
            MessageStatus::Undelivered
        );

        ada.post("/api/messages/2/retry", json!({})).await.expect(200);
        for query in ["?message=2&attempt=1", "?message=2"] {
            assert_eq!(
                news("SM801", query, "delivered").await,
                MessageStatus::Queued,
                "{query}"
            );
        }
        twilio.answers(201, r#"{"sid":"SM802","status":"queued"}"#).await;
        jobs::work_off(&desk.app).await.unwrap();
        let posts = twilio.posts.lock().await.clone();
        assert_eq!(posts.len(), 2);
        assert!(posts[1].contains("attempt%3D2"), "{}", posts[1]);
        assert_eq!(
            news("SM801", "?message=2&attempt=1", "delivered").await,
            MessageStatus::Sent
        );
        assert_eq!(
            news("SM802", "?message=2&attempt=2", "delivered").await,
            MessageStatus::Delivered
        );
    })
    .await;
}

#[tokio::test]
async fn texts_of_one_conversation_leave_in_order() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        twilio.posts.lock().await.clear();
        let ada = desk.sign_in_as(Role::Agent).await;
        hooks::post(desk, &hooks::inbound("SM1", "Two beds?")).await.expect(200);
        reply(&ada, 1, "First").await.expect(201);
        reply(&ada, 1, "Second").await.expect(201);
        desk.advance(10);
        let now = desk.app.universe.now();
        let take = move |tx: &mut store::Tx| {
            store::jobs::lease(
                tx,
                "a slow worker",
                now,
                now.plus_seconds(15),
                store::jobs::Room::any(1),
            )
        };
        assert_eq!(desk.app.store.write(take).await.unwrap().len(), 1);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(twilio.posts.lock().await.len(), 0, "the second waits for the first");
        desk.advance(16);
        twilio.answers(400, r#"{"code":21211,"message":"not a number"}"#).await;
        jobs::work_off(&desk.app).await.unwrap();
        let posts = twilio.posts.lock().await.clone();
        assert_eq!(posts.len(), 2);
        assert!(posts[0].contains("Body=First"), "{}", posts[0]);
    })
    .await;
}

#[tokio::test]
async fn a_clash_of_rows_is_no_text_that_was_taken_before() {
    on_each_database(async |desk| {
        hooks::furnish(desk, "http://127.0.0.1:9").await;
        let trap = |tx: &mut store::Tx| tx.execute("CREATE UNIQUE INDEX trap ON messages (body)", params![]);
        desk.app.store.write(trap).await.unwrap();
        hooks::post(desk, &hooks::inbound("SM1", "hello")).await.expect(200);
        hooks::post(desk, &hooks::inbound("SM2", "hello")).await.expect(200);
        assert_eq!(hooks::failed(desk).await.len(), 1, "it waits where it is seen");
    })
    .await;
}

/// A customer's text and an agent's answer to it that is due.
async fn answered(desk: &Desk) -> Caller {
    scene::channel(desk).await;
    let ada = desk.sign_in_as(Role::Agent).await;
    let (id, _) = text(desk, ZOE, "Two beds?").await;
    reply(&ada, id, "Yes").await.expect(201);
    desk.advance(10);
    ada
}

#[tokio::test]
async fn a_text_whose_job_used_up_its_tries_has_failed_and_can_be_sent_again() {
    on_each_database(async |desk| {
        let ada = answered(desk).await;
        change(desk, "UPDATE jobs SET tries = 10").await;
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(statuses(desk).await[1], MessageStatus::Failed);
        ada.post("/api/messages/2/retry", json!({})).await.expect(200);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(statuses(desk).await[1], MessageStatus::Delivered);
    })
    .await;
}

#[tokio::test]
async fn a_text_whose_job_was_laid_aside_can_be_sent_again() {
    on_each_database(async |desk| {
        let ada = answered(desk).await;
        change(desk, "UPDATE jobs SET state = 'dead', tries = 10").await;
        change(desk, "UPDATE messages SET status = 'unconfirmed' WHERE id = 2").await;
        ada.post("/api/messages/2/retry", json!({})).await.expect(200);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(statuses(desk).await[1], MessageStatus::Delivered);
    })
    .await;
}

#[tokio::test]
async fn a_text_whose_job_is_discarded_has_failed() {
    on_each_database(async |desk| {
        answered(desk).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        change(desk, "UPDATE jobs SET state = 'dead'").await;
        let job = scene::ids(&mara, "/api/jobs").await[0];
        mara.delete(&format!("/api/jobs/{job}")).await.expect(204);
        assert_eq!(statuses(desk).await[1], MessageStatus::Failed);
    })
    .await;
}

#[tokio::test]
async fn the_time_to_answer_begins_though_the_server_was_killed_while_it_asked() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        let source = ROOM.replace("expect: number", "expect: number\n    timeout: 1 hour");
        let flow = json!({"source": source, "enabled": true});
        mara.post("/api/flows", flow).await.expect(201);
        hooks::post(desk, &hooks::inbound("SM1", "room")).await.expect(200);
        // As if the process had died after the provider had taken the question.
        change(desk, "UPDATE messages SET status = 'sending' WHERE id = 2").await;
        let news = [
            ("MessageSid", "SM902"),
            ("MessageStatus", "delivered"),
            ("AccountSid", "AC1"),
        ];
        hooks::post_to(desk, "?message=2&attempt=1", &hooks::form(&news))
            .await
            .expect(200);
        desk.advance(2 * 3_600);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(seen(&mara, 1).await["flow"], Value::Null, "the menu no longer waits");
    })
    .await;
}

#[tokio::test]
async fn a_text_joins_the_open_conversation_though_something_left_later_in_a_closed_one() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (closed, _) = text(desk, ZOE, "Two beds please").await;
        ada.put(&format!("/api/conversations/{closed}/closure"), json!({}))
            .await
            .expect(200);
        change(desk, "UPDATE channels SET reopen = 'never'").await;
        let (open, _) = text(desk, ZOE, "Is there parking?").await;
        assert_ne!(open, closed);
        // Such as the outcome of what she asked for first.
        change(
            desk,
            "UPDATE conversations SET last_at = last_at + 60000000 WHERE status = 'closed'",
        )
        .await;
        assert_eq!(text(desk, ZOE, "For two cars").await.0, open);
        // Nor is she asked how the first one went in the middle of the second.
        desk.advance(3_600);
        rapport::jobs::work_off(&desk.app).await.unwrap();
        let events = desk.events().await;
        let asked = events
            .iter()
            .any(|happening| matches!(happening.event, domain::Event::SurveySent { .. }));
        assert!(!asked, "she is in the middle of something");
    })
    .await;
}
