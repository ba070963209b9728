//! How files write times.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;

use crate::{Time, words};

words! {
    /// How a file writes times.
    TimeFormat {
        /// RFC 3339, with the distance from UTC.
        Rfc3339 = "rfc3339",
        /// `YYYY-MM-DD HH:MM[:SS]`, or the day alone, by the clock of a place.
        Local = "local",
        /// The same with the day first, as in `24.12.2026 18:30` and `24/12/2026`.
        DayFirst = "day_first",
        /// The same with the month first, as in `12/24/2026 6:30 PM`.
        MonthFirst = "month_first",
        /// Seconds since 1970.
        EpochSeconds = "epoch_s",
        /// Milliseconds since 1970.
        EpochMillis = "epoch_ms"
    }
}

/// In seconds since 1970 this would be after the year 5000: such a number counts milliseconds.
const SECONDS_END: f64 = 1e11;

impl TimeFormat {
    /// Finds the way that most of these are written in.
    pub fn of<'a>(told: impl Iterator<Item = &'a Value>) -> TimeFormat {
        let mut counts = [0_usize; TimeFormat::ALL.len()];
        for value in told {
            for format in Self::those_of(value) {
                counts[format as usize] += 1;
            }
        }
        let most = Self::ALL.iter().rev().max_by_key(|format| counts[**format as usize]);
        *most.expect("there are formats")
    }

    /// Gives the ways that a value may be written in: `03/04/2026` may be either of two.
    fn those_of(value: &Value) -> Vec<TimeFormat> {
        if let Some(number) = number(value) {
            let is_millis = number.abs() >= SECONDS_END;
            return vec![if is_millis {
                TimeFormat::EpochMillis
            } else {
                TimeFormat::EpochSeconds
            }];
        }
        let mut any = Self::ALL.to_vec();
        any.retain(|format| format.read(value, &TimeZone::UTC).is_some());
        any
    }

    /// Reads a time. An hour that clocks show twice is the first one, one that they leave out the one after.
    pub fn read(self, value: &Value, zone: &TimeZone) -> Option<Time> {
        match self {
            TimeFormat::Rfc3339 => value.as_str()?.trim().parse().ok(),
            TimeFormat::Local => {
                let text = value.as_str()?.trim();
                // What names a distance from UTC is taken at its word.
                if let Ok(at) = text.parse::<Timestamp>() {
                    return Some(at.into());
                }
                by_clock(text.parse().ok()?, zone)
            }
            TimeFormat::DayFirst => by_clock(by_parts(value, "%d.%m.%Y")?, zone),
            TimeFormat::MonthFirst => by_clock(by_parts(value, "%m.%d.%Y")?, zone),
            TimeFormat::EpochSeconds => scaled(number(value)?, 1e6),
            TimeFormat::EpochMillis => scaled(number(value)?, 1e3),
        }
    }
}

fn by_clock(local: DateTime, zone: &TimeZone) -> Option<Time> {
    Some(local.to_zoned(zone.clone()).ok()?.timestamp().into())
}

/// Reads a day that is written so, whatever stands between its parts, with the hour behind it if there is one.
fn by_parts(value: &Value, day: &str) -> Option<DateTime> {
    let text = value.as_str()?.trim().replace(',', "");
    let (told, hour) = text.split_once(' ').unwrap_or((&text, ""));
    let (told, hour) = (told.replace(['/', '-'], "."), hour.trim().to_uppercase());
    let midnight = jiff::civil::Date::strptime(day, &told).ok()?;
    let hours = ["%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];
    let clock = if hour.is_empty() {
        jiff::civil::Time::midnight()
    } else {
        hours
            .iter()
            .find_map(|form| jiff::civil::Time::strptime(form, &hour).ok())?
    };
    Some(midnight.to_datetime(clock))
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

fn scaled(number: f64, micros: f64) -> Option<Time> {
    let at = (number * micros).round();
    (at.abs() < 9e18).then_some(Time(at as i64))
}
