//! Refusals: one error type for every handler, told to the caller as an RFC 9457 problem document.
//!
//! What the caller did wrong is said to the caller. What went wrong in here goes to the log, once, with the cause; the
//! caller hears only that it did.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// What a handler gives.
pub type Answer<T> = Result<T, Problem>;

/// A refusal with its status, its stable code and its words for the caller.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    extras: Map<String, Value>,
    retry_after_seconds: Option<i64>,
}

impl Problem {
    /// A refusal. `code` is a stable word for programs, `detail` a sentence for people.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            status,
            code,
            detail: detail.into(),
            extras: Map::new(),
            retry_after_seconds: None,
        }
    }

    /// The caller has not signed in, or no longer.
    pub fn not_signed_in() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "not_signed_in", "sign in first")
    }

    /// The caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// The thing is not there. `what` names it: "conversation 12".
    pub fn not_found(what: impl std::fmt::Display) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", format!("{what} not found"))
    }

    /// A field is wrong.
    pub fn invalid(field: &str, message: impl Into<String>) -> Problem {
        Problem::fields([(field.to_owned(), message.into())])
    }

    /// Several fields are wrong.
    pub fn fields(fields: impl IntoIterator<Item = (String, String)>) -> Problem {
        let fields: Map<String, Value> = fields
            .into_iter()
            .map(|(name, text)| (name, Value::String(text)))
            .collect();
        let detail = fields
            .iter()
            .map(|(name, text)| format!("{name} {}", text.as_str().unwrap_or_default()));
        let detail = detail.collect::<Vec<_>>().join("; ");
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail).with("fields", fields)
    }

    /// The thing is not in a state where this can be done.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::CONFLICT, code, detail)
    }

    /// Adds a member to the document.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Problem {
        self.extras.insert(name.to_owned(), value.into());
        self
    }

    /// Says when the same call may succeed.
    pub fn retry_after(mut self, seconds: i64) -> Problem {
        self.retry_after_seconds = Some(seconds.max(1));
        self
    }

    /// Gives the sentence for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Gives the stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Problem {}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Problem {
        match error {
            store::Error::NotFound => Problem::not_found("it was"),
            store::Error::Conflict(_) => Problem::conflict("conflict", "this exists already"),
            store::Error::Busy => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "too many changes at once, try again",
            )
            .retry_after(1),
            store::Error::Unavailable(ref cause) => {
                tracing::error!(cause, "database unavailable");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "the database is unavailable",
                )
                .retry_after(5)
            }
            store::Error::Other(cause) => Problem::internal(&cause),
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Problem {
        Problem::internal(&format!("{error:#}"))
    }
}

impl Problem {
    fn internal(cause: &str) -> Problem {
        tracing::error!(cause, "internal error");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong in here; it has been logged",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut document = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        document.as_object_mut().expect("it is an object").extend(self.extras);
        let mut response = (self.status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
