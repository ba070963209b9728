//! The step matrix: where customers are after one step, two steps, three steps, and how many have stopped by then.
//!
//! A column counts every customer once, at the touchpoint of that step or among those whose way ended before it.

use serde::Serialize;

use crate::{Filter, Log, Touchpoint, Trail};

/// What the step matrix is asked.
#[derive(Clone, Debug)]
pub struct StepMatrixQuery {
    /// What is looked at.
    pub filter: Filter,
    /// Count from a customer's first event here, instead of from the first of all.
    pub from: Option<Touchpoint>,
    /// How many steps.
    pub steps: usize,
}

/// The step matrix.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StepMatrixResult {
    /// The customers that are counted.
    pub customers: u64,
    /// Those who never were where the count begins.
    pub without: u64,
    /// The touchpoints that somebody was at, in their order.
    pub rows: Vec<StepMatrixRow>,
    /// For each step, the customers whose way ended before it.
    pub ended: Vec<u64>,
    /// The customers whose way goes on after the last step.
    pub longer: u64,
}

/// One touchpoint.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct StepMatrixRow {
    /// Which one.
    pub touchpoint: Touchpoint,
    /// For each step, the customers that were here.
    pub customers: Vec<u64>,
}

/// Gives the step matrix.
pub fn step_matrix(log: &Log, query: &StepMatrixQuery) -> StepMatrixResult {
    let start = || Sums::new(log.touchpoints(), query.steps);
    let sums = log.fold(&query.filter, start, |sums, trail| sums.add(trail, query), Sums::merge);
    sums.result(query.steps)
}

struct Sums {
    customers: u64,
    without: u64,
    longer: u64,
    /// By touchpoint and step.
    table: Vec<u64>,
}

impl Sums {
    fn new(touchpoints: usize, steps: usize) -> Sums {
        Sums {
            customers: 0,
            without: 0,
            longer: 0,
            table: vec![0; touchpoints * steps],
        }
    }

    fn add(&mut self, trail: Trail, query: &StepMatrixQuery) {
        let first = match query.from {
            None => Some(0),
            Some(from) => trail.touchpoints.iter().position(|touchpoint| *touchpoint == from),
        };
        let Some(first) = first else {
            self.without += 1;
            return;
        };
        let way = &trail.touchpoints[first..];
        self.customers += 1;
        self.longer += u64::from(way.len() > query.steps);
        for (step, touchpoint) in way.iter().take(query.steps).enumerate() {
            self.table[touchpoint.index() * query.steps + step] += 1;
        }
    }

    fn merge(mut self, other: Sums) -> Sums {
        self.customers += other.customers;
        self.without += other.without;
        self.longer += other.longer;
        self.table
            .iter_mut()
            .zip(other.table)
            .for_each(|(into, from)| *into += from);
        self
    }

    fn result(self, steps: usize) -> StepMatrixResult {
        let rows = self
            .table
            .chunks(steps.max(1))
            .enumerate()
            .map(|(index, customers)| StepMatrixRow {
                touchpoint: Touchpoint(index as u16),
                customers: customers.to_vec(),
            });
        let rows: Vec<StepMatrixRow> = rows
            .filter(|row| row.customers.iter().any(|count| *count > 0))
            .collect();
        let at = |step: usize| rows.iter().map(|row| row.customers[step]).sum::<u64>();
        StepMatrixResult {
            customers: self.customers,
            without: self.without,
            ended: (0..steps).map(|step| self.customers - at(step)).collect(),
            longer: self.longer,
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{TOUCHPOINTS, events, filters, log, log_of, ways};

    fn query(from: Option<u16>, steps: usize) -> StepMatrixQuery {
        StepMatrixQuery {
            filter: Filter::default(),
            from: from.map(Touchpoint),
            steps,
        }
    }

    #[test]
    fn a_matrix_worked_out_by_hand() {
        let log = log(&[(1, 0, 0), (1, 1, 1), (1, 2, 2), (2, 0, 0), (2, 2, 1), (3, 2, 0)]);
        let result = step_matrix(&log, &query(None, 2));
        let row = |touchpoint, customers: [u64; 2]| StepMatrixRow {
            touchpoint: Touchpoint(touchpoint),
            customers: customers.to_vec(),
        };
        assert_eq!(result.rows, [row(0, [2, 0]), row(1, [0, 1]), row(2, [1, 1])]);
        assert_eq!(
            (result.customers, result.without, result.ended, result.longer),
            (3, 0, vec![0, 1], 1)
        );
        let result = step_matrix(&log, &query(Some(1), 2));
        assert_eq!(result.rows, [row(1, [1, 0]), row(2, [0, 1])]);
        assert_eq!((result.customers, result.without, result.longer), (1, 2, 0));
        assert_eq!(step_matrix(&log, &query(None, 0)).longer, 3);
    }

    proptest! {
        #[test]
        fn the_matrix_equals_a_plain_count(
            events in events(), filter in filters(), from in prop::option::of(0..TOUCHPOINTS), steps in 0..6usize,
        ) {
            let from = from.map(Touchpoint);
            let ways = ways(&events, &filter);
            let cut: Vec<Vec<Touchpoint>> = ways
                .values()
                .map(|way| way.iter().map(|(_, touchpoint)| *touchpoint))
                .map(|way| way.skip_while(|touchpoint| from.is_some_and(|from| from != *touchpoint)).collect())
                .filter(|way: &Vec<Touchpoint>| !way.is_empty())
                .collect();
            let result = step_matrix(&log_of(&events), &StepMatrixQuery { filter, from, steps });
            prop_assert_eq!(result.customers, cut.len() as u64);
            prop_assert_eq!(result.without, (ways.len() - cut.len()) as u64);
            prop_assert_eq!(result.longer, cut.iter().filter(|way| way.len() > steps).count() as u64);
            for step in 0..steps {
                let ended = cut.iter().filter(|way| way.len() <= step).count() as u64;
                prop_assert_eq!(result.ended[step], ended);
                for touchpoint in (0..TOUCHPOINTS).map(Touchpoint) {
                    let here = cut.iter().filter(|way| way.get(step) == Some(&touchpoint)).count() as u64;
                    let row = result.rows.iter().find(|row| row.touchpoint == touchpoint);
                    prop_assert_eq!(row.map_or(0, |row| row.customers[step]), here);
                }
            }
        }
    }
}
