//! Sending: a text in Twilio's words, and Twilio's answer in ours.
//!
//! The provider has no key that makes a repeated request harmless, so what matters is whether a request that failed may
//! have been taken. It cannot have been when no connection came about, when the answer is a refusal (4xx), or when the
//! provider says to come back later (429, 503 with `Retry-After`). In every other case — the time ran out, the connection
//! broke after the request was written, the answer was cut off, a 500, 502 or 504 from behind a proxy that may already
//! have passed the request on, a 503 without a time, which proxies also give when the connection behind them broke — the
//! text may be on its way, and the error is [`SendErrorKind::Unknown`].

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::message::MessageStatus;
use reqwest::{StatusCode, header};
use serde::Deserialize;

use super::{Config, Twilio, errors, status};
use crate::{Accepted, Outgoing, SendError, SendErrorKind, http};

/// The longest answer that is read; Twilio's are about 1 kB.
const ANSWER_LIMIT: usize = 256 * 1024;

/// A call to the provider, ready to be made. It is always a POST of a form.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Where to.
    pub url: String,
    /// The `Authorization` header.
    pub authorization: String,
    /// The fields, in order; names may repeat.
    pub form: Vec<(&'static str, String)>,
}

/// Puts a text in Twilio's words. Sends by the messaging service where there is one, else from the channel's number.
pub fn request(config: &Config, outgoing: &Outgoing) -> HttpRequest {
    let mut form = vec![("To", outgoing.to.clone())];
    form.push(match &config.messaging_service_sid {
        Some(service) => ("MessagingServiceSid", service.clone()),
        None => ("From", outgoing.from.clone()),
    });
    if !outgoing.body.is_empty() {
        form.push(("Body", outgoing.body.clone()));
    }
    form.extend(outgoing.media_urls.iter().map(|url| ("MediaUrl", url.clone())));
    if let Some(url) = &outgoing.status_callback {
        let joint = if url.contains('?') { '&' } else { '?' };
        form.push((
            "StatusCallback",
            format!(
                "{url}{joint}{}={}&{}={}",
                status::QUERY,
                outgoing.message_id,
                status::ATTEMPT,
                outgoing.attempt
            ),
        ));
    }
    HttpRequest {
        url: format!(
            "{}/2010-04-01/Accounts/{}/Messages.json",
            config.base_url, config.account_sid
        ),
        authorization: authorization(config),
        form,
    }
}

/// Gives the `Authorization` header of a channel's account.
pub(super) fn authorization(config: &Config) -> String {
    let pair = format!("{}:{}", config.account_sid, config.auth_token);
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

/// What Twilio answers to a text, of either kind.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    sid: Option<String>,
    status: Option<serde_json::Value>,
    code: Option<i64>,
    message: Option<String>,
}

/// Reads the provider's answer; `retry_after` is the header of that name, `body` is `None` when it was cut off.
pub fn read_response(status: u16, retry_after: Option<&str>, body: Option<&[u8]>) -> Result<Accepted, SendError> {
    let answer: Answer = body
        .and_then(|body| serde_json::from_slice(body).ok())
        .unwrap_or_default();
    match (status, answer.sid) {
        (200..=299, Some(sid)) => Ok(Accepted {
            provider_id: sid,
            status: taken(answer.status.as_ref()),
        }),
        (200..=299, None) => Err(unknown("the provider took the text but its answer cannot be read")),
        _ => {
            let wait = retry_after
                .and_then(|text| text.trim().parse().ok())
                .map(Duration::from_secs);
            Err(refusal(status, wait, answer.code, answer.message))
        }
    }
}

/// Reads how far a text has come that was taken; one that fails at once is reported by a callback as well.
fn taken(word: Option<&serde_json::Value>) -> MessageStatus {
    let read = word
        .and_then(|word| word.as_str())
        .and_then(|word| status::status(word).ok());
    read.unwrap_or(MessageStatus::Sent)
}

fn refusal(status: u16, wait: Option<Duration>, code: Option<i64>, message: Option<String>) -> SendError {
    use SendErrorKind::*;
    let code = code.map(|code| code.to_string());
    let said = message.unwrap_or_else(|| format!("the provider answered {status}"));
    let (kind, text) = match status {
        429 => (
            Throttled,
            "the provider asks for a pause: too many texts at once".to_owned(),
        ),
        503 if wait.is_some() => (ProviderDown, "the provider is down for the moment".to_owned()),
        401 | 403 => (
            AuthFailed,
            "the provider does not accept the channel's account: check the account SID and the auth token".to_owned(),
        ),
        300..=399 => (
            Rejected,
            "the provider's address leads elsewhere: check the base URL".to_owned(),
        ),
        400..=499 => (Rejected, said),
        _ => (
            Unknown,
            format!("the provider failed ({status}) and may have taken the text all the same"),
        ),
    };
    // A code is more exact than the status, but what may have been taken stays so whatever the code says.
    let coded = code
        .as_deref()
        .and_then(errors::from_code)
        .filter(|_| (400..=499).contains(&status));
    SendError {
        retry_after: wait,
        ..coded.unwrap_or(SendError {
            provider_code: code,
            ..SendError::new(kind, text)
        })
    }
}

fn unknown(text: &str) -> SendError {
    SendError::new(SendErrorKind::Unknown, text)
}

impl Twilio {
    /// Hands a text to the provider, once.
    pub async fn send(&self, client: &reqwest::Client, outgoing: &Outgoing) -> Result<Accepted, SendError> {
        let request = request(&self.config, outgoing);
        let call = client
            .post(request.url)
            .header(header::AUTHORIZATION, request.authorization);
        let response = call.form(&request.form).send().await.map_err(broken)?;
        let status: StatusCode = response.status();
        let retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|wait| wait.to_str().ok())
            .map(str::to_owned);
        let body = http::body(response, ANSWER_LIMIT).await;
        read_response(status.as_u16(), retry_after.as_deref(), body.as_deref())
    }
}

/// Tells a connection that never was from one that broke. In doubt it broke.
fn broken(error: reqwest::Error) -> SendError {
    if error.is_connect() {
        SendError::new(SendErrorKind::Unreachable, "the provider cannot be reached")
    } else if error.is_builder() {
        SendError::new(
            SendErrorKind::Rejected,
            "the provider's address is not valid: check the base URL",
        )
    } else if error.is_timeout() {
        unknown("the provider did not answer in time and may have taken the text")
    } else {
        unknown("the connection to the provider broke and the text may have been taken")
    }
}
