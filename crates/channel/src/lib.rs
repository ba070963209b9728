//! Providers: the only room that knows how a text is carried. One module a provider: what it posts to us is parsed, what
//! we send is put in its words, and what it answers becomes one of our errors.
//!
//! This room sees neither the database nor the flows. It holds no state but a provider's settings and its connections:
//! a caller marks a message as being sent durably *before* it calls [`Provider::send`], and reads the answer by
//! [`SendError::kind`].

pub mod chat;
mod error;
mod form;
pub mod http;
mod payload;
pub mod phone;
pub mod rate;
pub mod simulator;
pub mod twilio;

use std::str::FromStr;

pub use domain::channel::ChannelKind;
pub use error::{SendError, SendErrorKind};
pub use payload::{Address, Inbound, Media, Payload, Problem, StatusReport, find_channel};
use serde_json::Value;
pub use twilio::media::{Fetched, MediaError};

use domain::message::MessageStatus;

/// A text on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The customer's address.
    pub to: String,
    /// The channel's own address.
    pub from: String,
    /// The text; may be empty when there is media.
    pub body: String,
    /// Where the provider fetches attachments.
    pub media_urls: Vec<String>,
    /// Where the provider reports what became of the text; the message's id is added to it.
    pub status_callback: Option<String>,
    /// Our id of the message.
    pub message_id: i64,
    /// Which attempt to hand it over this is: reports name it.
    pub attempt: i64,
    /// What it costs, for the rate.
    pub segments: u32,
}

/// What a provider says that has taken a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's id of the message.
    pub provider_id: String,
    /// How far the message has come with that.
    pub status: MessageStatus,
}

/// A request that claims to come from a provider.
#[derive(Debug, Clone, Copy)]
pub struct Hook<'a> {
    /// The address the provider was told to post to, from the configured public URL and never from forwarded headers,
    /// with the request's query.
    pub url: &'a str,
    /// The `Content-Type` header.
    pub content_type: &'a str,
    /// The body as it came.
    pub body: &'a [u8],
    /// The header named by [`Provider::signature_header`].
    pub signature: Option<&'a str>,
}

/// Why a request is not taken from a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no signature.
    #[error("the request is not signed")]
    Unsigned,
    /// The signature does not fit.
    #[error("the signature does not fit: check the auth token and the public URL")]
    WrongSignature,
    /// The body is not the one that was signed.
    #[error("the body is not the one that was signed")]
    WrongBody,
    /// The channel has no secret to check with, so nobody can be let in.
    #[error("the channel has no auth token to check the signature with")]
    NoSecret,
    /// The channel takes nothing from outside.
    #[error("the channel takes no requests from outside")]
    Closed,
}

impl Refusal {
    /// Gives the short word that refusals are counted by.
    pub const fn reason(self) -> &'static str {
        match self {
            Refusal::Unsigned => "unsigned",
            Refusal::WrongSignature => "wrong_signature",
            Refusal::WrongBody => "wrong_body",
            Refusal::NoSecret => "no_secret",
            Refusal::Closed => "closed",
        }
    }
}

/// Why a channel's settings make no provider.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such provider.
    #[error(transparent)]
    Kind(#[from] domain::UnknownWord),
    /// A setting is missing or is not what it should be.
    #[error("the channel's settings cannot be read: {0}")]
    Config(#[from] serde_json::Error),
    /// The base URL is not one.
    #[error("'{0}' is not a base URL: it needs http:// or https:// and a host")]
    BaseUrl(String),
}

/// Who carries a channel's texts: only the settings, so that one can be made for every webhook. What sends is given the
/// client of [`http::client`], which keeps its connections between texts.
#[derive(Debug, Clone)]
pub enum Provider {
    /// Twilio, or a service that speaks its protocol.
    Twilio(twilio::Twilio),
    /// The telephone inside this server.
    Simulator,
    /// The chat on the company's websites.
    Chat(chat::Chat),
}

impl Provider {
    /// Builds the provider of a channel from the channel's kind and settings.
    pub fn from_config(kind: &str, config: &Value) -> Result<Provider, ConfigError> {
        Ok(match ChannelKind::from_str(kind)? {
            ChannelKind::Twilio => Provider::Twilio(twilio::Twilio::new(serde_json::from_value(config.clone())?)?),
            ChannelKind::Simulator => Provider::Simulator,
            ChannelKind::Chat => Provider::Chat(serde_json::from_value(config.clone())?),
        })
    }

    /// Names the header that carries a provider's signature.
    pub const fn signature_header() -> &'static str {
        twilio::signature::HEADER
    }

    /// Says whether a request really comes from the provider. Fails closed.
    pub fn verify(&self, hook: &Hook) -> Result<(), Refusal> {
        match self {
            Provider::Twilio(twilio) => twilio.verify(hook),
            Provider::Simulator | Provider::Chat(_) => Err(Refusal::Closed),
        }
    }

    /// Reads what the provider posted; `query` is the query of the address it posted to.
    pub fn parse(&self, query: &str, body: &[u8]) -> Result<Payload, Problem> {
        match self {
            Provider::Twilio(_) => twilio::parse(query, body),
            Provider::Simulator => simulator::parse(body),
            Provider::Chat(_) => chat::parse(body),
        }
    }

    /// Hands a text to the provider, once: nothing is tried again in here.
    pub async fn send(&self, client: &reqwest::Client, outgoing: &Outgoing) -> Result<Accepted, SendError> {
        match self {
            Provider::Twilio(twilio) => twilio.send(client, outgoing).await,
            Provider::Simulator => Ok(simulator::send(outgoing)),
            Provider::Chat(_) => Ok(chat::send(outgoing)),
        }
    }

    /// Gives the provider's id for a group of numbers, which an inbound text is matched by before its number is.
    pub fn messaging_service(&self) -> Option<&str> {
        match self {
            Provider::Twilio(twilio) => twilio.config().messaging_service_sid.as_deref(),
            Provider::Simulator | Provider::Chat(_) => None,
        }
    }

    /// Gives the account at the provider: its secret signs what comes for all of the account's numbers.
    pub fn account(&self) -> Option<&str> {
        match self {
            Provider::Twilio(twilio) => Some(&twilio.config().account_sid),
            Provider::Simulator | Provider::Chat(_) => None,
        }
    }

    /// Fetches an inbound attachment of at most `limit` bytes from the provider.
    pub async fn fetch_media(
        &self,
        client: &reqwest::Client,
        outside: &http::Outside,
        url: &str,
        limit: usize,
    ) -> Result<Fetched, MediaError> {
        match self {
            Provider::Twilio(twilio) => twilio.fetch_media(client, outside, url, limit).await,
            Provider::Simulator | Provider::Chat(_) => Err(MediaError::Elsewhere),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_comes_from_a_channels_settings() {
        let config = serde_json::json!({"account_sid": "AC1", "auth_token": "t", "messaging_service_sid": "MG1"});
        let provider = Provider::from_config("twilio", &config).unwrap();
        assert_eq!(provider.messaging_service(), Some("MG1"));
        assert!(!format!("{provider:?}").contains("\"t\""), "secrets stay out of logs");
        assert!(matches!(
            Provider::from_config("simulator", &Value::Null),
            Ok(Provider::Simulator)
        ));
        assert!(matches!(
            Provider::from_config("pigeon", &config),
            Err(ConfigError::Kind(_))
        ));
        assert!(matches!(
            Provider::from_config("twilio", &Value::Null),
            Err(ConfigError::Config(_))
        ));
        let config = serde_json::json!({"account_sid": "AC1", "auth_token": "t", "base_url": "twilio.com"});
        assert!(matches!(
            Provider::from_config("twilio", &config),
            Err(ConfigError::BaseUrl(_))
        ));
    }
}
