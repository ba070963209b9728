//! Journeys: what sources and the desk record becomes touchpoints, and the questions about them have right answers.

use std::time::Duration;

use domain::people::Role;
use rapport::app::App;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    harness::{Caller, Desk, Reply, on_each_database},
    hooks::{furnish, inbound, post},
};

/// A manager of a company with a website, whose journey log is kept.
pub struct Company<'d> {
    desk: &'d Desk,
    pub mara: Caller,
    key: String,
}

impl<'d> Company<'d> {
    pub async fn open(desk: &'d Desk) -> Company<'d> {
        tokio::spawn(rapport::journeys::follow(
            desk.app.clone(),
            desk.app.stopping.subscribe(),
        ));
        let mara = desk.sign_in_as(Role::Manager).await;
        let made = mara.post("/api/sources", json!({"name": "Website"})).await.expect(201);
        let key = made["keys"][0]["write_key"].as_str().unwrap().to_owned();
        Company { desk, mara, key }
    }

    /// Tells what happened: who, what, and how many minutes ago.
    pub async fn tell(&self, done: &[(&str, &str, u32)]) {
        let calls = done.iter().map(|(who, what, ago)| {
            let at = format!("2026-03-04T09:{:02}:00Z", 60 - ago);
            let id = format!("{who} {what} {ago}");
            let (of, who) = who.strip_prefix('?').map_or(("userId", *who), |who| ("anonymousId", who));
            json!({"type": "track", "event": what, "messageId": id, of: who, "timestamp": at, "properties": {"minutes": ago}})
        });
        self.batch(json!(calls.collect::<Vec<_>>())).await;
    }

    pub async fn batch(&self, calls: Value) {
        let request = self.desk.nobody().request(Method::POST, "/v1/batch");
        let request = request.basic_auth(&self.key, Some(""));
        Reply::to(request.json(&json!({"batch": calls}))).await.expect(200);
    }

    /// Waits until so many meetings are in the log. Another test's transaction may hold events back on PostgreSQL.
    pub async fn reaches(&self, events: u64) {
        let reach = async {
            while self.ask("status").await["events"] != events || self.ask("status").await["is_rebuilding"] == true {}
        };
        let reached = tokio::time::timeout(Duration::from_secs(60), reach).await;
        assert!(
            reached.is_ok(),
            "{events} events are awaited: {}",
            self.ask("status").await
        );
    }

    pub async fn ask(&self, question: &str) -> Value {
        self.mara.get(&format!("/api/journey/{question}")).await.expect(200)
    }

    pub async fn catalogue(&self) -> Vec<Value> {
        let list = self.mara.get("/api/touchpoints").await.expect(200);
        list["items"].as_array().unwrap().clone()
    }

    /// The number of the touchpoint with this name.
    pub async fn number(&self, name: &str) -> i64 {
        let catalogue = self.catalogue().await;
        let found = catalogue.iter().find(|touchpoint| touchpoint["name"] == name);
        found.unwrap_or_else(|| panic!("{name}: {catalogue:?}"))["id"]
            .as_i64()
            .unwrap()
    }

    /// Makes the stages of a journey; gives their ids.
    pub async fn stages(&self, names: &[&str]) -> Vec<Value> {
        let mut stages = Vec::new();
        for name in names {
            let made = self.mara.post("/api/stages", json!({"name": name})).await.expect(201);
            stages.push(made["id"].clone());
        }
        stages
    }

    pub async fn change(&self, touchpoint: i64, change: Value) -> Reply {
        self.mara.patch(&format!("/api/touchpoints/{touchpoint}"), change).await
    }

    pub async fn numbers<const N: usize>(&self, names: [&str; N]) -> [i64; N] {
        let mut numbers = [0; N];
        for (number, name) in numbers.iter_mut().zip(names) {
            *number = self.number(name).await;
        }
        numbers
    }

    /// The map's edges as `from > to: count`.
    pub async fn edges(&self, params: &str) -> Vec<String> {
        let names = self.catalogue().await;
        let name = |id: &Value| names.iter().find(|touchpoint| touchpoint["id"] == *id).unwrap()["name"].clone();
        let map = self.ask(&format!("map{params}")).await;
        let edge = |edge: &Value| {
            let (from, to) = (name(&edge["from"]), name(&edge["to"]));
            format!(
                "{} > {}: {}",
                from.as_str().unwrap(),
                to.as_str().unwrap(),
                edge["count"]
            )
        };
        let mut edges: Vec<String> = map["edges"].as_array().unwrap().iter().map(edge).collect();
        edges.sort();
        edges
    }
}

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
        assert_eq!(fits["all"]["customers"], 3);
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

        let again = App::new(desk.app.config.clone(), desk.app.universe.clone(), desk.app.store.clone()).unwrap();
        tokio::spawn(rapport::journeys::follow(again.clone(), again.stopping.subscribe()));
        let head = desk.app.store.read(store::events::head).await.unwrap();
        tokio::time::timeout(Duration::from_secs(60), again.journeys.reach(head)).await.expect("it is built");
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
            ("funnel?steps=0,1&window_days=0", "window_days"),
            ("funnel/people?steps=0,1&step=3", "step"),
            ("funnel/people?steps=0,1&step=0", "step"),
            ("funnel/people?steps=0,1&step=1&limit=0", "limit"),
            ("paths?anchor=to", "touchpoint"),
            ("paths?steps=1", "steps"),
            ("retention?periods=1000", "periods"),
            ("friction?contact_cost=NaN", "contact_cost"),
            ("friction?horizon_days=9999999999999", "horizon_days"),
            ("attribution?conversions=", "conversions"),
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
