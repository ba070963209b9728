//! Conformance beside tables worked by hand and a search through the synchronous product.

use std::collections::{BinaryHeap, HashMap};

use proptest::prelude::*;

use super::*;
use crate::testing::{events, log, log_of};

fn step(touchpoint: u16, kind: &str) -> DesignedStep {
    DesignedStep {
        touchpoint: Touchpoint(touchpoint),
        is_required: kind.contains('!'),
        is_repeatable: kind.contains('*'),
        is_alongside: kind.contains('|'),
    }
}

fn stage(within_ms: Option<i64>, steps: &[(u16, &str)]) -> DesignedStage {
    let steps = steps.iter().map(|(touchpoint, kind)| step(*touchpoint, kind)).collect();
    DesignedStage { steps, within_ms }
}

/// First 0 and then, if at all, 1; then 2 and 3 in any order, 3 as often as one likes; then 4.
fn design() -> Design {
    Design::new(vec![
        stage(Some(50), &[(0, "!"), (1, "")]),
        stage(None, &[(2, "!"), (3, "|*")]),
        stage(None, &[(4, "!")]),
    ])
    .unwrap()
}

fn query() -> ConformanceQuery {
    ConformanceQuery {
        filter: Filter::default(),
        design: design(),
        since: None,
        underway_since: None,
        until: 40,
        people: 3,
    }
}

fn touchpoints(way: &[u16]) -> Vec<Touchpoint> {
    way.iter().copied().map(Touchpoint).collect()
}

/// A name, a way, its cost, its moves, and what it skips.
type Named = (&'static str, &'static [u16], u64, &'static [Move], &'static [u16]);

/// A name, events, until when, and whether they are late.
type Lateness = (&'static str, &'static [(i64, u16, i64)], i64, bool);

#[test]
fn deviations_have_their_names() {
    use Move::{Inserted as I, Matched as M, OutOfOrder as O, Repeated as R};
    let cases: &[Named] = &[
        ("the shortest way", &[0, 2, 4], 0, &[M, M, M], &[]),
        ("with all that may be", &[0, 1, 3, 2, 3, 3, 4], 0, &[M; 7], &[]),
        ("a required one is skipped", &[0, 4], 1, &[M, M], &[2]),
        ("nothing of it", &[9], 4, &[I], &[0, 2, 4]),
        ("an unknown one is inserted", &[0, 9, 2, 4], 1, &[M, I, M, M], &[]),
        ("a single one repeated", &[0, 0, 2, 4], 1, &[M, R, M, M], &[]),
        ("repeated much later", &[0, 2, 0, 4], 1, &[M, M, R, M], &[]),
        (
            "a repeatable one outside its stage",
            &[0, 2, 3, 4, 3],
            1,
            &[M, M, M, M, O],
            &[],
        ),
        ("an optional one too early", &[1, 0, 2, 4], 1, &[O, M, M, M], &[]),
        (
            "two required ones swapped: one is out of order and not skipped",
            &[0, 4, 2],
            2,
            &[M, O, M],
            &[],
        ),
    ];
    for (name, way, cost, moves, skipped) in cases {
        let found = align(&design(), &touchpoints(way), false);
        assert_eq!(found.cost, *cost, "{name}: {found:?}");
        let missing = found.moves.len()
            - found
                .moves
                .iter()
                .zip(*moves)
                .filter(|(one, other)| one == other)
                .count();
        // Of two swapped ones either may be the one that is out of order.
        assert!(
            missing == 0 || (name.contains("swapped") && missing == 2),
            "{name}: {found:?}"
        );
        assert_eq!(found.skipped, touchpoints(skipped), "{name}");
    }
}

#[test]
fn a_very_long_way_is_aligned_quickly() {
    for [one, other] in [[9, 9], [0, 0], [3, 3], [0, 4], [4, 2]] {
        let way: Vec<Touchpoint> = (0..100_000)
            .map(|n| Touchpoint(if n % 2 == 0 { one } else { other }))
            .collect();
        let found = align(&design(), &way, false);
        assert!(
            found.cost >= 2 && found.cost <= 100_003,
            "{one} {other}: {}",
            found.cost
        );
    }
}

#[test]
fn an_open_way_is_not_held_to_what_is_to_come() {
    for (way, cost) in [(&[0][..], 0), (&[0, 1], 0), (&[0, 3], 0), (&[0, 4], 1), (&[2], 1)] {
        assert_eq!(align(&design(), &touchpoints(way), true).cost, cost, "{way:?}");
    }
}

#[test]
fn fitness_is_worked_by_hand() {
    let monday = 4 * WEEK_MS / 7;
    let ways = log(&[(1, 0, 0), (1, 2, 1), (1, 4, 2), (2, 0, 0), (2, 4, 1), (3, 9, monday)]);
    let found = conformance(&ways, &query());
    // Costs 0, 1, 4 of 6, 5, 4.
    let all = found.all;
    assert_eq!((all.ways, all.fitting, all.cost, all.worst_cost), (3, 1, 5, 15));
    assert!((all.mean_fitness - (1.0 + 0.8 + 0.0) / 3.0).abs() < 1e-12);
    assert!((all.log_fitness - 2.0 / 3.0).abs() < 1e-12);
    let weeks: Vec<(i64, u64, f64)> = found
        .weeks
        .iter()
        .map(|week| (week.start, week.fitness.ways, week.fitness.mean_fitness))
        .collect();
    assert_eq!(weeks, [(monday - WEEK_MS, 2, 0.9), (monday, 1, 0.0)]);
    let first = &found.deviations[0];
    assert_eq!(
        (first.kind, first.touchpoint, first.customers),
        (DeviationKind::Skipped, Some(Touchpoint(2)), 2)
    );
    assert_eq!(first.people, [CustomerId(2), CustomerId(3)]);
}

#[test]
fn lateness_is_between_stages_and_also_while_waiting() {
    let cases: &[Lateness] = &[
        ("in time", &[(1, 0, 0), (1, 2, 50)], 500, false),
        ("too late", &[(1, 0, 0), (1, 2, 51)], 500, true),
        (
            "a later stage counts when the next is skipped",
            &[(1, 0, 0), (1, 4, 40)],
            500,
            false,
        ),
        ("still awaited", &[(1, 0, 0)], 51, true),
        ("not yet due", &[(1, 0, 0)], 50, false),
        ("the second stage has no limit", &[(1, 2, 0)], 500, false),
    ];
    for (name, events, until, is_late) in cases {
        let found = conformance(
            &log(events),
            &ConformanceQuery {
                until: *until,
                ..query()
            },
        );
        let late = found
            .deviations
            .iter()
            .find(|deviation| deviation.kind == DeviationKind::Late);
        assert_eq!(
            late.map(|late| (late.stage, late.touchpoint)),
            is_late.then_some((Some(0), None)),
            "{name}"
        );
    }
}

#[test]
fn a_touchpoint_is_in_a_design_once() {
    let stages = vec![stage(None, &[(1, "")]), stage(None, &[(2, ""), (1, "")])];
    let error = Design::new(stages).unwrap_err();
    assert_eq!(error.to_string(), "touchpoint 1 is in the design twice");
}

#[test]
fn the_people_listed_are_bounded_and_the_count_is_not() {
    let events: Vec<(i64, u16, i64)> = (0..200).map(|who| (who, 9, 0)).collect();
    let found = conformance(&log(&events), &query());
    let inserted = found
        .deviations
        .iter()
        .find(|deviation| deviation.kind == DeviationKind::Inserted)
        .unwrap();
    assert_eq!((inserted.customers, inserted.stage), (200, None));
    assert_eq!(inserted.people, [0, 1, 2].map(CustomerId));
}

#[test]
fn those_who_leave_the_design_are_named_with_when_they_did() {
    use DeviationKind::{Inserted, Repeated, Skipped};
    let ways = log(&[
        (1, 0, 0),
        (1, 9, 1),
        (1, 9, 2),
        (1, 2, 3),
        (2, 0, 0),
        (2, 4, 7),
        (2, 0, 8),
        (3, 0, 0),
        (3, 2, 60),
        (3, 0, 61),
    ]);
    let by = |kind, touchpoint| LeavesBy::Touchpoint(kind, Touchpoint(touchpoint));
    let cases: [(LeavesBy, &[(i64, i64)]); 4] = [
        (by(Inserted, 9), &[(1, 1)]),
        (by(Repeated, 0), &[(3, 61)]),
        // The touchpoint that came instead.
        (by(Skipped, 2), &[(2, 7)]),
        (LeavesBy::LateAfter(0), &[(3, 50)]),
    ];
    for (about, expected) in cases {
        let (total, people) = deviating(&ways, &query(), about, 9);
        let people: Vec<(i64, i64)> = people.into_iter().map(|(customer, at)| (customer.0, at)).collect();
        assert_eq!(
            (total, people.as_slice()),
            (expected.len() as u64, expected),
            "{about:?}"
        );
    }
}

#[test]
fn a_customer_stands_where_the_way_has_come_to() {
    use StepState::{Ahead, Left, Met, Missed};
    let stand = |events: &[(i64, u16, i64)]| {
        let ways = log(events);
        let found = ways.one(CustomerId(1), &Filter::default(), |trail| standing(&design(), trail));
        found.unwrap()
    };
    let states = |found: &Standing| found.steps.iter().map(|step| step.state).collect::<Vec<_>>();
    let begun = stand(&[(1, 0, 10)]);
    assert_eq!(states(&begun), [Met(10), Ahead, Ahead, Ahead, Ahead]);
    assert_eq!((begun.stage, begun.since, begun.due), (Some(0), Some(10), Some(60)));
    let far = stand(&[(1, 0, 10), (1, 3, 20), (1, 3, 30), (1, 4, 40), (1, 9, 50)]);
    assert_eq!(states(&far), [Met(10), Left, Missed, Met(30), Met(40)]);
    assert_eq!((far.stage, far.since, far.due), (Some(2), Some(40), None));
    let again = stand(&[(1, 0, 10), (1, 2, 20), (1, 4, 30), (1, 0, 40)]);
    assert_eq!(states(&again), [Met(40), Ahead, Ahead, Ahead, Ahead]);
    assert_eq!((again.stage, again.since), (Some(0), Some(40)));
    let elsewhere = stand(&[(1, 9, 10)]);
    assert_eq!(states(&elsewhere), [Ahead; 5]);
    assert_eq!((elsewhere.stage, elsewhere.since, elsewhere.due), (None, None, None));
}

/// Events, and what is found of them: ways, those that fit, and how many customers do what first.
type Again = (
    &'static str,
    &'static [(i64, u16, i64)],
    (u64, u64),
    Option<(DeviationKind, u64)>,
);

#[test]
fn who_meets_the_beginning_after_the_last_stage_begins_again() {
    let through = [(1, 0, 0), (1, 2, 1), (1, 4, 2)];
    let twice: Vec<(i64, u16, i64)> = through
        .into_iter()
        .chain([(1, 0, 10), (1, 2, 11), (1, 4, 12)])
        .collect();
    let cases: &[Again] = &[
        ("the whole way twice", twice.leak(), (2, 2), None),
        (
            "the first stage again on the way repeats it",
            &[(1, 0, 0), (1, 2, 1), (1, 0, 2), (1, 4, 3)],
            (1, 0),
            Some((DeviationKind::Repeated, 1)),
        ),
        (
            "both ways leave the design: one customer",
            &[(1, 0, 0), (1, 4, 1), (1, 0, 2), (1, 4, 3)],
            (2, 0),
            Some((DeviationKind::Skipped, 1)),
        ),
        (
            "another stage after the last one begins nothing",
            &[(1, 0, 0), (1, 2, 1), (1, 4, 2), (1, 3, 3)],
            (1, 0),
            Some((DeviationKind::OutOfOrder, 1)),
        ),
    ];
    // The ad before the first required touchpoint is not needed to begin again.
    let with_ad = Design::new(vec![
        stage(None, &[(7, "")]),
        stage(None, &[(0, "!")]),
        stage(None, &[(4, "!")]),
    ])
    .unwrap();
    let summers = log(&[(1, 7, 0), (1, 0, 1), (1, 4, 2), (1, 0, 10), (1, 4, 12)]);
    let found = conformance(
        &summers,
        &ConformanceQuery {
            design: with_ad,
            ..query()
        },
    );
    assert_eq!((found.all.ways, found.all.fitting), (2, 2));
    // The second summer may still go on: only the first is over, and counts as it would alone.
    let open = ConformanceQuery {
        underway_since: Some(10),
        ..query()
    };
    let summers = log(&[(1, 0, 0), (1, 4, 2), (1, 0, 10)]);
    let (now, alone) = (
        conformance(&summers, &open),
        conformance(&log(&[(1, 0, 0), (1, 4, 2)]), &query()),
    );
    assert_eq!((now.all.ways, now.finished), (2, alone.all));
    for (name, events, (ways, fitting), deviation) in cases {
        let found = conformance(&log(events), &query());
        assert_eq!(
            (found.customers, found.all.ways, found.all.fitting),
            (1, *ways, *fitting),
            "{name}"
        );
        let first = found.deviations.first().map(|first| (first.kind, first.customers));
        assert_eq!(first, *deviation, "{name}");
    }
}

#[test]
fn a_way_counts_where_it_begins_and_is_held_to_the_design_as_a_whole() {
    // The first began before the time that is asked about; what is after it is no way of its own.
    let ways = log(&[(1, 0, 0), (1, 2, 10), (1, 4, 20), (2, 0, 5), (2, 2, 10), (2, 4, 20)]);
    let since = |since| {
        conformance(
            &ways,
            &ConformanceQuery {
                since: Some(since),
                ..query()
            },
        )
    };
    assert_eq!((since(5).customers, since(5).all.fitting), (1, 1));
    assert_eq!(
        (since(6).customers, since(6).all.ways, since(6).deviations.len()),
        (0, 0, 0)
    );
}

#[test]
fn only_the_way_that_somebody_is_on_awaits_anything() {
    let awaiting = |events: &[(i64, u16, i64)]| {
        let query = ConformanceQuery {
            until: 500,
            underway_since: Some(0),
            ..query()
        };
        let found = conformance(&log(events), &query);
        found
            .deviations
            .iter()
            .any(|deviation| deviation.kind == DeviationKind::Late)
    };
    assert!(awaiting(&[(1, 0, 0), (1, 4, 1), (1, 0, 2)]));
    assert!(!awaiting(&[(1, 0, 0), (1, 4, 1), (1, 0, 2), (1, 4, 3)]));
}

/// A place in the product of way and design: events done, part of the design, touchpoints met in it.
type Place = (usize, usize, u32);

/// The least cost by Dijkstra's search through the synchronous product.
fn searched(design: &Design, way: &[Touchpoint], is_open: bool) -> u64 {
    let mut costs: HashMap<Place, u64> = HashMap::new();
    let mut queue = BinaryHeap::from([(std::cmp::Reverse(0), (0, 0, 0))]);
    while let Some((std::cmp::Reverse(cost), place)) = queue.pop() {
        if costs.get(&place).is_some_and(|known| *known <= cost) {
            continue;
        }
        costs.insert(place, cost);
        let (done, part, met) = place;
        let parts = design.parts();
        if done == way.len() && (part == parts.len() || is_open) {
            return cost;
        }
        let mut go = |step: u64, place: Place| queue.push((std::cmp::Reverse(cost + step), place));
        if done < way.len() {
            go(1, (done + 1, part, met));
        }
        let steps = parts.get(part).map_or(&[][..], Vec::as_slice);
        for (bit, step) in steps.iter().enumerate() {
            let is_met = met & 1 << bit != 0;
            if way.get(done) == Some(&step.touchpoint) && (!is_met || step.is_repeatable) {
                go(0, (done + 1, part, met | 1 << bit));
            }
            if !is_met {
                go(1, (done, part, met | 1 << bit));
            }
        }
        let is_complete = steps
            .iter()
            .enumerate()
            .all(|(bit, step)| !step.is_required || met & 1 << bit != 0);
        if part < parts.len() && is_complete {
            go(0, (done, part + 1, 0));
        }
    }
    unreachable!("leaving out every event and meeting every touchpoint ends every search")
}

/// Designs over the first four touchpoints, in any order and of any kind.
fn designs() -> impl Strategy<Value = Design> {
    let steps = Just((0_u16..4).collect::<Vec<_>>()).prop_shuffle();
    (
        steps,
        prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 4),
        0usize..5,
    )
        .prop_map(|(order, kinds, cut)| {
            let step = |(number, (is_required, is_repeatable, is_alongside)): (u16, (bool, bool, bool))| DesignedStep {
                touchpoint: Touchpoint(number),
                is_required,
                is_repeatable,
                is_alongside,
            };
            let steps: Vec<DesignedStep> = order.into_iter().zip(kinds.iter().copied()).map(step).collect();
            let (one, other) = steps.split_at(cut);
            let stage = |steps: &[DesignedStep]| DesignedStage {
                steps: steps.to_vec(),
                within_ms: Some(5),
            };
            Design::new(vec![stage(one), stage(other)]).unwrap()
        })
}

proptest! {
    #[test]
    fn the_cost_is_that_of_a_search(design in designs(), way in prop::collection::vec(0u16..6, 0..9), is_open: bool) {
        let way = touchpoints(&way);
        let found = align(&design, &way, is_open);
        prop_assert_eq!(found.cost, searched(&design, &way, is_open));
        // Every event that is not matched costs, and so does every required touchpoint that is not.
        let unmatched = found.moves.iter().filter(|made| **made != Move::Matched).count() as u64;
        prop_assert!(unmatched + found.skipped.len() as u64 <= found.cost);
        prop_assert_eq!(found.cost == 0, unmatched == 0 && found.skipped.is_empty());
    }

    #[test]
    fn an_unknown_touchpoint_costs_one_more_wherever_it_is(
        design in designs(), way in prop::collection::vec(0u16..4, 0..8), place in 0usize..9,
    ) {
        let mut more = touchpoints(&way);
        more.insert(place.min(way.len()), Touchpoint(9));
        prop_assert_eq!(align(&design, &more, false).cost, align(&design, &touchpoints(&way), false).cost + 1);
    }

    #[test]
    fn what_is_counted_is_what_is_there(design in designs(), events in events()) {
        let log = log_of(&events);
        let again = ConformanceQuery { design, ..query() };
        let found = conformance(&log, &again);
        prop_assert_eq!(found.customers, log.customers() as u64);
        prop_assert!(found.all.ways >= found.customers);
        prop_assert_eq!(found.finished, found.all);
        prop_assert_eq!(found.weeks.iter().map(|week| week.fitness.ways).sum::<u64>(), found.all.ways);
        prop_assert_eq!(found.weeks.iter().map(|week| week.fitness.cost).sum::<u64>(), found.all.cost);
        for deviation in &found.deviations {
            prop_assert!(deviation.customers <= deviation.times && deviation.customers <= found.customers);
            prop_assert_eq!(deviation.people.len() as u64, deviation.customers.min(3));
            let ways = deviation.weeks.iter().map(|week| week.ways).sum::<u64>();
            prop_assert!(deviation.customers <= ways && ways <= found.all.ways);
            let about = match (deviation.touchpoint, deviation.stage) {
                (Some(touchpoint), _) => LeavesBy::Touchpoint(deviation.kind, touchpoint),
                (None, stage) => LeavesBy::LateAfter(stage.unwrap()),
            };
            let (total, people) = deviating(&log, &again, about, 3);
            prop_assert_eq!(total, deviation.customers);
            let people: Vec<CustomerId> = people.into_iter().map(|(customer, _)| customer).collect();
            prop_assert_eq!(&people, &deviation.people);
        }
    }
}
