//! What a request asks for: path, query, JSON body and uploaded file, refused with a problem document when they cannot be
//! read.

mod strict;
mod words;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Multipart, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use domain::Time;
use jiff::{civil::Date, tz::TimeZone};
use serde::de::DeserializeOwned;

pub use self::strict::{UNKNOWN, form, json};
use super::problem::{Answer, Problem};

/// The values in a request's path. One that cannot be read names nothing that is there.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Sync + Send, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        // No database has a text with the zero character.
        let is_text = !parts.uri.path().contains("%00");
        match path {
            Ok(axum::extract::Path(value)) if is_text => Ok(Path(value)),
            _ => Err(Problem::not_found(parts.uri.path())),
        }
    }
}

/// The values behind the question mark; a name that the list does not know is refused.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Problem> {
        form(parts.uri.query().unwrap_or_default().as_bytes()).map(Query)
    }
}

/// A JSON body; a field that is not known is refused.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Sync + Send, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        must_be_json(request.headers())?;
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            status => Problem::new(status, "cut_off", "the request broke off"),
        })?;
        json(&bytes).map(Body)
    }
}

/// Refuses what does not say that it is JSON: a form on another site cannot say so.
pub fn must_be_json(headers: &HeaderMap) -> Answer<()> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        return Ok(());
    }
    let detail = "this takes JSON: send the header Content-Type: application/json";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail))
}

/// A refusal of a body that is longer than any that is read.
pub fn too_large() -> Problem {
    let detail = "this is more than is read at once";
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

/// A form with a file in it.
#[derive(Debug)]
pub struct Upload(pub Multipart);

impl<S: Sync + Send> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Upload, Problem> {
        let form = Multipart::from_request(request, state).await;
        let detail = "this takes a file in a form: send it as multipart/form-data";
        form.map(Upload)
            .map_err(|_| Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_form", detail))
    }
}

/// The most characters of a name, and of a key that a client has chosen.
pub const MAX_NAME: usize = 200;

/// Gives a name as it is kept, without space around it; it must be there.
pub fn name(field: &str, text: &str) -> Answer<String> {
    let name = text.trim();
    if name.is_empty() {
        return Err(Problem::invalid(field, "must not be empty"));
    }
    must_fit(field, name, MAX_NAME)?;
    Ok(name.to_owned())
}

/// Refuses a text of more characters than `most`.
pub fn must_fit(field: &str, text: &str, most: usize) -> Answer<()> {
    if text.chars().count() <= most {
        return Ok(());
    }
    let message = format!("must not be longer than {most} characters");
    Err(Problem::invalid(field, message))
}

/// Gives the moment that a day begins in a zone.
pub fn start_of_day(field: &str, day: Date, zone: &TimeZone) -> Answer<Time> {
    let midnight = day.to_zoned(zone.clone());
    let midnight = midnight.map_err(|_| Problem::invalid(field, "is too far away"))?;
    Ok(midnight.timestamp().into())
}

/// Tells a field that is left out (`None`) from one that is set to null (`Some(None)`).
pub fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    <Option<T> as serde::Deserialize>::deserialize(deserializer).map(Some)
}
