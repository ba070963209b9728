//! Numbers in what people write: `2`, `two`, `zwei`, `2 beds`, `1,000`.

use serde_json::{Value, json};

use crate::fold;

const WORDS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// The same in German, folded.
const GERMAN: [&str; 21] = [
    "null", "eins", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwolf",
    "dreizehn", "vierzehn", "funfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn", "zwanzig",
];

/// Gives the number that a folded word names, zero to twenty, in English or German.
pub(crate) fn word_number(word: &str) -> Option<usize> {
    // German writes the one before a noun like its article.
    if matches!(word, "ein" | "eine") {
        return Some(1);
    }
    let of = |names: &[&str; 21]| names.iter().position(|name| *name == word);
    of(&WORDS).or_else(|| of(&GERMAN))
}

/// Reads a number and holds it against its limits.
pub(super) fn understand(text: &str, min: Option<f64>, max: Option<f64>, decimals: bool) -> Result<Value, String> {
    let fits = |number: &f64| min.is_none_or(|min| *number >= min) && max.is_none_or(|max| *number <= max);
    let number = read(text)
        .filter(fits)
        .filter(|number| decimals || number.fract() == 0.0);
    match number {
        Some(number) if number.fract() == 0.0 && number.abs() < 1e15 => Ok(json!(number as i64)),
        Some(number) => Ok(json!(number)),
        None => Err(hint(min, max, decimals)),
    }
}

fn hint(min: Option<f64>, max: Option<f64>, decimals: bool) -> String {
    let kind = if decimals { "a number" } else { "a whole number" };
    match (min, max) {
        (Some(min), Some(max)) => format!("Sorry, I need {kind} from {min} to {max}."),
        (Some(min), None) => format!("Sorry, I need {kind} of {min} or more."),
        (None, Some(max)) => format!("Sorry, I need {kind} of {max} or less."),
        (None, None) => format!("Sorry, I need {kind}."),
    }
}

/// Gives the only number in a text; none when there are several, because nobody knows which was meant.
fn read(text: &str) -> Option<f64> {
    let mut found = text.split_whitespace().filter_map(token);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn token(token: &str) -> Option<f64> {
    let bare = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '-');
    let digits = bare.trim_start_matches('-');
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        let end = digits
            .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')
            .unwrap_or(digits.len());
        let number: f64 = plain(digits[..end].trim_end_matches(['.', ','])).parse().ok()?;
        return Some(if bare.starts_with('-') { -number } else { number });
    }
    fold::words(token).iter().find_map(|word| {
        word_number(word)
            .map(|number| number as f64)
            .or_else(|| word.parse().ok())
    })
}

/// Takes thousands separators away and writes the decimal one as a point.
fn plain(digits: &str) -> String {
    let groups: Vec<&str> = digits.split(',').collect();
    let is_grouped = groups.len() > 1
        && groups[1..]
            .iter()
            .all(|group| group.split('.').next().is_some_and(|g| g.len() == 3));
    if is_grouped {
        groups.concat()
    } else {
        digits.replace(',', ".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let table = [
            ("2", Some(2.0)),
            ("two", Some(2.0)),
            ("2 beds", Some(2.0)),
            ("Two beds, please!", Some(2.0)),
            ("2beds", Some(2.0)),
            ("1,000", Some(1000.0)),
            ("1,234.5", Some(1234.5)),
            ("2,5", Some(2.5)),
            ("-3", Some(-3.0)),
            ("２", Some(2.0)),
            ("Zwölf Betten bitte", Some(12.0)),
            ("ein Bett", Some(1.0)),
            ("fünf", Some(5.0)),
            ("2 or 3", None),
            ("many", None),
            ("", None),
            ("1.2.3", None),
            ("someone", None),
            ("9999999999999999999999", Some(1e22)),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn limits_are_told() {
        assert_eq!(understand("2 beds", Some(1.0), Some(4.0), false), Ok(json!(2)));
        assert_eq!(
            understand("9", Some(1.0), Some(4.0), false),
            Err("Sorry, I need a whole number from 1 to 4.".into())
        );
        assert!(understand("2.5", None, None, false).is_err());
        assert_eq!(understand("2.5", None, None, true), Ok(json!(2.5)));
    }
}
