//! Periods of a calendar, given by their bounds: whoever asks knows the time zone, when a week begins and how long a day is.

/// Gives the period that a time lies in. `bounds` ascend; each is the end of one period and the beginning of the next.
pub(crate) fn period_of(bounds: &[i64], time: i64) -> Option<usize> {
    let begun = bounds.partition_point(|bound| *bound <= time);
    (1..bounds.len()).contains(&begun).then(|| begun - 1)
}

/// Gives the periods that some times, in order, lie in, each once.
pub(crate) fn active_periods(bounds: &[i64], times: &[i64]) -> impl Iterator<Item = usize> {
    let mut last = None;
    times.iter().filter_map(move |time| {
        let period = period_of(bounds, *time);
        (last != period).then(|| last = period)?;
        period
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_the_period_that_it_begins() {
        let of = |time| period_of(&[10, 20, 40], time);
        assert_eq!(
            [9, 10, 19, 20, 39, 40].map(of),
            [None, Some(0), Some(0), Some(1), Some(1), None]
        );
        assert_eq!((period_of(&[], 5), period_of(&[5], 5)), (None, None));
        assert_eq!(
            active_periods(&[10, 20, 40], &[1, 11, 12, 30, 31, 50]).collect::<Vec<_>>(),
            [0, 1]
        );
    }
}
