//! What a request of collection says, before anything of it is believed: the key, and each call's own text.

use std::borrow::Cow;

use axum::http::{HeaderMap, StatusCode, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    SourceId, Time, cloud_event,
    collection::{self, Call, CallKind, CallRefusal, Envelope, Object, Origin},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Named, unknown};
use crate::http::problem::{Answer, Problem};

/// A request.
pub struct Request {
    /// The key that it came with.
    pub write_key: String,
    /// What holds for all calls.
    pub envelope: Envelope,
    /// In which words it tells.
    pub form: Form,
    /// The calls, each as it came.
    pub calls: Vec<String>,
}

/// In which words a request tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In Segment's: a call of the kind that the address names, or calls that say their own.
    Call(Option<CallKind>),
    /// As cloud events.
    CloudEvent,
}

impl Form {
    /// Gives the word that it is kept under.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Call(kind) => kind.map_or("", CallKind::as_str),
            Form::CloudEvent => "cloud_event",
        }
    }

    /// Reads the word that it is kept under.
    pub fn of(word: &str) -> Form {
        match word {
            "cloud_event" => Form::CloudEvent,
            word => Form::Call(word.parse().ok()),
        }
    }

    /// Reads one call.
    pub fn read(
        self,
        text: &str,
        (source, received): (SourceId, Time),
        envelope: &Envelope,
    ) -> Result<Call, CallRefusal> {
        match self {
            Form::CloudEvent => cloud_event::read(text, source, received),
            Form::Call(kind) => collection::read(
                text,
                Origin {
                    source,
                    kind,
                    envelope,
                    received,
                },
            ),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    write_key: Option<String>,
    sent_at: Option<Value>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    batch: Option<Vec<&'a RawValue>>,
}

/// Reads a request. The calls of a batch are not looked into, so that a bad one spoils no other.
pub fn read(headers: &HeaderMap, body: &[u8], named: &Named) -> Answer<Request> {
    // One byte that is no UTF-8 would else lose a whole batch.
    let text = &*String::from_utf8_lossy(body);
    let text = &*with_numbers_only(text);
    let head: Head = serde_json::from_str(text).map_err(|error| bad(&format!("the body is not a call: {error}")))?;
    let write_key = key(headers)
        .or(head.write_key.filter(|key| !key.is_empty()))
        .ok_or_else(|| unknown("a write key is missing: as the user name of Basic, or as writeKey in the body"))?;
    match named {
        Named::Batch => {
            let calls = head.batch.ok_or_else(|| bad("a batch needs the list 'batch'"))?;
            let context = head
                .context
                .and_then(|context| serde_json::from_str::<Object>(context.get()).ok());
            Ok(Request {
                write_key,
                envelope: Envelope {
                    sent_at: head.sent_at,
                    context: context.unwrap_or_default(),
                },
                form: Form::Call(None),
                calls: calls.into_iter().map(|call| call.get().to_owned()).collect(),
            })
        }
        Named::One(kind) => Ok(Request {
            write_key,
            envelope: Envelope::default(),
            form: Form::Call(Some(*kind)),
            calls: vec![text.to_owned()],
        }),
    }
}

/// Puts `null` where a program wrote what is no number and no JSON either (`NaN`, `Infinity`): one such value in one call would
/// else lose a whole batch.
pub fn with_numbers_only(text: &str) -> Cow<'_, str> {
    const NONE: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    if !text.contains("NaN") && !text.contains("Infinity") {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest, mut is_string) = (String::with_capacity(text.len()), text, false);
    while let Some(sign) = rest.chars().next() {
        let found = NONE.iter().find(|none| !is_string && rest.starts_with(**none));
        let taken = match (found, sign) {
            (Some(none), _) => {
                out.push_str("null");
                rest = &rest[none.len()..];
                continue;
            }
            // What is escaped ends no string.
            (None, '\\') if is_string => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (None, sign) => sign.len_utf8(),
        };
        is_string ^= sign == '"';
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    Cow::Owned(out)
}

/// Gives the key in the headers: the user name of `Authorization: Basic`, or what comes as `Bearer`.
pub fn key(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    let key = if scheme.eq_ignore_ascii_case("bearer") {
        credentials.trim().to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
        pair.split_once(':').map(|(user, _)| user.to_owned())?
    } else {
        return None;
    };
    Some(key).filter(|key| !key.is_empty())
}

/// A refusal of what cannot be read.
pub fn bad(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "not_json", detail)
}
