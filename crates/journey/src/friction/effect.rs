//! From counts to a touchpoint's effect: which strata can be compared, the standardised risks, and their interval.

use super::study::{FATES, PARTS};
use super::tables::{Cell, Fates, Tables};
use super::{FrictionQuery, Why};
use crate::Touchpoint;
use crate::stats::{self, Stratum, Swing};

/// The fewest comparisons of a stratum: their risk is taken for that of the exposed.
const LEAST_OTHERS: u64 = 5;

/// The share of exposures that must be in strata with comparisons.
const LEAST_MATCHED: f64 = 0.5;

/// Above this share of customers who meet a touchpoint, the rest are too odd to stand for them.
const MOST_MET: f64 = 0.95;

/// Above this share of comparisons that meet the touchpoint within the horizon, they are hardly without it.
const MOST_LATER: f64 = 0.9;

/// One stratum of a touchpoint's comparison.
struct Row {
    exposed: Fates,
    others: Fates,
    /// The same by part of the customers, where there is any.
    parts: Vec<Option<(Fates, Fates)>>,
}

/// A touchpoint's exposed moments beside their comparisons.
pub(super) struct Comparison<'t> {
    parts: &'t [usize],
    rows: Vec<Row>,
    /// All exposed moments, and those in the rows.
    pub exposures: u64,
    pub matched: u64,
    others: u64,
    /// The share of the comparisons, weighted as the exposed are, that meet the touchpoint within the horizon.
    later: f64,
}

impl<'t> Comparison<'t> {
    pub fn new(tables: &'t Tables, touchpoint: Touchpoint) -> Comparison<'t> {
        let mut comparison = Comparison {
            parts: &tables.parts,
            rows: Vec::new(),
            exposures: 0,
            matched: 0,
            others: 0,
            later: 0.0,
        };
        for (stratum, cells) in &tables.cells[touchpoint.index()] {
            let exposures: u64 = cells.iter().map(|(_, cell)| cell.exposed.count()).sum();
            comparison.exposures += exposures;
            if exposures > 0 {
                comparison.take(&tables.strata[stratum], cells, exposures);
            }
        }
        comparison.later /= comparison.matched.max(1) as f64;
        comparison
    }

    fn take(&mut self, all: &[(usize, Fates)], cells: &[(usize, Cell)], exposures: u64) {
        let mut row = Row {
            exposed: Fates::default(),
            others: Fates::default(),
            parts: vec![None; all.last().map_or(0, |(part, _)| part + 1)],
        };
        let mut cells_left = cells.iter().peekable();
        for (part, fates) in all {
            let cell = cells_left
                .next_if(|(other, _)| other == part)
                .map(|(_, cell)| *cell)
                .unwrap_or_default();
            let others = fates.less(&cell.exposed).less(&cell.washed);
            row.exposed.add(&cell.exposed);
            row.others.add(&others);
            row.parts[*part] = Some((cell.exposed, others));
        }
        let others = row.others.count();
        if others >= LEAST_OTHERS {
            let later: u64 = cells.iter().map(|(_, cell)| u64::from(cell.later)).sum();
            self.matched += exposures;
            self.others += others;
            self.later += exposures as f64 * later as f64 / others as f64;
            self.rows.push(row);
        }
    }

    /// Gives why the touchpoint's effect cannot be estimated, if so; `met_by` is the share of customers who met it.
    pub fn refusal(&self, query: &FrictionQuery, met_by: f64) -> Option<Why> {
        if self.exposures < query.least {
            return Some(Why::TooFew);
        }
        if met_by > MOST_MET || self.later > MOST_LATER {
            return Some(Why::EverybodyMeets);
        }
        if (self.matched as f64) < LEAST_MATCHED * self.exposures as f64 {
            return Some(Why::NobodyAlike);
        }
        (self.matched < query.least || self.others < query.least || self.parts.len() < stats::LEAST_PARTS)
            .then_some(Why::TooFew)
    }

    /// Gives the exposed moments' risk and that of the comparisons standardised to them, without one part of the customers.
    pub fn risks(&self, skip: Option<usize>) -> Option<(f64, f64)> {
        let (mut all, mut weight, mut expected) = (Fates::default(), 0.0, 0.0);
        for (exposed, others) in self.strata(skip) {
            let count = exposed.count() as f64;
            all.add(&exposed);
            weight += count;
            expected += count * risk(&others);
        }
        (weight > 0.0).then(|| (risk(&all), expected / weight))
    }

    /// Gives the risk difference and how sure it is.
    pub fn difference(&self) -> Option<Swing> {
        stats::jackknife(self.parts, |skip| {
            self.risks(skip).map(|(exposed, expected)| exposed - expected)
        })
    }

    /// Gives the logarithm of the pooled risk ratio and how sure it is.
    pub fn log_ratio(&self) -> Option<Swing> {
        stats::jackknife(self.parts, |skip| {
            let strata: Vec<Stratum> = self
                .strata(skip)
                .map(|(exposed, others)| stratum(&exposed, &others))
                .collect();
            Some(stats::mantel_haenszel(&strata)?.risk_ratio?.value.ln())
        })
    }

    /// Gives the outcomes at exposed moments.
    pub fn observed(&self) -> u64 {
        self.rows.iter().map(|row| hits(&row.exposed)).sum()
    }

    /// The strata that have both sides.
    fn strata(&self, skip: Option<usize>) -> impl Iterator<Item = (Fates, Fates)> {
        let strata = self.rows.iter().map(move |row| {
            let gone = skip.and_then(|part| row.parts.get(part).copied().flatten());
            gone.map_or((row.exposed, row.others), |(exposed, others)| {
                (row.exposed.less(&exposed), row.others.less(&others))
            })
        });
        strata.filter(|(exposed, others)| exposed.count() > 0 && others.count() > 0)
    }
}

fn hits(fates: &Fates) -> u64 {
    fates.0[..PARTS].iter().map(|count| u64::from(*count)).sum()
}

fn stratum(exposed: &Fates, others: &Fates) -> Stratum {
    Stratum {
        exposed_hits: hits(exposed) as f64,
        exposed: exposed.count() as f64,
        other_hits: hits(others) as f64,
        others: others.count() as f64,
    }
}

/// Gives the risk of the outcome within the horizon by the actuarial life table; without early ends it is the plain share.
fn risk(fates: &Fates) -> f64 {
    let [hits, ends] = [&fates.0[..PARTS], &fates.0[PARTS..FATES - 1]];
    let (mut left, mut free) = (fates.count() as f64, 1.0);
    for (hit, end) in hits.iter().zip(ends) {
        let at_risk = left - f64::from(*end) / 2.0;
        if at_risk > 0.0 {
            free *= 1.0 - f64::from(*hit) / at_risk;
        }
        left -= f64::from(*hit) + f64::from(*end);
    }
    1.0 - free.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_early_ends_the_risk_is_the_share() {
        let mut fates = Fates::default();
        (fates.0[0], fates.0[3], fates.0[FATES - 1]) = (3, 2, 5);
        assert!((risk(&fates) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_window_that_ends_early_counts_half_in_its_part() {
        let mut fates = Fates::default();
        // 10 moments; in the first part 1 outcome and 4 ends: 1 of 8. In the second 1 outcome of the 5 that are left.
        (fates.0[0], fates.0[1], fates.0[PARTS], fates.0[FATES - 1]) = (1, 1, 4, 4);
        assert!((risk(&fates) - (1.0 - 7.0 / 8.0 * 4.0 / 5.0)).abs() < 1e-12);
    }
}
