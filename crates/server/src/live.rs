//! Live updates: one task follows the events and hands each to everyone who watches.
//!
//! A watcher that falls behind, or was away too long, is told to look at everything afresh: that is always right.

use std::{sync::Arc, time::Duration};

use store::events::{self, Cursor, Recorded};
use tokio::sync::{broadcast, watch};

use crate::app::Shared;

/// How many events a watcher may be behind.
const BACKLOG: usize = 4096;
/// How many events are read at a time.
const BATCH: i64 = 500;

/// Something that watchers are told.
#[derive(Debug, Clone)]
pub enum Update {
    /// An event was added.
    Event(Cursor, Arc<Recorded>),
}

/// Where watchers subscribe.
pub struct Live {
    sender: broadcast::Sender<Update>,
}

impl Default for Live {
    fn default() -> Live {
        Live {
            sender: broadcast::channel(BACKLOG).0,
        }
    }
}

impl Live {
    /// Gives all updates from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Update> {
        self.sender.subscribe()
    }
}

/// Follows the events and the presences until told to stop.
pub async fn follow(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut cursor = match app.store.read(events::head).await {
        Ok(head) => head,
        Err(error) => return tracing::error!(%error, "the events cannot be followed"),
    };
    let mut changes = app.store.changes();
    loop {
        changes.mark_unchanged();
        if let Err(error) = publish(&app, &mut cursor).await {
            tracing::error!(%error, "live updates are held up");
        }
        tokio::select! {
            _ = changes.changed() => {}
            // A wake-up may get lost between nodes, and presences run out by themselves.
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn publish(app: &Shared, cursor: &mut Cursor) -> store::Result<()> {
    loop {
        let from = *cursor;
        let found = app.store.read(move |tx| events::after(tx, from, BATCH)).await?;
        let full = found.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
        for (at, event) in found {
            *cursor = at;
            // Nobody watching is no error.
            let _ = app.live.sender.send(Update::Event(at, Arc::new(event)));
        }
        if !full {
            return Ok(());
        }
    }
}
