//! The reference: the definitions of the module's page, read aloud, over plain lists. Slow and obvious.

use std::collections::{BTreeMap, BTreeSet};

use domain::CustomerId;

use super::study::{FATES, Outcome, PARTS, Study};
use super::{DAY_MS, FrictionQuery};
use crate::Touchpoint;
use crate::testing::Ways;

/// Group, week, furthest stage, power of two of the moments so far, had a contact.
pub type Alike = (u32, i64, u8, u32, bool);

/// Exposed moments and comparisons by fate, and the comparisons that meet the touchpoint later.
pub type Sides = ([u64; FATES], [u64; FATES], u64);

pub fn unpack(stratum: u64) -> Alike {
    let week = i64::from((stratum >> 16) as u16 as i16);
    (
        (stratum >> 32) as u32,
        week,
        (stratum >> 8) as u8,
        (stratum as u32 & 0xff) >> 1,
        stratum & 1 == 1,
    )
}

/// One customer's events, and the question.
struct Story<'a> {
    query: &'a FrictionQuery,
    customer: CustomerId,
    way: &'a [(i64, Touchpoint)],
}

impl Story<'_> {
    fn is_contact(&self, touchpoint: Touchpoint) -> bool {
        self.query.contacts.contains(touchpoint)
    }

    fn contacts(&self) -> impl Iterator<Item = i64> {
        self.way
            .iter()
            .filter(|(_, touchpoint)| self.is_contact(*touchpoint))
            .map(|(time, _)| *time)
    }

    fn stage(&self, touchpoint: Touchpoint) -> u8 {
        let stage = self.query.stages.get(usize::from(touchpoint.0)).copied().flatten();
        stage
            .filter(|_| !self.is_contact(touchpoint))
            .map_or(0, |stage| stage + 1)
    }

    fn reached(&self, by: i64) -> u8 {
        self.way
            .iter()
            .filter(|(time, _)| *time <= by)
            .map(|(_, touchpoint)| self.stage(*touchpoint))
            .max()
            .unwrap_or(0)
    }

    fn met(&self, touchpoint: Touchpoint, from: i64, to: i64) -> bool {
        self.way
            .iter()
            .any(|(time, other)| *other == touchpoint && from <= *time && *time <= to)
    }

    /// Whether a contact is from before the time in which the outcome is looked for.
    fn is_earlier(&self, study: &Study, time: i64, contact: i64) -> bool {
        match study.outcome {
            Outcome::Before => contact < time - self.query.horizon_ms,
            _ => contact <= time,
        }
    }

    /// Whether a moment is at risk.
    fn is_at_risk(&self, study: &Study, (time, touchpoint): (i64, Touchpoint)) -> bool {
        let horizon = self.query.horizon_ms;
        let start = if study.outcome == Outcome::Before {
            time - horizon
        } else {
            time
        };
        let in_contact = |contact: i64| self.is_earlier(study, time, contact) && contact >= start - self.query.gap_ms;
        let top = self.query.stages.iter().flatten().max().map_or(0, |stage| stage + 1);
        let is_there = match study.outcome {
            Outcome::Contact => true,
            Outcome::Before => self.way[0].0 <= start,
            Outcome::Progress => self.reached(time) < top,
        };
        let is_clean = study
            .without
            .is_none_or(|other| !self.met(other, time - study.washout_ms(), time));
        !self.is_contact(touchpoint)
            && self.query.since.is_none_or(|since| time >= since)
            && time + horizon <= self.query.until
            && !self.contacts().any(in_contact)
            && is_there
            && is_clean
    }

    /// When the outcome comes, if it does.
    fn hit(&self, study: &Study, time: i64) -> Option<i64> {
        let horizon = self.query.horizon_ms;
        let is_soon = |at: &i64| *at > time && *at <= time + horizon;
        match study.outcome {
            Outcome::Contact => self.contacts().find(is_soon),
            Outcome::Before => self
                .contacts()
                .find(|contact| *contact >= time - horizon && *contact < time),
            Outcome::Progress => {
                let later = self.way.iter().map(|(at, _)| *at).filter(is_soon);
                later.filter(|at| self.reached(*at) > self.reached(time)).min()
            }
        }
    }

    /// The fate of a moment at risk.
    fn fate(&self, study: &Study, time: i64) -> usize {
        let horizon = self.query.horizon_ms;
        let is_end =
            |(at, met): &&(i64, Touchpoint)| Some(*met) == study.without && *at > time && *at <= time + horizon;
        let end = self.way.iter().find(is_end).map(|(at, _)| *at);
        // The first part reaches to a seventh of the horizon after the moment, and so on.
        let part = |at: i64| {
            let is_by = |part: &usize| (at - time) * PARTS as i64 <= (*part as i64 + 1) * horizon;
            (0..PARTS).find(is_by).unwrap()
        };
        match (self.hit(study, time), end) {
            (Some(_), _) if study.outcome == Outcome::Before => 0,
            (None, _) if study.outcome == Outcome::Before => 2 * PARTS,
            (Some(hit), end) if end.is_none_or(|end| hit < end) => part(hit),
            (_, Some(end)) => PARTS + part(end),
            _ => 2 * PARTS,
        }
    }

    /// The stratum and the fate of a moment at risk.
    fn moment(&self, study: &Study, place: usize) -> Option<(Alike, usize)> {
        let time = self.way[place].0;
        if !self.is_at_risk(study, self.way[place]) {
            return None;
        }
        let reached = self.reached(time);
        let here =
            |(at, touchpoint): &&(i64, Touchpoint)| !self.is_contact(*touchpoint) && self.reached(*at) == reached;
        let rank = self.way[..=place].iter().filter(here).count();
        let groups = self.query.groups.as_ref();
        let group = groups
            .and_then(|groups| groups.get(&self.customer).copied())
            .unwrap_or(0);
        let week = (time + 3 * DAY_MS).div_euclid(7 * DAY_MS);
        let steps = [2, 4, 8, 16].into_iter().filter(|bound| rank >= *bound).count() as u32;
        let had_contact = self.contacts().any(|contact| self.is_earlier(study, time, contact));
        Some(((group, week, reached, steps, had_contact), self.fate(study, time)))
    }
}

/// Counts every touchpoint's exposed moments and comparisons, one by one.
pub fn count(ways: &Ways, study: &Study, touchpoints: u16) -> BTreeMap<(Touchpoint, Alike), Sides> {
    let mut sides: BTreeMap<(Touchpoint, Alike), Sides> = BTreeMap::new();
    for (customer, way) in ways {
        let story = Story {
            query: study.query,
            customer: *customer,
            way,
        };
        for place in 0..way.len() {
            let Some((alike, fate)) = story.moment(study, place) else {
                continue;
            };
            let (time, own) = way[place];
            for touchpoint in (0..touchpoints)
                .map(Touchpoint)
                .filter(|touchpoint| !story.is_contact(*touchpoint))
            {
                let lately = way[..place]
                    .iter()
                    .any(|(at, met)| *met == touchpoint && *at >= time - study.washout_ms());
                let entry = sides.entry((touchpoint, alike)).or_default();
                if own == touchpoint && !lately {
                    entry.0[fate] += 1;
                } else if !story.met(touchpoint, time - study.washout_ms(), time) {
                    entry.1[fate] += 1;
                    entry.2 += u64::from(story.met(touchpoint, time + 1, time + study.query.horizon_ms));
                }
            }
        }
    }
    sides.retain(|_, (exposed, others, _)| exposed.iter().chain(others.iter()).any(|count| *count > 0));
    sides
}

/// The standardised risk difference over these strata, from plain shares, with some customers left out.
pub fn difference(
    sides: &BTreeMap<(Touchpoint, Alike), Sides>,
    touchpoint: Touchpoint,
    strata: &BTreeSet<Alike>,
) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    for ((_, _), (exposed, others, _)) in sides
        .iter()
        .filter(|((other, alike), _)| *other == touchpoint && strata.contains(alike))
    {
        let [n, m] = [exposed, others].map(|fates| fates.iter().sum::<u64>() as f64);
        let [a, b] = [exposed, others].map(|fates| fates[..PARTS].iter().sum::<u64>() as f64);
        if n > 0.0 && m > 0.0 {
            sum += n * (a / n - b / m);
            weight += n;
        }
    }
    sum / weight
}

/// The strata in which a touchpoint has exposures and at least five comparisons.
pub fn strata(sides: &BTreeMap<(Touchpoint, Alike), Sides>, touchpoint: Touchpoint) -> BTreeSet<Alike> {
    let of = sides.iter().filter(|((other, _), _)| *other == touchpoint);
    of.filter(|(_, (exposed, others, _))| exposed.iter().sum::<u64>() > 0 && others.iter().sum::<u64>() >= 5)
        .map(|((_, alike), _)| *alike)
        .collect()
}
