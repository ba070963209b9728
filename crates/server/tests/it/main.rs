//! The server as its callers see it: real requests over a loopback port, on both databases.

mod harness;
mod hooks;
mod running;
mod story;
