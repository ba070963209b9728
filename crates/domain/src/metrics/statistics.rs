//! Medians, intervals, and time that counts only while the desk is open.

use jiff::{civil, tz::TimeZone};
use serde::Serialize;

use crate::{Time, settings::Settings};

/// What many values come to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// How many.
    pub n: usize,
    /// The value that half of them do not exceed.
    pub median: f64,
    /// The value that nine in ten do not exceed.
    pub p90: f64,
    /// The arithmetic mean.
    pub mean: f64,
}

/// Sums values up; `None` when there are none. Median and p90 are by nearest rank: values that really occurred.
pub fn summary(mut values: Vec<f64>) -> Option<Summary> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let rank = |share: f64| values[((share * n as f64).ceil() as usize).clamp(1, n) - 1];
    (n > 0).then(|| Summary {
        n,
        median: rank(0.5),
        p90: rank(0.9),
        mean: values.iter().sum::<f64>() / n as f64,
    })
}

/// A share with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The share.
    pub share: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Gives a share with its 95 % interval after Wilson (1927), which is right for few values too; `None` for none.
pub fn interval(yes: usize, n: usize) -> Option<Interval> {
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 {
        return None;
    }
    let (count, share) = (n as f64, yes as f64 / n as f64);
    let scale = 1.0 + Z * Z / count;
    let middle = (share + Z * Z / (2.0 * count)) / scale;
    let half = Z / scale * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    Some(Interval {
        share,
        low: (middle - half).max(0.0),
        high: (middle + half).min(1.0),
    })
}

/// The longest time whose business hours are counted; what is longer is counted up to here.
const MAX_DAYS: usize = 400;

/// Counts the seconds of business hours between two moments: on days that are not holidays, in the company's zone.
pub fn business_seconds(settings: &Settings, from: Time, to: Time) -> f64 {
    let zone = settings.zone();
    let first = from.timestamp().to_zoned(zone.clone()).date();
    let days = std::iter::successors(Some(first), |day| day.tomorrow().ok()).take(MAX_DAYS);
    days.take_while(|day| starts(*day, &zone).is_some_and(|start| start < to))
        .flat_map(|day| settings.open_periods(day))
        .filter_map(|(opens, closes)| {
            let opens = moment(opens, &zone)?.max(from);
            let closes = moment(closes, &zone)?.min(to);
            Some(closes.seconds_since(opens).max(0.0))
        })
        .sum()
}

fn starts(day: civil::Date, zone: &TimeZone) -> Option<Time> {
    moment(day.at(0, 0, 0, 0), zone)
}

/// A time that the clocks skip is the moment after; one that they show twice is the first.
fn moment(local: civil::DateTime, zone: &TimeZone) -> Option<Time> {
    Some(local.to_zoned(zone.clone()).ok()?.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_and_p90_are_values_that_occurred() {
        assert_eq!(summary(Vec::new()), None);
        let one_to = |n: usize| summary((1..=n).map(|value| value as f64).rev().collect()).unwrap();
        assert_eq!((one_to(1).median, one_to(1).p90), (1.0, 1.0));
        assert_eq!((one_to(2).median, one_to(2).p90), (1.0, 2.0));
        assert_eq!((one_to(10).median, one_to(10).p90, one_to(10).mean), (5.0, 9.0, 5.5));
        assert_eq!((one_to(11).median, one_to(11).p90), (6.0, 10.0));
    }

    #[test]
    fn the_interval_is_wilsons() {
        let close = |a: f64, b: f64| (a - b).abs() < 1e-4;
        for (yes, n, low, high) in [
            (0, 10, 0.0, 0.2775),
            (10, 10, 0.7225, 1.0),
            (8, 10, 0.4902, 0.9433),
            (50, 100, 0.4038, 0.5962),
        ] {
            let interval = interval(yes, n).unwrap();
            assert!(
                close(interval.low, low) && close(interval.high, high),
                "{yes} of {n}: {interval:?}"
            );
        }
        assert_eq!(interval(0, 0), None);
    }

    #[test]
    fn business_time_knows_weekends_holidays_and_the_clocks() {
        let settings = Settings {
            time_zone: "America/New_York".to_owned(),
            holidays: vec!["2026-03-10".to_owned()],
            ..Settings::default()
        };
        let all_day = Settings {
            business_hours: ["sun", "mon"]
                .map(|day| (day.to_owned(), vec![("00:00".to_owned(), "24:00".to_owned())]))
                .into(),
            ..settings.clone()
        };
        let hours = |settings: &Settings, from: &str, to: &str| {
            business_seconds(settings, from.parse().unwrap(), to.parse().unwrap()) / 3_600.0
        };
        // Friday 16:30 to Monday 09:30, over the change of the clocks.
        assert_eq!(hours(&settings, "2026-03-06T21:30:00Z", "2026-03-09T13:30:00Z"), 1.0);
        assert_eq!(hours(&settings, "2026-03-10T13:00:00Z", "2026-03-10T21:00:00Z"), 0.0);
        assert_eq!(hours(&settings, "2026-03-07T13:00:00Z", "2026-03-07T21:00:00Z"), 0.0);
        assert_eq!(hours(&settings, "2026-03-09T14:00:00Z", "2026-03-09T14:30:00Z"), 0.5);
        // The Sunday on which the clocks go forward has 23 hours.
        assert_eq!(
            hours(&all_day, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z").round(),
            23.0
        );
    }
}
