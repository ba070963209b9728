//! A text that comes twice under two ids: kept twice, answered once.

use domain::{message::Direction, people::Role};
use serde_json::{Value, json};

use crate::{
    harness::{Desk, on_each_database},
    hooks,
};

const TIMES: &str = "name: times
title: Opening times
when: [{keyword: times}]
steps:
  tell:
    say: From nine to five.
";

const COUNT: &str = "name: count
title: Two questions
when: [{keyword: room}]
steps:
  beds:
    ask: How many beds?
    expect: number
  nights:
    ask: How many nights?
    expect: number
  thanks:
    say: Thank you.
";

async fn furnish(desk: &Desk, source: &str) {
    hooks::furnish(desk, "http://127.0.0.1:9").await;
    let mara = desk.sign_in_as(Role::Manager).await;
    mara.post("/api/flows", json!({"source": source, "enabled": true}))
        .await
        .expect(201);
}

async fn says(desk: &Desk, sid: &str, body: &str) {
    hooks::post(desk, &hooks::inbound(sid, body)).await.expect(200);
}

/// Gives what was said: how many texts came, and what we said.
async fn said(desk: &Desk) -> (usize, Vec<String>) {
    let all = hooks::all_messages(desk).await;
    let (came, ours): (Vec<_>, Vec<_>) = all.into_iter().partition(|message| message.direction == Direction::In);
    (came.len(), ours.into_iter().map(|message| message.body).collect())
}

#[tokio::test]
async fn a_text_that_the_carrier_repeats_is_answered_once() {
    on_each_database(async |desk| {
        furnish(desk, TIMES).await;
        says(desk, "SM1", "times").await;
        desk.advance(2);
        says(desk, "SM2", "times").await;
        assert_eq!(said(desk).await, (2, vec!["From nine to five.".to_owned()]));
        let ada = desk.sign_in_as(Role::Agent).await;
        let seen = ada.get("/api/conversations/1").await.expect(200);
        assert_eq!(
            (&seen["status"], &seen["waiting_since"]),
            (&json!("closed"), &Value::Null),
            "it opens nothing and waits for nobody"
        );
        desk.advance(4);
        says(desk, "SM3", "times").await;
        assert_eq!(said(desk).await.1.len(), 2, "later it is a question of its own");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_answer_does_not_answer_the_next_question() {
    on_each_database(async |desk| {
        furnish(desk, COUNT).await;
        says(desk, "SM1", "room").await;
        desk.advance(10);
        says(desk, "SM2", "2").await;
        says(desk, "SM3", "2").await;
        assert_eq!(
            said(desk).await,
            (3, vec!["How many beds?".to_owned(), "How many nights?".to_owned()])
        );
    })
    .await;
}

#[tokio::test]
async fn the_same_words_are_an_answer_once_the_question_was_on_the_phone() {
    on_each_database(async |desk| {
        furnish(desk, COUNT).await;
        says(desk, "SM1", "room").await;
        desk.advance(10);
        says(desk, "SM2", "2").await;
        let change = |tx: &mut store::Tx| {
            let sql = "UPDATE messages SET status = 'sent' WHERE direction = 'out'";
            tx.execute(sql, store::params![])
        };
        desk.app.store.write(change).await.unwrap();
        let news = [
            ("MessageSid", "SM9"),
            ("MessageStatus", "delivered"),
            ("AccountSid", "AC1"),
        ];
        hooks::post_to(desk, "?message=4&attempt=1", &hooks::form(&news))
            .await
            .expect(200);
        desk.advance(2);
        says(desk, "SM3", "2").await;
        assert_eq!(said(desk).await.1.last().unwrap(), "Thank you.");
    })
    .await;
}

#[tokio::test]
async fn two_people_may_say_the_same() {
    on_each_database(async |desk| {
        furnish(desk, TIMES).await;
        says(desk, "SM1", "times").await;
        let mut other = hooks::inbound("SM2", "times");
        other[2].1 = "+14158675310".to_owned();
        hooks::post(desk, &other).await.expect(200);
        assert_eq!(said(desk).await.1.len(), 2);
    })
    .await;
}
