//! The map: which touchpoint directly follows which, how often, for how many customers and after how long.
//!
//! The directly-follows graph of process mining (van der Aalst, "Process Mining", 2016, §6): over every customer's trail,
//! each pair of neighbours is one step of the edge between them. Counts alone come from a plain pass over the columns;
//! durations are put in order by edge and summed up exactly.

use rayon::prelude::*;
use serde::Serialize;

use crate::durations::between;
use crate::log::{Block, BucketView};
use crate::{Durations, Filter, Log, Touchpoint};

/// Durations held at a time: above it the log is read once more for each further part of the edges. 256 MB.
const HELD: u64 = 32 << 20;

/// What the map is asked.
#[derive(Clone, Debug, Default)]
pub struct MapQuery {
    /// What is looked at.
    pub filter: Filter,
    /// Whether customers and durations of the edges are wanted, which takes several times as long as counts.
    pub durations: bool,
}

/// The map.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MapResult {
    /// All events that were looked at.
    pub events: u64,
    /// All customers that have one of them.
    pub customers: u64,
    /// The touchpoints that have an event, in their order.
    pub touchpoints: Vec<MapTouchpoint>,
    /// The edges that somebody took, by touchpoints.
    pub edges: Vec<MapEdge>,
}

/// A touchpoint of the map. What comes in is what goes out: `events` = starts + all edges to it = ends + all edges from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MapTouchpoint {
    /// Which one.
    pub touchpoint: Touchpoint,
    /// How often somebody was there.
    pub events: u64,
    /// How many customers' ways begin here.
    pub starts: u64,
    /// How many customers' ways end here, as yet.
    pub ends: u64,
}

/// One touchpoint directly after another.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct MapEdge {
    /// The earlier touchpoint.
    pub from: Touchpoint,
    /// The later one.
    pub to: Touchpoint,
    /// How often.
    pub count: u64,
    /// How many customers, where durations were asked for.
    pub customers: Option<u64>,
    /// How long it took, where durations were asked for.
    pub durations: Option<Durations>,
}

/// Gives the map.
pub fn map(log: &Log, query: &MapQuery) -> MapResult {
    let counts = log.fold_blocks(
        &query.filter,
        || Counts::new(log.touchpoints()),
        Counts::add,
        Counts::merge,
    );
    let mut result = counts.result();
    if query.durations {
        time_edges(log, &query.filter, &mut result.edges);
    }
    result
}

/// Neighbours that are looked up at a time.
const AT_A_TIME: usize = 512;

/// How often, without who and how long. All tables are by (from, to), with one more touchpoint that stands for nowhere.
struct Counts {
    side: usize,
    /// All neighbours of the columns, also those that are of two customers; in two tables that take turns, because to count
    /// up a number again at once the processor must wait for it.
    neighbours: [Vec<u64>; 2],
    /// Where one customer's way ends and the next one's begins.
    joints: Vec<u64>,
}

impl Counts {
    fn new(touchpoints: usize) -> Counts {
        let side = touchpoints + 1;
        Counts {
            side,
            neighbours: [(); 2].map(|()| vec![0; side * side]),
            joints: vec![0; side * side],
        }
    }

    /// Counts a block as if it were one trail, and beside it the joints: cheaper than to stop at every trail's end.
    fn add(&mut self, block: Block) {
        self.add_neighbours(block.touchpoints);
        let nowhere = self.side - 1;
        let mut before = nowhere;
        let mut start = 0;
        for end in block.ends() {
            self.joints[before * self.side + block.touchpoints[start].index()] += 1;
            before = block.touchpoints[end - 1].index();
            start = end;
        }
        self.joints[before * self.side + nowhere] += 1;
    }

    fn add_neighbours(&mut self, touchpoints: &[Touchpoint]) {
        let [even, odd] = &mut self.neighbours;
        let mut places = [0; AT_A_TIME];
        let next = touchpoints.get(1..).unwrap_or_default();
        for (from, to) in touchpoints.chunks(AT_A_TIME).zip(next.chunks(AT_A_TIME)) {
            for ((place, from), to) in places.iter_mut().zip(from).zip(to) {
                *place = u32::from(from.0) * self.side as u32 + u32::from(to.0);
            }
            let (pairs, rest) = places[..to.len()].as_chunks();
            for [one, other] in pairs {
                even[*one as usize] += 1;
                odd[*other as usize] += 1;
            }
            rest.iter().for_each(|place| even[*place as usize] += 1);
        }
    }

    fn merge(mut self, other: Counts) -> Counts {
        let sum = |into: &mut Vec<u64>, from: &[u64]| into.iter_mut().zip(from).for_each(|(into, from)| *into += from);
        sum(&mut self.neighbours[0], &other.neighbours[0]);
        sum(&mut self.neighbours[1], &other.neighbours[1]);
        sum(&mut self.joints, &other.joints);
        self
    }

    fn result(&self) -> MapResult {
        let touchpoints = self.side - 1;
        let mut edges = Vec::new();
        let mut nodes = vec![MapTouchpoint::default(); touchpoints];
        for (place, joints) in self.joints.iter().enumerate() {
            let (from, to) = (place / self.side, place % self.side);
            let count = self.neighbours[0][place] + self.neighbours[1][place];
            if let Some(node) = nodes.get_mut(from) {
                node.ends += joints;
            }
            if let Some(node) = nodes.get_mut(to) {
                node.starts += joints;
                node.events += joints;
            }
            // Neighbours are of touchpoints only, and every joint within a block is among them.
            if from < touchpoints && to < touchpoints && count > *joints {
                nodes[to].events += count - joints;
                edges.push(MapEdge {
                    from: Touchpoint(from as u16),
                    to: Touchpoint(to as u16),
                    count: count - joints,
                    customers: None,
                    durations: None,
                });
            }
        }
        (0..)
            .zip(&mut nodes)
            .for_each(|(number, node)| node.touchpoint = Touchpoint(number));
        nodes.retain(|node| node.events > 0);
        MapResult {
            events: nodes.iter().map(|node| node.events).sum(),
            customers: nodes.iter().map(|node| node.starts).sum(),
            touchpoints: nodes,
            edges,
        }
    }
}

/// Puts customers and durations to the edges, as many edges at a time as may be held.
fn time_edges(log: &Log, filter: &Filter, edges: &mut [MapEdge]) {
    let mut rest = edges;
    while !rest.is_empty() {
        let mut held = 0;
        let is_over = |edge: &MapEdge| {
            held += edge.count;
            held > HELD
        };
        // One edge alone is taken however many durations it has.
        let many = rest.iter().position(is_over).unwrap_or(rest.len()).max(1);
        let (now, later) = rest.split_at_mut(many);
        time_some_edges(log, filter, now);
        rest = later;
    }
}

fn time_some_edges(log: &Log, filter: &Filter, edges: &mut [MapEdge]) {
    let size = log.touchpoints();
    let mut slots = vec![NO_SLOT; size * size];
    for (slot, edge) in edges.iter().enumerate() {
        slots[edge.from.index() * size + edge.to.index()] = slot as u32;
    }
    let slots = Slots {
        size,
        slots,
        edges: edges.len(),
    };
    let views: Vec<BucketView> = log.views(filter).collect();
    let parts: Vec<Part> = views.par_iter().map(|view| Part::of(view, &slots)).collect();
    edges.par_iter_mut().enumerate().for_each(|(slot, edge)| {
        let durations: Vec<&[i64]> = parts.iter().map(|part| part.durations(slot)).collect();
        edge.durations = Durations::of_parts(&durations);
        edge.customers = Some(parts.iter().map(|part| u64::from(part.tallies[slot].customers)).sum());
    });
}

const NO_SLOT: u32 = u32::MAX;

/// Which edges are timed, each with its place among them.
struct Slots {
    size: usize,
    slots: Vec<u32>,
    edges: usize,
}

impl Slots {
    /// Hands out the place and the duration of every step that is timed, with the number of its trail in the bucket.
    fn steps(&self, view: &BucketView, mut each: impl FnMut(usize, u32, i64)) {
        let mut number = 0;
        view.blocks(|block| {
            for trail in block.trails() {
                number += 1;
                let pairs = trail.touchpoints.iter().zip(&trail.touchpoints[1..]);
                let times = trail.times.iter().zip(&trail.times[1..]);
                for ((from, to), (since, until)) in pairs.zip(times) {
                    let slot = self.slots[from.index() * self.size + to.index()];
                    if slot != NO_SLOT {
                        each(slot as usize, number, between(*since, *until));
                    }
                }
            }
        });
    }
}

/// What a bucket says of one edge.
#[derive(Clone, Copy, Default)]
struct Tally {
    customers: u32,
    /// The number of the last trail that took the edge.
    last: u32,
    /// Where its durations end.
    end: u32,
}

/// A bucket's durations, sorted by edge.
struct Part {
    tallies: Vec<Tally>,
    durations: Vec<i64>,
}

impl Part {
    fn of(view: &BucketView, slots: &Slots) -> Part {
        let mut tallies = vec![Tally::default(); slots.edges];
        slots.steps(view, |slot, trail, _| {
            let tally = &mut tallies[slot];
            tally.customers += u32::from(tally.last != trail);
            tally.last = trail;
            tally.end += 1;
        });
        let mut total = 0;
        for tally in &mut tallies {
            total += std::mem::replace(&mut tally.end, total);
        }
        let mut durations = vec![0; total as usize];
        slots.steps(view, |slot, _, duration| {
            let end = &mut tallies[slot].end;
            durations[*end as usize] = duration;
            *end += 1;
        });
        Part { tallies, durations }
    }

    fn durations(&self, slot: usize) -> &[i64] {
        let start = slot.checked_sub(1).map_or(0, |before| self.tallies[before].end);
        &self.durations[start as usize..self.tallies[slot].end as usize]
    }
}

#[cfg(test)]
mod tests;
