//! From effects to verdicts: what counts as found among so many touchpoints, whose harm is another's, and who leaves silently.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::effect::Comparison;
use super::study::{Outcome, Study, stage};
use super::tables::Tables;
use super::{Effect, FrictionQuery, FrictionResult, TouchpointFriction, Verdict, Why};
use crate::stats::{self, Estimate, Swing};
use crate::{Log, Touchpoint, TouchpointSet};

/// So many of the strongest lifts are held against the others: each costs a pass over the log.
const EXPLAINERS: usize = 20;

/// The share of a lift that must be gone without another touchpoint for this one to explain it.
const GONE: f64 = 0.5;

/// A touchpoint explains only what is at most this much stronger than itself: chance orders what is equally strong.
const COMPARABLE: f64 = 0.8;

/// From this share of the lift on, a lift before the touchpoint counts against it.
const PLACEBO: f64 = 0.25;

/// A touchpoint's effect on one outcome.
struct Finding {
    touchpoint: Touchpoint,
    exposures: u64,
    matched: u64,
    observed: u64,
    met_by: f64,
    effect: Result<(Effect, Swing), Why>,
    ratio: Option<Estimate>,
}

impl Finding {
    /// How much more harm there is with the touchpoint than without.
    fn harm(&self, outcome: Outcome) -> f64 {
        self.effect
            .map_or(0.0, |(effect, _)| harm(outcome, effect.difference).value)
    }

    fn is_found(&self, query: &FrictionQuery) -> bool {
        self.effect.is_ok_and(|(effect, _)| effect.q <= query.false_share)
    }
}

/// Turns a difference so that more is worse.
fn harm(outcome: Outcome, difference: Estimate) -> Estimate {
    match outcome {
        Outcome::Contact | Outcome::Before => difference,
        Outcome::Progress => Estimate {
            value: -difference.value,
            low: -difference.high,
            high: -difference.low,
        },
    }
}

pub(super) fn judge(log: &Log, query: &FrictionQuery) -> FrictionResult {
    let count = |outcome| {
        let study = Study {
            query,
            outcome,
            without: None,
        };
        Tables::count(log, study)
    };
    // Tables are large: no two of them are held at a time.
    let (contacts, mut result) = {
        let tables = count(Outcome::Contact);
        let findings = findings(query, &tables, Outcome::Contact);
        (findings, totals(&tables))
    };
    let befores: Vec<Option<Estimate>> = {
        let tables = count(Outcome::Before);
        contacts
            .par_iter()
            .map(|finding| placebo(query, &tables, finding))
            .collect()
    };
    let progress = findings(query, &count(Outcome::Progress), Outcome::Progress);
    let (contact_verdicts, left) = verdicts(log, query, Outcome::Contact, &contacts);
    let (progress_verdicts, progress_left) = verdicts(log, query, Outcome::Progress, &progress);
    let verdicts = contact_verdicts.into_iter().zip(progress_verdicts);
    for ((pair, verdicts), before) in contacts.iter().zip(&progress).zip(verdicts).zip(befores) {
        result.touchpoints.push(touchpoint(query, pair, verdicts, before));
    }
    let excess = |friction: &TouchpointFriction| friction.excess.map_or(f64::NEG_INFINITY, |excess| excess.value);
    result
        .touchpoints
        .sort_by(|one, other| excess(other).total_cmp(&excess(one)));
    result.unexamined = (left + progress_left) as u64;
    result
}

/// Gives what is counted of the whole, with no touchpoint yet.
fn totals(tables: &Tables) -> FrictionResult {
    FrictionResult {
        contacts: tables.contacts,
        repeats: tables.repeats,
        moments: tables.moments(),
        recent: tables.recent,
        unexamined: 0,
        touchpoints: Vec::new(),
    }
}

/// Gives the finding of every touchpoint that is no contact.
fn findings(query: &FrictionQuery, tables: &Tables, outcome: Outcome) -> Vec<Finding> {
    let touchpoints = (0..tables.cells.len() as u16)
        .map(Touchpoint)
        .filter(|touchpoint| !query.contacts.contains(*touchpoint));
    let mut findings: Vec<Finding> = touchpoints
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|touchpoint| finding(query, tables, outcome, touchpoint))
        .collect();
    let chances: Vec<f64> = findings
        .iter()
        .filter_map(|finding| finding.effect.ok())
        .map(|(_, swing)| {
            if outcome == Outcome::Progress {
                swing.chance_of_less()
            } else {
                swing.chance_of_more()
            }
        })
        .collect();
    let estimated = findings.iter_mut().filter_map(|finding| finding.effect.as_mut().ok());
    estimated
        .zip(stats::false_discovery(&chances))
        .for_each(|((effect, _), q)| effect.q = q);
    findings
}

fn finding(query: &FrictionQuery, tables: &Tables, outcome: Outcome, touchpoint: Touchpoint) -> Finding {
    let came = tables.came[usize::from(stage(query, touchpoint))];
    let met_by = tables.met[touchpoint.index()] as f64 / came.max(1) as f64;
    let comparison = Comparison::new(tables, touchpoint);
    let why = match comparison.refusal(query, met_by) {
        Some(_) if outcome == Outcome::Progress && comparison.exposures == 0 => Some(Why::NoOutcome),
        why => why,
    };
    let estimate = || {
        let (swing, (exposed, expected)) = (comparison.difference()?, comparison.risks(None)?);
        let difference = swing.estimate();
        Some((
            Effect {
                exposed,
                expected,
                difference,
                q: 1.0,
            },
            swing,
        ))
    };
    let effect = why.map_or_else(|| estimate().ok_or(Why::TooFew), Err);
    let ratio = effect
        .ok()
        .and_then(|_| comparison.log_ratio())
        .map(|ratio| ratio.estimate().map(f64::exp));
    Finding {
        touchpoint,
        exposures: comparison.exposures,
        matched: comparison.matched,
        observed: comparison.observed(),
        met_by,
        effect,
        ratio,
    }
}

/// How a touchpoint's harm looks without another.
enum Relation {
    Remains,
    Explained(Estimate),
    Inseparable,
}

/// Gives the verdict of each finding, and how many lifts were not held against the others.
fn verdicts(log: &Log, query: &FrictionQuery, outcome: Outcome, findings: &[Finding]) -> (Vec<Verdict>, usize) {
    let mut found: Vec<&Finding> = findings.iter().filter(|finding| finding.is_found(query)).collect();
    found.sort_by(|one, other| other.harm(outcome).total_cmp(&one.harm(outcome)));
    let mut relations = BTreeMap::new();
    for other in found.iter().take(EXPLAINERS).filter(|_| found.len() > 1) {
        let study = Study {
            query,
            outcome,
            without: Some(other.touchpoint),
        };
        let is_weaker = |finding: &&&Finding| finding.harm(outcome) * COMPARABLE <= other.harm(outcome);
        let is_other = |finding: &&&Finding| finding.touchpoint != other.touchpoint;
        let weaker: Vec<&&Finding> = found.iter().filter(is_weaker).filter(is_other).collect();
        let wanted: TouchpointSet = weaker.iter().map(|finding| finding.touchpoint).collect();
        let tables = Tables::count_only(log, study, |touchpoint| wanted.contains(touchpoint));
        for finding in weaker {
            let relation = relation(query, outcome, finding, &Comparison::new(&tables, finding.touchpoint));
            relations.insert((finding.touchpoint, other.touchpoint), relation);
        }
    }
    let ranked: Vec<Touchpoint> = found.iter().map(|finding| finding.touchpoint).collect();
    let verdict = |finding: &Finding| match finding.effect {
        Err(why) => Verdict::NotEstimable { why },
        Ok(_) if !finding.is_found(query) => Verdict::Clear,
        Ok(_) => explain(finding.touchpoint, &ranked, &relations),
    };
    (
        findings.iter().map(verdict).collect(),
        found.len().saturating_sub(EXPLAINERS),
    )
}

fn relation(query: &FrictionQuery, outcome: Outcome, finding: &Finding, without: &Comparison) -> Relation {
    if without.matched < query.least / 2 {
        return Relation::Inseparable;
    }
    let Some(left) = without.difference().map(|swing| harm(outcome, swing.estimate())) else {
        return Relation::Inseparable;
    };
    if left.low <= 0.0 && left.value < (1.0 - GONE) * finding.harm(outcome) {
        Relation::Explained(left)
    } else {
        Relation::Remains
    }
}

/// Gives what explains a touchpoint's harm, the strongest first. Of two that explain each other the stronger stays guilty.
fn explain(
    touchpoint: Touchpoint,
    ranked: &[Touchpoint],
    relations: &BTreeMap<(Touchpoint, Touchpoint), Relation>,
) -> Verdict {
    let place = ranked
        .iter()
        .position(|other| *other == touchpoint)
        .unwrap_or(ranked.len());
    let explains = |one, other| matches!(relations.get(&(one, other)), Some(Relation::Explained(_)));
    for (other_place, other) in ranked.iter().enumerate() {
        if let Some(Relation::Explained(left)) = relations.get(&(touchpoint, *other))
            && (other_place < place || !explains(*other, touchpoint))
        {
            return Verdict::ExplainedBy {
                touchpoint: *other,
                left: *left,
            };
        }
    }
    for other in &ranked[..place] {
        if let Some(Relation::Inseparable) = relations.get(&(touchpoint, *other))
            && !explains(*other, touchpoint)
        {
            return Verdict::NotSeparableFrom { touchpoint: *other };
        }
    }
    Verdict::Guilty
}

/// Gives the lift before a touchpoint, where it can be told.
fn placebo(query: &FrictionQuery, before: &Tables, finding: &Finding) -> Option<Estimate> {
    finding.effect.ok()?;
    let comparison = Comparison::new(before, finding.touchpoint);
    if comparison.matched < query.least {
        return None;
    }
    Some(comparison.difference()?.estimate())
}

fn touchpoint(
    query: &FrictionQuery,
    (contact, progress): (&Finding, &Finding),
    (contact_verdict, progress_verdict): (Verdict, Verdict),
    before: Option<Estimate>,
) -> TouchpointFriction {
    let lift = contact.harm(Outcome::Contact);
    let was_before = before.is_some_and(|before| before.low > 0.0 && before.value >= PLACEBO * lift);
    let contact_verdict = if contact_verdict == Verdict::Guilty && was_before {
        Verdict::AlsoBefore
    } else {
        contact_verdict
    };
    let brings_none = matches!(contact_verdict, Verdict::Clear | Verdict::ExplainedBy { .. });
    let effect = |finding: &Finding| finding.effect.ok().map(|(effect, _)| effect);
    let excess = effect(contact).map(|effect| effect.difference.map(|difference| difference * contact.matched as f64));
    TouchpointFriction {
        touchpoint: contact.touchpoint,
        exposures: contact.exposures,
        matched: contact.matched,
        met_by: contact.met_by,
        contact_verdict,
        progress_verdict,
        is_silent: progress_verdict == Verdict::Guilty && brings_none,
        contact: effect(contact),
        before,
        progress: effect(progress),
        risk_ratio: contact.ratio,
        observed: contact.observed,
        excess,
        attributable: excess
            .filter(|_| contact.observed > 0)
            .map(|excess| excess.value / contact.observed as f64),
        cost: excess.map(|excess| excess.map(|contacts| contacts * query.contact_cost)),
    }
}
