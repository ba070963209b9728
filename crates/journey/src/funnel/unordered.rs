//! Unordered funnels: how many different steps were done within one window.
//!
//! An event serves one step. Where a touchpoint does several steps, who serves what is a matching of events to steps, made
//! as large as can be by augmenting paths (Kuhn 1955).

use super::plan::Plan;
use super::{Outcome, Pass};
use crate::Touchpoint;
use crate::durations::between;
use crate::log::Block;

pub(super) struct Unordered<'p> {
    plan: &'p Plan,
    /// The events of the window that can still matter, oldest first.
    recent: Vec<Recent>,
    passes: Vec<Option<Pass>>,
}

#[derive(Clone, Copy)]
struct Recent {
    time: i64,
    does: u32,
}

impl<'p> Unordered<'p> {
    pub fn new(plan: &'p Plan) -> Unordered<'p> {
        Unordered {
            plan,
            recent: Vec::new(),
            passes: Vec::new(),
        }
    }

    /// Runs the customer whose events that matter are at these places of the block.
    pub fn run(&mut self, block: Block, hits: &[u32]) -> Outcome<'_> {
        let most = self.pass(block, hits, false);
        if most == 0 {
            return Outcome::Nothing;
        }
        if self.plan.has_exclusions && self.pass(block, hits, true) < most {
            return Outcome::Excluded;
        }
        Outcome::Passed(&self.passes)
    }

    /// Notes when each number of steps was first reached, and gives the largest.
    fn pass(&mut self, block: Block, hits: &[u32], with_exclusions: bool) -> usize {
        self.recent.clear();
        self.passes.clear();
        let mut cut: Option<i64> = None;
        for hit in hits {
            let (touchpoint, time) = (&block.touchpoints[*hit as usize], &block.times[*hit as usize]);
            if let Some(at) = cut.filter(|at| at < time) {
                // What lies before an excluded event counts with nothing after it.
                self.recent.retain(|recent| recent.time >= at);
                cut = None;
            }
            if self.plan.spoils(*touchpoint, with_exclusions) != 0 {
                cut = Some(*time);
            }
            let does = self.plan.does(*touchpoint);
            if does != 0 {
                self.keep(Recent { time: *time, does });
                self.count(*touchpoint, *time);
            }
        }
        let most = self.passes.len();
        self.passes.resize(self.plan.steps, None);
        most
    }

    /// Keeps an event, and of those that do the same steps no more than there are steps.
    fn keep(&mut self, event: Recent) {
        let window_ms = self.plan.window_ms;
        self.recent
            .retain(|recent| between(recent.time, event.time) <= window_ms);
        let alike = |recent: &Recent| recent.does == event.does;
        if self.recent.iter().filter(|recent| alike(recent)).count() == self.plan.steps
            && let Some(oldest) = self.recent.iter().position(alike)
        {
            self.recent.remove(oldest);
        }
        self.recent.push(event);
    }

    fn count(&mut self, touchpoint: Touchpoint, time: i64) {
        let wanted = self.passes.len() + 1;
        let covered = self.recent.iter().fold(0, |bits, recent| bits | recent.does);
        if (covered.count_ones() as usize) < wanted || served(&self.recent) < wanted {
            return;
        }
        let is_enough = |from: &usize| served(&self.recent[*from..]) >= wanted;
        let latest = (0..self.recent.len()).rev().find(is_enough).unwrap_or(0);
        self.passes.push(Some(Pass {
            touchpoint,
            since_start: between(self.recent[latest].time, time),
            since_previous: None,
        }));
    }
}

/// Gives the number of steps that these events can serve, each event one step.
fn served(events: &[Recent]) -> usize {
    let mut servants = [None; super::FUNNEL_STEPS];
    let serves = |event: &usize| find_step(events, *event, &mut servants, &mut 0);
    (0..events.len()).filter(serves).count()
}

/// Finds a step for an event, if need be by sending those who serve it to another one.
fn find_step(events: &[Recent], event: usize, servants: &mut [Option<usize>], seen: &mut u32) -> bool {
    loop {
        let open = events[event].does & !*seen;
        if open == 0 {
            return false;
        }
        let step = open.trailing_zeros() as usize;
        *seen |= 1 << step;
        let is_free = match servants[step] {
            None => true,
            Some(other) => find_step(events, other, servants, seen),
        };
        if is_free {
            servants[step] = Some(event);
            return true;
        }
    }
}
