//! Commands other than serving: people and tokens, files of touchpoints, a look at the server's health, copies of everything.
//!
//! Each opens the same data as the server does and may run beside it.

pub mod backup;
pub mod doctor;
pub mod import;
pub mod people;
