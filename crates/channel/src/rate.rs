//! How fast a channel sends: a bucket that fills with segments, and two lanes of which answers go before campaigns.
//!
//! Pure: the caller says what time it is and what waits at the head of each lane.

use domain::{Time, message::Lane};

const MICROS: i64 = 1_000_000;

/// A channel's bucket. Holds at most one second's worth; starts full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    per_second: i64,
    /// Millionths of a segment that may be spent now; below nothing after a text longer than the bucket.
    level: i64,
    at: Time,
    held_until: Time,
}

/// The segments of the text at the head of each lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Of the conversation lane.
    pub conversation: Option<u32>,
    /// Of the bulk lane.
    pub bulk: Option<u32>,
}

/// What may be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Send the head of this lane; its segments are taken from the bucket.
    Send(Lane),
    /// Nothing before this time.
    Wait(Time),
    /// Nothing waits.
    Idle,
}

impl Bucket {
    /// Makes a full bucket for a channel that may send so many segments a second, at least one.
    pub fn new(segments_per_second: u32, now: Time) -> Bucket {
        let per_second = i64::from(segments_per_second.max(1));
        Bucket {
            per_second,
            level: per_second * MICROS,
            at: now,
            held_until: now,
        }
    }

    /// Decides which lane sends next. Bulk has its turn only when no answer waits, not even one that must wait itself:
    /// else short campaign texts would eat what a long answer saves up for.
    pub fn next(&mut self, now: Time, waiting: Waiting) -> Turn {
        let (lane, segments) = match (waiting.conversation, waiting.bulk) {
            (Some(segments), _) => (Lane::Conversation, segments),
            (None, Some(segments)) => (Lane::Bulk, segments),
            (None, None) => return Turn::Idle,
        };
        self.fill(now);
        let cost = i64::from(segments.max(1)) * MICROS;
        // A text longer than the bucket goes when the bucket is full, and the debt is waited for afterwards.
        let missing = cost.min(self.per_second * MICROS) - self.level;
        let wait = (missing.max(0) + self.per_second - 1) / self.per_second;
        let ready = Time(now.0.saturating_add(wait)).max(self.held_until);
        if ready > now {
            return Turn::Wait(ready);
        }
        self.level -= cost;
        Turn::Send(lane)
    }

    /// Holds everything until `until`, because the provider asked for it.
    pub fn hold(&mut self, until: Time) {
        self.held_until = self.held_until.max(until);
    }

    fn fill(&mut self, now: Time) {
        // A clock set back fills nothing and takes nothing.
        let passed = now.0.saturating_sub(self.at.0).max(0);
        let gained = passed.saturating_mul(self.per_second);
        self.level = self.level.saturating_add(gained).min(self.per_second * MICROS);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CONVERSATION: Waiting = Waiting {
        conversation: Some(1),
        bulk: Some(1),
    };
    const BULK: Waiting = Waiting {
        conversation: None,
        bulk: Some(1),
    };

    fn waiting(segments: u32) -> Waiting {
        Waiting {
            conversation: Some(segments),
            bulk: None,
        }
    }

    #[test]
    fn the_bucket_spends_segments_and_fills_with_time() {
        let mut bucket = Bucket::new(2, Time(0));
        let table = [
            (0, waiting(1), Turn::Send(Lane::Conversation)),
            (0, waiting(1), Turn::Send(Lane::Conversation)),
            (0, waiting(1), Turn::Wait(Time(500_000))),
            (500_000, waiting(1), Turn::Send(Lane::Conversation)),
            (500_000, Waiting::default(), Turn::Idle),
            // Full again after a second, and no fuller after an hour.
            (3_600_000_000, waiting(2), Turn::Send(Lane::Conversation)),
            (3_600_000_000, waiting(2), Turn::Wait(Time(3_601_000_000))),
            // The clock goes back an hour: the wait is counted from there.
            (0, waiting(2), Turn::Wait(Time(1_000_000))),
        ];
        for (at, waiting, expected) in table {
            assert_eq!(bucket.next(Time(at), waiting), expected, "at {at}");
        }
    }

    #[test]
    fn answers_go_before_campaigns() {
        let mut bucket = Bucket::new(1, Time(0));
        assert_eq!(bucket.next(Time(0), CONVERSATION), Turn::Send(Lane::Conversation));
        assert_eq!(bucket.next(Time(500_000), CONVERSATION), Turn::Wait(Time(1_000_000)));
        assert_eq!(
            bucket.next(Time(1_000_000), CONVERSATION),
            Turn::Send(Lane::Conversation)
        );
        assert_eq!(bucket.next(Time(2_000_000), BULK), Turn::Send(Lane::Bulk));
    }

    #[test]
    fn a_text_longer_than_the_bucket_goes_and_is_paid_afterwards() {
        let mut bucket = Bucket::new(2, Time(0));
        assert_eq!(bucket.next(Time(0), waiting(6)), Turn::Send(Lane::Conversation));
        assert_eq!(bucket.next(Time(0), waiting(1)), Turn::Wait(Time(2_500_000)));
    }

    #[test]
    fn the_provider_can_hold_a_channel() {
        let mut bucket = Bucket::new(5, Time(0));
        bucket.hold(Time(9_000_000));
        bucket.hold(Time(4_000_000));
        assert_eq!(bucket.next(Time(0), waiting(1)), Turn::Wait(Time(9_000_000)));
        assert_eq!(bucket.next(Time(9_000_000), waiting(1)), Turn::Send(Lane::Conversation));
    }

    proptest! {
        #[test]
        fn the_rate_holds_over_any_run(rate in 1u32..50, costs in prop::collection::vec(1u32..12, 1..80)) {
            let mut bucket = Bucket::new(rate, Time(0));
            let (mut now, mut sent) = (Time(0), 0i64);
            for cost in costs {
                if let Turn::Wait(until) = bucket.next(now, waiting(cost)) {
                    prop_assert!(until > now);
                    now = until;
                    prop_assert_eq!(bucket.next(now, waiting(cost)), Turn::Send(Lane::Conversation));
                }
                // All but the text just sent fits what a full bucket and the time gave.
                prop_assert!(sent <= i64::from(rate) + i64::from(rate) * now.0 / MICROS);
                sent += i64::from(cost);
            }
        }
    }
}
