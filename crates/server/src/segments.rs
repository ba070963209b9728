//! Segments: who belongs to each is kept true all the time. A rule is over the customer's file and over what they did; it is
//! decided again whenever something happens to the customer, and when time alone changes the answer.
//!
//! Who belongs is in the database, with how far the events have been followed: all nodes share the work, and none is done
//! twice. What customers did is asked of the journey log.

mod rules;

use std::{collections::BTreeSet, time::Duration};

use domain::{Actor, CustomerId, Event, SegmentId, Time};
use store::{
    Tx, customers,
    events::{self, Cursor, Recorded},
    segments::{self, Segment},
};
use tokio::sync::watch;

pub use rules::{Rules, follow_name, read};

use crate::{app::Shared, desk::Moment};

/// How many events are looked at together.
const BATCH: i64 = 1_000;
/// How many customers are looked at together where all are.
const CHUNK: i64 = 500;
/// How long the journey log may take to be as far as the events that are looked at.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keeps the segments true until told to stop.
pub async fn follow(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut changes = app.store.changes();
    loop {
        changes.mark_unchanged();
        let goes_on = match step(&app).await {
            Ok(goes_on) => goes_on,
            Err(error) => {
                tracing::error!(%error, "the segments are held up");
                false
            }
        };
        if goes_on && !*stop.borrow() {
            continue;
        }
        tokio::select! {
            _ = changes.changed() => {}
            // Time passes, and a wake-up may get lost between nodes.
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// What there is to do.
struct Work {
    segments: Vec<Segment>,
    from: Cursor,
    to: Cursor,
    /// Whether a touchpoint was changed: rules may find others, or other events there.
    is_changed: bool,
    /// Whom to look at.
    customers: Vec<CustomerId>,
    /// Up to whom all customers have been looked at, and up to whom after this; none when that is the last of them.
    all: Option<(CustomerId, Option<CustomerId>)>,
    /// Whether there is more after this.
    more: bool,
}

/// Does the next piece of work; says whether there may be more.
async fn step(app: &Shared) -> anyhow::Result<bool> {
    let now = app.universe.now();
    let Some(work) = app.store.read(move |tx| find(tx, now)).await? else {
        return Ok(false);
    };
    let to = work.to;
    let reached = tokio::time::timeout(PATIENCE, app.journeys.reach(to)).await;
    if reached.is_err() || app.journeys.status().is_rebuilding {
        // What customers did is not known yet: nobody comes in or leaves for that.
        return Ok(false);
    }
    let (customers, wanted) = (work.customers.clone(), work.segments.clone());
    let read = move |tx: &mut Tx| Ok::<_, store::Error>((Rules::load(tx, &wanted)?, segments::files(tx, &customers)?));
    let (rules, files) = app.store.read(read).await?;
    let customers = work.customers.clone();
    let trails = app.journeys.ask(move |log| log.trails_of(&customers)).await;
    let trails = trails.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    let standings = rules.decide(&work.customers, &files, &trails, now);
    let more = work.more;
    let moment = Moment {
        now,
        actor: Actor::SYSTEM,
    };
    Ok(app.store.write(move |tx| apply(tx, &work, &standings, moment)).await? && more)
}

/// Finds what there is to do; `None` when there is nothing.
fn find(tx: &mut Tx, now: Time) -> store::Result<Option<Work>> {
    let segments = segments::list(tx)?;
    let (Some(from), false) = (segments::progress(tx)?, segments.is_empty()) else {
        return Ok(None);
    };
    let stretch = events::after(tx, from, BATCH)?;
    let due = segments::due(tx, now, CHUNK)?;
    let unlooked = segments.iter().filter_map(|segment| segment.looked_to).min();
    let next = unlooked
        .map(|after| segments::next_customers(tx, after, CHUNK))
        .transpose()?;
    let news = stretch.events.iter().map(|(_, event)| event);
    let is_changed = news.clone().any(changes_touchpoints);
    let touched: BTreeSet<CustomerId> = news.filter(|event| !is_own(event)).flat_map(touches).collect();
    let is_idle = touched.is_empty() && !is_changed && due.is_empty() && next.is_none();
    // What was written here leads to nothing: it is passed over together with what comes next.
    if is_idle && stretch.events.iter().all(|(_, event)| is_own(event)) {
        return Ok(None);
    }
    let is_full = |count: usize| i64::try_from(count) == Ok(CHUNK);
    let more = stretch.more || is_full(due.len()) || next.is_some();
    let all = unlooked.map(|after| {
        let last = next.iter().flatten().last().copied();
        (
            after,
            last.filter(|_| next.as_ref().is_some_and(|next| is_full(next.len()))),
        )
    });
    let customers = touched.into_iter().chain(due).chain(next.into_iter().flatten());
    let customers: BTreeSet<CustomerId> = customers.collect();
    Ok(Some(Work {
        segments,
        from,
        to: stretch.end,
        is_changed,
        customers: customers.into_iter().collect(),
        all,
        more,
    }))
}

fn changes_touchpoints(event: &Recorded) -> bool {
    matches!(
        event.happening.event,
        Event::TouchpointSaved { .. } | Event::TouchpointRemoved { .. } | Event::SourceSaved { renamed: true, .. }
    )
}

/// Whether an event is one that is written here.
fn is_own(event: &Recorded) -> bool {
    matches!(
        event.happening.event,
        Event::SegmentEntered { .. } | Event::SegmentLeft { .. }
    )
}

/// Gives whose standing an event may change.
fn touches(event: &Recorded) -> impl Iterator<Item = CustomerId> + use<> {
    let others = match &event.happening.event {
        Event::CustomerMerged { from, .. } => vec![*from],
        Event::CustomerErased { files } => files.clone(),
        _ => Vec::new(),
    };
    event.happening.customer.into_iter().chain(others)
}

/// A customer's standing as it is now.
struct Decided {
    segment: SegmentId,
    customer: CustomerId,
    is_member: bool,
    until: Option<Time>,
    /// Whether the customer has a file of their own.
    is_there: bool,
}

/// Writes what has changed; says whether this was still to be done.
fn apply(tx: &mut Tx, work: &Work, decided: &[Decided], moment: Moment) -> store::Result<bool> {
    if segments::claim_progress(tx)? != Some(work.from) {
        // Another node was faster.
        return Ok(true);
    }
    let now: Vec<Segment> = segments::list(tx)?;
    // A segment that was changed or taken away meanwhile is not what was decided.
    let still = |id: SegmentId| {
        let rule = |segments: &[Segment]| {
            segments
                .iter()
                .find(|segment| segment.id == id)
                .map(|of| of.rule.clone())
        };
        rule(&now)
            .filter(|new| rule(&work.segments).as_ref() == Some(new))
            .is_some()
    };
    let known = segments::standings(tx, &work.customers)?;
    for one in decided.iter().filter(|one| still(one.segment)) {
        let before = known.get(&(one.segment, one.customer)).copied().unwrap_or_default();
        if before.wakes_at != one.until {
            segments::set_wake(tx, one.segment, one.customer, one.until)?;
        }
        if before.is_member != one.is_member {
            segments::set_member(tx, one.segment, one.customer, one.is_member.then_some(moment.now))?;
            tell(tx, work, one, moment)?;
        }
    }
    segments::set_progress(tx, work.to)?;
    if work.is_changed {
        segments::look_again(tx)?;
    } else if let Some((from, to)) = work.all {
        segments::set_looked_to(tx, from, to)?;
    }
    Ok(true)
}

/// Puts a change on the customer's file. Whom a segment finds when it is new has not just come in.
fn tell(tx: &mut Tx, work: &Work, one: &Decided, moment: Moment) -> store::Result<()> {
    let Some(segment) = work.segments.iter().find(|segment| segment.id == one.segment) else {
        return Ok(());
    };
    let is_there = one.is_there && customers::get(tx, one.customer)?.is_some();
    if segment.looked_to.is_some() || !is_there {
        return Ok(());
    }
    let (segment, name) = (segment.id, segment.name.clone());
    let event = match one.is_member {
        true => Event::SegmentEntered { segment, name },
        false => Event::SegmentLeft { segment, name },
    };
    moment.record_for_customer(tx, one.customer, event).map(drop)
}
