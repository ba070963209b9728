//! Lists and search over a million conversations, as the inbox asks for them.

use std::process::Command;
use std::time::Instant;

use anyhow::{Result, ensure};

use super::{Programs, Row, build_example, quantile};
use crate::desk::Desk;
use crate::http::Client;

const CONVERSATIONS: u64 = 1_000_000;
/// How often each is asked.
const TIMES: usize = 100;

const QUESTIONS: [(&str, &str); 10] = [
    ("list: unassigned", "/api/conversations?view=unassigned"),
    (
        "list: waiting, longest first",
        "/api/conversations?view=waiting&sort=waiting",
    ),
    ("list: all", "/api/conversations?view=all"),
    ("list: closed", "/api/conversations?view=closed"),
    ("list: one team", "/api/conversations?view=all&team=3"),
    ("list: one agent", "/api/conversations?view=all&assignee=2"),
    ("list: one tag", "/api/conversations?view=all&tag=tag%2010"),
    ("counts of the views", "/api/conversations/counts"),
    ("search: two words", "/api/search?q=harbour%20room"),
    ("search: rare words", "/api/search?q=museum%20room%20501%20day%20100"),
];

pub fn run(programs: &Programs) -> Result<Vec<Row>> {
    let mut desk = Desk::new(programs.server()?, None)?;
    let fill = build_example("store", "fill")?;
    let start = Instant::now();
    let status = Command::new(fill)
        .arg(desk.folder())
        .arg(CONVERSATIONS.to_string())
        .status()?;
    ensure!(status.success(), "the store was not filled");
    println!(
        "{CONVERSATIONS} conversations made in {:.0} s",
        start.elapsed().as_secs_f64()
    );
    desk.start()?;
    let mut rows = Vec::new();
    for (what, path) in QUESTIONS {
        let mut times = ask(&desk, path)?;
        times.sort_by(f64::total_cmp);
        let what = format!("{what}, p95 (median {:.1} ms)", quantile(&times, 0.5));
        rows.push(Row::at_most(&what, quantile(&times, 0.95), "ms", (20.0, "≤ 20 ms")));
    }
    let memory = desk.resident_kb()? as f64 / 1024.0;
    rows.push(Row::note("memory after these questions", format!("{memory:.1} MB")));
    Ok(rows)
}

/// Asks again and again on one connection; the first answers warm up and do not count.
fn ask(desk: &Desk, path: &str) -> Result<Vec<f64>> {
    let mut client = Client::new(desk.address);
    let bearer = desk.bearer();
    let mut times = Vec::with_capacity(TIMES);
    for n in 0..TIMES + 5 {
        let start = Instant::now();
        let answer = client.call("GET", path, &[("Authorization", bearer.as_str())], b"")?;
        ensure!(
            answer.status == 200,
            "{path} answered {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
        if n >= 5 {
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
    }
    Ok(times)
}
