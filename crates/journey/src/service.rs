//! Service against experience: the share of all touchpoints that are calls for help, by stage and over time.
//!
//! Good experience needs little service. When the share grows, the process needs attention; this says in which stage.
//!
//! - A contact within the gap after another one is the same call repeated; it is counted apart and is neither call nor touch.
//! - A call belongs to the stage where the customer was: that of the last touchpoint before it that has one.
//! - The share of a stage is its calls by its calls and other touches. Intervals are of 95 % and know that a customer comes many times: the
//!   delete-a-group jackknife over the parts that customers are dealt to.
//! - Growth is the share since a time less the share before it. Which stage needs attention: of those that grew, with false discoveries held
//!   at 5 % (Benjamini & Hochberg), the one with the most calls beyond what the old share would have brought.
//! - The growth of all stages together is split in two (Kitagawa, Journal of the American Statistical Association 50, 1955): that stages with many calls are
//!   visited more (mix), and that stages bring more calls (rate).

use std::collections::BTreeMap;

use crate::stats::{self, Estimate};
use crate::{Filter, Log, TouchpointSet, Trail};

const DAY_MS: i64 = 86_400_000;

/// What is looked at.
#[derive(Clone, Debug)]
pub struct ServiceQuery {
    /// What is looked at.
    pub filter: Filter,
    /// The touchpoints that are calls for help.
    pub contacts: TouchpointSet,
    /// The stage of each touchpoint, by its number.
    pub stages: Vec<Option<u8>>,
    /// How soon after a contact another one is the same one repeated.
    pub gap_ms: i64,
    /// Only what is at this time or later is counted, in milliseconds since 1970 UTC; what was before says where customers were.
    pub since: Option<i64>,
    /// From this time on it is recent, before it is earlier; in milliseconds since 1970 UTC.
    pub recent_since: i64,
}

/// How much of what customers meet is service.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ServiceResult {
    /// All stages together.
    pub all: ServiceShare,
    /// By stage; touchpoints and calls without a stage are last.
    pub stages: Vec<ServiceShare>,
    /// By week and stage.
    pub weeks: Vec<ServiceWeek>,
    /// The growth of the whole that comes from other stages being visited more.
    pub mix: Option<f64>,
    /// The growth of the whole that comes from stages bringing more calls.
    pub rate: Option<f64>,
    /// The place in `stages` of the one that needs attention.
    pub attention: Option<usize>,
}

/// Touches and calls of a stage.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ServiceShare {
    /// Which stage; none where none is known, and for all together.
    pub stage: Option<u8>,
    /// Earlier and recent together.
    pub count: ServiceCount,
    /// Before the recent time.
    pub earlier: ServiceCount,
    /// Since then.
    pub recent: ServiceCount,
    /// The share of calls.
    pub share: Option<Estimate>,
    /// The recent share less the earlier one.
    pub growth: Option<Estimate>,
    /// The smallest share of false discoveries at which the growth counts as one.
    pub q: Option<f64>,
}

/// What was counted in one week and stage.
#[derive(Clone, Debug, PartialEq, serde::Serialize, utoipa::ToSchema)]
pub struct ServiceWeek {
    /// When the week begins (Monday, UTC), in milliseconds since 1970 UTC.
    pub start: i64,
    /// Which stage.
    pub stage: Option<u8>,
    /// What was counted.
    pub count: ServiceCount,
}

/// Touches and calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct ServiceCount {
    /// Touchpoints that are no contact.
    pub touches: u64,
    /// Calls for help, repeats folded.
    pub calls: u64,
    /// Contacts that repeat a call.
    pub repeats: u64,
}

impl ServiceCount {
    fn add(&mut self, other: ServiceCount) {
        self.touches += other.touches;
        self.calls += other.calls;
        self.repeats += other.repeats;
    }

    fn less(self, other: ServiceCount) -> ServiceCount {
        ServiceCount {
            touches: self.touches - other.touches,
            calls: self.calls - other.calls,
            repeats: self.repeats - other.repeats,
        }
    }

    fn plus(mut self, other: ServiceCount) -> ServiceCount {
        self.add(other);
        self
    }

    fn all(self) -> f64 {
        (self.touches + self.calls) as f64
    }

    fn share(self) -> Option<f64> {
        (self.all() > 0.0).then(|| self.calls as f64 / self.all())
    }
}

/// Earlier and recent.
type Pair = [ServiceCount; 2];

/// Stages without a number come after all others.
type Stage = (bool, u8);

/// What a part of the customers adds up to.
#[derive(Default)]
struct Part {
    weeks: BTreeMap<(i64, Stage), ServiceCount>,
    stages: BTreeMap<Stage, Pair>,
}

/// Gives how much of what customers meet is service, where, and whether it grows.
pub fn service(log: &Log, query: &ServiceQuery) -> ServiceResult {
    let step = |parts: &mut Vec<Part>, trail: Trail| parts[0].take(query, trail);
    let parts = log.fold(
        &query.filter,
        || vec![Part::default()],
        step,
        |mut one, other| {
            one.extend(other);
            one
        },
    );
    let mut whole = Part::default();
    parts.iter().for_each(|part| whole.merge(part));
    let numbers: Vec<usize> = (0..parts.len())
        .filter(|part| !parts[*part].stages.is_empty())
        .collect();
    let of = |stage: Option<&Stage>, skip: Option<usize>| {
        skip.map_or(whole.pair(stage), |part| {
            let ([earlier, recent], gone) = (whole.pair(stage), parts[part].pair(stage));
            [earlier.less(gone[0]), recent.less(gone[1])]
        })
    };
    let share = |stage: Option<&Stage>| {
        let [earlier, recent] = of(stage, None);
        let all = |skip: Option<usize>| of(stage, skip)[0].plus(of(stage, skip)[1]).share();
        let growth = |skip: Option<usize>| Some(of(stage, skip)[1].share()? - of(stage, skip)[0].share()?);
        let swing = stats::jackknife(&numbers, growth);
        ServiceShare {
            stage: stage.and_then(number),
            count: earlier.plus(recent),
            earlier,
            recent,
            share: stats::jackknife(&numbers, all).map(stats::Swing::estimate),
            growth: swing.map(stats::Swing::estimate),
            q: swing.map(stats::Swing::chance_of_more),
        }
    };
    let mut stages: Vec<ServiceShare> = whole.stages.keys().map(|stage| share(Some(stage))).collect();
    control(&mut stages);
    let weeks = whole.weeks.iter().map(|((start, stage), count)| ServiceWeek {
        start: *start,
        stage: number(stage),
        count: *count,
    });
    let split = split(&whole.stages);
    ServiceResult {
        all: share(None),
        attention: attention(&stages),
        stages,
        weeks: weeks.collect(),
        mix: split.map(|(mix, _)| mix),
        rate: split.map(|(_, rate)| rate),
    }
}

const fn number(stage: &Stage) -> Option<u8> {
    if stage.0 { None } else { Some(stage.1) }
}

impl Part {
    fn take(&mut self, query: &ServiceQuery, trail: Trail) {
        let (mut place, mut last): (Stage, Option<i64>) = ((true, 0), None);
        for (touchpoint, time) in trail.touchpoints.iter().zip(trail.times) {
            let mut count = ServiceCount::default();
            let mut own = place;
            if query.contacts.contains(*touchpoint) {
                let is_repeat = last.is_some_and(|last| time.saturating_sub(last) <= query.gap_ms);
                (count.calls, count.repeats) = (u64::from(!is_repeat), u64::from(is_repeat));
                last = Some(*time);
            } else {
                let stage = query.stages.get(touchpoint.index()).copied().flatten();
                own = stage.map_or((true, 0), |stage| (false, stage));
                place = if stage.is_some() { own } else { place };
                count.touches = 1;
            }
            if query.since.is_some_and(|since| *time < since) {
                continue;
            }
            // 1970 began on a Thursday; weeks begin on Monday.
            let week = (time + 3 * DAY_MS).div_euclid(7 * DAY_MS) * 7 * DAY_MS - 3 * DAY_MS;
            self.weeks.entry((week, own)).or_default().add(count);
            self.stages.entry(own).or_default()[usize::from(*time >= query.recent_since)].add(count);
        }
    }

    fn merge(&mut self, other: &Part) {
        other
            .weeks
            .iter()
            .for_each(|(key, count)| self.weeks.entry(*key).or_default().add(*count));
        for (stage, [earlier, recent]) in &other.stages {
            let pair = self.stages.entry(*stage).or_default();
            pair[0].add(*earlier);
            pair[1].add(*recent);
        }
    }

    /// One stage, or all of them.
    fn pair(&self, stage: Option<&Stage>) -> Pair {
        match stage {
            Some(stage) => self.stages.get(stage).copied().unwrap_or_default(),
            None => self.stages.values().fold(Pair::default(), |sum, pair| {
                [sum[0].plus(pair[0]), sum[1].plus(pair[1])]
            }),
        }
    }
}

/// Turns the stages' chances into shares of false discoveries.
fn control(stages: &mut [ServiceShare]) {
    let chances: Vec<f64> = stages.iter().filter_map(|stage| stage.q).collect();
    let known = stages.iter_mut().filter(|stage| stage.q.is_some());
    known
        .zip(stats::false_discovery(&chances))
        .for_each(|(stage, q)| stage.q = Some(q));
}

fn attention(stages: &[ServiceShare]) -> Option<usize> {
    let beyond =
        |stage: &ServiceShare| stage.recent.calls as f64 - stage.earlier.share().unwrap_or(0.0) * stage.recent.all();
    let grown = (0..stages.len()).filter(|place| stages[*place].q.is_some_and(|q| q <= 0.05));
    grown.max_by(|one, other| beyond(&stages[*one]).total_cmp(&beyond(&stages[*other])))
}

/// Splits the growth of the whole into mix and rate; none where a side is empty.
fn split(stages: &BTreeMap<Stage, Pair>) -> Option<(f64, f64)> {
    let sum = |side: usize| stages.values().map(|pair| pair[side].all()).sum::<f64>();
    let all = [sum(0), sum(1)];
    if all[0] == 0.0 || all[1] == 0.0 {
        return None;
    }
    let (mut mix, mut rate) = (0.0, 0.0);
    for pair in stages.values() {
        let weights = [pair[0].all() / all[0], pair[1].all() / all[1]];
        // A stage that one side does not know cannot have changed its share: all of it is mix.
        let known = pair[0].share().or(pair[1].share()).unwrap_or(0.0);
        let shares = [pair[0].share().unwrap_or(known), pair[1].share().unwrap_or(known)];
        mix += (weights[1] - weights[0]) * (shares[0] + shares[1]) / 2.0;
        rate += (shares[1] - shares[0]) * (weights[0] + weights[1]) / 2.0;
    }
    Some((mix, rate))
}

#[cfg(test)]
mod tests;
