//! Channels: the ways that messages come and go.

use crate::words;

words! {
    /// Who carries a channel's messages.
    ChannelKind {
        /// A text number with Twilio, or with a service that speaks its protocol.
        Twilio = "twilio",
        /// A telephone inside this server, to try everything out on.
        Simulator = "simulator",
        /// The chat on the company's websites.
        Chat = "chat",
    }
}

impl ChannelKind {
    /// Says whether its messages are texts to telephones, with all that carriers and the law ask of those: segments, words
    /// like STOP, consent.
    pub const fn is_phone(self) -> bool {
        !matches!(self, ChannelKind::Chat)
    }

    /// Gives the kind of identity that the addresses on it are.
    pub const fn identity(self) -> &'static str {
        if self.is_phone() { "phone" } else { CHAT_ID }
    }
}

/// The kind of identity that a visitor of a chat has.
pub const CHAT_ID: &str = "chat";
