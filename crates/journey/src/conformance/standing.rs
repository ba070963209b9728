//! Where one customer stands in the journey that was drawn: how far they have come, what they missed and what is ahead.
//!
//! The way is aligned as one that may still go on, so nobody is held to what lies beyond the point they have come to.

use super::{Move, align, came, due};
use crate::{Design, Touchpoint, Trail};

/// Where somebody stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The furthest stage that was reached, counted from 0; none when nothing of the design was met.
    pub stage: Option<usize>,
    /// When it was come to.
    pub since: Option<i64>,
    /// When the next stage is due, where the design says so.
    pub due: Option<i64>,
    /// Every touchpoint of the design, in its order.
    pub steps: Vec<StandingStep>,
}

/// What a touchpoint of the design is to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingStep {
    /// Which one.
    pub touchpoint: Touchpoint,
    /// Whether it was met.
    pub state: StepState,
}

/// Whether a touchpoint of the design was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// It was, and then for the last time.
    Met(i64),
    /// It should have been, before what has come.
    Missed,
    /// It could have been, before what has come.
    Left,
    /// It is still to come.
    Ahead,
}

/// Gives where the customer of a trail stands in the way that they are on: what they met on an earlier one does not count again.
pub fn standing(design: &Design, trail: Trail) -> Standing {
    let trail = design.ways(trail).last().unwrap_or(trail);
    let alignment = align(design, trail.touchpoints, true);
    let came = came(design, trail, &alignment);
    let met = trail.touchpoints.iter().zip(&alignment.moves);
    let matched = met.filter(|(_, made)| **made == Move::Matched);
    let part = matched
        .filter_map(|(touchpoint, _)| design.step(*touchpoint))
        .map(|(part, _)| part)
        .max();
    let state = |touchpoint: Touchpoint, own: usize| {
        let last = trail.touchpoints.iter().rposition(|met| *met == touchpoint);
        match last {
            Some(place) => StepState::Met(trail.times[place]),
            None if alignment.skipped.contains(&touchpoint) => StepState::Missed,
            None if part.is_some_and(|part| own < part) => StepState::Left,
            None => StepState::Ahead,
        }
    };
    let state = &state;
    let steps = design.parts().iter().enumerate().flat_map(|(own, steps)| {
        steps.iter().map(move |step| StandingStep {
            touchpoint: step.touchpoint,
            state: state(step.touchpoint, own),
        })
    });
    let reached = came.last_key_value().map(|(stage, at)| (*stage, *at));
    Standing {
        stage: reached.map(|(stage, _)| stage),
        since: reached.map(|(_, at)| at),
        due: reached.and_then(|(stage, at)| due(design, stage, at)),
        steps: steps.collect(),
    }
}
