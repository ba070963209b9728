//! From a customer's text to the agent's screen: webhooks at a steady rate, and one watcher of the live stream.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Programs, Row, quantile};
use crate::desk::{Desk, Hook};
use crate::http::{Client, read_head};
use crate::twilio;

const PER_SECOND: u64 = 500;
const SECONDS: u64 = 15;
/// Connections that share the rate.
const CONNECTIONS: u64 = 20;
const CUSTOMERS: u64 = 500;

pub fn run(programs: &Programs) -> Result<Vec<Row>> {
    let mut desk = Desk::new(programs.server()?, None)?;
    desk.start()?;
    let hook = desk.add_channel("http://127.0.0.1:9")?;
    let start = Instant::now();
    // When each text was sent, in nanoseconds since the start.
    let sent: Arc<Vec<AtomicU64>> = Arc::new((0..PER_SECOND * SECONDS).map(|_| AtomicU64::new(0)).collect());
    let watcher = watch(&desk, sent.clone(), start)?;
    let drivers: Vec<_> = (0..CONNECTIONS)
        .map(|n| {
            let (hook, sent, client) = (hook.clone(), sent.clone(), Client::new(desk.address));
            std::thread::spawn(move || drive(n, client, &hook, &sent, start))
        })
        .collect();
    for driver in drivers {
        driver.join().expect("a driver does not panic")?;
    }
    let mut delays = watcher.join().expect("the watcher does not panic")?;
    ensure!(
        delays.len() == sent.len(),
        "{} of {} texts were seen",
        delays.len(),
        sent.len()
    );
    delays.sort_by(f64::total_cmp);
    Ok(vec![
        Row::at_most(
            "inbound text → agent's live stream, at 500/s, p99",
            quantile(&delays, 0.99),
            "ms",
            (50.0, "≤ 50 ms"),
        ),
        Row::note("the same, p50", format!("{:.1} ms", quantile(&delays, 0.5))),
    ])
}

fn drive(n: u64, mut client: Client, hook: &Hook, sent: &[AtomicU64], start: Instant) -> Result<()> {
    for text in (n..PER_SECOND * SECONDS).step_by(CONNECTIONS as usize) {
        // A second to come to rest before the first one.
        let due = start + Duration::from_secs(1) + Duration::from_secs(1) * text as u32 / PER_SECOND as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let from = format!("+1212555{:04}", text % CUSTOMERS);
        let webhook = twilio::text(
            &hook.url,
            &format!("SM{text:032}"),
            (&from, &hook.number),
            &format!("text {text}"),
        );
        sent[text as usize].store(start.elapsed().as_nanos() as u64, Ordering::SeqCst);
        let status = webhook.post(&mut client, &hook.path)?;
        ensure!(status == 200, "a webhook was answered {status}");
    }
    Ok(())
}

type Watcher = std::thread::JoinHandle<Result<Vec<f64>>>;

/// Reads the live stream until every text was seen, or nothing comes any more.
fn watch(desk: &Desk, sent: Arc<Vec<AtomicU64>>, start: Instant) -> Result<Watcher> {
    let mut stream = TcpStream::connect(desk.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let bearer = desk.bearer();
    write!(
        stream,
        "GET /api/live HTTP/1.1\r\nHost: {}\r\nAuthorization: {bearer}\r\n\r\n",
        desk.address
    )?;
    let mut stream = BufReader::new(stream);
    let head = read_head(&mut stream)?.context("the stream opens")?;
    ensure!(
        head.first_line.contains(" 200 "),
        "the live stream answered {}",
        head.first_line
    );
    Ok(std::thread::spawn(move || {
        let mut delays = Vec::with_capacity(sent.len());
        let mut line = String::new();
        while delays.len() < sent.len() && stream.read_line(&mut line).is_ok_and(|read| read > 0) {
            if let Some(number) = number(&line) {
                let delay = start.elapsed().as_nanos() as u64 - sent[number].load(Ordering::SeqCst);
                delays.push(delay as f64 / 1e6);
            }
            line.clear();
        }
        Ok(delays)
    }))
}

/// Gives the number of the text that a line of the stream tells of.
fn number(line: &str) -> Option<usize> {
    let change: Value = serde_json::from_str(line.strip_prefix("data:")?.trim()).ok()?;
    if change["kind"] != "message_received" {
        return None;
    }
    let body = change["data"]["body"].as_str()?;
    body.strip_prefix("text ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_line_of_the_stream_tells_its_text() {
        let line = r#"data: {"kind":"message_received","data":{"body":"text 7"}}"#;
        assert_eq!(number(line), Some(7));
        assert_eq!(
            number(r#"data: {"kind":"message_queued","data":{"body":"text 7"}}"#),
            None
        );
        assert_eq!(number("event: change"), None);
    }
}
