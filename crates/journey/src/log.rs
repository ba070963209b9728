//! All customers' ways through the touchpoints, held so that a kernel reads them at the speed of memory.
//!
//! Customers are dealt to buckets by their id; a bucket holds its customers' events in columns, one customer after the
//! other and each in order of time, and a small tail of what came since. A bucket is a task: threads share the buckets,
//! and what they found is merged in the buckets' order, so that no result depends on how many threads there were.

mod bucket;
mod columns;
mod disk;
mod parquet;

use std::collections::HashMap;

use domain::CustomerId;
use rayon::prelude::*;

use crate::Filter;
use bucket::Bucket;
pub(crate) use columns::Block;
pub use disk::Saved;
pub use parquet::BucketError;

/// The parts that customers are dealt to. Enough for many threads, few enough that a part is worth a task.
const BUCKETS: usize = 64;

/// The most touchpoints that a log tells apart.
const TOUCHPOINTS: usize = 1_000;

/// The number of a touchpoint in the catalogue that the log was built with: dense, from 0, below 1,000.
#[derive(
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[schema(as = TouchpointNumber)]
pub struct Touchpoint(pub u16);

impl Touchpoint {
    /// Gives the number as the index of a table.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One customer's way, oldest first. Events of the same time are in the order in which they were recorded.
///
/// `touchpoints` and `times` are of one length and never empty.
#[derive(Clone, Copy, Debug)]
pub struct Trail<'a> {
    /// Whose way it is.
    pub customer: CustomerId,
    /// Where the customer was met.
    pub touchpoints: &'a [Touchpoint],
    /// When, in milliseconds since 1970 UTC.
    pub times: &'a [i64],
}

/// Who was met where and when.
type Event = (CustomerId, Touchpoint, i64);

/// All customers' ways. A copy shares what neither changes.
#[derive(Clone)]
pub struct Log {
    touchpoints: usize,
    buckets: Vec<Bucket>,
}

impl Log {
    /// Makes an empty log over so many touchpoints; more than 1,000 are a mistake of the caller.
    pub fn new(touchpoints: usize) -> Log {
        assert!(
            touchpoints <= TOUCHPOINTS,
            "a log holds at most {TOUCHPOINTS} touchpoints"
        );
        Log {
            touchpoints,
            buckets: (0..BUCKETS).map(|_| Bucket::default()).collect(),
        }
    }

    /// Tells so many touchpoints apart from now on; never fewer than before.
    pub fn grow(&mut self, touchpoints: usize) {
        assert!(
            touchpoints <= TOUCHPOINTS,
            "a log holds at most {TOUCHPOINTS} touchpoints"
        );
        self.touchpoints = self.touchpoints.max(touchpoints);
    }

    /// Adds events in any order; they count at once. A touchpoint that the log does not have is a mistake of the caller.
    pub fn add(&mut self, events: &[(CustomerId, Touchpoint, i64)]) {
        let mut dealt: Vec<Vec<Event>> = vec![Vec::new(); BUCKETS];
        for event in events {
            assert!(
                event.1.index() < self.touchpoints,
                "touchpoint {} is not in the catalogue",
                event.1.0
            );
            dealt[bucket_of(event.0)].push(*event);
        }
        self.buckets
            .par_iter_mut()
            .zip(dealt)
            .filter(|(_, events)| !events.is_empty())
            .for_each(|(bucket, events)| bucket.add(events));
    }

    /// Gives these customers' own meetings, each customer's oldest first; who has none is left out.
    pub fn trails_of(&self, customers: &[CustomerId]) -> HashMap<CustomerId, Vec<(Touchpoint, i64)>> {
        let dealt = deal(customers.iter().copied());
        let wanted = self
            .buckets
            .iter()
            .zip(dealt)
            .filter(|(_, customers)| !customers.is_empty());
        wanted
            .flat_map(|(bucket, customers)| bucket.trails_of(&customers))
            .collect()
    }

    /// Takes a customer out, with everything they did.
    pub fn erase(&mut self, customer: CustomerId) {
        self.buckets[bucket_of(customer)].erase(customer);
    }

    /// Gives the bytes of memory that the events take.
    pub fn size(&self) -> usize {
        self.buckets.iter().map(Bucket::size).sum()
    }

    /// Gives the number of events.
    pub fn len(&self) -> usize {
        self.buckets.iter().map(Bucket::len).sum()
    }

    /// Whether there is no event.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the number of customers that have an event.
    pub fn customers(&self) -> usize {
        self.buckets.iter().map(Bucket::customers).sum()
    }

    /// Gives the number of touchpoints that the catalogue has.
    pub fn touchpoints(&self) -> usize {
        self.touchpoints
    }

    /// Looks at one customer's trail as the filter leaves it; `None` when it leaves nothing. Nobody else's events are read.
    pub fn one<T>(&self, customer: CustomerId, filter: &Filter, look: impl FnOnce(Trail) -> T) -> Option<T> {
        let bucket = bucket_of(customer);
        self.buckets[bucket].one(customer, &mut filter.sieve(bucket), look)
    }

    /// Folds over all trails that the filter leaves, in every bucket by ascending customer id, on rayon's threads.
    ///
    /// What the buckets gave is merged in their order: the outcome never depends on threads.
    pub fn fold<A: Send>(
        &self,
        filter: &Filter,
        start: impl Fn() -> A + Sync,
        step: impl Fn(&mut A, Trail) + Sync,
        merge: impl Fn(A, A) -> A,
    ) -> A {
        let each = |sum: &mut A, block: Block| block.trails().for_each(|trail| step(sum, trail));
        self.fold_blocks(filter, start, each, merge)
    }

    /// Folds over many trails at a time: for a kernel that reads columns without caring where a customer ends.
    pub(crate) fn fold_blocks<A: Send>(
        &self,
        filter: &Filter,
        start: impl Fn() -> A + Sync,
        step: impl Fn(&mut A, Block) + Sync,
        merge: impl Fn(A, A) -> A,
    ) -> A {
        let fold = |view: &BucketView| {
            let mut sum = start();
            view.blocks(|block| step(&mut sum, block));
            sum
        };
        // Some buckets at a time, so that large tables do not wait in memory to be merged.
        let wave = 4 * rayon::current_num_threads();
        let views: Vec<BucketView> = self.views(filter).collect();
        let mut total: Option<A> = None;
        for views in views.chunks(wave) {
            let parts: Vec<A> = views.par_iter().map(fold).collect();
            total = total.into_iter().chain(parts).reduce(&merge);
        }
        total.unwrap_or_else(start)
    }

    /// Gives every bucket as the filter leaves it, in their order.
    pub(crate) fn views<'a>(&'a self, filter: &'a Filter) -> impl Iterator<Item = BucketView<'a>> {
        let view = move |(number, bucket)| BucketView { bucket, number, filter };
        self.buckets.iter().enumerate().map(view)
    }
}

/// One bucket as a filter leaves it; may be read more than once.
pub(crate) struct BucketView<'a> {
    bucket: &'a Bucket,
    number: usize,
    filter: &'a Filter,
}

impl BucketView<'_> {
    /// Hands out all trails, as many at a time as lie side by side.
    pub fn blocks(&self, each: impl FnMut(Block)) {
        self.bucket.blocks(&mut self.filter.sieve(self.number), each);
    }
}

/// Gives the number of the bucket that a customer is dealt to.
pub(crate) fn bucket_of(customer: CustomerId) -> usize {
    customer.0.rem_euclid(BUCKETS as i64) as usize
}

/// Deals customers to the buckets they belong to.
pub(crate) fn deal(customers: impl IntoIterator<Item = CustomerId>) -> Vec<Vec<CustomerId>> {
    let mut dealt = vec![Vec::new(); BUCKETS];
    customers
        .into_iter()
        .for_each(|customer| dealt[bucket_of(customer)].push(customer));
    dealt
}

#[cfg(test)]
mod tests;
