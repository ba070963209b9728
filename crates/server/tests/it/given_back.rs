//! Texts that the provider took and gives back because too many came at once: sent again later, never twice.

use domain::{MessageId, Time, message::MessageStatus, people::Role};
use rapport::jobs::work_off;
use serde_json::json;

use crate::{
    harness::{Caller, Desk, on_each_database},
    hooks::{self, MockTwilio},
    scene::jobs,
};

/// The number of the agent's reply.
const REPLY: MessageId = MessageId(2);

/// Lets an agent answer a customer's text, and the answer leave.
async fn answered(desk: &Desk, twilio: &MockTwilio) -> Caller {
    hooks::furnish(desk, &twilio.url).await;
    twilio.posts.lock().await.clear();
    let ada = desk.sign_in_as(Role::Agent).await;
    hooks::post(desk, &hooks::inbound("SM1", "Two beds?")).await.expect(200);
    ada.post("/api/conversations/1/messages", json!({"body": "Yes"}))
        .await
        .expect(201);
    twilio.answers(201, r#"{"sid":"SM801","status":"queued"}"#).await;
    pass(desk, 5).await;
    ada
}

async fn pass(desk: &Desk, seconds: i64) {
    desk.advance(seconds);
    work_off(&desk.app).await.unwrap();
}

async fn news(desk: &Desk, (sid, attempt): (&str, i64), word: &str, code: &str) -> MessageStatus {
    let news = hooks::form(&[
        ("MessageSid", sid),
        ("MessageStatus", word),
        ("ErrorCode", code),
        ("AccountSid", "AC1"),
    ]);
    let query = format!("?message={REPLY}&attempt={attempt}");
    hooks::post_to(desk, &query, &news).await.expect(200);
    hooks::status(desk, REPLY).await
}

#[tokio::test]
async fn a_text_that_is_given_back_is_sent_again_after_a_pause() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        answered(desk, &twilio).await;
        assert_eq!(
            news(desk, ("SM801", 1), "undelivered", "30022").await,
            MessageStatus::Queued
        );
        assert_eq!(
            news(desk, ("SM801", 1), "failed", "30022").await,
            MessageStatus::Queued,
            "told twice, planned once"
        );
        let again: Time = "2026-03-04T10:00:10Z".parse().unwrap();
        assert_eq!(jobs(desk, "send_message").await, [again]);
        pass(desk, 4).await;
        assert_eq!(twilio.posts.lock().await.len(), 1, "not before the pause is over");

        twilio.answers(201, r#"{"sid":"SM802","status":"queued"}"#).await;
        pass(desk, 1).await;
        let posts = twilio.posts.lock().await.clone();
        assert_eq!(posts.len(), 2);
        assert!(posts[1].contains("attempt%3D2"), "{}", posts[1]);
        assert_eq!(
            news(desk, ("SM801", 1), "failed", "30001").await,
            MessageStatus::Sent,
            "old news"
        );
        assert_eq!(
            news(desk, ("SM802", 2), "delivered", "").await,
            MessageStatus::Delivered
        );
        assert_eq!(jobs(desk, "send_message").await, []);
    })
    .await;
}

#[tokio::test]
async fn a_text_that_is_given_back_time_and_again_has_failed() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        let ada = answered(desk, &twilio).await;
        let mut attempt = 1;
        while news(desk, (&format!("SM80{attempt}"), attempt), "failed", "63018").await == MessageStatus::Queued {
            attempt += 1;
            assert!(attempt < 20, "it never ends");
            let taken = format!(r#"{{"sid":"SM80{attempt}","status":"queued"}}"#);
            twilio.answers(201, &taken).await;
            pass(desk, 6 * 3_600).await;
        }
        assert_eq!(attempt, store::jobs::TRIES);
        assert_eq!(twilio.posts.lock().await.len(), 10, "each attempt once");
        assert_eq!(hooks::status(desk, REPLY).await, MessageStatus::Failed);
        let seen = ada.get("/api/conversations/1").await.expect(200);
        assert_eq!(
            seen["waiting_since"], "2026-03-04T10:00:00.000000Z",
            "the customer has no answer"
        );
    })
    .await;
}

#[tokio::test]
async fn a_text_that_is_given_back_before_its_answer_came_is_sent_once_more() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        twilio.posts.lock().await.clear();
        twilio.answers(201, r#"{"sid":"SM801","status":"queued"}"#).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        hooks::post(desk, &hooks::inbound("SM1", "Two beds?")).await.expect(200);
        ada.post("/api/conversations/1/messages", json!({"body": "Yes"}))
            .await
            .expect(201);
        desk.advance(5);
        let sending = twilio.pause().await;
        let worker = async { work_off(&desk.app).await.unwrap() };
        let provider = async {
            twilio.posted(1).await;
            let status = news(desk, ("SM801", 1), "failed", "30001").await;
            drop(sending);
            status
        };
        let ((), status) = tokio::join!(worker, provider);
        assert_eq!(status, MessageStatus::Queued);
        assert_eq!(hooks::status(desk, REPLY).await, MessageStatus::Queued);
        let again: Time = "2026-03-04T10:00:10Z".parse().unwrap();
        assert_eq!(jobs(desk, "send_message").await, [again]);

        // What is written meanwhile does not wait for it.
        ada.post("/api/conversations/1/messages", json!({"body": "Two it is"}))
            .await
            .expect(201);
        twilio.answers(201, r#"{"sid":"SM802","status":"queued"}"#).await;
        pass(desk, 5).await;
        twilio.answers(201, r#"{"sid":"SM803","status":"queued"}"#).await;
        pass(desk, 5).await;
        assert_eq!(hooks::status(desk, REPLY).await, MessageStatus::Sent);
        assert_eq!(twilio.posts.lock().await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_channel_rests_while_its_provider_gives_texts_back() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        let ada = answered(desk, &twilio).await;
        hooks::post(desk, &hooks::inbound("SM2", "And a view?"))
            .await
            .expect(200);
        let last = json!({"body": "With a view"});
        ada.post("/api/conversations/1/messages", last).await.expect(201);
        pass(desk, 4).await;
        news(desk, ("SM801", 1), "failed", "30022").await;
        pass(desk, 2).await;
        assert_eq!(twilio.posts.lock().await.len(), 1, "what is due now waits too");
        pass(desk, 60).await;
        pass(desk, 60).await;
        let posts = twilio.posts.lock().await.clone();
        assert_eq!(posts.len(), 3, "then both go");
    })
    .await;
}
