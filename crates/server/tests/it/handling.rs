//! Handling conversations: giving, setting aside, closing, tagging, merging, splitting.

use domain::people::Role;
use serde_json::{Value, json};
use store::people::teams;

use crate::{
    harness::{Caller, Desk, on_each_database},
    scene::{self, ZOE, ids, jobs, text, told},
};

async fn team(desk: &Desk, name: &'static str, members: Vec<domain::UserId>) -> i64 {
    let now = desk.app.universe.now();
    let write = move |tx: &mut store::Tx| {
        let id = teams::insert(tx, name, now)?.unwrap();
        teams::set_members(tx, id, &members)?;
        Ok::<_, store::Error>(id.0)
    };
    desk.app.store.write(write).await.unwrap()
}

async fn one(caller: &Caller, id: i64) -> Value {
    caller.get(&format!("/api/conversations/{id}")).await.expect(200)
}

#[tokio::test]
async fn a_conversation_changes_hands() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, ben) = (
            desk.sign_in("Ada", Role::Agent).await,
            desk.sign_in("Ben", Role::Agent).await,
        );
        let vic = desk.sign_in_as(Role::Viewer).await;
        let rooms = team(desk, "Rooms", vec![ada.id]).await;
        let bills = team(desk, "Bills", vec![ben.id]).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let path = format!("/api/conversations/{id}/assignment");

        let given = ada
            .put(&path, json!({"team_id": rooms, "assignee_id": ada.id}))
            .await
            .expect(200);
        assert_eq!(
            (&given["team"]["name"], &given["assignee"]["name"]),
            (&json!("Rooms"), &json!("Ada"))
        );
        assert_eq!(ids(&ada, "/api/conversations?view=mine").await, [id]);
        assert_eq!(
            ids(&ada, &format!("/api/conversations?team={rooms}&assignee=me")).await,
            [id]
        );
        let moved = ada.put(&path, json!({"team_id": bills})).await.expect(200);
        assert_eq!(moved["assignee"], Value::Null, "Ada is not in Bills");
        assert_eq!(ids(&ada, "/api/conversations?assignee=nobody").await, [id]);
        let given = ada.put(&path, json!({"assignee_id": ben.id})).await.expect(200);
        assert_eq!(
            (&given["team"]["name"], &given["assignee"]["name"]),
            (&json!("Bills"), &json!("Ben"))
        );
        let counts = ben.get("/api/conversations/counts").await.expect(200);
        assert_eq!(
            (&counts["mine"], &counts["teams"]),
            (&json!(1), &json!({bills.to_string(): 1}))
        );
        let common = ben
            .put(&path, json!({"team_id": null, "assignee_id": null}))
            .await
            .expect(200);
        assert_eq!((&common["team"], &common["assignee"]), (&Value::Null, &Value::Null));
        let told = told(&ada, id).await;
        let expected = [
            r#"Ada conversation_assigned {"assignee":1,"because":{"key":"taken"},"team":1} {"team":"Rooms","user":"Ada"}"#,
            r#"Ada conversation_assigned {"assignee":null,"because":{"key":"given"},"team":2} {"team":"Bills"}"#,
            r#"Ada conversation_assigned {"assignee":2,"because":{"key":"given"},"team":2} {"team":"Bills","user":"Ben"}"#,
            r#"Ben conversation_assigned {"assignee":null,"because":{"key":"given"},"team":null} {}"#,
        ];
        assert_eq!(told[told.len() - 4..], expected);

        ada.put(&path, json!({"team_id": 99})).await.refused(422, "invalid");
        ada.put(&path, json!({"assignee_id": 99})).await.refused(422, "invalid");
        ada.put(&path, json!({"assignee_id": vic.id}))
            .await
            .refused(422, "invalid");
        vic.put(&path, json!({"assignee_id": ada.id}))
            .await
            .refused(403, "forbidden");
        ada.put("/api/conversations/999/assignment", json!({"assignee_id": ada.id}))
            .await
            .refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_set_aside_and_comes_back() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let path = format!("/api/conversations/{id}/snooze");
        let until = "2026-03-04T12:00:00.000000Z";
        let asleep = ada.put(&path, json!({"until": until})).await.expect(200);
        assert_eq!(
            (&asleep["status"], &asleep["snoozed_until"]),
            (&json!("snoozed"), &json!(until))
        );
        assert_eq!(ids(&ada, "/api/conversations?view=snoozed").await, [id]);
        assert_eq!(ids(&ada, "/api/conversations?view=waiting").await, Vec::<i64>::new());
        let later = "2026-03-04T13:00:00Z";
        ada.put(&path, json!({"until": later})).await.expect(200);
        assert_eq!(
            jobs(desk, "wake_conversation").await,
            [later.parse().unwrap()],
            "one alarm"
        );
        assert_eq!(ada.delete(&path).await.expect(200)["status"], "open");
        assert_eq!(jobs(desk, "wake_conversation").await, []);
        ada.delete(&path).await.expect(200);

        ada.put(&path, json!({"until": null})).await.expect(200);
        assert_eq!(jobs(desk, "wake_conversation").await, [], "it waits for the customer");
        text(desk, ZOE, "Hello?").await;
        assert_eq!(one(&ada, id).await["status"], "open");

        ada.put(&path, json!({"until": "2026-03-04T10:00:00Z"}))
            .await
            .refused(422, "invalid");
        ada.put(&path, json!({"until": "tomorrow"}))
            .await
            .refused(422, "invalid");
        ada.put(&format!("/api/conversations/{id}/closure"), json!({}))
            .await
            .expect(200);
        ada.put(&path, json!({"until": until})).await.refused(409, "not_open");
    })
    .await;
}

#[tokio::test]
async fn an_alarm_wakes_only_what_still_sleeps_until_then() {
    on_each_database(async |desk| {
        use rapport::desk::{Moment, snooze};
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let path = format!("/api/conversations/{id}/snooze");
        let due = async || {
            let moment = Moment {
                now: desk.app.universe.now(),
                actor: domain::Actor::SYSTEM,
            };
            let wake = move |tx: &mut store::Tx| snooze::due(tx, &moment, domain::ConversationId(id));
            desk.app.store.write(wake).await.unwrap();
        };
        ada.put(&path, json!({"until": "2026-03-04T12:00:00Z"}))
            .await
            .expect(200);
        due().await;
        assert_eq!(one(&ada, id).await["status"], "snoozed", "too early");
        desk.advance(2 * 3600);
        due().await;
        let awake = one(&ada, id).await;
        assert_eq!(
            (&awake["status"], &awake["last_at"]),
            (&json!("open"), &json!("2026-03-04T12:00:00.000000Z"))
        );
        assert!(
            told(&ada, id)
                .await
                .contains(&r#" conversation_woken {"because":{"key":"time_came"}} {}"#.to_owned())
        );
        ada.put(&path, json!({"until": null})).await.expect(200);
        due().await;
        assert_eq!(one(&ada, id).await["status"], "snoozed", "it waits for the customer");
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_closed_and_opened() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let path = format!("/api/conversations/{id}/closure");
        ada.put(&format!("/api/conversations/{id}/tray"), json!({}))
            .await
            .expect(204);
        let closed = ada.put(&path, json!({})).await.expect(200);
        assert_eq!(
            (&closed["status"], &closed["waiting_since"]),
            (&json!("closed"), &Value::Null)
        );
        assert_eq!(
            (&closed["closed_at"], &closed["in_tray"]),
            (&json!("2026-03-04T10:00:00.000000Z"), &json!(false))
        );
        assert_eq!(ids(&ada, "/api/conversations?view=closed").await, [id]);
        assert_eq!(
            jobs(desk, "send_survey").await,
            ["2026-03-04T10:01:00Z".parse().unwrap()]
        );
        ada.put(&path, json!({})).await.expect(200);
        assert_eq!(jobs(desk, "send_survey").await.len(), 1);
        let opened = ada.delete(&path).await.expect(200);
        assert_eq!(
            (&opened["status"], &opened["closed_at"]),
            (&json!("open"), &Value::Null)
        );
        assert_eq!(jobs(desk, "send_survey").await, []);
        desk.sign_in_as(Role::Viewer)
            .await
            .put(&path, json!({}))
            .await
            .refused(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn tags_are_sorted_and_each_there_once() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let path = format!("/api/conversations/{id}/tags");
        let tagged = ada
            .put(&path, json!({"tags": ["VIP", " late  arrival ", "vip", ""]}))
            .await
            .expect(200);
        assert_eq!(tagged["tags"], json!(["late arrival", "vip"]));
        assert_eq!(ids(&ada, "/api/conversations?tag=vip").await, [id]);
        let before = told(&ada, id).await.len();
        ada.put(&path, json!({"tags": ["vip", "late arrival"]}))
            .await
            .expect(200);
        assert_eq!(told(&ada, id).await.len(), before, "no change is no event");
        ada.put(&path, json!({"tags": ["x".repeat(51)]}))
            .await
            .refused(422, "invalid");
        assert_eq!(ada.put(&path, json!({"tags": []})).await.expect(200)["tags"], json!([]));
    })
    .await;
}

/// Two texts ten seconds apart, with a note and a tag; gives the conversation and the two messages.
async fn two_matters(desk: &Desk, ada: &Caller) -> (i64, i64, i64) {
    scene::channel(desk).await;
    let (id, beds) = text(desk, ZOE, "Two beds?").await;
    desk.advance(10);
    let (_, parking) = text(desk, ZOE, "And where do I park?").await;
    let of = |part: &str| format!("/api/conversations/{id}/{part}");
    let note = json!({"body": "Ask the garage."});
    ada.post(&of("notes"), note).await.expect(201);
    ada.put(&of("tags"), json!({"tags": ["room"]})).await.expect(200);
    (id, beds, parking)
}

#[tokio::test]
async fn one_conversation_becomes_two() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        let (first, beds, parking) = two_matters(desk, &ada).await;
        let split = json!({"message_id": parking, "subject": "Parking"});
        let new = ada
            .post(&format!("/api/conversations/{first}/split"), split)
            .await
            .expect(201);
        let second = new["id"].as_i64().unwrap();
        assert_eq!(
            (&new["subject"], &new["follows_id"]),
            (&json!("Parking"), &json!(first))
        );
        assert_eq!(new["waiting_since"], "2026-03-04T10:00:10.000000Z");
        assert_eq!(one(&ada, first).await["waiting_since"], "2026-03-04T10:00:00.000000Z");
        assert_eq!(one(&ada, first).await["last_line"], "Two beds?");
        assert_eq!(
            told(&ada, second).await,
            [format!(
                r#"Ada conversation_split {{"from":{first},"messages":1}} {{}}"#
            )]
        );

        let refused = ada
            .post(
                &format!("/api/conversations/{first}/split"),
                json!({"message_id": beds}),
            )
            .await;
        refused.refused(409, "nothing_stays");
        ada.post(
            &format!("/api/conversations/{first}/split"),
            json!({"message_id": parking}),
        )
        .await
        .refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn two_conversations_become_one() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        let (first, _, parking) = two_matters(desk, &ada).await;
        let split = json!({"message_id": parking});
        let new = ada.post(&format!("/api/conversations/{first}/split"), split).await;
        let second = new.expect(201)["id"].as_i64().unwrap();
        ada.put(&format!("/api/conversations/{first}/tray"), json!({}))
            .await
            .expect(204);
        let merged = ada
            .post(&format!("/api/conversations/{first}/merge"), json!({"into_id": second}))
            .await
            .expect(200);
        assert_eq!(
            (&merged["id"], &merged["in_tray"], &merged["tags"]),
            (&json!(second), &json!(true), &json!(["room"]))
        );
        assert_eq!(merged["waiting_since"], "2026-03-04T10:00:00.000000Z");
        assert_eq!(merged["last_line"], "And where do I park?");
        let gone = one(&ada, first).await;
        assert_eq!(
            (&gone["status"], &gone["merged_into_id"]),
            (&json!("merged"), &json!(second))
        );
        assert_eq!(ids(&ada, "/api/conversations").await, [second]);
        let thread = ada
            .get(&format!("/api/conversations/{second}/thread"))
            .await
            .expect(200);
        let shown = thread["items"].as_array().unwrap().iter().map(|item| {
            let said = [&item["message"]["body"], &item["note"]["body"], &item["event"]["kind"]];
            said.into_iter().find_map(Value::as_str).unwrap().to_owned()
        });
        let expected = [
            "Two beds?",
            "conversation_opened",
            "And where do I park?",
            "conversation_tagged",
            "conversation_split",
            "conversation_merged",
            "Ask the garage.",
        ];
        assert_eq!(
            shown.collect::<Vec<_>>(),
            expected,
            "each once, in order of time, wherever it was noted"
        );
        assert_eq!(behind_the_newest_two(&ada, second).await, expected.len() - 2);

        let path = format!("/api/conversations/{first}/messages");
        let refused = ada.post(&path, json!({"body": "Hi"})).await.refused(409, "merged");
        assert_eq!(refused["merged_into_id"], second);
        text(desk, ZOE, "Thanks").await;
        assert_eq!(
            one(&ada, second).await["last_line"],
            "Thanks",
            "what comes later comes to the one that stays"
        );
    })
    .await;
}

/// Gives how many items the second page of a thread has when the first has two.
async fn behind_the_newest_two(caller: &Caller, conversation: i64) -> usize {
    let path = format!("/api/conversations/{conversation}/thread");
    let page = caller.get(&format!("{path}?limit=2")).await.expect(200);
    let before = page["next"].as_str().unwrap();
    let older = caller.get(&format!("{path}?limit=9&before={before}")).await.expect(200);
    older["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_merge_is_refused_where_it_makes_no_sense() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, vic) = (desk.sign_in_as(Role::Agent).await, desk.sign_in_as(Role::Viewer).await);
        let (zoe, _) = text(desk, ZOE, "Hi").await;
        let (max, _) = text(desk, "+12025550188", "Hi").await;
        let path = format!("/api/conversations/{zoe}/merge");
        ada.post(&path, json!({"into_id": max}))
            .await
            .refused(409, "different_customers");
        ada.post(&path, json!({"into_id": zoe})).await.refused(422, "invalid");
        ada.post(&path, json!({"into_id": 999})).await.refused(404, "not_found");
        vic.post(&path, json!({"into_id": max})).await.refused(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_long_thread_comes_in_parts() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "0").await;
        for n in 1..6 {
            desk.advance(1);
            text(desk, ZOE, &n.to_string()).await;
            ada.post(
                &format!("/api/conversations/{id}/notes"),
                json!({"body": format!("note {n}")}),
            )
            .await
            .expect(201);
        }
        let whole = ada.get(&format!("/api/conversations/{id}/thread")).await.expect(200);
        let keys = |page: &Value| -> Vec<String> {
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["key"].as_str().unwrap().to_owned())
                .collect()
        };
        let mut parts = Vec::new();
        let mut path = format!("/api/conversations/{id}/thread?limit=4");
        loop {
            let part = ada.get(&path).await.expect(200);
            parts.splice(0..0, keys(&part));
            let Some(next) = part["next"].as_str() else { break };
            path = format!("/api/conversations/{id}/thread?limit=4&before={next}");
        }
        assert_eq!(parts, keys(&whole));
        assert_eq!(parts.len(), 12, "six messages, five notes, one beginning");
        ada.post(&format!("/api/conversations/{id}/notes"), json!({"body": " "}))
            .await
            .refused(422, "invalid");
    })
    .await;
}
