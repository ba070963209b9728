//! Flows: saved, checked, drawn, tried, rehearsed, and what became of those who went through.

use domain::{ChannelId, conversation::ReopenRule, people::Role};
use serde_json::{Value, json};
use store::channels::{self, Channel};

use crate::harness::{Desk, on_each_database, snapshot};

const ROOM: &str = "name: room
title: Room request
when: [{keyword: room}]
steps:
  beds:
    ask: How many beds?
    expect: number
    timeout: 1 hour
  file:
    request: room
    summary: '{{ answers.beds }} beds'
  thanks:
    say: Thank you, we will ask the hotel.
";

/// Opens a simulated text line.
pub async fn line(desk: &Desk) -> ChannelId {
    let now = desk.app.universe.now();
    let channel = Channel {
        id: ChannelId(0),
        name: "Text line".to_owned(),
        kind: "simulator".to_owned(),
        address: "+15550001".to_owned(),
        hook: "line".to_owned(),
        config: json!({}),
        team_id: None,
        reopen: ReopenRule::Within,
        reopen_days: 5,
        segments_per_second: 10,
        created_at: now,
        disabled_at: None,
    };
    let insert = move |tx: &mut store::Tx| channels::insert(tx, &channel);
    desk.app.store.write(insert).await.expect("the channel opens")
}

/// Texts the line from a phone.
pub async fn text(desk: &Desk, line: ChannelId, number: &str, body: &str) {
    let path = format!("/api/phone/{line}/{number}/messages");
    desk.phone()
        .await
        .post(&path, json!({ "body": body }))
        .await
        .expect(202);
    rapport::jobs::work_off(&desk.app).await.expect("the jobs are done");
}

#[tokio::test]
async fn a_flow_is_written_saved_and_taken_away() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        let made = mara.post("/api/flows", json!({"source": ROOM})).await.expect(201);
        snapshot("a flow", &made);
        let path = format!("/api/flows/{}", made["id"]);
        assert_eq!(vic.get(&path).await.expect(200), made);
        desk.advance(60);
        let on = mara
            .patch(&path, json!({"enabled": true, "source": ROOM}))
            .await
            .expect(200);
        assert_eq!((&on["enabled"], &on["version"]), (&json!(true), &json!(1)));
        let renamed = ROOM.replace("name: room", "name: rooms");
        let new = mara.patch(&path, json!({"source": renamed})).await.expect(200);
        assert_eq!((&new["name"], &new["version"]), (&json!("rooms"), &json!(2)));
        snapshot("versions of a flow", &new["versions"]);
        let old = vic.get(&format!("{path}/versions/1")).await.expect(200);
        assert_eq!(old, json!({"version": 1, "source": ROOM}));
        vic.get(&format!("{path}/versions/3")).await.refused(404, "not_found");
        desk.nobody()
            .get(&format!("{path}/versions/1"))
            .await
            .refused(401, "not_signed_in");
        let list = vic.get("/api/flows").await.expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1));

        let other = mara.post("/api/flows", json!({"source": ROOM})).await.expect(201);
        mara.post("/api/flows", json!({"source": ROOM}))
            .await
            .refused(409, "conflict");
        mara.patch(&path, json!({"source": ROOM}))
            .await
            .refused(409, "conflict");
        let wrong = ROOM.replace("expect: number", "expect: numbers");
        let refusal = mara
            .patch(&path, json!({"source": wrong}))
            .await
            .refused(422, "invalid");
        snapshot("a flow refused", &refusal);
        vic.post("/api/flows", json!({"source": ROOM}))
            .await
            .refused(403, "forbidden");
        vic.patch(&path, json!({"enabled": false}))
            .await
            .refused(403, "forbidden");
        vic.delete(&path).await.refused(403, "forbidden");
        desk.nobody().get("/api/flows").await.refused(401, "not_signed_in");

        let gone = format!("/api/flows/{}", other["id"]);
        mara.delete(&gone).await.expect(204);
        mara.get(&gone).await.refused(404, "not_found");
        mara.delete(&gone).await.refused(404, "not_found");
        mara.patch(&gone, json!({})).await.refused(404, "not_found");
        mara.get("/api/flows/x").await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_source_is_checked_while_it_is_written() {
    on_each_database(async |desk| {
        let vic = desk.sign_in_as(Role::Viewer).await;
        let checked = vic.post("/api/flows/check", json!({"source": ROOM})).await.expect(200);
        snapshot("a source without a fault", &checked);
        let half = ROOM.replace("say: Thank you, we will ask the hotel.", "sya: Thank you");
        let checked = vic.post("/api/flows/check", json!({"source": half})).await.expect(200);
        snapshot("a source half right", &checked);
        let nothing = vic
            .post("/api/flows/check", json!({"source": "a: ["}))
            .await
            .expect(200);
        assert_eq!(nothing["graph"], Value::Null);
        desk.nobody()
            .post("/api/flows/check", json!({"source": ROOM}))
            .await
            .refused(401, "not_signed_in");
        vic.post("/api/flows/check", json!({})).await.refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn a_flow_is_tried_without_a_trace() {
    on_each_database(async |desk| {
        let vic = desk.sign_in_as(Role::Viewer).await;
        let go = async |state: &Value, input: Value| {
            let body = json!({"source": ROOM, "state": state, "input": input});
            vic.post("/api/flows/try", body).await
        };
        let first = go(&Value::Null, json!({"start": true, "text": "room"}))
            .await
            .expect(200);
        snapshot("a trial begins", &first);
        let done = go(&first["state"], json!({"text": "2"})).await.expect(200);
        assert_eq!(
            done["said"],
            json!([{"text": "Thank you, we will ask the hotel.", "step": "thanks"}])
        );
        assert_eq!(
            done["events"],
            json!([
                {"deed": {"key": "files", "kind": "room", "summary": "2 beds"}, "step": "file"},
                {"deed": {"key": "completes"}, "step": "thanks"},
            ])
        );
        let late = go(&first["state"], json!({"timeout": true})).await.expect(200);
        assert_eq!(late["events"][0]["deed"], json!({"key": "times_out"}));
        let stop = go(&first["state"], json!({"text": "STOP"})).await.expect(200);
        assert_eq!((&stop["waiting"], &stop["state"]), (&json!(false), &Value::Null));
        assert_eq!(
            stop["events"][0]["deed"],
            json!({"key": "law_answers", "text": "STOP", "word": "stop"})
        );
        let anew = go(&first["state"], json!({"text": "room"})).await.expect(200);
        let because = json!({"key": "keyword", "word": "room"});
        assert_eq!(
            anew["events"][0]["deed"],
            json!({"key": "starts_anew", "because": because})
        );

        go(&Value::Null, json!({"text": "2"})).await.refused(422, "invalid");
        go(&json!({"step": 7}), json!({"text": "2"}))
            .await
            .refused(422, "invalid");
        go(&json!({"step": "beds", "sprints": u32::MAX}), json!({"text": "2"}))
            .await
            .refused(422, "invalid");
        go(&first["state"], json!({"text": "2", "timeout": true}))
            .await
            .refused(422, "invalid");
        let wrong = vic
            .post("/api/flows/try", json!({"source": "name: x", "input": {"start": true}}))
            .await;
        assert!(wrong.refused(422, "invalid")["problems"].is_array());
        let stored = desk.app.store.read(store::events::head).await.expect("the store reads");
        assert_eq!(stored, store::events::Cursor::default(), "a trial leaves no event");
    })
    .await;
}

#[tokio::test]
async fn sessions_tell_where_customers_stop() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let line = line(desk).await;
        let made = mara
            .post("/api/flows", json!({"source": ROOM, "enabled": true}))
            .await
            .expect(201);
        let path = format!("/api/flows/{}", made["id"]);
        for number in ["+12025550101", "+12025550102", "+12025550103"] {
            text(desk, line, number, "room please").await;
        }
        text(desk, line, "+12025550101", "2").await;
        desk.advance(3_601);
        rapport::jobs::work_off(&desk.app).await.expect("the time runs out");
        text(desk, line, "+12025550104", "Room").await;

        let graph = mara.get(&format!("{path}/graph")).await.expect(200);
        snapshot("where customers stop", &graph["counts"]);
        assert_eq!(graph["start"], "beds");
        let none = mara.get(&format!("{path}/graph?days=366")).await;
        none.refused(422, "invalid");
        let list = mara.get(&format!("{path}/sessions?limit=3")).await.expect(200);
        snapshot("sessions", &list);
        let next = format!(
            "{path}/sessions?limit=3&cursor={}",
            list["next"].as_str().unwrap_or_default()
        );
        let last = mara.get(&next).await.expect(200);
        assert_eq!(
            (last["items"].as_array().map(Vec::len), &last["next"]),
            (Some(1), &Value::Null)
        );
        let one = mara
            .get(&format!("/api/flow-sessions/{}", last["items"][0]["id"]))
            .await
            .expect(200);
        snapshot("a session", &one);
        let numbers = mara.get(&path).await.expect(200);
        assert_eq!(
            (&numbers["sessions_7d"], &numbers["completed_7d"]),
            (&json!(4), &json!(1))
        );

        mara.delete(&path).await.refused(409, "in_use");
        mara.get("/api/flow-sessions/99").await.refused(404, "not_found");
        mara.get("/api/flows/99/sessions").await.refused(404, "not_found");
        mara.get("/api/flows/99/graph").await.refused(404, "not_found");
        mara.get(&format!("{path}/sessions?limit=0"))
            .await
            .refused(422, "invalid");
        desk.nobody().get(&next).await.refused(401, "not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_goes_over_what_really_came() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let line = line(desk).await;
        text(desk, line, "+12025550101", "long ago: room").await;
        desk.advance(10 * 86_400);
        for (number, body) in [
            ("+12025550102", "room please"),
            ("+12025550102", "3"),
            ("+12025550103", "Room"),
            ("+12025550104", "good morning"),
        ] {
            text(desk, line, number, body).await;
            desk.advance(60);
        }
        let made = mara.post("/api/flows", json!({"source": ROOM})).await.expect(201);
        let path = format!("/api/flows/{}/dry-run", made["id"]);
        // Not how far events can be read: that stays behind while anybody writes, in any database of the same PostgreSQL.
        let newest = async || {
            desk.app
                .store
                .read(store::events::newest_at)
                .await
                .expect("the store reads")
        };
        let before = newest().await;
        desk.advance(60);
        let run = mara.post(&path, json!({"days": 7})).await.expect(200);
        snapshot("a dry run", &run);
        let morning = ROOM.replace("keyword: room", "keyword: good");
        let other = mara
            .post(&path, json!({"days": 7, "source": morning}))
            .await
            .expect(200);
        assert_eq!(
            (&other["would_start"], &other["items"][0]["text"]),
            (&json!(1), &json!("good morning"))
        );
        assert_eq!(newest().await, before, "a dry run changes nothing");

        let ada = desk.sign_in_as(Role::Agent).await;
        ada.post(&path, json!({"days": 7})).await.refused(403, "forbidden");
        mara.post(&path, json!({"days": 0})).await.refused(422, "invalid");
        mara.post(&path, json!({"days": 7, "source": "name: x"}))
            .await
            .refused(422, "invalid");
        mara.post("/api/flows/99/dry-run", json!({"days": 7}))
            .await
            .refused(404, "not_found");
    })
    .await;
}
