//! The journey log is saved: a start reads only what came since, and what cannot be used is built again from the events.

use std::{fs, path::PathBuf};

use journey::{MapQuery, MapResult};
use rapport::app::Shared;
use reqwest::Method;
use serde_json::json;

use crate::{
    company::Company,
    harness::{Desk, on_each, on_each_database},
};

async fn map(app: &Shared) -> MapResult {
    let query = MapQuery {
        durations: true,
        ..MapQuery::default()
    };
    app.journeys.ask(move |log| journey::map(log, &query)).await.unwrap()
}

/// A company with a saved log of four meetings.
async fn saved(desk: &Desk) -> Company<'_> {
    let mut company = Company::open(desk).await;
    company
        .tell(&[
            ("ana", "Ad", 30),
            ("ana", "Rooms", 20),
            ("ben", "Ad", 30),
            ("ben", "Booked", 9),
        ])
        .await;
    company.reaches(4).await;
    company.stop().await;
    company
}

/// The folder that the log is saved in.
fn folder(desk: &Desk) -> PathBuf {
    desk.app.config.data.join("journey/1")
}

#[tokio::test]
async fn a_start_reads_only_what_came_since_the_log_was_saved() {
    on_each_database(async |desk| {
        let company = saved(desk).await;
        let before = desk.app.journeys.status().read;
        assert!(before > 4, "{before}");
        company.tell(&[("ana", "Booked", 1)]).await;
        let next = company.start().await;
        let status = next.journeys.status();
        assert_eq!((status.events, status.customers), (5, 2));
        // The event itself, and what was recorded of the touchpoints and the source meanwhile.
        assert!(status.read < 4, "{} events were read again", status.read);
        assert_eq!(map(&next).await.edges.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_source_that_was_renamed_while_nobody_looked_has_all_events_sorted_anew_where_a_rule_asks_for_it() {
    on_each_database(async |desk| {
        let mut company = Company::open(desk).await;
        let rule = json!({"name": "At the till", "rule": "source == 'Till'"});
        company.mara.post("/api/touchpoints", rule).await.expect(201);
        company.tell(&[("ana", "Ad", 30), ("ben", "Ad", 20)]).await;
        company.reaches(2).await;
        company.stop().await;
        let till = json!({"name": "Till"});
        company.mara.patch("/api/sources/1", till).await.expect(200);
        let next = company.start().await;
        let met: Vec<_> = map(&next).await.touchpoints;
        assert_eq!(
            met.iter().map(|at| (at.touchpoint.0, at.events)).collect::<Vec<_>>(),
            [(0, 2)]
        );
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_changed_while_nobody_looked_has_all_events_sorted_anew() {
    on_each_database(async |desk| {
        let company = saved(desk).await;
        let rule = json!({"name": "Any advert", "rule": "name == 'Ad'"});
        company.mara.post("/api/touchpoints", rule).await.expect(201);
        let next = company.start().await;
        assert!(next.journeys.status().read > 4);
        let listed = company.mara.get("/api/touchpoints").await.expect(200);
        let advert = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["name"] == "Any advert");
        let number = advert.unwrap()["id"].as_u64().unwrap();
        let touchpoints = map(&next).await.touchpoints;
        let advert = touchpoints.iter().find(|at| u64::from(at.touchpoint.0) == number);
        assert_eq!(advert.map(|at| (at.events, at.starts)), Some((2, 2)), "{touchpoints:?}");
    })
    .await;
}

#[tokio::test]
async fn a_saved_log_that_cannot_be_used_is_built_again() {
    on_each_database(async |desk| {
        let company = saved(desk).await;
        let whole = map(&desk.app).await;
        let told = fs::read_to_string(folder(desk).join("log.json")).unwrap();
        let other_time = told.replacen("\"last\":\"2026", "\"last\":\"2025", 1);
        let other_program = told.replacen("rapport", "report", 1);
        let cases = [
            ("half a list", &told[..told.len() / 2], "parquet"),
            ("another program's", &other_program, "parquet"),
            ("of other events", &other_time, "parquet"),
            ("without its files", &told, "nothing"),
        ];
        for (what, list, kept) in cases {
            let data = tempfile::tempdir().unwrap();
            let copy = data.path().join("journey/1");
            fs::create_dir_all(&copy).unwrap();
            fs::write(copy.join("log.json"), list).unwrap();
            for file in fs::read_dir(folder(desk)).unwrap().map(|file| file.unwrap().path()) {
                if file.extension().is_some_and(|end| end == kept) {
                    fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
                }
            }
            let next = company.start_in(data.path()).await;
            assert_eq!(map(&next).await, whole, "{what}");
            assert!(next.journeys.status().read > 4, "{what}");
        }
        let data = tempfile::tempdir().unwrap();
        assert!(
            company.start_in(data.path()).await.journeys.status().read > 4,
            "without a folder"
        );
    })
    .await;
}

#[tokio::test]
async fn a_log_that_may_take_no_memory_answers_from_the_disk() {
    on_each(
        |config| config.journey_memory_mb = 0,
        async |desk| {
            let company = Company::open(desk).await;
            for day in 0..3 {
                let who = format!("guest {day}");
                company.tell(&[(&who, "Ad", 30), (&who, "Booked", 9)]).await;
                company.reaches(2 * (day + 1)).await;
            }
            let emptied = async {
                while desk.app.journeys.status().bytes > 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(60), emptied)
                .await
                .expect("all goes to the disk");
            let map = map(&desk.app).await;
            assert_eq!((map.customers, map.edges.len()), (3, 1));
            let request = desk.nobody().request(Method::GET, "/api/journey/map");
            assert_eq!(request.send().await.unwrap().status(), 401);
        },
    )
    .await;
}
