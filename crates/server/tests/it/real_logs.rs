//! Event logs of real companies: as many rows are imported as an independent count finds, and the maps, variants and durations
//! are those that SQL finds on the same rows.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    process::Command,
};

use domain::people::Role;
use rapport::jobs;
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use store::{Tx, params};

use crate::{
    company::Company,
    harness::{Caller, Desk, Reply, on_each_database},
};

fn logs() -> PathBuf {
    let shared = std::env::var_os("RAPPORT_SHARED_DATA").expect("RAPPORT_SHARED_DATA names the folder");
    PathBuf::from(shared).join("event-logs")
}

/// Imports a file as its columns are guessed; gives what became of it.
async fn import(desk: &Desk, mara: &Caller, file: &Path) -> Value {
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let part = multipart::Part::bytes(std::fs::read(file).unwrap()).file_name(name.clone());
    let form = multipart::Form::new().part("file", part);
    let uploaded = Reply::to(mara.request(Method::POST, "/api/imports").multipart(form)).await;
    let uploaded = uploaded.expect(201);
    let path = format!("/api/imports/{}", uploaded["import"]["id"]);
    let run = json!({"map": uploaded["guess"], "source": name});
    mara.put(&format!("{path}/run"), run).await.expect(202);
    jobs::work_off(&desk.app).await.unwrap();
    mara.get(&path).await.expect(200)
}

/// Counts with the system's tools, which know nothing of our readers.
fn count(script: &str, file: &PathBuf) -> i64 {
    let output = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim().parse().expect("it counts")
}

#[tokio::test]
async fn every_row_of_a_real_log_is_imported() {
    const EVENTS: &str = "gzip -dc \"$1\" | grep -o '<event>' | wc -l";
    const LINES: &str = "tail -n +2 \"$1\" | grep -c .";
    let files = [
        ("helpdesk.xes.gz", EVENTS),
        ("running-example.xes.gz", EVENTS),
        ("running-example.csv", LINES),
    ];
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        for (name, script) in files {
            let file = logs().join(name);
            let import = import(desk, &mara, &file).await;
            let told = [&import["state"], &import["read_rows"], &import["taken"]];
            let rows = json!(count(script, &file));
            assert_eq!(told, [&json!("done"), &rows, &rows], "{name}");
        }
    })
    .await;
}

/// A row of a log: whose case, what happened, and when in milliseconds.
type Row = (String, String, i64);

/// Reads a log line by line, as far as these files are written; knows nothing of our readers.
fn rows(file: &Path) -> Vec<Row> {
    let time = |text: &str| {
        text.replace(' ', "T")
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond()
    };
    if file.extension().is_some_and(|end| end == "csv") {
        let text = std::fs::read_to_string(file).unwrap();
        let cells = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
        return cells
            .map(|row| (row[7].to_owned(), row[1].to_owned(), time(row[3])))
            .collect();
    }
    let unpacked = Command::new("gzip").arg("-dc").arg(file).output().unwrap().stdout;
    let text = String::from_utf8(unpacked).unwrap();
    let value = |line: &str, key: &str| -> Option<String> {
        let rest = line.split_once(&format!("key=\"{key}\" value=\""))?.1;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let (mut found, mut case, mut what) = (Vec::new(), String::new(), None);
    for line in text.split_once("<trace>").unwrap().1.lines() {
        match line.trim() {
            "<trace>" => case.clear(),
            "<event>" => what = Some(String::new()),
            "</event>" => what = None,
            line => match (&mut what, value(line, "concept:name"), value(line, "time:timestamp")) {
                (None, Some(name), _) => case = name,
                (Some(what), Some(name), _) => *what = name,
                (Some(what), _, Some(at)) => found.push((case.clone(), what.clone(), time(&at))),
                _ => {}
            },
        }
    }
    found
}

/// An edge as SQL counts it: how often, for how many, and how long in sum, in the middle and for nine in ten.
type Edge = (i64, i64, i64, i64, i64);

/// The edges of the map, by both ends.
const EDGES: &str = "WITH steps AS (
    SELECT person, what, LEAD(what) OVER w AS later, LEAD(at) OVER w - at AS took
    FROM log_rows WINDOW w AS (PARTITION BY person ORDER BY at, n)
  ), ranked AS (
    SELECT person, what, later, took, ROW_NUMBER() OVER (PARTITION BY what, later ORDER BY took) AS place,
      COUNT(*) OVER (PARTITION BY what, later) AS size
    FROM steps WHERE later IS NOT NULL
  )
  SELECT what, later, COUNT(*), COUNT(DISTINCT person), CAST(SUM(took) AS BIGINT),
    MAX(CASE WHEN place = (size * 50 + 99) / 100 THEN took END), MAX(CASE WHEN place = (size * 90 + 99) / 100 THEN took END)
  FROM ranked GROUP BY what, later";

/// The variants: what was done in order, and by how many.
const VARIANTS: &str = "SELECT way, COUNT(*) FROM (
    SELECT string_agg(what, ' > ' ORDER BY at, n) AS way FROM log_rows GROUP BY person
  ) AS ways GROUP BY way";

/// Counts the edges and the variants in the database, in a table of its own.
async fn counted(desk: &Desk, rows: Vec<Row>) -> (BTreeMap<(String, String), Edge>, HashMap<String, i64>) {
    let count = move |tx: &mut Tx| {
        tx.execute(
            "CREATE TABLE log_rows (n BIGINT, person TEXT, what TEXT, at BIGINT)",
            params![],
        )?;
        for (n, (person, what, at)) in rows.iter().enumerate() {
            let n = i64::try_from(n).unwrap();
            tx.execute(
                "INSERT INTO log_rows VALUES (?1, ?2, ?3, ?4)",
                params![n, person, what, *at],
            )?;
        }
        let mut edges = BTreeMap::new();
        for row in tx.query(EDGES, params![])? {
            let edge = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
            edges.insert((row.get(0)?, row.get(1)?), edge);
        }
        let variants = tx.query(VARIANTS, params![])?;
        let variants: store::Result<HashMap<_, _>> =
            variants.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect();
        Ok::<_, store::Error>((edges, variants?))
    };
    desk.app.store.write(count).await.unwrap()
}

#[tokio::test]
async fn maps_variants_and_durations_are_those_that_sql_finds() {
    for name in ["helpdesk.xes.gz", "running-example.xes.gz", "running-example.csv"] {
        on_each_database(async |desk| {
            let file = logs().join(name);
            let rows = rows(&file);
            let events = rows.len() as u64;
            let company = Company::open(desk).await;
            import(desk, &company.mara, &file).await;
            company.reaches(events).await;
            let (edges, variants) = counted(desk, rows).await;
            let names: HashMap<i64, String> = company
                .catalogue()
                .await
                .iter()
                .map(|touchpoint| {
                    (
                        touchpoint["id"].as_i64().unwrap(),
                        touchpoint["name"].as_str().unwrap().to_owned(),
                    )
                })
                .collect();
            let called = |number: &Value| names[&number.as_i64().unwrap()].clone();

            let map = company.ask("map").await;
            assert_eq!(map["edges"].as_array().unwrap().len(), edges.len(), "{name}");
            for edge in map["edges"].as_array().unwrap() {
                let ends = (called(&edge["from"]), called(&edge["to"]));
                let (count, customers, sum, median, p90) = edges[&ends];
                let told = [
                    &edge["count"],
                    &edge["customers"],
                    &edge["durations"]["median_ms"],
                    &edge["durations"]["p90_ms"],
                ];
                assert_eq!(json!(told), json!([count, customers, median, p90]), "{name}: {ends:?}");
                let mean = edge["durations"]["mean_ms"].as_f64().unwrap();
                assert_eq!((mean * count as f64).round() as i64, sum, "{name}: {ends:?}");
            }

            let told = company.ask("variants?limit=200").await;
            assert_eq!(told["variants"], variants.len(), "{name}");
            assert_eq!(told["customers"], variants.values().sum::<i64>(), "{name}");
            let mut commonest: Vec<i64> = variants.values().copied().collect();
            commonest.sort_by_key(|customers| -customers);
            for (variant, commonest) in told["top"].as_array().unwrap().iter().zip(&commonest) {
                let way: Vec<String> = variant["touchpoints"].as_array().unwrap().iter().map(called).collect();
                let customers = variants[&way.join(" > ")];
                assert_eq!(
                    (&variant["customers"], customers),
                    (&json!(customers), *commonest),
                    "{name}: {way:?}"
                );
            }
            assert_eq!(told["top"].as_array().unwrap().len(), variants.len().min(200), "{name}");
        })
        .await;
    }
}
