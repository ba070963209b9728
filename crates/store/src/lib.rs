//! The only room that speaks SQL: tables in, plain rows out, one SQL text for SQLite and PostgreSQL.
//!
//! This room decides nothing about the business: whoever calls it has decided already. `sql` is the seam that names
//! the two drivers; each other module keeps one family of tables. It must not know HTTP, providers or flows.

pub mod events;
pub mod people;
pub mod sql;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use sql::{Dialect, Error, Result, Row, Tx, Value};
pub use store::{Options, Place, Store};
