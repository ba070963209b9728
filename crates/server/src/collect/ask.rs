//! What a request of collection says, before anything of it is believed: the key, and each call's own text.

use axum::http::{HeaderMap, StatusCode, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::collection::{CallKind, Envelope, Object};
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
    /// What the address says each call is.
    pub kind: Option<CallKind>,
    /// The calls, each as it came.
    pub calls: Vec<String>,
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
    let text = std::str::from_utf8(body).map_err(|_| bad("the body is not UTF-8"))?;
    let head: Head = serde_json::from_str(text).map_err(|error| bad(&format!("the body is not a call: {error}")))?;
    let write_key = basic(headers)
        .or(head.write_key)
        .filter(|key| !key.is_empty())
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
                kind: None,
                calls: calls.into_iter().map(|call| call.get().to_owned()).collect(),
            })
        }
        Named::One(kind) => Ok(Request {
            write_key,
            envelope: Envelope::default(),
            kind: Some(*kind),
            calls: vec![text.to_owned()],
        }),
    }
}

/// Gives the user name of `Authorization: Basic`.
fn basic(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(user, _)| user.to_owned())
}

fn bad(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "not_json", detail)
}
