//! Retention: of those who began in one period, how many came back in each period after it.
//!
//! A cell says how many returned and out of how many; what is not over yet is marked, so that nobody reads an unfinished
//! period as a loss. Periods come from the caller, who knows the calendar; counted from each customer's own beginning they
//! are of one length, and a cell then speaks only of customers for whom the period is over.

use serde::Serialize;

use crate::durations::between;
use crate::periods::Periods;
use crate::{Filter, Log, Touchpoint, TouchpointSet, Trail};

/// What is asked about retention.
#[derive(Clone, Debug)]
pub struct RetentionQuery {
    /// What is looked at. Whoever was first met before its beginning looks new, so that it had better have none.
    pub filter: Filter,
    /// The events that a customer begins with; any without it.
    pub starts: Option<TouchpointSet>,
    /// The events that a customer comes back with; any without it.
    pub returns: Option<TouchpointSet>,
    /// The bounds of the periods, ascending, in milliseconds since 1970 UTC: one more than there are periods.
    pub bounds: Vec<i64>,
    /// When a customer begins.
    pub cohort: RetentionCohortRule,
    /// Count periods of this length from a customer's own beginning instead of the calendar's.
    pub rolling_ms: Option<i64>,
    /// How many events make a return; at least one.
    pub minimum: u64,
    /// Whether who comes back in one of the later periods counts as back in those before it, too.
    pub or_later: bool,
    /// The time up to which events are known.
    pub now: i64,
}

/// When a customer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionCohortRule {
    /// With the first such event of all; it must lie in one of the periods.
    FirstEver,
    /// With the first such event in the periods.
    FirstInPeriods,
    /// Anew in every period with such an event.
    Recurring,
}

/// Retention by cohort.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RetentionResult {
    /// One cohort for each period.
    pub cohorts: Vec<RetentionCohort>,
}

/// Those who began in one period.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RetentionCohort {
    /// Where the period begins.
    pub from: i64,
    /// Where it ends.
    pub to: i64,
    /// How many began in it.
    pub customers: u64,
    /// For the period itself and each one after it, how many came back.
    pub cells: Vec<RetentionCell>,
}

/// Who came back in one period. The event that a customer begins with is a return, too, where it is one of those.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct RetentionCell {
    /// How many.
    pub customers: u64,
    /// Out of how many.
    pub of: u64,
    /// Whether the period is over for all of them.
    pub is_complete: bool,
}

/// Gives the retention.
pub fn retention(log: &Log, query: &RetentionQuery) -> RetentionResult {
    let sums = log.fold(
        &query.filter,
        || Sums::new(query),
        |sums, trail| sums.add(trail, query),
        Sums::merge,
    );
    sums.result(query)
}

struct Sums {
    /// How many began in each period.
    began: Vec<u64>,
    /// For each period of beginning and each one after: how many came back, and for how many it is over.
    cells: Vec<Vec<[u64; 2]>>,
    /// Each period's events of the customer at work.
    events: Vec<u64>,
}

impl Sums {
    fn new(query: &RetentionQuery) -> Sums {
        let periods = query.bounds.len().saturating_sub(1);
        Sums {
            began: vec![0; periods],
            cells: (0..periods).map(|period| vec![[0; 2]; periods - period]).collect(),
            events: Vec::new(),
        }
    }

    fn add(&mut self, trail: Trail, query: &RetentionQuery) {
        let is_start = |touchpoint: Touchpoint| query.starts.as_ref().is_none_or(|set| set.contains(touchpoint));
        let mut periods = Periods::new(&query.bounds);
        let mut last = None;
        for (event, touchpoint) in trail.touchpoints.iter().enumerate() {
            if !is_start(*touchpoint) {
                continue;
            }
            let period = periods.of(trail.times[event]);
            if let Some(period) = period
                && last != Some(period)
            {
                self.begin(trail, query, period, event);
                last = Some(period);
            }
            let is_done = match query.cohort {
                RetentionCohortRule::FirstEver => true,
                RetentionCohortRule::FirstInPeriods => period.is_some(),
                RetentionCohortRule::Recurring => false,
            };
            if is_done {
                break;
            }
        }
    }

    /// Counts the returns of a customer who begins in this period with this event.
    fn begin(&mut self, trail: Trail, query: &RetentionQuery, period: usize, start: usize) {
        self.began[period] += 1;
        let began = trail.times[start];
        let mut periods = Periods::new(&query.bounds);
        let cells = &mut self.cells[period];
        self.events.clear();
        self.events.resize(cells.len(), 0);
        for (touchpoint, time) in trail.touchpoints.iter().zip(trail.times).skip(start) {
            if query.returns.as_ref().is_none_or(|set| set.contains(*touchpoint)) {
                let later = match query.rolling_ms {
                    Some(length) => usize::try_from(between(began, *time) / length.max(1)).ok(),
                    None => periods.of(*time).map(|other| other - period),
                };
                later
                    .and_then(|later| self.events.get_mut(later))
                    .into_iter()
                    .for_each(|count| *count += 1);
            }
        }
        let mut came_later = false;
        for (later, (cell, events)) in cells.iter_mut().zip(&self.events).enumerate().rev() {
            let is_back = *events >= query.minimum.max(1) || came_later && query.or_later;
            came_later = is_back;
            let is_over = query.rolling_ms.is_none_or(|length| {
                let end = length.max(1).saturating_mul(later as i64 + 1).saturating_add(began);
                end <= query.now
            });
            cell[0] += u64::from(is_over && is_back);
            cell[1] += u64::from(is_over);
        }
    }

    fn merge(mut self, other: Sums) -> Sums {
        self.began
            .iter_mut()
            .zip(other.began)
            .for_each(|(into, from)| *into += from);
        let from = other.cells.into_iter().flatten();
        for (into, from) in self.cells.iter_mut().flatten().zip(from) {
            into[0] += from[0];
            into[1] += from[1];
        }
        self
    }

    fn result(self, query: &RetentionQuery) -> RetentionResult {
        let cohort = |(period, (customers, cells)): (usize, (u64, Vec<[u64; 2]>))| RetentionCohort {
            from: query.bounds[period],
            to: query.bounds[period + 1],
            customers,
            cells: (0..)
                .zip(cells)
                .map(|(later, [returned, of])| RetentionCell {
                    customers: returned,
                    of,
                    is_complete: match query.rolling_ms {
                        Some(_) => of == customers,
                        None => query.bounds[period + later + 1] <= query.now,
                    },
                })
                .collect(),
        };
        RetentionResult {
            cohorts: self.began.into_iter().zip(self.cells).enumerate().map(cohort).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{TOUCHPOINTS, events, filters, log, log_of, ways};

    fn query(cohort: RetentionCohortRule, rolling_ms: Option<i64>) -> RetentionQuery {
        RetentionQuery {
            filter: Filter::default(),
            starts: Some([Touchpoint(0)].into_iter().collect()),
            returns: Some([Touchpoint(1)].into_iter().collect()),
            bounds: vec![0, 10, 20, 30],
            cohort,
            rolling_ms,
            minimum: 1,
            or_later: false,
            now: 25,
        }
    }

    /// A cohort's customers and its cells as (returned, of, is complete).
    type Told = (u64, Vec<(u64, u64, bool)>);

    fn told(result: &RetentionResult) -> Vec<Told> {
        let cells = |cohort: &RetentionCohort| {
            cohort
                .cells
                .iter()
                .map(|cell| (cell.customers, cell.of, cell.is_complete))
                .collect()
        };
        result
            .cohorts
            .iter()
            .map(|cohort| (cohort.customers, cells(cohort)))
            .collect()
    }

    #[test]
    fn retention_worked_out_by_hand() {
        let log = log(&[
            (1, 0, 8),
            (1, 1, 9),
            (1, 1, 12),
            (2, 0, 3),
            (2, 1, 21),
            (3, 0, 14),
            (3, 0, 22),
            (4, 0, -5),
            (4, 0, 1),
        ]);
        let first = told(&retention(&log, &query(RetentionCohortRule::FirstEver, None)));
        assert_eq!(
            first,
            [
                (2, vec![(1, 2, true), (1, 2, true), (1, 2, false)]),
                (1, vec![(0, 1, true), (0, 1, false)]),
                (0, vec![(0, 0, false)]),
            ]
        );
        let in_periods = told(&retention(&log, &query(RetentionCohortRule::FirstInPeriods, None)));
        assert_eq!(in_periods[0].0, 3);
        let recurring = told(&retention(&log, &query(RetentionCohortRule::Recurring, None)));
        assert_eq!(recurring.iter().map(|cohort| cohort.0).collect::<Vec<_>>(), [3, 1, 1]);
        // From 8 and 3 on in tens: 9 and 12 are in the first ten; the second ten of the one who began at 8 ends after now.
        let rolling = told(&retention(&log, &query(RetentionCohortRule::FirstEver, Some(10))));
        assert_eq!(rolling[0], (2, vec![(1, 2, true), (1, 1, false), (0, 0, false)]));
        // 1 comes back in the first two periods, 2 only in the third, which counts for those before it.
        let or_later = RetentionQuery {
            or_later: true,
            ..query(RetentionCohortRule::FirstEver, None)
        };
        assert_eq!(
            told(&retention(&log, &or_later))[0],
            (2, vec![(2, 2, true), (2, 2, true), (1, 2, false)])
        );
    }

    fn queries() -> impl Strategy<Value = RetentionQuery> {
        let set = || prop::option::of(prop::collection::vec((0..TOUCHPOINTS).prop_map(Touchpoint), 1..3));
        let rule = prop::sample::select(vec![
            RetentionCohortRule::FirstEver,
            RetentionCohortRule::FirstInPeriods,
            RetentionCohortRule::Recurring,
        ]);
        let bounds = prop::collection::btree_set(-20..20i64, 0..6);
        let rest = (prop::option::of(1..9i64), 0..3u64, any::<bool>(), -20..20i64);
        (filters(), set(), set(), bounds, rule, rest).prop_map(
            |(filter, starts, returns, bounds, cohort, (rolling_ms, minimum, or_later, now))| RetentionQuery {
                filter,
                starts: starts.map(|list| list.into_iter().collect()),
                returns: returns.map(|list| list.into_iter().collect()),
                bounds: bounds.into_iter().collect(),
                cohort,
                rolling_ms,
                minimum,
                or_later,
                now,
            },
        )
    }

    proptest! {
        #[test]
        fn retention_equals_a_plain_count(events in events(), query in queries()) {
            let ways = ways(&events, &query.filter);
            let is_in = |set: &Option<TouchpointSet>, touchpoint| set.as_ref().is_none_or(|set| set.contains(touchpoint));
            let spans: Vec<(i64, i64)> = query.bounds.windows(2).map(|pair| (pair[0], pair[1])).collect();
            let result = retention(&log_of(&events), &query);
            prop_assert_eq!(result.cohorts.len(), spans.len());
            for (cohort, (from, to)) in result.cohorts.iter().zip(&spans) {
                // Everybody's way from where it begins in this period.
                let began: Vec<&[(i64, Touchpoint)]> = ways
                    .values()
                    .filter_map(|way| {
                        let starts = || way.iter().enumerate().filter(|(_, event)| is_in(&query.starts, event.1));
                        let inside = |at: i64| *from <= at && at < *to;
                        let (place, _) = starts().find(|(_, event)| inside(event.0))?;
                        let in_periods = |at: i64| spans[0].0 <= at && at < spans[spans.len() - 1].1;
                        let first = match query.cohort {
                            RetentionCohortRule::FirstEver => starts().next()?.0,
                            RetentionCohortRule::FirstInPeriods => starts().find(|(_, event)| in_periods(event.0))?.0,
                            RetentionCohortRule::Recurring => place,
                        };
                        (first == place).then_some(&way[place..])
                    })
                    .collect();
                prop_assert_eq!(cohort.customers, began.len() as u64);
                let here = spans.iter().position(|span| span.0 == *from).unwrap();
                for (later, cell) in cohort.cells.iter().enumerate() {
                    let span = |way: &[(i64, Touchpoint)], later: usize| match query.rolling_ms {
                        Some(length) => (way[0].0 + later as i64 * length, way[0].0 + (later as i64 + 1) * length),
                        None => spans[here + later],
                    };
                    let is_over = |way: &[(i64, Touchpoint)]| query.rolling_ms.is_none() || span(way, later).1 <= query.now;
                    let returned_in = |way: &[(i64, Touchpoint)], (from, to): (i64, i64)| {
                        let back = way.iter().filter(|event| from <= event.0 && event.0 < to && is_in(&query.returns, event.1));
                        back.count() as u64 >= query.minimum.max(1)
                    };
                    let last = if query.or_later { cohort.cells.len() - 1 } else { later };
                    let returned = |way: &[(i64, Touchpoint)]| (later..=last).any(|later| returned_in(way, span(way, later)));
                    let of: Vec<_> = began.iter().filter(|way| is_over(way)).collect();
                    prop_assert_eq!(cell.of, of.len() as u64);
                    prop_assert_eq!(cell.customers, of.iter().filter(|way| returned(way)).count() as u64);
                }
            }
        }
    }
}
