//! What a request asks for: path, query and JSON body, refused with a problem document when they cannot be read.

use axum::{
    extract::{FromRequest, FromRequestParts, Request, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
};
use serde::de::DeserializeOwned;

use super::problem::{Answer, Problem};

/// The values in a request's path. One that cannot be read names nothing that is there.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Sync + Send, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Path(value))
            .map_err(|_| Problem::not_found(parts.uri.path()))
    }
}

/// The values behind the question mark.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Sync + Send, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(value)| Query(value))
            .map_err(|rejection| Problem::new(StatusCode::BAD_REQUEST, "invalid", rejection.body_text()))
    }
}

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Sync + Send, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Body<T>, Problem> {
        let body = axum::Json::from_request(request, state).await;
        body.map(|axum::Json(value)| Body(value)).map_err(|rejection| {
            let status = match rejection {
                JsonRejection::JsonDataError(_) => StatusCode::UNPROCESSABLE_ENTITY,
                ref other => other.status(),
            };
            Problem::new(status, "invalid", rejection.body_text())
        })
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

/// Tells a field that is left out (`None`) from one that is set to null (`Some(None)`).
pub fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    <Option<T> as serde::Deserialize>::deserialize(deserializer).map(Some)
}
