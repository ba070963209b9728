//! The server as its callers see it: real requests over a loopback port, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

mod arrivals;
mod asking;
mod chains;
mod channels;
mod chat;
mod chat_identity;
mod chat_live;
mod cloud_events;
mod collect;
mod command_line;
mod company;
mod conversations;
mod customers;
mod demand;
mod demo;
mod designed;
mod doorstep;
mod erased;
mod files;
mod flows;
mod forgotten;
mod given_back;
mod handling;
mod harness;
mod hooks;
mod identity;
mod imports;
mod journeys;
mod journeys_on_disk;
mod lanes;
mod last_words;
mod links;
mod live;
mod mailbox;
mod mishaps;
mod office;
mod opt_out;
mod partner_mail;
mod people;
mod places;
mod plans;
mod questions;
#[cfg(feature = "shared-data")]
mod real_logs;
#[cfg(feature = "shared-data")]
mod real_texts;
mod refused;
mod repeated;
mod replies;
mod reports;
mod room;
mod running;
mod scene;
mod season;
mod segments;
mod steering;
mod story;
mod stuck;
mod submitting;
mod surveys;
mod trouble;
mod ways;
