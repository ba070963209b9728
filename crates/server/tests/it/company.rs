//! A company whose customers do things: a source that tells of them, and a manager who asks about their journeys.

use std::{path::Path, time::Duration};

use domain::{Time, people::Role};
use rapport::{
    app::{App, Shared},
    config::Config,
};
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    Tx,
    events::{self, Cursor},
};
use tokio::{sync::watch, task::JoinHandle};

use crate::harness::{Caller, Desk, Reply};

/// A manager of a company with a website, whose journey log is kept.
pub struct Company<'d> {
    pub desk: &'d Desk,
    pub mara: Caller,
    key: String,
    /// Ends the keeping of the log.
    stop: watch::Sender<bool>,
    following: JoinHandle<()>,
}

impl<'d> Company<'d> {
    /// Opens the company and keeps its journey log.
    pub async fn open(desk: &'d Desk) -> Company<'d> {
        let mara = desk.sign_in_as(Role::Manager).await;
        let made = mara.post("/api/sources", json!({"name": "Website"})).await.expect(201);
        let key = made["keys"][0]["write_key"].as_str().unwrap().to_owned();
        Company::kept(desk, mara, key)
    }

    /// Opens the demo company, and waits until its journey log has all that is there.
    pub async fn open_demo(desk: &'d Desk) -> Company<'d> {
        rapport::demo::open(&desk.app).await.unwrap();
        let card = std::fs::read_to_string(desk.app.config.data.join("demo.json")).unwrap();
        let card: Value = serde_json::from_str(&card).unwrap();
        let mara = desk.program(card["token"].as_str().unwrap());
        let company = Company::kept(desk, mara, card["sources"][0]["write_key"].as_str().unwrap().to_owned());
        is_built(&desk.app).await;
        company
    }

    fn kept(desk: &'d Desk, mara: Caller, key: String) -> Company<'d> {
        let stop = watch::Sender::new(false);
        let following = tokio::spawn(rapport::journeys::follow(desk.app.clone(), stop.subscribe()));
        Company {
            desk,
            mara,
            key,
            stop,
            following,
        }
    }

    /// Ends the keeping of the log, as when the server stops.
    pub async fn stop(&mut self) {
        self.stop.send_replace(true);
        (&mut self.following)
            .await
            .expect("the keeping of the log ends by itself");
    }

    /// Starts the keeping of the log in another process with the same data, and waits until it has all that is there.
    pub async fn start(&self) -> Shared {
        self.start_in(&self.desk.app.config.data).await
    }

    /// The same with another data folder.
    pub async fn start_in(&self, data: &Path) -> Shared {
        let now = &self.desk.app;
        let config = Config {
            data: data.to_owned(),
            ..now.config.clone()
        };
        let next = App::new(config, now.universe.clone(), now.store.clone()).unwrap();
        tokio::spawn(rapport::journeys::follow(next.clone(), next.stopping.subscribe()));
        is_built(&next).await;
        next
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

    /// Tells of calls as a source does.
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

    /// Asks a question about the journeys.
    pub async fn ask(&self, question: &str) -> Value {
        self.mara.get(&format!("/api/journey/{question}")).await.expect(200)
    }

    /// Gives all touchpoints.
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

    /// Changes a touchpoint.
    pub async fn change(&self, touchpoint: i64, change: Value) -> Reply {
        self.mara.patch(&format!("/api/touchpoints/{touchpoint}"), change).await
    }

    /// Gives the numbers of touchpoints.
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

/// Waits until a journey log has all that is there.
async fn is_built(app: &Shared) {
    let head = settled(app).await;
    let built = async {
        app.journeys.reach(head).await;
        while app.journeys.status().is_rebuilding {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), built)
        .await
        .expect("the log is built");
}

/// Waits until all events can be followed, and gives the last one's place: another test's transaction may hold them back on PostgreSQL.
async fn settled(app: &Shared) -> Cursor {
    loop {
        let look = |tx: &mut Tx| {
            let all = events::of_kinds(tx, &[], Time(i64::MIN), Time(i64::MAX))?.len();
            let followed = events::after(tx, Cursor::default(), i64::MAX)?;
            Ok::<_, store::Error>((followed.events.len() == all).then_some(followed.end))
        };
        if let Some(head) = app.store.read(look).await.unwrap() {
            return head;
        }
        tokio::task::yield_now().await;
    }
}
