//! The chat: visitors write and are answered, by a token of theirs or one of the company's, and nothing is lost or shown to others.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Time, message::MessageStatus, people::Role};
use hmac::{Hmac, KeyInit, Mac};
use rapport::jobs::work_off;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    harness::{Caller, Desk, Reply, on_each_database},
    live::Watch,
    scene,
};

/// Opens a chat and gives the path it is at.
pub async fn open(desk: &Desk, chat: Value) -> String {
    let mara = desk.sign_in_as(Role::Manager).await;
    let new = json!({"name": "Website", "kind": "chat", "reopen": "always", "config": {"chat": chat}});
    let made = mara.post("/api/channels", new).await.expect(201);
    format!("/chat/{}", made["id"])
}

/// Gives the chat another key.
pub async fn key(desk: &Desk) -> String {
    let mara = desk.sign_in_as(Role::Manager).await;
    let key = mara.post("/api/channels/1/keys", json!({})).await.expect(201);
    key["secret"].as_str().unwrap().to_owned()
}

/// A visitor's browser.
pub struct Browser {
    /// Calls with the visitor's token.
    pub caller: Caller,
    /// The visitor's address.
    pub id: String,
    /// The visitor's token.
    pub token: String,
}

impl Browser {
    /// Gives the browser that keeps this.
    pub fn of(desk: &Desk, known: &Value) -> Browser {
        let token = known["token"].as_str().unwrap().to_owned();
        Browser {
            caller: desk.program(&token),
            id: known["id"].as_str().unwrap().to_owned(),
            token,
        }
    }

    /// Comes to the chat for the first time.
    pub async fn new(desk: &Desk, chat: &str) -> Browser {
        let known = desk
            .nobody()
            .post(&format!("{chat}/visitors"), json!({}))
            .await
            .expect(201);
        Browser::of(desk, &known)
    }

    /// Comes by a token of the company's.
    pub async fn signed_in(desk: &Desk, chat: &str, identity: &str) -> Browser {
        Browser::of(desk, &sign_in(&desk.nobody(), chat, identity).await.expect(201))
    }

    /// Says something.
    pub async fn say(&self, chat: &str, (id, body): (&str, &str)) -> Value {
        let message = json!({"id": id, "body": body});
        self.caller.post(&format!("{chat}/messages"), message).await.expect(202)["id"].clone()
    }

    /// Gives all that the visitor sees.
    pub async fn shown(&self, chat: &str) -> Vec<Value> {
        let page = self.caller.get(&format!("{chat}/messages")).await.expect(200);
        page["items"].as_array().unwrap().clone()
    }

    /// Watches from behind a message on.
    pub async fn watch(&self, chat: &str, after: &Value) -> Watch {
        let path = format!("{chat}/live?after={after}");
        Watch::to(self.caller.request(Method::GET, &path)).await
    }

    /// Gives the words of all that the visitor sees.
    pub async fn bodies(&self, chat: &str) -> Vec<String> {
        let shown = self.shown(chat).await;
        shown
            .iter()
            .map(|message| message["body"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Brings an identity to the chat.
pub async fn sign_in(caller: &Caller, chat: &str, identity: &str) -> Reply {
    caller
        .post(&format!("{chat}/visitors"), json!({ "identity": identity }))
        .await
}

/// Signs what the company says of a user, as its website does.
pub fn jwt(secret: &str, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let said = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(said.as_bytes());
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// What the company says of a user.
pub fn claims(desk: &Desk, user: &str) -> Value {
    let now = desk.app.universe.now().seconds_since(Time(0)) as i64;
    json!({"sub": user, "iat": now, "exp": now + 300})
}

/// Asks the database for a number.
pub async fn count(desk: &Desk, sql: &'static str) -> i64 {
    let read = move |tx: &mut store::Tx| tx.query_one(sql, store::params![])?.get(0);
    desk.app.store.read(read).await.unwrap()
}

#[tokio::test]
async fn what_a_visitor_writes_comes_to_the_desk_once() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({"colour": "#1A73E8", "texts": {"title": "Hello"}})).await;
        let about = desk.nobody().get(&chat).await;
        assert_eq!(about.headers["cache-control"], "public, max-age=30");
        let about = about.expect(200);
        assert_eq!(
            (&about["colour"], &about["texts"]["title"]),
            (&json!("#1a73e8"), &json!("Hello"))
        );
        assert_eq!(
            (&about["is_open"], &about["verified_only"]),
            (&json!(true), &json!(false))
        );

        let mara = desk.sign_in_as(Role::Manager).await;
        mara.patch("/api/session", json!({"availability": "away"}))
            .await
            .expect(200);
        assert_eq!(
            desk.nobody().get(&chat).await.expect(200)["is_open"],
            false,
            "nobody is there"
        );

        let ann = Browser::new(desk, &chat).await;
        assert_eq!(
            count(desk, "SELECT COUNT(*) FROM customers").await,
            0,
            "who only looks is no customer"
        );
        let id = ann.say(&chat, ("m1", "Do you have cots?")).await;
        assert!(id.is_i64());
        assert_eq!(
            ann.say(&chat, ("m1", "Do you have cots?")).await,
            id,
            "the same id is the same message"
        );
        let bob = Browser::new(desk, &chat).await;
        assert_ne!(
            bob.say(&chat, ("m1", "Is there a pool?")).await,
            id,
            "ids are each widget's own"
        );
        assert_eq!(ann.bodies(&chat).await, ["Do you have cots?"]);
        assert_eq!(
            bob.bodies(&chat).await,
            ["Is there a pool?"],
            "others' messages are not shown"
        );
        let shown = ann.shown(&chat).await.remove(0);
        assert_eq!((&shown["client_id"], &shown["direction"]), (&json!("m1"), &json!("in")));
        assert_eq!(
            (&shown["status"], &shown["author"]["kind"]),
            (&json!("received"), &json!("customer"))
        );

        assert_eq!(
            count(desk, "SELECT COUNT(*) FROM inbound WHERE state = 'done'").await,
            2
        );
    })
    .await;
}

#[tokio::test]
async fn a_visitor_is_a_customer_like_any_other() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("m1", "Do you have cots?")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let conversation = ada.get("/api/conversations/1").await.expect(200);
        assert_eq!(conversation["channel"]["kind"], "chat");
        assert_eq!(conversation["customer"]["address"], ann.id.as_str());
        assert!(conversation["waiting_since"].is_string());
        let customer = ada.get("/api/customers/1").await.expect(200);
        let identity = &customer["identities"][0];
        assert_eq!(
            (&identity["kind"], &identity["value"]),
            (&json!("chat"), &json!(ann.id))
        );
        assert_eq!(customer["consent"], json!([]), "consent is about texts");
        let events = desk.events().await;
        let kinds: Vec<String> = events
            .iter()
            .map(|happening| json!(happening.event)["kind"].to_string())
            .collect();
        assert_eq!(kinds.iter().filter(|kind| kind.contains("message_received")).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn who_may_not_write_is_told_so() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({"origins": ["https://www.example.com/"]})).await;
        let path = format!("{chat}/messages");
        let message = json!({"id": "1", "body": "hello"});
        desk.nobody().get(&path).await.refused(401, "unknown_visitor");
        desk.program("made up")
            .post(&path, message.clone())
            .await
            .refused(401, "unknown_visitor");
        let ann = Browser::new(desk, &chat).await;
        let from = async |origin: &str| {
            let request = ann.caller.request(Method::POST, &path).header("origin", origin);
            Reply::to(request.json(&message)).await
        };
        from("https://evil.example").await.refused(403, "forbidden");
        let told = from("https://www.example.com").await;
        assert_eq!(told.headers["access-control-allow-origin"], "*");
        assert_eq!(told.headers["cross-origin-resource-policy"], "cross-origin");
        told.expect(202);
        from(&desk.url).await.expect(202);
        let asked = ann
            .caller
            .request(Method::OPTIONS, &path)
            .header("origin", "https://www.example.com");
        let asked = asked.header("access-control-request-method", "POST");
        let asked = Reply::to(asked.header("access-control-request-headers", "authorization,content-type")).await;
        assert!(asked.status < 300);
        let allowed = asked.headers["access-control-allow-headers"]
            .to_str()
            .unwrap()
            .to_lowercase();
        assert!(allowed.contains("authorization"), "{allowed}");

        for (wrong, field) in [
            (json!({"id": "2", "body": " "}), "body"),
            (json!({"id": "", "body": "x"}), "id"),
            (json!({"id": "x".repeat(101), "body": "x"}), "id"),
            (
                json!({"id": "2", "body": "x", "attachments": ["nothing"]}),
                "attachments",
            ),
        ] {
            let refusal = ann.caller.post(&path, wrong).await.refused(422, "invalid");
            assert!(refusal["fields"][field].is_string(), "{refusal}");
        }
        for n in 0..59 {
            ann.say(&chat, (&format!("n{n}"), "again")).await;
        }
        let flood = ann.caller.post(&path, json!({"id": "n60", "body": "again"})).await;
        assert!(flood.headers.contains_key("retry-after"));
        flood.refused(429, "too_many");

        let mara = desk.sign_in_as(Role::Manager).await;
        mara.patch("/api/channels/1", json!({"disabled": true}))
            .await
            .expect(200);
        desk.nobody().get(&chat).await.refused(404, "not_found");
        ann.caller.get(&path).await.refused(404, "not_found");
        scene::channel(desk).await;
        desk.nobody().get("/chat/2").await.refused(404, "not_found");
        desk.nobody().get("/chat/9/x").await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_chat_knows_no_words_of_the_law() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("1", "STOP")).await;
        work_off(&desk.app).await.unwrap();
        assert_eq!(ann.bodies(&chat).await, ["STOP"], "nobody but a person answers");
        assert_eq!(count(desk, "SELECT COUNT(*) FROM consent").await, 0);
        let ada = desk.sign_in_as(Role::Agent).await;
        assert!(ada.get("/api/conversations/1").await.expect(200)["waiting_since"].is_string());
        let reply = json!({"body": "Stop what? ".repeat(400)});
        let reply = ada.post("/api/conversations/1/messages", reply).await.expect(201);
        assert_eq!(reply["segments"], 0, "no carrier counts it");
    })
    .await;
}

#[tokio::test]
async fn answers_before_the_first_message_come_onto_the_file() {
    on_each_database(async |desk| {
        let questions =
            json!([{"key": "name", "label": "Your name", "is_required": true}, {"key": "order", "label": "Order"}]);
        let chat = open(desk, json!({ "questions": questions })).await;
        assert_eq!(
            desk.nobody().get(&chat).await.expect(200)["questions"][0]["key"],
            "name"
        );
        let visitors = format!("{chat}/visitors");
        let none = desk.nobody().post(&visitors, json!({"answers": {"name": " "}})).await;
        none.refused(422, "invalid");
        let answers = json!({"answers": {"name": " Ann ", "order": "7", "role": "owner"}});
        let known = desk.nobody().post(&visitors, answers).await.expect(201);
        Browser::of(desk, &known).say(&chat, ("1", "hello")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let customer = ada.get("/api/customers/1").await.expect(200);
        assert_eq!(
            (&customer["name"], &customer["traits"]),
            (&json!("Ann"), &json!({"order": "7"}))
        );
        let mara = desk.sign_in_as(Role::Manager).await;
        for wrong in [
            json!({"questions": [{"key": "Name!", "label": "x"}]}),
            json!({"colour": "red"}),
            json!({"origins": ["example.com"]}),
        ] {
            let change = json!({"config": {"chat": wrong}});
            mara.patch("/api/channels/1", change).await.refused(422, "invalid");
        }
    })
    .await;
}

#[tokio::test]
async fn a_reply_reaches_the_visitor_and_is_read() {
    on_each_database(async |desk| {
        let chat = open(desk, json!({})).await;
        let ann = Browser::new(desk, &chat).await;
        ann.say(&chat, ("1", "hello")).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let reply = ada
            .post("/api/conversations/1/messages", json!({"body": "Hello Ann"}))
            .await
            .expect(201);
        let status = async || {
            let page = ada.get("/api/conversations/1/messages").await.expect(200);
            page["items"][1]["status"].as_str().unwrap().to_owned()
        };
        assert_eq!(ann.bodies(&chat).await.len(), 1, "it can still be taken back");
        ann.say(&chat, ("2", "anybody?")).await;
        desk.advance(10);
        work_off(&desk.app).await.unwrap();
        assert_eq!(status().await, MessageStatus::Sent.as_str());
        let after = ann.caller.get(&format!("{chat}/messages?after=3")).await.expect(200);
        let late = &after["items"][0];
        assert_eq!(
            (&late["id"], &late["body"]),
            (&reply["id"], &json!("Hello Ann")),
            "what left later is not lost"
        );
        assert_eq!(late["author"], json!({"kind": "agent", "name": "Ada"}));
        assert_eq!(status().await, MessageStatus::Delivered.as_str());
        let read = format!("{chat}/read");
        ann.caller.post(&read, json!({"up_to": 3})).await.expect(204);
        assert_eq!(status().await, MessageStatus::Read.as_str());
        ada.post(
            "/api/conversations",
            json!({"customer_id": 1, "channel_id": 1, "body": "One more thing"}),
        )
        .await
        .expect(201);
        let number = json!({"phone": "+12025550143", "channel_id": 1, "body": "x"});
        ada.post("/api/conversations", number).await.refused(422, "invalid");
    })
    .await;
}
