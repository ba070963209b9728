//! Who is behind a number: some customers, and how many there are in all.

use domain::CustomerId;
use serde::Serialize;

use crate::{Filter, Log, Trail};

/// Customers behind a number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct People {
    /// How many there are.
    pub total: u64,
    /// Some of them, as many as were asked for.
    pub customers: Vec<CustomerId>,
}

impl People {
    /// Counts one more, and names them while fewer than `limit` are named.
    pub(crate) fn add(&mut self, customer: CustomerId, limit: usize) {
        self.total += 1;
        if self.customers.len() < limit {
            self.customers.push(customer);
        }
    }

    pub(crate) fn merge(mut self, other: People, limit: usize) -> People {
        self.total += other.total;
        self.customers.extend(other.customers);
        self.customers.truncate(limit);
        self
    }
}

/// Gives the customers whose trail is as wanted: who took an edge, who has this variant, whose way ended here.
pub fn people(log: &Log, filter: &Filter, is_wanted: impl Fn(&Trail) -> bool + Sync, limit: usize) -> People {
    let step = |people: &mut People, trail: Trail| {
        if is_wanted(&trail) {
            people.add(trail.customer, limit);
        }
    };
    log.fold(filter, People::default, step, |one, other| one.merge(other, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::log;

    #[test]
    fn some_are_named_and_all_are_counted() {
        let log = log(&[(1, 0, 0), (2, 0, 0), (3, 1, 0), (66, 0, 0)]);
        let met = people(&log, &Filter::default(), |trail| trail.touchpoints[0].0 == 0, 2);
        assert_eq!((met.total, met.customers), (3, vec![CustomerId(1), CustomerId(2)]));
    }
}
