//! The alignment of one way with a design that costs least.

use std::collections::BTreeSet;

use super::design::{Design, DesignedStep};
use crate::Touchpoint;

/// How a way goes together with a design.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alignment {
    pub cost: u64,
    /// What each event is.
    pub moves: Vec<Move>,
    /// Required touchpoints that were never met.
    pub skipped: Vec<Touchpoint>,
}

/// What an event is to the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Matched,
    Inserted,
    Repeated,
    OutOfOrder,
}

/// The best pieces of the way for one part of the design, by where they end.
struct Best {
    cost: Vec<u64>,
    /// Where the piece that ends there begins.
    from: Vec<usize>,
    /// The cost and the beginning when the way ends in this part and may go on: then what it has not met yet is free.
    open: (u64, usize),
}

/// Aligns a way; one that is open may end anywhere in the design.
pub(super) fn align(design: &Design, way: &[Touchpoint], is_open: bool) -> Alignment {
    let steps: Vec<Option<(usize, DesignedStep)>> = way.iter().map(|touchpoint| design.step(*touchpoint)).collect();
    let parts = design.parts().len();
    // Before the first part nothing can be matched.
    let all = way.len() as u64;
    let mut best = vec![Best {
        cost: (0..=all).collect(),
        from: vec![0; way.len() + 1],
        open: (all, 0),
    }];
    for part in 0..parts {
        let next = advance(design, &steps, part, &best[part].cost);
        best.push(next);
    }
    let (last, cost) = if is_open {
        // Of equally good ends the furthest: who did something further on has come so far, and left out what is before it.
        let last = (0..=parts).rev().min_by_key(|part| best[*part].open.0).unwrap_or(0);
        best[last].from[way.len()] = best[last].open.1;
        (last, best[last].open.0)
    } else {
        (parts, best[parts].cost[way.len()])
    };
    let is_matched = matched(&steps, &best, last);
    let met: BTreeSet<Touchpoint> = (0..way.len())
        .filter(|place| is_matched[*place])
        .map(|place| way[place])
        .collect();
    let moves = (0..way.len()).map(|place| name(&steps[place], is_matched[place], met.contains(&way[place])));
    let moves: Vec<Move> = moves.collect();
    let behind = if is_open { last.saturating_sub(1) } else { last };
    let required = design.parts()[..behind]
        .iter()
        .flatten()
        .filter(|step| step.is_required);
    let skipped = required
        .map(|step| step.touchpoint)
        .filter(|touchpoint| !way.contains(touchpoint))
        .collect();
    Alignment { cost, moves, skipped }
}

/// Gives the least cost up to each place of the way when the piece for one more part ends there.
fn advance(design: &Design, steps: &[Option<(usize, DesignedStep)>], part: usize, before: &[u64]) -> Best {
    let required = design.parts()[part].iter().filter(|step| step.is_required).count() as u64;
    let steps_here = design.parts()[part].len() as u64 + 1;
    let mut next = Best {
        cost: vec![u64::MAX; before.len()],
        from: vec![0; before.len()],
        open: (u64::MAX, 0),
    };
    for (start, paid) in before.iter().enumerate() {
        let mut cost = paid + required;
        let mut unmet = required;
        let mut met: Vec<Touchpoint> = Vec::new();
        for (end, here) in before.iter().enumerate().skip(start) {
            // A piece that begins here can do all that this one still can, or the best one here nearly all: long ways stay quick.
            let is_hopeless = end > start && cost >= here + required;
            if is_hopeless || cost >= next.cost[end].saturating_add(steps_here) {
                break;
            }
            if cost < next.cost[end] {
                (next.cost[end], next.from[end]) = (cost, start);
            }
            match steps.get(end) {
                Some(Some((own, step))) if *own == part => match pay(step, &mut met) {
                    Pay::Required => (cost, unmet) = (cost - 1, unmet - 1),
                    Pay::Extra => cost += 1,
                    Pay::Nothing => (),
                },
                Some(_) => cost += 1,
                None if cost - unmet < next.open.0 => next.open = (cost - unmet, start),
                None => (),
            }
        }
    }
    next
}

/// What an event of the part itself does to the cost of its piece.
enum Pay {
    /// A required touchpoint is met, so it does not have to be paid for.
    Required,
    Nothing,
    Extra,
}

fn pay(step: &DesignedStep, met: &mut Vec<Touchpoint>) -> Pay {
    if met.contains(&step.touchpoint) {
        return if step.is_repeatable { Pay::Nothing } else { Pay::Extra };
    }
    met.push(step.touchpoint);
    if step.is_required { Pay::Required } else { Pay::Nothing }
}

/// Walks the pieces back and marks what they match.
fn matched(steps: &[Option<(usize, DesignedStep)>], best: &[Best], last: usize) -> Vec<bool> {
    let mut is_matched = vec![false; steps.len()];
    let mut end = steps.len();
    for part in (0..last).rev() {
        let start = best[part + 1].from[end];
        let mut met = Vec::new();
        for place in start..end {
            if let Some((own, step)) = &steps[place]
                && *own == part
                && (step.is_repeatable || !met.contains(&step.touchpoint))
            {
                met.push(step.touchpoint);
                is_matched[place] = true;
            }
        }
        end = start;
    }
    is_matched
}

fn name(step: &Option<(usize, DesignedStep)>, is_matched: bool, is_met: bool) -> Move {
    match step {
        _ if is_matched => Move::Matched,
        None => Move::Inserted,
        Some((_, step)) if is_met && !step.is_repeatable => Move::Repeated,
        Some(_) => Move::OutOfOrder,
    }
}
