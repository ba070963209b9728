//! Time and chance: the only place where either comes from. Tests fix both with one call.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Time;
use rand::RngCore;

/// The clock and the source of chance.
#[derive(Clone)]
pub struct Universe(Arc<Kind>);

enum Kind {
    System,
    Fixed { now: AtomicI64, tokens: AtomicU64 },
}

impl Universe {
    /// The real one.
    pub fn system() -> Universe {
        Universe(Arc::new(Kind::System))
    }

    /// One that stands at `now` until it is told otherwise, and gives the same tokens in the same order each time.
    pub fn fixed(now: Time) -> Universe {
        Universe(Arc::new(Kind::Fixed {
            now: AtomicI64::new(now.0),
            tokens: AtomicU64::new(0),
        }))
    }

    /// Gives the time.
    pub fn now(&self) -> Time {
        match &*self.0 {
            Kind::System => domain::Time::from(jiff::Timestamp::now()),
            Kind::Fixed { now, .. } => Time(now.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock; the real one cannot be moved.
    pub fn advance(&self, seconds: i64) {
        if let Kind::Fixed { now, .. } = &*self.0 {
            now.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        }
    }

    /// Gives a token that nobody can guess: 32 random bytes as 43 characters that are safe in a URL.
    pub fn token(&self) -> String {
        let mut bytes = [0_u8; 32];
        match &*self.0 {
            Kind::System => rand::rng().fill_bytes(&mut bytes),
            Kind::Fixed { tokens, .. } => {
                let n = tokens.fetch_add(1, Ordering::SeqCst);
                bytes[24..].copy_from_slice(&n.to_be_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}
