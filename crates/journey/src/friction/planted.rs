//! A company with causes planted in it, and what would have happened otherwise.
//!
//! Customers walk through four stages, moment by moment. Who they are (group), when it is (week) and a hidden proneness that has nothing to
//! do with their way decide how readily they ask for help; group and week also decide how often the guilty touchpoint is met.
//!
//! The truth of an effect is found by living each exposed moment twice: as it was, and with the touchpoint replaced by one that a comparison of
//! the same stratum met, from which the walk goes on by fresh chance.

use std::collections::HashMap;
use std::sync::Arc;

use domain::CustomerId;

use super::study::{Facts, Outcome, Study};
use super::{DAY_MS, FrictionQuery};
use crate::stats::Chance;
use crate::{Log, Touchpoint, Trail};

/// Ordinary touchpoints of the first three stages.
pub const ORDINARY: [Touchpoint; 7] = [
    Touchpoint(0),
    Touchpoint(1),
    Touchpoint(2),
    Touchpoint(3),
    Touchpoint(4),
    Touchpoint(9),
    Touchpoint(10),
];
/// Everybody meets it on coming to the second stage.
pub const WELCOME: Touchpoint = Touchpoint(5);
/// Brings contacts.
pub const GUILTY: Touchpoint = Touchpoint(6);
/// Only leads to the guilty one, often.
pub const PRECEDES: Touchpoint = Touchpoint(7);
/// Makes people leave without asking.
pub const SILENT: Touchpoint = Touchpoint(8);
const GOAL: Touchpoint = Touchpoint(11);
const CALL: Touchpoint = Touchpoint(12);

const STAGES: [Option<u8>; 13] = [
    Some(0),
    Some(0),
    Some(1),
    Some(1),
    Some(1),
    Some(1),
    Some(1),
    Some(1),
    Some(1),
    Some(2),
    Some(2),
    Some(3),
    None,
];
const WEEKS: i64 = 6;
const END: i64 = 7 * DAY_MS * (WEEKS + 8);

/// How strong the planted causes are.
#[derive(Clone, Copy)]
pub struct Strength {
    /// The probability that the guilty touchpoint brings a contact, beside what is usual.
    pub harm: f64,
    /// The probability that the preceding touchpoint leads to the guilty one.
    pub leads: f64,
    /// The probability that the silent touchpoint makes a customer leave.
    pub loss: f64,
}

pub const STRENGTH: Strength = Strength {
    harm: 0.2,
    leads: 0.7,
    loss: 0.35,
};

#[derive(Clone, Copy)]
struct Person {
    group: u32,
    proneness: f64,
}

/// Everything one customer did: steps, and contacts with the step that they came from.
#[derive(Default)]
struct Life {
    steps: Vec<(i64, Touchpoint)>,
    contacts: Vec<(i64, usize)>,
}

pub struct Company {
    people: Vec<Person>,
    lives: Vec<Life>,
    strength: Strength,
}

impl Company {
    pub fn new(seed: u64, customers: usize, strength: Strength) -> Company {
        let chance = &mut Chance::new(seed);
        let (mut people, mut lives) = (Vec::new(), Vec::new());
        for _ in 0..customers {
            let person = Person {
                group: u32::from(chance.share() < 0.4),
                proneness: if chance.share() < 0.5 { 0.5 } else { 1.5 },
            };
            let start = (chance.share() * (7 * DAY_MS * WEEKS) as f64) as i64;
            let first = Touchpoint(chance.below(2) as u16);
            lives.push(walk(chance, strength, person, (start, first)));
            people.push(person);
        }
        Company {
            people,
            lives,
            strength,
        }
    }

    pub fn query(&self) -> FrictionQuery {
        let groups = self
            .people
            .iter()
            .enumerate()
            .map(|(who, person)| (CustomerId(who as i64), person.group));
        FrictionQuery {
            groups: Some(Arc::new(groups.collect())),
            ..FrictionQuery::new([CALL].into_iter().collect(), STAGES.to_vec(), END)
        }
    }

    pub fn events(&self) -> Vec<(CustomerId, Touchpoint, i64)> {
        let lives = self.lives.iter().enumerate();
        lives
            .flat_map(|(who, life)| {
                let contacts = life.contacts.iter().map(|(at, _)| (*at, CALL));
                life.steps
                    .iter()
                    .copied()
                    .chain(contacts)
                    .map(move |(at, what)| (CustomerId(who as i64), what, at))
            })
            .collect()
    }

    pub fn log(&self) -> Log {
        let mut log = Log::new(STAGES.len());
        log.add(&self.events());
        log
    }

    /// Gives the true effect of touchpoints on an outcome: the mean over their exposed moments of what happened less what
    /// would have happened.
    pub fn truth(&self, outcome: Outcome, touchpoints: &[Touchpoint]) -> Vec<f64> {
        let (log, query) = (self.log(), self.query());
        let study = Study {
            query: &query,
            outcome,
            without: None,
        };
        let moments = moments(&log, study);
        let mut chance = Chance::new(99);
        let mut truths = Vec::new();
        for touchpoint in touchpoints {
            let mut others: HashMap<u64, Vec<Touchpoint>> = HashMap::new();
            for moment in moments
                .iter()
                .filter(|moment| !moment.lately.contains(touchpoint) && moment.own != *touchpoint)
            {
                others.entry(moment.stratum).or_default().push(moment.own);
            }
            let (mut sum, mut count) = (0.0, 0.0);
            let exposed = moments
                .iter()
                .filter(|moment| moment.own == *touchpoint && !moment.lately.contains(touchpoint));
            for moment in exposed {
                let Some(alike) = others.get(&moment.stratum) else {
                    continue;
                };
                let instead = alike[chance.below(alike.len())];
                let otherwise = self.otherwise(&mut chance, outcome, moment, instead);
                sum += f64::from(u8::from(moment.is_hit)) - f64::from(u8::from(otherwise));
                count += 1.0;
            }
            truths.push(sum / count);
        }
        truths
    }

    /// Whether the outcome would have come, had another touchpoint been met at a moment.
    fn otherwise(&self, chance: &mut Chance, outcome: Outcome, moment: &Lived, instead: Touchpoint) -> bool {
        let life = &self.lives[moment.who];
        let start = life.steps[moment.step].0;
        let is_soon = |at: i64| at > start && at <= start + 7 * DAY_MS;
        let other = walk(chance, self.strength, self.people[moment.who], (start, instead));
        let stage = |touchpoint: Touchpoint| STAGES[touchpoint.index()];
        match outcome {
            Outcome::Progress => other
                .steps
                .iter()
                .any(|(at, what)| is_soon(*at) && stage(*what) > stage(instead)),
            _ => {
                let pending = life.contacts.iter().filter(|(_, step)| *step < moment.step);
                pending.chain(&other.contacts).any(|(at, _)| is_soon(*at))
            }
        }
    }
}

/// A moment at risk, found again in the life it is from.
struct Lived {
    who: usize,
    step: usize,
    own: Touchpoint,
    lately: Vec<Touchpoint>,
    stratum: u64,
    is_hit: bool,
}

fn moments(log: &Log, study: Study) -> Vec<Lived> {
    let step = |lived: &mut Vec<Lived>, trail: Trail| {
        for moment in study.moments(trail, &mut Facts::default(), || ()) {
            let is_step = |touchpoint: &&Touchpoint| **touchpoint != CALL;
            let since = trail.times[moment.place] - study.washout_ms();
            let first = trail.times.partition_point(|at| *at < since);
            lived.push(Lived {
                who: trail.customer.0 as usize,
                step: trail.touchpoints[..moment.place].iter().filter(is_step).count(),
                own: trail.touchpoints[moment.place],
                lately: trail.touchpoints[first..moment.place].to_vec(),
                stratum: moment.stratum,
                is_hit: moment.hit_at.is_some(),
            });
        }
    };
    log.fold(&study.query.filter, Vec::new, step, |mut one, other| {
        one.extend(other);
        one
    })
}

/// Walks on from a touchpoint.
fn walk(chance: &mut Chance, strength: Strength, person: Person, first: (i64, Touchpoint)) -> Life {
    let (mut life, (mut time, mut touchpoint)) = (Life::default(), first);
    loop {
        let stage = STAGES[touchpoint.index()].unwrap();
        contacts(chance, strength, person, (time, touchpoint), &mut life);
        life.steps.push((time, touchpoint));
        let leaves = if touchpoint == SILENT { strength.loss } else { 0.05 };
        if touchpoint == GOAL || chance.share() < leaves || life.steps.len() > 40 {
            return life;
        }
        time += 1 + (-(1.0 - chance.share()).ln() * 1.2 * DAY_MS as f64) as i64;
        let goes_on = chance.share() < 0.25;
        touchpoint = match stage + u8::from(goes_on) {
            0 => Touchpoint(chance.below(2) as u16),
            1 if goes_on => WELCOME,
            1 => second_stage(chance, strength, person, (time, touchpoint)),
            2 => Touchpoint(9 + chance.below(2) as u16),
            _ => GOAL,
        };
    }
}

fn second_stage(
    chance: &mut Chance,
    strength: Strength,
    person: Person,
    (time, last): (i64, Touchpoint),
) -> Touchpoint {
    if last == PRECEDES && chance.share() < strength.leads {
        return GUILTY;
    }
    let guilty = 0.04 + 0.06 * f64::from(person.group) + 0.06 * f64::from(u8::from(is_busy(time)));
    let drawn = chance.share();
    if drawn < guilty {
        return GUILTY;
    }
    match (drawn - guilty) / (1.0 - guilty) {
        ..0.4 => Touchpoint(2),
        ..0.65 => Touchpoint(3),
        ..0.77 => Touchpoint(4),
        ..0.91 => PRECEDES,
        _ => SILENT,
    }
}

/// Weeks in which more is asked and the guilty touchpoint is met more often.
fn is_busy(time: i64) -> bool {
    (time / (7 * DAY_MS)) % 2 == 1
}

fn contacts(
    chance: &mut Chance,
    strength: Strength,
    person: Person,
    (time, touchpoint): (i64, Touchpoint),
    life: &mut Life,
) {
    let usual = 0.01 + 0.01 * f64::from(person.group) + 0.01 * f64::from(u8::from(is_busy(time)));
    let harm = if touchpoint == GUILTY { strength.harm } else { 0.0 };
    for (probability, days) in [(usual * person.proneness, 3.0), (harm, 2.0)] {
        if chance.share() >= probability {
            continue;
        }
        let at = time + 1 + (chance.share() * days * DAY_MS as f64) as i64;
        life.contacts.push((at, life.steps.len()));
        if chance.share() < 0.3 {
            life.contacts
                .push((at + DAY_MS + (chance.share() * DAY_MS as f64) as i64, life.steps.len()));
        }
    }
}
