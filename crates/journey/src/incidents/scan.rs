//! The temporal scan statistic: the span of slices in which contacts stand out most, and how likely chance makes such a span.

use crate::stats::Chance;

/// What happened in a slice of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    pub meetings: u64,
    pub contacts: u64,
}

impl Slice {
    pub fn add(&mut self, other: Slice) {
        self.meetings += other.meetings;
        self.contacts += other.contacts;
    }
}

/// A span of slices with more contacts than expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Surge {
    pub from: usize,
    /// The slice after the last one.
    pub to: usize,
    pub meetings: u64,
    pub contacts: u64,
    /// At the rate outside the span.
    pub expected: f64,
    /// The likelihood ratio, by the dispersion.
    pub ratio: f64,
    pub p: f64,
}

/// So many times that chance does as well say how likely it is.
const ENOUGH: usize = 10;

/// Below this ratio no surge is sure, however few slices there are: chance need not be asked.
const LEAST_RATIO: f64 = 3.0;

/// Gives the span that stands out most; none when nothing does.
pub(super) fn surge(slices: &[Slice], rounds: usize, seed: u64) -> Option<Surge> {
    let mut all = Slice::default();
    slices.iter().for_each(|slice| all.add(*slice));
    let contacts: Vec<u64> = slices.iter().map(|slice| slice.contacts).collect();
    let share: Vec<f64> = slices
        .iter()
        .map(|slice| slice.meetings as f64 / all.meetings.max(1) as f64)
        .collect();
    let (raw, from, to) = scan(&contacts, &share, all.contacts);
    let ratio = raw / dispersion(slices, from, to);
    if ratio < LEAST_RATIO {
        return None;
    }
    let mut inside = Slice::default();
    slices[from..to].iter().for_each(|slice| inside.add(*slice));
    let outside = (all.contacts - inside.contacts) as f64 / (all.meetings - inside.meetings).max(1) as f64;
    let mut chance = Chance::new(seed);
    let p = sequential(rounds, || {
        scan(&deal(&mut chance, &share, all.contacts), &share, all.contacts).0 >= ratio
    });
    Some(Surge {
        from,
        to,
        meetings: inside.meetings,
        contacts: inside.contacts,
        expected: inside.meetings as f64 * outside,
        ratio,
        p,
    })
}

/// Gives the probability that chance does as well, from so many tries at most: as soon as chance has done so often enough it is known well
/// enough (Besag & Clifford, Biometrika 78, 1991).
fn sequential(rounds: usize, mut does_as_well: impl FnMut() -> bool) -> f64 {
    let mut times = 0;
    for round in 1..=rounds {
        times += usize::from(does_as_well());
        if times == ENOUGH {
            return times as f64 / round as f64;
        }
    }
    (times + 1) as f64 / (rounds + 1) as f64
}

/// Gives the highest likelihood ratio of all spans up to half of the slices, and that span.
fn scan(contacts: &[u64], share: &[f64], all: u64) -> (f64, usize, usize) {
    let longest = contacts.len() / 2;
    let mut best = (0.0, 0, 0);
    for from in 0..contacts.len() {
        let (mut seen, mut expected) = (0, 0.0);
        for to in from + 1..=contacts.len().min(from + longest) {
            seen += contacts[to - 1];
            expected += share[to - 1] * all as f64;
            let ratio = likelihood(seen as f64, expected, all as f64);
            if ratio > best.0 {
                best = (ratio, from, to);
            }
        }
    }
    best
}

fn likelihood(seen: f64, expected: f64, all: f64) -> f64 {
    if seen <= expected || expected <= 0.0 {
        return 0.0;
    }
    let term = |seen: f64, expected: f64| if seen > 0.0 { seen * (seen / expected).ln() } else { 0.0 };
    term(seen, expected) + term(all - seen, all - expected)
}

/// How many times more than by chance the slices outside a span differ.
fn dispersion(slices: &[Slice], from: usize, to: usize) -> f64 {
    let outside = || {
        slices[..from]
            .iter()
            .chain(&slices[to..])
            .filter(|slice| slice.meetings > 0)
    };
    let mut sum = Slice::default();
    outside().for_each(|slice| sum.add(*slice));
    let rate = sum.contacts as f64 / sum.meetings.max(1) as f64;
    let freedom = outside().count() as f64 - 1.0;
    if rate == 0.0 || freedom < 1.0 {
        return 1.0;
    }
    let expected = |slice: &Slice| slice.meetings as f64 * rate;
    let pearson: f64 = outside()
        .map(|slice| (slice.contacts as f64 - expected(slice)).powi(2) / expected(slice))
        .sum();
    (pearson / freedom).max(1.0)
}

/// Deals contacts to slices by their share of the meetings.
fn deal(chance: &mut Chance, share: &[f64], all: u64) -> Vec<u64> {
    let mut ends = Vec::with_capacity(share.len());
    let mut end = 0.0;
    for share in share {
        end += share;
        ends.push(end);
    }
    let mut dealt = vec![0; share.len()];
    for _ in 0..all {
        let drawn = chance.share() * end;
        dealt[ends.partition_point(|end| *end <= drawn).min(share.len() - 1)] += 1;
    }
    dealt
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slices(contacts: &[u64], meetings: u64) -> Vec<Slice> {
        contacts
            .iter()
            .map(|contacts| Slice {
                meetings,
                contacts: *contacts,
            })
            .collect()
    }

    #[test]
    fn the_ratio_is_worked_by_hand() {
        // 10 slices with 2 expected each; 9 and 9 were seen in two of them and 2 everywhere else but in one without any.
        let found = surge(&slices(&[2, 2, 2, 9, 9, 2, 0, 2, 2, 2], 10), 99, 1).unwrap();
        let (c, e, all) = (18.0_f64, 6.4_f64, 32.0_f64);
        let ratio = c * (c / e).ln() + (all - c) * ((all - c) / (all - e)).ln();
        assert!((found.ratio - ratio).abs() < 1e-9, "{found:?} {ratio}");
        assert_eq!((found.from, found.to, found.contacts, found.meetings), (3, 5, 18, 20));
        assert!((found.expected - 20.0 * 14.0 / 80.0).abs() < 1e-12);
        assert!(found.p <= 0.02, "{found:?}");
    }

    #[test]
    fn more_visitors_are_no_surge() {
        let mut slices = slices(&[5; 12], 50);
        slices[4] = Slice {
            meetings: 500,
            contacts: 50,
        };
        assert_eq!(surge(&slices, 99, 1), None);
        assert_eq!(surge(&[], 99, 1), None);
    }

    #[test]
    fn restless_slices_make_a_surge_less_sure() {
        let calm = surge(&slices(&[10, 10, 10, 10, 30, 10, 10, 10, 10, 10], 100), 99, 1).unwrap();
        let restless = surge(&slices(&[2, 19, 1, 18, 30, 2, 20, 1, 17, 10], 100), 99, 1);
        assert!(
            restless.is_none_or(|restless| restless.ratio < calm.ratio / 2.0),
            "{restless:?} {calm:?}"
        );
    }

    #[test]
    fn by_chance_alone_few_surges_are_sure() {
        let mut chance = Chance::new(5);
        let share = vec![0.05; 20];
        let sure = (0..200)
            .filter(|seed| {
                let contacts = deal(&mut chance, &share, 100);
                surge(&slices(&contacts, 50), 99, *seed).is_some_and(|surge| surge.p <= 0.05)
            })
            .count();
        assert!(sure <= 16, "{sure} of 200 at 5 %");
    }

    proptest! {
        #[test]
        fn the_best_span_is_that_of_the_twin(contacts in prop::collection::vec(0u64..20, 1..14)) {
            let all: u64 = contacts.iter().sum();
            let share = vec![1.0 / contacts.len() as f64; contacts.len()];
            let mut best = 0.0_f64;
            for from in 0..contacts.len() {
                for to in from + 1..=contacts.len() {
                    let seen = contacts[from..to].iter().sum::<u64>() as f64;
                    let expected = all as f64 * (to - from) as f64 / contacts.len() as f64;
                    if to - from <= contacts.len() / 2 && seen > expected {
                        let left = all as f64 - seen;
                        let rest = if left > 0.0 { left * (left / (all as f64 - expected)).ln() } else { 0.0 };
                        best = best.max(seen * (seen / expected).ln() + rest);
                    }
                }
            }
            let (ratio, from, to) = scan(&contacts, &share, all);
            prop_assert!((ratio - best).abs() < 1e-9);
            prop_assert!(ratio == 0.0 || (from < to && to - from <= contacts.len() / 2));
        }

        #[test]
        fn dealing_keeps_the_number(seed: u64, all in 0u64..100, count in 1usize..9) {
            let dealt = deal(&mut Chance::new(seed), &vec![1.0 / count as f64; count], all);
            prop_assert_eq!(dealt.iter().sum::<u64>(), all);
        }
    }
}
