//! Service shares beside tables worked by hand and their twin.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::Touchpoint;
use crate::testing::{events, log, log_of, ways};

const CALL: Touchpoint = Touchpoint(2);

fn query() -> ServiceQuery {
    ServiceQuery {
        filter: Filter::default(),
        contacts: [CALL].into_iter().collect(),
        stages: vec![Some(0), Some(1), None, None, Some(1)],
        gap_ms: 5,
        since: None,
        recent_since: 100,
    }
}

fn count(touches: u64, calls: u64, repeats: u64) -> ServiceCount {
    ServiceCount {
        touches,
        calls,
        repeats,
    }
}

/// A name, events, and what is counted in which stage.
type Placed<'a> = (&'a str, &'a [(i64, u16, i64)], &'a [(Option<u8>, ServiceCount)]);

#[test]
fn a_call_belongs_to_the_stage_where_the_customer_was() {
    let cases: &[Placed] = &[
        (
            "the last stage before it",
            &[(1, 0, 1), (1, 1, 2), (1, 2, 3)],
            &[(Some(0), count(1, 0, 0)), (Some(1), count(1, 1, 0))],
        ),
        (
            "a touchpoint without a stage moves nobody",
            &[(1, 0, 1), (1, 3, 2), (1, 2, 3)],
            &[(Some(0), count(1, 1, 0)), (None, count(1, 0, 0))],
        ),
        (
            "nobody knows where",
            &[(1, 2, 1), (1, 0, 2)],
            &[(Some(0), count(1, 0, 0)), (None, count(0, 1, 0))],
        ),
        (
            "back in an earlier stage",
            &[(1, 1, 1), (1, 0, 2), (1, 2, 3)],
            &[(Some(0), count(1, 1, 0)), (Some(1), count(1, 0, 0))],
        ),
        (
            "repeats are folded",
            &[(1, 0, 1), (1, 2, 2), (1, 2, 7), (1, 2, 12), (1, 2, 18)],
            &[(Some(0), count(1, 2, 2))],
        ),
    ];
    for (name, events, expected) in cases {
        let found: Vec<(Option<u8>, ServiceCount)> = service(&log(events), &query())
            .stages
            .iter()
            .map(|stage| (stage.stage, stage.count))
            .collect();
        assert_eq!(found, *expected, "{name}");
    }
}

/// 320 customers meet stage 0 and stage 1, before and after time 100; in stage 1 many more ask after it.
fn grown() -> Vec<(i64, u16, i64)> {
    let life = |who: i64| {
        let met = [(who, 0, 10), (who, 1, 20), (who, 0, 110), (who, 1, 120)];
        let asks = [
            (who % 10 == 0, 11),
            (who % 10 == 1, 21),
            (who % 10 == 2, 111),
            (who % 10 < 4, 121),
        ];
        met.into_iter().chain(
            asks.into_iter()
                .filter(|(asks, _)| *asks)
                .map(move |(_, at)| (who, 2, at)),
        )
    };
    (0..320).flat_map(life).collect()
}

#[test]
fn the_stage_that_grows_is_named() {
    let found = service(&log(&grown()), &ServiceQuery { gap_ms: 0, ..query() });
    assert_eq!(found.attention, Some(1));
    let [calm, grown] = &found.stages[..] else {
        panic!("{found:?}")
    };
    assert_eq!((grown.earlier, grown.recent), (count(320, 32, 0), count(320, 128, 0)));
    let growth = grown.growth.unwrap();
    assert!(
        (growth.value - (128.0 / 448.0 - 32.0 / 352.0)).abs() < 1e-12 && growth.low > 0.1,
        "{growth:?}"
    );
    assert!(calm.growth.unwrap().low <= 0.0 && calm.q.unwrap() > 0.05, "{calm:?}");
    let all = found.all.growth.unwrap();
    assert!((all.value - (found.mix.unwrap() + found.rate.unwrap())).abs() < 1e-12);
    assert!(found.rate.unwrap() > 0.9 * all.value);
}

#[test]
fn without_growth_no_stage_is_named_and_few_customers_give_no_interval() {
    let flat: Vec<(i64, u16, i64)> = grown()
        .into_iter()
        .filter(|(_, what, at)| *what != 2 || at % 100 != 21 || *at < 100)
        .collect();
    assert_eq!(service(&log(&flat), &query()).attention, None);
    let few = service(&log(&grown()[..12]), &query());
    assert_eq!((few.all.share, few.all.growth), (None, None));
}

proptest! {
    #[test]
    fn counts_are_those_of_the_twin(
        events in events(), gap in 0i64..10, since in prop::option::of(-20i64..20), recent_since in -20i64..20,
    ) {
        let query = ServiceQuery { gap_ms: gap, since, recent_since, ..query() };
        let found = service(&log_of(&events), &query);
        let mut twin: BTreeMap<(Option<u8>, bool), ServiceCount> = BTreeMap::new();
        for way in ways(&events, &query.filter).values() {
            for (place, (time, what)) in way.iter().enumerate() {
                let stage = |what: &Touchpoint| query.stages[what.index()].filter(|_| *what != CALL);
                let (own, one) = if *what == CALL {
                    let is_repeat = way[..place].iter().any(|(at, what)| *what == CALL && time - at <= gap);
                    let last = way[..place].iter().rev().find_map(|(_, what)| stage(what));
                    (last, if is_repeat { count(0, 0, 1) } else { count(0, 1, 0) })
                } else {
                    (stage(what), count(1, 0, 0))
                };
                if since.is_none_or(|since| *time >= since) {
                    twin.entry((own, *time >= recent_since)).or_default().add(one);
                }
            }
        }
        for stage in &found.stages {
            let of = |is_recent| twin.get(&(stage.stage, is_recent)).copied().unwrap_or_default();
            prop_assert_eq!((stage.earlier, stage.recent), (of(false), of(true)));
        }
        let sum = |counts: &mut dyn Iterator<Item = ServiceCount>| counts.fold(ServiceCount::default(), ServiceCount::plus);
        let all = sum(&mut twin.values().copied());
        prop_assert_eq!(found.all.count, all);
        prop_assert_eq!(sum(&mut found.weeks.iter().map(|week| week.count)), all);
        let counted = events.iter().filter(|(_, _, at)| since.is_none_or(|since| *at >= since)).count() as u64;
        prop_assert_eq!(all.touches + all.calls + all.repeats, counted);
    }

    #[test]
    fn mix_and_rate_are_the_growth_of_the_whole(counts in prop::collection::vec((0u64..50, 0u64..50, 0u64..50, 0u64..50), 1..5)) {
        let stages: BTreeMap<Stage, Pair> = counts
            .iter()
            .enumerate()
            .map(|(stage, (a, b, c, d))| ((false, stage as u8), [count(*a, *b, 0), count(*c, *d, 0)]))
            .collect();
        let part = Part { stages: stages.clone(), ..Part::default() };
        let [earlier, recent] = part.pair(None);
        match (split(&stages), earlier.share(), recent.share()) {
            (Some((mix, rate)), Some(earlier), Some(recent)) => prop_assert!((mix + rate - (recent - earlier)).abs() < 1e-9),
            (split, earlier, recent) => prop_assert!(split.is_none() && (earlier.is_none() || recent.is_none())),
        }
    }
}
