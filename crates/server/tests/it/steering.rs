//! Steering the menu in a conversation: an agent pauses it, lets it go on, ends it, starts one, or just answers.

use domain::{message::MessageStatus, people::Role};
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Desk, on_each_database},
    scene::{self, ZOE, jobs, sent, text, told},
};

/// A menu that asks two questions.
pub const ROOM: &str = "name: room
title: Room request
when: [{keyword: room}]
steps:
  beds:
    ask: How many beds?
    expect: number
    timeout: 1 hour
  nights:
    ask: How many nights?
    expect: number
  thanks:
    say: Thank you.
";

struct Stage {
    conversation: i64,
    flow: i64,
    ada: Caller,
}

/// A customer in a menu that has asked its first question, which has reached the phone, and an agent who looks on.
async fn in_a_menu(desk: &Desk) -> Stage {
    scene::channel(desk).await;
    let mara = desk.sign_in_as(Role::Manager).await;
    let made = mara.post("/api/flows", json!({"source": ROOM, "enabled": true})).await;
    let (conversation, _) = text(desk, ZOE, "Room please").await;
    rapport::jobs::work_off(&desk.app).await.unwrap();
    Stage {
        conversation,
        flow: made.expect(201)["id"].as_i64().unwrap(),
        ada: desk.sign_in_as(Role::Agent).await,
    }
}

impl Stage {
    async fn steer(&self, action: &str) -> crate::harness::Reply {
        let path = format!("/api/conversations/{}/flow", self.conversation);
        self.ada.post(&path, json!({ "action": action })).await
    }

    async fn reply(&self, body: Value) -> Value {
        let path = format!("/api/conversations/{}/messages", self.conversation);
        self.ada.post(&path, body).await.expect(201)
    }

    async fn seen(&self) -> Value {
        let path = format!("/api/conversations/{}", self.conversation);
        self.ada.get(&path).await.expect(200)
    }

    /// What was said to the customer, oldest first.
    async fn said(&self) -> Vec<String> {
        let path = format!("/api/conversations/{}/messages", self.conversation);
        let list = self.ada.get(&path).await.expect(200);
        let out = list["items"].as_array().unwrap().iter();
        out.filter(|message| message["direction"] == "out")
            .map(|message| message["body"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn told_last(&self) -> String {
        told(&self.ada, self.conversation).await.pop().unwrap()
    }
}

#[tokio::test]
async fn a_menu_is_paused_and_asks_its_pending_question_again() {
    on_each_database(async |desk| {
        let stage = in_a_menu(desk).await;
        let running = stage.seen().await;
        assert_eq!(
            (
                &running["automated"],
                &running["flow"]["status"],
                &running["flow"]["step"]
            ),
            (&json!(true), &json!("waiting"), &json!("beds"))
        );
        assert_eq!(jobs(desk, "flow_timeout").await.len(), 1);

        let paused = stage.steer("pause").await.expect(200);
        assert_eq!(
            (&paused["automated"], &paused["flow"]["status"]),
            (&json!(false), &json!("paused"))
        );
        assert_eq!(jobs(desk, "flow_timeout").await, [], "nobody waits for the customer");
        let again = stage.steer("pause").await.expect(200);
        assert_eq!(again["flow"]["status"], "paused", "to pause twice is to pause once");
        let told_before = told(&stage.ada, stage.conversation).await.len();

        desk.advance(2 * 3_600);
        text(desk, ZOE, "2").await;
        rapport::jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(stage.said().await, ["How many beds?"], "a paused menu says nothing");
        let waiting = stage.seen().await;
        assert_eq!(waiting["waiting_since"], "2026-03-04T12:00:00.000000Z");

        let resumed = stage.steer("resume").await.expect(200);
        assert_eq!(
            (
                &resumed["automated"],
                &resumed["waiting_since"],
                &resumed["flow"]["step"]
            ),
            (&json!(true), &Value::Null, &json!("beds"))
        );
        rapport::jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(stage.said().await, ["How many beds?", "How many beds?"]);
        assert_eq!(
            jobs(desk, "flow_timeout").await,
            ["2026-03-04T13:00:00Z".parse().unwrap()],
            "the time to answer runs from the second asking"
        );
        let told_after = told(&stage.ada, stage.conversation).await;
        assert!(told_after.len() > told_before, "{told_after:?}");

        text(desk, ZOE, "2").await;
        text(desk, ZOE, "3").await;
        assert_eq!(stage.said().await[2..], ["How many nights?", "Thank you."]);
        let free = stage.seen().await;
        assert_eq!((&free["flow"], &free["automated"]), (&Value::Null, &json!(false)));
    })
    .await;
}

#[tokio::test]
async fn a_menu_finishes_on_the_version_it_began_with() {
    on_each_database(async |desk| {
        let stage = in_a_menu(desk).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        let path = format!("/api/flows/{}", stage.flow);
        let source = ROOM
            .replace("ask: How many nights?", "ask: Until which day?")
            .replace("say: Thank you.", "say: Goodbye.");
        let changed = mara.patch(&path, json!({ "source": source })).await.expect(200);
        assert_eq!(changed["version"], 2);

        text(desk, ZOE, "2").await;
        text(desk, ZOE, "3").await;
        assert_eq!(
            stage.said().await,
            ["How many beds?", "How many nights?", "Thank you."],
            "Zoe began with version 1"
        );
        text(desk, ZOE, "room").await;
        text(desk, ZOE, "2").await;
        assert_eq!(stage.said().await[3..], ["How many beds?", "Until which day?"]);
    })
    .await;
}

#[tokio::test]
async fn a_menu_goes_on_long_after_it_would_have_expired() {
    on_each_database(async |desk| {
        let stage = in_a_menu(desk).await;
        stage.steer("pause").await.expect(200);
        desk.advance(5 * 86_400);
        stage.steer("resume").await.expect(200);
        rapport::jobs::work_off(&desk.app).await.unwrap();
        text(desk, ZOE, "2").await;
        assert_eq!(stage.said().await[1..], ["How many beds?", "How many nights?"]);
    })
    .await;
}

#[tokio::test]
async fn an_agent_who_replies_pauses_the_menu_at_its_step() {
    on_each_database(async |desk| {
        let stage = in_a_menu(desk).await;
        text(desk, ZOE, "2").await;
        let message = stage
            .reply(json!({"body": "I can help.", "client_key": "k", "anyway": true}))
            .await;
        let paused = stage.seen().await;
        assert_eq!(
            (&paused["automated"], &paused["flow"]["status"], &paused["flow"]["step"]),
            (&json!(false), &json!("paused"), &json!("nights"))
        );
        assert_eq!(paused["assignee"]["name"], "Ada");
        sent(desk, message["id"].as_i64().unwrap(), MessageStatus::Delivered).await;
        text(desk, ZOE, "3").await;
        text(desk, ZOE, "room").await;
        rapport::jobs::work_off(&desk.app).await.unwrap();
        let said = ["How many beds?", "How many nights?", "I can help."];
        assert_eq!(stage.said().await, said, "while a person is at it no menu speaks");

        let on = stage.steer("resume").await.expect(200);
        assert_eq!(on["assignee"]["name"], "Ada", "it stays with its agent");
        text(desk, ZOE, "3").await;
        assert_eq!(stage.said().await[3..], ["How many nights?", "Thank you."]);
        let done = stage.seen().await;
        assert_eq!(
            (&done["status"], &done["automated"], &done["flow"]),
            (&json!("open"), &json!(false), &Value::Null),
            "an agent's conversation is theirs to close"
        );
    })
    .await;
}

#[tokio::test]
async fn a_menu_is_ended_and_another_started() {
    on_each_database(async |desk| {
        let stage = in_a_menu(desk).await;
        let stopped = stage.steer("stop").await.expect(200);
        assert_eq!(
            (&stopped["automated"], &stopped["flow"], &stopped["status"]),
            (&json!(false), &Value::Null, &json!("open"))
        );
        assert_eq!(jobs(desk, "flow_timeout").await, []);
        let ended = stage.told_last().await;
        assert!(ended.contains("ended"), "{ended}");
        stage.steer("resume").await.refused(409, "not_paused");

        let start = format!("/api/conversations/{}/flow/start", stage.conversation);
        let started = stage.ada.post(&start, json!({"flow_id": stage.flow})).await.expect(200);
        assert_eq!(started["flow"]["step"], "beds");
        let first = started["flow"]["session_id"].clone();
        let anew = stage.ada.post(&start, json!({"flow_id": stage.flow})).await.expect(200);
        assert_ne!(anew["flow"]["session_id"], first, "the one before has ended");
        stage
            .ada
            .post(&start, json!({"flow_id": 99}))
            .await
            .refused(404, "not_found");

        let closure = format!("/api/conversations/{}/closure", stage.conversation);
        assert_eq!(
            stage.ada.put(&closure, json!({})).await.expect(200)["flow"],
            Value::Null
        );
        let open = stage.ada.post(&start, json!({"flow_id": stage.flow})).await.expect(200);
        assert_eq!((&open["status"], &open["automated"]), (&json!("open"), &json!(true)));
    })
    .await;
}

#[tokio::test]
async fn a_menu_is_steered_only_where_it_stands_and_by_who_may() {
    on_each_database(async |desk| {
        let stage = in_a_menu(desk).await;
        stage.steer("resume").await.refused(409, "not_paused");
        stage.steer("dance").await.refused(422, "invalid");
        let vic = desk.sign_in_as(Role::Viewer).await;
        let path = format!("/api/conversations/{}/flow", stage.conversation);
        for action in ["pause", "resume", "stop"] {
            vic.post(&path, json!({ "action": action }))
                .await
                .refused(403, "forbidden");
        }
        vic.post(&format!("{path}/start"), json!({"flow_id": stage.flow}))
            .await
            .refused(403, "forbidden");
        desk.nobody()
            .post(&path, json!({"action": "pause"}))
            .await
            .refused(401, "not_signed_in");
        stage
            .ada
            .post("/api/conversations/999/flow", json!({"action": "pause"}))
            .await
            .refused(404, "not_found");
        assert_eq!(stage.seen().await["flow"]["status"], "waiting", "nothing has changed");

        text(desk, ZOE, "STOP").await;
        stage.steer("resume").await.refused(409, "not_paused");
        let start = format!("{path}/start");
        stage
            .ada
            .post(&start, json!({"flow_id": stage.flow}))
            .await
            .refused(409, "opted_out");
        let free = stage.seen().await;
        assert_eq!((&free["flow"], &free["automated"]), (&Value::Null, &json!(false)));
    })
    .await;
}

/// A customer whom an agent has answered, and whose conversation the agent has closed.
async fn dealt_with(desk: &Desk, source: &str) -> Stage {
    scene::channel(desk).await;
    let mara = desk.sign_in_as(Role::Manager).await;
    let made = mara
        .post("/api/flows", json!({"source": source, "enabled": true}))
        .await;
    let ada = desk.sign_in_as(Role::Agent).await;
    ada.patch("/api/session", json!({"availability": "available"}))
        .await
        .expect(200);
    let (conversation, _) = text(desk, ZOE, "Is the pool heated?").await;
    let stage = Stage {
        conversation,
        flow: made.expect(201)["id"].as_i64().unwrap(),
        ada,
    };
    stage.reply(json!({"body": "It is."})).await;
    desk.advance(60);
    rapport::jobs::work_off(&desk.app).await.unwrap();
    let closure = format!("/api/conversations/{conversation}/closure");
    stage.ada.put(&closure, json!({})).await.expect(200);
    stage
}

#[tokio::test]
async fn a_customer_who_comes_back_can_start_a_menu_by_its_keyword() {
    on_each_database(async |desk| {
        let stage = dealt_with(desk, ROOM).await;
        assert_eq!(text(desk, ZOE, "Room please").await.0, stage.conversation);
        assert_eq!(stage.said().await, ["It is.", "How many beds?"]);
        let seen = stage.seen().await;
        assert_eq!(
            (&seen["automated"], &seen["assignee"], &seen["waiting_since"]),
            (&json!(true), &Value::Null, &Value::Null),
            "it is the menu's now"
        );
        text(desk, ZOE, "2").await;
        text(desk, ZOE, "3").await;
        assert_eq!(stage.seen().await["status"], "closed", "nobody has to look at it");
    })
    .await;
}

#[tokio::test]
async fn who_comes_back_with_anything_else_comes_back_to_the_agent() {
    on_each_database(async |desk| {
        let stage = dealt_with(desk, &ROOM.replace("{keyword: room}", "nothing else fits")).await;
        text(desk, ZOE, "And the sauna?").await;
        let seen = stage.seen().await;
        assert_eq!(seen["assignee"]["name"], "Ada");
        assert!(seen["waiting_since"].is_string());
        assert_eq!(
            stage.said().await,
            ["How many beds?", "It is."],
            "what a new customer is asked"
        );
    })
    .await;
}

#[tokio::test]
async fn while_an_agent_has_an_open_conversation_no_keyword_starts_a_menu() {
    on_each_database(async |desk| {
        let stage = dealt_with(desk, ROOM).await;
        text(desk, ZOE, "And the sauna?").await;
        text(desk, ZOE, "Room please").await;
        assert_eq!(stage.said().await, ["It is."], "Ada has it again");
        assert_eq!(stage.seen().await["assignee"]["name"], "Ada");
    })
    .await;
}
