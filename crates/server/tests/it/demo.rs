//! The demo company: made once, whole, with its months in the past.

use domain::{Event, Time, people::Role};
use rapport::{demo, jobs};
use reqwest::Method;
use serde_json::{Value, json};
use store::{Tx, events, people::users};

use crate::{
    harness::{Desk, Reply, on_each_database, on_each_demo},
    scene,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_company_is_made_once_and_has_a_past() {
    on_each_database(async |desk| {
        demo::open(&desk.app).await.unwrap();
        let (count, card) = (look(desk).await, card(desk));
        demo::open(&desk.app).await.unwrap();
        assert_eq!(look(desk).await, count, "a second start adds nothing");
        assert_eq!(self::card(desk), card, "and lets everyone in as before");

        let owner = desk.program(card["token"].as_str().unwrap());
        let open = owner.get("/api/conversations?view=all").await.expect(200);
        assert!(open["items"].as_array().unwrap().len() > 15, "{open:#}");
        let requests = owner.get("/api/requests?status=confirmed").await.expect(200);
        assert!(!requests["items"].as_array().unwrap().is_empty());
        let hook = card["channels"][1]["hook"].as_str().unwrap();
        assert!(hook.ends_with("/hooks/demo-twilio"), "{hook}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_of_its_own_is_left_alone() {
    on_each_database(async |desk| {
        desk.sign_in_as(Role::Owner).await;
        let refused = demo::open(&desk.app).await.unwrap_err();
        assert!(refused.to_string().contains("company of its own"), "{refused}");
    })
    .await;
}

/// How much there is: users, events, closed conversations, scores.
async fn look(desk: &Desk) -> (usize, usize, usize, usize) {
    let now = desk.app.universe.now();
    let look = move |tx: &mut Tx| {
        let users = users::list(tx)?.len();
        let all = events::of_kinds(tx, &[], Time(0), now.plus_seconds(1))?;
        let count = |is: fn(&Event) -> bool| all.iter().filter(|event| is(&event.happening.event)).count();
        let closed = count(|event| matches!(event, Event::ConversationClosed {}));
        let scores = count(|event| matches!(event, Event::SurveyAnswered { .. }));
        Ok::<_, store::Error>((users, all.len(), closed, scores))
    };
    let (users, events, closed, scores) = desk.app.store.read(look).await.unwrap();
    assert!(
        users == 7 && events > 3000 && closed > 100 && scores > 50,
        "{users} {events} {closed} {scores}"
    );
    (users, events, closed, scores)
}

fn card(desk: &Desk) -> Value {
    let text = std::fs::read_to_string(desk.app.config.data.join("demo.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The hotel's own page: a request comes in there, and a button answers it by the link.
#[tokio::test(flavor = "multi_thread")]
async fn the_hotel_of_the_demo_confirms_and_declines() {
    on_each_demo(async |desk| {
        let (owner, hotel) = (desk.sign_in_as(Role::Owner).await, desk.nobody());
        let customer = owner.post("/api/customers", json!({"name": "Zoë"})).await.expect(201)["id"].clone();
        let partner = json!({"name": "hotel", "way": "webhook", "address": format!("{}/demo/hotel", desk.url)});
        let partner = owner.post("/api/partners", partner).await.expect(201)["id"].clone();
        for (button, summary) in [("confirmed", "A cot & a <lamp>"), ("declined", "A view of the sea")] {
            let new = json!({"kind": "room", "summary": summary, "partner_id": partner});
            let filed = owner
                .post(&format!("/api/customers/{customer}/requests"), new)
                .await
                .expect(201);
            jobs::work_off(&desk.app).await.unwrap();
            let page = hotel.get("/demo/hotel").await.expect(200);
            assert!(
                page.as_str()
                    .unwrap()
                    .contains(&summary.replace('&', "&amp;").replace('<', "&lt;")),
                "{page}"
            );
            let path = format!("/demo/hotel/{}", filed["id"]);
            let press = hotel.request(Method::POST, &path).form(&[("status", button)]);
            Reply::to(press).await.expect(303);
            let requests = owner.get("/api/requests").await.expect(200);
            let request = &requests["items"][0];
            assert_eq!((&request["id"], &request["status"]), (&filed["id"], &json!(button)));
        }
        let unknown = hotel
            .request(Method::POST, "/demo/hotel/99999")
            .form(&[("status", "confirmed")]);
        assert_eq!(Reply::to(unknown).await.status, 404);
        let page = hotel.get("/demo/hotel").await.expect(200);
        assert!(
            !page.as_str().unwrap().contains("A cot"),
            "what is answered is no longer asked: {page}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_crowd_texts_until_the_server_stops() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let mut changes = desk.app.store.changes();
        // Of so many, the first have something to say within a second or two.
        let crowd = demo::crowd::start(&desk.app, 50);
        let came = async || {
            let events = desk.events().await.into_iter();
            let texts = events.filter(|one| matches!(one.event, Event::MessageReceived { .. }));
            texts.count()
        };
        while came().await < 2 {
            changes.changed().await.expect("the store is open");
        }
        let ada = desk.sign_in_as(Role::Agent).await;
        let open = ada.get("/api/conversations?view=all").await.expect(200);
        let open = open["items"].as_array().unwrap().clone();
        assert!(open.len() >= 2, "each of them is a customer with a wish");
        let address = open[0]["customer"]["address"].as_str().unwrap();
        assert!(
            ["+1503555", "+1713555"].iter().any(|area| address.starts_with(area)),
            "{address}"
        );
        desk.app.stopping.send_replace(true);
        crowd.await;
    })
    .await;
}
