//! Periods of a calendar, given by their bounds: whoever asks knows the time zone, when a week begins and how long a day is.

/// Looks up the period of one time after the other. The bounds ascend; each is the end of one period and the beginning of
/// the next.
pub(crate) struct Periods<'a> {
    bounds: &'a [i64],
    /// How many periods have begun, the time after the last one counted as one.
    begun: usize,
}

impl<'a> Periods<'a> {
    pub fn new(bounds: &'a [i64]) -> Periods<'a> {
        Periods { bounds, begun: 0 }
    }

    /// Gives the period that a time lies in, which must not be before the time asked for last.
    pub fn of(&mut self, time: i64) -> Option<usize> {
        while self.bounds.get(self.begun).is_some_and(|bound| *bound <= time) {
            self.begun += 1;
        }
        (1..self.bounds.len()).contains(&self.begun).then(|| self.begun - 1)
    }
}

/// Gives the periods that some times, in order, lie in, each once.
pub(crate) fn active_periods(bounds: &[i64], times: &[i64]) -> impl Iterator<Item = usize> {
    let mut periods = Periods::new(bounds);
    let mut last = None;
    times.iter().filter_map(move |time| {
        let period = periods.of(*time);
        (last != period).then(|| last = period)?;
        period
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_the_period_that_it_begins() {
        let mut periods = Periods::new(&[10, 20, 40]);
        assert_eq!(
            [9, 10, 19, 20, 39, 40].map(|time| periods.of(time)),
            [None, Some(0), Some(0), Some(1), Some(1), None]
        );
        assert_eq!((Periods::new(&[]).of(5), Periods::new(&[5]).of(5)), (None, None));
        assert_eq!(
            active_periods(&[10, 20, 40], &[1, 11, 12, 30, 31, 50]).collect::<Vec<_>>(),
            [0, 1]
        );
    }
}
