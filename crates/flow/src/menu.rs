//! Numbered menus: how they are written, and which option an answer means.

use serde::Serialize;

use crate::{
    fold,
    read::word_number,
    reading::Reading,
    yaml::{At, Key, Node, Value},
};

/// One option of a menu.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The step it leads to; empty where an option is only an answer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// What the customer reads.
    pub label: String,
    /// More words that mean this option.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    #[serde(skip)]
    at: At,
}

/// Says that an answer fits no option.
pub(crate) const HINT: &str = "Sorry, I did not get that. Please reply with one of the numbers:";

/// Writes the options as numbered lines under `text`.
pub(crate) fn lines(text: &str, choices: &[Choice]) -> String {
    choices
        .iter()
        .enumerate()
        .fold(text.to_owned(), |text, (index, choice)| {
            format!("{text}\n{} {}", index + 1, choice.label)
        })
}

/// Gives the labels, for channels that show buttons.
pub(crate) fn labels(choices: &[Choice]) -> Vec<String> {
    choices.iter().map(|choice| choice.label.clone()).collect()
}

/// Gives the option that an answer means: by its label or words, by its number, or by a word that only this option has.
pub(crate) fn choose(choices: &[Choice], text: &str) -> Option<usize> {
    let said = fold::words(text);
    let line = said.join(" ");
    if line.is_empty() {
        return None;
    }
    let spoken = choices
        .iter()
        .position(|choice| choice.spoken().any(|name| name == line));
    let counted = || number(&said)?.checked_sub(1).filter(|index| *index < choices.len());
    let step = || choices.iter().position(|choice| choice.step_name() == line);
    spoken
        .or_else(counted)
        .or_else(step)
        .or_else(|| only_match(choices, &said))
}

/// Reads an answer that is a number and at most some polite words.
fn number(said: &[String]) -> Option<usize> {
    let mut rest = said.iter().filter(|word| !POLITE.contains(&word.as_str()));
    let number = rest.next()?;
    let number = number.parse().ok().or_else(|| word_number(number));
    number.filter(|_| rest.next().is_none())
}

const POLITE: [&str; 12] = [
    "option", "number", "please", "thanks", "thank", "you", "the", "take", "nummer", "bitte", "danke", "die",
];

/// Gives the one option that shares a telling word with the answer.
fn only_match(choices: &[Choice], said: &[String]) -> Option<usize> {
    let telling: Vec<Vec<String>> = choices.iter().map(Choice::telling_words).collect();
    let is_own = |index: usize, word: &String| {
        telling
            .iter()
            .enumerate()
            .all(|(other, words)| other == index || !words.contains(word))
    };
    let matches = |index: &usize| {
        telling[*index]
            .iter()
            .any(|word| said.contains(word) && is_own(*index, word))
    };
    let mut found = (0..choices.len()).filter(matches);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Words that say nothing about an option.
const SMALL: [&str; 14] = [
    "the", "and", "for", "with", "you", "your", "our", "are", "not", "from", "have", "what", "this", "that",
];

impl Choice {
    /// Gives the label and the words, each of which, written alone, means this option.
    fn spoken(&self) -> impl Iterator<Item = String> {
        let names = std::iter::once(&self.label).chain(&self.words);
        names.map(|name| fold::line(name)).filter(|name| !name.is_empty())
    }

    /// Gives the step's name as a customer would write it; empty for `end` and `handoff`.
    fn step_name(&self) -> String {
        let is_reserved = ["end", "handoff"].contains(&self.to.as_str());
        if is_reserved {
            String::new()
        } else {
            fold::line(&self.to.replace('_', " "))
        }
    }

    /// Gives the words that mean this option inside a sentence.
    fn telling_words(&self) -> Vec<String> {
        let is_telling = |word: &String| word.chars().count() > 2 && !SMALL.contains(&word.as_str());
        let names = self.spoken().chain([self.step_name()]);
        names.flat_map(|name| fold::words(&name)).filter(is_telling).collect()
    }
}

/// Reads options that lead to steps: `- room: Room request` lines.
pub(crate) fn read_options(node: &Node, reading: &mut Reading) -> Vec<Choice> {
    read_list(node, reading, |item, reading| match &item.value {
        Value::Map(entries) if !entries.is_empty() => {
            let (to, label) = &entries[0];
            let words = read_words(&entries[1..], reading);
            Some(Choice {
                to: to.text.clone(),
                label: reading.text(label, "a label"),
                words,
                at: to.at,
            })
        }
        _ => {
            reading.error(item.at, "an option is written as '- step: Label'");
            None
        }
    })
}

/// Reads options that are only answers: `- Double room` lines.
pub(crate) fn read_choices(node: &Node, reading: &mut Reading) -> Vec<Choice> {
    read_list(node, reading, |item, reading| {
        Some(Choice {
            label: reading.text(item, "a choice"),
            at: item.at,
            ..Choice::default()
        })
    })
}

fn read_list(node: &Node, reading: &mut Reading, read: impl Fn(&Node, &mut Reading) -> Option<Choice>) -> Vec<Choice> {
    let Value::List(items) = &node.value else {
        reading.error(node.at, "options are written as a list, one '- ' line each");
        return Vec::new();
    };
    let choices: Vec<Choice> = items.iter().filter_map(|item| read(item, reading)).collect();
    if choices.is_empty() {
        reading.error(node.at, "there is nothing to choose from");
    }
    check(&choices, reading);
    choices
}

fn read_words(entries: &[(Key, Node)], reading: &mut Reading) -> Vec<String> {
    let mut words = Vec::new();
    for (key, node) in entries {
        match key.text.as_str() {
            "words" => words = reading.texts(node, "'words'"),
            other => reading.error(key.at, format!("an option has a label and 'words', not '{other}'")),
        }
    }
    words
}

/// Complains of options that the law takes away, and of options that cannot be told apart.
fn check(choices: &[Choice], reading: &mut Reading) {
    for (index, choice) in choices.iter().enumerate() {
        for name in choice.spoken() {
            if fold::is_stop(&name) {
                reading.error(choice.at, format!("'{name}' cannot be an option: a customer who replies with that word alone opts out of all texts. Use another word"));
            }
            if let Some(other) = choices[..index]
                .iter()
                .find(|other| other.spoken().any(|taken| taken == name))
            {
                reading.error(
                    choice.at,
                    format!("'{name}' means this option and also '{}'", other.label),
                );
            }
        }
        let stop = fold::words(&choice.label).into_iter().find(|word| fold::is_stop(word));
        if let Some(word) = stop.filter(|word| fold::line(&choice.label) != *word) {
            reading.warning(
                choice.at,
                format!(
                    "a customer who replies with the one word '{word}' opts out of all texts; use another word in '{}'",
                    choice.label
                ),
            );
        }
        if choice.label.contains("{{") {
            reading.error(choice.at, "a label is fixed: it cannot be filled in");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Vec<Choice> {
        [
            ("room", "Room request"),
            ("change", "Change of travel"),
            ("other", "Something else"),
        ]
        .map(|(to, label)| Choice {
            to: to.to_owned(),
            label: label.to_owned(),
            ..Choice::default()
        })
        .into()
    }

    #[test]
    fn an_answer_finds_its_option() {
        let table = [
            ("1", Some(0)),
            ("2.", Some(1)),
            ("three", Some(2)),
            ("1️⃣", Some(0)),
            ("option 2 please", Some(1)),
            ("Room", Some(0)),
            ("I want a room, please", Some(0)),
            ("CHANGE OF TRAVEL", Some(1)),
            ("my travel", Some(1)),
            ("else", Some(2)),
            ("change my room", None),
            ("0", None),
            ("4", None),
            ("", None),
            ("?!", None),
            ("2 beds", None),
            ("hello", None),
        ];
        for (text, expected) in table {
            assert_eq!(choose(&choices(), text), expected, "{text}");
        }
    }
}
