//! Designed against discovered: how customers' ways fit the journey that was drawn, and where they leave it.
//!
//! The design is a process tree of one class: stages in order; in each a sequence of touchpoints, some of them in any order with those
//! before them; each required or optional, once or repeatable, and at one place only.
//!
//! A way is *aligned* with the design (van der Aalst, Adriansyah & van Dongen, WIREs Data Mining and Knowledge Discovery 2, 2012): every
//! event is either matched with the design or costs 1, and every required touchpoint that is not matched costs 1. The alignment
//! with the least cost is found exactly: a touchpoint is at one place only, so a way is cut into one piece for each part of the design, and the cost of a
//! piece is counted event by event.
//!
//! Three figures are called fitness elsewhere, and all are given (Carmona et al., Conformance Checking, 2018; pm4py names them so too):
//! the *share of perfectly fitting ways*; the *mean fitness* of a way, 1 − cost / worst cost, where the worst is to match nothing (the way's
//! events and the design's required touchpoints); and the *log fitness*, 1 − Σ cost / Σ worst cost.
//!
//! What is not matched has a name:
//! - *skipped*: a required touchpoint that was never met;
//! - *inserted*: a touchpoint that the design does not have;
//! - *repeated*: a touchpoint that was matched and came again although it should come once;
//! - *out of order*: a touchpoint of the design, met where the design does not have it. It is not called skipped as well;
//! - *late*: more time from coming to a stage to coming to the next one than the design allows, also when the next one is still awaited.
//!   Lateness is no matter of fitness.
//!
//! A way that may still go on is not held to what lies beyond the point it has come to. Who has come to the last stage and meets the
//! beginning again (the stages up to the first one that requires something) begins a way anew: a customer who books every summer goes the
//! designed journey every summer, and repeats nothing.

mod align;
mod design;
mod deviating;
mod standing;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::CustomerId;

use crate::{Filter, Log, Touchpoint, Trail};
use align::{Alignment, Move, align};
pub use design::{Design, DesignedStage, DesignedStep, TwiceInDesign};
pub use deviating::{LeavesBy, deviating};
pub use standing::{Standing, StandingStep, StepState, standing};

const WEEK_MS: i64 = 7 * 86_400_000;

/// What is held against what.
#[derive(Clone, Debug)]
pub struct ConformanceQuery {
    /// What is looked at.
    pub filter: Filter,
    /// The journey as it was drawn.
    pub design: Design,
    /// Only ways that begin at this time or later are counted, in milliseconds since 1970 UTC.
    pub since: Option<i64>,
    /// Ways with an event at this time or later may still go on, in milliseconds since 1970 UTC.
    pub underway_since: Option<i64>,
    /// The log is complete up to this time: who still awaits a stage then is late by it.
    pub until: i64,
    /// The most customers that are listed for a deviation.
    pub people: usize,
}

impl ConformanceQuery {
    /// Gives the ways of a trail that are counted, each with whether it is the last one.
    fn ways<'t>(&self, trail: Trail<'t>) -> impl Iterator<Item = (Trail<'t>, bool)> + use<'t> {
        let (since, end) = (self.since, trail.times.len());
        let mut passed = 0;
        let with_last = self.design.ways(trail).map(move |way| {
            passed += way.times.len();
            (way, passed == end)
        });
        with_last.filter(move |(way, _)| since.is_none_or(|since| way.times[0] >= since))
    }
}

/// How well ways fit.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ConformanceResult {
    /// Ways with an event at this time or later may still go on, and fit better for that; in milliseconds since 1970 UTC.
    pub underway_since: Option<i64>,
    /// The customers who went a way.
    pub customers: u64,
    /// All ways.
    pub all: Fitness,
    /// Those that are over. Only they are held to the whole design; of the others more may still go wrong.
    pub finished: Fitness,
    /// The same by the week that a way began in, from Monday, UTC; weeks without a way are left out.
    pub weeks: Vec<WeekFitness>,
    /// What ways do other than designed, what most customers do first.
    pub deviations: Vec<Deviation>,
}

/// How well some ways fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Fitness {
    /// Ways: a customer who begins again goes another one.
    pub ways: u64,
    /// Those of them that fit perfectly.
    pub fitting: u64,
    /// What all alignments cost.
    pub cost: u64,
    /// What they would cost at worst.
    pub worst_cost: u64,
    /// The mean fitness of a way.
    pub mean_fitness: f64,
    /// The fitness of all ways as one.
    pub log_fitness: f64,
}

/// How well the ways fit that began in one week.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct WeekFitness {
    /// When the week begins, in milliseconds since 1970 UTC.
    pub start: i64,
    /// How well they fit.
    pub fitness: Fitness,
}

/// Something that customers do other than designed.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Deviation {
    /// What it is.
    pub kind: DeviationKind,
    /// Of which touchpoint; none when a stage is late.
    pub touchpoint: Option<Touchpoint>,
    /// Of which stage, counted from 0; none when the design does not have the touchpoint.
    pub stage: Option<usize>,
    /// How often.
    pub times: u64,
    /// By how many customers.
    pub customers: u64,
    /// In how many of the ways that began in a week; weeks without one are left out.
    pub weeks: Vec<DeviationWeek>,
    /// The first of them, by id.
    pub people: Vec<CustomerId>,
}

/// How many of the ways that began in one week left the design so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct DeviationWeek {
    /// When the week begins, in milliseconds since 1970 UTC.
    pub start: i64,
    /// How many.
    pub ways: u64,
}

/// How a way can leave the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviationKind {
    /// A required touchpoint was never met.
    Skipped,
    /// The design does not have the touchpoint.
    Inserted,
    /// The touchpoint came again although it should come once.
    Repeated,
    /// The touchpoint came where the design does not have it.
    OutOfOrder,
    /// The next stage took longer than allowed.
    Late,
}

/// What a deviation is about: a touchpoint, or the number of a stage.
type About = (DeviationKind, u16);

/// What a part of the customers adds up to.
#[derive(Default)]
struct Sum {
    customers: u64,
    all: Fitness,
    finished: Fitness,
    weeks: BTreeMap<i64, Fitness>,
    deviations: BTreeMap<About, Left>,
    known: Known,
}

/// Those who left the design in one way.
#[derive(Default)]
struct Left {
    times: u64,
    customers: u64,
    weeks: BTreeMap<i64, u64>,
    people: Vec<CustomerId>,
}

/// Most ways are alike, and alike ways align alike.
#[derive(Default)]
struct Known(HashMap<(bool, Vec<Touchpoint>), Alignment>);

impl Known {
    /// Aligns a way, which may be the customer's last; says also whether it may still go on.
    fn align(&mut self, query: &ConformanceQuery, (way, is_last): (Trail, bool)) -> (Alignment, bool) {
        let since = query.underway_since.filter(|_| is_last);
        let is_open = since.is_some_and(|since| way.times.last().is_some_and(|last| *last >= since));
        if self.0.len() > REMEMBERED {
            self.0.clear();
        }
        let key = (is_open, way.touchpoints.to_vec());
        let fresh = || align(&query.design, way.touchpoints, is_open);
        (self.0.entry(key).or_insert_with(fresh).clone(), is_open)
    }
}

/// So many different ways are remembered in one bucket, to bound memory.
const REMEMBERED: usize = 10_000;

/// Holds the ways that customers went against the journey as it was drawn.
pub fn conformance(log: &Log, query: &ConformanceQuery) -> ConformanceResult {
    let sum = log.fold(
        &query.filter,
        Sum::default,
        |sum, trail| sum.take(query, trail),
        |one, other| one.merge(other, query.people),
    );
    let deviation = |((kind, about), left): (About, Left)| {
        let touchpoint = (kind != DeviationKind::Late).then_some(Touchpoint(about));
        let stage = touchpoint.map_or(Some(usize::from(about)), |touchpoint| query.design.stage_of(touchpoint));
        Deviation {
            kind,
            touchpoint,
            stage,
            times: left.times,
            customers: left.customers,
            weeks: left
                .weeks
                .into_iter()
                .map(|(start, ways)| DeviationWeek { start, ways })
                .collect(),
            people: left.people,
        }
    };
    let mut deviations: Vec<Deviation> = sum.deviations.into_iter().map(deviation).collect();
    deviations.sort_by_key(|deviation| std::cmp::Reverse(deviation.customers));
    let weeks = sum.weeks.into_iter().map(|(start, fitness)| WeekFitness {
        start,
        fitness: fitness.finish(),
    });
    ConformanceResult {
        underway_since: query.underway_since,
        customers: sum.customers,
        all: sum.all.finish(),
        finished: sum.finished.finish(),
        weeks: weeks.collect(),
        deviations,
    }
}

impl Sum {
    fn take(&mut self, query: &ConformanceQuery, trail: Trail) {
        let mut ways = query.ways(trail).peekable();
        self.customers += u64::from(ways.peek().is_some());
        let mut left_by = BTreeSet::new();
        for (way, is_last) in ways {
            let (alignment, is_open) = self.known.align(query, (way, is_last));
            let required = if is_open { 0 } else { query.design.required() };
            let fitness = Fitness::of(alignment.cost, way.touchpoints.len() as u64 + required);
            self.all.add(fitness);
            if !is_open {
                self.finished.add(fitness);
            }
            // 1970 began on a Thursday.
            let week = (way.times[0] + 3 * WEEK_MS / 7).div_euclid(WEEK_MS) * WEEK_MS - 3 * WEEK_MS / 7;
            self.weeks.entry(week).or_default().add(fitness);
            for (about, times) in deviations(query, (way, is_last), &alignment) {
                let left = self.deviations.entry(about).or_default();
                left.times += times;
                *left.weeks.entry(week).or_default() += 1;
                left_by.insert(about);
            }
        }
        for about in left_by {
            let left = self.deviations.entry(about).or_default();
            left.customers += 1;
            if left.people.len() < query.people {
                left.people.push(trail.customer);
            }
        }
    }

    fn merge(mut self, other: Sum, most: usize) -> Sum {
        self.customers += other.customers;
        self.all.add(other.all);
        self.finished.add(other.finished);
        other
            .weeks
            .into_iter()
            .for_each(|(week, fitness)| self.weeks.entry(week).or_default().add(fitness));
        for (about, left) in other.deviations {
            let sum = self.deviations.entry(about).or_default();
            sum.times += left.times;
            sum.customers += left.customers;
            for (week, ways) in left.weeks {
                *sum.weeks.entry(week).or_default() += ways;
            }
            sum.people.extend(left.people);
            sum.people.sort_unstable();
            sum.people.truncate(most);
        }
        self.known = Known::default();
        self
    }
}

impl Fitness {
    /// Of one way; until [`Fitness::finish`] the mean is a sum.
    fn of(cost: u64, worst_cost: u64) -> Fitness {
        Fitness {
            ways: 1,
            fitting: u64::from(cost == 0),
            cost,
            worst_cost,
            mean_fitness: 1.0 - cost as f64 / worst_cost as f64,
            log_fitness: 0.0,
        }
    }

    fn add(&mut self, other: Fitness) {
        self.ways += other.ways;
        self.fitting += other.fitting;
        self.cost += other.cost;
        self.worst_cost += other.worst_cost;
        self.mean_fitness += other.mean_fitness;
    }

    fn finish(self) -> Fitness {
        if self.ways == 0 {
            return self;
        }
        Fitness {
            mean_fitness: self.mean_fitness / self.ways as f64,
            log_fitness: 1.0 - self.cost as f64 / self.worst_cost as f64,
            ..self
        }
    }
}

/// Gives what one way does other than designed, and how often.
fn deviations(query: &ConformanceQuery, way: (Trail, bool), alignment: &Alignment) -> BTreeMap<About, u64> {
    let mut found = BTreeMap::new();
    let mut note = |kind, about| *found.entry((kind, about)).or_insert(0) += 1;
    for (touchpoint, made) in way.0.touchpoints.iter().zip(&alignment.moves) {
        match made {
            Move::Matched => (),
            Move::Inserted => note(DeviationKind::Inserted, touchpoint.0),
            Move::Repeated => note(DeviationKind::Repeated, touchpoint.0),
            Move::OutOfOrder => note(DeviationKind::OutOfOrder, touchpoint.0),
        }
    }
    alignment
        .skipped
        .iter()
        .for_each(|touchpoint| note(DeviationKind::Skipped, touchpoint.0));
    for stage in late(query, way, alignment) {
        note(DeviationKind::Late, stage as u16);
    }
    found
}

/// Gives the stages after which the next one came, or is awaited, for longer than allowed. In a way that another one followed nothing is
/// awaited any more.
fn late(query: &ConformanceQuery, (way, is_last): (Trail, bool), alignment: &Alignment) -> Vec<usize> {
    let came = came(&query.design, way, alignment);
    let awaited = is_last.then_some(query.until);
    let is_late = |(stage, start): (&usize, &i64)| {
        let next = came.range(stage + 1..).next().map(|(_, start)| *start).or(awaited)?;
        let due = due(&query.design, *stage, *start)?;
        (next > due).then_some(*stage)
    };
    came.iter().filter_map(is_late).collect()
}

/// Gives when a way came to each stage that it came to.
fn came(design: &Design, trail: Trail, alignment: &Alignment) -> BTreeMap<usize, i64> {
    let mut came = BTreeMap::new();
    for ((touchpoint, time), made) in trail.touchpoints.iter().zip(trail.times).zip(&alignment.moves) {
        if let (Move::Matched, Some(stage)) = (made, design.stage_of(*touchpoint)) {
            came.entry(stage).or_insert(*time);
        }
    }
    came
}

/// Gives when the next stage is due for who came to a stage at that time; `None` where the design does not say, or nothing comes.
fn due(design: &Design, stage: usize, came_at: i64) -> Option<i64> {
    let is_last = stage + 1 == design.stages().len();
    let within = design.stages()[stage].within_ms.filter(|_| !is_last);
    within.map(|within| came_at.saturating_add(within))
}

#[cfg(test)]
mod tests;
