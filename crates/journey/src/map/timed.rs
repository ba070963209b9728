//! For how many customers, and how long: what durations add up to at each edge of the map, exactly.
//!
//! Median and p90 are neither sorted nor held all durations for: those of some customers say between which two values each
//! ought to be, and one pass over all counts what is below and keeps what is between (Floyd and Rivest, "Expected time
//! bounds for selection", 1975). Where a value is not there, which is rare, one more pass looks on the side where it is.

use rayon::prelude::*;

use super::MapEdge;
use crate::durations::{between, rank};
use crate::log::BucketView;
use crate::{Durations, Filter, Log};

/// How it is gone about.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// So many edges are timed at a time.
    pub edges: usize,
    /// At least so many durations, and one in 64, say between which values the others are to be looked for.
    pub sample: u64,
    /// An edge of which fewer are known is looked at as a whole.
    pub enough: usize,
    /// How many standard deviations of its place a value is looked for to either side.
    pub slack: f64,
}

/// Looks to four standard deviations: one value in ten thousand is not there.
pub(super) const PLAN: Plan = Plan {
    edges: 4_096,
    sample: 500_000,
    enough: 64,
    slack: 4.0,
};

/// The share of durations that each value does not fall below.
const PERCENTS: [usize; 2] = [50, 90];

/// Puts customers and durations to the edges.
pub(super) fn time(log: &Log, filter: &Filter, edges: &mut [MapEdge], plan: Plan) {
    let views: Vec<BucketView> = log.views(filter).collect();
    for edges in edges.chunks_mut(plan.edges) {
        let mut open: Vec<Search> = guess(log, &views, edges, plan)
            .into_iter()
            .zip(edges)
            .map(|(ranges, edge)| Search::new(edge, ranges))
            .collect();
        while !open.is_empty() {
            look(log, &views, &mut open);
            open.retain(|search| !search.is_over());
        }
    }
}

/// Steps that are looked up at a time.
const AT_A_TIME: usize = 512;

/// Which edges are timed, each with its place among them; the place after the last stands for all other steps.
struct Slots {
    size: usize,
    slots: Vec<u32>,
    other: u32,
}

impl Slots {
    fn of<'e>(log: &Log, edges: impl ExactSizeIterator<Item = &'e MapEdge>) -> Slots {
        let (size, other) = (log.touchpoints(), edges.len() as u32);
        let mut slots = vec![other; size * size];
        for (slot, edge) in (0..).zip(edges) {
            slots[edge.from.index() * size + edge.to.index()] = slot;
        }
        Slots { size, slots, other }
    }

    /// Hands out the place and the duration of every step, with the number of its trail in the bucket.
    ///
    /// A block is gone through as if it were one trail: to stop at every trail's end would take twice as long. What leads
    /// from one trail to the next is a step like any other that is not timed.
    fn steps(&self, view: &BucketView, mut each: impl FnMut(usize, u32, i64)) {
        let mut number = 0;
        let (mut places, mut durations, mut joints) = ([0; AT_A_TIME], [0; AT_A_TIME], [0; AT_A_TIME]);
        view.blocks(|block| {
            number += 1;
            let mut ends = block.ends().peekable();
            let last = block.touchpoints.len().saturating_sub(1);
            for start in (0..last).step_by(AT_A_TIME) {
                let stop = last.min(start + AT_A_TIME);
                let pairs = block.touchpoints[start..stop]
                    .iter()
                    .zip(&block.touchpoints[start + 1..=stop]);
                for (place, (from, to)) in places.iter_mut().zip(pairs) {
                    *place = self.slots[from.index() * self.size + to.index()];
                }
                let pairs = block.times[start..stop].iter().zip(&block.times[start + 1..=stop]);
                for (duration, (since, until)) in durations.iter_mut().zip(pairs) {
                    *duration = between(*since, *until);
                }
                joints.fill(0);
                while let Some(end) = ends.next_if(|end| *end <= stop) {
                    places[end - 1 - start] = self.other;
                    joints[end - 1 - start] = 1;
                }
                let steps = places.iter().zip(&durations).zip(&joints).take(stop - start);
                for ((place, duration), joint) in steps {
                    each(*place as usize, number, *duration);
                    number += joint;
                }
            }
        });
    }
}

/// Between which values, themselves among them, something is looked for.
#[derive(Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
}

const ALL: Range = Range {
    low: i64::MIN,
    high: i64::MAX,
};

/// Says for each edge between which values median and p90 ought to be.
fn guess(log: &Log, views: &[BucketView], edges: &[MapEdge], plan: Plan) -> Vec<[Range; 2]> {
    let steps: u64 = edges.iter().map(|edge| edge.count).sum();
    let share = plan.sample.max(steps / 64) as f64 / steps.max(1) as f64;
    // Customers are dealt to buckets by chance, so that those of a few buckets stand for all.
    let some = (views.len() as f64 * share).ceil() as usize;
    let some = &views[..some.min(views.len())];
    let slots = Slots::of(log, edges.iter());
    let sampled = some.par_chunks(share_of(some.len())).map(|views| {
        let mut sample = vec![Vec::new(); edges.len() + 1];
        for view in views {
            slots.steps(view, |slot, _, duration| sample[slot].push(duration));
        }
        sample
    });
    let sample = sampled.reduce(Vec::new, |into, from| {
        merged(into, from, |into, from| into.extend(from))
    });
    let mut sample = if sample.is_empty() {
        vec![Vec::new(); edges.len()]
    } else {
        sample
    };
    sample
        .par_iter_mut()
        .map(|sample| PERCENTS.map(|percent| range(sample, percent, plan)))
        .collect()
}

/// Gives how many of so many views each thread gets: a table for each thread is quicker than one for each view.
fn share_of(views: usize) -> usize {
    views.div_ceil(rayon::current_num_threads()).max(1)
}

/// Merges the tables of two threads, one of which may be empty.
fn merged<T>(mut into: Vec<T>, mut from: Vec<T>, merge: impl Fn(&mut T, T)) -> Vec<T> {
    if into.is_empty() {
        std::mem::swap(&mut into, &mut from);
    }
    into.iter_mut().zip(from).for_each(|(into, from)| merge(into, from));
    into
}

fn range(sample: &mut [i64], percent: usize, plan: Plan) -> Range {
    let count = sample.len();
    if count < plan.enough {
        return ALL;
    }
    let share = percent as f64 / 100.0;
    let place = rank(count, percent);
    let slack = (plan.slack * (count as f64 * share * (1.0 - share)).sqrt()).ceil() as usize;
    let mut value = |place: usize| *sample.select_nth_unstable(place).1;
    Range {
        low: place.checked_sub(slack).map_or(i64::MIN, &mut value),
        high: Some(place + slack)
            .filter(|place| *place < count)
            .map_or(i64::MAX, &mut value),
    }
}

/// The search for an edge's median and p90.
struct Search<'e> {
    edge: &'e mut MapEdge,
    ranges: [Range; 2],
    found: [Option<i64>; 2],
}

impl<'e> Search<'e> {
    fn new(edge: &'e mut MapEdge, ranges: [Range; 2]) -> Search<'e> {
        let found = [None; 2];
        Search { edge, ranges, found }
    }

    fn is_over(&self) -> bool {
        self.edge.durations.is_some()
    }

    /// Learns what a pass saw.
    fn learn(&mut self, tally: &Tally, mut kept: Kept) {
        let count = self.edge.count as usize;
        for (at, range) in self.ranges.iter_mut().enumerate() {
            match rank(count, PERCENTS[at]).checked_sub(tally.below[at] as usize) {
                _ if self.found[at].is_some() => {}
                None => {
                    *range = Range {
                        high: range.low - 1,
                        ..ALL
                    }
                }
                Some(place) if place >= kept.counts[at] as usize => {
                    *range = Range {
                        low: range.high + 1,
                        ..ALL
                    }
                }
                Some(place) => {
                    let value = kept.values[at].get_mut(..).filter(|values| !values.is_empty());
                    self.found[at] = Some(value.map_or(range.low, |values| *values.select_nth_unstable(place).1));
                }
            }
        }
        if let [Some(median_ms), Some(p90_ms)] = self.found {
            self.edge.customers = Some(tally.customers.into());
            self.edge.durations = Some(Durations {
                count: self.edge.count,
                mean_ms: tally.sum as f64 / count as f64,
                median_ms,
                p90_ms,
            });
        }
    }
}

/// What is seen of one edge: what every step changes, in one line of the processor's cache.
#[derive(Clone)]
#[repr(align(64))]
struct Tally {
    sum: i128,
    /// The lowest value of each range, and how much higher its highest is.
    lows: [i64; 2],
    widths: [u64; 2],
    /// How many are below each range.
    below: [u32; 2],
    customers: u32,
    /// The bucket's number of the last trail that took the edge.
    last: u32,
}

impl Tally {
    fn new(ranges: [Range; 2]) -> Tally {
        Tally {
            sum: 0,
            lows: ranges.map(|range| range.low),
            widths: ranges.map(|range| range.high.abs_diff(range.low)),
            below: [0; 2],
            customers: 0,
            last: 0,
        }
    }
}

/// The durations of one edge that are within its ranges.
#[derive(Clone, Default)]
struct Kept {
    /// How many there are.
    counts: [u64; 2],
    /// The durations themselves, where the range has more than one value.
    values: [Vec<i64>; 2],
}

/// What a thread, or all of them, saw of the edges.
#[derive(Default)]
struct Seen {
    tallies: Vec<Tally>,
    kept: Vec<Kept>,
}

impl Seen {
    fn new(searches: &[Search]) -> Seen {
        // What is not timed is near no value.
        let nothing = [Range {
            low: i64::MAX,
            high: i64::MAX,
        }; 2];
        let ranges = searches.iter().map(|search| search.ranges).chain([nothing]);
        Seen {
            tallies: ranges.map(Tally::new).collect(),
            kept: vec![Kept::default(); searches.len() + 1],
        }
    }

    fn see(&mut self, view: &BucketView, slots: &Slots) {
        slots.steps(view, |slot, trail, duration| {
            let tally = &mut self.tallies[slot];
            tally.sum += i128::from(duration);
            tally.customers += u32::from(tally.last != trail);
            tally.last = trail;
            for at in [0, 1] {
                tally.below[at] += u32::from(duration < tally.lows[at]);
                if duration.wrapping_sub(tally.lows[at]) as u64 <= tally.widths[at] {
                    self.kept[slot].keep(at, duration, tally.widths[at]);
                }
            }
        });
        self.tallies.iter_mut().for_each(|tally| tally.last = 0);
    }

    fn merge(mut self, other: Seen) -> Seen {
        if self.tallies.is_empty() {
            return other;
        }
        for (into, from) in self.tallies.iter_mut().zip(other.tallies) {
            into.sum += from.sum;
            into.customers += from.customers;
            (0..2).for_each(|at| into.below[at] += from.below[at]);
        }
        for (into, from) in self.kept.iter_mut().zip(other.kept) {
            for (at, values) in (0..).zip(from.values) {
                into.counts[at] += from.counts[at];
                into.values[at].extend(values);
            }
        }
        self
    }
}

impl Kept {
    fn keep(&mut self, at: usize, duration: i64, width: u64) {
        self.counts[at] += 1;
        if width > 0 {
            self.values[at].push(duration);
        }
    }
}

/// Looks at all durations of the edges that are searched.
fn look(log: &Log, views: &[BucketView], open: &mut [Search]) {
    let slots = Slots::of(log, open.iter().map(|search| &*search.edge));
    let seen = views.par_chunks(share_of(views.len())).map(|views| {
        let mut seen = Seen::new(open);
        views.iter().for_each(|view| seen.see(view, &slots));
        seen
    });
    let seen = seen.reduce(Seen::default, Seen::merge);
    let seen = seen.tallies.into_par_iter().zip(seen.kept);
    open.par_iter_mut()
        .zip(seen)
        .for_each(|(search, (tally, kept))| search.learn(&tally, kept));
}
