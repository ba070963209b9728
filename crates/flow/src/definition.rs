//! A flow as it was defined: its name, what starts it, its steps.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    check, fold, limits,
    reading::{Fields, Problem, Reading, Severity},
    step::Step,
    trigger::Trigger,
    yaml::{self, At, Node, Value},
};

/// A flow as it was defined.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Definition {
    /// Its name: small letters, digits, `-` and `_`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// Whether a keyword of another flow may end a session of this one.
    pub interruptible: bool,
    /// How long a session lives when nothing comes.
    pub expires_minutes: i64,
    /// Words that ask for a person at any question.
    pub escape: Vec<String>,
    /// The steps in the order written; the first is where it begins.
    #[serde(serialize_with = "by_name")]
    pub steps: Vec<Step>,
    /// The step it begins with.
    start: String,
}

const DEFAULT_EXPIRES_MINUTES: i64 = 24 * 60;
const DEFAULT_ESCAPE: [&str; 9] = [
    "agent",
    "human",
    "person",
    "representative",
    "operator",
    "somebody",
    "mensch",
    "mitarbeiter",
    "berater",
];

impl Definition {
    /// Reads a definition; gives everything that is wrong when it cannot run.
    pub fn parse(source: &str) -> Result<Definition, Vec<Problem>> {
        let (definition, problems) = Definition::read(source);
        let can_run = problems.iter().all(|problem| problem.severity == Severity::Warning);
        definition.filter(|_| can_run).ok_or(problems)
    }

    /// Reads as much as can be read, and lists what is wrong with it in the order of the file.
    pub(crate) fn read(source: &str) -> (Option<Definition>, Vec<Problem>) {
        let top = At { line: 1, column: 1 };
        if source.len() > limits::SOURCE_BYTES {
            return (
                None,
                vec![Problem::error(
                    top,
                    format!("a flow is at most {} bytes", limits::SOURCE_BYTES),
                )],
            );
        }
        let node = match yaml::parse(source) {
            Ok(node) => node,
            Err(problem) => return (None, vec![problem]),
        };
        let mut reading = Reading::default();
        let definition = read(&node, &mut reading);
        check::check(&definition, &mut reading);
        let mut problems = reading.problems;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems.dedup();
        (Some(definition), problems)
    }

    /// Gives the step it begins with.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// Gives a step by its name.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Says whether a text asks for a person and for nothing else: `agent`, `can I talk to a human please`.
    pub(crate) fn asks_for_person(&self, text: &str) -> bool {
        let mut words = fold::words(text)
            .into_iter()
            .filter(|word| !SMALL_TALK.contains(&word.as_str()))
            .peekable();
        words.peek().is_some() && words.all(|word| self.escape.contains(&word))
    }
}

/// Words around the one that asks for a person.
const SMALL_TALK: [&str; 45] = [
    "a", "an", "the", "to", "with", "i", "me", "you", "we", "can", "could", "may", "want", "need", "would", "like",
    "d", "please", "speak", "talk", "chat", "get", "give", "connect", "transfer", "let", "real", "live", "actual",
    "now", "my", "for", "hello", "ich", "mit", "einem", "einen", "mochte", "will", "kann", "bitte", "sprechen",
    "reden", "sie", "mich",
];

/// Gives a name as people write it: `change-travel` is "Change travel".
fn in_words(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn read(node: &Node, reading: &mut Reading) -> Definition {
    let mut fields = reading.fields(node, "a flow");
    let name = fields.need("name", reading);
    let name = name.map(|node| read_name(node, reading)).unwrap_or_default();
    let title = fields
        .take("title")
        .map(|node| reading.text(node, "'title'"))
        .unwrap_or_else(|| in_words(&name));
    let triggers = fields
        .take("when")
        .map(|node| Trigger::read_list(node, reading))
        .unwrap_or_default();
    let interruptible = fields
        .take("interruptible")
        .is_none_or(|node| reading.flag(node, "'interruptible'"));
    let expires_minutes = read_expires(&mut fields, reading);
    let escape = fields.take("escape").map(|node| reading.texts(node, "'escape'"));
    let escape = escape
        .unwrap_or_else(|| DEFAULT_ESCAPE.map(str::to_owned).into())
        .iter()
        .map(|word| fold::line(word))
        .collect();
    let steps = fields
        .need("steps", reading)
        .map(|node| read_steps(node, reading))
        .unwrap_or_default();
    fields.finish(reading);
    let start = steps.first().map(|step| step.id.clone()).unwrap_or_default();
    Definition {
        name,
        title,
        triggers,
        interruptible,
        expires_minutes,
        escape,
        steps,
        start,
    }
}

fn read_name(node: &Node, reading: &mut Reading) -> String {
    let name = reading.text(node, "'name'");
    if !is_name(&name.replace('-', "_")) && !name.is_empty() {
        reading.error(
            node.at,
            "a flow's name has small letters, digits, '-' and '_', and begins with a letter",
        );
    }
    name
}

/// Says whether a word can name a step or an answer, and so stand after a point in a text.
pub(crate) fn is_name(word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(is_part) && word.len() <= 64
}

fn read_expires(fields: &mut Fields, reading: &mut Reading) -> i64 {
    let Some(node) = fields.take("expires") else {
        return DEFAULT_EXPIRES_MINUTES;
    };
    let minutes = reading.seconds(node, "'expires'") / 60;
    let range = limits::EXPIRES_MINUTES;
    if minutes != 0 && !range.contains(&minutes) {
        reading.error(node.at, "'expires' is from 5 minutes to 14 days");
    }
    minutes.clamp(*range.start(), *range.end())
}

fn read_steps(node: &Node, reading: &mut Reading) -> Vec<Step> {
    let Value::Map(entries) = &node.value else {
        reading.error(node.at, "steps are written as 'name:' with what the step does below it");
        return Vec::new();
    };
    if entries.len() > limits::STEPS {
        reading.error(node.at, format!("a flow has at most {} steps", limits::STEPS));
        return Vec::new();
    }
    let mut steps = Vec::new();
    for (index, (key, node)) in entries.iter().enumerate() {
        if !is_name(&key.text) {
            reading.error(
                key.at,
                format!(
                    "'{}' cannot name a step: use small letters, digits and '_', beginning with a letter",
                    key.text
                ),
            );
        } else if ["end", "handoff"].contains(&key.text.as_str()) {
            reading.error(
                key.at,
                format!(
                    "'{}' cannot name a step: as a target it already means that the flow does that",
                    key.text
                ),
            );
        }
        let next = entries.get(index + 1).map_or("end", |(key, _)| key.text.as_str());
        steps.push(Step::read(&key.text, key.at, node, next, reading));
    }
    steps
}

fn by_name<S: Serializer>(steps: &[Step], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(steps.len()))?;
    for step in steps {
        map.serialize_entry(&step.id, step)?;
    }
    map.end()
}
