//! Attribution beside a published example, tables worked by hand, and its twin.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::testing::{TOUCHPOINTS, Ways, events, log, log_of, ways};

const SALE: Touchpoint = Touchpoint(4);

fn query() -> AttributionQuery {
    AttributionQuery {
        filter: Filter::default(),
        channels: (0..4).map(Touchpoint).collect(),
        conversions: [SALE].into_iter().collect(),
        since: None,
        window_ms: 100,
        half_life_ms: 10,
    }
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

/// A name, events, (conversions, direct, lost), and credits.
type Cut = (
    &'static str,
    &'static [(i64, u16, i64)],
    (u64, u64, u64),
    &'static [(u16, f64)],
);

#[test]
fn markov_gives_the_published_example() {
    // serhiipuzyrov.com, Markov Chain Attribution: ads alone convert twice and once not, mailing converts once, ads then
    // mailing once. P = 0.8; removal effects 0.75 and 0.5; of 4 conversions 2.4 and 1.6.
    let paths = log(&[
        (1, 0, 1),
        (1, 4, 2),
        (2, 0, 1),
        (2, 4, 2),
        (3, 1, 1),
        (3, 4, 2),
        (4, 0, 1),
        (4, 1, 2),
        (4, 4, 3),
        (5, 0, 1),
    ]);
    let found = attribution(&paths, &query());
    assert_eq!((found.conversions, found.direct, found.lost), (4, 0, 1));
    assert!(near(found.conversion_rate, 0.8));
    let [ads, mail] = &found.touchpoints[..] else {
        panic!("{found:?}")
    };
    assert!(
        near(ads.removal_effect, 0.75) && near(mail.removal_effect, 0.5),
        "{found:?}"
    );
    assert!(near(ads.markov, 2.4) && near(mail.markov, 1.6), "{found:?}");
    assert!(near(ads.shapley, 2.5) && near(mail.shapley, 1.5), "{found:?}");
    assert_eq!((ads.paths, ads.converting, mail.paths, mail.converting), (4, 3, 2, 2));
}

#[test]
fn positional_models_are_worked_by_hand() {
    let found = attribution(
        &log(&[(1, 0, 0), (1, 1, 10), (1, 2, 20), (1, 0, 30), (1, 4, 40)]),
        &query(),
    );
    let of = |credit: fn(&Credit) -> f64| found.touchpoints.iter().map(credit).collect::<Vec<_>>();
    assert_eq!(of(|credit| credit.first), [1.0, 0.0, 0.0]);
    assert_eq!(of(|credit| credit.last), [1.0, 0.0, 0.0]);
    assert_eq!(of(|credit| credit.linear), [0.5, 0.25, 0.25]);
    assert_eq!(of(|credit| credit.position), [0.8, 0.1, 0.1]);
    // Weights 1/8, 1/4, 1/2, 1 of 15/8.
    let decay = of(|credit| credit.time_decay);
    assert!(
        decay
            .iter()
            .zip([9.0 / 15.0, 2.0 / 15.0, 4.0 / 15.0])
            .all(|(one, other)| near(*one, other)),
        "{decay:?}"
    );
}

#[test]
fn paths_are_cut_at_conversions_and_at_the_window() {
    let cases: &[Cut] = &[
        ("a conversion without a touch is direct", &[(1, 4, 5)], (1, 1, 0), &[]),
        (
            "each conversion closes a path",
            &[(1, 0, 1), (1, 4, 2), (1, 1, 3), (1, 4, 4)],
            (2, 0, 0),
            &[(0, 1.0), (1, 1.0)],
        ),
        (
            "a second conversion at once is direct",
            &[(1, 0, 1), (1, 4, 2), (1, 4, 2)],
            (2, 1, 0),
            &[(0, 1.0)],
        ),
        (
            "an old touch led nowhere",
            &[(1, 0, 1), (1, 1, 150), (1, 4, 200)],
            (1, 0, 1),
            &[(0, 0.0), (1, 1.0)],
        ),
        (
            "a touch at the window's edge counts",
            &[(1, 0, 100), (1, 4, 200)],
            (1, 0, 0),
            &[(0, 1.0)],
        ),
        ("one touch has all", &[(1, 2, 1), (1, 4, 2)], (1, 0, 0), &[(2, 1.0)]),
        (
            "no conversion at all",
            &[(1, 2, 1), (2, 3, 2)],
            (0, 0, 2),
            &[(2, 0.0), (3, 0.0)],
        ),
    ];
    for (name, events, counts, credits) in cases {
        let found = attribution(&log(events), &query());
        assert_eq!((found.conversions, found.direct, found.lost), *counts, "{name}");
        for credit in [
            |credit: &Credit| credit.linear,
            |credit: &Credit| credit.position,
            |credit: &Credit| credit.markov,
        ] {
            let given: Vec<(u16, f64)> = found
                .touchpoints
                .iter()
                .map(|one| (one.touchpoint.0, credit(one)))
                .collect();
            assert_eq!(given, *credits, "{name}");
        }
    }
}

/// A path's touches and when it converted, cut out of plain lists.
type Path = (Vec<(Touchpoint, i64)>, Option<i64>);

fn paths(ways: &Ways, query: &AttributionQuery) -> Vec<Path> {
    let mut paths = Vec::new();
    for way in ways.values() {
        let ends: Vec<usize> = (0..way.len())
            .filter(|place| query.conversions.contains(way[*place].1))
            .collect();
        let mut from = 0;
        for end in ends.into_iter().map(Some).chain([None]) {
            let touches = way[from..end.unwrap_or(way.len())]
                .iter()
                .filter(|(_, what)| query.channels.contains(*what));
            let touches: Vec<(Touchpoint, i64)> = touches.map(|(at, what)| (*what, *at)).collect();
            let time = end.map(|end| way[end].0);
            let (old, fresh): (Vec<_>, Vec<_>) = touches
                .into_iter()
                .partition(|(_, at)| time.is_none_or(|time| *at < time - query.window_ms));
            if !old.is_empty() {
                paths.push((old, None));
            }
            if time.is_some() {
                paths.push((fresh, time));
            }
            from = end.map_or(way.len(), |end| end + 1);
        }
    }
    paths
}

/// The probability of a conversion when some touchpoint leads to nothing, by walking the chain until nobody is left.
fn rate_without(paths: &[Path], gone: Option<Touchpoint>) -> f64 {
    let mut steps: BTreeMap<Option<Touchpoint>, Vec<(Option<Touchpoint>, bool)>> = BTreeMap::new();
    for (touches, time) in paths.iter().filter(|(touches, _)| !touches.is_empty()) {
        let states: Vec<Option<Touchpoint>> = [None]
            .into_iter()
            .chain(touches.iter().map(|(what, _)| Some(*what)))
            .collect();
        states
            .windows(2)
            .for_each(|pair| steps.entry(pair[0]).or_default().push((pair[1], false)));
        steps
            .entry(states[states.len() - 1])
            .or_default()
            .push((None, time.is_some()));
    }
    let (mut here, mut won) = (BTreeMap::from([(None, 1.0)]), 0.0);
    for _ in 0..3_000 {
        let mut next: BTreeMap<Option<Touchpoint>, f64> = BTreeMap::new();
        for (state, mass) in here {
            let ways_on = steps.get(&state).map_or(&[][..], Vec::as_slice);
            for (to, converts) in ways_on {
                let share = mass / ways_on.len() as f64;
                won += if *converts { share } else { 0.0 };
                if to.is_some() && *to != gone {
                    *next.entry(*to).or_default() += share;
                }
            }
        }
        here = next;
    }
    won
}

/// Shapley's value by its definition, over all sets of the other touchpoints.
fn shapley(paths: &[Path], touchpoint: Touchpoint, count: u16) -> f64 {
    let value = |set: u32| {
        let needs = |touches: &[(Touchpoint, i64)]| touches.iter().fold(0, |needs, (what, _)| needs | 1 << what.0);
        paths
            .iter()
            .filter(|(touches, time)| time.is_some() && !touches.is_empty() && needs(touches) & !set == 0)
            .count() as f64
    };
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    let own = 1 << touchpoint.0;
    let others = (0..1_u32 << count).filter(|set| set & own == 0);
    others
        .map(|set| {
            let (inside, all) = (set.count_ones(), u32::from(count));
            factorial(inside) * factorial(all - inside - 1) / factorial(all) * (value(set | own) - value(set))
        })
        .sum()
}

proptest! {
    #[test]
    fn credits_are_those_of_the_twin(
        events in events(), since in prop::option::of(-20i64..20), window in 0i64..40, half_life in 1i64..20,
    ) {
        let query = AttributionQuery { since, window_ms: window, half_life_ms: half_life, ..query() };
        let found = attribution(&log_of(&events), &query);
        let mut paths = paths(&ways(&events, &query.filter), &query);
        let end = |(touches, time): &Path| time.or(touches.last().map(|(_, at)| *at));
        paths.retain(|path| end(path) >= since);
        let direct = paths.iter().filter(|(touches, time)| time.is_some() && touches.is_empty()).count() as u64;
        let lost = paths.iter().filter(|(_, time)| time.is_none()).count() as u64;
        prop_assert_eq!((found.direct, found.lost), (direct, lost));
        let won: Vec<&Path> = paths.iter().filter(|(touches, time)| time.is_some() && !touches.is_empty()).collect();
        let rate = rate_without(&paths, None);
        prop_assert!(near(found.conversion_rate, rate), "{} {rate}", found.conversion_rate);
        for credit in &found.touchpoints {
            let own = |touches: &[(Touchpoint, i64)], weight: &dyn Fn(usize) -> f64| -> f64 {
                (0..touches.len()).filter(|place| touches[*place].0 == credit.touchpoint).map(weight).sum()
            };
            let sum = |weight: &dyn Fn(&Path, usize) -> f64| -> f64 {
                won.iter().map(|path| own(&path.0, &|place| weight(path, place))).sum()
            };
            prop_assert!(near(credit.first, sum(&|_, place| f64::from(u8::from(place == 0)))));
            prop_assert!(near(credit.last, sum(&|path, place| f64::from(u8::from(place + 1 == path.0.len())))));
            prop_assert!(near(credit.linear, sum(&|path, _| 1.0 / path.0.len() as f64)));
            let decay = |path: &Path, place: usize| {
                let weight = |at: i64| 0.5_f64.powf((path.1.unwrap() - at) as f64 / half_life as f64);
                weight(path.0[place].1) / path.0.iter().map(|(_, at)| weight(*at)).sum::<f64>()
            };
            prop_assert!(near(credit.time_decay, sum(&decay)));
            prop_assert!(near(credit.shapley, shapley(&paths, credit.touchpoint, TOUCHPOINTS)));
            let lost = if rate > 0.0 { 1.0 - rate_without(&paths, Some(credit.touchpoint)) / rate } else { 0.0 };
            prop_assert!((credit.removal_effect - lost).abs() < 1e-7, "{credit:?} {lost}");
        }
    }

    #[test]
    fn every_model_adds_up_to_the_conversions(events in events(), window in 0i64..40) {
        let found = attribution(&log_of(&events), &AttributionQuery { window_ms: window, ..query() });
        let attributed = (found.conversions - found.direct) as f64;
        let models: [fn(&Credit) -> f64; 7] = [
            |credit| credit.first, |credit| credit.last, |credit| credit.linear, |credit| credit.time_decay,
            |credit| credit.position, |credit| credit.markov, |credit| credit.shapley,
        ];
        for model in models {
            prop_assert!((found.touchpoints.iter().map(model).sum::<f64>() - attributed).abs() < 1e-7);
        }
        let sales = events.iter().filter(|event| event.1 == SALE).count() as u64;
        prop_assert_eq!(found.conversions, sales);
        let known: BTreeSet<Touchpoint> = found.touchpoints.iter().map(|credit| credit.touchpoint).collect();
        let met: BTreeSet<Touchpoint> = events.iter().map(|event| event.1).filter(|what| *what != SALE).collect();
        prop_assert_eq!(known, met);
    }
}
