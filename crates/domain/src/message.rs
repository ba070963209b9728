//! Messages: who wrote, which way, and how far a message has come.

use crate::words;

words! {
    /// Which way a message went: `in` from the customer, `out` to the customer.
    Direction { In = "in", Out = "out" }
}

words! {
    /// Who wrote a message.
    Author { Customer = "customer", User = "user", Flow = "flow", System = "system" }
}

words! {
    /// How far a message has come.
    MessageStatus {
        /// Came from the customer.
        Received = "received",
        /// Will be sent at a chosen time.
        Scheduled = "scheduled",
        /// Waits for its turn (or for the undo window to pass).
        Queued = "queued",
        /// Is being handed to the provider. A crash here leaves it unconfirmed, never sent twice.
        Sending = "sending",
        /// The provider has it.
        Sent = "sent",
        /// It is on the customer's phone.
        Delivered = "delivered",
        /// The customer has opened it.
        Read = "read",
        /// The carrier could not deliver it.
        Undelivered = "undelivered",
        /// The provider would not take it.
        Failed = "failed",
        /// We do not know whether the provider took it: a person decides whether to send again.
        Unconfirmed = "unconfirmed",
        /// Taken back before it was sent.
        Cancelled = "cancelled",
        /// Not sent, because the customer has opted out or the channel is switched off.
        Refused = "refused",
    }
}

words! {
    /// Which queue a message waits in: answers before campaigns.
    Lane { Conversation = "conversation", Bulk = "bulk" }
}

impl MessageStatus {
    /// Decides what a provider's report changes: callbacks arrive out of order, so a status never goes backwards.
    ///
    /// Gives the new status, or `None` when the report is older than what is known.
    /// `queued < sending < unconfirmed < sent < delivered < read`; failed and undelivered are final,
    /// except that proof of delivery beats an earlier report of failure.
    pub fn advance(self, report: MessageStatus) -> Option<MessageStatus> {
        let (now, then) = (self.rank()?, report.rank()?);
        (then > now).then_some(report)
    }

    fn rank(self) -> Option<u8> {
        use MessageStatus::*;
        match self {
            Queued => Some(1),
            Sending => Some(2),
            Unconfirmed => Some(3),
            Sent => Some(4),
            Failed | Undelivered => Some(5),
            Delivered => Some(6),
            Read => Some(7),
            Received | Scheduled | Cancelled | Refused => None,
        }
    }

    /// Says whether the provider has the message, and nothing is known against it.
    pub fn has_left(self) -> bool {
        matches!(
            self,
            MessageStatus::Sent | MessageStatus::Delivered | MessageStatus::Read
        )
    }

    /// Says whether the message can still be taken back.
    pub fn can_cancel(self) -> bool {
        matches!(self, MessageStatus::Scheduled | MessageStatus::Queued)
    }

    /// Says whether a person may ask to send it once more.
    pub fn can_retry(self) -> bool {
        matches!(
            self,
            MessageStatus::Failed | MessageStatus::Undelivered | MessageStatus::Unconfirmed
        )
    }
}

/// Gives the one line that stands for a message in a list: white space folded, at most `MAX_LINE` characters.
pub fn line(body: &str) -> String {
    let folded = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match folded.char_indices().nth(MAX_LINE) {
        Some((end, _)) => format!("{}…", &folded[..end]),
        None => folded,
    }
}

/// The longest last line kept for the conversation list, in characters.
pub const MAX_LINE: usize = 160;

/// The longest text that can be sent, in characters: what the strictest provider takes in one call.
pub const MAX_SMS: usize = 1_600;

/// The longest text that is taken from anyone, in characters.
pub const MAX_BODY: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::{MessageStatus::*, *};

    #[test]
    fn a_late_report_never_moves_a_message_back() {
        let table = [
            (Queued, Sent, Some(Sent)),
            (Sending, Delivered, Some(Delivered)),
            (Delivered, Sent, None),
            (Sent, Sent, None),
            (Read, Delivered, None),
            (Failed, Sent, None),
            (Undelivered, Delivered, Some(Delivered)),
            (Delivered, Undelivered, None),
            (Unconfirmed, Sent, Some(Sent)),
            (Cancelled, Sent, None),
            (Received, Delivered, None),
        ];
        for (now, report, expected) in table {
            assert_eq!(now.advance(report), expected, "{now} then {report}");
        }
    }

    #[test]
    fn a_line_is_short_and_flat() {
        assert_eq!(line("a\n  b"), "a b");
        assert_eq!(line(&"é".repeat(200)).chars().count(), MAX_LINE + 1);
    }
}
