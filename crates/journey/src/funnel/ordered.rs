//! Ordered and strict funnels: one pass over a trail that keeps, for each step, the chain there that began last.
//!
//! A later beginning is never worse: whatever an older chain at the same step could still reach within its window, the
//! younger one reaches too, and what spoils a chain spoils all that wait at its step. Where an event would spoil a chain at
//! the very time at which another event renews it, old and renewed chain stand side by side until that time has passed.

use super::plan::Plan;
use super::{Outcome, Pass};
use crate::durations::between;
use crate::log::Block;

const LEFT_OUT: u32 = u32::MAX;

pub(super) struct Ordered<'p> {
    plan: &'p Plan,
    /// Chains by the step they wait at, then renewed chains likewise; those whose bit is set in `waiting` are there.
    chains: Vec<Chain>,
    waiting: u64,
    deepest: Option<Chain>,
    passes: Vec<Option<Pass>>,
}

#[derive(Clone, Copy)]
struct Chain {
    start: i64,
    /// When the step it waits at was passed.
    reached: i64,
    step: usize,
    /// The event that passed each step.
    events: [u32; super::FUNNEL_STEPS],
}

/// One event at work: where it is, what it does, and the steps whose chains are spoilt at its time.
#[derive(Clone, Copy)]
struct Hit {
    event: u32,
    time: i64,
    does: u32,
}

/// Gives how many steps the customer of these hits got through, for a simple plan; nothing where two hits are of one time,
/// which takes more care.
pub(super) fn reached(plan: &Plan, block: Block, hits: &[u32]) -> Option<usize> {
    // When the chain at each step began. Before the first step stands now: every event that does it begins a chain.
    let mut starts = [0; super::FUNNEL_STEPS + 1];
    let mut waiting = 1u32;
    let mut reached = 0;
    let mut last = None;
    for hit in hits {
        let time = block.times[*hit as usize];
        if last.replace(time) == Some(time) {
            return None;
        }
        let step = plan.does(block.touchpoints[*hit as usize]).trailing_zeros() as usize;
        starts[0] = time;
        let start = starts[step];
        if waiting >> step & 1 == 1 && between(start, time) <= plan.window_ms {
            starts[step + 1] = start;
            waiting |= 2 << step;
            reached = reached.max(step + 1);
        }
    }
    Some(reached)
}

impl<'p> Ordered<'p> {
    pub fn new(plan: &'p Plan) -> Ordered<'p> {
        let none = Chain {
            start: 0,
            reached: 0,
            step: 0,
            events: [LEFT_OUT; super::FUNNEL_STEPS],
        };
        Ordered {
            plan,
            chains: vec![none; 2 * plan.steps],
            waiting: 0,
            deepest: None,
            passes: Vec::new(),
        }
    }

    /// Runs the customer whose events that matter are at these places of the block.
    pub fn run(&mut self, block: Block, hits: &[u32]) -> Outcome<'_> {
        let begins = |hit: &u32| self.plan.does(block.touchpoints[*hit as usize]) & 1 == 1;
        if !hits.iter().any(begins) {
            return Outcome::Nothing;
        }
        let Some(chain) = self.deepest_chain(block, hits, false) else {
            return Outcome::Nothing;
        };
        let mut kept = chain;
        if self.plan.has_exclusions {
            match self.deepest_chain(block, hits, true) {
                Some(clean) if clean.step == chain.step => kept = clean,
                _ => return Outcome::Excluded,
            }
        }
        self.tell(block, &kept);
        Outcome::Passed(&self.passes)
    }

    fn deepest_chain(&mut self, block: Block, hits: &[u32], with_exclusions: bool) -> Option<Chain> {
        self.waiting = 0;
        self.deepest = None;
        let time = |hit: &u32| block.times[*hit as usize];
        for same_time in hits.chunk_by(|one, other| time(one) == time(other)) {
            self.take(block, same_time, with_exclusions);
            if self.deepest.is_some_and(|chain| chain.step + 1 == self.plan.steps) {
                break;
            }
        }
        self.deepest
    }

    /// Takes the events of one time.
    fn take(&mut self, block: Block, events: &[u32], with_exclusions: bool) {
        let touchpoint = |event: &u32| block.touchpoints[*event as usize];
        let spoils = |event: &u32| self.plan.spoils(touchpoint(event), with_exclusions);
        let spoilt = events.iter().fold(0, |bits, event| bits | spoils(event));
        let hit = |event: &u32| Hit {
            event: *event,
            time: block.times[*event as usize],
            does: self.plan.does(touchpoint(event)),
        };
        // Only chains that wait already can be spoilt; what begins at this time is as new.
        let spoilt = u64::from(spoilt) & self.waiting;
        if let [event] = events {
            self.pass(hit(event), spoilt);
        } else {
            let mut hits: Vec<Hit> = events.iter().map(hit).collect();
            hits.sort_by_key(|hit| hit.does.trailing_zeros());
            hits.into_iter().for_each(|hit| self.pass(hit, spoilt));
        }
        self.drop_spoilt(spoilt);
    }

    /// Lets an event pass what it can, the latest step first, so that it never passes two steps of one chain.
    fn pass(&mut self, hit: Hit, spoilt: u64) {
        let mut does = hit.does;
        while does != 0 {
            let step = does.ilog2() as usize;
            does ^= 1 << step;
            if let Some(mut chain) = self.chain_before(step, hit) {
                chain.events[step] = hit.event;
                (chain.step, chain.reached) = (step, hit.time);
                self.enter(chain, spoilt);
            }
        }
    }

    /// Gives the chain that an event continues at this step: the one that began last, then the one with most steps.
    fn chain_before(&self, step: usize, hit: Hit) -> Option<Chain> {
        if step == 0 {
            let events = [LEFT_OUT; super::FUNNEL_STEPS];
            return Some(Chain {
                start: hit.time,
                reached: hit.time,
                step,
                events,
            });
        }
        let before = u64::from(self.plan.before(step));
        let mut candidates = (before | before << self.plan.steps) & self.waiting;
        let mut best: Option<&Chain> = None;
        while candidates != 0 {
            let chain = &self.chains[candidates.trailing_zeros() as usize];
            candidates &= candidates - 1;
            if best.is_none_or(|best| (best.start, best.step) < (chain.start, chain.step)) {
                best = Some(chain);
            }
        }
        best.filter(|chain| between(chain.start, hit.time) <= self.plan.window_ms)
            .copied()
    }

    fn enter(&mut self, chain: Chain, spoilt: u64) {
        let is_spoilt = spoilt >> chain.step & 1 == 1;
        let place = chain.step + if is_spoilt { self.plan.steps } else { 0 };
        let is_there = self.waiting >> place & 1 == 1;
        if is_there && self.chains[place].start >= chain.start {
            return;
        }
        self.chains[place] = chain;
        self.waiting |= 1 << place;
        if self.deepest.is_none_or(|deepest| deepest.step < chain.step) {
            self.deepest = Some(chain);
        }
    }

    /// Puts renewed chains in the place of those that were spoilt.
    fn drop_spoilt(&mut self, spoilt: u64) {
        let mut left = spoilt;
        while left != 0 {
            let step = left.trailing_zeros() as usize;
            left &= left - 1;
            let renewed = step + self.plan.steps;
            if self.waiting >> renewed & 1 == 1 {
                self.chains[step] = self.chains[renewed];
            } else {
                self.waiting &= !(1 << step);
            }
            self.waiting &= !(1 << renewed);
        }
    }

    fn tell(&mut self, block: Block, chain: &Chain) {
        self.passes.clear();
        let mut previous: Option<i64> = None;
        for event in &chain.events[..self.plan.steps] {
            let pass = (*event != LEFT_OUT).then(|| {
                let time = block.times[*event as usize];
                Pass {
                    touchpoint: block.touchpoints[*event as usize],
                    since_start: between(chain.start, time),
                    since_previous: previous.replace(time).map(|previous| between(previous, time)),
                }
            });
            self.passes.push(pass);
        }
    }
}
