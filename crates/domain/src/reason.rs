//! Why something was done: a key with what it names, so that every reader is told in the own language, or the words of a
//! person.
//!
//! Keys are kept in events: none is ever renamed or taken away.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A reason that Rapport itself gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "key", rename_all = "snake_case")]
#[schema(as = KnownReason)]
#[expect(missing_docs, reason = "the names of the fields say what they hold")]
pub enum Known {
    /// An agent took the conversation.
    Taken,
    /// A colleague gave it.
    Given,
    /// Who answers the customer has the conversation.
    Answered,
    /// An agent wrote to the customer first.
    AgentWrote,
    /// The agent who had it is away.
    AgentAway,
    /// The agent who had it has left.
    AgentLeft { name: String },
    /// The team that had it was removed.
    TeamRemoved { name: String },
    /// No menu fits what the customer wrote.
    NoMenuFits,
    /// The menu could not go on.
    MenuFailed,
    /// The menu's way leads to a person.
    MenuHandsOver { title: String },
    /// The customer asked for a person.
    PersonWanted,
    /// The customer gave no answer that the step could take.
    NoClearAnswer { step: String },
    /// The customer wrote.
    CustomerWrote,
    /// An agent took up what was set aside.
    TakenUp,
    /// The time that it was set aside until has come.
    TimeCame,
    /// An agent started the menu.
    AgentStarted,
    /// The text has the menu's keyword.
    Keyword { word: String },
    /// It is the customer's first text ever.
    FirstMessage,
    /// It came outside business hours.
    OutsideHours,
    /// Nothing else fits.
    Fallback,
}

/// Why something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Reason {
    /// One of our own.
    Known(Known),
    /// In a person's words, or in those that events were written with before there were keys.
    Words(String),
}

impl Reason {
    /// Gives the reason as a column keeps it.
    pub fn to_column(&self) -> String {
        match self {
            Reason::Words(words) => words.clone(),
            Reason::Known(known) => serde_json::to_string(known).expect("a reason has only string keys"),
        }
    }

    /// Reads a column. What is no key is words.
    pub fn from_column(text: String) -> Reason {
        serde_json::from_str(&text).map_or(Reason::Words(text), Reason::Known)
    }
}

impl From<Known> for Reason {
    fn from(known: Known) -> Reason {
        Reason::Known(known)
    }
}

/// In English, for the transcripts of flows in the guide and in tests: readers of the app are told in their own language.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Words(words) => f.write_str(words),
            Reason::Known(known) => known.fmt(f),
        }
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Known::Keyword { word } => write!(f, "keyword \"{word}\""),
            Known::FirstMessage => f.write_str("first message"),
            Known::OutsideHours => f.write_str("outside business hours"),
            Known::Fallback => f.write_str("nothing else fits"),
            Known::PersonWanted => f.write_str("asked for a person"),
            Known::NoClearAnswer { step } => write!(f, "no clear answer to '{step}'"),
            Known::MenuHandsOver { title } => write!(f, "the flow '{title}' needs a person"),
            // No menu gives any other.
            other => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_survives_its_column() {
        let table = [
            (Known::Taken.into(), r#"{"key":"taken"}"#),
            (
                Known::AgentLeft { name: "Ada".to_owned() }.into(),
                r#"{"key":"agent_left","name":"Ada"}"#,
            ),
            (Reason::Words("no menu fits".to_owned()), "no menu fits"),
            (Reason::Words(String::new()), ""),
            (
                Reason::Words(r#"{"key":"of tomorrow"}"#.to_owned()),
                r#"{"key":"of tomorrow"}"#,
            ),
        ];
        for (reason, column) in table {
            assert_eq!(reason.to_column(), column);
            assert_eq!(Reason::from_column(column.to_owned()), reason);
        }
    }

    #[test]
    fn reasons_of_old_events_are_words() {
        let old = serde_json::from_str::<Reason>("\"its agent is away\"").unwrap();
        assert_eq!(old, Reason::Words("its agent is away".to_owned()));
        let new = serde_json::from_str::<Reason>(r#"{"key":"agent_away"}"#).unwrap();
        assert_eq!(new, Known::AgentAway.into());
    }
}
