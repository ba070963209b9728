//! A funnel's question, prepared: for each touchpoint, the steps that it does and the chains that it spoils, as bits.

use std::ops::Range;

use super::{FunnelExclusion, FunnelOrder, FunnelQuery};
use crate::Touchpoint;

/// The most steps that a funnel may have.
pub const FUNNEL_STEPS: usize = 30;

pub(super) struct Plan {
    pub steps: usize,
    pub order: FunnelOrder,
    pub window_ms: i64,
    pub has_exclusions: bool,
    /// Whether every event does one step at most and every step must be done, in order, with anything in between.
    pub is_simple: bool,
    /// For each touchpoint, the steps that an event there does.
    does: Vec<u32>,
    /// For each touchpoint, the steps after which an event there is excluded.
    excludes: Vec<u32>,
    /// For each touchpoint, whether an event there can change anything.
    matters: Vec<bool>,
    /// For each step, the steps that may come right before it.
    before: Vec<u32>,
    optional: u32,
}

impl Plan {
    pub fn new(query: &FunnelQuery, touchpoints: usize) -> Plan {
        let steps = query.steps.len();
        assert!(steps <= FUNNEL_STEPS, "a funnel has at most {FUNNEL_STEPS} steps");
        let is_free = query.order == FunnelOrder::Unordered;
        let may_be_left_out = |step: usize| !is_free && step > 0 && step + 1 < steps && query.steps[step].is_optional;
        let optional = bits(0..steps, may_be_left_out);
        let all = (0..touchpoints).map(|number| Touchpoint(number as u16));
        let does = |touchpoint| bits(0..steps, |step| query.steps[step].touchpoints.contains(touchpoint));
        let excludes = |touchpoint| {
            let spoiling = query
                .exclusions
                .iter()
                .filter(|exclusion| exclusion.touchpoints.contains(touchpoint));
            // Without an order there is no step to be after: any bit says that the event is excluded.
            let after = |exclusion: &FunnelExclusion| {
                if is_free {
                    0..steps
                } else {
                    exclusion.from..exclusion.to.min(steps)
                }
            };
            spoiling.fold(0, |all, exclusion| all | bits(after(exclusion), |_| true))
        };
        let does: Vec<u32> = all.clone().map(does).collect();
        let excludes: Vec<u32> = all.map(excludes).collect();
        let matters = |(does, excludes): (&u32, &u32)| query.order == FunnelOrder::Strict || (does | excludes) != 0;
        Plan {
            steps,
            order: query.order,
            window_ms: query.window_ms,
            has_exclusions: !query.exclusions.is_empty(),
            is_simple: query.order == FunnelOrder::Ordered
                && query.exclusions.is_empty()
                && optional == 0
                && does.iter().all(|does| does.count_ones() <= 1),
            matters: does.iter().zip(&excludes).map(matters).collect(),
            does,
            excludes,
            before: (0..steps).map(|step| before(step, optional)).collect(),
            optional,
        }
    }

    pub fn does(&self, touchpoint: Touchpoint) -> u32 {
        self.does[touchpoint.index()]
    }

    /// The steps after which an event here spoils the chain; exclusions count only where they are looked at.
    pub fn spoils(&self, touchpoint: Touchpoint, with_exclusions: bool) -> u32 {
        let excluded = if with_exclusions {
            self.excludes[touchpoint.index()]
        } else {
            0
        };
        match self.order {
            FunnelOrder::Strict => excluded | !self.does(touchpoint),
            FunnelOrder::Ordered | FunnelOrder::Unordered => excluded,
        }
    }

    /// Puts the places of the events that can change anything at the beginning of `hits`, and gives how many there are.
    pub fn find(&self, touchpoints: &[Touchpoint], hits: &mut Vec<u32>) -> usize {
        if hits.len() < touchpoints.len() {
            hits.resize(touchpoints.len(), 0);
        }
        let mut found = 0;
        for (place, touchpoint) in (0..).zip(touchpoints) {
            // No branch: which event matters is past all guessing.
            hits[found] = place;
            found += usize::from(self.matters[touchpoint.index()]);
        }
        found
    }

    pub fn before(&self, step: usize) -> u32 {
        self.before[step]
    }

    pub fn is_optional(&self, step: usize) -> bool {
        self.optional >> step & 1 == 1
    }
}

fn bits(steps: Range<usize>, is_set: impl Fn(usize) -> bool) -> u32 {
    steps
        .filter(|step| is_set(*step))
        .fold(0, |bits, step| bits | 1 << step)
}

/// The step before this one, and those before it as long as what lies between may be left out.
fn before(step: usize, optional: u32) -> u32 {
    let mut bits = 0;
    for earlier in (0..step).rev() {
        bits |= 1 << earlier;
        if optional >> earlier & 1 == 0 {
            break;
        }
    }
    bits
}
