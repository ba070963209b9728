//! Who leaves the design in one way, and when: what stands behind a deviation's number.

use domain::CustomerId;

use super::{Alignment, ConformanceQuery, DeviationKind, Known, Move, came, due, late};
use crate::{Log, Touchpoint, Trail};

/// A way to leave the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeavesBy {
    /// At a touchpoint, in any way but lateness.
    Touchpoint(DeviationKind, Touchpoint),
    /// The next stage took too long after this one, counted from 0.
    LateAfter(usize),
}

/// Gives how many customers leave the design so, and the first of them by id, each with when it was for the first time.
pub fn deviating(log: &Log, query: &ConformanceQuery, by: LeavesBy, limit: usize) -> (u64, Vec<(CustomerId, i64)>) {
    let step = |(known, total, found): &mut (Known, u64, Vec<_>), trail: Trail| {
        let at = query.ways(trail).find_map(|way| {
            let (alignment, _) = known.align(query, way);
            left_at(query, way, &alignment, by)
        });
        if let Some(at) = at {
            *total += 1;
            if found.len() < limit {
                found.push((trail.customer, at));
            }
        }
    };
    let start = || (Known::default(), 0, Vec::new());
    let merge = |(_, one, mut found): (Known, u64, Vec<_>), (_, other, more): (Known, u64, Vec<_>)| {
        found.extend(more);
        found.sort_unstable();
        found.truncate(limit);
        (Known::default(), one + other, found)
    };
    let (_, total, found) = log.fold(&query.filter, start, step, merge);
    (total, found)
}

fn left_at(query: &ConformanceQuery, way: (Trail, bool), alignment: &Alignment, by: LeavesBy) -> Option<i64> {
    let (trail, _) = way;
    let (kind, touchpoint) = match by {
        LeavesBy::Touchpoint(kind, touchpoint) => (kind, touchpoint),
        LeavesBy::LateAfter(stage) => {
            let is_late = late(query, way, alignment).contains(&stage);
            let came = is_late.then(|| came(&query.design, trail, alignment))?;
            return due(&query.design, stage, *came.get(&stage)?);
        }
    };
    let wanted = match kind {
        DeviationKind::Inserted => Move::Inserted,
        DeviationKind::Repeated => Move::Repeated,
        DeviationKind::OutOfOrder => Move::OutOfOrder,
        DeviationKind::Skipped => return skipped_at(query, trail, alignment, touchpoint),
        DeviationKind::Late => return None,
    };
    let mut places = trail.touchpoints.iter().zip(&alignment.moves);
    let place = places.position(|(met, made)| *met == touchpoint && *made == wanted)?;
    Some(trail.times[place])
}

/// Gives when what comes behind a skipped touchpoint came, or else when the way ended.
fn skipped_at(query: &ConformanceQuery, trail: Trail, alignment: &Alignment, skipped: Touchpoint) -> Option<i64> {
    if !alignment.skipped.contains(&skipped) {
        return None;
    }
    let part_of = |touchpoint: Touchpoint| query.design.step(touchpoint).map(|(part, _)| part);
    let part = part_of(skipped);
    let mut places = trail.touchpoints.iter().zip(&alignment.moves);
    let behind = places.position(|(met, made)| *made == Move::Matched && part_of(*met) > part);
    behind.map_or(trail.times.last().copied(), |place| Some(trail.times[place]))
}
