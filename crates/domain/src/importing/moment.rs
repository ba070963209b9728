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
            if let Some(format) = Self::of_one(value) {
                counts[format as usize] += 1;
            }
        }
        let most = Self::ALL.iter().rev().max_by_key(|format| counts[**format as usize]);
        *most.expect("there are formats")
    }

    fn of_one(value: &Value) -> Option<TimeFormat> {
        if let Some(number) = number(value) {
            let is_millis = number.abs() >= SECONDS_END;
            return Some(if is_millis {
                TimeFormat::EpochMillis
            } else {
                TimeFormat::EpochSeconds
            });
        }
        let any = [TimeFormat::Rfc3339, TimeFormat::Local];
        any.into_iter()
            .find(|format| format.read(value, &TimeZone::UTC).is_some())
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
                let local: DateTime = text.parse().ok()?;
                Some(local.to_zoned(zone.clone()).ok()?.timestamp().into())
            }
            TimeFormat::EpochSeconds => scaled(number(value)?, 1e6),
            TimeFormat::EpochMillis => scaled(number(value)?, 1e3),
        }
    }
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
