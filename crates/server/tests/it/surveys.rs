//! The survey after a conversation: what answers it, what ends it, and where the score is kept.

use domain::{Event, people::Role};
use serde_json::json;

use crate::{
    harness::{Caller, Desk, on_each_database},
    scene::{self, ZOE, text},
};

/// Lets Zoe write, closes the conversation and lets its survey leave; gives the conversation.
async fn asked(desk: &Desk, ada: &Caller) -> i64 {
    let (id, _) = text(desk, ZOE, "Where is my room?").await;
    ada.put(&format!("/api/conversations/{id}/closure"), json!({}))
        .await
        .expect(200);
    desk.advance(60);
    rapport::jobs::work_off(&desk.app).await.expect("the survey leaves");
    desk.advance(60);
    id
}

/// Gives the scores that were kept, each with its conversation.
async fn scores(desk: &Desk) -> Vec<(i64, i64)> {
    let events = desk.events().await;
    let scores = events.iter().filter_map(|happening| match happening.event {
        Event::SurveyAnswered { score, .. } => Some((happening.conversation.unwrap().0, score)),
        _ => None,
    });
    scores.collect()
}

#[tokio::test]
async fn a_survey_is_answered_by_a_score_and_ends_when_the_talk_goes_on() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let id = asked(desk, &ada).await;
        text(desk, ZOE, "3 nights please").await;
        assert_eq!(
            ada.get(&format!("/api/conversations/{id}")).await.expect(200)["status"],
            "open"
        );
        text(desk, ZOE, "3").await;
        assert_eq!(scores(desk).await, [], "the talk went on: the survey has ended");

        let id = asked(desk, &ada).await;
        ada.post(
            &format!("/api/conversations/{id}/messages"),
            json!({"body": "How many nights?"}),
        )
        .await
        .expect(201);
        text(desk, ZOE, "3").await;
        assert_eq!(scores(desk).await, [], "she answers the agent");

        let id = asked(desk, &ada).await;
        text(desk, ZOE, "4 - great").await;
        assert_eq!(scores(desk).await, [(id, 4)]);
    })
    .await;
}

#[tokio::test]
async fn a_score_is_kept_where_the_survey_was_asked() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (_, first) = text(desk, ZOE, "Hello").await;
        let id = asked(desk, &ada).await;
        // What came after is another matter: the newest conversation is no longer the one that was asked about.
        let split = json!({"message_id": first + 1, "subject": "Room"});
        let other = ada
            .post(&format!("/api/conversations/{id}/split"), split)
            .await
            .expect(201);
        assert_ne!(other["id"], id);
        text(desk, ZOE, "five").await;
        assert_eq!(scores(desk).await, [(id, 5)]);
    })
    .await;
}
