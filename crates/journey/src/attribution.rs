//! Attribution: which touchpoints deserve how much of the conversions, by seven models side by side.
//!
//! A customer's way is cut at conversions. The touches since the conversion before, within the window, are a converting path;
//! touches that are older than the window, and those after the last conversion, are paths that led nowhere. A conversion without a touch is
//! counted as direct and given to nobody. In every model the credits add up to the conversions that have a touch.
//!
//! - *First*, *last*: all to that touch. *Linear*: every touch the same.
//! - *Time decay*: a touch weighs half as much for every half-life that it lies before the conversion.
//! - *Position*: 40 % to the first, 40 % to the last, the rest to those between; of two half each.
//! - *Markov*: by removal effect (Anderl, Becker, von Wangenheim & Schumann, International Journal of Research in Marketing 33, 2016). Paths
//!   are walks over the states start, touchpoint, conversion, nothing. The removal effect of a touchpoint is the share of all
//!   conversions that is lost when whoever would come to it comes to nothing; credit is in proportion to it. With N = (1 − Q)⁻¹, the
//!   fundamental matrix, the walk comes to c with probability (start · N)_c / N_cc, so that one inversion gives all removal effects.
//! - *Shapley*: the value of a set of touchpoints is the conversions of the paths that need no other ones (Zhao, Mahboobi &
//!   Bagheri, arXiv 1804.05327). That game is a sum of games in which one set shares a conversion, so each path's conversion
//!   is split evenly among its different touchpoints: exact for any number of them.

mod markov;

use std::collections::HashMap;

use crate::{Filter, Log, Touchpoint, TouchpointSet, Trail};
use markov::{Chain, LOST, START, WON};

/// What is to be attributed.
#[derive(Clone, Debug)]
pub struct AttributionQuery {
    /// What is looked at.
    pub filter: Filter,
    /// The touchpoints that may have credit; a resolved conversation is one like any other.
    pub channels: TouchpointSet,
    /// The touchpoints that are conversions; none of them has credit.
    pub conversions: TouchpointSet,
    /// Only conversions, and paths that led nowhere, that end at this time or later are counted, in milliseconds since 1970 UTC.
    pub since: Option<i64>,
    /// How long before a conversion a touch counts.
    pub window_ms: i64,
    /// How long before a conversion a touch counts half, where time decays.
    pub half_life_ms: i64,
}

impl AttributionQuery {
    /// Says whether a path that ends then is counted.
    fn counts(&self, end: i64) -> bool {
        self.since.is_none_or(|since| end >= since)
    }
}

/// Who deserves what.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct AttributionResult {
    /// All conversions.
    pub conversions: u64,
    /// Conversions without a touch.
    pub direct: u64,
    /// Paths that led nowhere.
    pub lost: u64,
    /// The probability that a path converts.
    pub conversion_rate: f64,
    /// Every touchpoint that is on a path, by its number.
    pub touchpoints: Vec<Credit>,
}

/// A touchpoint's part in the conversions, in conversions.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Credit {
    /// Which one.
    pub touchpoint: Touchpoint,
    /// The paths that it is on.
    pub paths: u64,
    /// Those of them that convert.
    pub converting: u64,
    /// As the first touch.
    pub first: f64,
    /// As the last touch.
    pub last: f64,
    /// Every touch the same.
    pub linear: f64,
    /// Later touches more.
    pub time_decay: f64,
    /// First and last touches more.
    pub position: f64,
    /// By removal effect.
    pub markov: f64,
    /// By what it adds to every set of others.
    pub shapley: f64,
    /// The share of conversions that would be lost without it.
    pub removal_effect: f64,
}

impl Credit {
    const fn none(touchpoint: Touchpoint) -> Credit {
        Credit {
            touchpoint,
            paths: 0,
            converting: 0,
            first: 0.0,
            last: 0.0,
            linear: 0.0,
            time_decay: 0.0,
            position: 0.0,
            markov: 0.0,
            shapley: 0.0,
            removal_effect: 0.0,
        }
    }

    fn add(&mut self, other: &Credit) {
        self.paths += other.paths;
        self.converting += other.converting;
        self.first += other.first;
        self.last += other.last;
        self.linear += other.linear;
        self.time_decay += other.time_decay;
        self.position += other.position;
        self.shapley += other.shapley;
    }
}

/// What a part of the customers adds up to.
struct Sum {
    conversions: u64,
    direct: u64,
    lost: u64,
    credits: Vec<Credit>,
    steps: HashMap<(u16, u16), u64>,
    path: Vec<(Touchpoint, i64)>,
}

/// Attributes conversions to touchpoints.
pub fn attribution(log: &Log, query: &AttributionQuery) -> AttributionResult {
    let start = || Sum {
        conversions: 0,
        direct: 0,
        lost: 0,
        credits: (0..log.touchpoints() as u16)
            .map(|number| Credit::none(Touchpoint(number)))
            .collect(),
        steps: HashMap::new(),
        path: Vec::new(),
    };
    let sum = log.fold(&query.filter, start, |sum, trail| sum.take(query, trail), Sum::merge);
    let chain = Chain::new(&sum.steps);
    let attributed = (sum.conversions - sum.direct) as f64;
    let effects = chain.removal_effects();
    let all: f64 = effects.values().sum();
    let mut touchpoints: Vec<Credit> = sum.credits.into_iter().filter(|credit| credit.paths > 0).collect();
    for credit in &mut touchpoints {
        credit.removal_effect = effects.get(&credit.touchpoint.0).copied().unwrap_or(0.0);
        credit.markov = if all > 0.0 {
            attributed * credit.removal_effect / all
        } else {
            0.0
        };
    }
    AttributionResult {
        conversions: sum.conversions,
        direct: sum.direct,
        lost: sum.lost,
        conversion_rate: chain.conversion_rate(),
        touchpoints,
    }
}

impl Sum {
    fn take(&mut self, query: &AttributionQuery, trail: Trail) {
        let mut path = std::mem::take(&mut self.path);
        for (touchpoint, time) in trail.touchpoints.iter().zip(trail.times) {
            if query.conversions.contains(*touchpoint) {
                let old = path.partition_point(|(_, at)| *at < time.saturating_sub(query.window_ms));
                self.lose(&path[..old], query);
                if query.counts(*time) {
                    self.win(&path[old..], query.half_life_ms);
                }
                path.clear();
            } else if query.channels.contains(*touchpoint) {
                path.push((*touchpoint, *time));
            }
        }
        self.lose(&path, query);
        path.clear();
        self.path = path;
    }

    fn lose(&mut self, path: &[(Touchpoint, i64)], query: &AttributionQuery) {
        if path.last().is_some_and(|(_, end)| query.counts(*end)) {
            self.lost += 1;
            self.walk(path, LOST);
            different(path).for_each(|touchpoint| self.credits[touchpoint.index()].paths += 1);
        }
    }

    fn win(&mut self, path: &[(Touchpoint, i64)], half_life_ms: i64) {
        self.conversions += 1;
        let (Some((first, _)), Some((last, latest))) = (path.first(), path.last()) else {
            self.direct += 1;
            return;
        };
        self.walk(path, WON);
        self.credits[first.index()].first += 1.0;
        self.credits[last.index()].last += 1.0;
        // Only the distance to the last touch matters for the shares, and it does not vanish when all touches are old.
        let weight = |at: i64| (-((latest - at) as f64) / half_life_ms.max(1) as f64).exp2();
        let all: f64 = path.iter().map(|(_, at)| weight(*at)).sum();
        for (place, (touchpoint, at)) in path.iter().enumerate() {
            let credit = &mut self.credits[touchpoint.index()];
            credit.linear += 1.0 / path.len() as f64;
            credit.time_decay += weight(*at) / all;
            credit.position += position(place, path.len());
        }
        let share = 1.0 / different(path).count() as f64;
        for touchpoint in different(path) {
            let credit = &mut self.credits[touchpoint.index()];
            credit.shapley += share;
            credit.paths += 1;
            credit.converting += 1;
        }
    }

    fn walk(&mut self, path: &[(Touchpoint, i64)], end: u16) {
        let mut state = START;
        for next in path.iter().map(|(touchpoint, _)| touchpoint.0).chain([end]) {
            *self.steps.entry((state, next)).or_default() += 1;
            state = next;
        }
    }

    fn merge(mut self, other: Sum) -> Sum {
        self.conversions += other.conversions;
        self.direct += other.direct;
        self.lost += other.lost;
        self.credits
            .iter_mut()
            .zip(&other.credits)
            .for_each(|(one, other)| one.add(other));
        other
            .steps
            .into_iter()
            .for_each(|(step, count)| *self.steps.entry(step).or_default() += count);
        self
    }
}

/// The touchpoints of a path, each once.
fn different(path: &[(Touchpoint, i64)]) -> impl Iterator<Item = Touchpoint> {
    let is_new = |place: usize| path[..place].iter().all(|(other, _)| *other != path[place].0);
    (0..path.len())
        .filter(move |place| is_new(*place))
        .map(|place| path[place].0)
}

fn position(place: usize, length: usize) -> f64 {
    match length {
        1 => 1.0,
        2 => 0.5,
        _ if place == 0 || place + 1 == length => 0.4,
        _ => 0.2 / (length - 2) as f64,
    }
}

#[cfg(test)]
mod tests;
