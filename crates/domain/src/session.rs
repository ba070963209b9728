//! Sessions: one run of a flow with one customer.

use crate::words;

words! {
    /// Where a session stands.
    SessionStatus {
        /// For the customer's next text, or its time to run out.
        Waiting = "waiting",
        /// An agent has taken over.
        Paused = "paused",
        /// It is over.
        Ended = "ended",
    }
}

words! {
    /// Why a session ended.
    SessionEnd {
        Completed = "completed",
        HandedOff = "handed_off",
        TimedOut = "timed_out",
        Expired = "expired",
        Interrupted = "interrupted",
        Failed = "failed",
        OptedOut = "opted_out",
    }
}
