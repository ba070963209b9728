//! Cloud events over HTTP: the three ways that CloudEvents 1.0 has them (binary, structured, batched), read into calls.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::collection::{Envelope, Object, Tally};
use serde_json::{Value, value::RawValue};

use super::{
    ask::{self, Form, Request, bad},
    must_be_taken, refused, take_from, unknown, whole,
};
use crate::{
    app::Shared,
    http::problem::{Answer, Problem},
};

const STRUCTURED: &str = "application/cloudevents+json";
const BATCHED: &str = "application/cloudevents-batch+json";

/// Takes cloud events, and says what became of them.
pub async fn tell(
    State(app): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer<Json<Tally>> {
    let write_key = ask::key(&headers)
        .ok_or_else(|| unknown("a write key is missing: as Bearer, or as the user name of Basic, in Authorization"))?;
    let kind = media_type(&headers);
    let calls = whole(body).and_then(|body| calls(&headers, &kind, &body));
    let calls = refused::noted(&app, &headers, calls).await?;
    let request = Request {
        write_key,
        envelope: Envelope::default(),
        form: Form::CloudEvent,
        calls,
    };
    let taken = take_from(&app, &headers, &request).await?;
    if kind != BATCHED {
        must_be_taken(&taken)?;
    }
    Ok(Json(taken.tally))
}

/// Gives the events of a request, each as it came.
fn calls(headers: &HeaderMap, kind: &str, body: &[u8]) -> Answer<Vec<String>> {
    match kind {
        // One byte that is no UTF-8 would else lose a whole batch.
        BATCHED => batch(&String::from_utf8_lossy(body)),
        STRUCTURED => Ok(vec![text(body)?.to_owned()]),
        other if other.starts_with("application/cloudevents") => {
            let detail =
                format!("cloud events are taken as {STRUCTURED}, as {BATCHED}, or with their attributes as headers");
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail))
        }
        _ => Ok(vec![from_headers(headers, kind, body)?]),
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

fn text(body: &[u8]) -> Answer<&str> {
    std::str::from_utf8(body).map_err(|_| bad("the body is not UTF-8"))
}

/// Gives the events of a batch, none of them looked into, so that a bad one spoils no other.
fn batch(body: &str) -> Answer<Vec<String>> {
    let events: Vec<&RawValue> =
        serde_json::from_str(body).map_err(|error| bad(&format!("the body is not a list of events: {error}")))?;
    Ok(events.into_iter().map(|event| event.get().to_owned()).collect())
}

/// Puts an event together whose attributes are headers and whose data is the body.
fn from_headers(headers: &HeaderMap, kind: &str, body: &[u8]) -> Answer<String> {
    if !headers.contains_key("ce-specversion") {
        return Err(bad(&format!(
            "this is no cloud event: it is neither {STRUCTURED} nor {BATCHED}, and has no header ce-specversion"
        )));
    }
    let mut event = Object::new();
    for (name, value) in headers {
        if let Some(name) = name.as_str().strip_prefix("ce-") {
            let value = value
                .to_str()
                .map_err(|_| bad(&format!("the header ce-{name} is not plain text")))?;
            event.insert(name.to_owned(), Value::String(decoded(value)));
        }
    }
    if !kind.is_empty() {
        event.insert("datacontenttype".to_owned(), Value::String(kind.to_owned()));
    }
    // A header is never the data.
    event.retain(|name, _| name != "data" && name != "data_base64");
    if !body.is_empty() {
        let (name, data) = data(kind, body)?;
        event.insert(name.to_owned(), data);
    }
    Ok(Value::Object(event).to_string())
}

fn data(kind: &str, body: &[u8]) -> Answer<(&'static str, Value)> {
    if kind.is_empty() || kind.ends_with("/json") || kind.ends_with("+json") {
        let data = serde_json::from_slice(body).map_err(|error| bad(&format!("the data is not JSON: {error}")))?;
        return Ok(("data", data));
    }
    match std::str::from_utf8(body) {
        Ok(text) if kind.starts_with("text/") || kind.ends_with("xml") => Ok(("data", Value::String(text.to_owned()))),
        _ => Ok(("data_base64", Value::String(BASE64_STANDARD.encode(body)))),
    }
}

/// Reads a header's value: what is not plain stands there as `%C3%BC`, and may be in quotation marks.
fn decoded(value: &str) -> String {
    let value = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .map_or_else(
            || value.to_owned(),
            |inner| inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        );
    // It is as in an address, but that a plus is a plus.
    let pair = value.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let decoded = form_urlencoded::parse(pair.as_bytes()).next();
    decoded.map_or_else(String::new, |(text, _)| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_s_value_is_read_as_it_was_meant() {
        for (value, meant) in [
            ("plain", "plain"),
            ("Euro%20%E2%82%AC", "Euro €"),
            ("\"a \\\"b\\\"\"", "a \"b\""),
            ("2026-03-04T10:00:00+01:00", "2026-03-04T10:00:00+01:00"),
            ("/path?x=1&y=2", "/path?x=1&y=2"),
            ("100%", "100%"),
            ("", ""),
        ] {
            assert_eq!(decoded(value), meant);
        }
    }
}
