//! A season of visitors: each walks through the places of `demo/season.toml`, and some text the desk on the way.
//!
//! What was planted there, for the journeys to find, is said there. The walks are the same each time, but for the day they end on.

use std::collections::HashMap;

use anyhow::Context;
use domain::{
    Actor, CustomerId, Event, SourceId, StageId, Time,
    collection::{Object, Tally},
    event::Happening,
    identity::NamedId,
    touchpoint::{self, TouchpointRole},
};
use serde::Deserialize;
use store::{
    Tx, customers, events, sources,
    touchpoints::{self, Touchpoint},
};

use super::{
    chance::Chance,
    stories::{Act, Person, Step},
};

/// A day, in seconds.
const DAY: i64 = 86_400;
/// The most places that one visitor comes to.
const LONGEST: usize = 40;
/// The longest time until somebody who asks for help does, in seconds.
const HESITATION: i64 = 2 * DAY;
/// Of one conversation in so many an agent says why the customer wrote.
const JUDGED: usize = 3;
/// Where at least so many in a hundred ask for help, something went wrong.
const TROUBLE: i64 = 10;
/// Where events come from, each with a key of its own.
pub const SOURCES: [&str; 3] = ["Website", "App", "Reception"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    visitors: usize,
    days: i64,
    stages: Vec<Stage>,
    first_names: Vec<String>,
    last_names: Vec<String>,
    areas: Vec<String>,
    answer: String,
    thanks: Vec<String>,
    places: Vec<Place>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    name: String,
    within_hours: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    name: String,
    kind: Kind,
    source: String,
    stage: String,
    channel: String,
    role: Option<TouchpointRole>,
    #[serde(default)]
    repeats: bool,
    #[serde(default)]
    in_order: bool,
    #[serde(default)]
    start: i64,
    wait: (i64, i64),
    #[serde(default)]
    signs_in: bool,
    #[serde(default)]
    asks: i64,
    #[serde(default)]
    words: Vec<String>,
    spell: Option<Spell>,
    #[serde(default)]
    campaign: Object,
    next: Vec<(String, i64)>,
}

/// A time in which others ask for help than usual, in days before the end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spell {
    from: i64,
    to: i64,
    asks: i64,
    words: Vec<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Track,
    Page,
    Screen,
}

/// Somebody's way through the season.
pub struct Visit {
    /// Who it is, once they have signed in, and when that was.
    pub person: Option<(Person, Time)>,
    /// Where they were.
    pub way: Vec<Stop>,
}

/// Somewhere to be: the place in the plan, and when.
pub type Stop = (usize, Time);

impl Visit {
    /// Gives the way before they signed in, and from then on.
    pub fn parts(&self) -> (&[Stop], &[Stop]) {
        let signed_in = self.person.as_ref().map_or(Time(i64::MAX), |(_, at)| *at);
        self.way.split_at(self.way.partition_point(|(_, at)| *at < signed_in))
    }
}

/// A season.
pub struct Season {
    plan: Plan,
    /// Everybody's way.
    pub visits: Vec<Visit>,
}

/// Plans the season that ends now: who was where, and what those who have signed in text; `first` is the number of the
/// first of them among all people.
pub fn plan(now: Time, first: usize) -> anyhow::Result<(Season, Vec<Step>)> {
    let plan: Plan = toml::from_str(include_str!("../../../../demo/season.toml")).context("demo/season.toml")?;
    let mut chance = Chance::new(1_911);
    let (mut visits, mut steps) = (Vec::new(), Vec::new());
    let mut known = 0;
    for _ in 0..plan.visitors {
        let way = walk(&plan, now, &mut chance)?;
        let sign_in = way.iter().find(|(place, _)| plan.places[*place].signs_in);
        let person = sign_in.map(|(_, at)| (person(&plan, known), *at));
        if person.is_some() {
            steps.extend(texts(&plan, &way, (first, known), now, &mut chance));
            known += 1;
        }
        visits.push(Visit { person, way });
    }
    Ok((Season { plan, visits }, steps))
}

fn walk(plan: &Plan, now: Time, chance: &mut Chance) -> anyhow::Result<Vec<Stop>> {
    let start = chance.weighed(&plan.places, |place| place.start);
    let mut at = now.plus_seconds(-chance.between(3_600, plan.days * DAY));
    let mut way = Vec::new();
    let mut name = start.name.as_str();
    while !name.is_empty() && at < now && way.len() < LONGEST {
        let number = plan.places.iter().position(|place| place.name == name);
        let number = number.with_context(|| format!("demo/season.toml has no place '{name}'"))?;
        way.push((number, at));
        name = &chance.weighed(&plan.places[number].next, |(_, weight)| *weight).0;
        if let Some(next) = plan.places.iter().find(|place| place.name == name) {
            at = at.plus_seconds(chance.between(next.wait.0 * 60, next.wait.1 * 60));
        }
    }
    Ok(way)
}

/// Gives what somebody texts on the way, and what is answered.
fn texts(plan: &Plan, way: &[Stop], (first, known): (usize, usize), now: Time, chance: &mut Chance) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut busy_until = Time(0);
    for (place, at) in way {
        let place = &plan.places[*place];
        let asked = at.plus_seconds(chance.between(600, HESITATION));
        let (asks, words) = place.asking(now, *at);
        let is_asking = chance.between(1, 100) <= asks;
        if !is_asking || asked < busy_until || asked.plus_seconds(2 * DAY) > now {
            continue;
        }
        let answered = asked.plus_seconds(chance.between(120, 5_400));
        let thanked = answered.plus_seconds(chance.between(60, 1_200));
        let closed = thanked.plus_seconds(chance.between(60, 1_200));
        let name = plan.first_names[names(plan, known).0].as_str();
        let acts = [
            (asked, Act::Text(chance.pick(words).clone())),
            (answered, Act::Reply(plan.answer.replace("{first}", name))),
            (thanked, Act::Text(chance.pick(&plan.thanks).clone())),
            (closed, Act::Close),
        ];
        // Agents say of some conversations why the customer wrote.
        let is_judged = (first + known).is_multiple_of(JUDGED);
        let cause = (asks >= TROUBLE).then(|| place.name.clone());
        let judged = is_judged.then(|| (closed.plus_seconds(60), Act::Judge(cause)));
        steps.extend(acts.into_iter().chain(judged).map(|(at, act)| Step {
            at,
            person: first + known,
            act,
        }));
        busy_until = closed.plus_seconds(DAY);
    }
    steps
}

/// Gives which first and last name somebody has, by their number.
fn names(plan: &Plan, number: usize) -> (usize, usize) {
    let first = number % plan.first_names.len();
    (
        first,
        (number / plan.first_names.len() + 7 * first) % plan.last_names.len(),
    )
}

fn person(plan: &Plan, number: usize) -> Person {
    let (first, last) = names(plan, number);
    let (first, last) = (&plan.first_names[first], &plan.last_names[last]);
    let mail = format!("{first}.{last}.{number}@example.com").to_lowercase();
    Person {
        name: format!("{first} {last}"),
        phone: format!(
            "+1{}55501{:02}",
            plan.areas[number / 100 % plan.areas.len()],
            number % 100
        ),
        email: mail,
        home: String::new(),
        time_zone: "America/New_York".to_owned(),
        tier: String::new(),
        booking: String::new(),
        stay: String::new(),
        tags: Vec::new(),
        known: false,
    }
}

impl Season {
    /// Records where a customer was in a part of their way.
    pub fn record(
        &self,
        tx: &mut Tx,
        customer: CustomerId,
        way: &[Stop],
        from: &HashMap<String, SourceId>,
    ) -> anyhow::Result<()> {
        for (place, at) in way {
            let place = &self.plan.places[*place];
            let source = *from.get(&place.source).context("the source is there")?;
            let happening = Happening {
                at: *at,
                customer: Some(customer),
                conversation: None,
                actor: Actor::customer(customer),
                event: place.event(source),
            };
            events::append(tx, &happening)?;
            let taken = Tally {
                taken: 1,
                ..Tally::default()
            };
            sources::count(tx, source, taken, *at)?;
        }
        Ok(())
    }

    /// Opens a file for a visitor whom nobody knows; gives also what the browser is known by.
    pub fn stranger(&self, tx: &mut Tx, number: usize, visit: &Visit) -> anyhow::Result<(CustomerId, NamedId)> {
        let at = visit.way.first().map_or(Time(0), |(_, at)| *at);
        let customer = customers::insert(tx, "", at)?;
        let browser = NamedId::new("anonymous_id", &format!("visitor-{number}"));
        customers::add_identity(tx, customer, (&browser.kind, &browser.value), false, at)?;
        Ok((customer, browser))
    }

    /// Gives the sources by their names.
    pub fn sources(tx: &mut Tx) -> store::Result<HashMap<String, SourceId>> {
        Ok(sources::list(tx)?
            .into_iter()
            .map(|source| (source.name, source.id))
            .collect())
    }

    /// Draws the journey: its stages, and what belongs where.
    pub fn draw(&self, tx: &mut Tx) -> anyhow::Result<()> {
        let mut stages = HashMap::new();
        for (position, Stage { name, within_hours }) in (1..).zip(&self.plan.stages) {
            let id = touchpoints::insert_stage(tx, name)?.context("the stage is new")?;
            let (name_of, within_hours) = (name.clone(), *within_hours);
            let row = touchpoints::Stage {
                id,
                name: name_of,
                position,
                within_hours,
            };
            touchpoints::update_stage(tx, &row)?;
            stages.insert(name.as_str(), id);
        }
        let customer = Some(CustomerId(1));
        let meeting = |place: &Place| {
            let event = place.event(SourceId(1));
            let happening = Happening {
                at: Time(0),
                customer,
                conversation: None,
                actor: Actor::SYSTEM,
                event,
            };
            touchpoint::meeting(&happening).context("it is a meeting")
        };
        let meetings: Vec<_> = self.plan.places.iter().map(meeting).collect::<anyhow::Result<_>>()?;
        touchpoints::ensure(tx, &meetings)?;
        for row in touchpoints::list(tx)? {
            let place = meetings
                .iter()
                .position(|meeting| Some(&meeting.signature) == row.signature.as_ref());
            if let Some(place) = place {
                touchpoints::update(tx, &self.plan.places[place].drawn(row, &stages)?)?;
            }
        }
        Ok(())
    }
}

impl Place {
    /// Gives how many in a hundred ask for help who were there at that time, and in which words.
    fn asking(&self, now: Time, at: Time) -> (i64, &[String]) {
        let is_on = |spell: &&Spell| {
            let [from, to] = [spell.from, spell.to].map(|days| now.plus_seconds(-days * DAY));
            from <= at && at < to
        };
        let spell = self.spell.as_ref().filter(is_on);
        spell.map_or((self.asks, &self.words), |spell| (spell.asks, &spell.words))
    }

    fn event(&self, source: SourceId) -> Event {
        let (name, properties, told_at) = (self.name.clone(), Object::new(), None);
        let mut context = Object::new();
        if !self.campaign.is_empty() {
            context.insert("campaign".to_owned(), self.campaign.clone().into());
        }
        match self.kind {
            Kind::Track => Event::ActionTracked {
                source,
                name,
                properties,
                context,
                told_at,
            },
            Kind::Page => Event::PageViewed {
                source,
                name,
                category: String::new(),
                properties,
                context,
                told_at,
            },
            Kind::Screen => Event::ScreenViewed {
                source,
                name,
                properties,
                context,
                told_at,
            },
        }
    }

    fn drawn(&self, row: Touchpoint, stages: &HashMap<&str, StageId>) -> anyhow::Result<Touchpoint> {
        let stage = stages
            .get(self.stage.as_str())
            .with_context(|| format!("{}: no such stage", self.name))?;
        Ok(Touchpoint {
            stage_id: Some(*stage),
            channel: self.channel.clone(),
            role: self.role.unwrap_or(TouchpointRole::Free),
            repeats: self.repeats,
            is_alongside: !self.in_order,
            ..row
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_is_somebody_else_and_every_place_is_met() {
        let now: Time = "2026-03-04T10:00:00Z".parse().expect("a time");
        let (season, steps) = plan(now, 60).expect("the plan is right");
        let people: Vec<&Person> = season
            .visits
            .iter()
            .filter_map(|visit| visit.person.as_ref())
            .map(|known| &known.0)
            .collect();
        let phones: BTreeSet<&str> = people.iter().map(|person| person.phone.as_str()).collect();
        let names: BTreeSet<&str> = people.iter().map(|person| person.name.as_str()).collect();
        assert_eq!((phones.len(), names.len()), (people.len(), people.len()));
        let met: BTreeSet<usize> = season
            .visits
            .iter()
            .flat_map(|visit| &visit.way)
            .map(|(place, _)| *place)
            .collect();
        assert_eq!(met.len(), season.plan.places.len());
        assert!(
            season
                .visits
                .iter()
                .flat_map(|visit| &visit.way)
                .all(|(_, at)| *at < now)
        );
        assert!(steps.iter().all(|step| step.at < now && step.person >= 60));
        let asked = steps.iter().filter(|step| matches!(step.act, Act::Reply(_))).count();
        assert!((100..400).contains(&asked), "{asked} conversations");
    }
}
