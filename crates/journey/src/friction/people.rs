//! The people behind a touchpoint's contacts.

use domain::CustomerId;

use super::FrictionQuery;
use super::study::{Facts, Outcome, Study};
use crate::{Log, Touchpoint, Trail};

/// Customers who met a touchpoint and then asked for help.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Helped {
    /// How many such meetings there are; the same customer may have several.
    pub total: u64,
    /// The first of them, by customer.
    pub customers: Vec<HelpedCustomer>,
}

/// A customer who met a touchpoint and then asked for help.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct HelpedCustomer {
    /// Who.
    pub customer: CustomerId,
    /// When they met it, in milliseconds since 1970 UTC.
    pub met_at: i64,
    /// When they asked.
    pub contact_at: i64,
}

/// Lists who asked for help within the horizon after meeting a touchpoint, counted as [`friction`](super::friction()) counts.
pub fn helped(log: &Log, query: &FrictionQuery, touchpoint: Touchpoint, limit: usize) -> Helped {
    let study = Study {
        query,
        outcome: Outcome::Contact,
        without: None,
    };
    let start = || (Facts::default(), Helped::default());
    let step = |(facts, helped): &mut (Facts, Helped), trail: Trail| {
        for moment in study.moments(trail, facts, || ()) {
            let met_at = trail.times[moment.place];
            let Some(contact_at) = moment.hit_at.filter(|_| trail.touchpoints[moment.place] == touchpoint) else {
                continue;
            };
            let earlier = trail.touchpoints[..moment.place].iter().zip(trail.times).rev();
            let mut lately = earlier.take_while(|(_, time)| **time >= met_at - study.washout_ms());
            if lately.any(|(earlier, _)| *earlier == touchpoint) {
                continue;
            }
            helped.total += 1;
            let customer = trail.customer;
            helped.customers.push(HelpedCustomer {
                customer,
                met_at,
                contact_at,
            });
        }
        helped.customers.truncate(limit);
    };
    let (_, mut helped) = log.fold(&query.filter, start, step, |mut one, other| {
        one.1.total += other.1.total;
        one.1.customers.extend(other.1.customers);
        one
    });
    helped.customers.sort_by_key(|helped| (helped.customer, helped.met_at));
    helped.customers.truncate(limit);
    helped
}
