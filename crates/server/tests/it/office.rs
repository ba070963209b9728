//! What a manager keeps in order: settings, canned replies, views, partners.

use domain::people::Role;
use serde_json::json;

use crate::harness::{on_each_database, snapshot};

#[tokio::test]
async fn settings_are_merged_checked_and_shown_without_passwords() {
    on_each_database(async |desk| {
        let manager = desk.sign_in_as(Role::Manager).await;
        let patch = json!({
            "company": "Wander", "time_zone": "Europe/Berlin", "survey": {"enabled": false},
            "business_hours": {"sat": [["10:00", "14:00"]], "fri": null},
            "mail": {"smtp_url": "smtps://desk:s3cret@mail.example.com", "from": "desk@example.com"},
        });
        snapshot(
            "settings changed",
            &manager.patch("/api/settings", patch).await.expect(200),
        );
        let shown = manager.get("/api/settings").await.expect(200);
        // What is shown can be sent back whole: the password behind the stars stays.
        manager.patch("/api/settings", shown.clone()).await.expect(200);
        let kept = desk.app.store.read(store::settings::get).await.unwrap();
        assert_eq!(kept.mail.smtp_url, "smtps://desk:s3cret@mail.example.com");
        let back = manager
            .patch("/api/settings", json!({"survey": {"text": null}, "holidays": null}))
            .await
            .expect(200);
        assert_eq!(back["survey"]["text"], shown["survey"]["text"]);
        assert_eq!(back["survey"]["enabled"], false);
    })
    .await;
}

#[tokio::test]
async fn settings_that_are_not_right_are_refused_whole() {
    on_each_database(async |desk| {
        let manager = desk.sign_in_as(Role::Manager).await;
        let patch = json!({"company": "Wander", "time_zone": "Mars/Base", "default_team_id": 7});
        snapshot(
            "settings not right",
            &manager.patch("/api/settings", patch).await.refused(422, "invalid"),
        );
        for wrong in [
            json!({"colour": "red"}),
            json!({"survey": {"colour": "red"}}),
            json!({"undo_seconds": "five"}),
            json!(["company"]),
        ] {
            manager.patch("/api/settings", wrong).await.refused(422, "invalid");
        }
        assert_eq!(manager.get("/api/settings").await.expect(200)["company"], "Our company");
    })
    .await;
}

#[tokio::test]
async fn canned_replies_are_kept_under_shortcuts() {
    on_each_database(async |desk| {
        let manager = desk.sign_in_as(Role::Manager).await;
        let team = manager.post("/api/teams", json!({"name": "Rooms"})).await.expect(201)["id"].clone();
        let reply = json!({"shortcut": "late", "title": "Late check-out", "body": "Noon is fine.", "team_id": team});
        let made = manager.post("/api/canned-replies", reply.clone()).await.expect(201);
        snapshot("canned reply", &made);
        manager
            .post("/api/canned-replies", reply)
            .await
            .refused(409, "conflict");
        let wrong = json!({"shortcut": "two words", "title": "", "body": " ", "team_id": 999});
        snapshot(
            "canned reply not right",
            &manager.post("/api/canned-replies", wrong).await.refused(422, "invalid"),
        );
        let path = format!("/api/canned-replies/{}", made["id"]);
        let changed = manager.patch(&path, json!({"body": "One o'clock."})).await.expect(200);
        assert_eq!((&changed["body"], &changed["team_id"]), (&json!("One o'clock."), &team));
        let changed = manager.patch(&path, json!({"team_id": null})).await.expect(200);
        assert_eq!(changed["team_id"], json!(null));
        manager.delete(&path).await.expect(204);
        manager.patch(&path, json!({})).await.refused(404, "not_found");
        assert_eq!(manager.get("/api/canned-replies").await.expect(200)["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_view_is_one_s_own_until_it_is_shared() {
    on_each_database(async |desk| {
        let manager = desk.sign_in_as(Role::Manager).await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let filter = json!({"assignee": "nobody", "waiting": true, "tag": "late"});
        let made = manager
            .post("/api/views", json!({"name": "Late", "filter": filter}))
            .await
            .expect(201);
        snapshot("view", &made);
        let path = format!("/api/views/{}", made["id"]);
        assert_eq!(agent.get("/api/views").await.expect(200)["items"], json!([]));
        agent.delete(&path).await.refused(404, "not_found");
        manager.patch(&path, json!({"shared": true})).await.expect(200);
        assert_eq!(agent.get("/api/views").await.expect(200)["items"][0]["filter"], filter);
        agent.delete(&path).await.refused(403, "forbidden");
        let wrong = json!({"name": "Red", "filter": {"colour": "red"}});
        agent.post("/api/views", wrong).await.refused(422, "invalid");
        manager.delete(&path).await.expect(204);
        manager.delete(&path).await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_partner_s_secret_is_shown_once() {
    on_each_database(async |desk| {
        let manager = desk.sign_in_as(Role::Manager).await;
        let inn = json!({"name": "The Inn", "way": "webhook", "address": "https://inn.example.com/hook"});
        let made = manager.post("/api/partners", inn.clone()).await.expect(201);
        snapshot("partner", &made);
        manager.post("/api/partners", inn).await.refused(409, "conflict");
        let path = format!("/api/partners/{}", made["id"]);
        manager
            .patch(&path, json!({"way": "mail"}))
            .await
            .refused(422, "invalid");
        let changed = manager.patch(&path, json!({"name": "Inn"})).await.expect(200);
        assert!(changed["secret"].is_null(), "{changed:#}");
        let renewed = manager.patch(&path, json!({"new_secret": true})).await.expect(200);
        assert_ne!(renewed["secret"], made["secret"]);
        snapshot("partners", &manager.get("/api/partners").await.expect(200));
        manager.delete(&path).await.expect(204);
        manager.delete(&path).await.refused(404, "not_found");
    })
    .await;
}
