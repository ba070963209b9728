//! What the tests of every kernel stand on: random logs with ties and repeats, and the same events in plain lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::CustomerId;
use proptest::prelude::*;

use crate::{Filter, Log, Touchpoint};

/// The touchpoints of a random log.
pub const TOUCHPOINTS: u16 = 5;

/// An event as a log takes it.
pub type Event = (CustomerId, Touchpoint, i64);

/// Everybody's way in the plainest form: by customer, (time, touchpoint) in order.
pub type Ways = BTreeMap<CustomerId, Vec<(i64, Touchpoint)>>;

/// A log of events given as (customer, touchpoint, time), in the order in which they were recorded.
pub fn log(events: &[(i64, u16, i64)]) -> Log {
    let mut log = Log::new(16);
    log.add(
        &events
            .iter()
            .map(|(who, what, when)| (CustomerId(*who), Touchpoint(*what), *when))
            .collect::<Vec<_>>(),
    );
    log
}

/// Events of few customers at few times, so that ties and repeats are common.
pub fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (customers(), (0..TOUCHPOINTS).prop_map(Touchpoint), -20i64..20);
    prop::collection::vec(event, 0..80)
}

/// Customers of two buckets.
pub fn customers() -> impl Strategy<Value = CustomerId> {
    (-3i64..8).prop_map(|number| CustomerId(number * 32))
}

/// A filter of any kind, often the whole log.
pub fn filters() -> impl Strategy<Value = Filter> {
    let touchpoints = prop::option::of(prop::collection::vec((0..TOUCHPOINTS).prop_map(Touchpoint), 0..5));
    let customers = prop::option::of(prop::collection::vec(customers(), 0..8));
    (
        prop::option::of(-20i64..20),
        prop::option::of(-20i64..20),
        touchpoints,
        customers,
    )
        .prop_map(|(from, to, touchpoints, customers)| Filter {
            from,
            to,
            touchpoints: touchpoints.map(|list| list.into_iter().collect()),
            customers: customers.map(|list| Arc::new(list.into_iter().collect())),
        })
}

/// A log in which some of the events are in the columns and some in the tails.
pub fn log_of(events: &[Event]) -> Log {
    let mut log = Log::new(usize::from(TOUCHPOINTS));
    let (old, new) = events.split_at(events.len() / 2);
    log.add(old);
    log.settle();
    log.add(new);
    log
}

/// The ways that the filter leaves, made without the log.
pub fn ways(events: &[Event], filter: &Filter) -> Ways {
    let mut ways = Ways::new();
    for (who, what, when) in events {
        let is_in = filter.from.is_none_or(|from| *when >= from)
            && filter.to.is_none_or(|to| *when < to)
            && filter.touchpoints.as_ref().is_none_or(|set| set.contains(*what))
            && filter.customers.as_ref().is_none_or(|set| set.contains(*who));
        if is_in {
            ways.entry(*who).or_default().push((*when, *what));
        }
    }
    ways.values_mut().for_each(|way| way.sort_by_key(|(when, _)| *when));
    ways
}
