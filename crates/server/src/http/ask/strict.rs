//! JSON and forms read strictly: what is not known is refused by its name, and so is what a database cannot hold. What is
//! wrong is said in plain words, never in those of a parser.

use serde::{Deserializer, de::DeserializeOwned};
use serde_json::{Value, error::Category};

use super::words::explain;
use crate::http::problem::{Answer, Problem};
use axum::http::StatusCode;

/// What is said of a field that is not known.
pub const UNKNOWN: &str = "is not known here";
const ZERO: &str = "must not hold the character U+0000";

/// Reads a JSON document.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    if has_escaped_zero(bytes)
        && let Ok(document) = serde_json::from_slice(bytes)
    {
        let place = place_of_zero(&document).unwrap_or_default();
        return Err(Problem::invalid(named(&place), ZERO));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = strictly(&mut reader);
    let rest = reader.end();
    match read {
        Ok(value) => rest.map(|()| value).map_err(|error| malformed(&error)),
        Err(Wrong::Unknown(problem)) => Err(problem),
        Err(Wrong::Value(_, error)) if error.classify() != Category::Data => Err(malformed(&error)),
        Err(Wrong::Value(place, error)) => Err(wrong(&place, &error.to_string())),
    }
}

/// Reads a form, or the query of an address.
pub fn form<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    let zero = form_urlencoded::parse(bytes).find(|(name, value)| name.contains('\0') || value.contains('\0'));
    if let Some((name, _)) = zero {
        return Err(Problem::invalid(&name.replace('\0', ""), ZERO));
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(bytes));
    strictly(pairs).map_err(|error| match error {
        Wrong::Unknown(problem) => problem,
        Wrong::Value(place, error) => wrong(&place, &error.to_string()),
    })
}

enum Wrong<E> {
    Unknown(Problem),
    Value(String, E),
}

/// Reads a value; fields that it does not have come before all else that is wrong.
fn strictly<'de, T, D>(deserializer: D) -> Result<T, Wrong<D::Error>>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(deserializer, &mut track);
    let read = serde_ignored::deserialize(tracked, |place| unknown.push(place.to_string()));
    if !unknown.is_empty() {
        // An optional part is written with a question mark that is no part of its name.
        let fields = unknown
            .iter()
            .map(|place| (place.replace("?.", ""), UNKNOWN.to_owned()));
        return Err(Wrong::Unknown(Problem::fields(fields)));
    }
    read.map_err(|error| Wrong::Value(track.path().to_string(), error))
}

fn wrong(place: &str, error: &str) -> Problem {
    let (field, words) = explain(error);
    match (place, field) {
        ("." | "", field) => Problem::invalid(named(field.unwrap_or_default()), words),
        (place, Some(field)) if !is_end_of(place, field) => Problem::invalid(&format!("{place}.{field}"), words),
        (place, _) => Problem::invalid(place, words),
    }
}

fn is_end_of(place: &str, field: &str) -> bool {
    place.rsplit('.').next() == Some(field)
}

fn named(place: &str) -> &str {
    if place.is_empty() { "the document" } else { place }
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!(
        "this is not JSON: look at line {}, column {}",
        error.line(),
        error.column()
    );
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
}

/// In valid JSON the zero character can only be written as `\u0000`, and a backslash escapes what follows it.
fn has_escaped_zero(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        let escape = &bytes[at + found..];
        if escape.starts_with(b"\\u0000") {
            return true;
        }
        at += found + escape.len().min(2);
    }
    false
}

fn place_of_zero(value: &Value) -> Option<String> {
    let inside = |name: &str, value: &Value| {
        let place = place_of_zero(value)?;
        Some(if place.is_empty() {
            name.to_owned()
        } else {
            format!("{name}.{place}")
        })
    };
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => (items.iter().enumerate()).find_map(|(at, item)| inside(&at.to_string(), item)),
        Value::Object(members) => members.iter().find_map(|(name, member)| match name.contains('\0') {
            true => Some(name.replace('\0', "")),
            false => inside(name, member),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "it is only read")]
    struct Order {
        name: String,
        rooms: Option<Vec<Room>>,
        late: Option<bool>,
        cursor: Option<i64>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "it is only read")]
    struct Room {
        beds: i64,
        view: Option<domain::people::Role>,
    }

    fn refusal(answer: Answer<Order>) -> (&'static str, String) {
        let problem = answer.expect_err("it is refused");
        (problem.code(), problem.detail().to_owned())
    }

    #[test]
    fn what_is_wrong_with_json_is_said_in_plain_words() {
        let table = [
            (r#"{"name": 3}"#, "invalid", "name must be text"),
            (r#"{"rooms": []}"#, "invalid", "name must be given"),
            (r#"{"name": "a", "nmae": "b"}"#, "invalid", "nmae is not known here"),
            (r#"{"nmae": "b"}"#, "invalid", "nmae is not known here"),
            (
                r#"{"name": "a", "rooms": [{"beds": 2}, {"beds": 2, "bedz": 1}], "x": null}"#,
                "invalid",
                "rooms.1.bedz is not known here; x is not known here",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": "two"}]}"#,
                "invalid",
                "rooms[0].beds must be a whole number",
            ),
            (
                r#"{"name": "a", "rooms": [{}]}"#,
                "invalid",
                "rooms[0].beds must be given",
            ),
            (r#"{"name": "a", "rooms": {}}"#, "invalid", "rooms must be a list"),
            (r#"{"name": "a", "name": "b"}"#, "invalid", "name must be given once"),
            (
                r#"{"name": "a", "rooms": [{"beds": 1, "view": "sea"}]}"#,
                "invalid",
                "rooms[0].view must be one of owner, manager, agent, viewer",
            ),
            (r#""a""#, "invalid", "the document must be an object"),
            (
                r#"{"name": "#,
                "malformed_json",
                "this is not JSON: look at line 1, column 9",
            ),
            (
                r#"{"name": "a"} b"#,
                "malformed_json",
                "this is not JSON: look at line 1, column 15",
            ),
            (
                r#"{"name": "a\u0000"}"#,
                "invalid",
                "name must not hold the character U+0000",
            ),
            (
                r#"{"name": "a", "rooms": [{"x": "\\\u0000"}]}"#,
                "invalid",
                "rooms.0.x must not hold the character U+0000",
            ),
        ];
        for (text, code, detail) in table {
            assert_eq!(refusal(json(text.as_bytes())), (code, detail.to_owned()), "{text}");
        }
        let escaped: Order = json(br#"{"name": "\\u0000"}"#).unwrap();
        assert_eq!(escaped.name, r"\u0000");
    }

    #[test]
    fn what_is_wrong_with_a_form_is_said_in_plain_words() {
        let table = [
            ("name=a&colour=red", "colour is not known here"),
            ("name=a&cursor=red", "cursor must be a whole number"),
            ("name=a&cursor=", "cursor must be a whole number"),
            ("name=a&late=perhaps", "late must be true or false"),
            ("late=true", "name must be given"),
            ("name=a&name=b", "name must be given once"),
            ("name=a%00", "name must not hold the character U+0000"),
        ];
        for (text, detail) in table {
            assert_eq!(refusal(form(text.as_bytes())), ("invalid", detail.to_owned()), "{text}");
        }
        assert_eq!(form::<Order>(b"name=a%2500").unwrap().name, "a%00");
    }
}
