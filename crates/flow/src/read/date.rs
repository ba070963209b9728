//! Days in what people write: `2026-03-12`, `12 March`, `3/12`, `tomorrow`, `next friday`, `in 2 weeks`; in German, too.
//!
//! A day without a year is the next one that comes. `friday` is the first one after today, `next friday` the one in the week
//! after this (weeks begin on Monday): people mean different things by it, so a flow should repeat the day it understood.

use jiff::{ToSpan, civil::Date};
use serde_json::{Value, json};

use super::word_number;
use crate::{Facts, fold};

type Limits<'a> = (&'a Option<String>, &'a Option<String>);

/// Reads a day and holds it against its limits.
pub(super) fn understand(text: &str, facts: &Facts, limits: Limits, day_first: Option<bool>) -> Result<Value, String> {
    let today = facts.today();
    let limit = |text: &Option<String>| text.as_ref().and_then(|text| read(text, today, true));
    let (min, max) = (limit(limits.0), limit(limits.1));
    let day_first = day_first.unwrap_or_else(|| is_day_first(&facts.customer.locale));
    let Some(day) = read(text, today, day_first) else {
        return Err("Sorry, I could not read that date. Please write it like 12 March or 2026-03-12.".to_owned());
    };
    match (min, max) {
        (Some(min), _) if day < min => Err(format!("Sorry, it cannot be before {}.", words(min))),
        (_, Some(max)) if day > max => Err(format!("Sorry, it cannot be after {}.", words(max))),
        _ => Ok(json!(day.to_string())),
    }
}

fn words(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// Says whether people of a locale write the day before the month. A bare `en` is read as American.
fn is_day_first(locale: &str) -> bool {
    !matches!(
        locale.to_lowercase().replace('_', "-").as_str(),
        "" | "en" | "en-us" | "es-us" | "en-ph" | "fil-ph"
    )
}

/// Gives the day that a text names, as seen from `today`.
pub(super) fn read(text: &str, today: Date, day_first: bool) -> Option<Date> {
    let tokens: Vec<String> = fold::words(text)
        .into_iter()
        .filter(|word| !FILLERS.contains(&word.as_str()))
        .collect();
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    match words[..] {
        ["today" | "tonight" | "now" | "heute" | "jetzt"] => Some(today),
        ["tomorrow" | "morgen"] => days_on(today, 1),
        ["day", "after", "tomorrow"] | ["ubermorgen"] => days_on(today, 2),
        ["in", count, unit] => after(today, count, unit),
        [count, unit, "from", "now"] => after(today, count, unit),
        ["next" | "nachste" | "nachsten" | "nachster", day] => next_week(today, weekday(day)?),
        ["nachste", "woche", day] => next_week(today, weekday(day)?),
        ["this" | "coming" | "diesen" | "kommenden", day] | [day] if weekday(day).is_some() => {
            days_on(today, days_to(today, weekday(day)?))
        }
        _ => calendar(&words, today, day_first),
    }
}

const FILLERS: [&str; 15] = [
    "the", "of", "on", "at", "for", "please", "it", "is", "from", "by", "s", "am", "der", "den", "bitte",
];

fn days_on(day: Date, count: i64) -> Option<Date> {
    day.checked_add(count.days()).ok()
}

fn after(today: Date, count: &str, unit: &str) -> Option<Date> {
    let count = match count {
        "a" | "an" | "einem" | "einer" => 1,
        count => count
            .parse()
            .ok()
            .or_else(|| word_number(count).map(|number| number as i64))
            .filter(|count| *count < 1_000)?,
    };
    match unit.trim_end_matches('s') {
        "day" | "tag" | "tagen" => days_on(today, count),
        "week" | "woche" | "wochen" => days_on(today, count * 7),
        "month" | "monat" | "monaten" => today.checked_add(count.months()).ok(),
        _ => None,
    }
}

/// Gives a weekday's number, Monday 0, from its name or the first three letters or more of it; from its whole name in German.
fn weekday(word: &str) -> Option<i64> {
    name(
        word,
        &[
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
        ],
    )
    .or_else(|| {
        // Whole words only: "die" is also an article.
        let names = [
            "montag",
            "dienstag",
            "mittwoch",
            "donnerstag",
            "freitag",
            "samstag",
            "sonntag",
        ];
        names.iter().position(|name| *name == word).map(|index| index as i64)
    })
}

fn name(word: &str, names: &[&str]) -> Option<i64> {
    let found = names
        .iter()
        .position(|name| word.len() >= 3 && name.starts_with(word))?;
    i64::try_from(found).ok()
}

/// Counts the days to the first such weekday after today.
fn days_to(today: Date, weekday: i64) -> i64 {
    let ahead = (weekday - i64::from(today.weekday().to_monday_zero_offset())).rem_euclid(7);
    if ahead == 0 { 7 } else { ahead }
}

fn next_week(today: Date, weekday: i64) -> Option<Date> {
    days_on(today, 7 - i64::from(today.weekday().to_monday_zero_offset()) + weekday)
}

/// Reads a day of the calendar from its numbers and, if there is one, the month's name.
fn calendar(words: &[&str], today: Date, day_first: bool) -> Option<Date> {
    let words: Vec<&str> = words.iter().copied().filter(|word| weekday(word).is_none()).collect();
    let month = words.iter().position(|word| month(word).is_some());
    let numbers = words.iter().enumerate().filter(|(index, _)| Some(*index) != month);
    let numbers = numbers.map(|(_, word)| ordinal(word)).collect::<Option<Vec<i64>>>()?;
    let named = month.and_then(|index| self::month(words[index]));
    match (named, &numbers[..]) {
        (Some(month), [day]) => coming(today, month, *day),
        (Some(month), [day, year]) if *day <= 31 => date(full_year(*year), month, *day),
        (Some(month), [year, day]) => date(*year, month, *day),
        (None, [year, month, day]) if *year > 1_000 => date(*year, *month, *day),
        (None, [a, b, year]) => either(*a, *b, day_first, |month, day| date(full_year(*year), month, day)),
        (None, [a, b]) => either(*a, *b, day_first, |month, day| coming(today, month, day)),
        _ => None,
    }
}

fn month(word: &str) -> Option<i64> {
    let names = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let german = [
        "januar",
        "februar",
        "marz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ];
    if word == "sept" {
        return Some(9);
    }
    name(word, &names)
        .or_else(|| name(word, &german))
        .map(|index| index + 1)
}

/// Reads `12` or `12th`.
fn ordinal(word: &str) -> Option<i64> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_ordinal = matches!(&word[digits.len()..], "" | "st" | "nd" | "rd" | "th");
    if is_ordinal && digits.len() <= 4 {
        digits.parse().ok()
    } else {
        None
    }
}

/// Tries the order that is usual where the customer lives, then the other.
fn either(a: i64, b: i64, day_first: bool, make: impl Fn(i64, i64) -> Option<Date>) -> Option<Date> {
    let (month, day) = if day_first { (b, a) } else { (a, b) };
    make(month, day).or_else(|| make(day, month))
}

fn full_year(year: i64) -> i64 {
    if year < 100 { 2_000 + year } else { year }
}

/// Gives the day in this year or, when that has passed, in the next year that has it.
fn coming(today: Date, month: i64, day: i64) -> Option<Date> {
    let this_year = i64::from(today.year());
    (this_year..this_year + 9)
        .filter_map(|year| date(year, month, day))
        .find(|day| *day >= today)
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let today: Date = "2026-03-04".parse().unwrap(); // a Wednesday
        let table = [
            ("2026-03-12", "2026-03-12"),
            ("12 March", "2026-03-12"),
            ("March 12th, 2027", "2027-03-12"),
            ("the 1st of march", "2027-03-01"),
            ("3/12", "2026-12-03"),
            ("13/12", "2026-12-13"),
            ("12/13", "2026-12-13"),
            ("3.12.27", "2027-12-03"),
            ("Tomorrow!", "2026-03-05"),
            ("today", "2026-03-04"),
            ("day after tomorrow", "2026-03-06"),
            ("friday", "2026-03-06"),
            ("next friday", "2026-03-13"),
            ("wednesday", "2026-03-11"),
            ("next mon", "2026-03-09"),
            ("in two weeks", "2026-03-18"),
            ("in a month", "2026-04-04"),
            ("Fri 6 March", "2026-03-06"),
            ("29 feb", "2028-02-29"),
            ("2026 sept 3", "2026-09-03"),
            ("am 12. März", "2026-03-12"),
            ("1. Mai 2027", "2027-05-01"),
            ("24. Dez.", "2026-12-24"),
            ("heute", "2026-03-04"),
            ("Übermorgen!", "2026-03-06"),
            ("Freitag", "2026-03-06"),
            ("nächsten Freitag", "2026-03-13"),
            ("nächste Woche Montag", "2026-03-09"),
            ("in zwei Wochen", "2026-03-18"),
            ("in einem Monat", "2026-04-04"),
        ];
        for (text, expected) in table {
            assert_eq!(
                read(text, today, true).map(|day| day.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        assert_eq!(read("3/12", today, false).unwrap().to_string(), "2026-03-12");
        for text in [
            "",
            "soon",
            "31/31",
            "30 feb",
            "2 beds",
            "99999999999",
            "in 99999 days",
            "next year",
            "may be",
        ] {
            assert_eq!(read(text, today, true), None, "{text}");
        }
    }

    #[test]
    fn the_zone_and_the_limits_count() {
        let facts = Facts {
            now: "2026-03-05T03:00:00Z".parse().unwrap(),
            time_zone: "America/New_York".to_owned(),
            ..Facts::default()
        };
        let from = Some("today".to_owned());
        let read = |text: &str| understand(text, &facts, (&from, &None), None);
        assert_eq!(read("today"), Ok(json!("2026-03-04")));
        assert_eq!(
            read("2026-03-03"),
            Err("Sorry, it cannot be before 4 March 2026.".to_owned())
        );
    }
}
