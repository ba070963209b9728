//! Understanding answers: what a question expects, and what a text says when it is held against that.

mod contact;
mod date;
mod number;
mod pattern;

pub(crate) use number::word_number;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Facts,
    facts::cut,
    menu::{self, Choice},
    reading::{Fields, Reading, did_you_mean},
    yaml::Node,
};

/// What a question expects for an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "expect", rename_all = "snake_case")]
pub enum Expect {
    /// Anything at all.
    Text,
    /// A number, kept as a number.
    Number {
        /// The least that is taken.
        min: Option<f64>,
        /// The most that is taken.
        max: Option<f64>,
        /// Whether 2.5 is taken.
        decimals: bool,
    },
    /// One of a list, kept as its label.
    Choice {
        /// What can be chosen.
        choices: Vec<Choice>,
    },
    /// A day, kept as `YYYY-MM-DD`.
    Date {
        /// The first day that is taken, as a customer would write it: `today`, `2026-06-01`.
        min: Option<String>,
        /// The last day that is taken.
        max: Option<String>,
        /// Whether 3/12 is in December; the customer's locale decides where nothing is said.
        day_first: Option<bool>,
    },
    /// A phone number, kept as its digits with the `+` if it was written.
    Phone,
    /// A mail address.
    Email,
    /// A text of a given form, such as a booking number.
    Pattern {
        /// A regular expression for the whole answer.
        pattern: String,
        /// A good answer, shown to the customer when one does not fit.
        example: String,
    },
}

const KINDS: [&str; 7] = ["text", "number", "choice", "date", "phone", "email", "pattern"];

impl Expect {
    /// Reads what a question expects.
    pub(crate) fn read(fields: &mut Fields, reading: &mut Reading) -> Expect {
        let named = fields.take("expect").map(|node| (node, reading.text(node, "'expect'")));
        let pattern = fields.take("pattern");
        let choices = fields.take("choices");
        let kind = match (&named, pattern, choices) {
            (Some((_, kind)), ..) => kind.as_str(),
            (None, Some(_), _) => "pattern",
            (None, None, Some(_)) => "choice",
            (None, None, None) => "text",
        };
        if let (Some(node), false) = (pattern, kind == "pattern") {
            reading.error(node.at, "'pattern' goes with 'expect: pattern'");
        }
        if let (Some(node), false) = (choices, kind == "choice") {
            reading.error(node.at, "'choices' goes with 'expect: choice'");
        }
        match kind {
            "number" => Expect::Number {
                min: fields.take("min").and_then(|node| reading.number(node, "'min'")),
                max: fields.take("max").and_then(|node| reading.number(node, "'max'")),
                decimals: fields
                    .take("decimals")
                    .is_some_and(|node| reading.flag(node, "'decimals'")),
            },
            "choice" => Expect::Choice {
                choices: read_choices(choices, fields, reading),
            },
            "date" => read_date(fields, reading),
            "phone" => Expect::Phone,
            "email" => Expect::Email,
            "pattern" => read_pattern(pattern, fields, reading),
            "text" => Expect::Text,
            other => {
                if let Some((node, _)) = named {
                    let hint = did_you_mean(other, KINDS.into_iter());
                    reading.error(node.at, format!("a question cannot expect '{other}'{hint}"));
                }
                Expect::Text
            }
        }
    }

    /// Reads an answer; gives what is kept of it, or a kind sentence that says what was expected.
    pub(crate) fn understand(&self, text: &str, facts: &Facts) -> Result<Value, String> {
        let text = cut(text).trim();
        match self {
            Expect::Text if text.is_empty() => Err("Sorry, I did not get that.".to_owned()),
            Expect::Text => Ok(json!(text)),
            Expect::Number { min, max, decimals } => number::understand(text, *min, *max, *decimals),
            Expect::Choice { choices } => match menu::choose(choices, text) {
                Some(index) => Ok(json!(choices[index].label)),
                None => Err(menu::HINT.to_owned()),
            },
            Expect::Date { min, max, day_first } => date::understand(text, facts, (min, max), *day_first),
            Expect::Phone => match contact::phone(text) {
                Some(phone) => Ok(json!(phone)),
                None => Err("Sorry, that does not look like a phone number.".to_owned()),
            },
            Expect::Email => match contact::email(text) {
                Some(email) => Ok(json!(email)),
                None => Err("Sorry, that does not look like a mail address.".to_owned()),
            },
            Expect::Pattern { pattern, example } => match pattern::find(pattern, text) {
                Some(found) => Ok(json!(found)),
                None => Err(format!(
                    "Sorry, that does not look right. Please write it like {example}."
                )),
            },
        }
    }

    /// Gives the options that are listed under the question.
    pub(crate) fn choices(&self) -> &[Choice] {
        match self {
            Expect::Choice { choices } => choices,
            _ => &[],
        }
    }
}

fn read_choices(node: Option<&Node>, fields: &Fields, reading: &mut Reading) -> Vec<Choice> {
    match node {
        Some(node) => menu::read_choices(node, reading),
        None => {
            reading.error(fields.at, "'expect: choice' needs 'choices'");
            Vec::new()
        }
    }
}

fn read_date(fields: &mut Fields, reading: &mut Reading) -> Expect {
    let mut day = |name: &'static str, reading: &mut Reading| {
        let node = fields.take(name)?;
        let text = reading.text(node, "a day");
        if date::read(&text, Facts::default().today(), true).is_none() {
            reading.error(
                node.at,
                format!("'{name}' must be a day such as 'today' or '2026-06-01'"),
            );
        }
        Some(text)
    };
    let (min, max) = (day("min", reading), day("max", reading));
    let day_first = fields.take("day_first").map(|node| reading.flag(node, "'day_first'"));
    Expect::Date { min, max, day_first }
}

fn read_pattern(node: Option<&Node>, fields: &mut Fields, reading: &mut Reading) -> Expect {
    let Some(node) = node else {
        reading.error(fields.at, "'expect: pattern' needs a 'pattern'");
        return Expect::Text;
    };
    let pattern = reading.text(node, "'pattern'");
    let example = fields.need("example", reading);
    let example = example.map(|node| (node, reading.text(node, "'example'")));
    match pattern::compile(&pattern) {
        Err(reason) => reading.error(node.at, format!("this pattern cannot be read: {reason}")),
        Ok(_) => {
            if let Some((at, text)) = example.as_ref().map(|(node, text)| (node.at, text))
                && pattern::find(&pattern, text).is_none()
            {
                reading.error(at, format!("the example '{text}' does not fit the pattern"));
            }
        }
    }
    Expect::Pattern {
        pattern,
        example: example.map(|(_, text)| text).unwrap_or_default(),
    }
}
