//! What a monitor asks for, in Prometheus' text format: `/metrics`.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
};

use axum::{
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use store::upkeep;

use super::{
    caller::Caller,
    problem::{Answer, Problem},
    visitor::Origin,
};
use crate::app::Shared;

/// The statuses that HTTP has, from the first on.
const FIRST_STATUS: u16 = 100;
const STATUSES: usize = 500;

/// What is counted while the server runs.
pub struct Metrics {
    answers: [AtomicU64; STATUSES],
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            answers: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

/// Counts each answer by its status.
pub async fn count(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let place = usize::from(response.status().as_u16().saturating_sub(FIRST_STATUS));
    if let Some(counter) = app.metrics.answers.get(place) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
    response
}

/// Gives everything that is measured, to a monitor on this machine or with a token.
#[utoipa::path(get, path = "/metrics", tag = "running", responses((status = 200, body = String), (status = 401)))]
pub async fn show(
    State(app): State<Shared>,
    Origin(origin): Origin,
    caller: Result<Caller, Problem>,
) -> Answer<Response> {
    if !origin.is_some_and(|origin| origin.is_loopback()) {
        caller?;
    }
    let waiting = app.store.read(upkeep::waiting).await?;
    let mut text = String::new();
    let answers = app.metrics.answers.iter().zip(FIRST_STATUS..);
    let answers = answers.map(|(count, status)| (status.to_string(), count.load(Ordering::Relaxed)));
    let answers = answers.filter(|(_, count)| *count > 0);
    let about = [
        "rapport_http_answers_total",
        "counter",
        "Answers by HTTP status.",
        "status",
    ];
    family(&mut text, about, answers);
    let about = ["rapport_jobs", "gauge", "Jobs that are not done, by state.", "state"];
    family(&mut text, about, waiting.jobs);
    let about = [
        "rapport_inbound",
        "gauge",
        "Deliveries of providers that are not worked in, by state.",
        "state",
    ];
    family(&mut text, about, waiting.inbound);
    if let Some(bytes) = resident_bytes() {
        let name = "process_resident_memory_bytes";
        write!(
            text,
            "# HELP {name} Resident memory.\n# TYPE {name} gauge\n{name} {bytes}\n"
        )
        .expect("a string takes all");
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

/// Writes one metric with a value for each label. `about` is its name, its kind, its meaning and the label's name.
fn family<N: std::fmt::Display>(
    text: &mut String,
    [name, kind, help, label]: [&str; 4],
    values: impl IntoIterator<Item = (String, N)>,
) {
    write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n").expect("a string takes all");
    for (value, number) in values {
        writeln!(text, "{name}{{{label}=\"{value}\"}} {number}").expect("a string takes all");
    }
}

/// Gives the memory this process has in use, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
