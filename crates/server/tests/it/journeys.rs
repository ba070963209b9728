//! Journeys: what sources and the desk record becomes touchpoints, and the questions about them have right answers.

use std::time::Duration;

use domain::people::Role;
use serde_json::{Value, json};

use crate::{
    company::Company,
    harness::{Reply, on_each_database},
    hooks::{furnish, inbound, post},
};

pub const SEASON: [(&str, &str, u32); 8] = [
    ("ana", "Ad", 30),
    ("ana", "Rooms", 20),
    ("ana", "Booked", 10),
    ("bo", "Ad", 30),
    ("bo", "Rooms", 29),
    ("bo", "Rooms", 28),
    ("cleo", "Rooms", 5),
    ("cleo", "Booked", 4),
];

#[tokio::test]
async fn what_is_told_is_on_the_map_at_once_under_its_own_name() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let expected = ["Ad > Rooms: 2", "Rooms > Booked: 2", "Rooms > Rooms: 1"];
        assert_eq!(company.edges("").await, expected);
        let map = company.ask("map").await;
        assert_eq!((&map["events"], &map["customers"]), (&json!(8), &json!(3)));
        let rooms = company.number("Rooms").await;
        let place = map["touchpoints"]
            .as_array()
            .unwrap()
            .iter()
            .find(|place| place["touchpoint"] == rooms);
        let place = place.unwrap();
        let figures = ["events", "customers", "starts", "ends"].map(|figure| place[figure].as_i64().unwrap());
        assert_eq!(figures, [4, 3, 1, 1]);
        let edge = map["edges"]
            .as_array()
            .unwrap()
            .iter()
            .find(|edge| edge["to"] == rooms && edge["from"] != rooms);
        let durations = &edge.unwrap()["durations"];
        assert_eq!(
            (&durations["median_ms"], &durations["p90_ms"]),
            (&json!(60_000), &json!(600_000))
        );

        company.tell(&[("bo", "Booked", 1)]).await;
        company.reaches(9).await;
        assert!(company.edges("").await.contains(&"Rooms > Booked: 3".to_owned()));
        assert_eq!(company.edges("?from=2026-03-05").await, Vec::<String>::new());
        assert_eq!(company.edges("?to=2026-03-04").await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn stages_have_an_order_and_each_its_own_name() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let stages = company.stages(&["Return", "Discover", "Book"]).await;
        let mara = &company.mara;
        mara.post("/api/stages", json!({"name": "Book"}))
            .await
            .refused(409, "conflict");
        let last = format!("/api/stages/{}", stages[0]);
        mara.patch(&last, json!({"name": "Book"}))
            .await
            .refused(409, "conflict");
        mara.patch(&last, json!({"position": 9})).await.expect(200);
        let order = mara.get("/api/stages").await.expect(200);
        let order: Vec<&str> = order["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stage| stage["name"].as_str().unwrap())
            .collect();
        assert_eq!(order, ["Discover", "Book", "Return"]);
        mara.delete(&last).await.expect(204);
        mara.delete(&last).await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn a_touchpoint_is_put_in_a_stage_hidden_and_drawn_into_the_design() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let stages = company.stages(&["Discover", "Book"]).await;
        let [ad, rooms, booked] = company.numbers(["Ad", "Rooms", "Booked"]).await;
        let ad_is = json!({"stage": stages[0], "name": "Autumn ad", "channel": "search"});
        company.change(ad, ad_is).await.expect(200);
        let rooms_is = json!({"stage": stages[0], "role": "optional", "repeats": false});
        company.change(rooms, rooms_is).await.expect(200);
        company
            .change(booked, json!({"stage": stages[1], "role": "required"}))
            .await
            .expect(200);

        let in_stage = company.edges(&format!("?stage={}", stages[0])).await;
        assert_eq!(in_stage, ["Autumn ad > Rooms: 2", "Rooms > Rooms: 1"]);
        assert_eq!(company.edges("?channel=search").await, Vec::<String>::new());
        let fits = company.ask("conformance").await;
        assert_eq!(fits["customers"], 3);
        let deviations = fits["deviations"].as_array().unwrap();
        let kinds: Vec<&str> = deviations
            .iter()
            .map(|deviation| deviation["kind"].as_str().unwrap())
            .collect();
        assert!(kinds.contains(&"inserted"), "the ad is not in the design: {kinds:?}");
        assert!(kinds.contains(&"repeated"), "{kinds:?}");

        company
            .change(rooms, json!({"is_hidden": true, "name": "x"}))
            .await
            .expect(200);
        assert_eq!(company.edges("").await, ["Autumn ad > Booked: 1"]);
        let back = company
            .change(rooms, json!({"is_hidden": false, "name": ""}))
            .await
            .expect(200);
        assert_eq!((&back["name"], &back["is_named"]), (&json!("Rooms"), &json!(false)));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_change_of_the_catalogue_changes_nothing() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let stages = company.stages(&["Book"]).await;
        let [ad, booked] = company.numbers(["Ad", "Booked"]).await;
        company.change(booked, json!({"stage": stages[0]})).await.expect(200);
        let before = company.catalogue().await;
        for (wrong, field) in [
            (json!({"stage": 99}), "stage"),
            (json!({"rule": "name == 'a'"}), "rule"),
            (json!({"channel": "x".repeat(41)}), "channel"),
            (json!({"name": "x".repeat(201)}), "name"),
        ] {
            let refused = company.change(booked, wrong).await.refused(422, "invalid");
            assert!(refused["fields"][field].is_string(), "{refused}");
        }
        company.change(77, json!({"name": "x"})).await.refused(404, "not_found");
        let mara = &company.mara;
        mara.delete(&format!("/api/stages/{}", stages[0]))
            .await
            .refused(409, "conflict");
        mara.delete(&format!("/api/touchpoints/{ad}"))
            .await
            .refused(409, "conflict");
        let agent = desk.sign_in("Ada", Role::Agent).await;
        let asked = agent
            .patch(&format!("/api/touchpoints/{ad}"), json!({"name": "y"}))
            .await;
        asked.refused(403, "forbidden");
        agent.get("/api/touchpoints").await.expect(200);
        assert_eq!(company.catalogue().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_rule_takes_events_elsewhere_and_gives_them_back() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let rule =
            json!({"name": "Long look", "rule": "name == 'Rooms' && properties.minutes > 15 && source == 'Website'"});
        let made = company.mara.post("/api/touchpoints", rule.clone()).await.expect(201);
        let rebuilt = async { while company.edges("").await.iter().all(|edge| !edge.contains("Long look")) {} };
        tokio::time::timeout(Duration::from_secs(60), rebuilt)
            .await
            .expect("events are sorted anew");
        let expected = [
            "Ad > Long look: 2",
            "Long look > Booked: 1",
            "Long look > Long look: 1",
            "Rooms > Booked: 1",
        ];
        assert_eq!(company.edges("").await, expected);

        for (wrong, reason) in [
            ("nmae == 'a'", "knows no 'nmae'"),
            ("name ==", "cannot be read"),
            ("", "must not be empty"),
        ] {
            let refused = company
                .mara
                .post("/api/touchpoints", json!({"name": "x", "rule": wrong}))
                .await
                .refused(422, "invalid");
            assert!(
                refused["fields"]["rule"].as_str().unwrap().starts_with(reason),
                "{refused}"
            );
        }
        company
            .mara
            .delete(&format!("/api/touchpoints/{}", made["id"]))
            .await
            .expect(204);
        let back = async { while company.edges("").await.len() != 3 {} };
        tokio::time::timeout(Duration::from_secs(60), back)
            .await
            .expect("events are sorted back");
    })
    .await;
}

#[tokio::test]
async fn rules_know_sources_by_the_names_that_they_have_now() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let mara = &company.mara;
        company.tell(&SEASON).await;
        let rule = json!({"name": "At the till", "rule": "source == 'Till'"});
        mara.post("/api/touchpoints", rule).await.expect(201);
        company.reaches(8).await;
        let at_the_till = async |wanted: u64| {
            let met = async || {
                let rows = company.catalogue().await;
                let row = rows.iter().find(|row| row["name"] == "At the till");
                row.unwrap()["events"].as_u64().unwrap()
            };
            let right = async { while met().await != wanted {} };
            let found = tokio::time::timeout(Duration::from_secs(60), right).await;
            assert!(found.is_ok(), "{wanted} are awaited: {}", met().await);
        };
        at_the_till(0).await;
        // One that is added while the log is kept tells under its name at once.
        let till = mara.post("/api/sources", json!({"name": "Till"})).await.expect(201);
        let paid = json!({"userId": "dora", "event": "Paid", "messageId": "1"});
        let request = desk.nobody().request(reqwest::Method::POST, "/v1/track");
        let key = till["keys"][0]["write_key"].as_str().unwrap();
        Reply::to(request.basic_auth(key, Some("")).json(&paid))
            .await
            .expect(200);
        at_the_till(1).await;
        // Under another name it is another one, also for what it told before.
        let name = async |id: &Value, name: &str| {
            mara.patch(&format!("/api/sources/{id}"), json!({"name": name}))
                .await
                .expect(200);
        };
        name(&till["id"], "Front desk").await;
        at_the_till(0).await;
        name(&json!(1), "Till").await;
        at_the_till(8).await;
    })
    .await;
}

#[tokio::test]
async fn a_visitor_who_signs_in_is_one_customer_on_the_map_and_a_log_built_later_says_the_same() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&[("?v1", "Ad", 30), ("?v1", "Rooms", 20), ("?v2", "Ad", 30)]).await;
        company.reaches(3).await;
        assert_eq!(company.ask("map").await["customers"], 2);
        company
            .batch(json!([{"type": "identify", "userId": "ana", "anonymousId": "v1", "messageId": "i", "timestamp": "2026-03-04T09:45:00Z"}]))
            .await;
        company.tell(&[("ana", "Booked", 1)]).await;
        // The identify is a meeting too, hidden at first.
        company.reaches(5).await;
        assert_eq!(company.edges("").await, ["Ad > Rooms: 1", "Rooms > Booked: 1"]);
        let map = company.ask("map").await;
        assert_eq!(map["customers"], 2);

        let again = company.start().await;
        let (now, then) = (again.journeys.status(), desk.app.journeys.status());
        assert_eq!((now.events, now.customers), (then.events, then.customers));
        let shown = journey::MapQuery { durations: true, ..journey::MapQuery::default() };
        let same = shown.clone();
        let rebuilt = again.journeys.ask(move |log| journey::map(log, &shown)).await.unwrap();
        assert_eq!(desk.app.journeys.ask(move |log| journey::map(log, &same)).await.unwrap(), rebuilt);
    })
    .await;
}

#[tokio::test]
async fn the_people_behind_a_number_have_names_and_their_own_words() {
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let company = Company::open(desk).await;
        post(desk, &inbound("SM1", "my card was charged twice??"))
            .await
            .expect(200);
        let user = json!({"kind": "user_id", "value": "ana"});
        company.mara.post("/api/customers/1/identities", user).await.expect(201);
        company
            .mara
            .patch("/api/customers/1", json!({"name": "Ana"}))
            .await
            .expect(200);
        company.tell(&[("ana", "Payment failed", 1)]).await;
        // Payment failed, asked for help, the text, and the consent that it gives.
        company.reaches(4).await;
        let failed = company.number("Payment failed").await;
        let asked = company.number("Asked for help").await;
        let people = company.ask(&format!("people?touchpoint={failed}")).await;
        assert_eq!(people["total"], 1);
        let person = &people["items"][0];
        assert_eq!(
            (&person["customer"]["name"], &person["words"]),
            (&json!("Ana"), &json!("my card was charged twice??"))
        );
        assert_eq!(person["at"], "2026-03-04T09:59:00.000000Z");
        assert_eq!(person["conversation"], 1);
        for question in [
            format!("people?edge={failed},{asked}"),
            format!("people?starts={failed}"),
            format!("people?ends={asked}"),
        ] {
            assert_eq!(company.ask(&question).await["total"], 1, "{question}");
        }
        assert_eq!(company.ask(&format!("people?starts={asked}")).await["total"], 0);
    })
    .await;
}

#[tokio::test]
async fn every_question_has_the_right_answer() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let [ad, rooms, booked] = company.numbers(["Ad", "Rooms", "Booked"]).await;
        let funnel = company
            .ask(&format!("funnel?steps={ad},{rooms}?,{booked}&breakdown=first"))
            .await;
        let passed: Vec<&Value> = funnel["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| &step["customers"])
            .collect();
        assert_eq!(passed, [2, 2, 1]);
        let of_funnel = format!("funnel/people?steps={ad},{rooms}?,{booked}&step=1");
        assert_eq!(company.ask(&of_funnel).await["total"], 2);
        let lost = company.ask(&format!("{of_funnel}&is_lost=true")).await;
        assert_eq!(
            (&lost["total"], lost["items"].as_array().unwrap().len()),
            (&json!(1), 1)
        );
        let either = company
            .ask(&format!("funnel?steps={ad}|{rooms},{booked}&order=strict"))
            .await;
        assert_eq!(either["steps"][1]["customers"], 2);
        let variants = company.ask("variants?collapse=true").await;
        assert_eq!((&variants["variants"], &variants["customers"]), (&json!(3), &json!(3)));
        let paths = company
            .ask(&format!("paths?anchor=from&touchpoint={rooms}&steps=2"))
            .await;
        assert_eq!(paths["customers"], 3);
        let retention = company
            .ask(&format!("retention?starts={ad}&period=day&periods=3"))
            .await;
        assert_eq!(retention["cohorts"].as_array().unwrap().len(), 3);
        let activity = company.ask("activity?period=day&periods=3").await;
        let lived = activity["lifecycle"]["periods"].as_array().unwrap();
        assert_eq!(
            (lived.len(), &lived[2]["new"], &lived[1]["new"]),
            (3, &json!(3), &json!(0))
        );
        assert_eq!(activity["stickiness"]["by_periods"], json!([3, 0, 0]));
        let until = company.ask("activity?period=day&periods=3&to=2026-03-04").await;
        assert_eq!(until["lifecycle"], activity["lifecycle"], "a last day is in its period");
        assert_eq!(
            (&activity["time_zone"], &retention["time_zone"]),
            (&json!("UTC"), &json!("UTC"))
        );
        let booking = company.ask(&format!("activity?touchpoints={booked}")).await;
        assert_eq!(booking["stickiness"]["customers"], 2);
        let owed = company.ask(&format!("attribution?conversions={booked}")).await;
        assert_eq!(owed["conversions"], 2);
        assert_eq!(
            company.ask("friction?horizon_days=3&contact_cost=600").await["contacts"],
            0
        );
        assert_eq!(company.ask("service").await["all"]["count"]["calls"], 0);
        assert_eq!(company.ask("incidents?days=7").await["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_question_is_refused_by_name() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        for (wrong, field) in [
            ("map?from=2026-03-05&to=2026-03-04", "to"),
            ("map?stage=7", "stage"),
            ("map?depth=7", "depth"),
            ("funnel?steps=0", "steps"),
            ("funnel?steps=0,555", "steps"),
            ("funnel?steps=0,1&breakdown=9", "breakdown"),
            ("funnel?steps=0,1&breakdown=segments:7", "breakdown"),
            ("funnel?steps=0,1&breakdown=segments:", "breakdown"),
            ("funnel?steps=0,1&breakdown=segments:1,2,3,4,5,6,7,8,9", "breakdown"),
            ("funnel?steps=0,1&exclude=", "exclude"),
            ("funnel?steps=0,1&exclude=999", "exclude"),
            ("funnel?steps=0,1&exclude=2:1-3", "exclude"),
            ("funnel?steps=0,1&exclude=2:2-1", "exclude"),
            ("funnel?steps=0,1&exclude=2:1-2&order=unordered", "exclude"),
            ("funnel?steps=0,1&window_days=0", "window_days"),
            ("funnel/people?steps=0,1&step=3", "step"),
            ("funnel/people?steps=0,1&step=0", "step"),
            ("funnel/people?steps=0,1&step=1&limit=0", "limit"),
            ("paths?anchor=to", "touchpoint"),
            ("paths?steps=1", "steps"),
            ("retention?periods=1000", "periods"),
            ("retention?begins=once", "begins"),
            ("retention?at_least=0", "at_least"),
            ("activity?periods=1", "periods"),
            ("activity?touchpoints=999", "touchpoints"),
            ("friction?contact_cost=NaN", "contact_cost"),
            ("friction?horizon_days=9999999999999", "horizon_days"),
            ("friction?alike=x", "alike"),
            ("friction?alike=99", "alike"),
            ("friction?alike=1,2,3,4,5,6", "alike"),
            ("attribution?conversions=", "conversions"),
            ("attribution?conversions=0&half_life_days=0", "half_life_days"),
            ("people", "touchpoint"),
            ("people?touchpoint=0&ends=0", "touchpoint"),
            ("people?edge=0", "edge"),
            ("people?deviation=skipped", "deviation"),
            ("people?deviation=lost-0", "deviation"),
            ("people?deviation=late-9", "deviation"),
            ("people?variant=", "variant"),
            ("step-matrix?steps=1", "steps"),
        ] {
            let refused = company
                .mara
                .get(&format!("/api/journey/{wrong}"))
                .await
                .refused(422, "invalid");
            assert!(refused["fields"][field].is_string(), "{wrong}: {refused}");
        }
        desk.nobody()
            .get("/api/journey/map")
            .await
            .refused(401, "not_signed_in");
    })
    .await;
}
