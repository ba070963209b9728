//! What is stuck: payloads that nobody understood, and jobs that kept failing.

use domain::{ChannelId, JobId, people::Role};
use serde_json::json;
use store::{
    inbound,
    jobs::{self, NewJob},
    params,
};

use crate::{
    harness::{Desk, on_each_database, snapshot},
    scene,
};

/// Leaves a payload in the queue of what was not understood.
async fn not_understood(desk: &Desk, key: &'static str, body: &'static str) {
    let now = desk.app.universe.now();
    let write = move |tx: &mut store::Tx| {
        let kept = inbound::keep(tx, ChannelId(1), key, ("application/json", body.as_bytes()), now)?;
        inbound::settle(tx, kept.expect("it is new"), Err("it makes no sense"), now)
    };
    desk.app.store.write(write).await.expect("the payload is kept");
}

#[tokio::test]
async fn what_was_not_understood_is_run_again_or_laid_aside() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        scene::channel(desk).await;
        not_understood(
            desk,
            "a",
            r#"{"id":"p1","from":"+12025550143","to":"+12025550100","body":"Hi"}"#,
        )
        .await;
        not_understood(desk, "b", "nonsense").await;
        snapshot(
            "what was not understood",
            &vic.get("/api/inbound?limit=1").await.expect(200),
        );
        assert_eq!(scene::ids(&vic, "/api/inbound?state=failed&cursor=2").await, [1]);
        assert_eq!(scene::ids(&vic, "/api/inbound?state=done").await, [0; 0]);

        let again = mara.post("/api/inbound/1/retry", json!({})).await.expect(200);
        assert_eq!((&again["state"], &again["tries"]), (&json!("done"), &json!(2)));
        assert_eq!(scene::ids(&vic, "/api/conversations").await.len(), 1);
        let still = mara.post("/api/inbound/2/retry", json!({})).await.expect(200);
        assert_eq!(still["state"], "failed");
        let gone = mara.post("/api/inbound/2/discard", json!({})).await.expect(200);
        assert_eq!(gone["state"], "discarded");

        mara.post("/api/inbound/1/retry", json!({}))
            .await
            .refused(409, "not_failed");
        mara.post("/api/inbound/2/discard", json!({}))
            .await
            .refused(409, "not_failed");
        mara.post("/api/inbound/9/retry", json!({}))
            .await
            .refused(404, "not_found");
        mara.post("/api/inbound/9/discard", json!({}))
            .await
            .refused(404, "not_found");
        vic.post("/api/inbound/2/retry", json!({}))
            .await
            .refused(403, "forbidden");
        vic.post("/api/inbound/2/discard", json!({}))
            .await
            .refused(403, "forbidden");
        vic.get("/api/inbound?state=lost").await.refused(422, "invalid");
        desk.nobody().get("/api/inbound").await.refused(401, "not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn jobs_that_kept_failing_are_run_again_or_discarded() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        let now = desk.app.universe.now();
        let write = move |tx: &mut store::Tx| {
            for n in 1..=3 {
                jobs::add(tx, &NewJob::now("send_survey", &json!({"conversation": n}), now), now)?;
            }
            let dead = "UPDATE jobs SET state = 'dead', tries = 10, error = 'it would not' WHERE id < 3";
            tx.execute(dead, params![])
        };
        desk.app.store.write(write).await.expect("the jobs are there");
        snapshot("jobs laid aside", &vic.get("/api/jobs").await.expect(200));
        assert_eq!(scene::ids(&vic, "/api/jobs?state=ready").await, [3]);

        let again = mara.post("/api/jobs/1/retry", json!({})).await.expect(200);
        assert_eq!((&again["state"], &again["tries"]), (&json!("ready"), &json!(0)));
        mara.delete("/api/jobs/2").await.expect(204);
        let gone = desk
            .app
            .store
            .read(|tx| jobs::get(tx, JobId(2)))
            .await
            .expect("the store reads");
        assert_eq!(gone, None);

        mara.post("/api/jobs/3/retry", json!({})).await.refused(409, "not_dead");
        mara.delete("/api/jobs/3").await.refused(409, "not_dead");
        mara.post("/api/jobs/9/retry", json!({}))
            .await
            .refused(404, "not_found");
        mara.delete("/api/jobs/9").await.refused(404, "not_found");
        vic.post("/api/jobs/3/retry", json!({})).await.refused(403, "forbidden");
        vic.delete("/api/jobs/3").await.refused(403, "forbidden");
        vic.get("/api/jobs?state=lost").await.refused(422, "invalid");
        desk.nobody().get("/api/jobs").await.refused(401, "not_signed_in");
    })
    .await;
}
