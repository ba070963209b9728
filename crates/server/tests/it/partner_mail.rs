//! Requests that go to a partner by mail: the letter, its link, and a mail server that is away or says no.

use std::net::SocketAddr;

use domain::people::Role;
use rapport::jobs::work_off;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Desk, PUBLIC_URL, Reply, on_each_database},
    mailbox::{self, Letter, Mailbox},
    scene::{self, ZOE, jobs, text},
};

/// A menu that has a request submitted to the partner `Hotel Mar`.
pub const DINNER: &str = "name: dinner
title: Dinner
when: [{keyword: dinner}]
steps:
  table:
    ask: For when?
    expect: text
  file:
    request: dinner
    summary: 'Table for Zoë: {{ answers.table }}'
  send:
    submit: Hotel Mar
  done:
    end: We have asked the hotel.
";

/// A hotel that gets mail, and a customer whose request is about to leave.
async fn asked(desk: &Desk, mail: SocketAddr, answer: &str) -> Caller {
    scene::channel(desk).await;
    let mara = desk.sign_in_as(Role::Manager).await;
    let settings = json!({"company": "Wander & Stay", "mail": {"smtp_url": format!("smtp://{mail}"), "from": "Wander & Stay <desk@example.com>"}});
    mara.patch("/api/settings", settings).await.expect(200);
    let hotel = json!({"name": "Hotel Mar", "way": "mail", "address": "front@hotel.example"});
    mara.post("/api/partners", hotel).await.expect(201);
    mara.post("/api/flows", json!({"source": DINNER, "enabled": true}))
        .await
        .expect(201);
    text(desk, ZOE, "dinner").await;
    text(desk, ZOE, answer).await;
    mara
}

/// Gives the newest request.
pub async fn request(caller: &Caller) -> Value {
    caller.get("/api/requests").await.expect(200)["items"][0].clone()
}

/// Where the letter's link leads on the desk of the test.
fn link(letter: &Letter) -> String {
    let mut words = letter.body.split_whitespace();
    let url = words
        .find(|word| word.starts_with(PUBLIC_URL))
        .expect("a link is in the letter");
    url[PUBLIC_URL.len()..].to_owned()
}

async fn press(hotel: &Caller, link: &str, button: &str) -> Reply {
    let form = [("status", button), ("note", "Table 4.")];
    Reply::to(hotel.request(Method::POST, link).form(&form)).await
}

/// Gives what the customer was told, oldest first.
pub async fn said(caller: &Caller) -> Vec<String> {
    let list = caller.get("/api/conversations/1/messages").await.expect(200);
    let out = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["direction"] == "out");
    out.map(|one| one["body"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_request_goes_by_mail_and_is_answered_by_its_link() {
    on_each_database(async |desk| {
        let at = mailbox::nowhere().await;
        let mailbox = Mailbox::open(at).await;
        let mara = asked(desk, at, "8 pm\r\nBcc: everyone@example.com").await;
        work_off(&desk.app).await.unwrap();

        let letters = mailbox.letters();
        assert_eq!(letters.len(), 1);
        let letter = &letters[0];
        assert_eq!(
            (letter.from.as_str(), letter.to.as_slice()),
            ("desk@example.com", &["front@hotel.example".to_owned()][..])
        );
        assert!(letter.headers.contains("Subject: "), "{}", letter.headers);
        assert!(
            !letter.headers.contains("\nBcc:"),
            "what a customer writes is no header: {}",
            letter.headers
        );
        for part in ["Wander & Stay", "Table for Zoë: 8 pm", "Request 1"] {
            assert!(letter.body.contains(part), "{part}: {}", letter.body);
        }
        let sent = request(&mara).await;
        assert_eq!(
            (&sent["status"], &sent["status_note"]),
            (&json!("submitted"), &json!(""))
        );

        let (hotel, link) = (desk.nobody(), link(letter));
        let page = hotel.get(&link).await.expect(200);
        assert!(page.as_str().unwrap().contains(">Confirm</button>"), "{page}");
        assert_eq!(
            request(&mara).await["status"],
            "submitted",
            "a mail program looks at links, too"
        );
        let page = press(&hotel, &link, "confirmed").await.expect(200);
        assert!(page.as_str().unwrap().contains("<strong>confirmed</strong>"), "{page}");
        let confirmed = request(&mara).await;
        assert_eq!(
            (&confirmed["status"], &confirmed["status_note"]),
            (&json!("confirmed"), &json!("Table 4."))
        );
        work_off(&desk.app).await.unwrap();
        let told = said(&mara).await.pop().unwrap();
        assert!(
            told.starts_with("Good news: your request") && told.ends_with("is confirmed. Table 4."),
            "{told}"
        );

        let count = said(&mara).await.len();
        press(&hotel, &link, "confirmed").await.expect(200);
        let other = press(&hotel, &link, "declined").await;
        assert_eq!(other.headers["content-type"], "text/html; charset=utf-8");
        let page = other.expect(409);
        assert!(page.as_str().unwrap().contains("<strong>confirmed</strong>"), "{page}");
        assert!(!page.as_str().unwrap().contains("<button"), "{page}");
        assert_eq!(request(&mara).await["status"], "confirmed");
        assert_eq!(said(&mara).await.len(), count, "the customer is told once");

        let wrong = hotel.get("/answers/guess").await;
        assert_eq!(wrong.headers["content-type"], "text/html; charset=utf-8");
        assert!(wrong.expect(404).as_str().unwrap().contains("leads to no request"));
        let wrong = press(&hotel, "/answers/guess", "confirmed").await.expect(404);
        assert!(wrong.as_str().unwrap().contains("leads to no request"), "{wrong}");
    })
    .await;
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_asked_again_ever_later() {
    on_each_database(async |desk| {
        let at = mailbox::nowhere().await;
        let mara = asked(desk, at, "8 pm").await;
        let mut pauses = Vec::new();
        for _ in 1..store::jobs::TRIES {
            work_off(&desk.app).await.unwrap();
            let due = jobs(desk, "submit_request").await[0];
            let pause = (due.0 - desk.app.universe.now().0) / 1_000_000;
            assert_eq!(request(&mara).await["status"], "filed");
            desk.advance(pause);
            pauses.push(pause);
        }
        assert_eq!(pauses[..4], [5, 20, 80, 320]);
        assert!(
            pauses.is_sorted() && pauses.iter().sum::<i64>() > 12 * 3600,
            "{pauses:?}"
        );
        work_off(&desk.app).await.unwrap();
        let failed = request(&mara).await;
        assert_eq!(failed["status"], "failed");
        assert!(failed["status_note"].as_str().unwrap().contains("onnect"), "{failed}");
        let dead = mara.get("/api/jobs").await.expect(200);
        assert_eq!(
            (&dead["items"][0]["kind"], &dead["items"][0]["tries"]),
            (&json!("submit_request"), &json!(10))
        );

        let mailbox = Mailbox::open(at).await;
        mara.post(&format!("/api/jobs/{}/retry", dead["items"][0]["id"]), json!({}))
            .await
            .expect(200);
        work_off(&desk.app).await.unwrap();
        assert_eq!(mailbox.letters().len(), 1);
        assert_eq!(request(&mara).await["status"], "submitted");
        assert_eq!(mara.get("/api/jobs").await.expect(200)["items"], json!([]));
        let page = desk.nobody().get(&link(&mailbox.letters()[0])).await;
        page.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_mail_server_that_says_no_is_not_asked_again_but_not_now_is() {
    on_each_database(async |desk| {
        let at = mailbox::nowhere().await;
        let mailbox = Mailbox::open(at).await;
        mailbox.refuse(Some("451 try later"));
        let mara = asked(desk, at, "8 pm").await;
        work_off(&desk.app).await.unwrap();
        assert_eq!(request(&mara).await["status"], "filed");
        mailbox.refuse(Some("550 no such user"));
        desk.advance(5);
        work_off(&desk.app).await.unwrap();
        let failed = request(&mara).await;
        assert_eq!(failed["status"], "failed");
        assert!(
            failed["status_note"].as_str().unwrap().contains("no such user"),
            "{failed}"
        );
        let dead = mara.get("/api/jobs").await.expect(200);
        assert_eq!(
            (&dead["items"][0]["state"], &dead["items"][0]["tries"]),
            (&json!("dead"), &json!(2))
        );
        assert_eq!(mailbox.letters().len(), 0);
    })
    .await;
}
