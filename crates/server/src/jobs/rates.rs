//! How fast each channel sends, on this node, and when who has to wait has a turn.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use channel::rate::{Bucket, Turn, Waiting};
use domain::{ChannelId, Time, message::Lane};
use store::channels::Channel;

/// How fast each channel may send, on this node.
#[derive(Default)]
pub struct Rates(Mutex<HashMap<ChannelId, Rate>>);

struct Rate {
    per_second: i64,
    bucket: Bucket,
    /// Until when answers, and campaigns, that wait have been given their turns.
    promised: (Time, Time),
}

impl Rates {
    /// Takes a text's segments from its channel's bucket, or says when it has its turn.
    pub(super) fn take(&self, channel: &Channel, (lane, segments): (Lane, i64), now: Time) -> Result<(), Time> {
        let segments = u32::try_from(segments).unwrap_or(1).max(1);
        self.of(channel, now, |rate| rate.take(lane, segments, now))
    }

    /// Lets a channel rest, as its provider asked.
    pub(crate) fn hold(&self, channel: &Channel, until: Time, now: Time) {
        self.of(channel, now, |rate| rate.bucket.hold(until));
    }

    fn of<T>(&self, channel: &Channel, now: Time, act: impl FnOnce(&mut Rate) -> T) -> T {
        let per_second = channel.segments_per_second.max(1);
        let mut rates = self.lock();
        let new = || Rate::new(per_second, now);
        let rate = rates.entry(channel.id).or_insert_with(new);
        if rate.per_second != per_second {
            *rate = new();
        }
        act(rate)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ChannelId, Rate>> {
        self.0.lock().expect("no one panics while holding it")
    }
}

impl Rate {
    fn new(per_second: i64, now: Time) -> Rate {
        Rate {
            per_second,
            bucket: Bucket::new(u32::try_from(per_second).unwrap_or(1), now),
            promised: (now, now),
        }
    }

    fn take(&mut self, lane: Lane, segments: u32, now: Time) -> Result<(), Time> {
        let (answers, _) = self.promised;
        if lane == Lane::Bulk && answers > now {
            // What fills the bucket until then is for the answers that wait for it, whoever asks first.
            return Err(self.promise(lane, segments, answers));
        }
        let waiting = match lane {
            Lane::Conversation => Waiting {
                conversation: Some(segments),
                bulk: None,
            },
            Lane::Bulk => Waiting {
                conversation: None,
                bulk: Some(segments),
            },
        };
        match self.bucket.next(now, waiting) {
            Turn::Wait(until) => Err(self.promise(lane, segments, until)),
            Turn::Send(_) | Turn::Idle => Ok(()),
        }
    }

    /// Gives a turn of its own to each text that waits: else all would come back at once, and all but one in vain.
    fn promise(&mut self, lane: Lane, segments: u32, until: Time) -> Time {
        let cost = (i64::from(segments) * 1_000_000 + self.per_second - 1) / self.per_second;
        let (answers, campaigns) = &mut self.promised;
        let (turn, promised) = match lane {
            Lane::Conversation => (until.max(*answers), answers),
            Lane::Bulk => (until.max(*answers).max(*campaigns), campaigns),
        };
        *promised = Time(turn.0.saturating_add(cost));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_that_waits_has_a_turn_of_its_own() {
        let second = |n: i64| Time(n * 1_000_000);
        let mut rate = Rate::new(1, second(0));
        let table = [
            (0, Lane::Conversation, 1, Ok(())),
            (0, Lane::Conversation, 1, Err(second(1))),
            (0, Lane::Conversation, 2, Err(second(2))),
            (0, Lane::Bulk, 1, Err(second(4))),
            (0, Lane::Bulk, 1, Err(second(5))),
            // No answer waits for a campaign.
            (0, Lane::Conversation, 1, Err(second(4))),
            (1, Lane::Conversation, 1, Ok(())),
            (2, Lane::Conversation, 2, Ok(())),
            (4, Lane::Conversation, 1, Ok(())),
        ];
        for (n, (at, lane, segments, expected)) in table.into_iter().enumerate() {
            assert_eq!(rate.take(lane, segments, second(at)), expected, "text {n}");
        }
    }

    #[test]
    fn a_campaign_takes_nothing_that_an_answer_waits_for() {
        let tenth = |n: i64| Time(n * 100_000);
        let mut rate = Rate::new(10, tenth(0));
        let table = [
            (0, Lane::Bulk, 8, Ok(())),
            (0, Lane::Conversation, 5, Err(tenth(3))),
            // Two segments are there, but the answer saves up for five.
            (0, Lane::Bulk, 1, Err(tenth(8))),
            // Both are due: the campaign asks first, and the answer goes.
            (3, Lane::Bulk, 1, Err(tenth(9))),
            (3, Lane::Conversation, 5, Ok(())),
            (9, Lane::Bulk, 1, Ok(())),
        ];
        for (n, (at, lane, segments, expected)) in table.into_iter().enumerate() {
            assert_eq!(rate.take(lane, segments, tenth(at)), expected, "text {n}");
        }
    }
}
