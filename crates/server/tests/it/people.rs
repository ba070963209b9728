//! Who works here and who may do what: users, teams, tokens.

use domain::{Event, people::Role};
use serde_json::json;

use crate::{
    harness::{Desk, on_each_database, snapshot},
    scene,
};

/// Gives the kinds of all events so far.
async fn kinds(desk: &Desk) -> Vec<String> {
    let all = desk.events().await;
    all.iter().map(|happening| happening.event.to_columns().0).collect()
}

#[tokio::test]
async fn a_viewer_changes_nothing_and_an_agent_manages_nothing() {
    on_each_database(async |desk| {
        let viewer = desk.sign_in_as(Role::Viewer).await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let manager = desk.sign_in_as(Role::Manager).await;
        for (path, body) in [
            ("/api/teams", json!({"name": "Rooms"})),
            (
                "/api/canned-replies",
                json!({"shortcut": "hi", "title": "Hi", "body": "Hi"}),
            ),
            (
                "/api/partners",
                json!({"name": "Inn", "way": "mail", "address": "inn@example.com"}),
            ),
            ("/api/views", json!({"name": "All", "shared": true, "filter": {}})),
        ] {
            viewer.post(path, body.clone()).await.refused(403, "forbidden");
            agent.post(path, body).await.refused(403, "forbidden");
            viewer.get(path).await.expect(200);
        }
        let own = json!({"name": "Mine", "filter": {"assignee": "me"}});
        viewer.post("/api/views", own.clone()).await.refused(403, "forbidden");
        agent.post("/api/views", own).await.expect(201);
        agent
            .patch("/api/settings", json!({"company": "Mine"}))
            .await
            .refused(403, "forbidden");
        for someone in [&viewer, &agent, &manager] {
            let invitation = json!({"email": "x@example.com", "role": "owner"});
            someone
                .post("/api/invitations", invitation)
                .await
                .refused(403, "forbidden");
            someone.get("/api/invitations").await.refused(403, "forbidden");
            someone
                .post("/api/tokens", json!({"name": "x", "role": "owner"}))
                .await
                .refused(403, "forbidden");
            let promotion = json!({"role": "owner"});
            someone
                .patch(&format!("/api/users/{}", someone.id), promotion)
                .await
                .refused(403, "forbidden");
        }
        desk.nobody().get("/api/users").await.refused(401, "not_signed_in");
    })
    .await;
}

#[tokio::test]
async fn one_changes_one_s_own_profile() {
    on_each_database(async |desk| {
        let agent = desk.sign_in_as(Role::Agent).await;
        let change =
            json!({"name": " Ada L. ", "availability": "away", "signature": "Ada from Wander", "locale": "de"});
        snapshot(
            "own profile",
            &agent.patch("/api/session", change.clone()).await.expect(200),
        );
        agent.patch("/api/session", change).await.expect(200);
        agent
            .patch("/api/session", json!({"name": " "}))
            .await
            .refused(422, "invalid");
        agent
            .patch("/api/session", json!({"availability": "asleep"}))
            .await
            .refused(422, "invalid");
        // What changes nothing is no event.
        assert_eq!(kinds(desk).await, ["user_changed"]);
    })
    .await;
}

#[tokio::test]
async fn there_is_always_an_owner_left() {
    on_each_database(async |desk| {
        let owner = desk.sign_in_as(Role::Owner).await;
        let path = format!("/api/users/{}", owner.id);
        owner
            .patch(&path, json!({"role": "agent"}))
            .await
            .refused(409, "last_owner");
        owner
            .patch(&path, json!({"disabled": true}))
            .await
            .refused(409, "last_owner");
        let second = desk.sign_in("Otto", Role::Owner).await;
        assert_eq!(
            owner.patch(&path, json!({"role": "agent"})).await.expect(200)["role"],
            "agent"
        );
        owner.get("/api/tokens").await.refused(403, "forbidden");
        let last = format!("/api/users/{}", second.id);
        second
            .patch(&last, json!({"disabled": true}))
            .await
            .refused(409, "last_owner");
        second
            .patch("/api/users/999", json!({"disabled": true}))
            .await
            .refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once_and_may_come_back() {
    on_each_database(async |desk| {
        let owner = desk.sign_in_as(Role::Owner).await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let path = format!("/api/users/{}", agent.id);
        snapshot(
            "user disabled",
            &owner.patch(&path, json!({"disabled": true})).await.expect(200),
        );
        agent.get("/api/session").await.refused(401, "not_signed_in");
        owner.patch(&path, json!({"disabled": false})).await.expect(200);
        agent.get("/api/session").await.refused(401, "not_signed_in");
        let back = desk.sign_in_as(Role::Agent).await;
        back.get("/api/session").await.expect(200);
        snapshot("users", &back.get("/api/users").await.expect(200));
    })
    .await;
}

#[tokio::test]
async fn who_leaves_and_what_is_removed_leave_no_conversation_behind() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let owner = desk.sign_in_as(Role::Owner).await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let team = json!({"name": "Rooms", "member_ids": [agent.id.0]});
        let team = owner.post("/api/teams", team).await.expect(201)["id"].clone();
        let (id, _) = scene::text(desk, scene::ZOE, "Two beds?").await;
        let path = format!("/api/conversations/{id}");
        let assignment = json!({"team_id": team, "assignee_id": agent.id.0});
        let given = owner.put(&format!("{path}/assignment"), assignment).await.expect(200);
        assert_eq!(
            (&given["team"]["name"], &given["assignee"]["id"]),
            (&json!("Rooms"), &json!(agent.id.0))
        );

        let leaving = json!({"disabled": true});
        owner
            .patch(&format!("/api/users/{}", agent.id), leaving)
            .await
            .expect(200);
        let left = owner.get(&path).await.expect(200);
        assert_eq!(
            (&left["assignee"], &left["team"]["name"]),
            (&json!(null), &json!("Rooms"))
        );
        assert_eq!(left["route_reason"], json!({"key": "agent_left", "name": "Ada"}));

        owner.delete(&format!("/api/teams/{team}")).await.expect(204);
        let left = owner.get(&path).await.expect(200);
        assert_eq!((&left["team"], &left["status"]), (&json!(null), &json!("open")));
        let told = kinds(desk).await;
        let told = told.iter().filter(|kind| *kind == "conversation_assigned").count();
        assert!(told >= 3, "each change of hands is an event: {told}");
    })
    .await;
}

#[tokio::test]
async fn a_team_has_a_name_of_its_own_and_members() {
    on_each_database(async |desk| {
        let manager = desk.sign_in_as(Role::Manager).await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let rooms = manager
            .post("/api/teams", json!({"name": " Rooms ", "member_ids": [agent.id.0]}))
            .await
            .expect(201);
        snapshot("team", &rooms);
        let tours = manager.post("/api/teams", json!({"name": "Tours"})).await.expect(201);
        manager
            .post("/api/teams", json!({"name": "Rooms"}))
            .await
            .refused(409, "conflict");
        manager
            .post("/api/teams", json!({"name": ""}))
            .await
            .refused(422, "invalid");
        manager
            .post("/api/teams", json!({"name": "Ghosts", "member_ids": [999]}))
            .await
            .refused(422, "invalid");
        let path = format!("/api/teams/{}", tours["id"]);
        manager
            .patch(&path, json!({"name": "Rooms"}))
            .await
            .refused(409, "conflict");
        manager
            .patch(&path, json!({"name": "Tours", "member_ids": [manager.id.0]}))
            .await
            .expect(200);
        let me = agent.get("/api/session").await.expect(200);
        assert_eq!(me["user"]["team_ids"], json!([rooms["id"]]));
        snapshot("teams", &agent.get("/api/teams").await.expect(200));
        manager
            .patch("/api/settings", json!({"default_team_id": tours["id"]}))
            .await
            .expect(200);
        manager.delete(&path).await.expect(204);
        manager.delete(&path).await.refused(404, "not_found");
        assert_eq!(
            manager.get("/api/settings").await.expect(200)["default_team_id"],
            json!(null)
        );
        assert_eq!(
            kinds(desk).await,
            [
                "team_saved",
                "team_saved",
                "team_saved",
                "settings_changed",
                "team_removed"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_acts_in_its_role_until_it_is_revoked() {
    on_each_database(async |desk| {
        let owner = desk.sign_in_as(Role::Owner).await;
        let made = owner
            .post("/api/tokens", json!({"name": "Booking", "role": "agent"}))
            .await
            .expect(201);
        snapshot("token made", &made);
        let program = desk.program(made["token"].as_str().unwrap());
        // A token is not sent by browsers on their own, so it needs no header.
        let program = program.lured();
        program.get("/api/users").await.expect(200);
        program
            .post("/api/teams", json!({"name": "Rooms"}))
            .await
            .refused(403, "forbidden");
        program.get("/api/session").await.refused(403, "forbidden");
        program.get("/api/sign-ins").await.refused(403, "forbidden");
        desk.program("rapport_nonsense")
            .get("/api/users")
            .await
            .refused(401, "not_signed_in");
        let list = owner.get("/api/tokens").await.expect(200);
        assert!(list["items"][0].get("token").is_none(), "{list:#}");
        let path = format!("/api/tokens/{}", made["id"]);
        owner.delete(&path).await.expect(204);
        owner.delete(&path).await.refused(404, "not_found");
        program.get("/api/users").await.refused(401, "not_signed_in");
        assert_eq!(owner.get("/api/tokens").await.expect(200)["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn no_secret_stands_in_an_event() {
    on_each_database(async |desk| {
        let owner = desk.sign_in_as(Role::Owner).await;
        let made = owner
            .post("/api/tokens", json!({"name": "Booking", "role": "agent"}))
            .await
            .expect(201);
        let mail =
            json!({"mail": {"smtp_url": "smtps://desk:s3cret-word@mail.example.com", "from": "desk@example.com"}});
        owner.patch("/api/settings", mail).await.expect(200);
        let all = desk.events().await;
        let text: String = all.iter().map(|happening| happening.event.to_columns().1).collect();
        assert!(matches!(all[1].event, Event::SettingsChanged { .. }));
        for secret in [made["token"].as_str().unwrap(), "s3cret-word"] {
            assert!(!text.contains(secret), "{text}");
        }
    })
    .await;
}
