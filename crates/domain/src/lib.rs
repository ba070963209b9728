//! Words and decisions of Rapport: types, rules, state machines.
//!
//! This room knows no database, no network, no clock and no randomness: whoever calls it passes in the time.
//! Everything here is a plain value or a pure function, so that a rule can be read and tested alone.

pub mod arrival;
pub mod assignment;
pub mod canned;
pub mod channel;
pub mod cloud_event;
pub mod collection;
pub mod consent;
pub mod conversation;
pub mod demand;
pub mod desk;
pub mod event;
pub mod health;
pub mod id;
pub mod identity;
pub mod importing;
pub mod merging;
pub mod message;
pub mod metrics;
pub mod people;
pub mod reason;
pub mod request;
pub mod search;
pub mod segments;
pub mod session;
pub mod settings;
pub mod survey;
pub mod time;
pub mod touchpoint;

pub use event::{Actor, Event};
pub use id::*;
pub use reason::Reason;
pub use time::Time;

/// Declares a closed set of words that is the same in Rust, in the database, in JSON and in the API description.
///
/// Gives `as_str`, `FromStr`, `Display`, serde and an OpenAPI schema, all from the one list of words.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[allow(missing_docs, reason = "a word that says all needs no second sentence")]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word of the set, in the order declared.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Gives the word as it is written in the database and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        // A derived schema would not see the words: they reach it wrapped by this macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|word| word.as_str())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok($name::$variant),)+
                    _ => Err($crate::UnknownWord { set: stringify!($name), word: word.to_owned() }),
                }
            }
        }
    };
}

/// A word that is not in the set it should come from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{word}' is not a {set}")]
pub struct UnknownWord {
    /// The set's name.
    pub set: &'static str,
    /// The word that was found.
    pub word: String,
}
