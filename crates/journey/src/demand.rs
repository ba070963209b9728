//! Why customers write, added up: how many conversations are failure demand, which touchpoints cause them, and what the
//! marks are worth.
//!
//! The rules that mark conversations make mistakes. Where people have said what some conversations were, the share that
//! the rules find is corrected by how often they are right (Rogan & Gladen, "Estimating prevalence from the results of a
//! screening test", American Journal of Epidemiology 107, 1978, with their variance).

use std::collections::BTreeMap;

use domain::{TouchpointId, demand::Demand};
use serde::Serialize;

use crate::stats::{Estimate, Z95, wilson};

/// The fewest conversations of a kind that people must have judged before the rules are held against them.
pub const LEAST_JUDGED: u64 = 10;

/// A conversation with its mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marked {
    /// What the rules say.
    pub by_rules: Demand,
    /// What a person says.
    pub said: Option<Demand>,
    /// What brought it, where it is a failure: by the person's word or else by the rules.
    pub cause: Option<TouchpointId>,
    /// The number of the week it was opened in.
    pub week: usize,
}

impl Marked {
    /// What it counts as: the person's word, or else the rules'.
    pub fn demand(&self) -> Demand {
        self.said.unwrap_or(self.by_rules)
    }
}

/// Why customers wrote.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DemandResult {
    /// How many conversations there are.
    pub conversations: u64,
    /// Of how many of them a person has said why.
    pub said: u64,
    /// By what they are for: value, failure, unclear.
    pub shares: Vec<DemandShare>,
    /// The touchpoints that failures are put down to, the most frequent first.
    pub causes: Vec<DemandCause>,
    /// Week by week.
    pub weeks: Vec<DemandWeek>,
    /// What the rules are worth; none while people have judged fewer than 10 failures, or fewer than 10 others.
    pub agreement: Option<DemandAgreement>,
}

/// The conversations that are for one thing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DemandShare {
    /// What they are for.
    pub demand: Demand,
    /// How many there are.
    pub count: u64,
    /// Their share of all, with Wilson's interval of 95 %; none where there are no conversations.
    pub share: Option<Estimate>,
}

/// A touchpoint that failures are put down to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DemandCause {
    /// Which one; none for failures without a touchpoint.
    pub touchpoint: Option<TouchpointId>,
    /// How many conversations it caused.
    pub count: u64,
}

/// The conversations of a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DemandWeek {
    /// How many there are.
    pub conversations: u64,
    /// How many of them are failures.
    pub failures: u64,
}

/// How well the rules agree with people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct DemandAgreement {
    /// How many conversations people said were failures.
    pub failures: u64,
    /// The share of those that the rules found.
    pub sensitivity: Estimate,
    /// How many they said were for value.
    pub others: u64,
    /// The share of those that the rules did not take for failures.
    pub specificity: Estimate,
    /// The share of failures, corrected; none where the rules are no better than chance.
    pub corrected: Option<Estimate>,
}

/// Adds marks up; `weeks` is how many weeks there are.
pub fn demand(marked: &[Marked], weeks: usize) -> DemandResult {
    let all = marked.len() as u64;
    let count = |is_wanted: &dyn Fn(&Marked) -> bool| marked.iter().filter(|one| is_wanted(one)).count() as u64;
    let share = |demand: &Demand| {
        let count = count(&|one| one.demand() == *demand);
        DemandShare {
            demand: *demand,
            count,
            share: wilson(count, all),
        }
    };
    let mut causes: BTreeMap<Option<TouchpointId>, u64> = BTreeMap::new();
    let mut by_week = vec![DemandWeek::default(); weeks];
    for one in marked {
        let is_failure = one.demand() == Demand::Failure;
        if is_failure {
            *causes.entry(one.cause).or_default() += 1;
        }
        let week = &mut by_week[one.week];
        week.conversations += 1;
        week.failures += u64::from(is_failure);
    }
    let mut causes: Vec<DemandCause> = causes
        .into_iter()
        .map(|(touchpoint, count)| DemandCause { touchpoint, count })
        .collect();
    causes.sort_by_key(|cause| (std::cmp::Reverse(cause.count), cause.touchpoint.is_none()));
    DemandResult {
        conversations: all,
        said: count(&|one| one.said.is_some()),
        shares: Demand::ALL.iter().map(share).collect(),
        causes,
        weeks: by_week,
        agreement: agreement(marked),
    }
}

fn agreement(marked: &[Marked]) -> Option<DemandAgreement> {
    let judged = |said: Demand| marked.iter().filter(move |one| one.said == Some(said));
    let (failures, others) = (
        judged(Demand::Failure).count() as u64,
        judged(Demand::Value).count() as u64,
    );
    if failures < LEAST_JUDGED || others < LEAST_JUDGED {
        return None;
    }
    let is_found = |one: &&Marked| one.by_rules == Demand::Failure;
    let found = judged(Demand::Failure).filter(is_found).count() as u64;
    let left = others - judged(Demand::Value).filter(is_found).count() as u64;
    let (sensitivity, specificity) = (wilson(found, failures)?, wilson(left, others)?);
    let (all, positive) = (marked.len() as u64, marked.iter().filter(is_found).count() as u64);
    Some(DemandAgreement {
        failures,
        sensitivity,
        others,
        specificity,
        corrected: corrected(
            (positive, all),
            (sensitivity.value, failures),
            (specificity.value, others),
        ),
    })
}

/// Gives the true share behind `hits` of `of`, found by a test that is right about so large shares of so many.
fn corrected((hits, of): (u64, u64), sensitivity: (f64, u64), specificity: (f64, u64)) -> Option<Estimate> {
    let ((sensitive, cases), (specific, others)) = (sensitivity, specificity);
    let worth = sensitive + specific - 1.0;
    if worth <= 0.0 {
        return None;
    }
    let found = hits as f64 / of as f64;
    let share = ((found + specific - 1.0) / worth).clamp(0.0, 1.0);
    let spread = |share: f64, of: u64| share * (1.0 - share) / of as f64;
    let variance =
        spread(found, of) + share.powi(2) * spread(sensitive, cases) + (1.0 - share).powi(2) * spread(specific, others);
    let reach = Z95 * variance.sqrt() / worth;
    Some(Estimate {
        value: share,
        low: (share - reach).max(0.0),
        high: (share + reach).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(count: usize, by_rules: Demand, said: Option<Demand>, cause: Option<i64>, week: usize) -> Vec<Marked> {
        let one = Marked {
            by_rules,
            said,
            cause: cause.map(TouchpointId),
            week,
        };
        vec![one; count]
    }

    #[test]
    fn a_persons_word_counts_and_causes_and_weeks_add_up() {
        let all = [
            marked(3, Demand::Failure, None, Some(7), 0),
            marked(1, Demand::Failure, Some(Demand::Value), None, 0),
            marked(2, Demand::Unclear, Some(Demand::Failure), None, 1),
            marked(4, Demand::Value, None, None, 1),
        ];
        let result = demand(&all.concat(), 3);
        let shares: Vec<u64> = result.shares.iter().map(|share| share.count).collect();
        assert_eq!((result.conversations, result.said, shares), (10, 3, vec![5, 5, 0]));
        let causes: Vec<_> = result
            .causes
            .iter()
            .map(|cause| (cause.touchpoint, cause.count))
            .collect();
        assert_eq!(causes, [(Some(TouchpointId(7)), 3), (None, 2)]);
        let weeks: Vec<_> = result
            .weeks
            .iter()
            .map(|week| (week.conversations, week.failures))
            .collect();
        assert_eq!(weeks, [(4, 3), (6, 2), (0, 0)]);
        assert_eq!(result.agreement, None, "too few were judged");
        assert_eq!(demand(&[], 0).shares[0].share, None);
    }

    /// By hand: 20 judged failures of which 16 are found, 40 others of which 4 are taken for failures; of 1,000 the rules find
    /// 300. (0.3 + 0.9 - 1) / (0.8 + 0.9 - 1) = 2/7; the variance is (0.3 · 0.7 / 1000 + (2/7)² · 0.8 · 0.2 / 20
    /// + (5/7)² · 0.9 · 0.1 / 40) / 0.49 = 0.0041045.
    #[test]
    fn the_share_is_corrected_as_rogan_and_gladen_do() {
        let all = [
            marked(16, Demand::Failure, Some(Demand::Failure), None, 0),
            marked(4, Demand::Unclear, Some(Demand::Failure), None, 0),
            marked(4, Demand::Failure, Some(Demand::Value), None, 0),
            marked(36, Demand::Value, Some(Demand::Value), None, 0),
            marked(280, Demand::Failure, None, None, 0),
            marked(660, Demand::Unclear, None, None, 0),
        ];
        let agreement = demand(&all.concat(), 1).agreement.expect("enough were judged");
        assert_eq!((agreement.sensitivity.value, agreement.specificity.value), (0.8, 0.9));
        let corrected = agreement.corrected.expect("the rules are worth something");
        assert!((corrected.value - 2.0 / 7.0).abs() < 1e-12);
        let reach = Z95 * 0.004_104_5_f64.sqrt();
        assert!((corrected.high - corrected.value - reach).abs() < 1e-4, "{corrected:?}");
        assert!((corrected.value - corrected.low - reach).abs() < 1e-4);
    }

    #[test]
    fn rules_that_are_no_better_than_chance_correct_nothing() {
        let all = [
            marked(5, Demand::Failure, Some(Demand::Failure), None, 0),
            marked(5, Demand::Value, Some(Demand::Failure), None, 0),
            marked(5, Demand::Failure, Some(Demand::Value), None, 0),
            marked(5, Demand::Value, Some(Demand::Value), None, 0),
        ];
        assert_eq!(
            demand(&all.concat(), 1)
                .agreement
                .expect("enough were judged")
                .corrected,
            None
        );
        assert_eq!(
            corrected((1, 100), (0.9, 20), (0.9, 20))
                .expect("worth something")
                .value,
            0.0
        );
    }
}
