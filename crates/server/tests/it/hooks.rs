//! Webhooks as providers send them, and as they should not be sent: a clear answer each, nothing lost, nothing doubled.

use std::sync::Arc;

use channel::twilio::signature::sign;
use domain::{ChannelId, InboundId, MessageId, conversation::ReopenRule, message::MessageStatus};
use rapport::jobs;
use serde_json::json;
use store::{channels::Channel, messages::Message, params};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::{Mutex, Notify, OwnedMutexGuard},
};

use crate::harness::{Desk, PUBLIC_URL, Reply, on_each_database};

const TOKEN: &str = "12345";
const HOOK: &str = "main";

/// Stands in for Twilio's REST API, which cannot be had here: keeps what is posted and answers as it is told.
pub struct MockTwilio {
    pub url: String,
    pub posts: Arc<Mutex<Vec<String>>>,
    answer: Arc<Mutex<(String, String)>>,
    /// Whoever holds this keeps all answers back.
    pause: Arc<Mutex<()>>,
    arrived: Arc<Notify>,
}

impl MockTwilio {
    pub async fn start() -> MockTwilio {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let posts = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(Mutex::new((
            "201 X".to_owned(),
            r#"{"sid":"SM900","status":"queued"}"#.to_owned(),
        )));
        let (pause, arrived) = (Arc::default(), Arc::default());
        let mock = MockTwilio {
            url,
            posts,
            answer,
            pause,
            arrived,
        };
        let (kept, answers) = (mock.posts.clone(), mock.answer.clone());
        let (pause, arrived) = (mock.pause.clone(), mock.arrived.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (kept, answers) = (kept.clone(), answers.clone());
                let (pause, arrived) = (pause.clone(), arrived.clone());
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    let mut chunk = [0; 4096];
                    while !is_whole(&request) {
                        match stream.read(&mut chunk).await {
                            Ok(read @ 1..) => request.extend_from_slice(&chunk[..read]),
                            _ => return,
                        }
                    }
                    kept.lock().await.push(String::from_utf8_lossy(&request).into_owned());
                    arrived.notify_one();
                    let _going = pause.lock().await;
                    let (first, body) = answers.lock().await.clone();
                    let head = format!(
                        "HTTP/1.1 {first}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                });
            }
        });
        mock
    }

    /// Keeps all answers back until what this gives is dropped.
    pub async fn pause(&self) -> OwnedMutexGuard<()> {
        self.pause.clone().lock_owned().await
    }

    /// Waits until so many texts were posted.
    pub async fn posted(&self, count: usize) {
        while self.posts.lock().await.len() < count {
            self.arrived.notified().await;
        }
    }

    pub async fn answers(&self, status: u16, body: &str) {
        *self.answer.lock().await = (format!("{status} X"), body.to_owned());
    }

    pub async fn points_to(&self, url: &str) {
        *self.answer.lock().await = (format!("307 X\r\nlocation: {url}"), String::new());
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    length
        .and_then(|length| length.parse().ok())
        .is_none_or(|length: usize| body.len() >= length)
}

pub async fn furnish(desk: &Desk, base_url: &str) -> ChannelId {
    let config = json!({"account_sid": "AC1", "auth_token": TOKEN, "base_url": base_url});
    let channel = Channel {
        id: ChannelId(0),
        name: "Texts".to_owned(),
        kind: "twilio".to_owned(),
        address: "+18005551212".to_owned(),
        hook: HOOK.to_owned(),
        config,
        team_id: None,
        reopen: ReopenRule::Within,
        reopen_days: 5,
        segments_per_second: 1_000,
        created_at: desk.app.universe.now(),
        disabled_at: None,
    };
    desk.app
        .store
        .write(move |tx| store::channels::insert(tx, &channel))
        .await
        .expect("the channel is there")
}

pub fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub fn inbound(sid: &str, body: &str) -> Vec<(String, String)> {
    form(&[
        ("MessageSid", sid),
        ("AccountSid", "AC1"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Body", body),
    ])
}

pub async fn post(desk: &Desk, params: &[(String, String)]) -> Reply {
    post_to(desk, "", params).await
}

pub async fn post_to(desk: &Desk, query: &str, params: &[(String, String)]) -> Reply {
    let path = format!("/hooks/{HOOK}{query}");
    let signature = sign(TOKEN, &format!("{PUBLIC_URL}{path}"), params);
    let request = desk.nobody().request(reqwest::Method::POST, &path).form(params);
    Reply::to(request.header("x-twilio-signature", signature)).await
}

pub async fn all_messages(desk: &Desk) -> Vec<Message> {
    let look = |tx: &mut store::Tx| {
        let rows = tx.query("SELECT id FROM messages ORDER BY id", params![])?;
        let ids = rows
            .iter()
            .map(|row| row.get(0))
            .collect::<Result<Vec<MessageId>, _>>()?;
        let mut found = store::messages::get_all(tx, &ids)?;
        found.sort_by_key(|message| message.id);
        Ok::<_, store::Error>(found)
    };
    desk.app.store.read(look).await.expect("messages can be read")
}

pub async fn failed(desk: &Desk) -> Vec<store::inbound::Inbound> {
    let look = |tx: &mut store::Tx| store::inbound::list(tx, "failed", InboundId(i64::MAX), 100);
    desk.app.store.read(look).await.expect("the queue can be read")
}

#[tokio::test]
async fn a_text_is_kept_once_however_often_it_is_posted() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let first = post(desk, &inbound("SM1", "hello")).await;
        assert_eq!(
            (first.status, first.headers["content-type"].to_str().unwrap()),
            (200, "text/xml")
        );
        let params = inbound("SM1", "hello");
        let again = (0..8).map(|_| post(desk, &params));
        for reply in futures::future::join_all(again).await {
            assert_eq!(reply.status, 200);
        }
        assert_eq!(all_messages(desk).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn zero_characters_lose_no_text() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let mut params = inbound("S\0M1", "hel\0lo");
        params.extend(form(&[
            ("MediaUrl0", "https://media.example.com/\0a"),
            ("MediaContentType0", "image/\0png"),
            ("ProfileName", "\0"),
        ]));
        assert_eq!(post(desk, &params).await.status, 200);
        let news = form(&[("MessageSid", "SM1"), ("MessageStatus", "lo\0st")]);
        assert_eq!(post(desk, &news).await.status, 200);
        let [text] = &all_messages(desk).await[..] else {
            panic!("one text")
        };
        assert_eq!(
            (text.body.as_str(), text.provider_id.as_deref()),
            ("hello", Some("SM1"))
        );
        let [news] = &failed(desk).await[..] else {
            panic!("one failed")
        };
        assert_eq!(news.error.as_deref(), Some("'lost' is not a known message status"));
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_in_without_the_right_signature() {
    on_each_database(async |desk| {
        let channel = furnish(desk, "http://127.0.0.1:9").await;
        let path = format!("/hooks/{HOOK}");
        let params = inbound("SM1", "hello");
        let unsigned = desk.nobody().request(reqwest::Method::POST, &path).form(&params);
        Reply::to(unsigned).await.refused(403, "wrong_signature");
        let signature = sign("another token", &format!("{PUBLIC_URL}{path}"), &params);
        let forged = desk.nobody().request(reqwest::Method::POST, &path).form(&params);
        Reply::to(forged.header("x-twilio-signature", signature))
            .await
            .refused(403, "wrong_signature");
        // The signature is over the address that the company has set up, whatever a caller says of how it came.
        let elsewhere = sign(TOKEN, &format!("http://elsewhere.example{path}"), &params);
        let posing = desk.nobody().request(reqwest::Method::POST, &path).form(&params);
        let posing = posing
            .header("x-forwarded-host", "elsewhere.example")
            .header("x-forwarded-proto", "http")
            .header("forwarded", "host=elsewhere.example;proto=http");
        Reply::to(posing.header("x-twilio-signature", elsewhere))
            .await
            .refused(403, "wrong_signature");
        let changed = inbound("SM1", "hello, changed on the way");
        let signature = sign(TOKEN, &format!("{PUBLIC_URL}{path}"), &params);
        let tampered = desk.nobody().request(reqwest::Method::POST, &path).form(&changed);
        Reply::to(tampered.header("x-twilio-signature", signature))
            .await
            .refused(403, "wrong_signature");
        desk.nobody()
            .post("/hooks/nowhere", json!({}))
            .await
            .refused(404, "not_found");
        assert_eq!(all_messages(desk).await, []);
        let look = move |tx: &mut store::Tx| {
            tx.query_one(
                "SELECT COUNT(*) FROM channel_refusals WHERE channel_id = ?1",
                params![channel],
            )?
            .get(0)
        };
        let refusals: i64 = desk.app.store.read(look).await.unwrap();
        assert_eq!(refusals, 4, "the channel's health page shows them");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_understood_stays_to_be_looked_at() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let no_sender = form(&[("MessageSid", "SM7"), ("Body", "from nobody")]);
        assert_eq!(
            post(desk, &no_sender).await.status,
            200,
            "it is on disk, so it is acknowledged"
        );
        let failed = failed(desk).await;
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].error.as_deref(), Some("the field From is missing"));
        assert!(String::from_utf8_lossy(&failed[0].body).contains("from+nobody"));
        assert_eq!(post(desk, &no_sender).await.status, 200);
        assert_eq!(
            super::hooks::failed(desk).await.len(),
            1,
            "a repeated one is not kept twice"
        );
    })
    .await;
}

#[tokio::test]
async fn long_strange_and_right_to_left_texts_stay_as_they_are() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let long = "long text ".repeat(1_000);
        let texts = [
            "👩‍👩‍👧‍👦🏳️‍🌈 family",
            "שלום, יש חדר פנוי?",
            "مرحبا",
            "我要订房",
            "\u{202e}evil",
            "a\u{0}b",
            long.as_str(),
        ];
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(
                post(desk, &inbound(&format!("SM{n}"), text)).await.status,
                200,
                "{text:.20}"
            );
        }
        let kept: Vec<String> = all_messages(desk)
            .await
            .into_iter()
            .map(|message| message.body)
            .collect();
        // PostgreSQL cannot hold a NUL, so it is taken out on both.
        let expected = texts.map(|text| text.replace('\u{0}', ""));
        assert_eq!(kept, expected);
    })
    .await;
}

#[tokio::test]
async fn a_body_too_large_or_not_utf_8_is_refused_or_kept_for_a_look() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let path = format!("/hooks/{HOOK}");
        let large = desk
            .nobody()
            .request(reqwest::Method::POST, &path)
            .body(vec![b'a'; 27 * 1024 * 1024]);
        let status = match large.send().await {
            Ok(response) => response.status().as_u16(),
            // The server may close the line before all has been sent.
            Err(_) => 413,
        };
        assert_eq!(status, 413);
        let raw = "MessageSid=SM1&From=%2B14158675309&To=%2B18005551212&Body=%FF%FE";
        let bad = desk.nobody().request(reqwest::Method::POST, &path).body(raw);
        let bad = Reply::to(bad.header("content-type", "application/x-www-form-urlencoded")).await;
        assert!((400..500).contains(&bad.status), "{}", bad.status);
        assert_eq!(all_messages(desk).await, []);
    })
    .await;
}

/// Queues an agent's answer to the customer's text and lets the job send it.
async fn reply(desk: &Desk, body: &str) -> MessageId {
    let now = desk.app.universe.now();
    let body = body.to_owned();
    let queued = desk.app.store.write(move |tx| {
        let row = tx.query_one("SELECT id FROM conversations ORDER BY id LIMIT 1", params![])?;
        let conversation = store::conversations::get(tx, row.get(0)?)?.ok_or(store::Error::NotFound)?;
        let moment = rapport::desk::Moment {
            now,
            actor: domain::Actor::SYSTEM,
        };
        let text = rapport::desk::outbound::Outgoing::now(domain::message::Author::System, None, body.clone());
        rapport::desk::outbound::queue(tx, &moment, &conversation, text)
    });
    let id = queued.await.expect("it is queued").id;
    jobs::work_off(&desk.app).await.expect("jobs run");
    id
}

pub async fn status(desk: &Desk, id: MessageId) -> MessageStatus {
    let found = desk.app.store.read(move |tx| store::messages::get(tx, id)).await;
    found.expect("it can be read").expect("it is there").status
}

#[tokio::test]
async fn an_answer_reaches_the_provider_once_and_its_news_come_in_any_order() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        furnish(desk, &twilio.url).await;
        twilio.posts.lock().await.clear();
        twilio.answers(201, r#"{"sid":"SM900","status":"queued"}"#).await;
        post(desk, &inbound("SM1", "hello")).await.expect(200);
        let id = reply(desk, "Hello back").await;
        jobs::work_off(&desk.app).await.unwrap();
        let posts = twilio.posts.lock().await.clone();
        assert_eq!(posts.len(), 1, "{posts:?}");
        assert!(
            posts[0].contains("Body=Hello+back") && posts[0].contains("To=%2B14158675309"),
            "{}",
            posts[0]
        );
        assert_eq!(status(desk, id).await, MessageStatus::Sent);
        let news = |word: &str| form(&[("MessageSid", "SM900"), ("MessageStatus", word), ("AccountSid", "AC1")]);
        let query = format!("?message={id}");
        for (word, expected) in [
            ("delivered", MessageStatus::Delivered),
            ("sent", MessageStatus::Delivered),
            ("failed", MessageStatus::Delivered),
            ("read", MessageStatus::Read),
        ] {
            post_to(desk, &query, &news(word)).await.expect(200);
            assert_eq!(status(desk, id).await, expected, "after {word}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_says_opted_out_is_believed_and_one_that_is_busy_is_asked_again() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        furnish(desk, &twilio.url).await;
        post(desk, &inbound("SM1", "hello")).await.expect(200);
        twilio.answers(429, r#"{"code":20429,"message":"too many"}"#).await;
        let busy = reply(desk, "First").await;
        assert_eq!(status(desk, busy).await, MessageStatus::Queued);
        twilio.answers(201, r#"{"sid":"SM901","status":"queued"}"#).await;
        desk.advance(60);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(status(desk, busy).await, MessageStatus::Sent);
        twilio.answers(400, r#"{"code":21610,"message":"unsubscribed"}"#).await;
        let refused = reply(desk, "Second").await;
        assert_eq!(status(desk, refused).await, MessageStatus::Failed);
        let standing = desk
            .app
            .store
            .read(|tx| store::consent::newest(tx, "+14158675309", ChannelId(1)))
            .await;
        let newest = standing.unwrap().unwrap();
        assert_eq!(
            (newest.change.as_str(), newest.source.as_str()),
            ("opted_out", "provider")
        );
    })
    .await;
}

#[tokio::test]
async fn a_crash_while_sending_leaves_a_text_unconfirmed_and_never_sends_it_twice() {
    let twilio = MockTwilio::start().await;
    on_each_database(async |desk| {
        furnish(desk, &twilio.url).await;
        twilio.posts.lock().await.clear();
        post(desk, &inbound("SM1", "hello")).await.expect(200);
        twilio.answers(201, r#"{"sid":"SM902","status":"queued"}"#).await;
        // As if the process had died between the mark and the note of the outcome.
        let (now, later) = (desk.app.universe.now(), desk.app.universe.now().plus_seconds(60));
        let left = desk.app.store.write(move |tx| {
            let row = tx.query_one("SELECT id FROM conversations ORDER BY id LIMIT 1", params![])?;
            let conversation = store::conversations::get(tx, row.get(0)?)?.ok_or(store::Error::NotFound)?;
            let moment = rapport::desk::Moment {
                now,
                actor: domain::Actor::SYSTEM,
            };
            let text = rapport::desk::outbound::Outgoing::now(domain::message::Author::System, None, "Half sent");
            let message = rapport::desk::outbound::queue(tx, &moment, &conversation, text)?;
            store::jobs::lease(tx, "a process that is gone", now, later, store::jobs::Room::any(10))?;
            let none = store::messages::Outcome::default();
            store::messages::advance(tx, message.id, &[message.status], MessageStatus::Sending, &none)?;
            Ok::<_, rapport::http::problem::Problem>(message.id)
        });
        let id = left.await.unwrap();
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(
            status(desk, id).await,
            MessageStatus::Sending,
            "its lease has not run out"
        );
        desk.advance(61);
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(status(desk, id).await, MessageStatus::Unconfirmed);
        assert_eq!(twilio.posts.lock().await.len(), 0, "the provider is not called again");
        let news = form(&[
            ("MessageSid", "SM902"),
            ("MessageStatus", "delivered"),
            ("AccountSid", "AC1"),
        ]);
        post_to(desk, &format!("?message={id}"), &news).await.expect(200);
        assert_eq!(
            status(desk, id).await,
            MessageStatus::Delivered,
            "the provider's word settles it"
        );
    })
    .await;
}
