//! Cloud events: reading what a source tells in the envelope of CloudEvents 1.0 (JSON format).
//!
//! Pure, as reading a call is. The subject is who it is about, the type what happened, the data how. An event is known by
//! its id together with its source, as the standard has it.

use serde_json::{Value, json};

use crate::{
    Event, SourceId, Time,
    collection::{Call, CallRefusal, MAX_CALL, Object, Told, id, name, object, when, why},
};

/// The most bytes of an event's id and source together.
const MAX_KEY: usize = 1_000;
/// What a subject begins with that is a browser or app, and not a user.
const ANONYMOUS: &str = "anonymous:";

/// Reads one event.
pub fn read(text: &str, source: SourceId, received: Time) -> Result<Call, CallRefusal> {
    if text.len() > MAX_CALL {
        return Err(CallRefusal::TooLarge);
    }
    let mut event: Object = serde_json::from_str(text).map_err(|error| why(text, &error))?;
    if event.get("specversion").and_then(Value::as_str) != Some("1.0") {
        return Err(CallRefusal::BadVersion);
    }
    let message_id = key(&event)?;
    let kind = name(event.get("type"))?.ok_or(CallRefusal::UnknownType)?;
    let (user_id, anonymous_id) = whose(&event);
    if user_id.is_none() && anonymous_id.is_none() {
        return Err(CallRefusal::NoIdentity);
    }
    // An event says when it happened, and nothing says when it was sent.
    let (at, told_at) = when(event.get("time"), None, received);
    let data = data(&mut event)?;
    let mut context = Object::new();
    context.insert("cloud_event".to_owned(), Value::Object(event));
    // Types are names such as com.example.guest.identify: the last part says what it is.
    let event = match kind.rsplit('.').next() {
        Some("identify") => Event::CustomerIdentified {
            source,
            traits: data,
            context,
            told_at,
        },
        _ => Event::ActionTracked {
            source,
            name: kind,
            properties: data,
            context,
            told_at,
        },
    };
    Ok(Call {
        message_id: Some(message_id),
        user_id,
        anonymous_id,
        at,
        told: Told::Happening(Box::new(event)),
    })
}

/// Gives what an event is known again by.
fn key(event: &Object) -> Result<String, CallRefusal> {
    let attribute = |name: &str| event.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = attribute("id").ok_or(CallRefusal::NoId)?;
    let source = attribute("source").ok_or(CallRefusal::NoSource)?;
    // A source is an address, and so has no space: the two cannot run into each other.
    if source.contains(char::is_whitespace) {
        return Err(CallRefusal::NoSource);
    }
    if id.chars().chain(source.chars()).any(char::is_control) || id.len() + source.len() > MAX_KEY {
        return Err(CallRefusal::BadMessageId);
    }
    Ok(format!("cloudevents:{source} {id}"))
}

/// Says who it is about: the subject, or the data's own `userId` and `anonymousId` where there is none.
fn whose(event: &Object) -> (Option<String>, Option<String>) {
    match event
        .get("subject")
        .and_then(Value::as_str)
        .filter(|subject| !subject.is_empty())
    {
        Some(subject) => match subject.strip_prefix(ANONYMOUS) {
            Some(anonymous) => (None, id(Some(&json!(anonymous)))),
            None => (id(Some(&json!(subject))), None),
        },
        None => {
            let data = event.get("data");
            let told = |key: &str| data.and_then(|data| id(data.get(key)));
            (told("userId"), told("anonymousId"))
        }
    }
}

/// Takes the data out of an event. What is no object is kept under the name that it came by.
fn data(event: &mut Object) -> Result<Object, CallRefusal> {
    let under = |name: &str, value: Value| Object::from_iter([(name.to_owned(), value)]);
    match (event.remove("data"), event.remove("data_base64")) {
        (Some(_), Some(_)) => Err(CallRefusal::TwoData),
        (None | Some(Value::Null), None) => Ok(Object::new()),
        (Some(data @ Value::Object(_)), None) => Ok(object(Some(data))),
        (Some(data), None) => Ok(under("data", data)),
        (None, Some(bytes)) => Ok(under("data_base64", bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_772_618_400_000_000);

    fn event(changes: Value) -> String {
        let mut event = json!({
            "specversion": "1.0", "id": "A-1", "source": "https://till.example/lobby", "type": "example.order.placed",
            "subject": "u-1", "time": "2026-03-04T09:00:00Z", "datacontenttype": "application/json",
            "data": {"total": 12.5}, "lane": "left",
        });
        for (key, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => event.as_object_mut().unwrap().remove(key),
                value => event.as_object_mut().unwrap().insert(key.clone(), value.clone()),
            };
        }
        event.to_string()
    }

    fn reading(changes: Value) -> Result<Call, CallRefusal> {
        read(&event(changes), SourceId(1), NOW)
    }

    #[test]
    fn an_event_is_told_of_its_subject_by_its_type() {
        let call = reading(json!({})).unwrap();
        assert_eq!(
            call.message_id.as_deref(),
            Some("cloudevents:https://till.example/lobby A-1")
        );
        assert_eq!((call.user_id.as_deref(), call.anonymous_id), (Some("u-1"), None));
        assert_eq!(call.at.to_string(), "2026-03-04T09:00:00.000000Z");
        let Told::Happening(event) = call.told else {
            panic!("it is a happening")
        };
        let Event::ActionTracked {
            name,
            properties,
            context,
            ..
        } = *event
        else {
            panic!("it is an action")
        };
        assert_eq!(
            (name.as_str(), &properties["total"]),
            ("example.order.placed", &json!(12.5))
        );
        assert_eq!(context["cloud_event"]["lane"], "left");
        assert!(context["cloud_event"].get("data").is_none());

        let call = reading(json!({"type": "com.example.guest.identify", "subject": "anonymous:b-1"})).unwrap();
        assert_eq!((call.user_id, call.anonymous_id.as_deref()), (None, Some("b-1")));
        let Told::Happening(event) = call.told else {
            panic!("it is a happening")
        };
        assert!(matches!(*event, Event::CustomerIdentified { .. }));

        let call = reading(json!({"subject": null, "data": {"userId": 7, "anonymousId": "b"}})).unwrap();
        assert_eq!(
            (call.user_id.as_deref(), call.anonymous_id.as_deref()),
            (Some("7"), Some("b"))
        );
    }

    #[test]
    fn data_of_any_sort_is_kept() {
        for (changes, expected) in [
            (json!({"data": "plain"}), json!({"data": "plain"})),
            (json!({"data": [1, 2]}), json!({"data": [1, 2]})),
            (
                json!({"data": null, "data_base64": "AQI="}),
                json!({"data_base64": "AQI="}),
            ),
            (json!({"data": null}), json!({})),
        ] {
            let Told::Happening(event) = reading(changes).unwrap().told else {
                panic!("it is a happening")
            };
            let Event::ActionTracked { properties, .. } = *event else {
                panic!("it is an action")
            };
            assert_eq!(Value::Object(properties), expected);
        }
    }

    #[test]
    fn an_event_that_is_not_whole_is_refused_with_a_reason() {
        for (changes, refusal) in [
            (json!({"specversion": "0.3"}), CallRefusal::BadVersion),
            (json!({"specversion": null}), CallRefusal::BadVersion),
            (json!({"id": null}), CallRefusal::NoId),
            (json!({"id": 7}), CallRefusal::NoId),
            (json!({"source": ""}), CallRefusal::NoSource),
            (json!({"source": "a b"}), CallRefusal::NoSource),
            (json!({"id": "x".repeat(MAX_KEY)}), CallRefusal::BadMessageId),
            (json!({"id": "a\u{0}"}), CallRefusal::BadMessageId),
            (json!({"type": null}), CallRefusal::UnknownType),
            (json!({"type": "x".repeat(501)}), CallRefusal::NameTooLong),
            (json!({"subject": null}), CallRefusal::NoIdentity),
            (json!({"subject": "anonymous:null"}), CallRefusal::NoIdentity),
            (json!({"data_base64": "AQI="}), CallRefusal::TwoData),
            (json!({"data": {"a": "x".repeat(MAX_CALL)}}), CallRefusal::TooLarge),
        ] {
            assert_eq!(reading(changes).map(drop), Err(refusal));
        }
        assert_eq!(read("[]", SourceId(1), NOW).map(drop), Err(CallRefusal::NotAnObject));
    }

    #[test]
    fn a_time_that_cannot_be_believed_refuses_nothing() {
        for time in [
            json!("1900-01-01T00:00:00Z"),
            json!("2200-01-01T00:00:00Z"),
            json!("NaN"),
            json!([]),
        ] {
            assert_eq!(reading(json!({"time": time})).unwrap().at, NOW);
        }
    }
}
