//! What starts a flow, and which flow a text starts.

use domain::reason::Known;
use serde::Serialize;

use crate::{
    Definition, fold,
    reading::{Reading, did_you_mean},
    yaml::{Node, Value},
};

/// What starts a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(tag = "trigger", rename_all = "snake_case")]
pub enum Trigger {
    /// The text begins with one of these words.
    Keyword {
        /// The words.
        words: Vec<String>,
    },
    /// The text is one of these words and nothing else.
    Only {
        /// The words.
        words: Vec<String>,
    },
    /// The customer writes for the first time ever.
    FirstMessage,
    /// The customer writes outside business hours.
    OutsideHours,
    /// Nothing else fits, and no session waits.
    Fallback,
}

const BARE: [(&str, Trigger); 3] = [
    ("first message", Trigger::FirstMessage),
    ("outside hours", Trigger::OutsideHours),
    ("nothing else fits", Trigger::Fallback),
];

impl Trigger {
    /// Reads the list under `when`.
    pub(crate) fn read_list(node: &Node, reading: &mut Reading) -> Vec<Trigger> {
        match &node.value {
            Value::List(items) => items.iter().filter_map(|item| Trigger::read(item, reading)).collect(),
            _ => Trigger::read(node, reading).into_iter().collect(),
        }
    }

    fn read(node: &Node, reading: &mut Reading) -> Option<Trigger> {
        if let Some(text) = node.text() {
            let found = BARE
                .into_iter()
                .find(|(words, _)| *words == text.trim().replace('_', " "));
            if found.is_none() {
                let hint = did_you_mean(text, BARE.iter().map(|(words, _)| *words));
                reading.error(node.at, format!("'{text}' does not start a flow{hint}"));
            }
            return found.map(|(_, trigger)| trigger);
        }
        let mut fields = reading.fields(node, "a trigger");
        let found = fields.take_first_of(&["keyword", "only"]);
        fields.finish(reading);
        let (kind, node) = found?;
        let words = read_words(node, reading);
        Some(if kind == "only" {
            Trigger::Only { words }
        } else {
            Trigger::Keyword { words }
        })
    }
}

fn read_words(node: &Node, reading: &mut Reading) -> Vec<String> {
    let words = reading.texts(node, "a keyword");
    for word in &words {
        if fold::is_compliance(word) {
            reading.error(
                node.at,
                format!("'{word}' cannot be a keyword: by law STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, OPTOUT and REVOKE end all texts, START, UNSTOP and YES begin them again, and HELP and INFO are answered before any flow"),
            );
        } else if fold::words(word).is_empty() && !word.is_empty() {
            reading.error(node.at, format!("'{word}' has no letter, digit or picture to look for"));
        }
    }
    words
}

/// What is known when a text comes that may start a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment<'t> {
    /// The text.
    pub text: &'t str,
    /// Whether the customer has never written before.
    pub first_ever: bool,
    /// Whether it is business hours.
    pub open: bool,
    /// The session that waits for an answer, if there is one: whether it may be interrupted. Pass `Some(false)` also when
    /// [`answers_menu`](crate::answers_menu) says that the text chooses one of its options.
    pub active: Option<bool>,
}

/// The flow that a text starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked<K> {
    /// Its key, as the host gave it.
    pub key: K,
    /// Why.
    pub because: Known,
}

/// Gives the flow that a text starts.
///
/// A keyword that is the whole text goes before one that begins it, and of those the longest; then the first message ever,
/// then outside hours, then what nothing else fits. Of equals the first candidate wins. While a session waits, only a keyword
/// can start a flow, and only when the session may be interrupted.
pub fn pick<'a, K>(candidates: impl Iterator<Item = (&'a Definition, K)>, moment: &Moment) -> Option<Picked<K>> {
    if moment.active == Some(false) {
        return None;
    }
    let said = fold::words(moment.text);
    let mut best: Option<(Rank, Picked<K>)> = None;
    for (definition, key) in candidates {
        let found = definition
            .triggers
            .iter()
            .filter_map(|trigger| rank(trigger, &said, moment))
            .max_by_key(|(rank, _)| *rank);
        if let Some((rank, because)) = found
            && best.as_ref().is_none_or(|(best, _)| rank > *best)
        {
            best = Some((rank, Picked { key, because }));
        }
    }
    best.map(|(_, picked)| picked)
}

/// How well a trigger fits: the kind of fit, then the length of the keyword.
type Rank = (u8, usize);

fn rank(trigger: &Trigger, said: &[String], moment: &Moment) -> Option<(Rank, Known)> {
    let is_idle = moment.active.is_none();
    match trigger {
        Trigger::Keyword { words } => longest(words, |word| said.starts_with(word)).map(|(length, word)| {
            let kind = if length == said.len() { 4 } else { 3 };
            ((kind, length), keyword(word))
        }),
        Trigger::Only { words } => {
            longest(words, |word| said == word).map(|(length, word)| ((5, length), keyword(word)))
        }
        Trigger::FirstMessage => (is_idle && moment.first_ever).then_some(((2, 0), Known::FirstMessage)),
        Trigger::OutsideHours => (is_idle && !moment.open).then_some(((1, 0), Known::OutsideHours)),
        Trigger::Fallback => is_idle.then_some(((0, 0), Known::Fallback)),
    }
}

fn keyword(word: &str) -> Known {
    Known::Keyword { word: word.to_owned() }
}

/// Gives the longest keyword that fits, with its length in words.
fn longest(words: &[String], fits: impl Fn(&[String]) -> bool) -> Option<(usize, &String)> {
    let folded = words.iter().map(|word| (fold::words(word), word));
    folded
        .filter(|(parts, _)| !parts.is_empty() && fits(parts))
        .map(|(parts, word)| (parts.len(), word))
        .max_by_key(|(length, _)| *length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(name: &str, when: &str) -> Definition {
        Definition::parse(&format!("name: {name}\nwhen: {when}\nsteps:\n  go:\n    say: hi\n")).unwrap()
    }

    #[test]
    fn the_best_trigger_wins() {
        let flows = [
            flow("rest", "nothing else fits"),
            flow("night", "outside hours"),
            flow("hello", "first message"),
            flow("room", "[{keyword: room}, {keyword: \"🛏️\"}]"),
            flow("upgrade", "[{keyword: room upgrade}]"),
            flow("bare", "[{only: [room, hébergement]}]"),
        ];
        let table = [
            ("room", true, true, None, Some("bare")),
            ("ROOM!", false, true, Some(true), Some("bare")),
            ("Hebergement", false, true, None, Some("bare")),
            ("room for two", true, false, None, Some("room")),
            ("Room upgrade please", false, true, None, Some("upgrade")),
            ("🛏 please", false, true, None, Some("room")),
            ("rooms", false, true, None, Some("rest")),
            ("hi", true, false, None, Some("hello")),
            ("hi", false, false, None, Some("night")),
            ("hi", false, false, Some(true), None),
            ("room", false, true, Some(false), None),
            ("", false, true, None, Some("rest")),
        ];
        for (text, first_ever, open, active, expected) in table {
            let moment = Moment {
                text,
                first_ever,
                open,
                active,
            };
            let picked = pick(flows.iter().map(|flow| (flow, flow.name.as_str())), &moment);
            assert_eq!(picked.map(|picked| picked.key), expected, "{text}");
        }
    }
}
