//! The server: HTTP API, provider webhooks, live updates, jobs, command line.
//!
//! This room carries out what `domain` and `flow` decide: it reads and writes through `store`, talks to providers
//! through `channel`, and holds the clock and the randomness. It must not contain SQL or know a provider's formats.

pub mod alone;
pub mod api;
pub mod app;
pub mod chat;
pub mod cli;
pub mod collect;
pub mod config;
pub mod demo;
pub mod desk;
pub mod hooks;
pub mod http;
pub mod imports;
pub mod jobs;
pub mod journeys;
pub mod links;
pub mod live;
pub mod people;
pub mod pulse;
pub mod segments;
pub mod serve;
pub mod universe;
pub mod upkeep;
