//! Lifecycle and stickiness: in each period, who is new, who came again, who is back and who has gone; and in how many
//! periods customers are active.

use serde::Serialize;

use crate::periods::active_periods;
use crate::{Filter, Log, Trail};

/// What is asked about lifecycle or stickiness.
#[derive(Clone, Debug)]
pub struct ActivityQuery {
    /// Which events are activity. Whoever was first active before its beginning looks new, so that it had better have none.
    pub filter: Filter,
    /// The bounds of the periods, ascending, in milliseconds since 1970 UTC: one more than there are periods.
    pub bounds: Vec<i64>,
    /// The log is complete up to this time: in a period that ends later, nobody can be said to have gone quiet yet.
    pub now: i64,
}

/// The lifecycle.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LifecycleResult {
    /// The periods but the first, which the second is held against.
    pub periods: Vec<LifecyclePeriod>,
}

/// One period. Active customers are new, returning or resurrected; those active before are returning or dormant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LifecyclePeriod {
    /// Where it begins.
    pub from: i64,
    /// Where it ends.
    pub to: i64,
    /// Active for the first time.
    pub new: u64,
    /// Active in the period before, too.
    pub returning: u64,
    /// Active before, but not in the period before.
    pub resurrected: u64,
    /// Active in the period before, but not in this one; `null` while this one still goes on.
    pub dormant: Option<u64>,
}

/// Stickiness.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StickinessResult {
    /// All customers that are active in one of the periods.
    pub customers: u64,
    /// How many are active in exactly one period, two periods, and so on.
    pub by_periods: Vec<u64>,
}

/// Gives the lifecycle.
pub fn lifecycle(log: &Log, query: &ActivityQuery) -> LifecycleResult {
    let period = |bounds: &[i64]| LifecyclePeriod {
        from: bounds[0],
        to: bounds[1],
        dormant: (bounds[1] <= query.now).then_some(0),
        ..LifecyclePeriod::default()
    };
    let start = || query.bounds.windows(2).map(period).collect();
    let step = |periods: &mut Vec<LifecyclePeriod>, trail: Trail| live(periods, trail, &query.bounds);
    let merge = |mut one: Vec<LifecyclePeriod>, other: Vec<LifecyclePeriod>| {
        for (into, from) in one.iter_mut().zip(other) {
            into.new += from.new;
            into.returning += from.returning;
            into.resurrected += from.resurrected;
            into.dormant = into.dormant.zip(from.dormant).map(|(one, other)| one + other);
        }
        one
    };
    let periods = log.fold(&query.filter, start, step, merge);
    LifecycleResult {
        periods: periods.into_iter().skip(1).collect(),
    }
}

/// Counts one customer in the periods that they live through.
fn live(periods: &mut [LifecyclePeriod], trail: Trail, bounds: &[i64]) {
    let mut is_known = bounds.first().is_some_and(|first| trail.times[0] < *first);
    let mut last: Option<usize> = None;
    for period in active_periods(bounds, trail.times) {
        let was_active = last.is_some_and(|last| last + 1 == period);
        let count = match (is_known, was_active) {
            (false, _) => &mut periods[period].new,
            (true, true) => &mut periods[period].returning,
            (true, false) => &mut periods[period].resurrected,
        };
        *count += 1;
        if !was_active && let Some(last) = last {
            periods[last + 1].lose_one();
        }
        (is_known, last) = (true, Some(period));
    }
    if let Some(after) = last.and_then(|last| periods.get_mut(last + 1)) {
        after.lose_one();
    }
}

impl LifecyclePeriod {
    fn lose_one(&mut self) {
        self.dormant = self.dormant.map(|dormant| dormant + 1);
    }
}

/// Gives the stickiness.
pub fn stickiness(log: &Log, query: &ActivityQuery) -> StickinessResult {
    let start = || vec![0; query.bounds.len()];
    let step = |counts: &mut Vec<u64>, trail: Trail| {
        let active = active_periods(&query.bounds, trail.times).count();
        counts.get_mut(active).into_iter().for_each(|count| *count += 1);
    };
    let merge = |mut one: Vec<u64>, other: Vec<u64>| {
        one.iter_mut().zip(other).for_each(|(into, from)| *into += from);
        one
    };
    let counts = log.fold(&query.filter, start, step, merge);
    let by_periods: Vec<u64> = counts.into_iter().skip(1).collect();
    StickinessResult {
        customers: by_periods.iter().sum(),
        by_periods,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::CustomerId;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{events, filters, log, log_of, ways};

    fn a_query() -> ActivityQuery {
        ActivityQuery {
            filter: Filter::default(),
            bounds: vec![0, 10, 20, 30, 40],
            now: 40,
        }
    }

    #[test]
    fn a_lifecycle_worked_out_by_hand() {
        // 1 is active in periods 0, 1 and 3; 2 in 1 only; 3 before all and in 2.
        let log = log(&[
            (1, 0, 5),
            (1, 0, 15),
            (1, 0, 16),
            (1, 0, 35),
            (2, 0, 11),
            (3, 0, -9),
            (3, 0, 25),
        ]);
        let result = lifecycle(&log, &a_query());
        let told = |result: &LifecycleResult| -> Vec<_> {
            let one = |at: &LifecyclePeriod| (at.new, at.returning, at.resurrected, at.dormant);
            result.periods.iter().map(one).collect()
        };
        let lived = vec![(1, 1, 0, Some(0)), (0, 0, 1, Some(2)), (0, 0, 1, Some(1))];
        assert_eq!(told(&result), lived);
        // The last period is not over: who was not here yet may still come.
        let open = lifecycle(&log, &ActivityQuery { now: 39, ..a_query() });
        assert_eq!(told(&open), [lived[0], lived[1], (0, 0, 1, None)]);
        assert_eq!((result.periods[0].from, result.periods[0].to), (10, 20));
        let result = stickiness(&log, &a_query());
        assert_eq!((result.customers, result.by_periods), (3, vec![2, 0, 1, 0]));
    }

    proptest! {
        #[test]
        fn activity_equals_sets_of_customers(
            events in events(), filter in filters(), bounds in prop::collection::btree_set(-20..20i64, 0..6),
        ) {
            let query = ActivityQuery { filter, bounds: bounds.into_iter().collect(), now: 15 };
            let ways = ways(&events, &query.filter);
            let active = |from: i64, to: i64| -> BTreeSet<CustomerId> {
                let is_in = |way: &[(i64, crate::Touchpoint)]| way.iter().any(|event| from <= event.0 && event.0 < to);
                ways.iter().filter(|(_, way)| is_in(way)).map(|(customer, _)| *customer).collect()
            };
            let log = log_of(&events);
            let lived = lifecycle(&log, &query).periods;
            prop_assert_eq!(lived.len(), query.bounds.len().saturating_sub(2));
            for (period, bounds) in lived.iter().zip(query.bounds.windows(3)) {
                let (before, now) = (active(bounds[0], bounds[1]), active(bounds[1], bounds[2]));
                let known = active(i64::MIN, bounds[1]);
                let absent: BTreeSet<_> = known.difference(&before).copied().collect();
                prop_assert_eq!(*period, LifecyclePeriod {
                    from: bounds[1],
                    to: bounds[2],
                    new: now.difference(&known).count() as u64,
                    returning: now.intersection(&before).count() as u64,
                    resurrected: now.intersection(&absent).count() as u64,
                    dormant: (bounds[2] <= 15).then(|| before.difference(&now).count() as u64),
                });
            }
            let sticky = stickiness(&log, &query);
            for (number, count) in sticky.by_periods.iter().enumerate() {
                let periods = |who: &CustomerId| query.bounds.windows(2).filter(|pair| active(pair[0], pair[1]).contains(who)).count();
                prop_assert_eq!(*count, ways.keys().filter(|who| periods(who) == number + 1).count() as u64);
            }
        }
    }
}
