//! The story that everything is for: a menu answers, asks, files and submits; a person takes over; a survey closes.

use domain::{
    ChannelId, Reason, Time, conversation::ReopenRule, people::Role, request::PartnerWay, settings::Settings,
};
use rapport::jobs;
use serde_json::{Value, json};
use store::{channels::Channel, params, requests::Partner};

use crate::harness::{Desk, on_each_database};

const PHONE: &str = "+12025550143";

/// What a desk needs for the story: a simulated number, two flows, a hotel, two teams.
async fn furnish(desk: &Desk) -> ChannelId {
    let now = desk.app.universe.now();
    let store = &desk.app.store;
    store
        .write(move |tx| {
            let always = vec![("00:00".to_owned(), "24:00".to_owned())];
            let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| (day.to_owned(), always.clone()));
            let settings = Settings {
                company: "Wander & Stay".to_owned(),
                business_hours: days.into(),
                ..Settings::default()
            };
            store::settings::put(tx, &settings)?;
            for team in ["Front desk", "Bookings", "Changes", "Complaints"] {
                tx.execute(
                    "INSERT INTO teams (name, created_at) VALUES (?1, ?2)",
                    params![team, now],
                )?;
            }
            for source in [
                include_str!("../../../../demo/flows/requests.yaml"),
                include_str!("../../../../demo/flows/reception.yaml"),
            ] {
                let read = flow::Definition::parse(source).expect("the demo's flows can be read");
                let first = store::flows::NewVersion {
                    name: &read.name,
                    title: &read.title,
                    source,
                    by: None,
                };
                store::flows::insert(tx, first, true, now)?;
            }
            let hotel = Partner {
                id: domain::PartnerId(0),
                name: "Hotel".to_owned(),
                way: PartnerWay::Webhook,
                // Nobody listens there: the request stays filed and is tried again.
                address: "http://127.0.0.1:9/".to_owned(),
                secret: "whsec_c2VjcmV0".to_owned(),
            };
            store::requests::insert_partner(tx, &hotel, now)?;
            store::channels::insert(tx, &simulator(now))
        })
        .await
        .unwrap()
}

fn simulator(now: Time) -> Channel {
    Channel {
        id: ChannelId(0),
        name: "Texts".to_owned(),
        kind: "simulator".to_owned(),
        address: "+12025550100".to_owned(),
        hook: "texts".to_owned(),
        config: json!({}),
        team_id: None,
        reopen: ReopenRule::Within,
        reopen_days: 5,
        segments_per_second: 1_000,
        created_at: now,
        disabled_at: None,
    }
}

/// Sends a text from the phone and gives what came back by the time all is done.
async fn text(desk: &Desk, channel: ChannelId, body: &str) -> Vec<String> {
    let path = format!("/api/phone/{channel}/{PHONE}/messages");
    let before = texts(desk, channel).await.len();
    desk.phone()
        .await
        .post(&path, json!({ "body": body }))
        .await
        .expect(202);
    jobs::work_off(&desk.app).await.unwrap();
    texts(desk, channel).await.split_off(before + 1)
}

async fn texts(desk: &Desk, channel: ChannelId) -> Vec<String> {
    let path = format!("/api/phone/{channel}/{PHONE}/messages");
    let answer: Value = desk.phone().await.get(&path).await.expect(200);
    answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text["body"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_menu_answers_files_and_hands_over() {
    on_each_database(async |desk| {
        let channel = furnish(desk).await;
        let menu = text(desk, channel, "Request").await;
        assert!(menu[0].starts_with("What do you need?"), "{menu:?}");
        assert!(text(desk, channel, "room").await[0].starts_with("What is your booking number?"));
        assert!(text(desk, channel, "I think 4471?").await[0].starts_with("Sorry, I cannot find that."));
        assert_eq!(text(desk, channel, "w4471").await, ["How many beds do you need?"]);
        let done = text(desk, channel, "two please").await;
        let said = "2 beds: added to your file and submitted to the hotel. Requests are never guaranteed.";
        assert_eq!(done, [said]);

        let requests = desk
            .app
            .store
            .read(|tx| store::requests::list(tx, None, domain::RequestId(i64::MAX), 10));
        let requests = requests.await.unwrap();
        assert_eq!((requests.len(), requests[0].summary.as_str()), (1, "2 beds"));
        assert_eq!(requests[0].details["booking"], "W4471");

        assert_eq!(
            text(desk, channel, "and can I bring my dog?").await,
            Vec::<String>::new()
        );
        let (conversation, team) = only_conversation(desk).await;
        assert_eq!(team, "Bookings");
        assert_eq!(
            conversation.route_reason,
            Reason::Words("mentions a booking or a stay".to_owned())
        );
        assert!(conversation.waiting_since.is_some() && !conversation.automated);
    })
    .await;
}

async fn only_conversation(desk: &Desk) -> (store::conversations::Conversation, String) {
    let look = |tx: &mut store::Tx| {
        let rows = tx.query("SELECT id FROM conversations", params![])?;
        assert_eq!(rows.len(), 1);
        let conversation = store::conversations::get(tx, rows[0].get(0)?)?.ok_or(store::Error::NotFound)?;
        let team = tx.query_opt("SELECT name FROM teams WHERE id = ?1", params![conversation.team_id])?;
        Ok::<_, store::Error>((
            conversation,
            team.map(|row| row.get(0)).transpose()?.unwrap_or_default(),
        ))
    };
    desk.app.store.read(look).await.unwrap()
}

#[tokio::test]
async fn stop_is_obeyed_before_any_menu_and_start_undoes_it() {
    on_each_database(async |desk| {
        let channel = furnish(desk).await;
        text(desk, channel, "request").await;
        let confirmation = text(desk, channel, "STOP").await;
        assert_eq!(confirmation.len(), 1, "one confirmation: {confirmation:?}");
        assert!(confirmation[0].contains("no more texts"));
        assert_eq!(
            text(desk, channel, "request").await,
            Vec::<String>::new(),
            "no menu speaks to who has opted out"
        );
        assert_eq!(text(desk, channel, "hello?").await, Vec::<String>::new());
        assert!(text(desk, channel, "start").await[0].contains("Welcome back"));
        assert!(text(desk, channel, "request").await[0].starts_with("What do you need?"));
        desk.sign_in_as(Role::Agent).await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_waits_too_long_ends_by_itself() {
    on_each_database(async |desk| {
        let channel = furnish(desk).await;
        text(desk, channel, "request").await;
        desk.advance(2 * 86_400 - 1);
        jobs::work_off(&desk.app).await.unwrap();
        let live = desk
            .app
            .store
            .read(|tx| store::flows::session(tx, domain::SessionId(1)));
        assert!(live.await.unwrap().unwrap().ended_at.is_none());
        desk.advance(2);
        jobs::work_off(&desk.app).await.unwrap();
        let ended = desk
            .app
            .store
            .read(|tx| store::flows::session(tx, domain::SessionId(1)));
        assert!(ended.await.unwrap().unwrap().ended_at.is_some());
    })
    .await;
}
