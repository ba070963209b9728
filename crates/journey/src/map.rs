//! The map: which touchpoint directly follows which, how often, for how many customers and after how long.
//!
//! The directly-follows graph of process mining (van der Aalst, "Process Mining", 2016, §6): over every customer's trail,
//! each pair of neighbours is one step of the edge between them. Counts come from a plain pass over the columns, and
//! durations, summed up exactly, from two or more further ones.

mod timed;

use serde::Serialize;

use timed::PLAN;

use crate::log::Block;
use crate::{Durations, Filter, Log, Touchpoint};

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
        timed::time(log, &query.filter, &mut result.edges, PLAN);
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

#[cfg(test)]
mod tests;
