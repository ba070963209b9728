//! One bucket: the columns of its customers, and a tail of what came since they were written.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use domain::CustomerId;

use super::columns::{Block, Columns, runs};
use super::parquet::{self, BucketError};
use super::{Event, Trail};
use crate::filter::Sieve;

/// The tail is merged into the columns when it holds more than this share of them, within these bounds: often enough that
/// folding finds few trails to put together, seldom enough that an event is not copied over and over.
const TAIL_SHARE: usize = 8;
const TAIL_LEAST: usize = 1_024;
const TAIL_MOST: usize = 16_384;

#[derive(Default)]
pub(super) struct Bucket {
    held: Held,
    /// Newer events by customer and time; those of the same time in the order in which they were recorded.
    tail: Vec<Event>,
}

/// The older events: open for folding, or packed to save memory and opened each time.
enum Held {
    Open(Columns),
    Packed { bytes: Bytes, events: usize },
}

impl Default for Held {
    fn default() -> Held {
        Held::Open(Columns::default())
    }
}

impl Bucket {
    pub fn add(&mut self, events: Vec<Event>) {
        self.tail.extend(events);
        self.tail.sort_by_key(|(customer, _, time)| (*customer, *time));
        if self.tail.len() > (self.held.events() / TAIL_SHARE).clamp(TAIL_LEAST, TAIL_MOST) {
            self.settle();
        }
    }

    /// Merges the tail into the columns, which stay packed if they are.
    pub fn settle(&mut self) {
        if !self.tail.is_empty() {
            let merged = self.columns().merge(&self.tail);
            self.tail = Vec::new();
            self.hold(merged);
        }
    }

    pub fn erase(&mut self, customer: CustomerId) {
        self.tail.retain(|event| event.0 != customer);
        let place = self.columns().customers().binary_search(&customer);
        if let Ok(place) = place {
            let mut columns = self.columns().into_owned();
            columns.remove(place);
            self.hold(columns);
        }
    }

    fn hold(&mut self, columns: Columns) {
        self.held = match self.held {
            Held::Open(_) => Held::Open(columns),
            Held::Packed { .. } => Held::packed(&columns),
        };
    }

    pub fn pack(&mut self) {
        self.settle();
        if let Held::Open(columns) = &self.held {
            self.held = Held::packed(columns);
        }
    }

    pub fn len(&self) -> usize {
        self.held.events() + self.tail.len()
    }

    /// Gives the bytes of memory that the events take.
    pub fn size(&self) -> usize {
        let held = match &self.held {
            Held::Open(columns) => columns.size(),
            Held::Packed { bytes, .. } => bytes.len(),
        };
        held + self.tail.len() * size_of::<Event>()
    }

    pub fn customers(&self) -> usize {
        let columns = self.columns();
        let known = columns.customers();
        let new = runs(&self.tail).filter(|run| known.binary_search(&run[0].0).is_err());
        known.len() + new.count()
    }

    pub fn to_parquet(&self) -> Bytes {
        match &self.held {
            Held::Packed { bytes, .. } if self.tail.is_empty() => bytes.clone(),
            _ => written(&self.columns().merge(&self.tail)),
        }
    }

    /// Takes events that were written before instead of those that are here.
    pub fn restore(&mut self, bytes: &Bytes, number: usize, touchpoints: usize) -> Result<(), BucketError> {
        let columns = parquet::read(bytes, Some((number, touchpoints)))?;
        self.tail = Vec::new();
        self.hold(columns);
        Ok(())
    }

    /// Hands out all trails that the sieve lets through, as many at a time as lie side by side.
    pub fn blocks(&self, sieve: &mut Sieve, mut each: impl FnMut(Block)) {
        let columns = self.columns();
        let mut scratch = Columns::default();
        let mut at = 0;
        for run in runs(&self.tail) {
            let next = columns.seek(at, run[0].0);
            sift_some(&columns, at..next, sieve, &mut each);
            let is_known = columns.customers().get(next) == Some(&run[0].0);
            at = next + usize::from(is_known);
            scratch.clear();
            scratch.append_merged(columns.block(next..at), run);
            sift(scratch.block(0..1), sieve, &mut each);
        }
        sift_some(&columns, at..columns.customers().len(), sieve, &mut each);
    }

    /// Looks at one customer's trail as the sieve leaves it.
    pub fn one<T>(&self, customer: CustomerId, sieve: &mut Sieve, look: impl FnOnce(Trail) -> T) -> Option<T> {
        let columns = self.columns();
        let at = columns.seek(0, customer);
        let is_known = columns.customers().get(at) == Some(&customer);
        let known = columns.block(at..at + usize::from(is_known));
        let first = self.tail.partition_point(|event| event.0 < customer);
        let fresh = &self.tail[first..self.tail.partition_point(|event| event.0 <= customer)];
        let mut own = Columns::default();
        let block = if fresh.is_empty() {
            known
        } else {
            own.append_merged(known, fresh);
            own.block(0..1)
        };
        let trail = block.trails().next()?;
        sieve.sift(trail).map(look)
    }

    fn columns(&self) -> Cow<'_, Columns> {
        match &self.held {
            Held::Open(columns) => Cow::Borrowed(columns),
            Held::Packed { bytes, .. } => {
                Cow::Owned(parquet::read(bytes, None).expect("the bytes were written by this bucket"))
            }
        }
    }
}

impl Held {
    fn packed(columns: &Columns) -> Held {
        Held::Packed {
            bytes: written(columns),
            events: columns.len(),
        }
    }

    fn events(&self) -> usize {
        match self {
            Held::Open(columns) => columns.len(),
            Held::Packed { events, .. } => *events,
        }
    }
}

fn written(columns: &Columns) -> Bytes {
    parquet::write(columns).expect("writing to memory fails for no columns of this schema")
}

fn sift_some(columns: &Columns, customers: Range<usize>, sieve: &mut Sieve, each: &mut impl FnMut(Block)) {
    if !customers.is_empty() {
        sift(columns.block(customers), sieve, each);
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
    pub fn tail_len(&self) -> usize {
        self.tail.len()
    }
}
