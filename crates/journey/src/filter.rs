//! What of a log is looked at: a span of time, some touchpoints, some customers.
//!
//! An event that is filtered out is as if it had never been: its neighbours become adjacent. It knows nothing of where the
//! set of customers comes from.

use std::sync::Arc;

use domain::CustomerId;

use crate::log::{bucket_of, deal};
use crate::{Touchpoint, Trail};

/// What is looked at: the whole log by default.
#[derive(Default, Clone, Debug)]
pub struct Filter {
    /// Only events at this time or later, in milliseconds since 1970 UTC.
    pub from: Option<i64>,
    /// Only events before this time.
    pub to: Option<i64>,
    /// Only events at these touchpoints.
    pub touchpoints: Option<TouchpointSet>,
    /// Only these customers' events.
    pub customers: Option<Arc<CustomerSet>>,
}

/// A set of touchpoints.
#[derive(Default, Clone, Debug, PartialEq, Eq)]
pub struct TouchpointSet(Vec<bool>);

/// A set of customers.
#[derive(Default, Clone, Debug)]
pub struct CustomerSet {
    /// Sorted, by the bucket that they are dealt to in every log.
    buckets: Vec<Vec<CustomerId>>,
}

impl FromIterator<Touchpoint> for TouchpointSet {
    fn from_iter<I: IntoIterator<Item = Touchpoint>>(touchpoints: I) -> TouchpointSet {
        let mut set = TouchpointSet::default();
        touchpoints.into_iter().for_each(|touchpoint| set.insert(touchpoint));
        set
    }
}

impl TouchpointSet {
    /// Puts a touchpoint in.
    pub fn insert(&mut self, touchpoint: Touchpoint) {
        if self.0.len() <= touchpoint.index() {
            self.0.resize(touchpoint.index() + 1, false);
        }
        self.0[touchpoint.index()] = true;
    }

    /// Whether the touchpoint is in the set.
    pub fn contains(&self, touchpoint: Touchpoint) -> bool {
        self.0.get(touchpoint.index()).copied().unwrap_or(false)
    }
}

impl FromIterator<CustomerId> for CustomerSet {
    fn from_iter<I: IntoIterator<Item = CustomerId>>(customers: I) -> CustomerSet {
        let mut buckets = deal(customers);
        for bucket in &mut buckets {
            bucket.sort_unstable();
            bucket.dedup();
        }
        CustomerSet { buckets }
    }
}

impl CustomerSet {
    /// Whether the customer is in the set.
    pub fn contains(&self, customer: CustomerId) -> bool {
        self.bucket(bucket_of(customer)).binary_search(&customer).is_ok()
    }

    /// Gives the number of customers in the set.
    pub fn len(&self) -> usize {
        self.buckets.iter().map(Vec::len).sum()
    }

    /// Whether nobody is in the set.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn bucket(&self, number: usize) -> &[CustomerId] {
        self.buckets.get(number).map_or(&[], Vec::as_slice)
    }
}

impl Filter {
    /// Gives what sifts one bucket's trails, which must come by ascending customer id.
    pub(crate) fn sieve(&self, bucket: usize) -> Sieve<'_> {
        Sieve {
            filter: self,
            customers: self.customers.as_ref().map(|set| set.bucket(bucket)),
            touchpoints: Vec::new(),
            times: Vec::new(),
        }
    }
}

/// A filter at work on one bucket.
pub(crate) struct Sieve<'f> {
    filter: &'f Filter,
    /// The wanted customers that are still to come.
    customers: Option<&'f [CustomerId]>,
    touchpoints: Vec<Touchpoint>,
    times: Vec<i64>,
}

impl Sieve<'_> {
    /// Whether it lets everything through.
    pub fn is_open(&self) -> bool {
        let Filter {
            from,
            to,
            touchpoints,
            customers,
        } = self.filter;
        from.is_none() && to.is_none() && touchpoints.is_none() && customers.is_none()
    }

    /// Gives what is left of a trail; copies only where touchpoints are chosen.
    pub fn sift<'a>(&'a mut self, trail: Trail<'a>) -> Option<Trail<'a>> {
        if !self.wants(trail.customer) {
            return None;
        }
        let first = self
            .filter
            .from
            .map_or(0, |from| trail.times.partition_point(|time| *time < from));
        let span = &trail.times[first..];
        let length = self
            .filter
            .to
            .map_or(span.len(), |to| span.partition_point(|time| *time < to));
        let span = Trail {
            touchpoints: &trail.touchpoints[first..first + length],
            times: &span[..length],
            ..trail
        };
        let left = match &self.filter.touchpoints {
            None => span,
            Some(set) => self.pick(set, span),
        };
        (!left.times.is_empty()).then_some(left)
    }

    fn wants(&mut self, customer: CustomerId) -> bool {
        let Some(wanted) = &mut self.customers else {
            return true;
        };
        while let [first, rest @ ..] = wanted
            && *first < customer
        {
            *wanted = rest;
        }
        wanted.first() == Some(&customer)
    }

    fn pick<'a>(&'a mut self, set: &TouchpointSet, trail: Trail<'a>) -> Trail<'a> {
        self.touchpoints.clear();
        self.times.clear();
        for (touchpoint, time) in trail.touchpoints.iter().zip(trail.times) {
            if set.contains(*touchpoint) {
                self.touchpoints.push(*touchpoint);
                self.times.push(*time);
            }
        }
        Trail {
            touchpoints: &self.touchpoints,
            times: &self.times,
            ..trail
        }
    }
}
