//! The map against a plain count over lists, and a map worked out by hand.

use std::collections::{BTreeMap, BTreeSet};

use domain::CustomerId;
use proptest::prelude::*;

use super::*;
use crate::durations::tests::sorted;
use crate::testing::{Ways, events, filters, log, log_of, ways};

/// The same map, slowly.
fn plain(ways: &Ways) -> MapResult {
    let mut steps: BTreeMap<(Touchpoint, Touchpoint), (Vec<i64>, BTreeSet<CustomerId>)> = BTreeMap::new();
    let mut nodes: BTreeMap<Touchpoint, [u64; 3]> = BTreeMap::new();
    for (customer, way) in ways {
        way.iter()
            .for_each(|(_, touchpoint)| nodes.entry(*touchpoint).or_default()[0] += 1);
        nodes.entry(way[0].1).or_default()[1] += 1;
        nodes.entry(way[way.len() - 1].1).or_default()[2] += 1;
        for pair in way.windows(2) {
            let (durations, customers) = steps.entry((pair[0].1, pair[1].1)).or_default();
            durations.push(pair[1].0 - pair[0].0);
            customers.insert(*customer);
        }
    }
    let touchpoint = |(touchpoint, [events, starts, ends]): (Touchpoint, [u64; 3])| MapTouchpoint {
        touchpoint,
        events,
        starts,
        ends,
    };
    MapResult {
        events: ways.values().map(|way| way.len() as u64).sum(),
        customers: ways.len() as u64,
        touchpoints: nodes.into_iter().map(touchpoint).collect(),
        edges: steps
            .into_iter()
            .map(|((from, to), (durations, customers))| MapEdge {
                from,
                to,
                count: durations.len() as u64,
                customers: Some(customers.len() as u64),
                durations: sorted(durations),
            })
            .collect(),
    }
}

fn edge(result: &MapResult, from: u16, to: u16) -> &MapEdge {
    result
        .edges
        .iter()
        .find(|edge| (edge.from.0, edge.to.0) == (from, to))
        .unwrap()
}

#[test]
fn a_map_worked_out_by_hand() {
    // One customer goes 0 → 1 → 0 → 1, another 0 → 1, a third is seen once.
    let log = log(&[
        (1, 0, 0),
        (1, 1, 10),
        (1, 0, 20),
        (1, 1, 50),
        (2, 0, 5),
        (2, 1, 105),
        (3, 2, 7),
    ]);
    let query = MapQuery {
        durations: true,
        ..MapQuery::default()
    };
    let result = map(&log, &query);
    assert_eq!((result.events, result.customers, result.edges.len()), (7, 3, 2));
    let there = edge(&result, 0, 1);
    assert_eq!((there.count, there.customers), (3, Some(2)));
    let durations = there.durations.unwrap();
    assert_eq!((durations.median_ms, durations.p90_ms), (30, 100));
    assert!((durations.mean_ms - 140.0 / 3.0).abs() < 1e-9);
    assert_eq!((edge(&result, 1, 0).count, edge(&result, 1, 0).customers), (1, Some(1)));
    let alone = &result.touchpoints[2];
    assert_eq!((alone.events, alone.starts, alone.ends), (1, 1, 1));
}

#[test]
fn what_is_filtered_out_makes_neighbours_meet() {
    let log = log(&[(1, 0, 0), (1, 1, 10), (1, 2, 20)]);
    let filter = Filter {
        touchpoints: Some([Touchpoint(0), Touchpoint(2)].into_iter().collect()),
        ..Filter::default()
    };
    let result = map(
        &log,
        &MapQuery {
            filter,
            durations: false,
        },
    );
    assert_eq!((edge(&result, 0, 2).count, result.edges.len()), (1, 1));
}

#[test]
fn an_empty_log_has_an_empty_map() {
    let result = map(
        &Log::new(3),
        &MapQuery {
            durations: true,
            ..MapQuery::default()
        },
    );
    assert_eq!(
        (
            result.events,
            result.customers,
            result.touchpoints.len(),
            result.edges.len()
        ),
        (0, 0, 0, 0)
    );
    assert_eq!(map(&Log::new(0), &MapQuery::default()).events, 0);
}

proptest! {
    #[test]
    fn the_map_equals_a_plain_count(events in events(), filter in filters()) {
        let log = log_of(&events);
        let plain = plain(&ways(&events, &filter));
        prop_assert_eq!(&map(&log, &MapQuery { filter: filter.clone(), durations: true }), &plain);
        // However few edges at a time, and however bad the guesses.
        for (edges, sample, enough, slack) in [(1, 1, 1, 0.0), (9, 3, 1, 0.0), (99, 9, 2, 1.0), (99, 99, 99, 3.0)] {
            let mut apart = map(&log, &MapQuery { filter: filter.clone(), durations: false });
            timed::time(&log, &filter, &mut apart.edges, timed::Plan { edges, sample, enough, slack });
            prop_assert_eq!(&apart, &plain);
        }
        let mut counts = plain;
        counts.edges.iter_mut().for_each(|edge| (edge.customers, edge.durations) = (None, None));
        prop_assert_eq!(map(&log, &MapQuery { filter, durations: false }), counts);
    }

    #[test]
    fn what_comes_in_goes_out(events in events()) {
        let result = map(&log_of(&events), &MapQuery::default());
        for at in &result.touchpoints {
            let sum = |is_mine: fn(&MapEdge) -> Touchpoint| -> u64 {
                result.edges.iter().filter(|edge| is_mine(edge) == at.touchpoint).map(|edge| edge.count).sum()
            };
            prop_assert_eq!(at.events, at.starts + sum(|edge| edge.to));
            prop_assert_eq!(at.events, at.ends + sum(|edge| edge.from));
        }
        let steps: u64 = result.edges.iter().map(|edge| edge.count).sum();
        prop_assert_eq!(steps, result.events - result.customers);
    }
}
