//! Requests that go to a partner by webhook: signed, tried again where it must be, answered by one link, and never sent to
//! what stands beside the server.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{PartnerId, people::Role, request::PartnerWay};
use hmac::{Hmac, KeyInit, Mac};
use rapport::jobs::work_off;
use serde_json::{Value, json};
use sha2::Sha256;
use store::requests::{self, Partner};

use crate::{
    harness::{Caller, Desk, on_each, on_each_database},
    hooks::MockTwilio,
    partner_mail::{DINNER, request, said},
    scene::{self, ZOE, text, told},
};

/// Furnishes a desk whose customer's request is about to leave for a webhook; gives the partner's secret too.
async fn asked(desk: &Desk, url: &str) -> (Caller, String) {
    let mara = desk.sign_in_as(Role::Manager).await;
    let hotel = json!({"name": "Hotel Mar", "way": "webhook", "address": url});
    let hotel = mara.post("/api/partners", hotel).await.expect(201);
    order(desk, &mara).await;
    (mara, hotel["secret"].as_str().unwrap().to_owned())
}

async fn order(desk: &Desk, mara: &Caller) {
    scene::channel(desk).await;
    let menu = json!({"source": DINNER, "enabled": true});
    mara.post("/api/flows", menu).await.expect(201);
    text(desk, ZOE, "dinner").await;
    text(desk, ZOE, "8 pm").await;
}

/// What a partner got.
struct Post {
    head: String,
    body: String,
}

impl Post {
    fn read(post: &str) -> Post {
        let (head, body) = post.split_once("\r\n\r\n").expect("a request with a body");
        Post {
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).expect(name).1
    }

    /// Signs as standardwebhooks.com says, with nothing of ours.
    fn signature(&self, secret: &str) -> String {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!((24..=64).contains(&key.len()), "the standard's length of a key");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{time}.{}", self.body).as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Where the partner answers, on the desk of the test.
    fn link(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        let url = body["data"]["answer_url"].as_str().unwrap();
        url[url.find("/answers/").expect("it is the link to answer by")..].to_owned()
    }
}

async fn posts(hotel: &MockTwilio) -> Vec<Post> {
    hotel.posts.lock().await.iter().map(|post| Post::read(post)).collect()
}

#[tokio::test]
async fn a_request_goes_signed_is_tried_again_and_its_answer_is_told() {
    on_each_database(async |desk| {
        let hotel = MockTwilio::start().await;
        hotel.answers(500, "").await;
        let (mara, secret) = asked(desk, &hotel.url).await;
        work_off(&desk.app).await.unwrap();
        assert_eq!(request(&mara).await["status"], "filed");
        hotel.answers(200, "").await;
        work_off(&desk.app).await.unwrap();
        assert_eq!(posts(&hotel).await.len(), 1, "it is not time yet");
        desk.advance(5);
        work_off(&desk.app).await.unwrap();
        let sent = request(&mara).await;
        assert_eq!(
            (&sent["status"], &sent["status_note"]),
            (&json!("submitted"), &json!(""))
        );

        let posts = posts(&hotel).await;
        assert_eq!(posts.len(), 2);
        for (post, time) in posts.iter().zip(["1772618400", "1772618405"]) {
            assert_eq!(post.header("webhook-id"), "request_1", "the same request both times");
            assert_eq!(post.header("webhook-timestamp"), time);
            assert_eq!(post.header("content-type"), "application/json");
            assert_eq!(post.header("webhook-signature"), post.signature(&secret));
            assert_eq!(post.link(), posts[0].link());
        }
        let body: Value = serde_json::from_str(&posts[1].body).unwrap();
        assert_eq!(body["type"], "request.submitted");
        assert_eq!(body["data"]["summary"], "Table for Zoë: 8 pm");

        let link = posts[0].link();
        let answer = json!({"status": "confirmed", "note": "Table 4.", "reference": "R-7"});
        let answered = desk.nobody().post(&link, answer.clone()).await.expect(200);
        assert_eq!(answered["status"], "confirmed");
        desk.nobody().post(&link, answer).await.expect(200);
        let declined = json!({"status": "declined"});
        desk.nobody().post(&link, declined).await.refused(409, "answered");
        work_off(&desk.app).await.unwrap();
        let confirmed = request(&mara).await;
        assert_eq!(
            (&confirmed["status"], &confirmed["status_note"], &confirmed["reference"]),
            (&json!("confirmed"), &json!("Table 4."), &json!("R-7"))
        );
        let said = said(&mara).await;
        let news: Vec<_> = said
            .iter()
            .filter(|text| text.contains("is confirmed. Table 4."))
            .collect();
        assert_eq!(news.len(), 1, "the customer is told once: {said:?}");
    })
    .await;
}

#[tokio::test]
async fn a_request_that_cannot_be_submitted_says_so_everywhere() {
    on_each_database(async |desk| {
        let hotel = MockTwilio::start().await;
        hotel.answers(500, "").await;
        let (mara, _) = asked(desk, &hotel.url).await;
        for _ in 0..store::jobs::TRIES {
            work_off(&desk.app).await.unwrap();
            desk.advance(6 * 3_600);
        }
        let failed = request(&mara).await;
        let note = "Hotel Mar answered 500 Internal Server Error";
        assert_eq!(
            (&failed["status"], &failed["status_note"]),
            (&json!("failed"), &json!(note))
        );
        let events = told(&mara, 1).await;
        assert!(
            events
                .iter()
                .any(|event| event.contains("request_changed") && event.contains(note)),
            "{events:#?}"
        );
        let dead = mara.get("/api/jobs").await.expect(200);
        let dead = &dead["items"][0];
        assert_eq!(
            (&dead["kind"], &dead["error"]),
            (&json!("submit_request"), &json!(note))
        );
        assert_eq!(posts(&hotel).await.len(), 10);

        hotel.answers(204, "").await;
        let again = format!("/api/jobs/{}/retry", dead["id"]);
        mara.post(&again, json!({})).await.expect(200);
        work_off(&desk.app).await.unwrap();
        assert_eq!(request(&mara).await["status"], "submitted");
    })
    .await;
}

#[tokio::test]
async fn a_partner_points_nowhere_else() {
    on_each_database(async |desk| {
        let (hotel, other) = (MockTwilio::start().await, MockTwilio::start().await);
        hotel.points_to(&other.url).await;
        let (mara, _) = asked(desk, &hotel.url).await;
        work_off(&desk.app).await.unwrap();
        assert_eq!(posts(&hotel).await.len(), 1);
        assert_eq!(posts(&other).await.len(), 0);
        assert_eq!(request(&mara).await["status"], "filed");
    })
    .await;
}

#[tokio::test]
async fn a_partner_is_not_beside_the_server_unless_that_is_allowed() {
    let guarded = |config: &mut rapport::config::Config| config.allow_private_addresses = false;
    on_each(guarded, async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let partner = |address: &str| json!({"name": "Hotel Mar", "way": "webhook", "address": address});
        for address in [
            "http://127.0.0.1:8080/hook",
            "http://localhost/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://0/",
        ] {
            let problem = mara
                .post("/api/partners", partner(address))
                .await
                .refused(422, "invalid");
            let words = problem["fields"]["address"].as_str().unwrap();
            assert!(words.contains("allow_private_addresses"), "{address}: {words}");
        }
        let nonsense = mara.post("/api/partners", partner("https://")).await;
        nonsense.refused(422, "invalid");
        let made = mara
            .post("/api/partners", partner("https://hotel.example.com/"))
            .await
            .expect(201);
        let path = format!("/api/partners/{}", made["id"]);
        let inside = json!({"address": "http://10.0.0.1/"});
        mara.patch(&path, inside).await.refused(422, "invalid");

        // One from before is not called either, and the request says why.
        let hotel = MockTwilio::start().await;
        let before = Partner {
            id: PartnerId(made["id"].as_i64().unwrap()),
            name: "Hotel Mar".to_owned(),
            way: PartnerWay::Webhook,
            address: hotel.url.clone(),
            secret: "whsec_c2VjcmV0".to_owned(),
        };
        let write = move |tx: &mut store::Tx| requests::update_partner(tx, &before);
        desk.app.store.write(write).await.unwrap();
        order(desk, &mara).await;
        work_off(&desk.app).await.unwrap();
        let failed = request(&mara).await;
        assert_eq!(failed["status"], "failed", "another try would come to the same");
        assert!(
            failed["status_note"].as_str().unwrap().contains("own network"),
            "{failed}"
        );
        assert_eq!(posts(&hotel).await.len(), 0);
    })
    .await;
}
