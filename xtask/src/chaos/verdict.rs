//! The verdict: what was acknowledged is there once, what was answered left once, and nothing hangs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::company::{self, Waiting};
use super::crowd::Said;
use super::mock::Mock;
use crate::desk::Desk;

/// The most that a visitor is shown at once.
const MOST_SEEN: usize = 500;

/// What was found.
#[derive(Default)]
pub struct Verdict {
    acknowledged: usize,
    repeated: usize,
    sent: usize,
    unconfirmed: usize,
    lost: usize,
    doubled: usize,
    timers: usize,
    /// What is not as it must be.
    pub faults: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} texts acknowledged ({} posted again), {} answers sent, {} unconfirmed, {} timers fired, {} lost, {} doubled",
            self.acknowledged, self.repeated, self.sent, self.unconfirmed, self.timers, self.lost, self.doubled
        )
    }
}

/// Waits until nothing waits to leave, no menu waits for a silent customer, and all news of the provider has been taken.
///
/// How long that takes depends on how many texts there are and what else the machine does: patience ends when for that long
/// not one more text has left.
pub fn wait_until_quiet(desk: &Desk, mock: &Mock, waiting: &[Waiting], patience: Duration) -> Result<()> {
    let (mut least, mut progress) = (usize::MAX, Instant::now());
    loop {
        let mut moving = moving(desk)?;
        for one in waiting {
            moving += usize::from(one.is_open(desk)?);
        }
        if moving == 0 && mock.open() == 0 {
            return Ok(());
        }
        if moving < least {
            (least, progress) = (moving, Instant::now());
        }
        if progress.elapsed() > patience {
            bail!(
                "for {} s still {moving} texts are on their way or waited for, {} callbacks open",
                patience.as_secs(),
                mock.open()
            );
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

fn moving(desk: &Desk) -> Result<usize> {
    let mut count = 0;
    for conversation in desk
        .list("/api/conversations?view=all")?
        .iter()
        .chain(&desk.list("/api/conversations?view=closed")?)
    {
        let texts = desk.list(&format!("/api/conversations/{}/messages", conversation["id"]))?;
        count += texts.iter().filter(|text| is_moving(text)).count();
    }
    let snoozed = desk.list("/api/conversations?view=snoozed")?.len();
    Ok(count + snoozed)
}

fn is_moving(text: &Value) -> bool {
    matches!(text["status"].as_str(), Some("queued" | "sending" | "scheduled"))
}

/// Looks at everything that was said and everything that left.
pub fn judge(desk: &Desk, mock: &Mock, crowd: &[Said], waiting: &[Waiting]) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    for said in crowd {
        verdict.acknowledged += said.texts.len();
        verdict.repeated += said.posts - said.texts.len();
        verdict.conversations_of(desk, mock, said)?;
    }
    for (message, times) in mock.accepted().into_iter().filter(|(_, times)| *times > 1) {
        verdict.doubled += 1;
        verdict
            .faults
            .push(format!("the provider got message {message} {times} times"));
    }
    for one in waiting {
        let faults = one.faults(desk)?;
        verdict.timers += company::TIMERS - faults.len();
        verdict.faults.extend(faults);
    }
    for (path, what) in [
        ("/api/inbound?state=failed", "not understood"),
        ("/api/jobs?state=dead", "laid aside"),
    ] {
        let left = desk.list(path)?;
        if !left.is_empty() {
            verdict.faults.push(format!("{} were {what}: {}", left.len(), left[0]));
        }
    }
    Ok(verdict)
}

impl Verdict {
    fn conversations_of(&mut self, desk: &Desk, mock: &Mock, said: &Said) -> Result<()> {
        let customer = company::customer(desk, &said.identity)?;
        let mut texts = Vec::new();
        for conversation in desk.list(&format!("/api/conversations?customer={customer}"))? {
            texts.extend(desk.list(&format!("/api/conversations/{}/messages", conversation["id"]))?);
        }
        texts.sort_by_key(|text| text["id"].as_i64());
        self.what_came(said, &texts);
        self.what_left(mock, said, &texts);
        if let Some(visitor) = &said.visitor {
            self.what_is_seen(&texts, &visitor.sees(desk.address)?);
        }
        Ok(())
    }

    /// The visitor sees what the desk sees, each once.
    fn what_is_seen(&mut self, texts: &[Value], seen: &[Value]) {
        let ids = |texts: &[Value]| texts.iter().map(|text| text["id"].as_i64()).collect::<Vec<_>>();
        let (there, seen) = (ids(texts), ids(seen));
        // The chat gives the newest that many.
        let newest = &there[there.len().saturating_sub(MOST_SEEN)..];
        if newest != seen.as_slice() {
            self.faults
                .push(format!("the desk has {newest:?}, and a visitor sees {seen:?}"));
        }
    }

    /// Every acknowledged text is there exactly once, and nothing else is.
    fn what_came(&mut self, said: &Said, texts: &[Value]) {
        let mut there: BTreeMap<&str, usize> = BTreeMap::new();
        for text in texts.iter().filter(|text| text["direction"] == "in") {
            *there.entry(text["body"].as_str().unwrap_or_default()).or_default() += 1;
        }
        for text in &said.texts {
            match there.remove(text.as_str()) {
                Some(1) => {}
                Some(times) => {
                    self.doubled += 1;
                    self.faults.push(format!("'{text}' is there {times} times"));
                }
                None => {
                    self.lost += 1;
                    self.faults.push(format!("'{text}' was acknowledged and is not there"));
                }
            }
        }
        self.faults
            .extend(there.keys().map(|text| format!("'{text}' is there and was never said")));
    }

    /// Each text brought the next answer of the menu, once, through every kill.
    fn what_left(&mut self, mock: &Mock, said: &Said, texts: &[Value]) {
        let accepted = mock.accepted();
        let answers: Vec<&Value> = texts.iter().filter(|text| text["direction"] == "out").collect();
        if answers.len() != said.texts.len() {
            let (got, said) = (answers.len(), said.texts.len());
            self.faults.push(format!(
                "{said} texts of customer {} brought {got} answers",
                texts[0]["customer_id"]
            ));
        }
        for (n, answer) in answers.iter().enumerate() {
            let expected = ["First:", "Second:", "Third:"][n % company::ANSWERS];
            if !answer["body"].as_str().is_some_and(|body| body.starts_with(expected)) {
                self.faults.push(format!("answer {n} is not the {expected} {answer}"));
            }
            let id = answer["id"].as_i64().unwrap_or_default();
            let fits = match answer["status"].as_str() {
                // There is no provider between us and a visitor.
                Some("sent" | "delivered") if said.visitor.is_some() => true,
                Some("delivered") => accepted.contains_key(&id),
                Some("sent") => accepted.contains_key(&id) && !mock.has_told(id),
                // It may have reached the provider or not; had news of it come, it would be delivered.
                Some("unconfirmed") => said.visitor.is_none() && !mock.has_told(id),
                _ => false,
            };
            if !fits {
                let times = accepted.get(&id).copied().unwrap_or_default();
                self.faults
                    .push(format!("the provider got this {times} times: {answer}"));
            }
            match answer["status"].as_str() {
                Some("unconfirmed") => self.unconfirmed += 1,
                _ => self.sent += 1,
            }
        }
    }
}
