//! Upkeep: taking away, a little at a time, what is no longer needed. Every node may do it; what is gone stays gone.

use std::time::Duration;

use store::sources;
use tokio::sync::watch;

use crate::{app::Shared, imports};

/// How often it is looked for what can go.
const PAUSE: Duration = Duration::from_secs(600);
/// How many rows go at once: who writes meanwhile must hardly wait.
const BATCH: i64 = 500;

/// Keeps things up until told to stop.
pub async fn run(app: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = forget_message_ids(&app).await {
            tracing::error!(%error, "old message ids stay for now");
        }
        if let Err(error) = imports::forget_uploads(&app).await {
            tracing::error!(error = format!("{error:#}"), "files that nobody imports stay for now");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Forgets the ids of calls that were taken longer ago than is set: what comes by such an id is another call. Says how many.
pub async fn forget_message_ids(app: &Shared) -> store::Result<u64> {
    let days = i64::from(app.config.message_ids_days);
    let before = app.universe.now().plus_seconds(-days * 86_400);
    let mut forgotten = 0;
    loop {
        let batch = app.store.write(move |tx| sources::forget(tx, before, BATCH)).await?;
        forgotten += batch;
        if batch < BATCH.unsigned_abs() || *app.stopping.borrow() {
            return Ok(forgotten);
        }
    }
}
