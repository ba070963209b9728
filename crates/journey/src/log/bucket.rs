//! One bucket: the columns of its customers, and a tail of what came since they were written.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use domain::CustomerId;

use super::columns::{Block, Columns, runs};
use super::disk::SavedBucket;
use super::{Event, Touchpoint, Trail};
use crate::filter::Sieve;

/// The tail is merged into the columns when it holds more than this share of them, within these bounds: often enough that
/// folding finds few trails to put together, seldom enough that an event is not copied over and over.
const TAIL_SHARE: usize = 8;
const TAIL_LEAST: usize = 1_024;
const TAIL_MOST: usize = 16_384;

#[derive(Clone, Default)]
pub(super) struct Bucket {
    held: Held,
    /// Newer events by customer and time; those of the same time in the order in which they were recorded.
    /// Shared with the copies that questions look at, until something comes.
    tail: Arc<Vec<Event>>,
    /// How often something was added or taken out: what was saved at the same number is what is here.
    changes: u64,
    /// The file that it was last saved in.
    saved: Option<SavedBucket>,
}

/// The older events: in memory for folding, or only in a file and read each time. Copies share them.
#[derive(Clone)]
enum Held {
    Open(Arc<Columns>),
    Closed(SavedBucket),
}

impl Default for Held {
    fn default() -> Held {
        Held::Open(Arc::default())
    }
}

impl Bucket {
    pub fn add(&mut self, events: Vec<Event>) {
        self.changes += 1;
        let tail = Arc::make_mut(&mut self.tail);
        tail.extend(events);
        tail.sort_by_key(|(customer, _, time)| (*customer, *time));
        if self.tail.len() > (self.held.events() / TAIL_SHARE).clamp(TAIL_LEAST, TAIL_MOST) {
            self.settle();
        }
    }

    /// Merges the tail into the columns, which are in memory then.
    pub fn settle(&mut self) {
        if !self.tail.is_empty() {
            let merged = self.columns().merge(&self.tail);
            self.tail = Arc::default();
            self.held = Held::Open(Arc::new(merged));
        }
    }

    pub fn erase(&mut self, customer: CustomerId) {
        let before = self.tail.len();
        Arc::make_mut(&mut self.tail).retain(|event| event.0 != customer);
        self.changes += u64::from(self.tail.len() < before);
        let mut columns = self.columns();
        if let Ok(place) = columns.customers().binary_search(&customer) {
            // The bucket's own share goes first, so that what nobody else reads is not copied.
            self.held = Held::default();
            Arc::make_mut(&mut columns).remove(place);
            self.held = Held::Open(columns);
            self.changes += 1;
        }
    }

    pub fn len(&self) -> usize {
        self.held.events() + self.tail.len()
    }

    /// Gives the bytes of memory that the events take.
    pub fn size(&self) -> usize {
        let held = match &self.held {
            Held::Open(columns) => columns.size(),
            Held::Closed(_) => 0,
        };
        held + self.tail.len() * size_of::<Event>()
    }

    pub fn customers(&self) -> usize {
        if let (Held::Closed(saved), true) = (&self.held, self.tail.is_empty()) {
            return saved.customers;
        }
        let columns = self.columns();
        let known = columns.customers();
        let new = runs(&self.tail).filter(|run| known.binary_search(&run[0].0).is_err());
        known.len() + new.count()
    }

    /// Writes all events to a new file in the folder, unless they have not changed since they were last saved.
    pub fn save(&self, folder: &Path, number: usize) -> io::Result<SavedBucket> {
        match &self.saved {
            Some(saved) if saved.changes == self.changes => Ok(saved.clone()),
            _ => {
                let merged = self.columns().merge(&self.tail);
                SavedBucket::write(&merged, folder, (number, self.changes))
            }
        }
    }

    /// Takes note of the file that the events were saved in, if they have not changed since.
    pub fn note(&mut self, saved: &SavedBucket) {
        if saved.changes == self.changes {
            self.saved = Some(saved.clone());
        }
    }

    /// Lets go of the memory if the events are in a file as they are; says how much that was.
    pub fn close(&mut self) -> usize {
        let before = self.size();
        if let Some(saved) = self.saved.as_ref().filter(|saved| saved.changes == self.changes) {
            self.held = Held::Closed(saved.clone());
            self.tail = Arc::default();
        }
        before - self.size()
    }

    /// Makes a bucket of what was saved before.
    pub fn open(saved: &SavedBucket, columns: Columns) -> Bucket {
        Bucket {
            held: Held::Open(Arc::new(columns)),
            tail: Arc::default(),
            changes: saved.changes,
            saved: Some(saved.clone()),
        }
    }

    /// Gives these customers' meetings, oldest first; who has none is left out.
    pub fn trails_of(&self, customers: &[CustomerId]) -> Vec<(CustomerId, Vec<(Touchpoint, i64)>)> {
        let columns = self.columns();
        let mut own = Columns::default();
        let mut trails = Vec::with_capacity(customers.len());
        for customer in customers {
            if let Some(trail) = self.trail(&columns, &mut own, *customer) {
                let meetings = trail.touchpoints.iter().copied().zip(trail.times.iter().copied());
                trails.push((*customer, meetings.collect()));
            }
        }
        trails
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
        let mut own = Columns::default();
        let trail = self.trail(&columns, &mut own, customer)?;
        sieve.sift(trail).map(look)
    }

    /// Gives one customer's whole trail, put together in `own` where there is something in the tail.
    fn trail<'a>(&self, columns: &'a Columns, own: &'a mut Columns, customer: CustomerId) -> Option<Trail<'a>> {
        let at = columns.seek(0, customer);
        let is_known = columns.customers().get(at) == Some(&customer);
        let known = columns.block(at..at + usize::from(is_known));
        let first = self.tail.partition_point(|event| event.0 < customer);
        let fresh = &self.tail[first..self.tail.partition_point(|event| event.0 <= customer)];
        if fresh.is_empty() {
            return known.trails().next();
        }
        own.clear();
        own.append_merged(known, fresh);
        own.block(0..1).trails().next()
    }

    fn columns(&self) -> Arc<Columns> {
        match &self.held {
            Held::Open(columns) => columns.clone(),
            Held::Closed(saved) => Arc::new(saved.columns()),
        }
    }
}

impl Held {
    fn events(&self) -> usize {
        match self {
            Held::Open(columns) => columns.len(),
            Held::Closed(saved) => saved.events,
        }
    }
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
