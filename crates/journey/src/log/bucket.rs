//! One bucket: the columns of its customers, and a tail of what came since they were written.

use std::ops::Range;

use domain::CustomerId;

use super::Event;
use super::columns::{Block, Columns, runs};
use crate::filter::Sieve;

/// The tail is merged into the columns when it holds more than this share of them, within these bounds: often enough that
/// folding finds few trails to put together, seldom enough that an event is not copied over and over.
const TAIL_SHARE: usize = 8;
const TAIL_LEAST: usize = 1_024;
const TAIL_MOST: usize = 16_384;

#[derive(Default)]
pub(super) struct Bucket {
    columns: Columns,
    /// Newer events by customer and time; those of the same time in the order in which they were recorded.
    tail: Vec<Event>,
}

impl Bucket {
    pub fn add(&mut self, events: Vec<Event>) {
        self.tail.extend(events);
        self.tail.sort_by_key(|(customer, _, time)| (*customer, *time));
        if self.tail.len() > (self.columns.len() / TAIL_SHARE).clamp(TAIL_LEAST, TAIL_MOST) {
            self.columns = self.columns.merge(&self.tail);
            self.tail = Vec::new();
        }
    }

    pub fn erase(&mut self, customer: CustomerId) {
        self.tail.retain(|event| event.0 != customer);
        if let Ok(place) = self.columns.customers().binary_search(&customer) {
            self.columns.remove(place);
        }
    }

    pub fn len(&self) -> usize {
        self.columns.len() + self.tail.len()
    }

    pub fn customers(&self) -> usize {
        let known = self.columns.customers();
        let new = runs(&self.tail).filter(|run| known.binary_search(&run[0].0).is_err());
        known.len() + new.count()
    }

    /// Hands out all trails that the sieve lets through, as many at a time as lie side by side.
    pub fn blocks(&self, sieve: &mut Sieve, mut each: impl FnMut(Block)) {
        let mut scratch = Columns::default();
        let mut at = 0;
        for run in runs(&self.tail) {
            let next = self.columns.seek(at, run[0].0);
            self.sift(at..next, sieve, &mut each);
            at = next;
            let is_known = self.columns.customers().get(at) == Some(&run[0].0);
            scratch.clear();
            scratch.append_merged(self.columns.block(at..at + usize::from(is_known)), run);
            sift(scratch.block(0..1), sieve, &mut each);
            at += usize::from(is_known);
        }
        self.sift(at..self.columns.customers().len(), sieve, &mut each);
    }

    fn sift(&self, customers: Range<usize>, sieve: &mut Sieve, each: &mut impl FnMut(Block)) {
        if !customers.is_empty() {
            sift(self.columns.block(customers), sieve, each);
        }
    }
}

/// Hands out a block as it is where nothing is filtered, and else trail by trail.
fn sift(block: Block, sieve: &mut Sieve, each: &mut impl FnMut(Block)) {
    if sieve.is_open() {
        return each(block);
    }
    for trail in block.trails() {
        if let Some(left) = sieve.sift(trail) {
            each(Block::one(&left, &left.customer, &(left.times.len() as u32)));
        }
    }
}

#[cfg(test)]
impl Bucket {
    pub fn settle(&mut self) {
        self.columns = self.columns.merge(&std::mem::take(&mut self.tail));
    }

    pub fn tail_len(&self) -> usize {
        self.tail.len()
    }
}
