//! Statistics beside published figures.

use proptest::prelude::*;

use super::*;

fn near(one: f64, other: f64, within: f64) -> bool {
    (one - other).abs() <= within
}

#[test]
fn the_normal_distribution_is_that_of_the_tables() {
    // Abramowitz & Stegun, table 26.1.
    for (x, probability) in [
        (0.0, 0.5),
        (0.5, 0.691_462_461_3),
        (1.0, 0.841_344_746_1),
        (2.0, 0.977_249_868_1),
        (4.0, 0.999_968_328_8),
    ] {
        assert!(near(normal(x), probability, 1e-10), "{x}");
        assert!(near(normal(-x), 1.0 - probability, 1e-10), "-{x}");
    }
    assert!(near(normal_quantile(0.975), Z95, 1e-12));
    assert!(near(normal_quantile(0.005), -2.575_829_303_5, 1e-9));
    assert_eq!(
        (normal_quantile(0.0), normal_quantile(1.0)),
        (f64::NEG_INFINITY, f64::INFINITY)
    );
}

#[test]
fn student_s_distribution_is_that_of_the_tables() {
    // Abramowitz & Stegun, table 26.10: t for 97.5 % and 99.5 %.
    for (freedom, t, high) in [
        (10.0, 2.228, 3.169),
        (20.0, 2.086, 2.845),
        (60.0, 2.000, 2.660),
        (120.0, 1.980, 2.617),
    ] {
        assert!(
            near(student_quantile(0.975, freedom), t, 6e-4),
            "{freedom}: {}",
            student_quantile(0.975, freedom)
        );
        assert!(near(student_quantile(0.995, freedom), high, 1e-3), "{freedom}");
        assert!(
            near(student(t, freedom), 0.975, 1e-3),
            "{freedom}: {}",
            student(t, freedom)
        );
    }
}

#[test]
fn wilson_gives_newcombe_s_table() {
    // Newcombe 1998, table I, method 3.
    for (hits, of, low, high) in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ] {
        let share = wilson(hits, of).unwrap();
        assert!(
            near(share.low, low, 5e-5) && near(share.high, high, 5e-5),
            "{hits}/{of}: {share:?}"
        );
    }
    assert_eq!(wilson(0, 0), None);
}

/// The tolbutamide trial of the University Group Diabetes Program, deaths by age, as in Rothman, Greenland & Lash, Modern
/// Epidemiology, chapter 15.
const TOLBUTAMIDE: [Stratum; 2] = [
    Stratum {
        exposed_hits: 8.0,
        exposed: 106.0,
        other_hits: 5.0,
        others: 120.0,
    },
    Stratum {
        exposed_hits: 22.0,
        exposed: 98.0,
        other_hits: 16.0,
        others: 85.0,
    },
];

#[test]
fn mantel_haenszel_gives_the_textbook_s_figures() {
    let pooled = mantel_haenszel(&TOLBUTAMIDE).unwrap();
    let ratio = pooled.risk_ratio.unwrap();
    assert!(near(ratio.value, 1.33, 5e-3), "{ratio:?}");
    assert!(near(ratio.low, 0.80, 5e-3) && near(ratio.high, 2.21, 1e-2), "{ratio:?}");
    let difference = pooled.risk_difference;
    assert!(near(difference.value, 0.035, 5e-4), "{difference:?}");
    assert!(
        near(difference.low, -0.026, 2e-3) && near(difference.high, 0.096, 2e-3),
        "{difference:?}"
    );
}

#[test]
fn a_stratum_with_one_side_says_nothing() {
    let lonely = Stratum {
        exposed_hits: 3.0,
        exposed: 9.0,
        ..Stratum::default()
    };
    assert_eq!(mantel_haenszel(&[lonely]), None);
    let [first, second] = TOLBUTAMIDE;
    assert_eq!(mantel_haenszel(&[first, lonely, second]), mantel_haenszel(&TOLBUTAMIDE));
}

#[test]
fn false_discoveries_are_those_of_benjamini_and_hochberg() {
    // Benjamini & Hochberg 1995, section 2.2: at 5 % four of the fifteen are discoveries, by Bonferroni three.
    let p_values = [
        0.0298, 0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ];
    let found = false_discovery(&p_values);
    let discoveries: Vec<f64> = p_values
        .into_iter()
        .zip(&found)
        .filter(|(_, q)| **q <= 0.05)
        .map(|(p, _)| p)
        .collect();
    assert_eq!(discoveries, [0.0001, 0.0004, 0.0019, 0.0095]);
    assert!(near(found[4], 0.0095 * 15.0 / 4.0, 1e-12));
    // The seventh and eighth smallest take over the ninth's, which is smaller than their own.
    assert!(near(found[0], 0.0298 * 15.0 / 7.0, 1e-12) && near(found[14], 1.0, 1e-12));
    assert_eq!(false_discovery(&[]), Vec::<f64>::new());
}

#[test]
fn the_jackknife_of_a_mean_is_its_standard_error() {
    let values: Vec<f64> = (0..20).map(|n| f64::from(n * n % 13)).collect();
    let parts: Vec<usize> = (0..values.len()).collect();
    let mean = |skip: Option<usize>| {
        let left = values
            .iter()
            .enumerate()
            .filter(|(index, _)| Some(*index) != skip)
            .map(|(_, value)| value);
        Some(left.clone().sum::<f64>() / left.count() as f64)
    };
    let swing = jackknife(&parts, mean).unwrap();
    let squares: f64 = values.iter().map(|value| (value - swing.value).powi(2)).sum();
    assert!(near(swing.error, (squares / 19.0 / 20.0).sqrt(), 1e-12));
    let estimate = swing.estimate();
    assert!(near(
        estimate.high - estimate.value,
        2.093 * swing.error,
        1e-3 * swing.error
    ));
    assert!(swing.chance_of_more() < 0.01 && near(swing.chance_of_more() + swing.chance_of_less(), 1.0, 1e-12));
    assert_eq!(jackknife(&parts[..5], mean), None);
}

#[test]
fn the_bootstrap_agrees_with_the_textbook_and_repeats_itself() {
    let values: Vec<f64> = (0..200).map(|n| f64::from(n * 7 % 31)).collect();
    let mean = |times: &[u32]| {
        let drawn: f64 = times
            .iter()
            .zip(&values)
            .map(|(times, value)| f64::from(*times) * value)
            .sum();
        Some(drawn / values.len() as f64)
    };
    let interval = bootstrap(values.len(), 2_000, 5, mean).unwrap();
    let spread: f64 = values.iter().map(|value| (value - interval.value).powi(2)).sum::<f64>() / 199.0;
    let reach = Z95 * (spread / 200.0).sqrt();
    assert!(
        near(interval.high - interval.value, reach, reach / 10.0),
        "{interval:?} {reach}"
    );
    assert!(
        near(interval.value - interval.low, reach, reach / 10.0),
        "{interval:?} {reach}"
    );
    assert_eq!(bootstrap(values.len(), 2_000, 5, mean), Some(interval));
    assert_eq!(bootstrap(3, 10, 5, |_| None), None);
}

proptest! {
    #[test]
    fn quantiles_undo_probabilities(probability in 0.001f64..0.999) {
        prop_assert!(near(normal(normal_quantile(probability)), probability, 1e-12));
        prop_assert!(near(student(student_quantile(probability, 30.0), 30.0), probability, 1e-3));
    }

    #[test]
    fn wilson_holds_the_share_and_stays_within_bounds(hits in 0u64..500, more in 0u64..500) {
        if let Some(share) = wilson(hits, hits + more) {
            prop_assert!(0.0 <= share.low && share.low <= share.value + 1e-12);
            prop_assert!(share.value <= share.high + 1e-12 && share.high <= 1.0);
            let mirror = wilson(more, hits + more).unwrap();
            prop_assert!(near(share.low, 1.0 - mirror.high, 1e-9));
        }
    }

    #[test]
    fn discoveries_keep_the_order_of_chances(p_values in prop::collection::vec(0.0f64..1.0, 0..20)) {
        let found = false_discovery(&p_values);
        for (one, q) in p_values.iter().zip(&found) {
            prop_assert!(*q >= *one - 1e-12 && *q <= 1.0);
            for (other, r) in p_values.iter().zip(&found) {
                prop_assert!(one >= other || q <= r);
            }
        }
    }

    #[test]
    fn swapping_the_sides_turns_the_comparison(a in 1u32..20, b in 1u32..20, more in 0u32..30, others in 0u32..30) {
        let stratum = Stratum {
            exposed_hits: a.into(), exposed: (a + more).into(), other_hits: b.into(), others: (b + others).into(),
        };
        let turned = Stratum {
            exposed_hits: stratum.other_hits, exposed: stratum.others, other_hits: stratum.exposed_hits, others: stratum.exposed,
        };
        let (one, other) = (mantel_haenszel(&[stratum]).unwrap(), mantel_haenszel(&[turned]).unwrap());
        prop_assert!(near(one.risk_difference.value, -other.risk_difference.value, 1e-12));
        prop_assert!(near(one.risk_ratio.unwrap().value * other.risk_ratio.unwrap().value, 1.0, 1e-9));
    }
}
