//! Tries to sign in that fail too often: five an address, twenty a network address, each in a quarter of an hour.

use axum::http::StatusCode;
use domain::Time;
use store::{Tx, people::sign_ins};

use crate::http::{
    problem::{Answer, Problem},
    visitor::Visitor,
};

const WINDOW_SECONDS: i64 = 15 * 60;
const TRIES_BY_EMAIL: i64 = 5;
const TRIES_BY_ADDRESS: i64 = 20;

/// What the tries of one person count against.
#[derive(Debug, Clone)]
pub struct Tries {
    email: String,
    address: String,
}

impl Tries {
    /// Tries of a visitor to be the one with this mail address.
    pub fn new(email: &str, visitor: &Visitor) -> Tries {
        Tries {
            email: format!("email {email}"),
            address: format!("from {}", visitor.address),
        }
    }

    /// Refuses when there were too many that failed.
    pub fn check(&self, tx: &mut Tx, now: Time) -> Answer<()> {
        let since = now.plus_seconds(-WINDOW_SECONDS);
        let by_email = sign_ins::nth_failure(tx, &self.email, TRIES_BY_EMAIL, since)?;
        let by_address = sign_ins::nth_failure(tx, &self.address, TRIES_BY_ADDRESS, since)?;
        // The window moves on: when the oldest of the last five has left it, there is room for one more.
        let Some(last_straw) = by_email.max(by_address) else {
            return Ok(());
        };
        let wait = last_straw.plus_seconds(WINDOW_SECONDS).seconds_since(now).ceil() as i64;
        let detail = "too many tries failed, wait a while";
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", detail).retry_after(wait))
    }

    /// Notes that a try failed.
    pub fn failed(&self, tx: &mut Tx, now: Time) -> store::Result<()> {
        let subjects = [self.email.clone(), self.address.clone()];
        sign_ins::add_failure(tx, &subjects, now, now.plus_seconds(-WINDOW_SECONDS))
    }

    /// Forgets the mail address's failures: its owner has come in. Those of the network address stay.
    pub fn succeeded(&self, tx: &mut Tx) -> store::Result<()> {
        sign_ins::forget_failures(tx, &self.email)
    }
}
