//! The server as its callers see it: real requests over a loopback port, on both databases.

mod harness;
mod hooks;
#[cfg(feature = "shared-data")]
mod real_texts;
mod running;
mod story;
