//! Why a text did not leave, in words that do not depend on the provider.

use std::time::Duration;

use domain::words;

words! {
    /// What kind of failure it was, and so what may be done about it.
    SendErrorKind {
        /// The customer has opted out at the provider or the carrier: record it, send nothing.
        OptedOut = "opted_out",
        /// Too fast: the provider did not take it and wants to be asked later.
        Throttled = "throttled",
        /// The number cannot get texts.
        BadNumber = "bad_number",
        /// The provider does not know us: every text of the channel will fail until the settings are right.
        AuthFailed = "auth_failed",
        /// No connection came about, so nothing was sent.
        Unreachable = "unreachable",
        /// The provider is down and says that it took nothing.
        ProviderDown = "provider_down",
        /// The provider will not take this text, now or later.
        Rejected = "rejected",
        /// The request was on its way when the connection, the provider or the time gave out: it may have been taken.
        Unknown = "unknown",
    }
}

impl SendErrorKind {
    /// Says whether the same text may be handed over again by itself.
    ///
    /// Only where it is certain that the provider did not take it. [`SendErrorKind::Unknown`] is not: a second try could
    /// reach the customer twice, so the message becomes unconfirmed until a callback or a person settles it.
    pub const fn is_retryable(self) -> bool {
        use SendErrorKind::*;
        match self {
            Throttled | Unreachable | ProviderDown => true,
            OptedOut | BadNumber | AuthFailed | Rejected | Unknown => false,
        }
    }
}

/// Why a text did not leave, or may not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SendError {
    /// What kind of failure it was.
    pub kind: SendErrorKind,
    /// How long the provider asks us to wait.
    pub retry_after: Option<Duration>,
    /// The provider's own code, to look it up.
    pub provider_code: Option<String>,
    /// What happened, for the agent who wrote the text.
    pub text: String,
}

impl SendError {
    /// Makes an error without a code.
    pub fn new(kind: SendErrorKind, text: impl Into<String>) -> SendError {
        SendError {
            kind,
            retry_after: None,
            provider_code: None,
            text: text.into(),
        }
    }

    /// Says whether the same text may be handed over again by itself.
    pub const fn is_retryable(&self) -> bool {
        self.kind.is_retryable()
    }
}
