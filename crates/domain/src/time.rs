//! Moments: whole microseconds since 1970 UTC, written as RFC 3339 at the edges.

use std::ops::{Add, Sub};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-03-04T05:06:07.123456Z")]
pub struct Time(pub i64);

impl Time {
    /// Gives the moment as a calendar library's timestamp. Moments outside years -9999 to 9999 are clamped.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// Gives the moment `seconds` later (earlier when negative); stays at the end of the range rather than wrap.
    pub const fn plus_seconds(self, seconds: i64) -> Time {
        Time(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Gives the moment `millis` milliseconds later.
    pub const fn plus_millis(self, millis: i64) -> Time {
        Time(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// Gives the seconds from `earlier` to this moment, as a fraction.
    pub fn seconds_since(self, earlier: Time) -> f64 {
        (self.0 - earlier.0) as f64 / 1e6
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Time {
        Time(timestamp.as_microsecond())
    }
}

impl Add<SignedDuration> for Time {
    type Output = Time;
    fn add(self, by: SignedDuration) -> Time {
        Time(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub for Time {
    type Output = SignedDuration;
    fn sub(self, earlier: Time) -> SignedDuration {
        SignedDuration::from_micros(self.0 - earlier.0)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

impl std::str::FromStr for Time {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Time, jiff::Error> {
        text.parse::<Timestamp>().map(Time::from)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_and_read_as_rfc_3339() {
        let time = Time(1_700_000_000_123_456);
        assert_eq!(time.to_string(), "2023-11-14T22:13:20.123456Z");
        assert_eq!("2023-11-14T23:13:20.123456+01:00".parse::<Time>().unwrap(), time);
        assert_eq!(Time(0).to_string(), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn far_moments_do_not_wrap() {
        assert_eq!(Time(i64::MAX).plus_seconds(1), Time(i64::MAX));
        assert!(Time(i64::MAX).to_string().starts_with("9999"));
    }
}
