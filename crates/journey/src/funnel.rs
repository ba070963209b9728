//! The funnel: how many customers go through steps that the reader chose, where they are lost, and how long it takes.
//!
//! *Ordered*: a customer passes a step by an event later than the step before, and within the window from the first step.
//! Every event of the first step begins a new chain; of all chains the first to reach the deepest step counts, and where
//! more than one reaches it by the same event, the one that began last. Times therefore run from the latest first step.
//! *Strict*: as ordered, and any other event between two steps breaks the chain (one more of the step just passed does not).
//! *Unordered*: the k-th figure counts who did any k of the steps within one window, every event serving one step.
//!
//! Events of one time stand in the order of the steps, and neither break a strict chain nor exclude among themselves. An
//! optional step may be left out; the first and the last never may, and in an unordered funnel none. A customer is excluded
//! when they got to their deepest step only by way of an excluded event; who can show another way there is counted.
//!
//! The rules follow what product analytics tools agree on (windowed funnels with latest-start chains), one pass a customer.

mod ordered;
mod plan;
mod unordered;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::log::Block;
use crate::{Durations, Filter, Log, People, Touchpoint, TouchpointSet, Trail};
use ordered::Ordered;
pub use plan::FUNNEL_STEPS;
use plan::Plan;
use unordered::Unordered;

/// What the funnel is asked.
#[derive(Clone, Debug)]
pub struct FunnelQuery {
    /// What is looked at.
    pub filter: Filter,
    /// The steps; at most [`FUNNEL_STEPS`], more are a mistake of the caller.
    pub steps: Vec<FunnelStep>,
    /// How the steps must follow each other.
    pub order: FunnelOrder,
    /// How long after the first step the last one may be, in milliseconds.
    pub window_ms: i64,
    /// What must not happen on the way.
    pub exclusions: Vec<FunnelExclusion>,
    /// What the customers are told apart by.
    pub breakdown: FunnelBreakdown,
    /// Whether the time to convert is wanted.
    pub durations: bool,
}

/// One step: done by an event at any of the touchpoints.
#[derive(Clone, Debug)]
pub struct FunnelStep {
    /// Where it is done.
    pub touchpoints: TouchpointSet,
    /// Whether it may be left out.
    pub is_optional: bool,
}

/// How the steps must follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunnelOrder {
    /// One after the other, with anything in between.
    Ordered,
    /// One after the other, with nothing in between.
    Strict,
    /// In any order.
    Unordered,
}

/// What must not happen between two steps, counted from 0; in an unordered funnel, between any two events of it.
#[derive(Clone, Debug)]
pub struct FunnelExclusion {
    /// What must not happen.
    pub touchpoints: TouchpointSet,
    /// The step after which.
    pub from: usize,
    /// The step before which.
    pub to: usize,
}

/// What the customers of a funnel are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunnelBreakdown {
    /// Nothing.
    None,
    /// The touchpoint that their way begins with.
    FirstTouchpoint,
    /// The touchpoint by which they passed this step, counted from 0.
    Step(usize),
}

/// The funnel.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FunnelResult {
    /// All customers that were looked at.
    pub customers: u64,
    /// Those who got to their deepest step only by way of an excluded event; no step counts them.
    pub excluded: u64,
    /// The steps.
    pub steps: Vec<FunnelCount>,
    /// The same figures for each part of the customers; they add up to the steps.
    pub groups: Vec<FunnelGroup>,
}

/// How many passed a step.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FunnelCount {
    /// How many customers.
    pub customers: u64,
    /// How long after the first step.
    pub since_start: Option<Durations>,
    /// How long after the step that they passed before; not told of an unordered funnel.
    pub since_previous: Option<Durations>,
}

/// A part of the customers.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FunnelGroup {
    /// What they have in common; nothing where they did not pass the step that is asked for.
    pub touchpoint: Option<Touchpoint>,
    /// How many passed each step.
    pub steps: Vec<u64>,
}

/// Gives the funnel.
pub fn funnel(log: &Log, query: &FunnelQuery) -> FunnelResult {
    let plan = Plan::new(query, log.touchpoints());
    let wants_passes = query.durations || matches!(query.breakdown, FunnelBreakdown::Step(_));
    let start = || (Runner::new(&plan, wants_passes), Sums::new(plan.steps));
    let step = |(runner, sums): &mut (Runner, Sums), block: Block| {
        sums.customers += block.customers.len() as u64;
        runner.run_all(block, |trail, outcome| match outcome {
            Outcome::Nothing => {}
            Outcome::Excluded => sums.excluded += 1,
            Outcome::Reached(steps) => sums.add_reached(query, trail, steps),
            Outcome::Passed(passes) => sums.add(query, trail, passes),
        });
    };
    let merge = |(runner, one): (_, Sums), (_, other)| (runner, one.merge(other));
    log.fold_blocks(&query.filter, start, step, merge).1.result()
}

/// Gives who passed a step and, where only the lost are wanted, none after it that may not be left out.
pub fn funnel_people(log: &Log, query: &FunnelQuery, (step, is_lost): (usize, bool), limit: usize) -> People {
    let plan = Plan::new(query, log.touchpoints());
    let start = || (Runner::new(&plan, true), People::default());
    let each = |(runner, people): &mut (Runner, People), block: Block| {
        runner.run_all(block, |trail, outcome| {
            if let Outcome::Passed(passes) = outcome {
                let went_on = (step + 1..plan.steps).any(|later| !plan.is_optional(later) && passes[later].is_some());
                if passes.get(step).is_some_and(Option::is_some) && !(is_lost && went_on) {
                    people.add(trail.customer, limit);
                }
            }
        });
    };
    let merge = |(runner, one): (_, People), (_, other)| (runner, one.merge(other, limit));
    log.fold_blocks(&query.filter, start, each, merge).1
}

/// How a customer passed a step.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pass {
    touchpoint: Touchpoint,
    since_start: i64,
    since_previous: Option<i64>,
}

/// What became of one customer.
enum Outcome<'a> {
    Nothing,
    Excluded,
    /// So many steps, one after the other; how, nobody wants to know.
    Reached(usize),
    Passed(&'a [Option<Pass>]),
}

/// Customers whose events are looked through at a time: few enough that what is found stays in the nearest cache.
const AT_A_TIME: usize = 256;

/// Runs one customer after the other, in memory that is used again.
struct Runner<'p> {
    plan: &'p Plan,
    /// Whether it is enough to say how far a customer came.
    is_quick: bool,
    way: Way<'p>,
    hits: Vec<u32>,
}

enum Way<'p> {
    Ordered(Ordered<'p>),
    Unordered(Unordered<'p>),
}

impl<'p> Runner<'p> {
    fn new(plan: &'p Plan, wants_passes: bool) -> Runner<'p> {
        let way = match plan.order {
            FunnelOrder::Unordered => Way::Unordered(Unordered::new(plan)),
            FunnelOrder::Ordered | FunnelOrder::Strict => Way::Ordered(Ordered::new(plan)),
        };
        Runner {
            plan,
            is_quick: plan.is_simple && !wants_passes,
            way,
            hits: Vec::new(),
        }
    }

    /// Tells what became of each customer of a block; those without an event that matters are left out.
    fn run_all(&mut self, block: Block, mut tell: impl FnMut(Trail, Outcome)) {
        for block in block.parts(AT_A_TIME) {
            let found = self.plan.find(block.touchpoints, &mut self.hits);
            let mut rest = &self.hits[..found];
            for (trail, end) in block.trails().zip(block.ends()) {
                let many = rest.iter().take_while(|hit| (**hit as usize) < end).count();
                let (mine, later) = rest.split_at(many);
                rest = later;
                if !mine.is_empty() {
                    let quick = if self.is_quick {
                        ordered::reached(self.plan, block, mine)
                    } else {
                        None
                    };
                    let outcome = match (quick, &mut self.way) {
                        (Some(steps), _) => Outcome::Reached(steps),
                        (None, Way::Ordered(way)) => way.run(block, mine),
                        (None, Way::Unordered(way)) => way.run(block, mine),
                    };
                    tell(trail, outcome);
                }
            }
        }
    }
}

/// What all customers add up to.
struct Sums {
    customers: u64,
    excluded: u64,
    passed: Vec<u64>,
    since_start: Vec<Vec<i64>>,
    since_previous: Vec<Vec<i64>>,
    groups: BTreeMap<Option<Touchpoint>, Vec<u64>>,
}

impl Sums {
    fn new(steps: usize) -> Sums {
        Sums {
            customers: 0,
            excluded: 0,
            passed: vec![0; steps],
            since_start: vec![Vec::new(); steps],
            since_previous: vec![Vec::new(); steps],
            groups: BTreeMap::new(),
        }
    }

    fn add_reached(&mut self, query: &FunnelQuery, trail: Trail, steps: usize) {
        self.passed[..steps].iter_mut().for_each(|count| *count += 1);
        if query.breakdown == FunnelBreakdown::FirstTouchpoint && steps > 0 {
            let all = self.passed.len();
            let group = self
                .groups
                .entry(Some(trail.touchpoints[0]))
                .or_insert_with(|| vec![0; all]);
            group[..steps].iter_mut().for_each(|count| *count += 1);
        }
    }

    fn add(&mut self, query: &FunnelQuery, trail: Trail, passes: &[Option<Pass>]) {
        let mut group = match query.breakdown {
            FunnelBreakdown::None => None,
            FunnelBreakdown::FirstTouchpoint => Some(Some(trail.touchpoints[0])),
            FunnelBreakdown::Step(step) => {
                let pass = passes.get(step).copied().flatten();
                Some(pass.map(|pass| pass.touchpoint))
            }
        }
        .map(|group| self.groups.entry(group).or_insert_with(|| vec![0; passes.len()]));
        for (step, pass) in passes.iter().enumerate() {
            let Some(pass) = pass else { continue };
            self.passed[step] += 1;
            group.iter_mut().for_each(|counts| counts[step] += 1);
            if query.durations && step > 0 {
                self.since_start[step].push(pass.since_start);
                self.since_previous[step].extend(pass.since_previous);
            }
        }
    }

    fn merge(mut self, other: Sums) -> Sums {
        self.customers += other.customers;
        self.excluded += other.excluded;
        self.passed
            .iter_mut()
            .zip(other.passed)
            .for_each(|(into, from)| *into += from);
        let append = |into: &mut [Vec<i64>], from: Vec<Vec<i64>>| {
            into.iter_mut().zip(from).for_each(|(into, from)| into.extend(from));
        };
        append(&mut self.since_start, other.since_start);
        append(&mut self.since_previous, other.since_previous);
        for (group, counts) in other.groups {
            let into = self.groups.entry(group).or_insert_with(|| vec![0; counts.len()]);
            into.iter_mut().zip(counts).for_each(|(into, from)| *into += from);
        }
        self
    }

    fn result(mut self) -> FunnelResult {
        let times = self.since_start.par_iter_mut().zip(&mut self.since_previous);
        let counted = self.passed.par_iter().zip(times);
        let steps = counted.map(|(customers, (since_start, since_previous))| FunnelCount {
            customers: *customers,
            since_start: Durations::of(since_start),
            since_previous: Durations::of(since_previous),
        });
        FunnelResult {
            customers: self.customers,
            excluded: self.excluded,
            steps: steps.collect(),
            groups: self
                .groups
                .into_iter()
                .map(|(touchpoint, steps)| FunnelGroup { touchpoint, steps })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
