//! Tests of the log: nothing is lost, everything is in order, and threads change nothing.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::testing::{Event, Ways, customers, events, filters, log, log_of, ways};

impl Log {
    /// Merges all tails into the columns.
    pub(crate) fn settle(&mut self) {
        self.buckets.iter_mut().for_each(Bucket::settle);
    }
}

/// What a fold hands out, as plain lists.
pub(super) fn trails(log: &Log, filter: &Filter) -> Ways {
    let step = |ways: &mut Ways, trail: Trail| {
        let way = trail
            .times
            .iter()
            .copied()
            .zip(trail.touchpoints.iter().copied())
            .collect();
        assert_eq!(ways.insert(trail.customer, way), None, "a customer comes once");
    };
    log.fold(filter, BTreeMap::new, step, |mut one, other| {
        one.extend(other);
        one
    })
}

#[test]
fn a_customer_s_events_are_in_order_of_time_and_those_of_one_time_as_recorded() {
    let log = log(&[(1, 5, 30), (2, 0, 1), (1, 4, 10), (1, 3, 30), (1, 2, 20), (1, 1, 30)]);
    let seen = &trails(&log, &Filter::default())[&CustomerId(1)];
    let order: Vec<u16> = seen.iter().map(|(_, touchpoint)| touchpoint.0).collect();
    assert_eq!(order, [4, 2, 5, 3, 1]);
    assert_eq!((log.len(), log.customers(), log.touchpoints()), (6, 2, 16));
}

#[test]
fn an_erased_customer_is_gone_from_columns_and_tail() {
    let mut log = log(&[(1, 0, 1), (65, 1, 2), (129, 2, 3)]);
    log.settle();
    log.add(&[(CustomerId(65), Touchpoint(3), 9)]);
    log.erase(CustomerId(65));
    log.erase(CustomerId(77));
    let left: Vec<i64> = trails(&log, &Filter::default())
        .keys()
        .map(|customer| customer.0)
        .collect();
    assert_eq!((left, log.len(), log.customers()), (vec![1, 129], 2, 2));
}

#[test]
fn a_full_tail_moves_to_the_columns_by_itself() {
    let mut log = Log::new(1);
    let events: Vec<Event> = (0..3_000).map(|n| (CustomerId(0), Touchpoint(0), -n)).collect();
    events.chunks(100).for_each(|chunk| log.add(chunk));
    assert!(log.buckets[0].tail_len() <= 1_024);
    let times: Vec<i64> = trails(&log, &Filter::default())[&CustomerId(0)]
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(times, (-2_999..=0).collect::<Vec<i64>>());
}

#[test]
#[should_panic(expected = "touchpoint 16 is not in the catalogue")]
fn a_touchpoint_that_is_not_in_the_catalogue_is_refused() {
    log(&[(1, 16, 0)]);
}

#[test]
fn the_outcome_does_not_depend_on_threads() {
    let events: Vec<Event> = (0..5_000).map(|n| (CustomerId(n % 999), Touchpoint(0), n)).collect();
    let mut log = Log::new(1);
    log.add(&events);
    // Adding up fractions gives another sum in another order.
    let step = |sum: &mut f64, trail: Trail| *sum += 1.0 / (trail.customer.0 + 3) as f64;
    let sum = || log.fold(&Filter::default(), || 0.0, step, |one, other| one + other);
    let with = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(sum)
    };
    let alone: f64 = with(1);
    assert!((0..20).all(|_| with(4).to_bits() == alone.to_bits()));
}

proptest! {
    #[test]
    fn a_log_holds_what_was_added(events in events(), filter in filters()) {
        let log = log_of(&events);
        prop_assert_eq!(trails(&log, &filter), ways(&events, &filter));
        prop_assert_eq!(log.len(), events.len());
        prop_assert_eq!(log.customers(), events.iter().map(|event| event.0).collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn a_customer_s_own_way_is_the_one_that_a_fold_hands_out(events in events(), settled in 0..80_usize, asked in prop::collection::vec(customers(), 0..8)) {
        let (old, new) = events.split_at(settled.min(events.len()));
        let mut log = log_of(old);
        log.settle();
        log.add(new);
        let mut all = trails(&log, &Filter::default());
        all.retain(|customer, _| asked.contains(customer));
        let own = log.trails_of(&asked).into_iter().map(|(customer, trail)| {
            (customer, trail.into_iter().map(|(touchpoint, time)| (time, touchpoint)).collect())
        });
        prop_assert_eq!(own.collect::<Ways>(), all);
    }

    #[test]
    fn erasing_is_as_if_the_customer_had_never_been(events in events(), gone in customers()) {
        let mut log = log_of(&events);
        log.erase(gone);
        let left: Vec<Event> = events.into_iter().filter(|event| event.0 != gone).collect();
        prop_assert_eq!(trails(&log, &Filter::default()), ways(&left, &Filter::default()));
        prop_assert_eq!(log.len(), left.len());
    }

    #[test]
    fn one_trail_is_what_folding_finds(events in events(), filter in filters(), who in customers()) {
        let log = log_of(&events);
        let pairs = |trail: crate::Trail| -> Vec<(i64, Touchpoint)> {
            trail.times.iter().copied().zip(trail.touchpoints.iter().copied()).collect()
        };
        prop_assert_eq!(log.one(who, &filter, pairs), ways(&events, &filter).get(&who).cloned());
    }
}
