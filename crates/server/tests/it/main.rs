//! The server as its callers see it: real requests over a loopback port, on both databases.

mod conversations;
mod customers;
mod files;
mod handling;
mod harness;
mod hooks;
#[cfg(feature = "shared-data")]
mod real_texts;
mod replies;
mod running;
mod scene;
mod story;
