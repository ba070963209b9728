//! Values that go into statements and come out of rows.

use std::str::FromStr;

use domain::*;

use super::{Error, Result};

/// A value of either database.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant holds what it is named after")]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row of a query's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// Gives the value of a column, counted from 0.
    pub fn get<T: FromValue>(&self, column: usize) -> Result<T> {
        let value = self
            .0
            .get(column)
            .ok_or_else(|| Error::Other(format!("no column {column}")))?;
        T::from_value(value).ok_or_else(|| Error::Other(format!("column {column} holds {value:?}")))
    }

    /// Gives a column that holds a word of a closed set.
    pub fn word<T: FromStr<Err = UnknownWord>>(&self, column: usize) -> Result<T> {
        self.get::<String>(column)?
            .parse()
            .map_err(|error: UnknownWord| Error::Other(error.to_string()))
    }

    /// Gives a column that holds JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T> {
        serde_json::from_str(&self.get::<String>(column)?)
            .map_err(|error| Error::Other(format!("column {column}: {error}")))
    }
}

/// What can be read from a column.
pub trait FromValue: Sized {
    /// Reads the value; `None` when it is of another kind.
    fn from_value(value: &Value) -> Option<Self>;
}

impl FromValue for bool {
    fn from_value(value: &Value) -> Option<bool> {
        match value {
            Value::Bool(truth) => Some(*truth),
            // SQLite keeps truth as 0 and 1.
            Value::Int(number) => Some(*number != 0),
            _ => None,
        }
    }
}

impl FromValue for f64 {
    fn from_value(value: &Value) -> Option<f64> {
        match value {
            Value::Real(number) => Some(*number),
            Value::Int(number) => Some(*number as f64),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Option<T>> {
        if *value == Value::Null {
            Some(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Value {
        Value::Bytes(bytes.to_owned())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Value {
        Value::Real(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

macro_rules! plain {
    ($($kind:ty = $variant:ident),+ $(,)?) => {$(
        impl FromValue for $kind {
            fn from_value(value: &Value) -> Option<$kind> {
                match value { Value::$variant(inner) => Some(inner.clone()), _ => None }
            }
        }
        impl From<$kind> for Value {
            fn from(value: $kind) -> Value { Value::$variant(value) }
        }
    )+};
}

plain!(i64 = Int, String = Text, Vec<u8> = Bytes);

macro_rules! numbers {
    ($($kind:ident),+ $(,)?) => {$(
        impl FromValue for $kind {
            fn from_value(value: &Value) -> Option<$kind> { i64::from_value(value).map($kind) }
        }
        impl From<$kind> for Value {
            fn from(value: $kind) -> Value { Value::Int(value.0) }
        }
    )+};
}

numbers!(
    Time,
    SourceId,
    PlaceId,
    SegmentId,
    StageId,
    TouchpointId,
    JoinId,
    SuggestionId,
    LinkId,
    RefusalId,
    ImportId,
    CustomerId,
    IdentityId,
    ConversationId,
    MessageId,
    NoteId,
    AttachmentId,
    ChannelId,
    UserId,
    TeamId,
    RequestId,
    PartnerId,
    QuestionId,
    VisitorId,
    FlowId,
    SessionId,
    SurveyId,
    ViewId,
    CannedId,
    InboundId,
    JobId,
    TokenId,
    EventId,
    ReviewId,
    ConsentId,
    InvitationId,
    SignInId,
);
