//! Funnels worked out by hand, and funnels of any kind against a search through every possible chain.

use proptest::prelude::*;

use super::*;
use crate::durations::tests::sorted;
use crate::testing::{TOUCHPOINTS, Ways, events, filters, log, log_of, ways};

mod twin;

fn step(touchpoints: &[u16]) -> FunnelStep {
    FunnelStep {
        touchpoints: touchpoints.iter().copied().map(Touchpoint).collect(),
        is_optional: false,
    }
}

/// A funnel over single touchpoints.
fn query(order: FunnelOrder, window_ms: i64, steps: &[u16]) -> FunnelQuery {
    FunnelQuery {
        filter: Filter::default(),
        steps: steps.iter().map(|touchpoint| step(&[*touchpoint])).collect(),
        order,
        window_ms,
        exclusions: Vec::new(),
        breakdown: FunnelBreakdown::None,
        durations: true,
    }
}

fn excluding(mut query: FunnelQuery, touchpoint: u16, from: usize, to: usize) -> FunnelQuery {
    let touchpoints = [Touchpoint(touchpoint)].into_iter().collect();
    query.exclusions.push(FunnelExclusion { touchpoints, from, to });
    query
}

/// One customer's events as (touchpoint, time) through a funnel: how many passed each step, and who was excluded.
fn through(query: &FunnelQuery, events: &[(u16, i64)]) -> (Vec<u64>, u64) {
    let events: Vec<(i64, u16, i64)> = events
        .iter()
        .map(|(touchpoint, time)| (1, *touchpoint, *time))
        .collect();
    let result = funnel(&log(&events), query);
    (
        result.steps.iter().map(|step| step.customers).collect(),
        result.excluded,
    )
}

#[test]
fn steps_follow_in_order_and_within_the_window_of_the_first() {
    let ordered = query(FunnelOrder::Ordered, 100, &[1, 2, 3]);
    type Case = (&'static [(u16, i64)], [u64; 3]);
    let cases: [Case; 7] = [
        (&[(1, 0), (2, 50), (3, 100)], [1, 1, 1]),
        (&[(1, 0), (2, 50), (3, 101)], [1, 1, 0]),
        (&[(1, 0), (9, 1), (2, 50), (9, 51), (3, 60)], [1, 1, 1]),
        (&[(2, 0), (3, 1), (1, 2)], [1, 0, 0]),
        (&[(2, 0), (3, 1)], [0, 0, 0]),
        // A second beginning saves a window that had run out.
        (&[(1, 0), (2, 90), (1, 95), (2, 100), (3, 190)], [1, 1, 1]),
        // One time for all: the order of the steps decides, not the order of recording.
        (&[(3, 5), (2, 5), (1, 5)], [1, 1, 1]),
    ];
    for (events, steps) in cases {
        assert_eq!(through(&ordered, events), (steps.to_vec(), 0), "{events:?}");
    }
}

#[test]
fn time_runs_from_the_latest_beginning() {
    let log = log(&[(1, 1, 0), (1, 1, 40), (1, 2, 50), (1, 3, 80), (2, 1, 0), (2, 2, 30)]);
    let result = funnel(&log, &query(FunnelOrder::Ordered, 100, &[1, 2, 3]));
    let median = |durations: Option<Durations>| durations.map(|durations| durations.median_ms);
    let times: Vec<_> = result
        .steps
        .iter()
        .map(|step| (median(step.since_start), median(step.since_previous)))
        .collect();
    assert_eq!(times, [(None, None), (Some(10), Some(10)), (Some(40), Some(30))]);
}

#[test]
fn one_event_passes_one_step_of_a_chain() {
    let twice = query(FunnelOrder::Ordered, 100, &[1, 1, 2]);
    assert_eq!(through(&twice, &[(1, 0), (2, 10)]).0, [1, 0, 0]);
    assert_eq!(through(&twice, &[(1, 0), (1, 5), (2, 10)]).0, [1, 1, 1]);
    let free = query(FunnelOrder::Unordered, 100, &[1, 1, 2]);
    assert_eq!(through(&free, &[(1, 0), (2, 10)]).0, [1, 1, 0]);
    assert_eq!(through(&free, &[(2, 0), (1, 5), (1, 10)]).0, [1, 1, 1]);
}

#[test]
fn anything_in_between_breaks_a_strict_funnel() {
    let strict = query(FunnelOrder::Strict, 100, &[1, 2, 3]);
    assert_eq!(through(&strict, &[(1, 0), (2, 1), (3, 2)]).0, [1, 1, 1]);
    assert_eq!(through(&strict, &[(1, 0), (9, 1), (2, 2), (3, 3)]).0, [1, 0, 0]);
    assert_eq!(through(&strict, &[(1, 0), (2, 1), (2, 2), (3, 3)]).0, [1, 1, 1]);
    assert_eq!(through(&strict, &[(1, 0), (9, 2), (2, 2), (3, 3)]).0, [1, 1, 1]);
}

#[test]
fn an_excluded_event_excludes_who_has_no_other_way() {
    let excluding = excluding(query(FunnelOrder::Ordered, 100, &[1, 2, 3]), 9, 0, 1);
    assert_eq!(through(&excluding, &[(1, 0), (9, 1), (2, 2)]), (vec![0, 0, 0], 1));
    assert_eq!(through(&excluding, &[(1, 0), (9, 1)]), (vec![1, 0, 0], 0));
    assert_eq!(
        through(&excluding, &[(1, 0), (9, 1), (1, 2), (2, 3)]),
        (vec![1, 1, 0], 0)
    );
    assert_eq!(
        through(&excluding, &[(1, 0), (2, 1), (9, 2), (3, 3)]),
        (vec![1, 1, 1], 0)
    );
    assert_eq!(through(&excluding, &[(1, 0), (9, 2), (2, 2)]), (vec![1, 1, 0], 0));
}

#[test]
fn an_optional_step_may_be_left_out() {
    let mut optional = query(FunnelOrder::Ordered, 100, &[1, 2, 3]);
    optional.steps[1].is_optional = true;
    assert_eq!(through(&optional, &[(1, 0), (3, 2)]).0, [1, 0, 1]);
    assert_eq!(through(&optional, &[(1, 0), (2, 1), (3, 2)]).0, [1, 1, 1]);
    assert_eq!(through(&optional, &[(1, 0), (2, 1)]).0, [1, 1, 0]);
}

#[test]
fn unordered_steps_count_within_one_window() {
    let free = query(FunnelOrder::Unordered, 10, &[1, 2, 3]);
    assert_eq!(through(&free, &[(3, 0), (1, 5), (2, 10)]).0, [1, 1, 1]);
    assert_eq!(through(&free, &[(3, 0), (1, 5), (2, 11)]).0, [1, 1, 0]);
    let result = funnel(&log(&[(1, 3, 0), (1, 3, 4), (1, 1, 5), (1, 2, 10)]), &free);
    let spans: Vec<_> = result
        .steps
        .iter()
        .map(|step| step.since_start.map(|all| all.median_ms))
        .collect();
    assert_eq!(spans, [None, Some(1), Some(6)]);
    let apart = excluding(free, 9, 0, 3);
    assert_eq!(through(&apart, &[(3, 0), (9, 1), (1, 5)]), (vec![0, 0, 0], 1));
    assert_eq!(through(&apart, &[(3, 0), (1, 5), (9, 6)]), (vec![1, 1, 0], 0));
}

#[test]
fn who_passed_and_who_was_lost_can_be_named() {
    let log = log(&[(1, 1, 0), (2, 1, 0), (2, 2, 1), (3, 1, 0), (4, 2, 0)]);
    let query = query(FunnelOrder::Ordered, 100, &[1, 2]);
    let ids = |people: People| people.customers.iter().map(|customer| customer.0).collect::<Vec<_>>();
    assert_eq!(ids(funnel_people(&log, &query, (0, false), 9)), [1, 2, 3]);
    assert_eq!(ids(funnel_people(&log, &query, (0, true), 9)), [1, 3]);
    assert_eq!(funnel_people(&log, &query, (0, true), 1).total, 2);
}

fn sets() -> impl Strategy<Value = TouchpointSet> {
    prop::collection::vec((0..TOUCHPOINTS).prop_map(Touchpoint), 1..3).prop_map(|list| list.into_iter().collect())
}

fn queries() -> impl Strategy<Value = FunnelQuery> {
    let steps = prop::collection::vec((sets(), any::<bool>()), 1..5);
    let exclusions = prop::collection::vec((sets(), 0..4usize, 0..5usize), 0..3);
    let order = prop::sample::select(vec![FunnelOrder::Ordered, FunnelOrder::Strict, FunnelOrder::Unordered]);
    let breakdown = prop::sample::select(vec![
        FunnelBreakdown::None,
        FunnelBreakdown::FirstTouchpoint,
        FunnelBreakdown::Step(0),
        FunnelBreakdown::Step(1),
    ]);
    (steps, exclusions, order, breakdown, 0i64..30).prop_map(|(steps, exclusions, order, breakdown, window_ms)| {
        FunnelQuery {
            filter: Filter::default(),
            steps: steps
                .into_iter()
                .map(|(touchpoints, is_optional)| FunnelStep {
                    touchpoints,
                    is_optional,
                })
                .collect(),
            order,
            window_ms,
            exclusions: exclusions
                .into_iter()
                .map(|(touchpoints, from, to)| FunnelExclusion { touchpoints, from, to })
                .collect(),
            breakdown,
            durations: true,
        }
    })
}

/// The funnel from what the twin says of each customer.
fn plain(query: &FunnelQuery, ways: &Ways) -> FunnelResult {
    let mut sums = Sums::new(query.steps.len());
    let mut excluded = 0;
    for (customer, way) in ways {
        let touchpoints: Vec<Touchpoint> = way.iter().map(|(_, touchpoint)| *touchpoint).collect();
        let times: Vec<i64> = way.iter().map(|(time, _)| *time).collect();
        let trail = Trail {
            customer: *customer,
            touchpoints: &touchpoints,
            times: &times,
        };
        match twin::passes(query, way) {
            Some(passes) => sums.add(query, trail, &passes),
            None => excluded += 1,
        }
    }
    let times = sums.since_start.iter().zip(&sums.since_previous).zip(&sums.passed);
    let steps = times.map(|((since_start, since_previous), customers)| FunnelCount {
        customers: *customers,
        since_start: sorted(since_start.clone()),
        since_previous: sorted(since_previous.clone()),
    });
    // A customer without any pass stands in no group of the kernel.
    let groups = sums
        .groups
        .iter()
        .filter(|(_, steps)| steps.iter().any(|count| *count > 0));
    FunnelResult {
        customers: ways.len() as u64,
        excluded,
        steps: steps.collect(),
        groups: groups
            .map(|(touchpoint, steps)| FunnelGroup {
                touchpoint: *touchpoint,
                steps: steps.clone(),
            })
            .collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_funnel_equals_a_search_through_every_chain(events in events(), filter in filters(), query in queries()) {
        let query = FunnelQuery { filter, ..query };
        let ways = ways(&events, &query.filter);
        let plain = plain(&query, &ways);
        let log = log_of(&events);
        prop_assert_eq!(&funnel(&log, &query), &plain);
        let counts = |result: FunnelResult| {
            let steps: Vec<u64> = result.steps.iter().map(|step| step.customers).collect();
            (result.customers, result.excluded, steps, result.groups)
        };
        // Asked for counts alone, a kernel may take a shorter way.
        let query = FunnelQuery { durations: false, ..query };
        prop_assert_eq!(counts(funnel(&log, &query)), counts(plain));
    }

    #[test]
    fn no_step_has_more_than_the_one_before_and_groups_add_up(events in events(), mut query in queries()) {
        query.steps.iter_mut().for_each(|step| step.is_optional = false);
        let result = funnel(&log_of(&events), &query);
        prop_assert!(result.steps.windows(2).all(|pair| pair[0].customers >= pair[1].customers));
        if query.breakdown != FunnelBreakdown::None {
            for (number, step) in result.steps.iter().enumerate() {
                prop_assert_eq!(step.customers, result.groups.iter().map(|group| group.steps[number]).sum::<u64>());
            }
        }
    }
}
