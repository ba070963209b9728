//! Jobs at work: what is due is leased, done side by side, and ended in the transaction of what it changed.
//!
//! A job that fails is tried again after growing pauses and in the end laid aside as dead, to be seen and run again. A
//! crash in the middle lets the lease run out, and the job is taken up again: each kind says how it stands that.

pub(crate) mod deadline;
mod media;
pub(crate) mod send;
pub(crate) mod submit;

use std::{sync::Arc, time::Duration};

use domain::Time;
use store::jobs::{self, Job};
use tokio::sync::{Semaphore, watch};

use crate::{
    app::Shared,
    desk::{inbound, menu, outbound, requests, survey},
};

pub use send::Rates;

/// How many jobs are done side by side.
const SIDE_BY_SIDE: usize = 32;
/// How long after its worker's last sign of life a job is taken up by another.
const LEASE_SECONDS: i64 = 15;
/// How often a worker gives a sign of life while it has jobs.
const SIGN_SECONDS: i64 = 4;

/// How a job went.
#[derive(Debug)]
pub enum Outcome {
    /// It is done, and has ended itself in its own transaction.
    Ended,
    /// It has to wait for its turn.
    NotBefore(Time),
    /// It failed and may go through later.
    Retry(String),
    /// It will never go through.
    Hopeless(String),
}

/// Works until told to stop; what has begun is finished first.
pub async fn work(app: Shared, mut stop: watch::Receiver<bool>) {
    let owner = app.universe.token();
    if app.config.database.is_none() {
        // This process alone owns the data folder: what is leased was leased by one that is gone.
        let _ = app.store.write(jobs::release_all).await;
    }
    let slots = Arc::new(Semaphore::new(SIDE_BY_SIDE));
    let mut changes = app.store.changes();
    let mut signed = app.universe.now();
    loop {
        changes.mark_unchanged();
        if slots.available_permits() < SIDE_BY_SIDE && app.universe.now() >= signed.plus_seconds(SIGN_SECONDS) {
            signed = app.universe.now();
            if let Err(error) = prolong(&app, &owner, signed).await {
                tracing::error!(%error, "the leases cannot be prolonged");
            }
        }
        match lease(&app, &owner, slots.available_permits()).await {
            Ok(batch) if !batch.is_empty() => {
                app.working.beat(app.universe.now());
                for job in batch {
                    let slot = slots
                        .clone()
                        .acquire_owned()
                        .await
                        .expect("the semaphore is never closed");
                    let (app, owner) = (app.clone(), owner.clone());
                    tokio::spawn(async move {
                        run(&app, &owner, job).await;
                        drop(slot);
                    });
                }
            }
            Ok(_) => app.working.beat(app.universe.now()),
            Err(error) => tracing::error!(%error, "jobs cannot be leased"),
        }
        let pause = pause(&app, slots.available_permits()).await;
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    let all = u32::try_from(SIDE_BY_SIDE).expect("it is small");
    let _ = slots.acquire_many(all).await;
}

/// Does all that is due now, one job after the other, until nothing is: for tests and tools, where nobody else works.
pub async fn work_off(app: &Shared) -> store::Result<()> {
    let owner = app.universe.token();
    loop {
        let batch = lease(app, &owner, SIDE_BY_SIDE).await?;
        if batch.is_empty() {
            return Ok(());
        }
        for job in batch {
            run(app, &owner, job).await;
        }
    }
}

async fn prolong(app: &Shared, owner: &str, now: Time) -> store::Result<()> {
    let owner = owner.to_owned();
    app.store
        .write(move |tx| jobs::prolong(tx, &owner, now.plus_seconds(LEASE_SECONDS)))
        .await
}

async fn lease(app: &Shared, owner: &str, free: usize) -> store::Result<Vec<Job>> {
    let now = app.universe.now();
    let due = app.store.read(jobs::next_due).await?;
    if free == 0 || due.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    let (owner, limit) = (owner.to_owned(), i64::try_from(free).unwrap_or(1));
    app.store
        .write(move |tx| jobs::lease(tx, &owner, now, now.plus_seconds(LEASE_SECONDS), limit))
        .await
}

/// Says how long nothing is due: at most a second, for a wake-up may get lost between nodes.
async fn pause(app: &Shared, free: usize) -> Duration {
    let longest = Duration::from_secs(1);
    if free == 0 {
        // The end of any job changes the store, which wakes us.
        return longest;
    }
    match app.store.read(jobs::next_due).await {
        Ok(Some(due)) => {
            let micros = due.0.saturating_sub(app.universe.now().0).max(0);
            longest.min(Duration::from_micros(micros.unsigned_abs()))
        }
        _ => longest,
    }
}

/// Does one job that `owner` has leased.
pub async fn run(app: &Shared, owner: &str, job: Job) {
    let id = job.id;
    let (kind, tries) = (job.kind.clone(), job.tries);
    let outcome = match job.kind.as_str() {
        outbound::SEND => send::run(app, owner, &job).await,
        requests::SUBMIT => submit::run(app, owner, &job).await,
        inbound::FETCH => media::run(app, owner, &job).await,
        menu::TIMEOUT => deadline::flow_timeout(app, owner, &job).await,
        survey::SEND => deadline::send_survey(app, owner, &job).await,
        inbound::WAKE => deadline::wake_conversation(app, owner, &job).await,
        other => Ok(Outcome::Hopeless(format!("there is no job of the kind {other}"))),
    };
    let outcome = outcome.unwrap_or_else(|error| Outcome::Retry(error.to_string()));
    if matches!(outcome, Outcome::Ended) {
        // Its own transaction said all there is to say; another would cost a commit for nothing.
        return;
    }
    let now = app.universe.now();
    let again = now.plus_seconds(jobs::pause_seconds(tries));
    let owner = owner.to_owned();
    let settled = app
        .store
        .write(move |tx| match &outcome {
            Outcome::Ended => Ok(()),
            Outcome::NotBefore(time) => jobs::postpone(tx, id, &owner, *time),
            Outcome::Retry(error) => jobs::failed(tx, id, &owner, error, (tries < jobs::TRIES).then_some(again)),
            Outcome::Hopeless(error) => jobs::failed(tx, id, &owner, error, None),
        })
        .await;
    if let Err(error) = settled {
        tracing::error!(job.id = id.0, job.kind = kind, %error, "a job could not be settled; its lease will run out");
    }
}
