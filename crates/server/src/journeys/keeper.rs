//! When the journey log is saved, and how it is kept within the memory that it may take.

use std::path::PathBuf;

use journey::{Log, Saved};
use tokio::task::JoinHandle;

use super::disk::{self, Copy, Disk};
use crate::app::Shared;

/// The log is saved when it has grown by one part in so many since it was last saved, …
const SHARE: usize = 20;
/// … and by at least so many meetings: fewer are read again after a crash in less time than it takes to tell.
const LEAST: usize = 10_000;

/// Saves the log of this process.
pub struct Keeper {
    /// Where; `None` when that cannot be written, and then all is in memory.
    disk: Option<Disk>,
    /// How many bytes of memory the log may take.
    room: usize,
    /// How many meetings are not in a log that was or is being saved.
    unsaved: usize,
    /// Whether somebody was erased who is still in the log that was saved last: that must not wait.
    has_erased: bool,
    /// The same of the log that is being saved.
    saves_erased: bool,
    saving: Option<JoinHandle<std::io::Result<Saved>>>,
}

impl Keeper {
    /// Takes the folder that the log is saved in.
    pub fn new(app: &Shared) -> Keeper {
        let disk = Disk::hold(&app.config.data);
        let disk = disk.inspect_err(|error| tracing::warn!(%error, "the journey log is kept in memory only"));
        Keeper {
            disk: disk.ok(),
            room: app.config.journey_memory_mb << 20,
            unsaved: 0,
            has_erased: false,
            saves_erased: false,
            saving: None,
        }
    }

    /// Reads the log that was saved last; `None` when there is none that this version can go on with.
    pub async fn open(&mut self) -> Option<Copy> {
        let mut disk = self.disk.take()?;
        let room = self.room;
        let opening = tokio::task::spawn_blocking(move || (disk.open(room), disk));
        let (opened, disk) = opening.await.ok()?;
        self.disk = Some(disk);
        opened.unwrap_or_else(|error| {
            tracing::warn!(%error, "the saved journey log cannot be read");
            None
        })
    }

    /// Begins a log that is built from the first event.
    pub fn begin(&mut self) {
        // One that is being saved is about to be replaced: what it is saved as is of no use.
        self.saving = None;
        (self.unsaved, self.has_erased) = (0, false);
        if let Some(Err(error)) = self.disk.as_mut().map(Disk::begin) {
            tracing::warn!(%error, "the journey log is kept in memory only");
            self.disk = None;
        }
    }

    /// Takes note of how many meetings came into the log, and of whether somebody was erased.
    pub fn note(&mut self, meetings: usize, has_erased: bool) {
        self.unsaved += meetings;
        self.has_erased |= has_erased;
    }

    /// Saves the log when it is time, beside what goes on, and lets go of memory where the log takes too much.
    pub async fn tend(&mut self, app: &Shared) {
        if self.saving.as_ref().is_some_and(JoinHandle::is_finished) {
            self.finish(app).await;
        }
        if self.saving.is_none() && self.is_due(app) {
            self.save(app);
        }
    }

    /// Saves what is not saved yet, and waits for it: the process is about to end.
    pub async fn close(&mut self, app: &Shared) {
        self.finish(app).await;
        if self.unsaved > 0 || self.has_erased {
            self.save(app);
            self.finish(app).await;
        }
    }

    /// Keeps a log that is being built within its memory: what is too much goes to the disk before it goes on.
    pub async fn spill(&self, log: &mut Log) {
        let Some(folder) = self.folder().filter(|_| log.size() > self.room) else {
            return;
        };
        let copy = log.clone();
        match tokio::task::spawn_blocking(move || copy.save(&folder)).await {
            Ok(Ok(saved)) => self.fit(log, &saved),
            Ok(Err(error)) => tracing::warn!(%error, "the journey log takes more memory than it may"),
            Err(error) => tracing::error!(%error, "saving the journey log broke off"),
        }
    }

    fn is_due(&self, app: &Shared) -> bool {
        let (events, size) = app.journeys.read(|state| (state.log.len(), state.log.size()));
        self.has_erased || self.unsaved > LEAST.max(events / SHARE) || self.unsaved > 0 && size > self.room
    }

    fn folder(&self) -> Option<PathBuf> {
        self.disk.as_ref().map(Disk::folder)
    }

    fn save(&mut self, app: &Shared) {
        let Some(folder) = self.folder() else {
            return;
        };
        self.unsaved = 0;
        self.saves_erased = std::mem::take(&mut self.has_erased);
        let copy = app.journeys.read(|state| Copy {
            log: state.log.clone(),
            cursor: state.cursor,
            last: state.last,
            built_to: state.built_to,
        });
        self.saving = Some(tokio::task::spawn_blocking(move || disk::save(&folder, &copy)));
    }

    async fn finish(&mut self, app: &Shared) {
        let Some(saving) = self.saving.take() else {
            return;
        };
        match saving.await {
            Ok(Ok(saved)) => return app.journeys.change(|state| self.fit(&mut state.log, &saved)),
            // What has not been saved is saved with what comes next.
            Ok(Err(error)) => tracing::warn!(%error, "the journey log cannot be saved"),
            Err(error) => tracing::error!(%error, "saving the journey log broke off"),
        }
        self.has_erased |= self.saves_erased;
    }

    fn fit(&self, log: &mut Log, saved: &Saved) {
        log.note(saved);
        if log.size() > self.room {
            // Some room is left, or the next event would have the log saved again.
            log.fit(self.room / 4 * 3);
        }
    }
}
