//! The server as its callers see it: real requests over a loopback port, on both databases.

mod command_line;
mod conversations;
mod customers;
mod demo;
mod doorstep;
mod files;
mod flows;
mod handling;
mod harness;
mod hooks;
mod live;
mod office;
mod people;
#[cfg(feature = "shared-data")]
mod real_texts;
mod replies;
mod running;
mod scene;
mod story;
