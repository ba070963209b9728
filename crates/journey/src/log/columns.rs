//! Trails held in columns, one customer after the other, and views of runs of them.

use std::ops::Range;

use domain::CustomerId;

use super::{Event, Touchpoint, Trail};

/// Trails in order of customer id.
#[derive(Clone, Default)]
pub(super) struct Columns {
    customers: Vec<CustomerId>,
    /// Where each customer's events end in the two columns below.
    ends: Vec<u32>,
    touchpoints: Vec<Touchpoint>,
    times: Vec<i64>,
}

/// Some trails side by side; none of them is empty.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    /// Whose they are.
    pub customers: &'a [CustomerId],
    /// Where each trail ends, counted from `base` before the first event of the block.
    ends: &'a [u32],
    base: u32,
    /// The touchpoints of all trails, one after the other.
    pub touchpoints: &'a [Touchpoint],
    /// Their times.
    pub times: &'a [i64],
}

impl Columns {
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Gives the bytes of memory that the columns take.
    pub fn size(&self) -> usize {
        let event = size_of::<Touchpoint>() + size_of::<i64>();
        let customer = size_of::<CustomerId>() + size_of::<u32>();
        self.times.len() * event + self.customers.len() * customer
    }

    pub fn customers(&self) -> &[CustomerId] {
        &self.customers
    }

    pub fn touchpoints(&self) -> &[Touchpoint] {
        &self.touchpoints
    }

    pub fn times(&self) -> &[i64] {
        &self.times
    }

    /// Gives the customer's number of every event.
    pub fn customer_of_each_event(&self) -> Vec<i64> {
        let mut customers = Vec::with_capacity(self.len());
        for (customer, end) in self.customers.iter().zip(&self.ends) {
            customers.resize(*end as usize, customer.0);
        }
        customers
    }

    /// Whether an event of this customer and time may stand after the last one.
    pub fn is_next(&self, customer: CustomerId, time: i64) -> bool {
        let (Some(last), Some(latest)) = (self.customers.last(), self.times.last()) else {
            return true;
        };
        *last < customer || *last == customer && *latest <= time
    }

    /// Puts an event after the last one.
    pub fn push(&mut self, (customer, touchpoint, time): Event) {
        self.touchpoints.push(touchpoint);
        self.times.push(time);
        let end = end(self.times.len());
        match (self.customers.last(), self.ends.last_mut()) {
            (Some(last), Some(last_end)) if *last == customer => *last_end = end,
            _ => {
                self.customers.push(customer);
                self.ends.push(end);
            }
        }
    }

    fn start(&self, customer: usize) -> usize {
        customer.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }

    /// Gives the trails of these customers, by their places.
    pub fn block(&self, customers: Range<usize>) -> Block<'_> {
        let events = self.start(customers.start)..self.start(customers.end);
        Block {
            customers: &self.customers[customers.clone()],
            ends: &self.ends[customers],
            base: events.start as u32,
            touchpoints: &self.touchpoints[events.clone()],
            times: &self.times[events],
        }
    }

    /// Gives the place of the first customer from `from` on whose id is not below this one.
    pub fn seek(&self, from: usize, customer: CustomerId) -> usize {
        from + self.customers[from..].partition_point(|other| *other < customer)
    }

    /// Gives these trails with newer events put in; `fresh` is ordered by customer and time.
    pub fn merge(&self, fresh: &[Event]) -> Columns {
        let mut merged = Columns::default();
        merged.touchpoints.reserve(self.len() + fresh.len());
        merged.times.reserve(self.len() + fresh.len());
        let mut at = 0;
        for run in runs(fresh) {
            let next = self.seek(at, run[0].0);
            merged.append(self.block(at..next));
            at = next;
            let is_known = self.customers.get(at) == Some(&run[0].0);
            merged.append_merged(self.block(at..at + usize::from(is_known)), run);
            at += usize::from(is_known);
        }
        merged.append(self.block(at..self.customers.len()));
        merged
    }

    /// Takes out the trail at this place.
    pub fn remove(&mut self, customer: usize) {
        let events = self.start(customer)..self.start(customer + 1);
        let gone = events.len() as u32;
        self.customers.remove(customer);
        self.ends.remove(customer);
        self.ends[customer..].iter_mut().for_each(|end| *end -= gone);
        self.touchpoints.drain(events.clone());
        self.times.drain(events);
    }

    pub fn clear(&mut self) {
        self.customers.clear();
        self.ends.clear();
        self.touchpoints.clear();
        self.times.clear();
    }

    fn append(&mut self, block: Block) {
        let moved = self.len() as u32;
        self.customers.extend_from_slice(block.customers);
        self.ends.extend(block.ends.iter().map(|end| end - block.base + moved));
        self.touchpoints.extend_from_slice(block.touchpoints);
        self.times.extend_from_slice(block.times);
    }

    /// Appends one customer's trail from older events (a block of one trail or none) and newer ones.
    pub fn append_merged(&mut self, old: Block, run: &[Event]) {
        let mut at = 0;
        for (_, touchpoint, time) in run {
            let next = at + old.times[at..].partition_point(|other| other <= time);
            self.touchpoints.extend_from_slice(&old.touchpoints[at..next]);
            self.times.extend_from_slice(&old.times[at..next]);
            self.touchpoints.push(*touchpoint);
            self.times.push(*time);
            at = next;
        }
        self.touchpoints.extend_from_slice(&old.touchpoints[at..]);
        self.times.extend_from_slice(&old.times[at..]);
        self.customers.push(run[0].0);
        self.ends.push(end(self.len()));
    }
}

impl<'a> Block<'a> {
    /// Gives a block of one trail; `end` is the place for its length.
    pub fn one(trail: &Trail<'a>, customer: &'a CustomerId, end: &'a u32) -> Block<'a> {
        Block {
            customers: std::slice::from_ref(customer),
            ends: std::slice::from_ref(end),
            base: 0,
            touchpoints: trail.touchpoints,
            times: trail.times,
        }
    }

    /// Gives the block in parts of so many customers.
    pub fn parts(self, customers: usize) -> impl Iterator<Item = Block<'a>> {
        let mut base = self.base;
        self.customers
            .chunks(customers)
            .zip(self.ends.chunks(customers))
            .map(move |(customers, ends)| {
                let start = base;
                base = ends.last().copied().unwrap_or(base);
                let events = (start - self.base) as usize..(base - self.base) as usize;
                Block {
                    customers,
                    ends,
                    base: start,
                    touchpoints: &self.touchpoints[events.clone()],
                    times: &self.times[events],
                }
            })
    }

    /// Gives where each trail ends in the block.
    pub fn ends(self) -> impl Iterator<Item = usize> + 'a {
        self.ends.iter().map(move |end| (end - self.base) as usize)
    }

    /// Gives the trails, by ascending customer id.
    pub fn trails(self) -> impl Iterator<Item = Trail<'a>> {
        let mut start = 0;
        self.customers.iter().zip(self.ends()).map(move |(customer, end)| {
            let events = start..end;
            start = end;
            Trail {
                customer: *customer,
                touchpoints: &self.touchpoints[events.clone()],
                times: &self.times[events],
            }
        })
    }
}

fn end(events: usize) -> u32 {
    u32::try_from(events).expect("a bucket of four billion events is beyond any memory")
}

/// Gives the events of each customer from events that are ordered by customer.
pub(super) fn runs(events: &[Event]) -> impl Iterator<Item = &[Event]> {
    events.chunk_by(|one, other| one.0 == other.0)
}
