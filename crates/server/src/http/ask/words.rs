//! Errors of a deserializer in plain words. Whatever its sentence, the caller hears what the value must be.

/// Says what must be otherwise, and of which field where the error names it.
pub fn explain(error: &str) -> (Option<&str>, String) {
    // Where it is, is told by the field.
    let error = error.split(" at line ").next().unwrap_or_default();
    if let Some(field) = error.strip_prefix("missing field ") {
        return (Some(field.trim_matches('`')), "must be given".to_owned());
    }
    if let Some(field) = error.strip_prefix("duplicate field ") {
        return (Some(field.trim_matches('`')), "must be given once".to_owned());
    }
    let expected = error.split_once("expected ").map(|(_, expected)| expected);
    let words = match expected {
        Some(expected) if error.starts_with("unknown variant") => choice(expected),
        Some(expected)
            if ["invalid type", "invalid value", "invalid length"]
                .iter()
                .any(|start| error.starts_with(start)) =>
        {
            format!("must be {}", kind(expected))
        }
        _ if error.contains("digit found in string") || error.contains("parse integer") => WHOLE.to_owned(),
        _ if error.contains("not `true` or `false`") => "must be true or false".to_owned(),
        // What reads moments and days speaks so.
        _ if error.starts_with("failed to ") => MOMENT.to_owned(),
        _ => format!("is not right: {error}"),
    };
    (None, words)
}

const WHOLE: &str = "must be a whole number";
const MOMENT: &str = "must be a day such as 2026-03-04, or a moment such as 2026-03-04T10:00:00Z";

fn choice(expected: &str) -> String {
    let list = expected.strip_prefix("one of ").unwrap_or(expected);
    format!("must be one of {}", list.replace(" or ", ", ").replace('`', ""))
}

fn kind(expected: &str) -> &str {
    let is_whole = expected.len() <= 5 && expected.starts_with(['i', 'u']);
    match expected {
        "a string" | "a borrowed string" | "string" => "text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "f64" | "f32" => "a number",
        "a map" => "an object",
        expected if is_whole && expected.contains(char::is_numeric) => "a whole number",
        "isize" | "usize" => "a whole number",
        expected if expected.starts_with("struct ") || expected.starts_with("enum ") => "an object",
        expected => expected,
    }
}
