//! Requests on their way to a partner: tried again where it must be, and answered by one and the same link.

use domain::{
    PartnerId, RequestId,
    request::{PartnerWay, RequestStatus},
};
use rapport::{
    desk::requests::{SUBMIT, SubmitRequest},
    jobs,
};
use serde_json::{Value, json};
use store::{
    Tx, customers,
    jobs::NewJob,
    requests::{self, Partner, Request},
};

use crate::{
    harness::{Desk, on_each_database},
    hooks::MockTwilio,
};

/// Files a request and has it submitted to a partner with a webhook at `url`.
async fn submit(desk: &Desk, url: &str) {
    let (now, url) = (desk.app.universe.now(), url.to_owned());
    let write = move |tx: &mut Tx| {
        let partner = Partner {
            id: PartnerId(0),
            name: "hotel".to_owned(),
            way: PartnerWay::Webhook,
            address: url.clone(),
            secret: "whsec_c2VjcmV0".to_owned(),
        };
        let request = Request {
            id: RequestId(0),
            customer_id: customers::insert(tx, "Zoe", now)?,
            conversation_id: None,
            session_id: None,
            kind: "late".to_owned(),
            summary: "Late check-out".to_owned(),
            details: json!({}),
            status: RequestStatus::Filed,
            status_note: String::new(),
            partner_id: Some(requests::insert_partner(tx, &partner, now)?),
            partner_ref: None,
            answer_token_hash: None,
            created_at: now,
            updated_at: now,
        };
        let request = requests::insert(tx, &request)?;
        store::jobs::add(tx, &NewJob::now(SUBMIT, &SubmitRequest { request }, now), now)
    };
    desk.app.store.write(write).await.unwrap();
}

fn answer_path(post: &str) -> String {
    let (_, body) = post.split_once("\r\n\r\n").expect("a request with a body");
    let body: Value = serde_json::from_str(body).expect("it is JSON");
    let url = body["data"]["answer_url"].as_str().expect("it has a link");
    url[url.find("/answers/").expect("it is the link to answer by")..].to_owned()
}

#[tokio::test]
async fn every_try_brings_the_partner_the_same_link() {
    on_each_database(async |desk| {
        let hotel = MockTwilio::start().await;
        submit(desk, &hotel.url).await;
        hotel.answers(500, "").await;
        jobs::work_off(&desk.app).await.unwrap();
        hotel.answers(200, "").await;
        desk.advance(3_600);
        jobs::work_off(&desk.app).await.unwrap();
        let links: Vec<String> = hotel.posts.lock().await.iter().map(|post| answer_path(post)).collect();
        assert_eq!(links.len(), 2);
        assert_eq!(links[0], links[1]);
        let confirmed = json!({"status": "confirmed"});
        let answered = desk.nobody().post(&links[0], confirmed).await.expect(200);
        assert_eq!(answered["status"], "confirmed");
    })
    .await;
}
