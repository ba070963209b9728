//! Paths against a plain count over lists, the balance of every node, and paths worked out by hand.

use proptest::prelude::*;

use super::*;
use crate::testing::{TOUCHPOINTS, Ways, events, filters, log, log_of, ways};

fn query(anchor: PathAnchor) -> PathsQuery {
    PathsQuery {
        filter: Filter::default(),
        anchor,
        pause_ms: None,
        collapses_repeats: false,
        steps: 3,
        limit: 10,
    }
}

/// The edges as (step, from, to, paths), 99 standing for all others.
fn edges(result: &PathsResult) -> Vec<(usize, u16, u16, u64)> {
    let number = |touchpoint: Option<Touchpoint>| touchpoint.map_or(99, |touchpoint| touchpoint.0);
    result
        .edges
        .iter()
        .map(|edge| (edge.step, number(edge.from), number(edge.to), edge.paths))
        .collect()
}

fn a_log() -> Log {
    log(&[
        (1, 0, 0),
        (1, 1, 10),
        (1, 1, 20),
        (1, 2, 50),
        (1, 3, 60),
        (2, 0, 0),
        (2, 2, 30),
        (3, 1, 0),
    ])
}

#[test]
fn paths_from_the_start() {
    let result = paths(&a_log(), &query(PathAnchor::Start));
    assert_eq!(edges(&result), [(0, 0, 1, 1), (0, 0, 2, 1), (1, 1, 1, 1)]);
    let node = |touchpoint, [paths, ends, longer]: [u64; 3]| PathNode {
        touchpoint: Some(Touchpoint(touchpoint)),
        touchpoints: 1,
        paths,
        ends,
        longer,
    };
    assert_eq!(result.steps[0], [node(0, [2, 0, 0]), node(1, [1, 1, 0])]);
    assert_eq!(result.steps[2], [node(1, [1, 0, 1])]);
    assert_eq!((result.paths, result.customers, result.without), (3, 3, 0));
}

#[test]
fn repeats_collapse_and_count_from_the_first() {
    let result = paths(
        &a_log(),
        &PathsQuery {
            collapses_repeats: true,
            ..query(PathAnchor::Start)
        },
    );
    assert_eq!(edges(&result), [(0, 0, 1, 1), (0, 0, 2, 1), (1, 1, 2, 1)]);
    assert_eq!(result.edges[2].mean_ms, 40.0);
    let back = paths(
        &a_log(),
        &PathsQuery {
            collapses_repeats: true,
            ..query(PathAnchor::To(Touchpoint(2)))
        },
    );
    assert_eq!(edges(&back), [(0, 2, 0, 1), (0, 2, 1, 1), (1, 1, 0, 1)]);
    assert_eq!((back.edges[1].mean_ms, back.edges[2].mean_ms), (40.0, 10.0));
}

#[test]
fn paths_from_and_to_a_touchpoint() {
    let from = paths(&a_log(), &query(PathAnchor::From(Touchpoint(2))));
    assert_eq!((edges(&from), from.paths, from.without), (vec![(0, 2, 3, 1)], 2, 1));
    let to = paths(&a_log(), &query(PathAnchor::To(Touchpoint(2))));
    assert_eq!(edges(&to), [(0, 2, 0, 1), (0, 2, 1, 1), (1, 1, 1, 1)]);
    assert_eq!(to.steps[2][0].longer, 1);
}

#[test]
fn a_pause_cuts_a_way_into_visits() {
    let result = paths(
        &a_log(),
        &PathsQuery {
            pause_ms: Some(20),
            ..query(PathAnchor::Start)
        },
    );
    assert_eq!((result.paths, result.customers), (5, 3));
    assert_eq!(edges(&result), [(0, 0, 1, 1), (0, 2, 3, 1), (1, 1, 1, 1)]);
}

#[test]
fn what_is_not_told_apart_is_one_node() {
    let result = paths(
        &a_log(),
        &PathsQuery {
            limit: 1,
            ..query(PathAnchor::Start)
        },
    );
    let others = &result.steps[1][1];
    assert_eq!(
        (others.touchpoint, others.touchpoints, others.paths, others.ends),
        (None, 1, 1, 1)
    );
    assert_eq!(edges(&result), [(0, 0, 99, 1), (0, 0, 1, 1), (1, 1, 1, 1)]);
}

fn queries() -> impl Strategy<Value = PathsQuery> {
    let touchpoint = || (0..TOUCHPOINTS).prop_map(Touchpoint);
    let anchor = prop_oneof![
        Just(PathAnchor::Start),
        touchpoint().prop_map(PathAnchor::From),
        touchpoint().prop_map(PathAnchor::To),
    ];
    let pause = prop::option::of(0..10i64);
    (filters(), anchor, pause, any::<bool>(), (0..5usize, 0..4usize)).prop_map(
        |(filter, anchor, pause_ms, collapses_repeats, (steps, limit))| PathsQuery {
            filter,
            anchor,
            pause_ms,
            collapses_repeats,
            steps,
            limit,
        },
    )
}

/// The paths with everything told apart, and the visits without one.
fn plain(query: &PathsQuery, ways: &Ways) -> (Vec<Vec<(i64, Touchpoint)>>, u64) {
    let mut visits: Vec<Vec<(i64, Touchpoint)>> = Vec::new();
    for way in ways.values() {
        let is_together = |one: &(i64, Touchpoint), next: &(i64, Touchpoint)| {
            query.pause_ms.is_none_or(|pause| next.0 - one.0 <= pause)
        };
        visits.extend(way.chunk_by(is_together).map(<[_]>::to_vec));
    }
    if query.collapses_repeats {
        visits.iter_mut().for_each(|visit| visit.dedup_by_key(|event| event.1));
    }
    let all = visits.len();
    let cut = |mut visit: Vec<(i64, Touchpoint)>| match query.anchor {
        PathAnchor::Start => Some(visit),
        PathAnchor::From(from) => {
            let first = visit.iter().position(|event| event.1 == from)?;
            Some(visit.split_off(first))
        }
        PathAnchor::To(to) => {
            let last = visit.iter().rposition(|event| event.1 == to)?;
            visit.truncate(last + 1);
            visit.reverse();
            Some(visit)
        }
    };
    let paths: Vec<_> = visits.into_iter().filter_map(cut).collect();
    let without = (all - paths.len()) as u64;
    (paths, without)
}

proptest! {
    #[test]
    fn paths_equal_a_plain_count(events in events(), query in queries()) {
        let query = PathsQuery { limit: usize::from(TOUCHPOINTS), ..query };
        let result = paths(&log_of(&events), &query);
        let (plain, without) = plain(&query, &ways(&events, &query.filter));
        prop_assert_eq!((result.paths, result.without), (plain.len() as u64, without));
        for (step, nodes) in result.steps.iter().enumerate() {
            for node in nodes {
                let here = plain.iter().filter(|path| path.get(step).map(|event| event.1) == node.touchpoint);
                let ends = here.clone().filter(|path| path.len() == step + 1).count() as u64;
                prop_assert_eq!((node.paths, node.ends), (here.count() as u64, ends));
            }
        }
        for edge in &result.edges {
            let takes = |path: &&Vec<(i64, Touchpoint)>| {
                path.len() > edge.step + 1
                    && (Some(path[edge.step].1), Some(path[edge.step + 1].1)) == (edge.from, edge.to)
            };
            let times = plain.iter().filter(takes).map(|path| (path[edge.step + 1].0 - path[edge.step].0).abs());
            let times: Vec<i64> = times.collect();
            prop_assert_eq!(edge.paths, times.len() as u64);
            prop_assert!((edge.mean_ms - times.iter().sum::<i64>() as f64 / times.len() as f64).abs() < 1e-9);
        }
    }

    #[test]
    fn what_comes_in_goes_out(events in events(), query in queries()) {
        let result = paths(&log_of(&events), &query);
        for (step, nodes) in result.steps.iter().enumerate() {
            prop_assert!(nodes.len() <= query.limit + 1);
            for node in nodes {
                let out = result.edges.iter().filter(|edge| edge.step == step && edge.from == node.touchpoint);
                let out: u64 = out.map(|edge| edge.paths).sum();
                prop_assert_eq!(node.paths, node.ends + node.longer + out);
                let into = result.edges.iter().filter(|edge| edge.step + 1 == step && edge.to == node.touchpoint);
                let into: u64 = into.map(|edge| edge.paths).sum();
                prop_assert!(step == 0 || into == node.paths);
            }
        }
        if let Some(first) = result.steps.first() {
            prop_assert_eq!(first.iter().map(|node| node.paths).sum::<u64>(), result.paths);
        }
    }
}
