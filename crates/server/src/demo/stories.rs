//! What the customers of the demo wrote about in the past: stories set on a calendar.

use anyhow::Context;
use domain::Time;
use serde::Deserialize;

use super::chance::Chance;

/// A customer of the demo.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    pub phone: String,
    pub email: String,
    pub home: String,
    pub time_zone: String,
    pub tier: String,
    pub booking: String,
    pub stay: String,
    pub tags: Vec<String>,
    /// Whether the company had a file before the first text.
    pub known: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    #[serde(rename = "name")]
    _name: String,
    kind: Kind,
    weight: i64,
    lines: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Past,
    Stop,
    Open,
}

/// Something that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Text(String),
    Reply(String),
    Note(String),
    Tag(String),
    Close,
    Snooze,
    /// Says what the customer wrote for: something went wrong at the touchpoint of this name, or else they wanted something.
    Judge(Option<String>),
}

/// Something that somebody does at a time.
#[derive(Debug, Clone)]
pub struct Step {
    /// When.
    pub at: Time,
    /// With which customer, counted from 0.
    pub person: usize,
    /// What.
    pub act: Act,
}

#[derive(Deserialize)]
struct People {
    customers: Vec<Person>,
}

#[derive(Deserialize)]
struct Stories {
    stories: Vec<Story>,
}

/// How far back the history goes.
const DAYS: i64 = 120;
/// Days between two stories of one customer, so that a menu that was left has ended by itself.
const APART: i64 = 5;

/// Gives the customers and all that happened with them until `now`, in the order it happened.
pub fn plan(now: Time) -> anyhow::Result<(Vec<Person>, Vec<Step>)> {
    let people: People =
        toml::from_str(include_str!("../../../../demo/customers.toml")).context("demo/customers.toml")?;
    let stories: Stories =
        toml::from_str(include_str!("../../../../demo/stories.toml")).context("demo/stories.toml")?;
    let people = people.customers;
    let of = |kind| -> Vec<Story> {
        stories
            .stories
            .iter()
            .filter(|story| story.kind == kind)
            .cloned()
            .collect()
    };
    let (past, stop, open) = (of(Kind::Past), of(Kind::Stop), of(Kind::Open));
    let mut chance = Chance::new(2041);
    let mut steps = Vec::new();
    for (n, person) in people.iter().enumerate() {
        // Those with something of today or of two days ago had nothing else lately.
        let is_busy = n % 2 == 0 || n + stop.len() >= people.len();
        for day in days(&mut chance, if is_busy { APART } else { 1 }) {
            let story = chance.weighed(&past, |story| story.weight).clone();
            let start = morning(now, day).plus_seconds(chance.between(0, 12 * 3600));
            steps.extend(tell(&story, (n, person), start, &mut chance)?);
        }
    }
    // The last customers end all texts, the first ones are in the middle of something.
    for (story, n) in stop.iter().zip((0..people.len()).rev()) {
        let start = morning(now, 2).plus_seconds(chance.between(0, 12 * 3600));
        steps.extend(tell(story, (n, &people[n]), start, &mut chance)?);
    }
    for (story, n) in open.iter().cycle().zip((0..people.len()).step_by(2)) {
        let told = tell(story, (n, &people[n]), Time(0), &mut chance)?;
        let ends = now.plus_seconds(-chance.between(120, 7200));
        let shift = ends.0 - told.last().map_or(0, |step| step.at.0);
        steps.extend(told.into_iter().map(|step| Step {
            at: Time(step.at.0 + shift),
            ..step
        }));
    }
    steps.sort_by_key(|step| step.at);
    Ok((people, steps))
}

/// Gives days back from today on which one customer writes, the oldest first and none after `newest`; lately there are more.
fn days(chance: &mut Chance, newest: i64) -> Vec<i64> {
    let mut days: Vec<i64> = Vec::new();
    let mut day = newest + chance.between(0, 25);
    while day <= DAYS {
        days.push(day);
        day += APART + chance.between(0, 20) + day / 3;
    }
    days.reverse();
    days
}

/// Gives 08:00 UTC so many days ago.
fn morning(now: Time, days_ago: i64) -> Time {
    let day = 86_400_000_000;
    Time((now.0 / day - days_ago) * day).plus_seconds(8 * 3600)
}

/// Sets one story on the calendar.
fn tell(story: &Story, (n, person): (usize, &Person), start: Time, chance: &mut Chance) -> anyhow::Result<Vec<Step>> {
    let mut at = start;
    let mut before = None;
    let mut steps = Vec::new();
    for line in &story.lines {
        let (who, text) = line.split_once(": ").unwrap_or((line, ""));
        let seconds = match (who, before) {
            (_, None) => 0,
            ("agent", Some("agent")) => chance.between(25, 80),
            ("agent", _) => chance.between(60, 840),
            ("customer", Some("customer")) => chance.between(15, 60),
            ("customer", _) => chance.between(30, 300),
            ("rate", _) => chance.between(90, 1500),
            ("close", _) => chance.between(60, 600),
            _ => chance.between(10, 50),
        };
        at = at.plus_seconds(seconds);
        before = Some(who);
        let text = fill(text, person);
        let act = match who {
            "customer" | "rate" => Act::Text(text),
            "agent" => Act::Reply(text),
            "note" => Act::Note(text),
            "tag" => Act::Tag(text),
            "close" => Act::Close,
            "snooze" => Act::Snooze,
            _ => anyhow::bail!("demo/stories.toml: nobody is '{who}'"),
        };
        steps.push(Step { at, person: n, act });
    }
    Ok(steps)
}

fn fill(text: &str, person: &Person) -> String {
    let first = person.name.split(' ').next().unwrap_or_default();
    let known = [
        ("{first}", first),
        ("{booking}", &person.booking),
        ("{stay}", &person.stay),
        ("{home}", &person.home),
    ];
    known
        .iter()
        .fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_the_same_each_time_and_ends_now() {
        let now: Time = "2026-03-04T10:00:00Z".parse().unwrap();
        let (people, steps) = plan(now).unwrap();
        let again = plan(now).unwrap().1;
        assert_eq!(people.len(), 60);
        assert!(steps.len() > 700, "{}", steps.len());
        assert!(steps.iter().all(|step| step.at < now));
        assert!(steps.iter().zip(&again).all(|(a, b)| (a.at, &a.act) == (b.at, &b.act)));
        let oldest = now.plus_seconds(-(DAYS + 2) * 86_400);
        assert!(steps[0].at > oldest && steps[0].at < now.plus_seconds(-60 * 86_400));
    }

    #[test]
    fn every_text_of_the_demo_fits_the_plain_alphabet_of_texts() {
        for step in plan(Time(1_800_000_000_000_000)).unwrap().1 {
            if let Act::Text(text) | Act::Reply(text) = step.act {
                let alphabet = domain::segments::segments(&text).encoding;
                assert_eq!(alphabet, domain::segments::Encoding::Gsm7, "{text}");
                assert!(!text.contains('{'), "{text}");
            }
        }
    }
}
