//! Incidents: when contacts surged, and which touchpoint it was.
//!
//! For each touchpoint the moments at which it was met, and those of them that a contact followed within the horizon (both as
//! [`friction`](crate::friction()) counts them: not already in contact, repeats folded, strictly after), are counted in slices of time. More visitors
//! are no incident; more contacts for each meeting are.
//!
//! - *Dated*: by the temporal scan statistic (Kulldorff, Communications in Statistics 26, 1997). Of all spans of slices up to half of the time, that
//!   with the highest likelihood ratio c ln(c / e) + (C − c) ln((C − c) / (C − e)), where c contacts were seen and e expected from the
//!   touchpoint's meetings, and c > e.
//! - *Sure*: as many contacts are dealt to the slices by chance, again and again; the p-value is the share of such worlds with as high a
//!   ratio. Because all spans are searched in each, looking everywhere is paid for. Days differ more than chance alone makes them: ratios
//!   are divided by the dispersion of the slices outside the span (Pearson's statistic by its degrees of freedom; never below 1).
//!   False discoveries among touchpoints are held at the asked share (Benjamini & Hochberg).
//! - *Linked*: a surge shows at every touchpoint that is met near the one with the trouble. The strongest is taken to be it; then everything is counted
//!   again without it (moments within a horizon of it are left out), as long as another one still stands out
//!   (sequential deletion: Zhang, Assunção & Kulldorff, Journal of Probability and Statistics, 2010).

mod scan;

use std::collections::BTreeMap;

use domain::CustomerId;
use rayon::prelude::*;

use crate::friction::{Facts, FrictionQuery, Moment, Outcome, Study};
use crate::stats;
use crate::{Filter, Log, Touchpoint, TouchpointSet, Trail};
use scan::{Slice, Surge, surge};

/// Where incidents are looked for.
#[derive(Clone, Debug)]
pub struct IncidentQuery {
    /// What is looked at.
    pub filter: Filter,
    /// The touchpoints that are calls for help.
    pub contacts: TouchpointSet,
    /// The time that is searched, in milliseconds since 1970 UTC; the log is complete up to its end.
    pub from: i64,
    /// Where it ends.
    pub until: i64,
    /// The length of a slice: how exactly an incident is dated.
    pub slice_ms: i64,
    /// How long after a touchpoint a contact may have to do with it.
    pub horizon_ms: i64,
    /// How soon after a contact another one is the same one repeated.
    pub gap_ms: i64,
    /// The share of false discoveries that is accepted.
    pub false_share: f64,
    /// How many worlds are made by chance at least; more where many touchpoints are looked at.
    pub rounds: usize,
    /// The seed of chance.
    pub seed: u64,
    /// The most customers that are listed for an incident.
    pub people: usize,
}

/// A surge of contacts after a touchpoint.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct Incident {
    /// Which touchpoint.
    pub touchpoint: Touchpoint,
    /// When the first slice of the surge begins, in milliseconds since 1970 UTC.
    pub start: i64,
    /// When its last slice ends; the end of the search when it still goes on.
    pub end: i64,
    /// It reaches to the end of the search.
    pub is_open: bool,
    /// Meetings with the touchpoint in that time.
    pub meetings: u64,
    /// Contacts that followed them.
    pub contacts: u64,
    /// Contacts that would have, at the rate outside that time.
    pub expected: f64,
    /// The probability of such a surge by chance.
    pub p: f64,
    /// The smallest share of false discoveries at which it counts as one.
    pub q: f64,
    /// The first customers who asked, by id.
    pub people: Vec<CustomerId>,
}

/// So many touchpoints are taken out one after the other: each costs a pass over the log.
const MOST: usize = 8;

/// Finds incidents, the strongest first.
pub fn incidents(log: &Log, query: &IncidentQuery) -> Vec<Incident> {
    let slices =
        usize::try_from((query.until - query.from - query.horizon_ms).max(0) / query.slice_ms.max(1)).unwrap_or(0);
    let mut found: Vec<Incident> = Vec::new();
    while found.len() < MOST {
        let gone: Vec<Touchpoint> = found.iter().map(|incident| incident.touchpoint).collect();
        let counts = count(log, query, slices, &gone);
        let Some((touchpoint, surge, q)) = strongest(query, &counts, found.len()) else {
            break;
        };
        let start = query.from + surge.from as i64 * query.slice_ms;
        let is_open = surge.to == slices;
        let end = if is_open {
            query.until
        } else {
            query.from + surge.to as i64 * query.slice_ms
        };
        let people = &counts[&touchpoint].people;
        let mut people: Vec<CustomerId> = people
            .iter()
            .filter(|(slice, _)| (surge.from..surge.to).contains(slice))
            .map(|(_, who)| *who)
            .collect();
        people.sort_unstable();
        people.dedup();
        people.truncate(query.people);
        found.push(Incident {
            touchpoint,
            start,
            end,
            is_open,
            meetings: surge.meetings,
            contacts: surge.contacts,
            expected: surge.expected,
            p: surge.p,
            q,
            people,
        });
    }
    found
}

/// A touchpoint's slices, and who asked in which.
#[derive(Default)]
struct Counts {
    slices: Vec<Slice>,
    people: Vec<(usize, CustomerId)>,
}

/// Counts meetings and contacts by touchpoint and slice, leaving out what is near touchpoints that are already found.
fn count(log: &Log, query: &IncidentQuery, slices: usize, gone: &[Touchpoint]) -> BTreeMap<Touchpoint, Counts> {
    let asked = FrictionQuery {
        filter: query.filter.clone(),
        horizon_ms: query.horizon_ms,
        gap_ms: query.gap_ms,
        ..FrictionQuery::new(query.contacts.clone(), Vec::new(), query.until)
    };
    let study = Study {
        query: &asked,
        outcome: Outcome::Contact,
        without: None,
    };
    let start = || (Facts::default(), BTreeMap::<Touchpoint, Counts>::new());
    let step = |(facts, counts): &mut (Facts, BTreeMap<Touchpoint, Counts>), trail: Trail| {
        let moments = fresh(query, trail, gone, study.moments(trail, facts, || ()));
        for (slice, moment) in moments.into_iter().filter(|(slice, _)| *slice < slices) {
            let counts = counts.entry(trail.touchpoints[moment.place]).or_default();
            counts.slices.resize(slices, Slice::default());
            counts.slices[slice].meetings += 1;
            counts.slices[slice].contacts += u64::from(moment.hit_at.is_some());
            counts.people.extend(moment.hit_at.map(|_| (slice, trail.customer)));
        }
    };
    let (_, counts) = log.fold(&query.filter, start, step, |(facts, mut one), (_, other)| {
        let other = other.into_iter();
        other.for_each(|(touchpoint, counts)| one.entry(touchpoint).or_default().merge(counts));
        (facts, one)
    });
    counts
}

/// Gives the moments that meet their touchpoint for the first time in a horizon and are not near one that is gone, with their slice.
fn fresh(query: &IncidentQuery, trail: Trail, gone: &[Touchpoint], moments: Vec<Moment>) -> Vec<(usize, Moment)> {
    let horizon = query.horizon_ms;
    let is_gone = |place: &usize| gone.contains(&trail.touchpoints[*place]);
    let gone_at: Vec<i64> = (0..trail.times.len())
        .filter(is_gone)
        .map(|place| trail.times[place])
        .collect();
    let mut last: BTreeMap<Touchpoint, i64> = BTreeMap::new();
    let (mut read, mut fresh) = (0, Vec::new());
    for moment in moments {
        last.extend((read..moment.place).map(|place| (trail.touchpoints[place], trail.times[place])));
        read = moment.place;
        let time = trail.times[moment.place];
        let until = moment.hit_at.unwrap_or(time + horizon);
        let is_repeat = last
            .get(&trail.touchpoints[moment.place])
            .is_some_and(|at| *at >= time - horizon);
        let near = gone_at.get(gone_at.partition_point(|at| *at < time - horizon));
        let slice = usize::try_from((time - query.from).div_euclid(query.slice_ms.max(1)));
        if let Ok(slice) = slice
            && !is_repeat
            && near.is_none_or(|at| *at > until)
        {
            fresh.push((slice, moment));
        }
    }
    fresh
}

impl Counts {
    fn merge(&mut self, other: Counts) {
        if self.slices.is_empty() {
            *self = other;
            return;
        }
        self.slices
            .iter_mut()
            .zip(&other.slices)
            .for_each(|(one, other)| one.add(*other));
        self.people.extend(other.people);
    }
}

/// Gives the touchpoint with the surest surge, if one counts as found.
fn strongest(
    query: &IncidentQuery,
    counts: &BTreeMap<Touchpoint, Counts>,
    round: usize,
) -> Option<(Touchpoint, Surge, f64)> {
    let all: Vec<(&Touchpoint, &Counts)> = counts.iter().collect();
    let seed = |touchpoint: &Touchpoint| query.seed ^ (u64::from(touchpoint.0) << 32) ^ ((round as u64) << 48);
    // A single surge among many touchpoints must be able to stand out: that takes as many tries.
    let rounds = query.rounds.max((2.0 * all.len() as f64 / query.false_share) as usize);
    let surges: Vec<Option<Surge>> = all
        .par_iter()
        .map(|(touchpoint, counts)| surge(&counts.slices, rounds, seed(touchpoint)))
        .collect();
    let chances: Vec<f64> = surges
        .iter()
        .map(|surge| surge.as_ref().map_or(1.0, |surge| surge.p))
        .collect();
    let each = all.into_iter().zip(surges).zip(stats::false_discovery(&chances));
    each.filter(|(_, q)| *q <= query.false_share)
        .filter_map(|((counts, surge), q)| Some((*counts.0, surge?, q)))
        .max_by(|(_, one, _), (_, other, _)| one.ratio.total_cmp(&other.ratio))
}

#[cfg(test)]
mod tests;
