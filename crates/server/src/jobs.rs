//! Jobs at work: what is due is leased, done side by side, and ended in the transaction of what it changed.
//!
//! A job that fails is tried again after growing pauses and in the end laid aside as dead, to be seen and run again. A
//! crash in the middle lets the lease run out, and the job is taken up again: each kind says how it stands that.

pub(crate) mod deadline;
mod files;
mod media;
mod rates;
pub(crate) mod send;
pub(crate) mod submit;

use std::{
    collections::BTreeSet,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{Actor, JobId, Time};
use futures::FutureExt;
use store::{
    Tx,
    jobs::{self, Job, Room},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::{
    app::Shared,
    desk::{Moment, attached, erasing, following, inbound, menu, outbound, requests, survey},
    imports,
};

pub use rates::Rates;

/// How many jobs are done side by side.
const SIDE_BY_SIDE: usize = 32;
/// How many of them are kept for answers: a provider that is slow with a campaign must not hold these up.
const FOR_ANSWERS: usize = 8;
/// How many more are done for partners, who may be slow: no text waits for them.
const FOR_PARTNERS: usize = 8;
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

/// The jobs that this worker is at.
#[derive(Clone, Default)]
struct AtWork(Arc<Mutex<BTreeSet<JobId>>>);

impl AtWork {
    fn begin(&self, id: JobId) {
        self.lock().insert(id);
    }

    fn end(&self, id: JobId) {
        self.lock().remove(&id);
    }

    fn ids(&self) -> Vec<JobId> {
        self.lock().iter().copied().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<JobId>> {
        self.0.lock().expect("no one panics while holding it")
    }
}

/// Room for jobs side by side.
struct Slots {
    texts: Arc<Semaphore>,
    errands: Arc<Semaphore>,
}

impl Slots {
    fn new() -> Slots {
        Slots {
            texts: Arc::new(Semaphore::new(SIDE_BY_SIDE)),
            errands: Arc::new(Semaphore::new(FOR_PARTNERS)),
        }
    }

    /// Says for how many more jobs there is room.
    fn room(&self) -> Room {
        let free = self.texts.available_permits();
        let count = |jobs: usize| i64::try_from(jobs).expect("it is small");
        Room {
            all: count(free),
            bulk: count(free.saturating_sub(FOR_ANSWERS)),
            errands: count(self.errands.available_permits()),
        }
    }

    /// Takes the room for a job, until what it gives is dropped.
    async fn take(&self, job: &Job) -> OwnedSemaphorePermit {
        let slots = if job.lane == jobs::ERRANDS {
            &self.errands
        } else {
            &self.texts
        };
        let slot = slots.clone().acquire_owned().await;
        slot.expect("the semaphore is never closed")
    }

    async fn wait_for_all(&self) {
        for (slots, all) in [(&self.texts, SIDE_BY_SIDE), (&self.errands, FOR_PARTNERS)] {
            let all = u32::try_from(all).expect("it is small");
            let _ = slots.acquire_many(all).await;
        }
    }
}

/// Works until told to stop; what has begun is finished first.
pub async fn work(app: Shared, mut stop: watch::Receiver<bool>) {
    let owner = app.universe.token();
    if app.config.database.is_none() {
        // This process alone owns the data folder: what is leased was leased by one that is gone.
        let _ = app.store.write(jobs::release_all).await;
    }
    let slots = Slots::new();
    let at_work = AtWork::default();
    let mut changes = app.store.changes();
    let mut signed = app.universe.now();
    loop {
        changes.mark_unchanged();
        if !at_work.ids().is_empty() && app.universe.now() >= signed.plus_seconds(SIGN_SECONDS) {
            signed = app.universe.now();
            if let Err(error) = prolong(&app, &owner, at_work.ids(), signed).await {
                tracing::error!(%error, "the leases cannot be prolonged");
            }
        }
        match lease(&app, &owner, slots.room()).await {
            Ok(batch) if !batch.is_empty() => {
                app.working.beat(app.universe.now());
                for job in batch {
                    let slot = slots.take(&job).await;
                    let (app, owner, at_work) = (app.clone(), owner.clone(), at_work.clone());
                    let id = job.id;
                    at_work.begin(id);
                    tokio::spawn(async move {
                        run(&app, &owner, job).await;
                        at_work.end(id);
                        drop(slot);
                    });
                }
            }
            Ok(_) => app.working.beat(app.universe.now()),
            Err(error) => tracing::error!(%error, "jobs cannot be leased"),
        }
        let pause = pause(&app, slots.room()).await;
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    slots.wait_for_all().await;
}

/// Does all that is due now, one job after the other, until nothing is: for tests and tools, where nobody else works.
pub async fn work_off(app: &Shared) -> store::Result<()> {
    let owner = app.universe.token();
    let room = Slots::new().room();
    loop {
        let batch = lease(app, &owner, room).await?;
        if batch.is_empty() {
            return Ok(());
        }
        for job in batch {
            run(app, &owner, job).await;
        }
    }
}

async fn prolong(app: &Shared, owner: &str, at_work: Vec<JobId>, now: Time) -> store::Result<()> {
    let owner = owner.to_owned();
    app.store
        .write(move |tx| jobs::prolong(tx, &owner, &at_work, now.plus_seconds(LEASE_SECONDS)))
        .await
}

async fn lease(app: &Shared, owner: &str, room: Room) -> store::Result<Vec<Job>> {
    let now = app.universe.now();
    let due = app.store.read(move |tx| jobs::next_due(tx, room)).await?;
    if due.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    let owner = owner.to_owned();
    app.store
        .write(move |tx| jobs::lease(tx, &owner, now, now.plus_seconds(LEASE_SECONDS), room))
        .await
}

/// Says how long nothing is due: at most a second, for a wake-up may get lost between nodes.
async fn pause(app: &Shared, room: Room) -> Duration {
    let longest = Duration::from_secs(1);
    // Where there is no room: the end of any job changes the store, which wakes us.
    match app.store.read(move |tx| jobs::next_due(tx, room)).await {
        Ok(Some(due)) => {
            let micros = due.0.saturating_sub(app.universe.now().0).max(0);
            longest.min(Duration::from_micros(micros.unsigned_abs()))
        }
        _ => longest,
    }
}

/// Does one job that `owner` has leased.
pub async fn run(app: &Shared, owner: &str, job: Job) {
    let (id, kind) = (job.id, job.kind.clone());
    let outcome = if job.tries > jobs::TRIES {
        // Only a lease that ran out leads here: it takes its worker down each time.
        Outcome::Hopeless("whoever tried it was lost".to_owned())
    } else {
        caught(perform(app, owner, &job)).await
    };
    if matches!(outcome, Outcome::Ended) {
        // Its own transaction said all there is to say; another would cost a commit for nothing.
        return;
    }
    let moment = Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    };
    let again = moment.now.plus_seconds(jobs::pause_seconds(job.tries));
    let owner = owner.to_owned();
    let settled = app
        .store
        .write(move |tx| match &outcome {
            Outcome::Ended => Ok(()),
            Outcome::NotBefore(time) => jobs::postpone(tx, id, &owner, *time),
            Outcome::Retry(error) if job.tries < jobs::TRIES => jobs::failed(tx, id, &owner, error, Some(again)),
            Outcome::Retry(error) | Outcome::Hopeless(error) => lay_aside(tx, &moment, (&owner, &job), error),
        })
        .await;
    if let Err(error) = settled {
        tracing::error!(job.id = id.0, job.kind = kind, %error, "a job could not be settled; its lease will run out");
    }
}

async fn perform(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    match job.kind.as_str() {
        outbound::SEND => send::run(app, owner, job).await,
        requests::SUBMIT => submit::run(app, owner, job).await,
        attached::FETCH => media::run(app, owner, job).await,
        menu::TIMEOUT => deadline::flow_timeout(app, owner, job).await,
        survey::SEND => deadline::send_survey(app, owner, job).await,
        erasing::REMOVE_FILES => files::run(app, owner, job).await,
        imports::RUN => imports::run::run(app, owner, job).await,
        following::FOLLOW => deadline::follow_visitor(app, owner, job).await,
        inbound::WAKE => deadline::wake_conversation(app, owner, job).await,
        other => Ok(Outcome::Hopeless(format!("there is no job of the kind {other}"))),
    }
}

/// Waits for a job's work. A bug in it is a failure like any other: the job must not stay leased.
async fn caught(work: impl Future<Output = store::Result<Outcome>>) -> Outcome {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome.unwrap_or_else(|error| Outcome::Retry(error.to_string())),
        Err(_) => Outcome::Retry("a bug: the server's log says more".to_owned()),
    }
}

/// Lays a job aside that will not go through. A text is not left in between: it has failed, and its agent decides.
fn lay_aside(tx: &mut Tx, moment: &Moment, (owner, job): (&str, &Job), error: &str) -> store::Result<()> {
    let Some(text) = send::text_of(tx, job)? else {
        return jobs::failed(tx, job.id, owner, error, None);
    };
    tracing::error!(job.id = job.id.0, message.id = text.id.0, error, "a text was given up");
    if jobs::done(tx, job.id, owner)? {
        send::give_up(tx, moment, &text, error)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bug_in_a_job_is_a_failure_like_any_other() {
        let outcome = caught(async { panic!("a bug") }).await;
        assert!(matches!(outcome, Outcome::Retry(_)), "{outcome:?}");
    }
}
