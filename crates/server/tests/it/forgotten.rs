//! What is refused can be taken again, and what was taken is forgotten in time.

use domain::Time;
use rapport::upkeep;
use serde_json::json;
use store::refusals::{self, Asked};

use crate::{
    collect::{Site, track},
    harness::on_each_database,
};

#[tokio::test]
async fn what_was_refused_is_taken_once_a_rule_is_put_right() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        site.batch(desk, json!([{"type": "dance", "userId": "ada"}, track("Known", json!({"userId": "ada"}))])).await;
        desk.advance(60);
        // What could not be kept when it came: by a fault of the disk, or by a rule that is another one now.
        let came: Time = "2026-03-04T10:00:00Z".parse().unwrap();
        let keep = move |form: &'static str, envelope: &'static str, bodies: Vec<String>| {
            desk.app.store.write(move |tx| {
                let source = domain::SourceId(1);
                let asked = Asked { source, form, envelope, at: came };
                let refused: Vec<_> = bodies.iter().map(|body| ("not_kept", body.as_str())).collect();
                refusals::keep(tx, asked, &refused)
            })
        };
        let late = json!({"type": "track", "event": "Late", "messageId": "l", "userId": "ada", "timestamp": "2026-03-04T09:00:10Z"});
        let envelope = r#"{"sent_at": "2026-03-04T09:00:20Z", "context": {"ip": "::1"}}"#;
        let other = json!({"type": "track", "event": "Other", "messageId": "Known", "userId": "ada"});
        keep("", envelope, vec![late.to_string(), other.to_string()]).await.unwrap();
        keep("track", "", vec![json!({"event": "Alone", "userId": "ada"}).to_string()]).await.unwrap();
        let cloud = json!({"specversion": "1.0", "id": "1", "source": "/a", "type": "Cloud", "subject": "ada"});
        keep("cloud_event", "", vec![cloud.to_string()]).await.unwrap();

        let path = "/api/sources/1/refusals/retries";
        let tally = site.mara.post(path, json!({})).await.expect(200);
        assert_eq!(tally, json!({"taken": 3, "repeated": 0, "refused": 2}));
        assert_eq!(site.refusals().await, ["unknown_type", "not_kept"]);
        let mut done = site.done_by("user_id:ada").await;
        done.sort_unstable();
        assert_eq!(done, ["Alone", "Cloud", "Known", "Late"]);
        let timeline = site.mara.get("/api/customers/1/timeline").await.expect(200);
        let items = timeline["items"].as_array().unwrap();
        let late = items.iter().find(|item| item["data"]["name"] == "Late").unwrap();
        // As of when it came, by the clock that its request had.
        assert_eq!(late["at"], "2026-03-04T09:59:50.000000Z");
        assert_eq!(late["data"]["context"], json!({"ip": "::1"}));

        let again = site.mara.post(path, json!({})).await.expect(200);
        assert_eq!(again, json!({"taken": 0, "repeated": 0, "refused": 2}));
        assert_eq!(site.done_by("user_id:ada").await.len(), 4);
        let ada = desk.sign_in_as(domain::people::Role::Agent).await;
        ada.post(path, json!({})).await.refused(403, "forbidden");
        site.mara.post("/api/sources/9/refusals/retries", json!({})).await.refused(404, "not_found");
        let kinds: Vec<String> = desk.events().await.iter().map(|told| told.event.to_columns().0).collect();
        assert_eq!(kinds.iter().filter(|kind| *kind == "refusals_retried").count(), 2);
    })
    .await;
}

#[tokio::test]
async fn message_ids_are_forgotten_after_the_days_that_are_set() {
    on_each_database(async |desk| {
        let mut site = Site::open(desk).await;
        let calls: Vec<_> = (0..1_100)
            .map(|n| json!({"type": "track", "event": "Early", "messageId": format!("e{n}"), "userId": "ada"}))
            .collect();
        site.batch(desk, json!(calls)).await;
        let imported = desk.app.store.write(|tx| {
            let now = "2026-03-04T10:00:00Z".parse().expect("a time");
            store::sources::claim(tx, domain::SourceId(1), ("import:1", 5), now)
        });
        imported.await.unwrap();
        desk.advance(29 * 86_400);
        site.batch(desk, json!([track("Lately", json!({"userId": "ada"}))]))
            .await;
        assert_eq!(upkeep::forget_message_ids(&desk.app).await.unwrap(), 0);
        desk.advance(86_401);
        assert_eq!(upkeep::forget_message_ids(&desk.app).await.unwrap(), 1_100);
        assert_eq!(upkeep::forget_message_ids(&desk.app).await.unwrap(), 0);
        // Nobody stays signed in for a month.
        site.mara = desk.sign_in_as(domain::people::Role::Manager).await;
        // What is on the timeline stays, and what was told lately is still known again.
        site.batch(desk, json!([track("Lately", json!({"userId": "ada"}))]))
            .await;
        assert_eq!(site.tally().await[1], 1);
        let known = desk
            .app
            .store
            .write(|tx| store::sources::claim(tx, domain::SourceId(1), ("import:1", 5), Time(0)));
        assert_eq!(known.await.unwrap(), store::sources::Claim::Repeated);
    })
    .await;
}
