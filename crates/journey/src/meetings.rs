//! Who is met where: for each touchpoint how often, by how many customers, and when first and last.

use domain::CustomerId;
use serde::Serialize;

use crate::{Filter, Log, Touchpoint, Trail};

/// What is to be said of a touchpoint by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Meetings {
    /// Which one.
    pub touchpoint: Touchpoint,
    /// How often somebody was there.
    pub events: u64,
    /// How many customers were there.
    pub customers: u64,
    /// When somebody was there first, in milliseconds since 1970 UTC.
    pub first_at: i64,
    /// When somebody was there last.
    pub last_at: i64,
}

/// Counts of a touchpoint, and who was counted last, so that nobody is counted twice.
#[derive(Clone, Copy)]
struct Count {
    meetings: Meetings,
    last: Option<CustomerId>,
}

/// Gives all touchpoints that have an event, in their order.
pub fn meetings(log: &Log, filter: &Filter) -> Vec<Meetings> {
    let start = || (0..log.touchpoints()).map(none).collect::<Vec<Count>>();
    let counts = log.fold(filter, start, |counts, trail| add(counts, trail), merge);
    let found = counts.into_iter().map(|count| count.meetings);
    found.filter(|meetings| meetings.events > 0).collect()
}

fn none(number: usize) -> Count {
    let touchpoint = Touchpoint(u16::try_from(number).expect("a log has at most 1,000 touchpoints"));
    let meetings = Meetings {
        touchpoint,
        events: 0,
        customers: 0,
        first_at: i64::MAX,
        last_at: i64::MIN,
    };
    Count { meetings, last: None }
}

fn add(counts: &mut [Count], trail: Trail) {
    for (touchpoint, at) in trail.touchpoints.iter().zip(trail.times) {
        let Count { meetings, last } = &mut counts[touchpoint.index()];
        meetings.events += 1;
        meetings.first_at = meetings.first_at.min(*at);
        meetings.last_at = meetings.last_at.max(*at);
        if last.replace(trail.customer) != Some(trail.customer) {
            meetings.customers += 1;
        }
    }
}

/// Adds up two parts; no customer is in both.
fn merge(mut one: Vec<Count>, other: Vec<Count>) -> Vec<Count> {
    for (one, other) in one.iter_mut().zip(other) {
        one.meetings.events += other.meetings.events;
        one.meetings.customers += other.meetings.customers;
        one.meetings.first_at = one.meetings.first_at.min(other.meetings.first_at);
        one.meetings.last_at = one.meetings.last_at.max(other.meetings.last_at);
    }
    one
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{events, filters, log_of, ways};

    proptest! {
        #[test]
        fn the_counts_are_those_of_a_plain_count(events in events(), filter in filters()) {
            let mut plain: BTreeMap<Touchpoint, (u64, BTreeSet<CustomerId>, BTreeSet<i64>)> = BTreeMap::new();
            for (who, way) in ways(&events, &filter) {
                for (when, what) in way {
                    let (times, customers, at) = plain.entry(what).or_default();
                    *times += 1;
                    customers.insert(who);
                    at.insert(when);
                }
            }
            let expected = plain.into_iter().map(|(touchpoint, (events, customers, at))| Meetings {
                touchpoint,
                events,
                customers: customers.len() as u64,
                first_at: *at.first().expect("it has an event"),
                last_at: *at.last().expect("it has an event"),
            });
            prop_assert_eq!(meetings(&log_of(&events), &filter), expected.collect::<Vec<_>>());
        }
    }
}
