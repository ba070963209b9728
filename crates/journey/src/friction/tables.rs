//! How many moments of each fate there are, by stratum and touchpoint, counted in one pass over the log.
//!
//! A moment is a comparison for nearly every touchpoint. So that this does not cost a step for each of them, all moments are counted
//! once for their stratum, and for each touchpoint only those that are *not* its comparisons: the exposed, and those too soon after it.

use std::collections::BTreeMap;

use super::FrictionQuery;
use super::study::{FATES, Facts, Moment, Study, stage};
use crate::hashing::Map;
use crate::{Log, Touchpoint, Trail};

/// Moments counted by their fate.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Fates(pub [u32; FATES]);

impl Fates {
    pub fn add(&mut self, other: &Fates) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    pub fn less(&self, other: &Fates) -> Fates {
        let mut left = *self;
        left.0
            .iter_mut()
            .zip(other.0)
            .for_each(|(count, fewer)| *count -= fewer);
        left
    }

    pub fn count(&self) -> u64 {
        self.0.iter().map(|count| u64::from(*count)).sum()
    }
}

/// The moments of one stratum that are no comparisons for a touchpoint.
#[derive(Clone, Copy, Default)]
pub(super) struct Cell {
    pub exposed: Fates,
    /// Too soon after the touchpoint, or at the same time.
    pub washed: Fates,
    /// Comparisons that meet the touchpoint within the horizon after all.
    pub later: u32,
}

/// The counts of one part of the customers.
#[derive(Default)]
struct Part {
    strata: Map<u64, u32>,
    all: Vec<(u64, Fates)>,
    cells: Map<u64, Cell>,
    /// Customers who met each touchpoint, and those who came to each stage.
    met: Vec<u64>,
    came: Vec<u64>,
    recent: u64,
    contacts: u64,
    repeats: u64,
    facts: Facts,
    before: Window,
    after: Window,
}

/// All counts of a study. The lists run over the parts of the customers that have any.
pub(super) struct Tables {
    /// The parts that have a moment.
    pub parts: Vec<usize>,
    /// All moments by stratum.
    pub strata: BTreeMap<u64, Vec<(usize, Fates)>>,
    /// By touchpoint and stratum.
    pub cells: Vec<BTreeMap<u64, Vec<(usize, Cell)>>>,
    /// Customers who met each touchpoint.
    pub met: Vec<u64>,
    /// Customers who came to each stage or further; 0 is everybody.
    pub came: Vec<u64>,
    pub recent: u64,
    pub contacts: u64,
    pub repeats: u64,
}

impl Tables {
    /// Counts the moments of a study, with the cells of all touchpoints that are no contacts.
    pub fn count(log: &Log, study: Study) -> Tables {
        Tables::count_only(log, study, |touchpoint| !study.query.contacts.contains(touchpoint))
    }

    /// The same with the cells of some touchpoints only: they are what a pass over the log takes most of its time for.
    pub fn count_only(log: &Log, study: Study, is_wanted: impl Fn(Touchpoint) -> bool + Sync) -> Tables {
        let start = || vec![Part::new(log.touchpoints())];
        let step = |parts: &mut Vec<Part>, trail: Trail| parts[0].take(study, trail, &is_wanted);
        let parts = log.fold(&study.query.filter, start, step, |mut one, other| {
            one.extend(other);
            one
        });
        let mut tables = Tables {
            parts: Vec::new(),
            strata: BTreeMap::new(),
            cells: vec![BTreeMap::new(); log.touchpoints()],
            met: vec![0; log.touchpoints()],
            came: vec![0; 257],
            recent: 0,
            contacts: 0,
            repeats: 0,
        };
        parts
            .into_iter()
            .enumerate()
            .for_each(|(number, part)| tables.put(number, &part));
        tables
    }

    fn put(&mut self, number: usize, part: &Part) {
        if !part.all.is_empty() {
            self.parts.push(number);
        }
        for (stratum, fates) in &part.all {
            self.strata.entry(*stratum).or_default().push((number, *fates));
        }
        for (key, cell) in &part.cells {
            let (stratum, touchpoint) = (part.all[(key >> 16) as usize].0, (key & 0xffff) as usize);
            self.cells[touchpoint].entry(stratum).or_default().push((number, *cell));
        }
        self.met.iter_mut().zip(&part.met).for_each(|(sum, more)| *sum += more);
        self.came
            .iter_mut()
            .zip(&part.came)
            .for_each(|(sum, more)| *sum += more);
        self.recent += part.recent;
        self.contacts += part.contacts;
        self.repeats += part.repeats;
    }

    /// Gives the number of moments.
    pub fn moments(&self) -> u64 {
        self.strata.values().flatten().map(|(_, fates)| fates.count()).sum()
    }
}

impl Part {
    fn new(touchpoints: usize) -> Part {
        Part {
            met: vec![0; touchpoints],
            came: vec![0; 257],
            before: Window::new(touchpoints),
            after: Window::new(touchpoints),
            ..Part::default()
        }
    }

    fn take(&mut self, study: Study, trail: Trail, is_wanted: &impl Fn(Touchpoint) -> bool) {
        let mut facts = std::mem::take(&mut self.facts);
        let mut recent = 0;
        let moments = study.moments(trail, &mut facts, || recent += 1);
        self.recent += recent;
        self.count_contacts(&facts.contacts, study.query);
        self.facts = facts;
        self.count_customer(study, trail);
        let (washout, horizon) = (study.washout_ms(), study.query.horizon_ms);
        for moment in &moments {
            let time = trail.times[moment.place];
            self.before.slide(trail, time - washout, time);
            self.after.slide(trail, time + 1, time.saturating_add(horizon));
            self.enter(trail, moment, is_wanted);
        }
        self.before.clear(trail);
        self.after.clear(trail);
    }

    fn enter(&mut self, trail: Trail, moment: &Moment, is_wanted: &impl Fn(Touchpoint) -> bool) {
        let fresh = self.all.len() as u32;
        let index = *self.strata.entry(moment.stratum).or_insert(fresh);
        if index == fresh {
            self.all.push((moment.stratum, Fates::default()));
        }
        self.all[index as usize].1.0[moment.fate] += 1;
        let own = trail.touchpoints[moment.place];
        let is_exposed = self.before.counts[own.index()] == 1 || !self.before.has_earlier(trail, moment.place);
        let cell = |touchpoint: Touchpoint| u64::from(index) << 16 | u64::from(touchpoint.0);
        for touchpoint in self.before.present.iter().filter(|touchpoint| is_wanted(**touchpoint)) {
            let cell = self.cells.entry(cell(*touchpoint)).or_default();
            let fates = if *touchpoint == own && is_exposed {
                &mut cell.exposed
            } else {
                &mut cell.washed
            };
            fates.0[moment.fate] += 1;
        }
        for touchpoint in self.after.present.iter().filter(|touchpoint| is_wanted(**touchpoint)) {
            if self.before.counts[touchpoint.index()] == 0 {
                self.cells.entry(cell(*touchpoint)).or_default().later += 1;
            }
        }
    }

    fn count_contacts(&mut self, contacts: &[i64], query: &FrictionQuery) {
        let first = query
            .since
            .map_or(0, |since| contacts.partition_point(|contact| *contact < since));
        let repeats = contacts[first.saturating_sub(1)..].windows(2);
        let repeats = repeats.filter(|pair| pair[0] >= pair[1] - query.gap_ms).count() as u64;
        self.contacts += (contacts.len() - first) as u64 - repeats;
        self.repeats += repeats;
    }

    fn count_customer(&mut self, study: Study, trail: Trail) {
        let is_gone = |since: i64| trail.times.last().is_none_or(|last| *last < since);
        if study.query.since.is_some_and(is_gone) {
            return;
        }
        self.after.slide(trail, i64::MIN, i64::MAX);
        self.after
            .present
            .iter()
            .for_each(|touchpoint| self.met[touchpoint.index()] += 1);
        let furthest = trail
            .touchpoints
            .iter()
            .map(|touchpoint| stage(study.query, *touchpoint))
            .max()
            .unwrap_or(0);
        self.came[..=usize::from(furthest)]
            .iter_mut()
            .for_each(|count| *count += 1);
        self.after.clear(trail);
    }
}

/// The touchpoints of a span of a trail, while the span moves on.
#[derive(Default)]
struct Window {
    from: usize,
    to: usize,
    counts: Vec<u32>,
    /// Those that are there, in no order.
    present: Vec<Touchpoint>,
    /// Where each of them is in that list.
    places: Vec<u32>,
}

impl Window {
    fn new(touchpoints: usize) -> Window {
        Window {
            counts: vec![0; touchpoints],
            places: vec![0; touchpoints],
            ..Window::default()
        }
    }

    /// Moves to the events from one time to another, both included; never back.
    fn slide(&mut self, trail: Trail, from: i64, to: i64) {
        while self.to < trail.times.len() && trail.times[self.to] <= to {
            self.enter(trail.touchpoints[self.to]);
            self.to += 1;
        }
        while self.from < self.to && trail.times[self.from] < from {
            self.leave(trail.touchpoints[self.from]);
            self.from += 1;
        }
    }

    fn clear(&mut self, trail: Trail) {
        (self.from..self.to).for_each(|place| self.leave(trail.touchpoints[place]));
        (self.from, self.to) = (0, 0);
    }

    fn enter(&mut self, touchpoint: Touchpoint) {
        let count = &mut self.counts[touchpoint.index()];
        *count += 1;
        if *count == 1 {
            self.places[touchpoint.index()] = self.present.len() as u32;
            self.present.push(touchpoint);
        }
    }

    fn leave(&mut self, touchpoint: Touchpoint) {
        let count = &mut self.counts[touchpoint.index()];
        *count -= 1;
        if *count == 0 {
            let place = self.places[touchpoint.index()];
            self.present.swap_remove(place as usize);
            if let Some(moved) = self.present.get(place as usize) {
                self.places[moved.index()] = place;
            }
        }
    }

    /// Whether the touchpoint of this event is in the span earlier than the event.
    fn has_earlier(&self, trail: Trail, place: usize) -> bool {
        trail.touchpoints[self.from..place].contains(&trail.touchpoints[place])
    }
}
