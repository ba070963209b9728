//! Collection: reading what a source tells, in the words of Segment's tracking API.
//!
//! Pure: it takes the text of one call and says what it is, when it happened and whose ids it names, or why it is
//! refused. A time that cannot be believed refuses nothing: the call is kept at the time it came, with what it said.

mod refusal;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Event, SourceId, Time, identity::clean_id, words};

pub use refusal::CallRefusal;

/// The most bytes of one call.
pub const MAX_CALL: usize = 32 * 1024;
/// The most bytes of a batch.
pub const MAX_BATCH: usize = 4 * 1024 * 1024;
/// The most characters of a message's id.
const MAX_MESSAGE_ID: usize = 100;
/// The most characters of an event's name.
pub(crate) const MAX_NAME: usize = 500;
/// Nothing that a source tells of happened before 2000-01-01 UTC.
pub(crate) const EARLIEST: Time = Time(946_684_800_000_000);
/// How far in the future a corrected time may lie: measuring a clock over a network is not exact.
const AHEAD_SECONDS: i64 = 60;

words! {
    /// What a source can tell.
    CallKind {
        Identify = "identify", Track = "track", Page = "page", Screen = "screen", Group = "group", Alias = "alias"
    }
}

/// A JSON object.
pub type Object = Map<String, Value>;

/// What holds for all calls of a request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// When the source sent it, by its own clock.
    pub sent_at: Option<Value>,
    /// What each call's own context is laid over.
    pub context: Object,
}

/// A call that can be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The id that the source gave it; `None` where it gave none, and every call is another one.
    pub message_id: Option<String>,
    /// Who is signed in there.
    pub user_id: Option<String>,
    /// The browser or app.
    pub anonymous_id: Option<String>,
    /// When it happened.
    pub at: Time,
    /// What it is.
    pub told: Told,
}

/// What a call tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// Something for the timeline.
    Happening(Box<Event>),
    /// Nothing but that two ids are one person's.
    SamePerson,
}

impl Call {
    /// Gives what a repetition of this call has in common with it, whenever and however it is sent again.
    pub fn essence(&self) -> String {
        let told = match &self.told {
            Told::SamePerson => None,
            Told::Happening(event) => Some(essential(event)),
        };
        serde_json::to_string(&(&self.user_id, &self.anonymous_id, told)).expect("an event has only string keys")
    }
}

/// Gives what stays the same of an event however it is sent again: its kind, its names, and what it tells.
fn essential(event: &Event) -> (&'static str, [&str; 2], Option<&Object>) {
    match event {
        Event::CustomerIdentified { traits, .. } => ("customer_identified", ["", ""], Some(traits)),
        Event::ActionTracked { name, properties, .. } => ("action_tracked", [name, ""], Some(properties)),
        Event::PageViewed {
            name,
            category: of,
            properties,
            ..
        } => ("page_viewed", [name, of], Some(properties)),
        Event::ScreenViewed { name, properties, .. } => ("screen_viewed", [name, ""], Some(properties)),
        Event::GroupJoined { group, traits, .. } => ("group_joined", [group, ""], Some(traits)),
        _ => ("", ["", ""], None),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(rename = "type")]
    kind: Option<String>,
    message_id: Option<Value>,
    user_id: Option<Value>,
    anonymous_id: Option<Value>,
    previous_id: Option<Value>,
    group_id: Option<Value>,
    event: Option<Value>,
    name: Option<Value>,
    category: Option<Value>,
    properties: Option<Value>,
    traits: Option<Value>,
    context: Option<Value>,
    timestamp: Option<Value>,
    original_timestamp: Option<Value>,
    sent_at: Option<Value>,
}

/// Where a call came from: what is said once for a request.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Who tells it.
    pub source: SourceId,
    /// What the address names, for a request of one call.
    pub kind: Option<CallKind>,
    /// What holds for all calls of the request.
    pub envelope: &'a Envelope,
    /// When it came.
    pub received: Time,
}

/// Reads one call.
pub fn read(text: &str, origin: Origin) -> Result<Call, CallRefusal> {
    if text.len() > MAX_CALL {
        return Err(CallRefusal::TooLarge);
    }
    let raw: Raw = serde_json::from_str(text).map_err(|error| why(text, &error))?;
    let kind = match origin.kind {
        Some(kind) => kind,
        None => raw
            .kind
            .as_deref()
            .unwrap_or_default()
            .parse()
            .map_err(|_| CallRefusal::UnknownType)?,
    };
    let message_id = raw.message_id.as_ref().map(message_id).transpose()?.flatten();
    let user_id = id(raw.user_id.as_ref());
    let anonymous_id = id(raw.anonymous_id.as_ref());
    if user_id.is_none() && anonymous_id.is_none() {
        return Err(CallRefusal::NoIdentity);
    }
    let sent_at = raw.sent_at.as_ref().or(origin.envelope.sent_at.as_ref());
    let (at, doubted) = when(
        raw.timestamp.as_ref().or(raw.original_timestamp.as_ref()),
        sent_at,
        origin.received,
    );
    let anonymous_id = match kind {
        // The other id is of a browser, or of an account of before: either way of nobody else who is known.
        CallKind::Alias => {
            let previous = id(raw.previous_id.as_ref()).ok_or(CallRefusal::NoPrevious)?;
            Some(previous).filter(|previous| Some(previous) != user_id.as_ref())
        }
        _ => anonymous_id,
    };
    let told = tell(kind, raw, doubted, origin)?;
    Ok(Call {
        message_id,
        user_id,
        anonymous_id,
        at,
        told,
    })
}

pub(crate) fn why(text: &str, error: &serde_json::Error) -> CallRefusal {
    if !text.trim_start().starts_with('{') {
        CallRefusal::NotAnObject
    } else if error.to_string().contains("recursion limit") {
        CallRefusal::TooDeep
    } else {
        CallRefusal::NotJson
    }
}

fn tell(kind: CallKind, raw: Raw, told_at: Option<String>, origin: Origin) -> Result<Told, CallRefusal> {
    let source = origin.source;
    let mut context = origin.envelope.context.clone();
    lay_over(&mut context, object(raw.context));
    let properties = object(raw.properties);
    let event = match kind {
        CallKind::Identify => Event::CustomerIdentified {
            source,
            traits: object(raw.traits),
            context,
            told_at,
        },
        CallKind::Alias => return Ok(Told::SamePerson),
        CallKind::Group => Event::GroupJoined {
            source,
            group: id(raw.group_id.as_ref()).ok_or(CallRefusal::NoGroup)?,
            traits: object(raw.traits),
            told_at,
        },
        CallKind::Track => Event::ActionTracked {
            source,
            name: name(raw.event.as_ref())?.ok_or(CallRefusal::NoName)?,
            properties,
            context,
            told_at,
        },
        CallKind::Page => Event::PageViewed {
            source,
            name: name(raw.name.as_ref())?.unwrap_or_default(),
            category: name(raw.category.as_ref())?.unwrap_or_default(),
            properties,
            context,
            told_at,
        },
        CallKind::Screen => Event::ScreenViewed {
            source,
            name: name(raw.name.as_ref().or(raw.event.as_ref()))?.unwrap_or_default(),
            properties,
            context,
            told_at,
        },
    };
    Ok(Told::Happening(Box::new(event)))
}

/// Gives a JSON object; anything else is none.
pub(crate) fn object(value: Option<Value>) -> Object {
    match value {
        Some(Value::Object(object)) => object,
        _ => Object::new(),
    }
}

/// Lays one object over another: objects in both are joined, else the upper one counts.
pub fn lay_over(under: &mut Object, over: Object) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Object(under)), Value::Object(over)) => lay_over(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Reads an id: a text or a whole number.
pub(crate) fn id(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => clean_id(text).map(str::to_owned),
        Value::Number(number) if number.is_i64() || number.is_u64() => clean_id(&number.to_string()).map(str::to_owned),
        _ => None,
    }
}

fn message_id(value: &Value) -> Result<Option<String>, CallRefusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) if text.chars().count() <= MAX_MESSAGE_ID && !text.chars().any(char::is_control) => {
            Ok(Some(text.clone()))
        }
        _ => Err(CallRefusal::BadMessageId),
    }
}

pub(crate) fn name(value: Option<&Value>) -> Result<Option<String>, CallRefusal> {
    let text = match value {
        Some(Value::String(text)) => text.trim(),
        _ => "",
    };
    if text.chars().count() > MAX_NAME {
        return Err(CallRefusal::NameTooLong);
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Says when it happened, and what the source said where that cannot be believed.
///
/// The source's clock may be wrong, but it is wrong by as much when it sends: received − (sent − told), as Segment has it.
/// Without a time of sending its word is taken.
pub(crate) fn when(told: Option<&Value>, sent: Option<&Value>, received: Time) -> (Time, Option<String>) {
    let Some(told) = told.filter(|value| !value.is_null()) else {
        return (received, None);
    };
    let Some(original) = moment(told) else {
        return (received, Some(words_of(told)));
    };
    let at = match sent.and_then(moment) {
        Some(sent) => Time(received.0.saturating_sub(sent.0.saturating_sub(original.0))),
        None => original,
    };
    if at < EARLIEST || at > received.plus_seconds(AHEAD_SECONDS) {
        return (received, Some(words_of(told)));
    }
    (at.min(received), None)
}

fn words_of(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(100).collect()
}

/// Reads a moment: RFC 3339, or milliseconds since 1970. One without a zone is UTC, as the published libraries mean it, and a day is its beginning.
fn moment(value: &Value) -> Option<Time> {
    match value {
        Value::String(text) => text.trim().parse().ok().or_else(|| {
            let local: jiff::civil::DateTime = text.trim().parse().ok()?;
            Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().into())
        }),
        Value::Number(number) => {
            let millis = number
                .as_i64()
                .or_else(|| number.as_f64().map(|millis| millis as i64))?;
            millis.checked_mul(1_000).map(Time)
        }
        _ => None,
    }
}

/// Gives a trait as the file keeps it: a text as it is, anything else as JSON; `None` takes it away.
pub fn trait_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Gives a person's name as the traits tell it, if they do.
pub fn name_of(traits: &Object) -> Option<String> {
    let text = |key: &str| traits.get(key).and_then(Value::as_str).map_or("", str::trim);
    let parts = match text("name") {
        "" => format!("{} {}", text("firstName"), text("lastName")),
        name => name.to_owned(),
    };
    let name = parts.trim().replace('\0', "");
    (!name.is_empty()).then_some(name)
}

/// What has become of the calls of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CallTally)]
pub struct Tally {
    /// Taken now.
    pub taken: i64,
    /// Taken before.
    pub repeated: i64,
    /// Refused.
    pub refused: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Time = Time(1_772_618_400_000_000);

    fn reading(value: &Value, envelope: &Envelope) -> Result<Call, CallRefusal> {
        let origin = Origin {
            source: SourceId(1),
            kind: None,
            envelope,
            received: NOW,
        };
        read(&value.to_string(), origin)
    }

    #[test]
    fn a_call_is_taken_or_refused_with_a_reason() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let deep = format!(r#"{{"type": "track", "userId": "u", "event": "a", "properties": {{"a": {deep}}}}}"#);
        let large = json!({"type": "track", "userId": "u", "event": "a", "properties": {"a": "x".repeat(MAX_CALL)}});
        let table = [
            ("[]".to_owned(), CallRefusal::NotAnObject),
            ("nonsense".to_owned(), CallRefusal::NotAnObject),
            (
                r#"{"type": "track", "event": "a", "userId": "\ud800"}"#.to_owned(),
                CallRefusal::NotJson,
            ),
            (deep, CallRefusal::TooDeep),
            (large.to_string(), CallRefusal::TooLarge),
            (
                json!({"type": "dance", "userId": "u"}).to_string(),
                CallRefusal::UnknownType,
            ),
            (
                json!({"userId": "u", "event": "a"}).to_string(),
                CallRefusal::UnknownType,
            ),
            (json!({"type": "track", "userId": "u"}).to_string(), CallRefusal::NoName),
            (
                json!({"type": "track", "event": "a"}).to_string(),
                CallRefusal::NoIdentity,
            ),
            (
                json!({"type": "track", "event": "a", "userId": "null"}).to_string(),
                CallRefusal::NoIdentity,
            ),
            (
                json!({"type": "group", "userId": "u"}).to_string(),
                CallRefusal::NoGroup,
            ),
            (
                json!({"type": "alias", "userId": "u"}).to_string(),
                CallRefusal::NoPrevious,
            ),
            (
                json!({"type": "page", "userId": "u", "messageId": "m".repeat(101)}).to_string(),
                CallRefusal::BadMessageId,
            ),
        ];
        let envelope = Envelope::default();
        for (text, expected) in table {
            let origin = Origin {
                source: SourceId(1),
                kind: None,
                envelope: &envelope,
                received: NOW,
            };
            let shown: String = text.chars().take(80).collect();
            assert_eq!(read(&text, origin).map(drop), Err(expected), "{shown}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_set_right() {
        let ahead = NOW.plus_seconds(86_400).to_string();
        let ahead_before = NOW.plus_seconds(86_400 - 10).to_string();
        let behind = NOW.plus_seconds(-86_400).to_string();
        let behind_before = NOW.plus_seconds(-86_400 - 10).to_string();
        let ten_ago = NOW.plus_seconds(-10);
        let last_year = NOW.plus_seconds(-365 * 86_400);
        let at = |told: &str| told.parse::<Time>().expect("a time");
        let table = [
            (json!(null), json!(null), ten_ago.plus_seconds(10), None),
            (json!(ahead_before), json!(ahead), ten_ago, None),
            (json!(behind_before), json!(behind), ten_ago, None),
            (json!(ten_ago.to_string()), json!(null), ten_ago, None),
            (json!(ten_ago.0 / 1_000), json!(NOW.0 / 1_000), ten_ago, None),
            (json!(last_year.to_string()), json!(NOW.to_string()), last_year, None),
            // Without a zone it is UTC, and a day is its beginning.
            (json!("2026-01-02"), json!(null), at("2026-01-02T00:00:00Z"), None),
            (json!("2026-01-02 03:04"), json!(null), at("2026-01-02T03:04:00Z"), None),
            (
                json!("2026-01-02T03:04:05.5"),
                json!(null),
                at("2026-01-02T03:04:05.5Z"),
                None,
            ),
            (json!("soon"), json!(null), NOW, Some("soon")),
            (
                json!("1900-01-01T00:00:00Z"),
                json!(null),
                NOW,
                Some("1900-01-01T00:00:00Z"),
            ),
            (
                json!("2200-01-01T00:00:00Z"),
                json!(null),
                NOW,
                Some("2200-01-01T00:00:00Z"),
            ),
        ];
        for (told, sent, at, doubted) in table {
            let doubted = doubted.map(str::to_owned);
            assert_eq!(when(Some(&told), Some(&sent), NOW), (at, doubted), "{told} {sent}");
        }
    }

    #[test]
    fn a_batch_s_context_lies_under_each_call_s() {
        let envelope = Envelope {
            sent_at: None,
            context: object(Some(json!({"library": {"name": "a", "version": "1"}, "ip": "::1"}))),
        };
        let call = json!({"type": "track", "userId": 7, "event": " Paid ", "context": {"library": {"version": "2"}}});
        let call = reading(&call, &envelope).unwrap();
        assert_eq!(call.user_id.as_deref(), Some("7"));
        let Told::Happening(event) = call.told else {
            panic!("it is a happening")
        };
        let Event::ActionTracked { name, context, .. } = *event else {
            panic!("it is an action")
        };
        assert_eq!(name, "Paid");
        assert_eq!(
            Value::Object(context),
            json!({"library": {"name": "a", "version": "2"}, "ip": "::1"})
        );
    }
}
