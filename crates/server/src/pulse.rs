//! The pulse of a task that must never stop: where it is missed, the server is not ready.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::Time;

/// How long a pulse may be missed. The tasks beat every second, and are held up for a while where much is to do.
const MISSED_SECONDS: i64 = 30;

/// When a task was last seen to do its work; 0 before it has begun.
#[derive(Debug, Default)]
pub struct Pulse(AtomicI64);

impl Pulse {
    /// Notes that the task does its work.
    pub fn beat(&self, now: Time) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    /// Says whether the task has begun and does its work no more.
    pub fn is_missed(&self, now: Time) -> bool {
        let last = Time(self.0.load(Ordering::Relaxed));
        last.0 != 0 && last.plus_seconds(MISSED_SECONDS) < now
    }
}
