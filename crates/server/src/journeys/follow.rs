//! Keeping the log in step with the events: read from the disk after a start, followed from there on, and built anew from the
//! first event beside the old one when the catalogue sorts events otherwise.

use std::{sync::atomic::Ordering, time::Duration};

use domain::{CustomerId, Event, Time, touchpoint::Meeting};
use journey::Touchpoint;
use store::{
    Tx,
    events::{self, Cursor, Recorded},
    touchpoints,
};
use tokio::sync::watch;

use super::{
    State,
    catalogue::{Catalogue, Place},
    keeper::Keeper,
};
use crate::app::Shared;

/// How many events are read at a time.
const BATCH: i64 = 5_000;

/// Follows the events until told to stop.
pub async fn follow(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut keeper = Keeper::new(&app);
    let mut reader = go_on(&app, &mut keeper).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the saved journey log is left aside");
        None
    });
    let mut changes = app.store.changes();
    loop {
        changes.mark_unchanged();
        match catch_up(&app, &mut reader, &mut keeper, &stop).await {
            Ok(()) => app.journeys.pulse.beat(app.universe.now()),
            Err(error) => tracing::error!(%error, "the journey log is held up"),
        }
        keeper.tend(&app).await;
        tokio::select! {
            _ = changes.changed() => {}
            // A wake-up may get lost between nodes.
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    // A log that is only half built is worth nothing.
    if reader.is_some() {
        keeper.close(&app).await;
    }
}

/// Goes on with the log that was saved; `None` when there is none, or it is not of these events.
async fn go_on(app: &Shared, keeper: &mut Keeper) -> store::Result<Option<Reader>> {
    let Some(copy) = keeper.open().await else {
        return Ok(None);
    };
    let cursor = copy.cursor;
    let load = move |tx: &mut Tx| Ok::<_, store::Error>((Catalogue::load(tx)?, events::happened_at(tx, cursor)?));
    let (catalogue, last) = app.store.read(load).await?;
    if last.is_none() || last != copy.last {
        tracing::info!("the saved journey log is of other events and left aside");
        return Ok(None);
    }
    app.journeys.change(|state| {
        *state = State {
            log: copy.log,
            cursor,
            last,
            built_to: copy.built_to,
            ..State::default()
        }
    });
    Ok(Some(Reader {
        catalogue,
        cursor,
        known: cursor,
    }))
}

/// Where the reading of events stands.
struct Reader {
    catalogue: Catalogue,
    cursor: Cursor,
    /// What happened up to here to the catalogue and to whom customers belong is already in what is read.
    known: Cursor,
}

/// Takes in all that has happened; builds the log from the first event where that has to be.
async fn catch_up(
    app: &Shared,
    reader: &mut Option<Reader>,
    keeper: &mut Keeper,
    stop: &watch::Receiver<bool>,
) -> store::Result<()> {
    loop {
        if reader.is_none() {
            app.journeys.change(|state| state.is_rebuilding = true);
            *reader = build(app, keeper, stop).await?;
        }
        let Some(following) = reader else {
            return Ok(());
        };
        let Some(part) = following.read(app).await? else {
            // The catalogue has changed.
            *reader = None;
            continue;
        };
        let more = part.more;
        keeper.note(part.meetings(), part.has_erased);
        app.journeys.change(|state| {
            part.add_to(state);
            state.is_rebuilding &= more;
        });
        keeper.tend(app).await;
        if !more || *stop.borrow() {
            return Ok(());
        }
    }
}

/// Builds a log from the first event, and puts it in the old one's place; `None` when told to stop before it is done.
async fn build(app: &Shared, keeper: &mut Keeper, stop: &watch::Receiver<bool>) -> store::Result<Option<Reader>> {
    keeper.begin();
    let load = |tx: &mut Tx| Ok::<_, store::Error>((Catalogue::load(tx)?, events::head(tx)?));
    let (catalogue, known) = app.store.read(load).await?;
    let mut reader = Reader {
        catalogue,
        cursor: Cursor::default(),
        known,
    };
    let mut fresh = State::default();
    while !*stop.borrow() {
        app.journeys.pulse.beat(app.universe.now());
        let Some(part) = reader.read(app).await? else {
            return Box::pin(build(app, keeper, stop)).await;
        };
        let more = part.more;
        keeper.note(part.meetings(), part.has_erased);
        part.add_to(&mut fresh);
        keeper.spill(&mut fresh.log).await;
        if !more {
            fresh.is_rebuilding = false;
            app.journeys.change(|state| *state = fresh);
            return Ok(Some(reader));
        }
    }
    Ok(None)
}

/// What the log is to take in.
enum Intake {
    /// These were met.
    Met(Vec<(CustomerId, Touchpoint, i64)>),
    /// What these customers did has changed, for events went from one to another or are gone: all of it up to here.
    Anew {
        customers: Vec<CustomerId>,
        all: Vec<(CustomerId, Touchpoint, i64)>,
    },
}

/// A stretch of events as the log takes it in.
struct Part {
    intakes: Vec<Intake>,
    /// Whether somebody was erased.
    has_erased: bool,
    touchpoints: usize,
    end: Cursor,
    /// When the last event happened.
    last: Option<Time>,
    more: bool,
}

impl Part {
    fn meetings(&self) -> usize {
        let count = |intake: &Intake| match intake {
            Intake::Met(met) => met.len(),
            Intake::Anew { all, .. } => all.len(),
        };
        self.intakes.iter().map(count).sum()
    }

    fn add_to(self, state: &mut State) {
        state.log.grow(self.touchpoints);
        for intake in self.intakes {
            match intake {
                Intake::Met(met) => state.log.add(&met),
                Intake::Anew { customers, all } => {
                    customers.into_iter().for_each(|customer| state.log.erase(customer));
                    state.log.add(&all);
                }
            }
        }
        state.cursor = self.end;
        state.last = self.last.or(state.last);
        state.built_to = state.built_to.max(self.last);
    }
}

impl Reader {
    /// Reads the next stretch; `None` when the catalogue has changed so that all events have to be sorted anew.
    async fn read(&mut self, app: &Shared) -> store::Result<Option<Part>> {
        let cursor = self.cursor;
        let stretch = app.store.read(move |tx| events::after(tx, cursor, BATCH)).await?;
        app.journeys
            .read
            .fetch_add(stretch.events.len() as u64, Ordering::Relaxed);
        let news = stretch.events.iter().filter(|(at, _)| *at > self.known);
        let mut news = news.map(|(_, event)| &event.happening.event);
        if news.clone().any(|event| self.catalogue.is_outdone_by(event)) {
            return Ok(None);
        }
        if news.any(|event| self.catalogue.is_news(event)) {
            self.catalogue = app.store.read(Catalogue::load).await?;
        }
        self.learn(app, stretch.events.iter().map(|(_, event)| event)).await?;
        let mut intakes = Vec::new();
        let mut met = Vec::new();
        let mut has_erased = false;
        for (at, event) in &stretch.events {
            met.extend(self.sort(event));
            let customers = changed(event);
            if customers.is_empty() || *at <= self.known {
                continue;
            }
            has_erased |= matches!(event.happening.event, Event::CustomerErased { .. });
            intakes.push(Intake::Met(std::mem::take(&mut met)));
            let mut all = Vec::new();
            for customer in &customers {
                all.extend(self.all_of(app, *customer, *at).await?);
            }
            intakes.push(Intake::Anew { customers, all });
        }
        intakes.push(Intake::Met(met));
        self.cursor = stretch.end;
        Ok(Some(Part {
            intakes,
            has_erased,
            touchpoints: self.catalogue.touchpoints(),
            end: stretch.end,
            last: stretch.events.last().map(|(_, event)| event.happening.at),
            more: stretch.more,
        }))
    }

    /// Gives all that a customer did up to a place in the events.
    async fn all_of(
        &mut self,
        app: &Shared,
        customer: CustomerId,
        up_to: Cursor,
    ) -> store::Result<Vec<(CustomerId, Touchpoint, i64)>> {
        let events = app
            .store
            .read(move |tx| events::of_customer(tx, customer, up_to))
            .await?;
        self.learn(app, events.iter()).await?;
        Ok(events.iter().filter_map(|event| self.sort(event)).collect())
    }

    /// Sees to it that the catalogue has a touchpoint for each of these events.
    async fn learn(&mut self, app: &Shared, events: impl Iterator<Item = &Recorded>) -> store::Result<()> {
        let new = events.filter_map(|event| match self.catalogue.place(&event.happening) {
            Place::New(meeting) => Some(meeting),
            Place::Nowhere | Place::At(_) => None,
        });
        let mut new: Vec<Meeting> = new.collect();
        if new.is_empty() {
            return Ok(());
        }
        new.sort_by(|one, other| one.signature.cmp(&other.signature));
        new.dedup_by(|one, other| one.signature == other.signature);
        let write = move |tx: &mut Tx| {
            touchpoints::ensure(tx, &new)?;
            Catalogue::load(tx)
        };
        self.catalogue = app.store.write(write).await?;
        Ok(())
    }

    fn sort(&self, event: &Recorded) -> Option<(CustomerId, Touchpoint, i64)> {
        let Place::At(touchpoint) = self.catalogue.place(&event.happening) else {
            return None;
        };
        Some((
            event.happening.customer?,
            touchpoint,
            event.happening.at.0.div_euclid(1_000),
        ))
    }
}

/// Gives those whose events are not what they were. A separation is told on both files: once is enough.
fn changed(event: &Recorded) -> Vec<CustomerId> {
    let customer = event.happening.customer;
    match &event.happening.event {
        Event::CustomerMerged { from, .. } => customer.into_iter().chain([*from]).collect(),
        Event::CustomerSeparated { from, was_in, .. } if customer == Some(*from) => vec![*from, *was_in],
        Event::CustomerErased { files } => files.clone(),
        _ => Vec::new(),
    }
}
