//! The inbox: lists, counts, what is a user's own, who comes next.

use domain::people::Role;
use serde_json::json;

use crate::{
    harness::{on_each_database, snapshot},
    scene::{self, ZOE, ids, text},
};

#[tokio::test]
async fn a_text_is_in_the_right_lists_with_its_wait() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, message) = text(desk, ZOE, "Do you have\n a room?").await;
        for (view, expected) in [
            ("unassigned", 1),
            ("waiting", 1),
            ("all", 1),
            ("mine", 0),
            ("closed", 0),
            ("automated", 0),
        ] {
            let found = ids(&ada, &format!("/api/conversations?view={view}")).await;
            assert_eq!(found.len(), expected, "{view}");
        }
        let list = ada
            .get("/api/conversations?view=waiting&sort=waiting")
            .await
            .expect(200);
        snapshot("a conversation that waits", &list);
        let one = ada.get(&format!("/api/conversations/{id}")).await.expect(200);
        assert_eq!(one, list["items"][0]);
        assert_eq!(
            ids(&ada, &format!("/api/conversations?ids={id},999&limit=9")).await,
            [id]
        );
        for more in ["view=mine", "sort=newest", "cursor=1", "text=beds"] {
            let path = format!("/api/conversations?ids={id}&{more}");
            ada.get(&path).await.refused(422, "invalid");
        }
        let counts = ada.get("/api/conversations/counts").await.expect(200);
        assert_eq!(
            (counts["waiting"].as_i64(), counts["mine"].as_i64()),
            (Some(1), Some(0))
        );

        ada.put(
            &format!("/api/conversations/{id}/read"),
            json!({"message_id": message + 100}),
        )
        .await
        .expect(204);
        assert_eq!(
            ada.get(&format!("/api/conversations/{id}")).await.expect(200)["unread"],
            false
        );
        text(desk, ZOE, "Hello?").await;
        assert_eq!(
            ada.get(&format!("/api/conversations/{id}")).await.expect(200)["unread"],
            true
        );

        ada.get("/api/conversations?view=everything")
            .await
            .refused(422, "invalid");
        ada.get("/api/conversations?limit=0").await.refused(422, "invalid");
        ada.get("/api/conversations?cursor=x").await.refused(422, "invalid");
        ada.get("/api/conversations/999").await.refused(404, "not_found");
        desk.nobody()
            .get("/api/conversations")
            .await
            .refused(401, "not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        for n in 0..5 {
            text(desk, &format!("+1202555020{n}"), "Hi").await;
        }
        for sort in ["newest", "waiting"] {
            let mut seen = Vec::new();
            let mut path = format!("/api/conversations?view=all&limit=2&sort={sort}");
            loop {
                let page = ada.get(&path).await.expect(200);
                seen.extend(
                    page["items"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|item| item["id"].as_i64().unwrap()),
                );
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/api/conversations?view=all&limit=2&sort={sort}&cursor={next}");
            }
            let expected = if sort == "newest" {
                [5, 4, 3, 2, 1]
            } else {
                [1, 2, 3, 4, 5]
            };
            assert_eq!(seen, expected, "{sort}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_ones_own_is_nobody_elses() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, ben) = (
            desk.sign_in("Ada", Role::Agent).await,
            desk.sign_in("Ben", Role::Agent).await,
        );
        let vic = desk.sign_in_as(Role::Viewer).await;
        let (id, _) = text(desk, ZOE, "Hi").await;
        let of = |part: &str| format!("/api/conversations/{id}/{part}");

        ada.put(&of("draft"), json!({"body": "Dear Zo", "is_note": false}))
            .await
            .expect(204);
        let draft = ada.get(&of("draft")).await.expect(200);
        assert_eq!(
            (draft["body"].as_str(), draft["is_note"].as_bool()),
            (Some("Dear Zo"), Some(false))
        );
        let none = json!({"body": "", "is_note": false, "updated_at": null});
        assert_eq!(ben.get(&of("draft")).await.expect(200), none);
        assert_eq!(
            ada.get(&format!("/api/conversations/{id}")).await.expect(200)["draft"],
            true
        );
        assert_eq!(
            ben.get(&format!("/api/conversations/{id}")).await.expect(200)["draft"],
            false
        );
        vic.put(&of("draft"), json!({"body": "x"}))
            .await
            .refused(403, "forbidden");
        ada.delete(&of("draft")).await.expect(204);
        assert_eq!(ada.get(&of("draft")).await.expect(200), none);

        ben.put(&of("presence"), json!({"state": "typing"})).await.expect(204);
        let viewers = ada.get(&format!("/api/conversations/{id}")).await.expect(200)["viewers"].clone();
        assert_eq!(viewers, json!([{"user_id": ben.id, "name": "Ben", "state": "typing"}]));
        desk.advance(46);
        assert_eq!(
            ada.get(&format!("/api/conversations/{id}")).await.expect(200)["viewers"],
            json!([])
        );
        ben.put(&of("presence"), json!({"state": "viewing"})).await.expect(204);
        ben.put(&of("presence"), json!({"state": "gone"})).await.expect(204);
        assert_eq!(
            ada.get(&format!("/api/conversations/{id}")).await.expect(200)["viewers"],
            json!([])
        );
        ben.put(&of("presence"), json!({"state": "asleep"}))
            .await
            .refused(422, "invalid");

        ada.put(&of("tray"), json!({})).await.expect(204);
        assert_eq!(
            (ids(&ada, "/api/tray").await, ids(&ben, "/api/tray").await),
            (vec![id], vec![])
        );
        ada.delete(&of("tray")).await.expect(204);
        assert_eq!(ids(&ada, "/api/tray").await, Vec::<i64>::new());
    })
    .await;
}

#[tokio::test]
async fn the_next_one_is_who_has_waited_longest() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (ada, ben) = (
            desk.sign_in("Ada", Role::Agent).await,
            desk.sign_in("Ben", Role::Agent).await,
        );
        assert_eq!(
            ada.get("/api/conversations/next").await.expect(200),
            json!({"id": null})
        );
        let mut waiting = Vec::new();
        for n in 0..12 {
            waiting.push(text(desk, &format!("+1202555030{n:02}"), "Hi").await.0);
            desk.advance(10);
        }
        assert_eq!(
            ada.get("/api/conversations/next").await.expect(200),
            json!({"id": waiting[0]})
        );
        ben.put(
            &format!("/api/conversations/{}/assignment", waiting[0]),
            json!({"assignee_id": ben.id}),
        )
        .await
        .expect(200);
        assert_eq!(
            ada.get("/api/conversations/next").await.expect(200),
            json!({"id": waiting[1]})
        );
        assert_eq!(
            ben.get("/api/conversations/next").await.expect(200),
            json!({"id": waiting[0]})
        );
        for id in waiting.iter().rev() {
            ada.put(&format!("/api/conversations/{id}/tray"), json!({}))
                .await
                .expect(204);
        }
        assert_eq!(
            ids(&ada, "/api/tray").await,
            waiting,
            "the tray holds more than ten, longest waiting first"
        );
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_named() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (id, _) = text(desk, ZOE, "Hi").await;
        let path = format!("/api/conversations/{id}");
        assert_eq!(
            ada.patch(&path, json!({"subject": " Two beds "})).await.expect(200)["subject"],
            "Two beds"
        );
        assert!(
            scene::told(&ada, id)
                .await
                .contains(&r#"Ada conversation_renamed {"subject":"Two beds"} {}"#.to_owned())
        );
        ada.patch(&path, json!({"subject": "x".repeat(201)}))
            .await
            .refused(422, "invalid");
        let vic = desk.sign_in_as(Role::Viewer).await;
        vic.patch(&path, json!({"subject": "no"}))
            .await
            .refused(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn what_colleagues_wrote_and_what_was_asked_for_is_found() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let (id, _) = text(desk, ZOE, "Two beds?").await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let note = format!("/api/conversations/{id}/notes");
        let note = ada
            .post(&note, json!({"body": "The océan suite is taken"}))
            .await
            .expect(201);
        let request = json!({"kind": "room", "summary": "2 beds", "details": {"view": "Ocean side"}});
        let request = ada.post("/api/customers/1/requests", request).await.expect(201);
        let found = vic.get("/api/search?q=ocean").await.expect(200);
        assert_eq!(found["notes"][0]["note_id"], note["id"]);
        assert_eq!(found["notes"][0]["snippet"], "The océan suite is taken");
        assert_eq!(found["requests"], json!([request]));
        let only = vic.get("/api/search?q=suite+tak&kind=notes").await.expect(200);
        assert_eq!(
            (only["notes"].as_array().unwrap().len(), &only["messages"]),
            (1, &json!([]))
        );
        let confirmed = json!({"status": "confirmed", "status_note": "Balcony", "tell_customer": false});
        let path = format!("/api/requests/{}", request["id"]);
        ada.patch(&path, confirmed).await.expect(200);
        let found = vic.get("/api/search?q=balcony+room&kind=requests").await.expect(200);
        assert_eq!(found["requests"][0]["status"], "confirmed");
    })
    .await;
}

#[tokio::test]
async fn everything_is_found() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        let (id, first) = text(desk, ZOE, "Une chambre près de l'océan, s'il vous plaît").await;
        let (_, second) = text(desk, ZOE, "我要订两张床的房间").await;
        let ada = desk.sign_in_as(Role::Agent).await;
        ada.patch("/api/customers/1", json!({"name": "Zoë Ocean"}))
            .await
            .expect(200);

        let found = vic.get("/api/search?q=OCEAN").await.expect(200);
        assert_eq!(found["messages"].as_array().unwrap().len(), 1);
        assert_eq!(found["messages"][0]["message_id"], first);
        assert_eq!(found["messages"][0]["conversation_id"], id);
        assert_eq!(found["messages"][0]["customer"], json!({"id": 1, "name": "Zoë Ocean"}));
        assert_eq!(found["customers"][0]["name"], "Zoë Ocean");
        let found = vic
            .get("/api/search?q=%E6%88%BF%E9%97%B4&kind=messages")
            .await
            .expect(200);
        assert_eq!(found["messages"][0]["message_id"], second);
        assert_eq!(found["customers"], json!([]));
        let found = vic.get("/api/search?q=chamb&kind=messages").await.expect(200);
        assert_eq!(found["messages"][0]["message_id"], first);
        assert_eq!(vic.get("/api/search?q=").await.expect(200)["messages"], json!([]));

        text(desk, ZOE, "océan again").await;
        let some = vic.get("/api/search?q=ocean&limit=1").await.expect(200);
        assert_eq!(
            (&some["more_messages"], &some["more_customers"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(ids(&vic, "/api/conversations?text=pres+oc&view=all").await, [id]);
        assert_eq!(ids(&vic, "/api/conversations?text=mountain").await, [0; 0]);
        let page = vic.get("/api/search?q=ocean&kind=messages&limit=1").await.expect(200);
        let next = page["next"].as_str().unwrap();
        let page = vic
            .get(&format!("/api/search?q=ocean&kind=messages&limit=1&cursor={next}"))
            .await
            .expect(200);
        assert_eq!(
            (page["messages"][0]["message_id"].as_i64(), page["next"].as_str()),
            (Some(first), None)
        );
    })
    .await;
}
