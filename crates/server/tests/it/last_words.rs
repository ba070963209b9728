//! Replies that close: the conversation closes when the last words have really left, and not over the customer's head.

use domain::{Event, event::ActorKind, message::MessageStatus, people::Role};
use rapport::jobs::work_off;
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Desk, on_each_database},
    hooks::{self, MockTwilio},
    scene::{self, ZOE, jobs, text},
};

/// How long a person's reply can be taken back.
const UNDO: i64 = 5;
/// When the customer of these tests begins to wait.
const ASKED: &str = "2026-03-04T10:00:00.000000Z";

async fn reply(caller: &Caller, id: i64, body: Value) -> Value {
    let path = format!("/api/conversations/{id}/messages");
    caller.post(&path, body).await.expect(201)
}

/// Gives the conversation's status, since when its customer waits, and when its survey is to leave.
async fn stands(desk: &Desk, caller: &Caller, id: i64) -> (String, Value, Vec<String>) {
    let seen = caller.get(&format!("/api/conversations/{id}")).await.expect(200);
    let surveys = jobs(desk, "send_survey").await;
    (
        seen["status"].as_str().unwrap().to_owned(),
        seen["waiting_since"].clone(),
        surveys.iter().map(ToString::to_string).collect(),
    )
}

fn open_since(since: &str) -> (String, Value, Vec<String>) {
    ("open".to_owned(), json!(since), Vec::new())
}

fn closed(survey_at: &str) -> (String, Value, Vec<String>) {
    ("closed".to_owned(), Value::Null, vec![survey_at.to_owned()])
}

async fn pass(desk: &Desk, seconds: i64) {
    desk.advance(seconds);
    work_off(&desk.app).await.unwrap();
}

async fn begin(desk: &Desk) -> (Caller, i64) {
    scene::channel(desk).await;
    let ada = desk.sign_in_as(Role::Agent).await;
    let (id, _) = text(desk, ZOE, "Two beds?").await;
    (ada, id)
}

#[tokio::test]
async fn a_conversation_closes_when_its_last_words_have_left() {
    on_each_database(async |desk| {
        let (ada, id) = begin(desk).await;
        ada.put(&format!("/api/conversations/{id}/tray"), json!({}))
            .await
            .expect(204);
        let said = reply(&ada, id, json!({"body": "No.", "close_after": true})).await;
        assert_eq!(said["close_after"], true);
        assert_eq!(stands(desk, &ada, id).await, open_since(ASKED), "it can be taken back");
        pass(desk, UNDO).await;
        let survey_at = "2026-03-04T10:01:05.000000Z";
        assert_eq!(stands(desk, &ada, id).await, closed(survey_at));
        let closings = desk.events().await.into_iter();
        let closings: Vec<_> = closings
            .filter(|happening| happening.event == Event::ConversationClosed {})
            .collect();
        assert_eq!(closings.len(), 1);
        assert_eq!(closings[0].actor.user_id(), Some(ada.id), "it is told as hers");
        assert_eq!(scene::ids(&ada, "/api/tray").await, [0; 0], "she is done with it");

        reply(&ada, id, json!({"body": "Or perhaps yes."})).await;
        assert_eq!(
            stands(desk, &ada, id).await,
            ("open".to_owned(), Value::Null, Vec::new()),
            "another reply opens it again"
        );
    })
    .await;
}

#[tokio::test]
async fn last_words_that_are_taken_back_close_nothing() {
    on_each_database(async |desk| {
        let (ada, id) = begin(desk).await;
        let said = reply(&ada, id, json!({"body": "No.", "close_after": true})).await;
        let path = format!("/api/messages/{}", said["id"]);
        ada.delete(&path).await.expect(200);
        pass(desk, 3_600).await;
        assert_eq!(stands(desk, &ada, id).await, open_since(ASKED));
    })
    .await;
}

#[tokio::test]
async fn last_words_for_later_close_later() {
    on_each_database(async |desk| {
        let (ada, id) = begin(desk).await;
        let later = json!({"body": "No.", "close_after": true, "send_at": "2026-03-04T12:00:00Z"});
        reply(&ada, id, later).await;
        pass(desk, 60).await;
        assert_eq!(stands(desk, &ada, id).await, open_since(ASKED));
        pass(desk, 2 * 3_600).await;
        assert_eq!(stands(desk, &ada, id).await, closed("2026-03-04T12:02:00.000000Z"));
    })
    .await;
}

#[tokio::test]
async fn the_talk_goes_on_when_somebody_has_more_to_say() {
    on_each_database(async |desk| {
        let (ada, id) = begin(desk).await;
        reply(&ada, id, json!({"body": "No.", "close_after": true})).await;
        desk.advance(2);
        text(desk, ZOE, "Or three?").await;
        pass(desk, UNDO).await;
        let since = "2026-03-04T10:00:02.000000Z";
        assert_eq!(stands(desk, &ada, id).await, open_since(since), "she would not be seen");

        reply(&ada, id, json!({"body": "No.", "close_after": true})).await;
        desk.advance(2);
        reply(&ada, id, json!({"body": "Wait, there is one."})).await;
        pass(desk, UNDO).await;
        let (status, waiting, surveys) = stands(desk, &ada, id).await;
        assert_eq!((status.as_str(), waiting, surveys), ("open", Value::Null, Vec::new()));
    })
    .await;
}

#[tokio::test]
async fn last_words_that_fail_close_nothing_until_they_are_sent_again() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        hooks::post(desk, &hooks::inbound("SM1", "Two beds?")).await.expect(200);
        twilio.answers(400, r#"{"code":21211,"message":"not a number"}"#).await;
        let said = reply(&ada, 1, json!({"body": "No.", "close_after": true})).await;
        pass(desk, UNDO).await;
        assert_eq!(stands(desk, &ada, 1).await, open_since(ASKED));

        twilio.answers(500, "").await;
        let again = format!("/api/messages/{}/retry", said["id"]);
        ada.post(&again, json!({})).await.expect(200);
        pass(desk, 1).await;
        let all = hooks::all_messages(desk).await;
        assert_eq!(all[1].status, MessageStatus::Unconfirmed);
        assert_eq!(stands(desk, &ada, 1).await.0, "open", "nobody knows yet");

        let news = [("MessageSid", "SM9"), ("MessageStatus", "sent"), ("AccountSid", "AC1")];
        hooks::post_to(desk, "?message=2&attempt=2", &hooks::form(&news))
            .await
            .expect(200);
        assert_eq!(stands(desk, &ada, 1).await, closed("2026-03-04T10:01:06.000000Z"));
    })
    .await;
}

#[tokio::test]
async fn a_conversation_opens_again_when_its_last_words_were_not_delivered() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        hooks::furnish(desk, &twilio.url).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        hooks::post(desk, &hooks::inbound("SM1", "Two beds?")).await.expect(200);
        twilio.answers(201, r#"{"sid":"SM9","status":"queued"}"#).await;
        reply(&ada, 1, json!({"body": "No.", "close_after": true})).await;
        pass(desk, UNDO).await;
        assert_eq!(stands(desk, &ada, 1).await.0, "closed");
        let news = [
            ("MessageSid", "SM9"),
            ("MessageStatus", "undelivered"),
            ("ErrorCode", "30006"),
            ("AccountSid", "AC1"),
        ];
        hooks::post_to(desk, "?message=2&attempt=1", &hooks::form(&news))
            .await
            .expect(200);
        assert_eq!(stands(desk, &ada, 1).await, open_since(ASKED));
    })
    .await;
}

#[tokio::test]
async fn a_programs_last_words_close_as_its_own() {
    on_each_database(async |desk| {
        let (ada, id) = begin(desk).await;
        let till = desk.phone().await;
        reply(&till, id, json!({"body": "No.", "close_after": true})).await;
        pass(desk, 0).await;
        assert_eq!(stands(desk, &ada, id).await.0, "closed");
        let mut all = desk.events().await.into_iter();
        let closing = all.find(|happening| happening.event == Event::ConversationClosed {});
        assert_eq!(closing.unwrap().actor.kind, ActorKind::Api);
        ada.get(&format!("/api/conversations/{id}/thread")).await.expect(200);
    })
    .await;
}
