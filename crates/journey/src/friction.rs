//! Friction: which touchpoint makes customers ask for help, and which makes them leave without asking.
//!
//! # The question
//!
//! Had a customer, at the moment they met touchpoint T, met another touchpoint of the same place in the journey instead: how
//! likely would they have asked for help within the horizon H? The answer, summed over all such moments, is the number of contacts
//! that T brings.
//!
//! # The estimator
//!
//! Discrete-time incidence as a row of small trials, one at every moment (Hernán et al., Epidemiology 19, 2008; Gran et al.,
//! Statistics in Medicine 29, 2010):
//!
//! - A *moment* is a customer at a touchpoint that is no contact. The same customer has many.
//! - A moment is *at risk* when the customer is not in contact: no contact within the gap before it or at the same time. A contact
//!   within the gap of another is the same one, repeated; thereby a moment can only be followed by a new contact.
//! - A moment is *exposed* to T when T is met at it and was not met in the H before: what repeats within H is one exposure. It is a
//!   *comparison* for T when T was met neither at that time nor in the H before. All other moments say nothing about T.
//! - The *outcome* is a contact strictly after the moment and at most H later. Moments whose H is not over yet are left out.
//! - Compared is within *strata* of what is known at the moment: the furthest stage reached (T's own stage counts: it is a place,
//!   not a consequence), the number of moments since it was reached, by powers of two, whether the customer ever had a contact, the calendar
//!   week (from Monday, UTC), and the caller's group of the customer (device, lifecycle).
//! - The *risk difference* is the exposed moments' risk less the comparisons' risk, each stratum weighted by its exposed
//!   moments (standardisation to the exposed): Σ nₛ (p₁ₛ − p₀ₛ) / Σ nₛ. *Excess contacts* are that times the exposed moments: the observed
//!   less the expected. The *risk ratio* is pooled by Mantel and Haenszel.
//! - Where only a stretch of time is asked about, only its moments and contacts are counted; what was known at a moment, and whether it is at risk,
//!   is judged by the whole way before it.
//! - *Intervals* are of 95 % by the delete-a-group jackknife with Student's quantile: everything is computed again without each of the
//!   64 parts that customers are dealt to. A customer is in one part, so it does not matter how often they come.
//! - *False discoveries* among all touchpoints are held at the asked share by Benjamini and Hochberg, on one-sided chances.
//!
//! # Where it refuses or clears
//!
//! - *Not estimable*: fewer than the asked number of exposures or comparisons; nearly every customer who came that far meets T (above
//!   95 %), or nearly every comparison meets T within H after all (above 90 %); or most exposures are in strata with fewer than
//!   5 comparisons. Such a touchpoint is never ranked.
//! - *Placebo*: the same comparison with the contacts in the H before the moment, which T cannot have brought. Who is at risk is
//!   judged at the start of that window, and T must not have been met in the 2 H before. A lift there that is at least a quarter of the lift after means
//!   that those who meet T ask for help anyway.
//! - *Explained by T′*: T is compared again without T′: moments with T′ at the same time or in the H before are left out, and a moment's window
//!   ends where T′ is met; risks are then read from life tables of seven parts of H (the actuarial method, a moment counts
//!   half in the part where its window ends). When at least half of the lift is gone and what is left may be nothing, T′ explains it. This is
//!   a controlled direct effect: it assumes that nothing unknown drives both T′ and the contacts. When nothing is left to compare,
//!   T cannot be told apart from T′.
//! - *Silent friction*: the same comparison, with the outcome that a later stage is reached within H. A touchpoint after which fewer go on,
//!   and which does not bring contacts, loses people who do not ask.
//!
//! # What it assumes
//!
//! Within a stratum, which touchpoint is met at a moment has nothing to do with what the customer would have done anyway. The placebo
//! can prove this wrong, nothing can prove it right; an experiment can replace it. A contact may follow several
//! touchpoints and count for each: excess contacts are not to be added up over touchpoints.

mod effect;
mod people;
mod study;
mod tables;
mod verdict;

use std::collections::HashMap;
use std::sync::Arc;

use domain::CustomerId;

use crate::stats::Estimate;
use crate::{Filter, Log, Touchpoint, TouchpointSet};
pub use people::{Helped, HelpedCustomer, helped};
pub(crate) use study::{Facts, Moment, Outcome, Study};

const DAY_MS: i64 = 86_400_000;

/// What friction is looked for in.
#[derive(Clone, Debug)]
pub struct FrictionQuery {
    /// What is looked at.
    pub filter: Filter,
    /// The touchpoints that are calls for help.
    pub contacts: TouchpointSet,
    /// The stage of each touchpoint, by its number; a touchpoint that is missing or has none moves nobody on.
    pub stages: Vec<Option<u8>>,
    /// Groups that are only compared within themselves; who is missing is in group 0.
    pub groups: Option<Arc<HashMap<CustomerId, u32>>>,
    /// Only moments and contacts at this time or later are counted, in milliseconds since 1970 UTC; what was before is what led to them.
    pub since: Option<i64>,
    /// The log is complete up to this time, in milliseconds since 1970 UTC.
    pub until: i64,
    /// How long after a touchpoint a contact may have to do with it.
    pub horizon_ms: i64,
    /// How soon after a contact another one is the same one repeated.
    pub gap_ms: i64,
    /// What a contact costs, in minor units of money.
    pub contact_cost: f64,
    /// The share of false discoveries that is accepted.
    pub false_share: f64,
    /// The fewest exposures and comparisons to estimate from.
    pub least: u64,
}

impl FrictionQuery {
    /// Asks with a horizon and a gap of seven days, 5 % of false discoveries, and 50 exposures at least.
    pub fn new(contacts: TouchpointSet, stages: Vec<Option<u8>>, until: i64) -> FrictionQuery {
        FrictionQuery {
            filter: Filter::default(),
            contacts,
            stages,
            groups: None,
            since: None,
            until,
            horizon_ms: 7 * DAY_MS,
            gap_ms: 7 * DAY_MS,
            contact_cost: 0.0,
            false_share: 0.05,
            least: 50,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct FrictionResult {
    /// Contacts, with repeats within the gap folded into one.
    pub contacts: u64,
    /// Contacts that were folded into an earlier one.
    pub repeats: u64,
    /// Moments at risk with a whole horizon after them.
    pub moments: u64,
    /// Moments that are too recent to judge.
    pub recent: u64,
    /// Touchpoints with a lift that nobody else's lift was held against, because only the 20 strongest are.
    pub unexamined: u64,
    /// Every touchpoint that is no contact, those with most excess contacts first, those that are not estimable last.
    pub touchpoints: Vec<TouchpointFriction>,
}

/// What was found about one touchpoint.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct TouchpointFriction {
    /// Which one.
    pub touchpoint: Touchpoint,
    /// Its exposed moments.
    pub exposures: u64,
    /// Those of them that have comparisons in their stratum; all figures below are about these.
    pub matched: u64,
    /// The share of the customers who came to its stage that met it.
    pub met_by: f64,
    /// Whether it brings contacts.
    pub contact_verdict: Verdict,
    /// Whether it keeps people from going on.
    pub progress_verdict: Verdict,
    /// It keeps people from going on and brings no contacts: they leave rather than ask.
    pub is_silent: bool,
    /// Contacts within the horizon.
    pub contact: Option<Effect>,
    /// The lift in the horizon before, where there should be none.
    pub before: Option<Estimate>,
    /// Going on to a later stage within the horizon.
    pub progress: Option<Effect>,
    /// How many times more likely a contact is, pooled over strata by Mantel and Haenszel.
    pub risk_ratio: Option<Estimate>,
    /// Contacts within the horizon after its matched exposures.
    pub observed: u64,
    /// The contacts that are more than expected.
    pub excess: Option<Estimate>,
    /// The share of the observed contacts that is excess.
    pub attributable: Option<f64>,
    /// What the excess costs, in minor units of money.
    pub cost: Option<Estimate>,
}

/// An outcome's risk after a touchpoint beside the risk without it.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = FrictionEffect)]
pub struct Effect {
    /// The risk at exposed moments.
    pub exposed: f64,
    /// The risk at comparisons, with strata weighted as the exposed are.
    pub expected: f64,
    /// The first less the second.
    pub difference: Estimate,
    /// The smallest share of false discoveries at which this counts as one.
    pub q: f64,
}

/// What is to be thought of a touchpoint.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "verdict")]
#[schema(as = FrictionVerdict)]
pub enum Verdict {
    /// It does harm.
    Guilty,
    /// No harm was found.
    Clear,
    /// The harm is another touchpoint's.
    ExplainedBy {
        /// Whose.
        touchpoint: Touchpoint,
        /// The lift that is left without it.
        left: Estimate,
    },
    /// It comes with another touchpoint, so that nobody can say which of them does harm.
    NotSeparableFrom {
        /// Which one.
        touchpoint: Touchpoint,
    },
    /// Those who meet it ask for help before as well.
    AlsoBefore,
    /// It cannot be said.
    NotEstimable {
        /// Why.
        why: Why,
    },
}

/// Why a touchpoint's effect cannot be estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FrictionWhy)]
pub enum Why {
    /// Too few exposures or comparisons, or all of too few customers.
    TooFew,
    /// Nearly everybody meets it.
    EverybodyMeets,
    /// Who meets it is at places in the journey where nobody is without it.
    NobodyAlike,
    /// The outcome cannot happen: there is no later stage.
    NoOutcome,
}

/// Finds the touchpoints that make customers ask for help, and those that make them leave.
pub fn friction(log: &Log, query: &FrictionQuery) -> FrictionResult {
    verdict::judge(log, query)
}

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;
