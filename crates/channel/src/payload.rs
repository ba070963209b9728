//! What providers post to us, in words that do not depend on the provider.

use domain::{consent::ComplianceWord, message::MessageStatus};

use crate::SendErrorKind;

/// Something a provider posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// A text from a customer.
    Inbound(Inbound),
    /// News about a text to a customer.
    Status(StatusReport),
}

/// A text from a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inbound {
    /// The provider's id of the message: the same id is the same message, however often it is posted.
    pub provider_id: String,
    /// Who wrote, as the provider says it.
    pub from: String,
    /// To which of our addresses; may be one of several numbers of a messaging service.
    pub to: String,
    /// The group of numbers it came through, which tells the channel before the number does.
    pub messaging_service_sid: Option<String>,
    /// The account at the provider.
    pub account_sid: Option<String>,
    /// The text; empty when there is only media.
    pub body: String,
    /// What came with it.
    pub media: Vec<Media>,
    /// The compliance word that the provider recognised and has already answered.
    pub opt_out_type: Option<ComplianceWord>,
}

/// A file that came with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Where the provider keeps it.
    pub url: String,
    /// What it is, `application/octet-stream` when the provider does not say.
    pub content_type: String,
}

/// News about a text to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The provider's id of the message.
    pub provider_id: String,
    /// Our id of the message, from the address that we asked the report to be posted to.
    pub our_message: Option<i64>,
    /// The attempt that the report is about, from the same address.
    pub attempt: Option<i64>,
    /// How far it has come; [`MessageStatus::advance`] decides whether that is news.
    pub status: MessageStatus,
    /// The provider's code for what went wrong.
    pub error_code: Option<String>,
    /// What kind of failure that is.
    pub error_kind: Option<SendErrorKind>,
    /// What went wrong, for the agent who wrote the text.
    pub error: Option<String>,
}

/// Why something a provider posted cannot be understood. It is kept and shown, never dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A field is not UTF-8.
    #[error("{0} is not valid UTF-8")]
    NotUtf8(String),
    /// A field is missing that nothing can be done without.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A status is not one we know.
    #[error("'{0}' is not a known message status")]
    UnknownStatus(String),
    /// The body is not the JSON it should be.
    #[error("the body cannot be read: {0}")]
    NotJson(String),
}

impl Payload {
    /// Gives the key that the same thing posted again has too.
    ///
    /// A text is its provider's id. News is the id with the status, for each step comes as a post of its own.
    pub fn key(&self) -> String {
        match self {
            Payload::Inbound(inbound) => inbound.provider_id.clone(),
            Payload::Status(report) => format!("{}:{}", report.provider_id, report.status),
        }
    }
}

/// A channel as far as finding it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a, K> {
    /// What the caller knows the channel by.
    pub key: K,
    /// The channel's number.
    pub number: &'a str,
    /// Its messaging service.
    pub messaging_service_sid: Option<&'a str>,
}

/// Finds the channel a text came to: by messaging service first, then by number.
///
/// A messaging service answers from whichever of its numbers it likes, so the number alone would send a text to the
/// wrong channel or to none. Among several channels of one service the one with the number wins.
pub fn find_channel<K: Copy>(inbound: &Inbound, channels: &[Address<K>]) -> Option<K> {
    let service = inbound.messaging_service_sid.as_deref();
    let in_service = |channel: &&Address<K>| service.is_some() && channel.messaging_service_sid == service;
    let has_number = |channel: &&Address<K>| channel.number == inbound.to;
    let channels = || channels.iter();
    let both = channels().find(|channel| in_service(channel) && has_number(channel));
    let found = both
        .or_else(|| channels().find(in_service))
        .or_else(|| channels().find(has_number));
    found.map(|channel| channel.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_messaging_service_comes_before_the_number() {
        let channel = |key, number, messaging_service_sid| Address {
            key,
            number,
            messaging_service_sid,
        };
        let channels = [
            channel(1, "+15550001", None),
            channel(2, "+15550002", Some("MG1")),
            channel(3, "+15550003", Some("MG1")),
        ];
        let table = [
            ("+15550001", None, Some(1)),
            ("+15550001", Some("MG1"), Some(2)),
            ("+15550003", Some("MG1"), Some(3)),
            ("+15550009", Some("MG1"), Some(2)),
            ("+15550002", Some("MG9"), Some(2)),
            ("+15550009", None, None),
        ];
        for (to, service, expected) in table {
            let inbound = Inbound {
                to: to.to_owned(),
                messaging_service_sid: service.map(str::to_owned),
                ..Inbound::default()
            };
            assert_eq!(find_channel(&inbound, &channels), expected, "{to} {service:?}");
        }
    }
}
