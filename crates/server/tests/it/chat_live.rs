//! The chat as it happens: replies, buttons, who types and who has read, through cuts of the line.

use domain::{message::MessageStatus, people::Role};
use rapport::jobs::work_off;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    chat::{Browser, claims, count, jwt, key, open},
    harness::{Caller, Desk, Reply, on_each_database},
    live::{Watch, follow},
    scene,
};

/// Lets an agent answer the first conversation, and the answer leave.
async fn answer(desk: &Desk, ada: &Caller, body: &str) -> Value {
    let reply = ada
        .post("/api/conversations/1/messages", json!({ "body": body }))
        .await
        .expect(201);
    desk.advance(10);
    work_off(&desk.app).await.unwrap();
    reply["id"].clone()
}

#[tokio::test]
async fn who_comes_back_misses_nothing_and_gets_nothing_twice() {
    on_each_database(async |desk| {
        follow(desk);
        let chat = open(desk, json!({})).await;
        let (ann, bob) = (Browser::new(desk, &chat).await, Browser::new(desk, &chat).await);
        ann.say(&chat, ("1", "hello")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let mut watch = ann.watch(&chat, &json!(0)).await;
        let mut others = bob.watch(&chat, &json!(0)).await;
        assert_eq!(watch.next("message").await.1["body"], "hello");
        let first = answer(desk, &ada, "One").await;
        let (_, told) = watch.next("message").await;
        assert_eq!((&told["body"], &told["status"]), (&json!("One"), &json!("sent")));
        let (_, told) = watch.next("message").await;
        assert_eq!((&told["id"], &told["status"]), (&first, &json!("delivered")));
        drop(watch);
        answer(desk, &ada, "Two").await;
        answer(desk, &ada, "Three").await;
        let mut watch = ann.watch(&chat, &first).await;
        let mut bodies = Vec::new();
        while bodies.len() < 4 {
            let (_, told) = watch.next("message").await;
            bodies.push(format!(
                "{} {}",
                told["body"].as_str().unwrap(),
                told["status"].as_str().unwrap()
            ));
        }
        bodies.sort();
        assert_eq!(bodies, ["Three delivered", "Three sent", "Two delivered", "Two sent"]);
        bob.say(&chat, ("1", "my own")).await;
        assert_eq!(
            others.next("message").await.1["body"],
            "my own",
            "others' messages are not told"
        );
    })
    .await;
}

#[tokio::test]
async fn a_reply_goes_on_whose_sending_was_cut_off() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("1", "hello")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let reply = json!({"body": "Here"});
        let reply = ada.post("/api/conversations/1/messages", reply).await.expect(201);
        // As a server leaves it that dies at this moment.
        scene::sent(desk, reply["id"].as_i64().unwrap(), MessageStatus::Sending).await;
        assert_eq!(ann.bodies(&chat).await, ["hello"]);
        desk.advance(10);
        work_off(&desk.app).await.unwrap();
        assert_eq!(ann.bodies(&chat).await, ["hello", "Here"]);
    })
    .await;
}

#[tokio::test]
async fn each_side_sees_that_the_other_types_and_reads() {
    on_each_database(async |desk| {
        follow(desk);
        let chat = open(desk, json!({})).await;
        let ann = Browser::new(desk, &chat).await;
        let said = ann.say(&chat, ("1", "hello")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let mut watch = ann.watch(&chat, &json!(0)).await;
        watch.next("message").await;
        ada.put("/api/conversations/1/presence", json!({"state": "typing"}))
            .await
            .expect(204);
        assert_eq!(watch.next("typing").await.1, json!({"is_typing": true, "name": "Ada"}));
        ada.put("/api/conversations/1/presence", json!({"state": "viewing"}))
            .await
            .expect(204);
        assert_eq!(watch.next("typing").await.1["is_typing"], false);
        ada.put("/api/conversations/1/read", json!({"message_id": said}))
            .await
            .expect(204);
        assert_eq!(watch.next("read").await.1["up_to"], said);
        let mut later = ann.watch(&chat, &said).await;
        assert_eq!(later.next("read").await.1["up_to"], said, "who comes later is told too");

        let mut desk_side = Watch::to(ada.request(Method::GET, "/api/live")).await;
        desk_side.next("presence").await;
        ann.caller.post(&format!("{chat}/typing"), json!({})).await.expect(204);
        assert_eq!(desk_side.next("presence").await.1["typing"], json!([1]));
        ann.say(&chat, ("2", "so")).await;
        assert_eq!(
            desk_side.next("presence").await.1["typing"],
            json!([]),
            "who has sent it types no more"
        );
        desk.advance(4);
        ann.caller.post(&format!("{chat}/typing"), json!({})).await.expect(204);
        assert_eq!(desk_side.next("presence").await.1["typing"], json!([1]));
        desk.advance(7);
        assert_eq!(desk_side.next("presence").await.1["typing"], json!([]));
    })
    .await;
}

const MENU: &str = "name: welcome
when: [{keyword: hello}]
steps:
  what:
    choose: What is it?
    options:
      - room: A room
      - other: Something else
  room:
    say: Rooms are upstairs.
    then: end
  other:
    say: Tell us.
";

#[tokio::test]
async fn a_menu_is_shown_as_buttons() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        let flow = mara.post("/api/flows", json!({ "source": MENU })).await.expect(201);
        let path = format!("/api/flows/{}", flow["id"]);
        mara.patch(&path, json!({"enabled": true, "source": MENU}))
            .await
            .expect(200);
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("1", "hello")).await;
        work_off(&desk.app).await.unwrap();
        let asked = ann.shown(&chat).await.remove(1);
        assert_eq!(asked["body"], "What is it?", "the numbers are for who cannot press");
        assert_eq!(asked["author"]["kind"], "flow");
        let buttons =
            json!([{"label": "A room", "text": "A room"}, {"label": "Something else", "text": "Something else"}]);
        assert_eq!(asked["choices"], buttons);
        desk.advance(5);
        ann.say(&chat, ("2", asked["choices"][0]["text"].as_str().unwrap()))
            .await;
        work_off(&desk.app).await.unwrap();
        assert_eq!(ann.bodies(&chat).await[3], "Rooms are upstairs.");
    })
    .await;
}

#[tokio::test]
async fn who_is_erased_is_forgotten() {
    on_each_database(async |desk| {
        follow(desk);
        let chat = open(desk, json!({})).await;
        let secret = key(desk).await;
        let ann = Browser::signed_in(desk, &chat, &jwt(&secret, &claims(desk, "u1"))).await;
        ann.say(&chat, ("1", "I am a zebrafinch")).await;
        let mut watch = ann.watch(&chat, &json!(0)).await;
        watch.next("message").await;
        let olive = desk.sign_in_as(Role::Owner).await;
        olive.delete("/api/customers/1").await.expect(204);
        watch.end().await;
        ann.caller
            .get(&format!("{chat}/messages"))
            .await
            .refused(401, "unknown_visitor");
        assert_eq!(count(desk, "SELECT COUNT(*) FROM visitors").await, 0);
        assert_eq!(count(desk, "SELECT COUNT(*) FROM visitor_tokens").await, 0);
        assert_eq!(count(desk, "SELECT COUNT(*) FROM messages").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_survey_is_answered_by_a_button() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("1", "hello")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        answer(desk, &ada, "Done").await;
        ada.put("/api/conversations/1/closure", json!({})).await;
        desk.advance(90);
        work_off(&desk.app).await.unwrap();
        work_off(&desk.app).await.unwrap();
        let asked = ann.shown(&chat).await.remove(2);
        assert_eq!(asked["choices"][4], json!({"label": "5", "text": "5"}));
        desk.advance(5);
        ann.say(&chat, ("2", "5")).await;
        work_off(&desk.app).await.unwrap();
        assert_eq!(ann.bodies(&chat).await[4], "Thank you for telling us.");
        assert_eq!(count(desk, "SELECT score FROM surveys").await, 5);
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_along() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let ann = Browser::new(desk, &chat).await;
        let part = reqwest::multipart::Part::bytes(b"%PDF-1.4 bill".to_vec()).file_name("bill.pdf");
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = ann
            .caller
            .request(Method::POST, &format!("{chat}/attachments"))
            .multipart(form);
        let file = Reply::to(request).await.expect(201);
        let message = json!({"id": "1", "attachments": [file["token"]]});
        ann.caller
            .post(&format!("{chat}/messages"), message.clone())
            .await
            .expect(202);
        ann.caller.post(&format!("{chat}/messages"), message).await.expect(202);
        let shown = ann.shown(&chat).await;
        assert_eq!((shown.len(), &shown[0]["attachments"][0]), (1, &file));
        desk.nobody().get(file["url"].as_str().unwrap()).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_reply_goes_to_the_visitor_also_where_texts_were_merged_in() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let chat = open(desk, json!({})).await;
        let (texts, _) = scene::text(desk, scene::ZOE, "hello").await;
        let zoe = Browser::new(desk, &chat).await;
        zoe.say(&chat, ("1", "It is me again")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        ada.post("/api/customers/1/joins", json!({"other_id": 2}))
            .await
            .expect(200);
        scene::text(desk, scene::ZOE, "and by text").await;
        let into = json!({"into_id": 2});
        ada.post(&format!("/api/conversations/{texts}/merge"), into)
            .await
            .expect(200);
        let reply = ada
            .post("/api/conversations/2/messages", json!({"body": "Welcome back"}))
            .await;
        reply.expect(201);
        desk.advance(10);
        work_off(&desk.app).await.unwrap();
        assert_eq!(zoe.bodies(&chat).await, ["It is me again", "Welcome back"]);
    })
    .await;
}
