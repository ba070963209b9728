//! What many durations add up to: mean, median and p90, exact.
//!
//! Median and p90 are by nearest rank: the value at place ⌈share × n⌉ of the sorted durations, one that really occurred.

use serde::Serialize;

/// What many durations add up to, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Durations {
    /// How many there are.
    pub count: u64,
    /// The arithmetic mean.
    pub mean_ms: f64,
    /// The duration that half of them do not exceed.
    pub median_ms: i64,
    /// The duration that nine in ten of them do not exceed.
    pub p90_ms: i64,
}

impl Durations {
    /// Sums durations up, and leaves them in another order; `None` when there are none.
    pub fn of(durations: &mut [i64]) -> Option<Durations> {
        let count = durations.len();
        if count == 0 {
            return None;
        }
        let sum = sum(durations);
        let (median, p90) = (rank(count, 50), rank(count, 90));
        let (_, median_ms, above) = durations.select_nth_unstable(median);
        let median_ms = *median_ms;
        let p90_ms = match p90.checked_sub(median + 1) {
            Some(place) => *above.select_nth_unstable(place).1,
            None => median_ms,
        };
        Some(Durations {
            count: count as u64,
            mean_ms: sum as f64 / count as f64,
            median_ms,
            p90_ms,
        })
    }
}

/// Adds durations up, in words as wide as it takes.
fn sum(durations: &[i64]) -> i128 {
    let largest = durations
        .iter()
        .fold(0, |largest: i64, duration| largest.max(duration.saturating_abs()));
    match largest.checked_mul(durations.len() as i64) {
        Some(_) => i128::from(durations.iter().sum::<i64>()),
        None => durations.iter().map(|duration| i128::from(*duration)).sum(),
    }
}

/// The place, counted from 0, of the value that this percentage of the sorted values does not exceed.
pub(crate) fn rank(count: usize, percent: usize) -> usize {
    (count * percent).div_ceil(100).max(1) - 1
}

/// Gives how long it was from one moment to a later one; what no number holds is the longest there is.
pub(crate) fn between(from: i64, to: i64) -> i64 {
    to.saturating_sub(from)
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by sorting.
    pub fn sorted(mut values: Vec<i64>) -> Option<Durations> {
        values.sort_unstable();
        let at = |tenths: usize| values[(tenths * values.len()).div_ceil(10) - 1];
        (!values.is_empty()).then(|| Durations {
            count: values.len() as u64,
            mean_ms: values.iter().map(|value| i128::from(*value)).sum::<i128>() as f64 / values.len() as f64,
            median_ms: at(5),
            p90_ms: at(9),
        })
    }

    #[test]
    fn median_and_p90_are_values_that_occurred() {
        let of = |mut values: Vec<i64>| Durations::of(&mut values).map(|all| (all.mean_ms, all.median_ms, all.p90_ms));
        assert_eq!(of(vec![]), None);
        assert_eq!(of(vec![7]), Some((7.0, 7, 7)));
        assert_eq!(of(vec![4, 1]), Some((2.5, 1, 4)));
        assert_eq!(of((1..=10).rev().collect()), Some((5.5, 5, 9)));
        assert_eq!(of((1..=11).collect()), Some((6.0, 6, 10)));
        assert_eq!(
            of(vec![i64::MAX, i64::MAX]),
            Some((i64::MAX as f64, i64::MAX, i64::MAX))
        );
    }

    proptest! {
        #[test]
        fn selecting_equals_sorting(values in prop::collection::vec(-50i64..50, 0..60)) {
            prop_assert_eq!(Durations::of(&mut values.clone()), sorted(values));
        }
    }
}
