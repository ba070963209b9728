//! Tracked events: batches over kept connections, each acknowledged when all its calls are on disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Programs, Row, quantile};
use crate::desk::Desk;
use crate::http::Client;

/// How many connections post side by side.
const CONNECTIONS: usize = 8;
/// How many calls a batch has: what the published libraries for servers send at most by themselves is 100.
const BATCH: usize = 100;
/// How many calls are measured.
const CALLS: usize = 200_000;
/// How many visitors make them.
const VISITORS: usize = 20_000;
/// How long the map is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// What the design asks for.
const BUDGET: f64 = 50_000.0;

pub fn run(programs: &Programs) -> Result<Vec<Row>> {
    let mut desk = Desk::new(programs.server()?, None)?;
    desk.start()?;
    let source = desk.api("POST", "/api/sources", &json!({"name": "Website"}))?;
    let key = source["keys"][0]["write_key"].as_str().context("a source has a key")?;
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:")));
    let first = post(&desk, &basic, 0, VISITORS)?;
    let rate = post(&desk, &basic, VISITORS, CALLS)?;
    let told = desk.list("/api/sources")?;
    let taken = told[0]["day"]["taken"].as_u64().unwrap_or_default();
    ensure!(taken == (VISITORS + CALLS) as u64, "{taken} calls are there");
    let mut delays = counted(&desk, &basic, VISITORS + CALLS)?;
    delays.sort_by(f64::total_cmp);
    Ok(vec![
        Row {
            what: format!("tracked events: batches of {BATCH} over HTTP, durable, on the timeline"),
            figure: format!("{rate:.0}/s"),
            budget: "≥ 50,000/s",
            is_kept: Some(rate >= BUDGET),
        },
        Row::at_most(
            "a tracked event → counted on the journey map, slowest of 50",
            quantile(&delays, 1.0),
            "ms",
            (1_000.0, "< 1 s"),
        ),
        Row::note("the same, median", format!("{:.1} ms", quantile(&delays, 0.5))),
        Row::note("the first event of each new visitor", format!("{first:.0}/s")),
        Row::note(
            "memory after these events",
            format!("{:.1} MB", desk.resident_kb()? as f64 / 1024.0),
        ),
    ])
}

/// Posts calls number `first` and on; gives how many were acknowledged in a second.
fn post(desk: &Desk, basic: &str, first: usize, count: usize) -> Result<f64> {
    // Written before the clock starts: what is measured is the server.
    let bodies: Arc<Vec<String>> = Arc::new((0..count).step_by(BATCH).map(|n| body(first, n, count)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let threads: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (bodies, next) = (bodies.clone(), next.clone());
            let (basic, mut client) = (basic.to_owned(), Client::new(desk.address));
            std::thread::spawn(move || -> Result<()> {
                let headers = [("Authorization", basic.as_str()), ("Content-Type", "application/json")];
                loop {
                    let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        return Ok(());
                    };
                    let answer = client.call("POST", "/v1/batch", &headers, body.as_bytes())?;
                    ensure!(answer.status == 200, "a batch was answered {}", answer.status);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("a driver does not panic")?;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// Gives how long single events take from being told until the map has them, in milliseconds, with so many others there.
fn counted(desk: &Desk, basic: &str, there: usize) -> Result<Vec<f64>> {
    let mut client = Client::new(desk.address);
    let headers = [("Authorization", basic), ("Content-Type", "application/json")];
    let on_map = || -> Result<u64> {
        let map = desk.api("GET", "/api/journey/map?durations=false", &Value::Null)?;
        map["events"].as_u64().context("a map counts events")
    };
    let settled = Instant::now();
    while on_map()? < there as u64 {
        ensure!(settled.elapsed() < PATIENCE, "the map has not got {there} events");
    }
    let one = |n: usize| -> Result<f64> {
        let (start, before) = (Instant::now(), on_map()?);
        let body = body(there + n, 0, 1);
        let told = Instant::now();
        let answer = client.call("POST", "/v1/batch", &headers, body.as_bytes())?;
        ensure!(answer.status == 200, "an event was answered {}", answer.status);
        while on_map()? <= before {
            ensure!(start.elapsed() < PATIENCE, "an event is never counted");
        }
        Ok(told.elapsed().as_secs_f64() * 1e3)
    };
    (0..50).map(one).collect()
}

fn body(first: usize, n: usize, count: usize) -> String {
    let calls: Vec<Value> = (n..count.min(n + BATCH)).map(|n| call(first + n)).collect();
    json!({ "batch": calls }).to_string()
}

fn call(n: usize) -> Value {
    json!({
        "type": "track", "event": "Product Viewed", "messageId": format!("node-next-{n:012}-4c1e"),
        "anonymousId": format!("visitor-{:08}", n % VISITORS),
        "properties": {"product": n % 500, "price": 99.5, "currency": "EUR", "list": "Rooms by the sea"},
        "context": {"library": {"name": "bench", "version": "1"}},
    })
}
