//! Live updates as a browser gets them: at once, whole, and from where it left off.

use domain::people::Role;
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Desk, on_each_database},
    hooks::{furnish, inbound, post},
};

/// An open stream of server-sent events.
pub struct Watch {
    response: reqwest::Response,
    text: String,
}

impl Watch {
    async fn open(caller: &Caller, after: Option<&str>) -> Watch {
        let mut request = caller.request(reqwest::Method::GET, "/api/live");
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        Watch::to(request).await
    }

    /// Opens a stream.
    pub async fn to(request: reqwest::RequestBuilder) -> Watch {
        let response = request.send().await.expect("the stream opens");
        assert_eq!(response.status(), 200);
        Watch {
            response,
            text: String::new(),
        }
    }

    /// Waits for the next update of a kind and gives its id and its data.
    pub async fn next(&mut self, kind: &str) -> (String, Value) {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    block
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .unwrap_or_default()
                        .trim()
                        .to_owned()
                };
                if field("event:") == kind {
                    return (
                        field("id:"),
                        serde_json::from_str(&field("data:")).expect("the data is JSON"),
                    );
                }
            }
            let chunk = tokio::time::timeout(std::time::Duration::from_secs(20), self.response.chunk()).await;
            let chunk = chunk
                .expect("something comes in time")
                .expect("the stream stands")
                .expect("the stream goes on");
            self.text += &String::from_utf8_lossy(&chunk);
        }
    }

    async fn next_change(&mut self, kind: &str) -> (String, Value) {
        loop {
            let (id, data) = self.next("change").await;
            if data["kind"] == kind {
                return (id, data);
            }
        }
    }
}

impl Watch {
    /// Waits until the desk ends the stream.
    pub async fn end(mut self) {
        let end = async { while let Ok(Some(_)) = self.response.chunk().await {} };
        let ended = tokio::time::timeout(std::time::Duration::from_secs(20), end).await;
        ended.expect("the stream ends");
    }
}

/// Lets the desk tell what happens.
pub fn follow(desk: &Desk) {
    tokio::spawn(rapport::live::follow(desk.app.clone(), desk.app.stopping.subscribe()));
}

#[tokio::test]
async fn a_text_reaches_who_watches_and_who_comes_back_misses_nothing() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        follow(desk);
        let agent = desk.sign_in_as(Role::Agent).await;
        let mut watch = Watch::open(&agent, None).await;
        watch.next("hello").await;
        post(desk, &inbound("SM1", "hello")).await.expect(200);
        let (seen, change) = watch.next_change("message_received").await;
        assert_eq!(change["message"]["body"], "hello");
        assert_eq!(change["message"]["direction"], "in");
        drop(watch);
        for n in 2..5 {
            post(desk, &inbound(&format!("SM{n}"), &format!("text {n}")))
                .await
                .expect(200);
        }
        let mut watch = Watch::open(&agent, Some(&seen)).await;
        for n in 2..5 {
            let (_, change) = watch.next_change("message_received").await;
            assert_eq!(change["message"]["body"], format!("text {n}"));
        }
    })
    .await;
}

#[tokio::test]
async fn who_watches_before_events_are_followed_misses_nothing() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let mut watch = Watch::open(&agent, Some("0.0")).await;
        post(desk, &inbound("SM1", "hello")).await.expect(200);
        follow(desk);
        let (_, change) = watch.next_change("message_received").await;
        assert_eq!(change["message"]["body"], "hello");
    })
    .await;
}

#[tokio::test]
async fn colleagues_see_who_looks_at_a_conversation() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        follow(desk);
        let agent = desk.sign_in_as(Role::Agent).await;
        let mut watch = Watch::open(&agent, None).await;
        watch.next("presence").await;
        post(desk, &inbound("SM1", "hello")).await.expect(200);
        let (_, change) = watch.next_change("message_received").await;
        let id = change["conversation_id"].to_string();
        let colleague = desk.sign_in("Cleo", Role::Agent).await;
        colleague
            .put(&format!("/api/conversations/{id}/presence"), json!({"state": "typing"}))
            .await
            .expect(204);
        let (_, present) = watch.next("presence").await;
        assert_eq!(present["conversations"][&id][0]["name"], "Cleo");
        assert_eq!(present["conversations"][&id][0]["state"], "typing");
    })
    .await;
}

#[tokio::test]
async fn only_who_is_signed_in_may_watch_and_only_from_a_real_place() {
    on_each_database(async |desk| {
        desk.nobody().get("/api/live").await.refused(401, "not_signed_in");
        let agent = desk.sign_in_as(Role::Agent).await;
        agent.get("/api/live?after=nonsense").await.refused(422, "invalid");
    })
    .await;
}

#[tokio::test]
async fn who_is_turned_out_watches_no_longer() {
    on_each_database(async |desk| {
        follow(desk);
        let olive = desk.sign_in_as(Role::Owner).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let cleo = desk.sign_in("Cleo", Role::Agent).await;
        let made = olive
            .post("/api/tokens", json!({"name": "Board", "role": "viewer"}))
            .await
            .expect(201);
        let program = desk.program(made["token"].as_str().unwrap());
        let [stays, out, gone, revoked] = [&olive, &ada, &cleo, &program].map(|who| Watch::open(who, None));
        let (mut stays, out, gone, revoked) = (stays.await, out.await, gone.await, revoked.await);
        stays.next("hello").await;
        ada.delete("/api/session").await.expect(204);
        out.end().await;
        olive
            .patch(&format!("/api/users/{}", cleo.id), json!({"disabled": true}))
            .await
            .expect(200);
        gone.end().await;
        olive.delete(&format!("/api/tokens/{}", made["id"])).await.expect(204);
        revoked.end().await;
        stays.next_change("token_revoked").await;
    })
    .await;
}

#[tokio::test]
async fn who_saw_a_database_that_a_backup_replaced_looks_at_everything_afresh() {
    on_each_database(async |desk| {
        follow(desk);
        let agent = desk.sign_in_as(Role::Agent).await;
        let mut watch = Watch::open(&agent, Some("4000000000000000.4000000000000000")).await;
        watch.next("reload").await;
        agent.patch("/api/session", json!({"name": "Ada L."})).await.expect(200);
        watch.next_change("user_changed").await;
    })
    .await;
}

#[tokio::test]
async fn a_server_whose_live_updates_stand_still_is_not_ready() {
    on_each_database(async |desk| {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let following = tokio::spawn(rapport::live::follow(desk.app.clone(), stopped));
        let agent = desk.sign_in_as(Role::Agent).await;
        let mut watch = Watch::open(&agent, None).await;
        watch.next("hello").await;
        agent.patch("/api/session", json!({"name": "Ada L."})).await.expect(200);
        watch.next_change("user_changed").await;
        stop.send_replace(true);
        following.await.unwrap();
        desk.advance(30);
        desk.nobody().get("/readyz").await.expect(200);
        desk.advance(1);
        desk.nobody().get("/readyz").await.refused(503, "held_up");
    })
    .await;
}
