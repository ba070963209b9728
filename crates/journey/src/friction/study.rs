//! The moments of a trail, and what became of each: who is at risk, in which stratum, with which outcome.
//!
//! It knows one trail at a time and nothing of how moments are counted.

use super::{DAY_MS, FrictionQuery};
use crate::{Touchpoint, Trail};

/// The parts that a horizon is cut into.
pub(super) const PARTS: usize = 7;

/// What can become of a moment: the outcome in a part, its window's end in a part, or neither until the horizon.
pub(super) const FATES: usize = 2 * PARTS + 1;

/// What is looked for at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// A contact in the horizon after it.
    Contact,
    /// A contact in the horizon before it.
    Before,
    /// A later stage in the horizon after it.
    Progress,
}

/// One comparison of all touchpoints.
#[derive(Clone, Copy)]
pub(crate) struct Study<'q> {
    pub query: &'q FrictionQuery,
    pub outcome: Outcome,
    /// The touchpoint that is taken out of the picture.
    pub without: Option<Touchpoint>,
}

/// A moment at risk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Its place in the trail.
    pub place: usize,
    pub stratum: u64,
    /// What became of it, below [`FATES`].
    pub fate: usize,
    /// When the outcome came.
    pub hit_at: Option<i64>,
}

/// What is known of a trail before its moments are looked at; kept from trail to trail for its memory.
#[derive(Default)]
pub(crate) struct Facts {
    pub contacts: Vec<i64>,
    without: Vec<i64>,
    /// The furthest stage reached, counted from 1, with events of the same time; 0 before the first.
    reached: Vec<u8>,
    /// When a further one is reached.
    goes_on_at: Vec<Option<i64>>,
}

impl Study<'_> {
    /// How long before a moment a touchpoint must not have been met.
    pub fn washout_ms(&self) -> i64 {
        match self.outcome {
            Outcome::Before => 2 * self.query.horizon_ms,
            Outcome::Contact | Outcome::Progress => self.query.horizon_ms,
        }
    }

    /// Gives the moments at risk; `recent` is called for each that is too recent.
    pub fn moments(&self, trail: Trail, facts: &mut Facts, mut recent: impl FnMut()) -> Vec<Moment> {
        facts.read(trail, self.query, self.without);
        let group = self
            .query
            .groups
            .as_ref()
            .and_then(|groups| groups.get(&trail.customer))
            .copied()
            .unwrap_or(0);
        let (mut moments, mut stage, mut rank) = (Vec::new(), 0, 0);
        for (place, (touchpoint, time)) in trail.touchpoints.iter().zip(trail.times).enumerate() {
            if self.query.contacts.contains(*touchpoint) {
                continue;
            }
            // Who has just come to a stage is somewhere else than who has been there for long.
            rank = if facts.reached[place] == stage { rank + 1 } else { 1 };
            stage = facts.reached[place];
            if self.query.since.is_some_and(|since| *time < since) {
                continue;
            }
            if time.saturating_add(self.query.horizon_ms) > self.query.until {
                recent();
                continue;
            }
            let Some((had_contact, hit_at)) = self.at_risk(trail, facts, place) else {
                continue;
            };
            let Some(fate) = self.fate(facts, *time, hit_at) else {
                continue;
            };
            let stratum = stratum(group, *time, facts.reached[place], rank, had_contact);
            moments.push(Moment {
                place,
                stratum,
                fate,
                hit_at,
            });
        }
        moments
    }

    /// Gives whether the customer had a contact earlier and when the outcome came; none when not at risk.
    fn at_risk(&self, trail: Trail, facts: &Facts, place: usize) -> Option<(bool, Option<i64>)> {
        let (time, horizon) = (trail.times[place], self.query.horizon_ms);
        let start = match self.outcome {
            Outcome::Before => time - horizon,
            Outcome::Contact | Outcome::Progress => time,
        };
        // A contact at the start itself is earlier for what comes after, and within the window for what comes before.
        let earlier = match self.outcome {
            Outcome::Before => facts.contacts.partition_point(|contact| *contact < start),
            Outcome::Contact | Outcome::Progress => facts.contacts.partition_point(|contact| *contact <= start),
        };
        let last = earlier.checked_sub(1).map(|last| facts.contacts[last]);
        if last.is_some_and(|last| last >= start - self.query.gap_ms) {
            return None;
        }
        let next = facts.contacts.get(earlier).copied();
        let hit_at = match self.outcome {
            Outcome::Contact => next.filter(|contact| *contact <= time + horizon),
            // Who was not there yet could not ask for help.
            Outcome::Before if trail.times[0] > start => return None,
            Outcome::Before => next.filter(|contact| *contact < time),
            Outcome::Progress if facts.reached[place] >= top(self.query) => return None,
            Outcome::Progress => facts.goes_on_at[place].filter(|at| *at <= time + horizon),
        };
        Some((last.is_some(), hit_at))
    }

    /// Gives what became of a moment; none when the touchpoint that is taken out was just met.
    fn fate(&self, facts: &Facts, time: i64, hit_at: Option<i64>) -> Option<usize> {
        // A part is open at its beginning, as the horizon is: what comes at its end is in it.
        let part = |at: i64| (((at - time) as i128 * PARTS as i128 - 1) / i128::from(self.query.horizon_ms)) as usize;
        let met = facts.without.partition_point(|at| *at <= time);
        if met
            .checked_sub(1)
            .is_some_and(|last| facts.without[last] >= time - self.washout_ms())
        {
            return None;
        }
        let end = match self.outcome {
            Outcome::Before => None,
            Outcome::Contact | Outcome::Progress => {
                facts.without.get(met).filter(|at| **at <= time + self.query.horizon_ms)
            }
        };
        // At the same time nobody knows which came first: then the outcome may be the other's.
        match (hit_at, end) {
            (Some(hit), Some(end)) if hit >= *end => Some(PARTS + part(*end)),
            (Some(_), _) if self.outcome == Outcome::Before => Some(0),
            (Some(hit), _) => Some(part(hit)),
            (None, Some(end)) => Some(PARTS + part(*end)),
            (None, None) => Some(2 * PARTS),
        }
    }
}

impl Facts {
    fn read(&mut self, trail: Trail, query: &FrictionQuery, without: Option<Touchpoint>) {
        let met = |wanted: &dyn Fn(Touchpoint) -> bool, times: &mut Vec<i64>| {
            times.clear();
            times.extend(
                trail
                    .touchpoints
                    .iter()
                    .zip(trail.times)
                    .filter(|(touchpoint, _)| wanted(**touchpoint))
                    .map(|(_, time)| *time),
            );
        };
        met(&|touchpoint| query.contacts.contains(touchpoint), &mut self.contacts);
        met(&|touchpoint| Some(touchpoint) == without, &mut self.without);
        let length = trail.times.len();
        self.reached.clear();
        self.goes_on_at.clear();
        self.goes_on_at.resize(length, None);
        let mut furthest = 0;
        for touchpoint in trail.touchpoints {
            furthest = furthest.max(stage(query, *touchpoint));
            self.reached.push(furthest);
        }
        for place in (0..length.saturating_sub(1)).rev() {
            if trail.times[place] == trail.times[place + 1] {
                self.reached[place] = self.reached[place + 1];
            }
            self.goes_on_at[place] = if self.reached[place + 1] > self.reached[place] {
                Some(trail.times[place + 1])
            } else {
                self.goes_on_at[place + 1]
            };
        }
    }
}

/// The stage of a touchpoint, counted from 1; contacts move nobody on.
pub(super) fn stage(query: &FrictionQuery, touchpoint: Touchpoint) -> u8 {
    if query.contacts.contains(touchpoint) {
        return 0;
    }
    query
        .stages
        .get(touchpoint.index())
        .copied()
        .flatten()
        .map_or(0, |stage| stage.saturating_add(1))
}

/// The last stage of all, counted from 1.
pub(super) fn top(query: &FrictionQuery) -> u8 {
    query
        .stages
        .iter()
        .flatten()
        .max()
        .map_or(0, |stage| stage.saturating_add(1))
}

/// Packs what moments are alike in into one number.
fn stratum(group: u32, time: i64, reached: u8, rank: usize, had_contact: bool) -> u64 {
    // 1970 began on a Thursday; weeks are counted from Monday.
    let week = (time + 3 * DAY_MS).div_euclid(7 * DAY_MS) as u16;
    let steps = rank.ilog2().min(4) as u64;
    u64::from(group) << 32 | u64::from(week) << 16 | u64::from(reached) << 8 | steps << 1 | u64::from(had_contact)
}
