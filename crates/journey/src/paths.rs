//! Paths: step by step, where customers go from a beginning or from a touchpoint, or where they came from to one.
//!
//! A customer's way is one path, or one for each visit where a pause cuts it. A path begins at the first event, at the
//! first event at a touchpoint, or, told backwards, at the last event there. At each step the commonest touchpoints are told
//! apart and all others are one node, so that nothing is cut: for every node, what comes in is what ends there, what goes on
//! after the last step, and what goes out.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::durations::between;
use crate::hashing::Map;
use crate::{Filter, Log, Touchpoint, Trail};

/// What is asked about paths.
#[derive(Clone, Debug)]
pub struct PathsQuery {
    /// What is looked at.
    pub filter: Filter,
    /// Where a path begins.
    pub anchor: PathAnchor,
    /// The pause that ends a visit, in milliseconds; without it a customer's whole way is one path.
    pub pause_ms: Option<i64>,
    /// Whether a touchpoint several times in a row counts as once.
    pub collapses_repeats: bool,
    /// How many touchpoints of a path are looked at, the first one included.
    pub steps: usize,
    /// How many touchpoints are told apart at each step.
    pub limit: usize,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathAnchor {
    /// At its first event.
    Start,
    /// At the first event here.
    From(Touchpoint),
    /// At the last event here, and goes back in time.
    To(Touchpoint),
}

/// The paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PathsResult {
    /// The customers that have a path.
    pub customers: u64,
    /// The paths.
    pub paths: u64,
    /// Ways or visits without the touchpoint that paths begin at.
    pub without: u64,
    /// The nodes by step; at each step the one with most paths first, all others together last.
    pub steps: Vec<Vec<PathNode>>,
    /// The edges from each step to the next.
    pub edges: Vec<PathEdge>,
}

/// A touchpoint at a step.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PathNode {
    /// Which one; nothing for all others.
    pub touchpoint: Option<Touchpoint>,
    /// How many touchpoints it stands for.
    pub touchpoints: u64,
    /// How many paths are here at this step.
    pub paths: u64,
    /// How many of them end here.
    pub ends: u64,
    /// How many of them go on, though no further step is looked at.
    pub longer: u64,
}

/// From a node to one of the next step.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PathEdge {
    /// The step that it leaves, counted from 0.
    pub step: usize,
    /// The touchpoint there; nothing for all others.
    pub from: Option<Touchpoint>,
    /// The touchpoint at the next step; nothing for all others.
    pub to: Option<Touchpoint>,
    /// How many paths go this way.
    pub paths: u64,
    /// How much time lies between, in the mean.
    pub mean_ms: f64,
}

/// Gives the paths.
pub fn paths(log: &Log, query: &PathsQuery) -> PathsResult {
    let start = || Sums::new(log.touchpoints(), query);
    let step = |sums: &mut Sums, trail: Trail| sums.add(trail, query);
    log.fold(&query.filter, start, step, Sums::merge).result(query)
}

/// A touchpoint at a step.
#[derive(Clone, Copy, Default)]
struct Node {
    paths: u64,
    ends: u64,
    longer: u64,
}

#[derive(Clone, Copy, Default)]
struct Edge {
    paths: u64,
    sum_ms: i128,
}

struct Sums {
    touchpoints: usize,
    customers: u64,
    paths: u64,
    without: u64,
    /// By step and touchpoint.
    nodes: Vec<Node>,
    /// By step, touchpoint and the next touchpoint.
    edges: Map<u64, Edge>,
    /// The path at work.
    path: Vec<(Touchpoint, i64)>,
}

impl Sums {
    fn new(touchpoints: usize, query: &PathsQuery) -> Sums {
        Sums {
            touchpoints,
            customers: 0,
            paths: 0,
            without: 0,
            nodes: vec![Node::default(); query.steps * touchpoints],
            edges: Map::default(),
            path: Vec::new(),
        }
    }

    fn add(&mut self, trail: Trail, query: &PathsQuery) {
        let before = self.paths;
        let mut start = 0;
        for end in 1..=trail.times.len() {
            let is_cut = |pause| end < trail.times.len() && between(trail.times[end - 1], trail.times[end]) > pause;
            if end == trail.times.len() || query.pause_ms.is_some_and(is_cut) {
                self.add_visit(&trail.touchpoints[start..end], &trail.times[start..end], query);
                start = end;
            }
        }
        self.customers += u64::from(self.paths > before);
    }

    fn add_visit(&mut self, touchpoints: &[Touchpoint], times: &[i64], query: &PathsQuery) {
        let events = touchpoints.iter().copied().zip(times.iter().copied());
        let is_longer = match query.anchor {
            PathAnchor::Start => self.take(events, query),
            PathAnchor::From(from) => self.take(events.skip_while(|(touchpoint, _)| *touchpoint != from), query),
            PathAnchor::To(to) => self.take(events.rev().skip_while(|(touchpoint, _)| *touchpoint != to), query),
        };
        let Some(is_longer) = is_longer else {
            self.without += 1;
            return;
        };
        self.paths += 1;
        self.count(is_longer);
    }

    /// Takes up the steps of a path; says whether it goes on after them, and nothing when it never begins.
    fn take(&mut self, mut events: impl Iterator<Item = (Touchpoint, i64)>, query: &PathsQuery) -> Option<bool> {
        self.path.clear();
        let first = events.next()?;
        let mut last = first;
        if query.steps == 0 {
            return Some(true);
        }
        self.path.push(first);
        for event in events {
            if query.collapses_repeats && event.0 == last.0 {
                // A run counts from its earliest event, also where time goes back.
                last.1 = last.1.min(event.1);
            } else if self.path.len() == query.steps {
                return Some(true);
            } else {
                self.path.push(event);
                last = event;
            }
            let place = self.path.len() - 1;
            self.path[place] = last;
        }
        Some(false)
    }

    fn count(&mut self, is_longer: bool) {
        for (step, (touchpoint, _)) in self.path.iter().enumerate() {
            let node = &mut self.nodes[step * self.touchpoints + touchpoint.index()];
            node.paths += 1;
            if step + 1 == self.path.len() {
                node.longer += u64::from(is_longer);
                node.ends += u64::from(!is_longer);
            }
        }
        for (step, ((from, one), (to, other))) in self.path.iter().zip(self.path.iter().skip(1)).enumerate() {
            let edge = self.edges.entry(key(step, *from, *to)).or_default();
            edge.paths += 1;
            edge.sum_ms += i128::from(between(*one.min(other), *one.max(other)));
        }
    }

    fn merge(mut self, other: Sums) -> Sums {
        self.customers += other.customers;
        self.paths += other.paths;
        self.without += other.without;
        for (into, from) in self.nodes.iter_mut().zip(other.nodes) {
            into.paths += from.paths;
            into.ends += from.ends;
            into.longer += from.longer;
        }
        for (key, edge) in other.edges {
            let into = self.edges.entry(key).or_default();
            into.paths += edge.paths;
            into.sum_ms += edge.sum_ms;
        }
        self
    }

    fn result(self, query: &PathsQuery) -> PathsResult {
        let steps: Vec<Vec<PathNode>> = self
            .nodes
            .chunks(self.touchpoints.max(1))
            .map(|nodes| tell_apart(nodes, query.limit))
            .collect();
        let told = |step: usize| {
            steps[step]
                .iter()
                .filter_map(|node| node.touchpoint)
                .collect::<BTreeSet<_>>()
        };
        let told: Vec<BTreeSet<Touchpoint>> = (0..steps.len()).map(told).collect();
        let name = |step: usize, touchpoint: Touchpoint| told[step].contains(&touchpoint).then_some(touchpoint);
        let mut edges: BTreeMap<_, Edge> = BTreeMap::new();
        for (key, edge) in self.edges {
            let (step, from, to) = parts(key);
            let into = edges.entry((step, name(step, from), name(step + 1, to))).or_default();
            into.paths += edge.paths;
            into.sum_ms += edge.sum_ms;
        }
        let edge = |((step, from, to), edge): ((usize, _, _), Edge)| PathEdge {
            step,
            from,
            to,
            paths: edge.paths,
            mean_ms: edge.sum_ms as f64 / edge.paths as f64,
        };
        PathsResult {
            customers: self.customers,
            paths: self.paths,
            without: self.without,
            edges: edges.into_iter().map(edge).collect(),
            steps: steps.into_iter().filter(|nodes| !nodes.is_empty()).collect(),
        }
    }
}

/// Gives the commonest touchpoints of a step, and all others as one.
fn tell_apart(nodes: &[Node], limit: usize) -> Vec<PathNode> {
    let there = nodes.iter().enumerate().filter(|(_, node)| node.paths > 0);
    let mut nodes: Vec<PathNode> = there
        .map(|(index, node)| PathNode {
            touchpoint: Some(Touchpoint(index as u16)),
            touchpoints: 1,
            paths: node.paths,
            ends: node.ends,
            longer: node.longer,
        })
        .collect();
    nodes.sort_by_key(|node| std::cmp::Reverse(node.paths));
    let others = nodes.split_off(limit.min(nodes.len()));
    let sum = |figure: fn(&PathNode) -> u64| others.iter().map(figure).sum();
    if !others.is_empty() {
        nodes.push(PathNode {
            touchpoint: None,
            touchpoints: others.len() as u64,
            paths: sum(|node| node.paths),
            ends: sum(|node| node.ends),
            longer: sum(|node| node.longer),
        });
    }
    nodes
}

fn key(step: usize, from: Touchpoint, to: Touchpoint) -> u64 {
    (step as u64) << 32 | u64::from(from.0) << 16 | u64::from(to.0)
}

fn parts(key: u64) -> (usize, Touchpoint, Touchpoint) {
    (
        (key >> 32) as usize,
        Touchpoint((key >> 16) as u16),
        Touchpoint(key as u16),
    )
}

#[cfg(test)]
mod tests;
