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

/// Fewer durations than this are put together and sorted as far as need be.
const FEW: usize = 1_024;

/// Durations are dealt to classes of ascending size: below 0, each one below 64, then 32 to every doubling.
const CLASSES: usize = 1 + 64 + 57 * 32;

impl Durations {
    /// Sums durations up that lie in several places, without putting them together: a first look counts how many are of
    /// each class, a second one picks those of the two classes that median and p90 are in.
    pub(crate) fn of_parts(parts: &[&[i64]]) -> Option<Durations> {
        let all = || parts.iter().copied().flatten().copied();
        let count = parts.iter().map(|part| part.len()).sum();
        if count < FEW {
            return Durations::of(&mut all().collect::<Vec<i64>>());
        }
        let mut sizes = [0; CLASSES];
        let mut sum = 0;
        for duration in all() {
            sizes[class(duration)] += 1;
            sum += i128::from(duration);
        }
        let places = [rank(count, 50), rank(count, 90)].map(|rank| find(&sizes, rank));
        let mut picked = places.map(|place| Vec::with_capacity(sizes[place.class]));
        for duration in all() {
            let class = class(duration);
            for (place, picked) in places.iter().zip(&mut picked) {
                if place.class == class {
                    picked.push(duration);
                }
            }
        }
        let value = |at: usize, picked: &mut Vec<i64>| *picked.select_nth_unstable(places[at].rank).1;
        let [median, p90] = &mut picked;
        Some(Durations {
            count: count as u64,
            mean_ms: sum as f64 / count as f64,
            median_ms: value(0, median),
            p90_ms: value(1, p90),
        })
    }
}

/// Gives the class of a duration: never lower than that of a shorter one.
fn class(duration: i64) -> usize {
    match duration {
        ..0 => 0,
        0..64 => duration as usize + 1,
        _ => {
            let doublings = duration.ilog2();
            65 + (doublings as usize - 6) * 32 + ((duration >> (doublings - 5)) as usize & 31)
        }
    }
}

/// Where a value stands: its class, and its place among those of the class.
#[derive(Clone, Copy)]
struct Place {
    class: usize,
    rank: usize,
}

fn find(sizes: &[usize; CLASSES], mut rank: usize) -> Place {
    for (class, size) in sizes.iter().enumerate() {
        if rank < *size {
            return Place { class, rank };
        }
        rank -= size;
    }
    unreachable!("a rank is below the number of durations")
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
fn rank(count: usize, percent: usize) -> usize {
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

    #[test]
    fn a_longer_duration_is_of_no_lower_class() {
        let edges = (0..63).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1, (1 << bit) / 32 * 31]);
        let mut durations: Vec<i64> = edges.chain([-5, i64::MIN, i64::MAX]).chain(0..10_000).collect();
        durations.sort_unstable();
        assert!(durations.windows(2).all(|pair| class(pair[0]) <= class(pair[1])));
        assert_eq!(
            (class(-1), class(63), class(64), class(i64::MAX)),
            (0, 64, 65, CLASSES - 1)
        );
    }

    proptest! {
        #[test]
        fn many_in_several_places_equal_sorting(
            seed in prop::collection::vec((any::<i64>(), 0..63u32), 1..40), cut in 0..2_000usize, copies in 1..120i64,
        ) {
            let values = |copy: i64| seed.iter().map(move |(value, shift)| (value >> shift).wrapping_mul(copy) >> 8);
            let durations: Vec<i64> = (1..=copies).flat_map(values).collect();
            let (one, other) = durations.split_at(cut.min(durations.len()));
            prop_assert_eq!(Durations::of_parts(&[one, &[], other]), sorted(durations));
        }

        #[test]
        fn selecting_equals_sorting(values in prop::collection::vec(-50i64..50, 0..60)) {
            prop_assert_eq!(Durations::of(&mut values.clone()), sorted(values));
        }
    }
}
