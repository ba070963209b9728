//! A chain of touchpoints that ends in a conversion or in nothing, and what is lost when one is taken out.

use std::collections::{BTreeMap, HashMap};

/// Where every path begins; no touchpoint has so high a number.
pub(super) const START: u16 = u16::MAX;
/// A conversion.
pub(super) const WON: u16 = u16::MAX - 1;
/// A path's end without one.
pub(super) const LOST: u16 = u16::MAX - 2;

/// The chain's probabilities; states are numbered from 0 by ascending touchpoint.
pub(super) struct Chain {
    touchpoints: Vec<u16>,
    /// From the start to each state.
    start: Vec<f64>,
    /// From each state to a conversion.
    won: Vec<f64>,
    /// The fundamental matrix: how often the walk is in one state after it was in another.
    visits: Vec<Vec<f64>>,
}

impl Chain {
    /// Reads the chain from how often each step was made.
    pub fn new(steps: &HashMap<(u16, u16), u64>) -> Chain {
        let mut touchpoints: Vec<u16> = steps
            .keys()
            .map(|(from, _)| *from)
            .filter(|state| *state != START)
            .collect();
        touchpoints.sort_unstable();
        touchpoints.dedup();
        let places: BTreeMap<u16, usize> = touchpoints
            .iter()
            .enumerate()
            .map(|(place, state)| (*state, place))
            .collect();
        let mut totals: HashMap<u16, f64> = HashMap::new();
        steps
            .iter()
            .for_each(|((from, _), count)| *totals.entry(*from).or_default() += *count as f64);
        let size = touchpoints.len();
        let (mut start, mut won, mut moves) = (vec![0.0; size], vec![0.0; size], vec![vec![0.0; size]; size]);
        for ((from, to), count) in steps {
            let share = *count as f64 / totals[from];
            match (places.get(from), places.get(to)) {
                (None, Some(to)) => start[*to] = share,
                (Some(from), Some(to)) => moves[*from][*to] = share,
                (Some(from), None) if *to == WON => won[*from] = share,
                _ => (),
            }
        }
        Chain {
            touchpoints,
            start,
            won,
            visits: fundamental(&moves),
        }
    }

    /// Gives the probability that a path converts.
    pub fn conversion_rate(&self) -> f64 {
        self.start
            .iter()
            .enumerate()
            .map(|(state, share)| share * self.chance_from(state))
            .sum()
    }

    /// The probability of a conversion from a state.
    fn chance_from(&self, state: usize) -> f64 {
        self.visits[state]
            .iter()
            .zip(&self.won)
            .map(|(visits, won)| visits * won)
            .sum()
    }

    /// Gives the share of the conversions that is lost without each touchpoint.
    pub fn removal_effects(&self) -> BTreeMap<u16, f64> {
        let rate = self.conversion_rate();
        let effect = |(state, touchpoint): (usize, &u16)| {
            let visits: f64 = self
                .start
                .iter()
                .enumerate()
                .map(|(from, share)| share * self.visits[from][state])
                .sum();
            let reached = visits / self.visits[state][state];
            let lost = if rate > 0.0 {
                reached * self.chance_from(state) / rate
            } else {
                0.0
            };
            (*touchpoint, lost)
        };
        self.touchpoints.iter().enumerate().map(effect).collect()
    }
}

/// Inverts 1 − Q by elimination with the largest pivot. It can be inverted: every state was left for an end.
fn fundamental(moves: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let size = moves.len();
    let is_same = |row: usize, column: usize| f64::from(u8::from(row == column));
    let mut rows: Vec<Vec<f64>> = (0..size)
        .map(|row| {
            let left = (0..size).map(|column| is_same(row, column) - moves[row][column]);
            left.chain((0..size).map(|column| is_same(row, column))).collect()
        })
        .collect();
    for column in 0..size {
        let pivot = (column..size).max_by(|one, other| rows[*one][column].abs().total_cmp(&rows[*other][column].abs()));
        rows.swap(column, pivot.unwrap_or(column));
        let scale = rows[column][column];
        rows[column].iter_mut().for_each(|value| *value /= scale);
        let pivot = rows[column].clone();
        for (_, row) in rows.iter_mut().enumerate().filter(|(number, _)| *number != column) {
            let factor = row[column];
            row.iter_mut()
                .zip(&pivot)
                .for_each(|(value, other)| *value -= factor * other);
        }
    }
    rows.into_iter().map(|row| row[size..].to_vec()).collect()
}
