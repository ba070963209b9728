//! Friction beside tables worked by hand, its twin, a bootstrap, and causes that were planted.

use std::collections::BTreeMap;

use domain::CustomerId;
use proptest::prelude::*;

use super::planted::{Company, GUILTY, ORDINARY, PRECEDES, SILENT, STRENGTH, WELCOME};
use super::study::{Outcome, Study};
use super::tables::{Fates, Tables};
use super::*;
use crate::stats;
use crate::testing::{TOUCHPOINTS, events, log, log_of, ways};

const T: Touchpoint = Touchpoint(0);
const CALL: Touchpoint = Touchpoint(2);

fn query(stages: &[Option<u8>]) -> FrictionQuery {
    FrictionQuery {
        horizon_ms: 10,
        gap_ms: 5,
        contact_cost: 250.0,
        ..FrictionQuery::new([CALL].into_iter().collect(), stages.to_vec(), 1_000)
    }
}

fn of(result: &FrictionResult, touchpoint: Touchpoint) -> &TouchpointFriction {
    result
        .touchpoints
        .iter()
        .find(|friction| friction.touchpoint == touchpoint)
        .unwrap()
}

fn near(one: f64, other: f64, within: f64) -> bool {
    (one - other).abs() <= within
}

/// 100 customers with one moment each: 50 at touchpoint 0, 20 of whom ask; 50 at touchpoint 1, 5 of whom ask.
fn hundred() -> Vec<(i64, u16, i64)> {
    let ask = (0..20).chain(50..55).map(|who| (who, 2, 104));
    (0..100)
        .map(|who| (who, u16::from(who >= 50), 100))
        .chain(ask)
        .collect()
}

/// A name, events, and what was met when with the contact after it.
type Followed = (&'static str, &'static [(i64, u16, i64)], &'static [(i64, i64)]);

#[test]
fn a_plain_comparison_is_worked_by_hand() {
    let result = friction(&log(&hundred()), &query(&[]));
    let guilty = of(&result, T);
    let effect = guilty.contact.unwrap();
    assert!(
        near(effect.exposed, 0.4, 1e-12) && near(effect.expected, 0.1, 1e-12),
        "{effect:?}"
    );
    // Binomial: the root of 0.4 · 0.6 / 50 + 0.1 · 0.9 / 50, times 1.96.
    assert!(near(effect.difference.high - 0.3, 0.159, 0.03), "{effect:?}");
    assert_eq!(
        (
            guilty.exposures,
            guilty.matched,
            guilty.observed,
            guilty.contact_verdict
        ),
        (50, 50, 20, Verdict::Guilty)
    );
    assert!(near(guilty.excess.unwrap().value, 15.0, 1e-9) && near(guilty.attributable.unwrap(), 0.75, 1e-12));
    assert!(near(guilty.cost.unwrap().value, 3_750.0, 1e-9));
    // Greenland and Robins without strata: ln 4 with the root of 1/20 − 1/50 + 1/5 − 1/50.
    let ratio = guilty.risk_ratio.unwrap();
    assert!(
        near(ratio.value, 4.0, 1e-9) && near((ratio.high / 4.0).ln(), 0.898, 0.25),
        "{ratio:?}"
    );
    assert_eq!(of(&result, Touchpoint(1)).contact_verdict, Verdict::Clear);
    assert_eq!(
        (result.contacts, result.repeats, result.moments, result.recent),
        (25, 0, 100, 0)
    );
    let why = Why::TooFew;
    assert_eq!(
        of(&result, Touchpoint(3)).contact_verdict,
        Verdict::NotEstimable { why }
    );
    // Without stages there is nowhere to go on to.
    let why = Why::NoOutcome;
    assert_eq!(guilty.progress_verdict, Verdict::NotEstimable { why });
}

#[test]
fn strata_are_compared_within_themselves() {
    // Group 1 asks often and meets the touchpoint often; within each group it makes no difference.
    let mut events = Vec::new();
    for who in 0..400 {
        let group = who % 2;
        let (met, asks) = if group == 1 {
            (who % 10 != 1, who % 20 < 10)
        } else {
            (who % 10 == 0, who % 40 < 4)
        };
        events.push((who, u16::from(!met), 100));
        events.extend(asks.then_some((who, 2, 103)));
    }
    let mut query = query(&[]);
    query.least = 20;
    let crude = of(&friction(&log(&events), &query), T).contact.unwrap();
    let groups = (0..400).map(|who| (CustomerId(who), (who % 2) as u32));
    query.groups = Some(Arc::new(groups.collect()));
    let fair = of(&friction(&log(&events), &query), T).contact.unwrap();
    assert!(crude.difference.low > 0.1, "{crude:?}");
    assert!(fair.difference.low < 0.0 && fair.difference.high > 0.0, "{fair:?}");
}

#[test]
fn only_contacts_strictly_after_and_within_the_horizon_count() {
    let cases: &[Followed] = &[
        ("after", &[(1, 0, 100), (1, 2, 101)], &[(100, 101)]),
        ("at the end of the horizon", &[(1, 0, 100), (1, 2, 110)], &[(100, 110)]),
        ("too late", &[(1, 0, 100), (1, 2, 111)], &[]),
        ("at the same time", &[(1, 0, 100), (1, 2, 100)], &[]),
        ("before", &[(1, 0, 100), (1, 2, 99)], &[]),
        ("repeated contact", &[(1, 2, 97), (1, 0, 100), (1, 2, 101)], &[]),
        ("an old contact", &[(1, 2, 94), (1, 0, 100), (1, 2, 101)], &[(100, 101)]),
        (
            "a repeated exposure",
            &[(1, 0, 100), (1, 0, 105), (1, 2, 107)],
            &[(100, 107)],
        ),
        (
            "twice at one time",
            &[(1, 0, 100), (1, 0, 100), (1, 2, 107)],
            &[(100, 107)],
        ),
        (
            "exposed again later",
            &[(1, 0, 80), (1, 0, 100), (1, 2, 107)],
            &[(100, 107)],
        ),
        (
            "two contacts",
            &[(1, 0, 100), (1, 2, 107), (1, 0, 120), (1, 2, 121)],
            &[(100, 107), (120, 121)],
        ),
        ("too recent to judge", &[(1, 0, 991), (1, 2, 992)], &[]),
    ];
    for (name, events, expected) in cases {
        let found = helped(&log(events), &query(&[]), T, 10);
        let times: Vec<(i64, i64)> = found
            .customers
            .iter()
            .map(|helped| (helped.met_at, helped.contact_at))
            .collect();
        assert_eq!(times, *expected, "{name}");
    }
}

#[test]
fn the_people_behind_a_figure_are_as_many_as_it_says() {
    let log = log(&hundred());
    let found = helped(&log, &query(&[]), T, 3);
    let who: Vec<i64> = found.customers.iter().map(|helped| helped.customer.0).collect();
    assert_eq!((found.total, who), (20, vec![0, 1, 2]));
    assert_eq!(found.total, of(&friction(&log, &query(&[])), T).observed);
}

#[test]
fn what_comes_with_a_lift_before_is_not_called_guilty() {
    // 100 customers ask for help, meet the touchpoint, and ask again; 100 others do neither. All have asked long ago.
    let restless = (0..100).flat_map(|who| [(who, 1, 60), (who, 2, 70), (who, 2, 92), (who, 0, 100), (who, 2, 105)]);
    let calm = (100..200).flat_map(|who| [(who, 1, 60), (who, 2, 70), (who, 1, 100)]);
    let result = friction(&log(&restless.chain(calm).collect::<Vec<_>>()), &query(&[]));
    let found = of(&result, T);
    assert!(found.before.unwrap().low > 0.0, "{found:?}");
    assert_eq!(found.contact_verdict, Verdict::AlsoBefore, "{found:?}");
}

#[test]
fn two_that_always_come_together_are_not_told_apart() {
    let events: Vec<(i64, u16, i64)> = (0..300)
        .flat_map(|who| {
            let met = (who % 3 == 0).then_some([(who, 0, 100), (who, 3, 100)]);
            let others = (who % 3 != 0).then_some([(who, 1, 100), (who, 4, 100)]);
            let asks = (who % 3 == 0 && who % 2 == 0).then_some((who, 2, 105));
            met.into_iter()
                .flatten()
                .chain(others.into_iter().flatten())
                .chain(asks)
        })
        .collect();
    let result = friction(&log(&events), &query(&[]));
    let verdicts = [T, Touchpoint(3)].map(|touchpoint| of(&result, touchpoint).contact_verdict);
    assert!(
        verdicts
            .iter()
            .any(|verdict| matches!(verdict, Verdict::NotSeparableFrom { .. })),
        "{verdicts:?}"
    );
    assert!(
        verdicts
            .iter()
            .all(|verdict| !matches!(verdict, Verdict::ExplainedBy { .. })),
        "{verdicts:?}"
    );
}

/// What the tables hold, in the twin's form.
fn counted(tables: &Tables) -> BTreeMap<(Touchpoint, twin::Alike), twin::Sides> {
    let sum = |fates: &Fates| fates.0.map(u64::from);
    let mut sides = BTreeMap::new();
    for (number, cells) in tables.cells.iter().enumerate() {
        let touchpoint = Touchpoint(number as u16);
        for (stratum, all) in &tables.strata {
            let (mut exposed, mut others, mut later) = (Fates::default(), Fates::default(), 0);
            all.iter().for_each(|(_, fates)| others.add(fates));
            for (_, cell) in cells.get(stratum).into_iter().flatten() {
                others = others.less(&cell.exposed).less(&cell.washed);
                exposed.add(&cell.exposed);
                later += u64::from(cell.later);
            }
            if touchpoint != CALL && exposed.count() + others.count() > 0 {
                sides.insert(
                    (touchpoint, twin::unpack(*stratum)),
                    (sum(&exposed), sum(&others), later),
                );
            }
        }
    }
    sides
}

proptest! {
    #[test]
    fn the_tables_are_those_of_the_twin(
        events in events(),
        outcome in prop::sample::select(vec![Outcome::Contact, Outcome::Before, Outcome::Progress]),
        without in prop::option::of((0..TOUCHPOINTS).prop_filter("no contact", |number| *number != CALL.0).prop_map(Touchpoint)),
        (horizon, gap, until) in (1i64..15, 0i64..10, -5i64..40),
        since in prop::option::of(-20i64..20),
    ) {
        let query = FrictionQuery {
            since,
            horizon_ms: horizon,
            gap_ms: gap,
            until,
            groups: Some(Arc::new([(CustomerId(3), 7)].into_iter().collect())),
            ..query(&[Some(0), Some(1), Some(4), None, Some(2)])
        };
        let study = Study { query: &query, outcome, without };
        let log = log_of(&events);
        let twin = twin::count(&ways(&events, &query.filter), &study, TOUCHPOINTS);
        prop_assert_eq!(counted(&Tables::count(&log, study)), twin.clone());
        let wanted = Touchpoint(1);
        let some = counted(&Tables::count_only(&log, study, |touchpoint| touchpoint == wanted));
        let of_wanted = |sides: BTreeMap<_, _>| -> Vec<_> {
            sides.into_iter().filter(|((touchpoint, _), _)| *touchpoint == wanted).collect()
        };
        prop_assert_eq!(of_wanted(some), of_wanted(twin));
    }

    #[test]
    fn every_contact_is_counted_or_folded(events in events(), since in prop::option::of(-20i64..20)) {
        let found = friction(&log_of(&events), &FrictionQuery { since, ..query(&[]) });
        let is_counted = |event: &&(CustomerId, Touchpoint, i64)| since.is_none_or(|since| event.2 >= since);
        let calls = events.iter().filter(is_counted).filter(|event| event.1 == CALL).count() as u64;
        prop_assert_eq!(found.contacts + found.repeats, calls);
        prop_assert!(found.touchpoints.iter().all(|friction| friction.matched <= friction.exposures));
    }
}

#[test]
fn effect_and_interval_are_those_of_the_twin() {
    let company = Company::new(7, 1_000, STRENGTH);
    let (query, events) = (company.query(), company.events());
    let found = friction(&company.log(), &query);
    let study = Study {
        query: &query,
        outcome: Outcome::Contact,
        without: None,
    };
    let all = ways(&events, &query.filter);
    let sides = twin::count(&all, &study, 13);
    let strata = twin::strata(&sides, GUILTY);
    let value = twin::difference(&sides, GUILTY, &strata);
    let squares: f64 = (0..64)
        .map(|part| {
            let left = all
                .iter()
                .filter(|(who, _)| who.0 % 64 != part)
                .map(|(who, way)| (*who, way.clone()))
                .collect();
            (twin::difference(&twin::count(&left, &study, 13), GUILTY, &strata) - value).powi(2)
        })
        .sum();
    let reach = (squares * 63.0 / 64.0).sqrt() * 1.998_34;
    let effect = of(&found, GUILTY).contact.unwrap().difference;
    assert!(near(effect.value, value, 1e-12), "{effect:?} {value}");
    assert!(
        near(effect.high - effect.value, reach, 1e-5 * reach),
        "{effect:?} {reach}"
    );
}

#[test]
fn the_interval_is_as_wide_as_a_bootstrap_by_customer() {
    let company = Company::new(3, 1_000, STRENGTH);
    let (query, events) = (company.query(), company.events());
    let mut lives: BTreeMap<CustomerId, Vec<(Touchpoint, i64)>> = BTreeMap::new();
    events
        .iter()
        .for_each(|(who, what, when)| lives.entry(*who).or_default().push((*what, *when)));
    let figure = |times: &[u32]| {
        let mut drawn = Log::new(13);
        let (mut events, mut groups) = (Vec::new(), HashMap::new());
        for (who, life) in &lives {
            for _ in 0..times[who.0 as usize] {
                let copy = CustomerId(groups.len() as i64);
                groups.insert(copy, query.groups.as_ref().unwrap()[who]);
                events.extend(life.iter().map(|(what, when)| (copy, *what, *when)));
            }
        }
        drawn.add(&events);
        let query = FrictionQuery {
            groups: Some(Arc::new(groups)),
            ..query.clone()
        };
        let tables = Tables::count(
            &drawn,
            Study {
                query: &query,
                outcome: Outcome::Contact,
                without: None,
            },
        );
        effect::Comparison::new(&tables, GUILTY)
            .risks(None)
            .map(|(exposed, expected)| exposed - expected)
    };
    let bootstrap = stats::bootstrap(lives.len(), 200, 1, figure).unwrap();
    let jackknife = of(&friction(&company.log(), &query), GUILTY)
        .contact
        .unwrap()
        .difference;
    let ratio = (jackknife.high - jackknife.low) / (bootstrap.high - bootstrap.low);
    assert!((0.75..1.33).contains(&ratio), "{jackknife:?} {bootstrap:?}");
}

/// How many of the seeds find what was planted.
#[derive(Default, Debug)]
struct Score {
    guilty: usize,
    /// The one that only precedes is not called guilty; and it is said whose doing its lift is, where it was seen at all.
    cleared: usize,
    explained: usize,
    refused: usize,
    silent: usize,
    /// Ordinary touchpoints that were called guilty or silent.
    wronged: usize,
    /// By planted effect: intervals that hold the truth.
    covered: [usize; 4],
}

/// `RAPPORT_SEEDS=200 cargo test -p journey planted -- --nocapture` looks at more seeds and prints the score.
#[test]
fn planted_causes_are_found_and_intervals_hold_the_truth() {
    let seeds: usize = std::env::var("RAPPORT_SEEDS")
        .ok()
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(12);
    let large = Company::new(1_000_003, 60_000, STRENGTH);
    let mut truth = large.truth(Outcome::Contact, &[GUILTY, PRECEDES, ORDINARY[2]]);
    truth.extend(large.truth(Outcome::Progress, &[SILENT]));
    let mut score = Score::default();
    for seed in 0..seeds {
        let company = Company::new(seed as u64, 6_000, STRENGTH);
        mark(&friction(&company.log(), &company.query()), &truth, &mut score);
    }
    println!("{seeds} seeds, truth {truth:.4?}: {score:?}");
    let nearly_all = seeds * 95 / 100;
    assert!(
        [score.guilty, score.cleared, score.refused, score.silent]
            .iter()
            .all(|found| *found >= nearly_all),
        "{score:?}"
    );
    assert!(score.explained * 100 >= 80 * seeds, "{score:?}");
    assert!(score.wronged * 100 <= 5 * seeds * ORDINARY.len(), "{score:?}");
    // Of few seeds one or two more may miss by chance.
    let least = if seeds >= 100 {
        seeds * 93 / 100
    } else {
        seeds * 93 / 100 - 1
    };
    assert!(score.covered.iter().all(|covered| *covered >= least), "{score:?}");
}

fn mark(found: &FrictionResult, truth: &[f64], score: &mut Score) {
    let verdict = |touchpoint| of(found, touchpoint).contact_verdict;
    score.guilty += usize::from(verdict(GUILTY) == Verdict::Guilty);
    score.cleared += usize::from(matches!(
        verdict(PRECEDES),
        Verdict::Clear | Verdict::ExplainedBy { .. }
    ));
    score.explained += usize::from(matches!(
        verdict(PRECEDES),
        Verdict::ExplainedBy { touchpoint: GUILTY, .. }
    ));
    let why = Why::EverybodyMeets;
    score.refused += usize::from(verdict(WELCOME) == Verdict::NotEstimable { why });
    score.silent += usize::from(of(found, SILENT).is_silent);
    score.wronged += ORDINARY
        .iter()
        .filter(|touchpoint| verdict(**touchpoint) == Verdict::Guilty || of(found, **touchpoint).is_silent)
        .count();
    let effects = [
        of(found, GUILTY).contact,
        of(found, PRECEDES).contact,
        of(found, ORDINARY[2]).contact,
        of(found, SILENT).progress,
    ];
    for ((effect, truth), covered) in effects.into_iter().zip(truth).zip(&mut score.covered) {
        let difference = effect.unwrap().difference;
        *covered += usize::from(difference.low <= *truth && *truth <= difference.high);
    }
}
