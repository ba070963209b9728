//! The demo company: made once, whole, with its months in the past.

use domain::{Event, Time};
use rapport::demo;
use serde_json::Value;
use store::{Tx, events, people::users};

use crate::harness::{Desk, on_each_database};

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
        desk.sign_in_as(domain::people::Role::Owner).await;
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
