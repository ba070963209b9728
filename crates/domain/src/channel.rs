//! Channels: the ways that messages come and go.

use crate::words;

words! {
    /// Who carries a channel's messages.
    ChannelKind {
        /// A text number with Twilio, or with a service that speaks its protocol.
        Twilio = "twilio",
        /// A telephone inside this server, to try everything out on.
        Simulator = "simulator",
    }
}
