//! Conversations: their states, and what a message from the customer does to one.

use crate::{ConversationId, Time, words};

words! {
    /// Where a conversation stands.
    ConversationStatus {
        /// Somebody is, or should be, at it.
        Open = "open",
        /// Set aside until a time or the customer's next message.
        Snoozed = "snoozed",
        /// Dealt with.
        Closed = "closed",
        /// Its messages went into another conversation.
        Merged = "merged",
    }
}

words! {
    /// What a message does that comes to a closed conversation.
    ReopenRule {
        /// The closed conversation opens again, however old.
        Always = "always",
        /// It opens again within the channel's days; after them a new one follows it.
        Within = "within",
        /// A new one follows it.
        Never = "never",
    }
}

/// The newest conversation of a customer on a channel, as far as the reopen rule needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newest {
    /// Its id.
    pub id: ConversationId,
    /// Where it stands.
    pub status: ConversationStatus,
    /// When it was closed.
    pub closed_at: Option<Time>,
}

/// Where a message from a customer belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Into this conversation, which stays open.
    Join(ConversationId),
    /// Into this conversation, which wakes up from its snooze.
    Wake(ConversationId),
    /// Into this conversation, which opens again.
    Reopen(ConversationId),
    /// Into a new conversation; `follows` is the one it continues.
    New {
        /// The earlier conversation it continues.
        follows: Option<ConversationId>,
    },
}

/// Decides where a message belongs that came at `now`.
///
/// `days` is the channel's reopen window and counts only under [`ReopenRule::Within`]; the last moment of it still reopens.
pub fn place(newest: Option<Newest>, rule: ReopenRule, days: i64, now: Time) -> Place {
    let Some(newest) = newest else {
        return Place::New { follows: None };
    };
    let reopens = match rule {
        ReopenRule::Always => true,
        ReopenRule::Never => false,
        ReopenRule::Within => newest
            .closed_at
            .is_none_or(|at| now <= at.plus_seconds(days.saturating_mul(86_400))),
    };
    match newest.status {
        ConversationStatus::Open => Place::Join(newest.id),
        ConversationStatus::Snoozed => Place::Wake(newest.id),
        ConversationStatus::Closed if reopens => Place::Reopen(newest.id),
        ConversationStatus::Closed | ConversationStatus::Merged => Place::New {
            follows: Some(newest.id),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{ConversationStatus::*, *};

    #[test]
    fn the_reopen_rule_decides_where_a_message_goes() {
        let id = ConversationId(7);
        let day = |n: i64| Time(n * 86_400_000_000);
        let new = Place::New { follows: Some(id) };
        let table = [
            (Open, None, ReopenRule::Never, day(90), Place::Join(id)),
            (Snoozed, None, ReopenRule::Never, day(90), Place::Wake(id)),
            (Closed, Some(day(1)), ReopenRule::Always, day(900), Place::Reopen(id)),
            (Closed, Some(day(1)), ReopenRule::Never, day(1), new),
            (Closed, Some(day(1)), ReopenRule::Within, day(6), Place::Reopen(id)),
            (Closed, Some(day(1)), ReopenRule::Within, Time(day(6).0 + 1), new),
            (Merged, None, ReopenRule::Always, day(1), new),
        ];
        for (status, closed_at, rule, now, expected) in table {
            let newest = Some(Newest { id, status, closed_at });
            assert_eq!(place(newest, rule, 5, now), expected, "{status} {rule}");
        }
        assert_eq!(place(None, ReopenRule::Always, 5, day(1)), Place::New { follows: None });
    }
}
