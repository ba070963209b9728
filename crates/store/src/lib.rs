//! The only room that speaks SQL: tables in, plain rows out, one SQL text for SQLite and PostgreSQL.
//!
//! This room decides nothing about the business: whoever calls it has decided already. `sql` is the seam that names
//! the two drivers; each other module keeps one family of tables. It must not know HTTP, providers or flows.

pub mod canned_replies;
pub mod channel_health;
pub mod channels;
pub mod choices;
pub mod consent;
pub mod conversation_list;
pub mod conversations;
pub mod customer_list;
pub mod customers;
pub mod demand;
pub mod drafts;
pub mod erasure;
pub mod events;
pub mod fixes;
pub mod flow_rehearsal;
pub mod flow_stats;
pub mod flows;
pub mod imports;
pub mod inbound;
pub mod jobs;
pub mod joined;
pub mod joins;
pub mod links;
pub mod messages;
pub mod names;
pub mod notes;
pub mod people;
pub mod places;
pub mod presence;
pub mod refusals;
pub mod requests;
pub mod routing;
pub mod saved_questions;
pub mod search;
pub mod segments;
pub mod settings;
pub mod sources;
pub mod sql;
mod store;
pub mod suggestions;
pub mod surveys;
#[cfg(feature = "testing")]
pub mod testing;
pub mod threads;
pub mod told;
pub mod touchpoints;
pub mod tray;
pub mod upkeep;
pub mod views;
pub mod visitors;

pub use sql::{Dialect, Error, Result, Row, Tx, Value};
pub use store::{Options, Place, Store};
