//! One conversation across channels: the ways to a customer, and a conversation that goes over from one to another.

use domain::{Event, people::Role};
use rapport::jobs::work_off;
use serde_json::{Value, json};

use crate::{
    chat::{Browser, open},
    harness::{Caller, Desk, on_each_database},
    scene::{self, ZOE},
};

/// The texts are the first channel, the chat is the second; Ann has written there.
async fn begin(desk: &Desk) -> (String, Browser, Caller) {
    scene::channel(desk).await;
    let chat = open(desk, json!({})).await;
    let ann = Browser::new(desk, &chat).await;
    let ada = desk.sign_in_as(Role::Agent).await;
    (chat, ann, ada)
}

async fn ways(ada: &Caller) -> Vec<Value> {
    let found = ada.get("/api/conversations/1/channels").await.expect(200);
    let word = |way: &Value| json!([way["channel"]["name"], way["is_current"], way["closed"]]);
    found["items"].as_array().unwrap().iter().map(word).collect()
}

async fn give_number(ada: &Caller) {
    let phone = json!({"kind": "phone", "value": ZOE});
    ada.post("/api/customers/1/identities", phone).await.expect(201);
}

async fn reply(desk: &Desk, ada: &Caller, body: &str) -> Value {
    let path = "/api/conversations/1/messages";
    let sent = ada.post(path, json!({ "body": body })).await.expect(201);
    desk.advance(10);
    work_off(&desk.app).await.unwrap();
    sent
}

#[tokio::test]
async fn a_conversation_goes_over_to_another_channel_and_comes_back() {
    on_each_database(async |desk| {
        let (chat, ann, ada) = begin(desk).await;
        ann.say(&chat, ("1", "hello")).await;
        assert_eq!(ways(&ada).await, [json!(["Website", true, null])], "no number is known");
        let over = json!({"channel_id": 1});
        let path = "/api/conversations/1/channel";
        ada.put(path, over.clone()).await.refused(422, "invalid");
        give_number(&ada).await;
        assert_eq!(
            ways(&ada).await,
            [json!(["Website", true, null]), json!(["Texts", false, null])]
        );
        assert_eq!(
            ada.put(path, over.clone()).await.expect(200)["channel"]["name"],
            "Texts"
        );
        ada.put(path, over.clone()).await.expect(200);
        reply(desk, &ada, "By text now").await;
        assert_eq!(
            ann.bodies(&chat).await,
            ["hello"],
            "what leaves by text is not in the chat"
        );
        assert_eq!(scene::text(desk, ZOE, "thanks").await.0, 1, "the answer joins");
        ann.say(&chat, ("2", "me again")).await;
        let conversation = ada.get("/api/conversations/1").await.expect(200);
        assert_eq!(
            conversation["channel"]["name"], "Website",
            "it comes back with the customer"
        );
        reply(desk, &ada, "Here you are").await;
        assert_eq!(ann.bodies(&chat).await, ["hello", "me again", "Here you are"]);
        let switched = desk.events().await;
        let switched = switched
            .iter()
            .filter(|told| matches!(told.event, Event::ChannelSwitched { .. }));
        assert_eq!(switched.count(), 2, "what changes nothing is not told");

        scene::text(desk, ZOE, "STOP").await;
        assert_eq!(
            ways(&ada).await,
            [json!(["Website", true, null]), json!(["Texts", false, "opted_out"])],
            "a word of the law moves nothing"
        );
        ada.put(path, over).await.refused(409, "opted_out");
        let open = ada.get("/api/conversations?customer=1").await.expect(200);
        assert_eq!(open["items"].as_array().unwrap().len(), 1);
        desk.sign_in_as(Role::Viewer)
            .await
            .put(path, json!({"channel_id": 2}))
            .await
            .refused(403, "forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_menu_goes_on_where_the_conversation_goes() {
    on_each_database(async |desk| {
        let (chat, ann, ada) = begin(desk).await;
        let menu = "name: errand\ntitle: Errand\nwhen:\n  - keyword: [errand]\nsteps:\n  what: { ask: 'What?' }\n  done: { end: 'Noted.' }\n";
        let mara = desk.sign_in_as(Role::Manager).await;
        let flow = json!({"source": menu, "enabled": true});
        mara.post("/api/flows", flow).await.expect(201);
        ann.say(&chat, ("1", "errand")).await;
        give_number(&ada).await;
        ada.put("/api/conversations/1/channel", json!({"channel_id": 1}))
            .await
            .expect(200);
        scene::text(desk, ZOE, "a crib").await;
        work_off(&desk.app).await.unwrap();
        let said = ada.get("/api/conversations/1/messages").await.expect(200);
        let said = said["items"].as_array().unwrap();
        let bodies: Vec<&Value> = said.iter().map(|message| &message["body"]).collect();
        assert_eq!(bodies, ["errand", "What?", "a crib", "Noted."]);
        assert_eq!(ann.bodies(&chat).await, ["errand", "What?"]);
    })
    .await;
}

/// Lets Ann, who gave a number before she wrote, be answered twice, and go away.
async fn leave(desk: &Desk, number: &str) -> (String, Browser, Caller) {
    let (chat, _, ada) = begin(desk).await;
    let mara = desk.sign_in_as(Role::Manager).await;
    let asked = json!({"questions": [{"key": "phone", "label": "Your number"}], "goes_on_by": 1});
    let wrong = json!({"config": {"chat": {"goes_on_by": 2}}});
    mara.patch("/api/channels/2", wrong).await.refused(422, "invalid");
    mara.patch("/api/channels/2", json!({"config": {"chat": asked}}))
        .await
        .expect(200);
    let begun = json!({"answers": {"phone": number}});
    let known = desk.nobody().post(&format!("{chat}/visitors"), begun).await.expect(201);
    let ann = Browser::of(desk, &known);
    ann.say(&chat, ("1", "hello")).await;
    reply(desk, &ada, "One").await;
    reply(desk, &ada, "Two").await;
    (chat, ann, ada)
}

/// Gives what was texted, and not said in the chat.
async fn texted(ada: &Caller) -> Vec<String> {
    let said = ada.get("/api/conversations/1/messages").await.expect(200);
    let said = said["items"].as_array().unwrap().iter();
    let on = said.filter(|message| message["channel_id"] == 1);
    on.map(|message| message["body"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_a_visitor_who_left_has_not_read_goes_on_by_text() {
    on_each_database(async |desk| {
        let (chat, ann, ada) = leave(desk, "(202) 555-0143").await;
        desk.advance(120);
        work_off(&desk.app).await.unwrap();
        assert!(texted(&ada).await.is_empty(), "she may still look");
        desk.advance(90);
        work_off(&desk.app).await.unwrap();
        assert_eq!(texted(&ada).await, ["One", "Two"]);
        work_off(&desk.app).await.unwrap();
        desk.advance(600);
        work_off(&desk.app).await.unwrap();
        assert_eq!(texted(&ada).await.len(), 2, "it is texted once");
        assert_eq!(scene::text(desk, ZOE, "thank you").await.0, 1, "and answered there");
        assert_eq!(ann.bodies(&chat).await, ["hello", "One", "Two"]);
    })
    .await;
}

#[tokio::test]
async fn who_has_read_or_cannot_be_texted_is_not() {
    on_each_database(async |desk| {
        let (chat, ann, ada) = leave(desk, "none").await;
        desk.advance(600);
        work_off(&desk.app).await.unwrap();
        assert!(texted(&ada).await.is_empty(), "what was given is no number");
        give_number(&ada).await;
        let last = ann.shown(&chat).await.pop().unwrap()["id"].clone();
        let read = json!({"up_to": last});
        ann.caller.post(&format!("{chat}/read"), read).await.expect(204);
        reply(desk, &ada, "Three").await;
        let last = ann.shown(&chat).await.pop().unwrap()["id"].clone();
        ann.caller
            .post(&format!("{chat}/read"), json!({"up_to": last}))
            .await
            .expect(204);
        desk.advance(600);
        work_off(&desk.app).await.unwrap();
        assert!(texted(&ada).await.is_empty(), "she has read it");
        reply(desk, &ada, "Four").await;
        scene::text(desk, ZOE, "STOP").await;
        desk.advance(600);
        work_off(&desk.app).await.unwrap();
        assert!(texted(&ada).await.is_empty(), "she said STOP");
    })
    .await;
}
