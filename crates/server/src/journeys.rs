//! The journey log of the running server: every meeting of customer and company, in the columns that the kernels fold over.
//!
//! It follows the events by a cursor and sorts each into a touchpoint of the catalogue; nothing is in it that the events
//! cannot give again. Each node has one of its own. What a question means and how its answer looks is the API's matter.

mod catalogue;
mod disk;
mod follow;
mod keeper;
mod suspects;

use std::{
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::Time;
use journey::Log;
use store::events::{self, Cursor};
use tokio::sync::watch;

pub use catalogue::{Catalogue, number, read_rule, rule_fault_at};
pub use follow::follow;

use suspects::Suspects;

use crate::{
    app::Shared,
    http::problem::{Answer, Problem},
    pulse::Pulse,
};

/// The log as it is asked, and how far it is.
#[derive(Default)]
pub struct Journeys {
    state: RwLock<State>,
    /// The place in the events that the log is built to.
    reached: watch::Sender<Cursor>,
    /// How many events were read for it.
    read: AtomicU64,
    /// The touchpoints that were found to bring calls for help.
    pub suspects: Suspects,
    /// Whether the events are being followed.
    pub pulse: Pulse,
}

/// The log with the place in the events that it is built to.
struct State {
    log: Log,
    cursor: Cursor,
    /// When the event there happened.
    last: Option<Time>,
    /// When the newest event in it was recorded to have happened.
    built_to: Option<Time>,
    is_rebuilding: bool,
}

impl Default for State {
    fn default() -> State {
        State {
            log: Log::new(0),
            cursor: Cursor::default(),
            last: None,
            built_to: None,
            is_rebuilding: true,
        }
    }
}

/// How far the log is.
#[derive(Debug, Clone, Copy, serde::Serialize, utoipa::ToSchema)]
#[schema(as = JourneyStatus)]
pub struct Status {
    /// How many meetings are in it.
    pub events: usize,
    /// Of how many customers.
    pub customers: usize,
    /// How many bytes of memory they take; what takes more than it may is on the disk.
    pub bytes: usize,
    /// How many events were read for it since the server started.
    pub read: u64,
    /// When the newest event that was read happened.
    pub built_to: Option<Time>,
    /// Whether all events are being read anew: after a start, or because the catalogue sorts them otherwise. Until that is
    /// done answers are about what was there before.
    pub is_rebuilding: bool,
}

/// How long a question waits for the log to take in what was durable when it was asked.
const PATIENCE: Duration = Duration::from_secs(1);

/// Waits until the log has taken in all that is durable now; not when it is being rebuilt or more than a second behind.
pub async fn catch_up(app: &Shared) -> store::Result<()> {
    let head = app.store.read(events::head).await?;
    if !app.journeys.read(|state| state.is_rebuilding) {
        // What is late is not in the answer, and in the next one.
        let _ = tokio::time::timeout(PATIENCE, app.journeys.reach(head)).await;
    }
    Ok(())
}

impl Journeys {
    /// Answers a question about the log as it is now, on a thread that may compute for long: what it looks at is a copy,
    /// which shares what neither changes, so that it holds up nobody.
    pub async fn ask<T: Send + 'static>(&self, question: impl FnOnce(&Log) -> T + Send + 'static) -> Answer<T> {
        let log = self.read(|state| state.log.clone());
        let answer = tokio::task::spawn_blocking(move || question(&log)).await;
        answer.map_err(|error| Problem::from(anyhow::Error::new(error).context("a question about journeys broke off")))
    }

    /// Waits until all events up to a place are in the log.
    pub async fn reach(&self, cursor: Cursor) {
        // The sender lives as long as this.
        let _ = self.reached.subscribe().wait_for(|reached| *reached >= cursor).await;
    }

    /// Says how far the log is.
    pub fn status(&self) -> Status {
        self.read(|state| Status {
            events: state.log.len(),
            customers: state.log.customers(),
            bytes: state.log.size(),
            read: self.read.load(Ordering::Relaxed),
            built_to: state.built_to,
            is_rebuilding: state.is_rebuilding,
        })
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let cursor = state.cursor;
        drop(state);
        self.reached.send_replace(cursor);
    }
}
