//! Inbound texts: signed webhooks over kept connections against the same statements on a bare connection.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Programs, Row, build_example};
use crate::desk::{Desk, Hook};
use crate::http::Client;
use crate::twilio;

/// How many connections post side by side: as many texts can share a commit.
const CONNECTIONS: usize = 64;
/// How many texts are measured.
const TEXTS: usize = 20_000;
/// How many customers share them.
const CUSTOMERS: usize = 500;

pub fn run(programs: &Programs) -> Result<Vec<Row>> {
    let floor = floor()?;
    let mut desk = Desk::new(programs.server()?, None)?;
    desk.start()?;
    let hook = desk.add_channel("http://127.0.0.1:9")?;
    post(&desk, &hook, 0, CUSTOMERS)?;
    let rate = post(&desk, &hook, CUSTOMERS, TEXTS)?;
    let bare = floor["texts_per_second"].as_f64().context("the floor has a rate")?;
    let share = rate / bare * 100.0;
    Ok(vec![
        Row {
            what: "inbound text: signed webhook → durable → acknowledged".to_owned(),
            figure: format!("{rate:.0}/s, {share:.0} % of bare rusqlite"),
            budget: "≥ 50 % of bare rusqlite, same statements, group size and fsync",
            is_kept: Some(share >= 50.0),
        },
        Row::note(
            format!(
                "floor: {} statements a text, groups of {}",
                floor["statements_per_text"], floor["group"]
            ),
            format!("{bare:.0}/s"),
        ),
        Row::note(
            "memory after these texts",
            format!("{:.1} MB", desk.resident_kb()? as f64 / 1024.0),
        ),
    ])
}

fn floor() -> Result<Value> {
    let program = build_example("rapport", "floor")?;
    let (texts, group) = (TEXTS.to_string(), CONNECTIONS.to_string());
    let output = Command::new(program)
        .args([texts, group])
        .env("RUST_LOG", "error")
        .output()?;
    ensure!(
        output.status.success(),
        "the floor failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Posts texts number `first` and on; gives how many were acknowledged in a second.
fn post(desk: &Desk, hook: &Hook, first: usize, count: usize) -> Result<f64> {
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let threads: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (next, hook, mut client) = (next.clone(), hook.clone(), Client::new(desk.address));
            std::thread::spawn(move || -> Result<()> {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= count {
                        return Ok(());
                    }
                    let n = first + n;
                    let from = format!("+1212555{:04}", n % CUSTOMERS);
                    let text = format!("Is the room still free on day {n}?");
                    let webhook = twilio::text(&hook.url, &format!("SM{n:032}"), (&from, &hook.number), &text);
                    let status = webhook.post(&mut client, &hook.path)?;
                    ensure!(status == 200, "a webhook was answered {status}");
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("a driver does not panic")?;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}
