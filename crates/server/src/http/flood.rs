//! Floods: how often somebody may ask for the same, on this node. What is counted is forgotten with its time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::http::StatusCode;
use domain::Time;

use super::problem::{Answer, Problem};

/// How often, in how long.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The most times.
    pub most: u32,
    /// Within so many seconds.
    pub seconds: i64,
}

/// What was asked for lately, and how often.
#[derive(Default)]
pub struct Floods(Mutex<HashMap<String, Count>>);

struct Count {
    until: Time,
    times: u32,
}

/// How many counts are kept before those are cleared away whose time is over.
const ROOM: usize = 10_000;

impl Floods {
    /// Counts once more; refuses with `too_many` and says when there is room again.
    pub fn take(&self, what: &str, limit: Limit, now: Time) -> Answer<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= ROOM {
            counts.retain(|_, count| count.until > now);
        }
        let fresh = || Count {
            until: now.plus_seconds(limit.seconds),
            times: 0,
        };
        let count = counts.entry(what.to_owned()).or_insert_with(fresh);
        if count.until <= now {
            *count = fresh();
        }
        if count.times >= limit.most {
            let wait = count.until.seconds_since(now).ceil() as i64;
            let detail = "this was asked for too often, wait a while";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", detail).retry_after(wait));
        }
        count.times += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_ends_with_its_time() {
        let floods = Floods::default();
        let limit = Limit { most: 2, seconds: 60 };
        let take = |what: &str, at: i64| floods.take(what, limit, Time(0).plus_seconds(at)).is_ok();
        assert!(take("a", 0) && take("a", 59) && !take("a", 59) && take("b", 59));
        assert!(take("a", 60));
    }
}
