//! Texts of a given form, such as a booking number: found in a sentence too, and in either case.

use regex::{Regex, RegexBuilder};

use crate::limits;

/// Makes a pattern that has to fit as a whole. Gives the reason when it cannot be read.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let whole = format!("^(?:{pattern})$");
    RegexBuilder::new(&whole)
        .size_limit(limits::PATTERN_BYTES)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too big".to_owned(),
            error => error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
        })
}

/// Gives the part of a text that fits: the whole of it, one word of it, or all of it without spaces.
pub(super) fn find(pattern: &str, text: &str) -> Option<String> {
    let pattern = compile(pattern).ok()?;
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let joined = text.split_whitespace().collect::<String>();
    let mut tries = vec![text.trim().to_owned()];
    tries.extend(text.split_whitespace().map(bare));
    tries.extend([bare(&joined), joined]);
    tries.into_iter().find_map(|candidate| in_any_case(&pattern, candidate))
}

fn in_any_case(pattern: &Regex, candidate: String) -> Option<String> {
    let (upper, lower) = (candidate.to_uppercase(), candidate.to_lowercase());
    [candidate, upper, lower]
        .into_iter()
        .find(|text| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_booking_number_is_found_however_it_is_written() {
        let table = [
            ("W1234", Some("W1234")),
            ("w1234", Some("W1234")),
            ("It is W1234.", Some("W1234")),
            ("W 1234", Some("W1234")),
            ("W123", None),
            ("W12345", None),
            ("", None),
            ("1234", None),
        ];
        for (text, expected) in table {
            assert_eq!(find(r"W\d{4}", text).as_deref(), expected, "{text}");
        }
        assert_eq!(find(r"a|b\d", "xa").as_deref(), None);
        assert!(compile("W(").is_err() && compile(r"(\w{1000}){1000}").unwrap_err() == "it is too big");
    }
}
