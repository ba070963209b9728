//! Reports: a small week on both databases, its numbers, and the rows they are made of.

use domain::{message::MessageStatus, people::Role};
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Desk, on_each_database, snapshot},
    scene::{self, ZOE},
};

/// Replies as an agent; the text leaves at once after the moment in which it can be taken back.
async fn reply(desk: &Desk, agent: &Caller, (conversation, seen): (i64, i64)) -> i64 {
    let path = format!("/api/conversations/{conversation}/messages");
    let body = json!({"body": "We are on it.", "last_seen_message_id": seen, "anyway": true});
    let message = agent.post(&path, body).await.expect(201);
    desk.advance(5);
    rapport::jobs::work_off(&desk.app).await.expect("the text leaves");
    message["id"].as_i64().unwrap_or_default()
}

#[tokio::test]
async fn a_week_in_numbers() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        scene::channel(desk).await;
        // Zoe waits ten minutes, then five; the conversation is closed after an hour, and she rates it.
        let zoe = scene::text(desk, ZOE, "Where is my room?").await;
        desk.advance(595);
        reply(desk, &ada, zoe).await;
        let again = scene::text(desk, ZOE, "And the key?").await;
        desk.advance(295);
        reply(desk, &ada, again).await;
        desk.advance(2_700);
        let closure = format!("/api/conversations/{}/closure", zoe.0);
        ada.put(&closure, json!({})).await.expect(200);
        desk.advance(60);
        rapport::jobs::work_off(&desk.app).await.expect("the survey leaves");
        scene::text(desk, ZOE, "4").await;
        // A reply that is taken back, and one that fails, answer nobody.
        desk.advance(86_400);
        let max = scene::text(desk, "+12025550144", "Hello").await;
        let path = format!("/api/conversations/{}/messages", max.0);
        let body = json!({"body": "Hi", "last_seen_message_id": max.1});
        let undone = ada.post(&path, body).await.expect(201);
        ada.delete(&format!("/api/messages/{}", undone["id"])).await.expect(200);

        let report = vic
            .get("/api/reports/service?from=2026-03-04&to=2026-03-06")
            .await
            .expect(200);
        snapshot("a report", &report);
        for key in [
            "first_response",
            "next_response",
            "resolution_first",
            "csat",
            "conversations_per_agent",
        ] {
            let rows = vic
                .get(&format!(
                    "/api/reports/service/{key}/rows?from=2026-03-04&to=2026-03-06"
                ))
                .await;
            snapshot(&format!("rows of {key}"), &rows.expect(200));
        }
        is_a_table(&vic).await;
        let first = vic
            .get("/api/reports/service/next_response/rows?from=2026-03-04&to=2026-03-06&limit=1")
            .await
            .expect(200);
        let next = first["next"].as_str().unwrap_or_default();
        let second =
            format!("/api/reports/service/next_response/rows?from=2026-03-04&to=2026-03-06&limit=1&cursor={next}");
        let second = vic.get(&second).await.expect(200);
        assert_eq!(
            (&second["items"][0]["value"], &second["next"]),
            (&json!(600.0), &Value::Null)
        );
    })
    .await;
}

/// What a number is made of can be saved.
async fn is_a_table(vic: &Caller) {
    let table = vic
        .get("/api/reports/service/next_response/rows.csv?from=2026-03-04&to=2026-03-06")
        .await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        table.headers["content-disposition"],
        "attachment; filename=\"next_response-2026-03-04-2026-03-06.csv\""
    );
    snapshot("rows of next_response as a table", &table.expect(200));
    let speed = vic.get("/api/reports/service/speed/rows.csv").await;
    speed.refused(404, "not_found");
}

fn n(report: &Value, key: &str) -> i64 {
    let metrics = report["metrics"].as_array().unwrap();
    let metric = metrics.iter().find(|metric| metric["key"] == key).unwrap();
    metric["n"].as_i64().unwrap()
}

#[tokio::test]
async fn a_report_can_be_narrowed() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let (ada, ben) = (
            desk.sign_in_as(Role::Agent).await,
            desk.sign_in("Ben", Role::Agent).await,
        );
        scene::channel(desk).await;
        let team = mara
            .post("/api/teams", json!({"name": "Rooms", "member_ids": [ada.id]}))
            .await
            .expect(201);
        let zoe = scene::text(desk, ZOE, "Hello").await;
        let max = scene::text(desk, "+12025550144", "Hello").await;
        let queue = format!("/api/conversations/{}/assignment", zoe.0);
        mara.put(&queue, json!({"team_id": team["id"]})).await.expect(200);
        let left = reply(desk, &ada, zoe).await;
        reply(desk, &ben, max).await;
        let status = desk
            .app
            .store
            .read(move |tx| store::messages::get(tx, domain::MessageId(left)))
            .await;
        assert_eq!(status.unwrap().unwrap().status, MessageStatus::Delivered);
        let ask = async |query: String| mara.get(&format!("/api/reports/service?{query}")).await;
        for (query, expected) in [
            (String::new(), 2),
            (format!("team={}", team["id"]), 1),
            (format!("agent={}", ben.id), 1),
            ("channel=1".to_owned(), 2),
            ("channel=2".to_owned(), 0),
            ("from=2026-03-01&to=2026-03-03".to_owned(), 0),
        ] {
            let report = ask(query.clone()).await.expect(200);
            assert_eq!(n(&report, "first_response"), expected, "{query}");
        }
        for wrong in ["from=2026-03-05&to=2026-03-04", "from=2025-01-01&to=2026-03-04"] {
            ask(wrong.to_owned()).await.refused(422, "invalid");
        }
        assert!(ask("from=yesterday".to_owned()).await.status >= 400);
        mara.get("/api/reports/service/speed/rows")
            .await
            .refused(404, "not_found");
        mara.get("/api/reports/service/csat/rows?limit=0")
            .await
            .refused(422, "invalid");
        desk.nobody()
            .get("/api/reports/service")
            .await
            .refused(401, "not_signed_in");
        desk.nobody()
            .get("/api/reports/service/csat/rows")
            .await
            .refused(401, "not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn the_days_of_a_period_add_up() {
    on_each_database(async |desk| {
        let ada = desk.sign_in_as(Role::Agent).await;
        scene::channel(desk).await;
        // Zoe writes before midnight and again after it; Max is answered by what was written the evening before.
        desk.advance(13 * 3_600 + 50 * 60);
        scene::text(desk, ZOE, "Where is my room?").await;
        let (max, seen) = scene::text(desk, "+12025550144", "Hello").await;
        let later = json!({"body": "Good morning", "last_seen_message_id": seen, "send_at": "2026-03-05T08:00:00Z"});
        let path = format!("/api/conversations/{max}/messages");
        ada.post(&path, later).await.expect(201);
        desk.advance(20 * 60);
        let zoe = scene::text(desk, ZOE, "And the key?").await;
        desk.advance(10 * 60);
        reply(desk, &ada, zoe).await;
        desk.advance(8 * 3_600);
        rapport::jobs::work_off(&desk.app).await.expect("the text leaves");

        let days = async |from: &str, to: &str| {
            let report = ada.get(&format!("/api/reports/service?from={from}&to={to}")).await;
            let report = report.expect(200);
            [n(&report, "first_response"), n(&report, "next_response")]
        };
        assert_eq!(days("2026-03-04", "2026-03-04").await, [2, 2]);
        assert_eq!(days("2026-03-05", "2026-03-05").await, [0, 0]);
        assert_eq!(days("2026-03-04", "2026-03-05").await, [2, 2]);
        let today = ada
            .get("/api/reports/service?from=2026-03-05&to=2026-03-05")
            .await
            .expect(200);
        assert_eq!(n(&today, "conversations_per_agent"), 1, "both left today");
    })
    .await;
}
