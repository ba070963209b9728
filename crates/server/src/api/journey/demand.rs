//! Why customers write: the marks of conversations, added up, each with the conversations behind it.
//!
//! The marks are found when they are asked for, by the rules of `domain::demand` over the events and the journey log: so
//! they follow what is known now, also of conversations of long ago.

use std::{collections::HashMap, sync::Arc};

use axum::{Json, extract::State};
use domain::{
    ConversationId, CustomerId, EventId, SegmentId, Time, TouchpointId,
    demand::{Contact, Contacts, Demand, DemandReason, KINDS, Mark, SHORTLY_DAYS, Shown, Trouble},
    touchpoint,
};
use jiff::civil::Date;
use journey::{CustomerSet, DemandResult, Filter, Marked, Trail, Verdict};
use serde::Serialize;
use store::{
    Tx, customers,
    demand::{self, DemandWord},
    events, fixes, names,
    names::Named,
    settings,
};
use utoipa::ToSchema;

use super::{
    people::first_words,
    scope::{Of, find},
    trouble::friction_query,
};
use crate::{
    api::{reports, shapes::Ref},
    app::Shared,
    http::{
        ask::{self, Query},
        caller::Caller,
        page::PageQuery,
        problem::Answer,
    },
    journeys,
};

const DAY_SECONDS: i64 = 86_400;
/// How many days are looked at where the question does not say.
const USUAL_DAYS: i64 = 90;
/// How long after the period is looked for what became of conversations that were opened in it.
const AFTER_DAYS: i64 = 31;
/// How many events are looked through for a meeting at a known time.
const NEAR: i64 = 50;

/// What a conversation is marked as.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ConversationDemand)]
pub struct DemandView {
    /// What the customer wrote for: by a person's word, or else by the rules.
    demand: Demand,
    /// The touchpoint that brought it, where it is a failure and one is known.
    touchpoint: Option<TouchpointId>,
    /// What the rules say.
    by_rules: Demand,
    /// Why the rules say so.
    because: DemandReason,
    /// The touchpoint that the rules put it down to.
    rules_touchpoint: Option<TouchpointId>,
    /// When that was which shows it.
    at: Option<Time>,
    /// The event of the timeline that shows it, where it is looked up.
    event: Option<EventId>,
    /// A person's word.
    said: Option<DemandSaid>,
}

/// A person's word on a conversation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DemandSaid {
    /// Whose; none for a program.
    by: Option<Ref>,
    at: Time,
}

impl DemandView {
    fn new(tx: &mut Tx, mark: &Mark, word: Option<&DemandWord>) -> store::Result<DemandView> {
        let said = word.map(|word| said(tx, word)).transpose()?;
        Ok(DemandView {
            demand: word.map_or(mark.demand, |word| word.demand),
            touchpoint: cause(mark, word),
            by_rules: mark.demand,
            because: mark.because,
            rules_touchpoint: mark.cause(),
            at: mark.evidence.map(|evidence| evidence.at),
            event: mark.evidence.and_then(|evidence| match evidence.what {
                Shown::Event(event) => Some(event),
                Shown::Touchpoint(_) => None,
            }),
            said,
        })
    }
}

fn said(tx: &mut Tx, word: &DemandWord) -> store::Result<DemandSaid> {
    let wanted = word.user.map(|user| (Named::User, user.0));
    let names = names::get(tx, &wanted.into_iter().collect())?;
    let by = word.user.map(|user| Ref::new(user.0, names.get(Named::User, user.0)));
    Ok(DemandSaid { by, at: word.at })
}

/// Gives the touchpoint that brought a failure: the one that a person names, or else the one of the rules.
fn cause(mark: &Mark, word: Option<&DemandWord>) -> Option<TouchpointId> {
    match word {
        Some(word) => word.touchpoint,
        None => mark.cause(),
    }
}

/// Marks one conversation.
pub async fn of_conversation(app: &Shared, contact: Contact) -> Answer<DemandView> {
    journeys::catch_up(app).await?;
    let since = contact.at.plus_seconds(-SHORTLY_DAYS * DAY_SECONDS);
    let only = [contact.customer].into_iter().collect();
    let troubles = troubles(app, (since, contact.at), Some(Arc::new(only))).await?;
    let look = move |tx: &mut Tx| {
        let kinds = KINDS.map(str::to_owned);
        let mut contacts = Contacts::default();
        for event in events::timeline(tx, contact.customer, &kinds, None, i64::MAX)?
            .iter()
            .rev()
        {
            contacts.take(event.id, &event.happening);
        }
        let met = troubles.get(&contact.customer).map_or(&[][..], Vec::as_slice);
        let mark = contacts.mark(&contact, met);
        let word = demand::get(tx, contact.conversation)?;
        let mut view = DemandView::new(tx, &mark, word.as_ref())?;
        if let (Some(at), Some(_)) = (view.at, mark.cause()) {
            view.event = met_in(tx, contact.customer, at)?;
        }
        Ok::<_, store::Error>(view)
    };
    Ok(app.store.read(look).await?)
}

/// Gives the event by which a customer met something at a time, which the journey log knows to the millisecond.
fn met_in(tx: &mut Tx, customer: CustomerId, at: Time) -> store::Result<Option<EventId>> {
    let end = (at.plus_millis(1), EventId(0));
    let before = events::timeline(tx, customer, &[], Some(end), NEAR)?;
    let mut then = before.iter().take_while(|event| event.happening.at >= at);
    Ok(then
        .find(|event| touchpoint::meeting(&event.happening).is_some())
        .map(|event| event.id))
}

/// Gives the touchpoints that bring calls for help, each with when it was put right: those that the friction kernel finds
/// guilty, and those that something is being done about.
async fn troublesome(app: &Shared) -> Answer<HashMap<TouchpointId, Option<Time>>> {
    let guilty = guilty(app).await?;
    let (planned, zone) = app
        .store
        .read(|tx| Ok::<_, store::Error>((fixes::list(tx)?, settings::get(tx)?.zone())))
        .await?;
    let mut found: HashMap<TouchpointId, Option<Time>> = guilty.iter().map(|touchpoint| (*touchpoint, None)).collect();
    for fix in planned {
        let day = fix.fixed_on.as_deref().and_then(|day| day.parse::<Date>().ok());
        let fixed = day.map(|day| ask::start_of_day("fixed_on", day, &zone)).transpose()?;
        found.insert(fix.touchpoint_id, fixed);
    }
    Ok(found)
}

async fn guilty(app: &Shared) -> Answer<Arc<[TouchpointId]>> {
    let now = app.universe.now();
    if let Some(known) = app.journeys.suspects.get(now) {
        return Ok(known);
    }
    // Who asks meanwhile waits for the answer to the first: the kernel is not run for each of them.
    let _turn = app.journeys.suspects.turn.lock().await;
    if let Some(known) = app.journeys.suspects.get(now) {
        return Ok(known);
    }
    let mut scope = find(app, Of::default()).await?;
    scope.since = Some(now.plus_seconds(-USUAL_DAYS * DAY_SECONDS).0.div_euclid(1_000));
    let query = friction_query(scope, None, None)?;
    let found = app.journeys.ask(move |log| journey::friction(log, &query)).await?;
    let guilty = found
        .touchpoints
        .iter()
        .filter(|row| row.contact_verdict == Verdict::Guilty);
    let guilty: Arc<[_]> = guilty.map(|row| TouchpointId(i64::from(row.touchpoint.0))).collect();
    // A log that is being built has seen too little.
    if !app.journeys.status().is_rebuilding {
        app.journeys.suspects.set(now, guilty.clone());
    }
    Ok(guilty)
}

/// Gives who met touchpoints that bring calls for help, in `from <= at < to`.
async fn troubles(
    app: &Shared,
    (from, to): (Time, Time),
    customers: Option<Arc<CustomerSet>>,
) -> Answer<HashMap<CustomerId, Vec<Trouble>>> {
    let troublesome = troublesome(app).await?;
    let millis = |time: Time| time.0.div_euclid(1_000);
    let filter = Filter {
        from: Some(millis(from)),
        to: Some(millis(to)),
        touchpoints: Some(troublesome.keys().map(|id| journeys::number(*id)).collect()),
        customers,
    };
    let step = move |found: &mut HashMap<CustomerId, Vec<Trouble>>, trail: Trail| {
        let met = trail
            .touchpoints
            .iter()
            .zip(trail.times)
            .map(|(touchpoint, at)| Trouble {
                touchpoint: TouchpointId(i64::from(touchpoint.0)),
                at: Time(at.saturating_mul(1_000)),
            });
        let is_bad = |met: &Trouble| {
            let fixed = troublesome.get(&met.touchpoint).copied().flatten();
            fixed.is_none_or(|fixed| met.at < fixed)
        };
        found.insert(trail.customer, met.filter(is_bad).collect());
    };
    let merge = |mut one: HashMap<_, _>, other: HashMap<_, _>| {
        one.extend(other);
        one
    };
    app.journeys
        .ask(move |log| log.fold(&filter, HashMap::new, step, merge))
        .await
}

/// Which conversations.
#[derive(Debug, Clone, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DemandParams {
    /// The first day on which they were opened, `YYYY-MM-DD` in the company's zone [default: 89 days before the last].
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day [default: today]. At most 366 days with the first.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Only of customers who belong to this segment now.
    segment: Option<SegmentId>,
}

/// Why customers wrote.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemandReport {
    /// The first day; the weeks begin with it.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// What the marks add up to.
    found: DemandResult,
}

/// Adds up why customers wrote: value, failure or unclear, by cause and by week, and what the marks are worth.
#[utoipa::path(get, path = "/api/journey/demand", tag = "experience", params(DemandParams),
    responses((status = 200, body = DemandReport), (status = 422)))]
pub async fn demand_report(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<DemandParams>,
) -> Answer<Json<DemandReport>> {
    let (period, all) = marks(&app, &params).await?;
    let weeks = (i64::from((period.last - period.first).get_days()) / 7 + 1) as usize;
    let marked: Vec<Marked> = all.iter().map(|one| one.marked(&period)).collect();
    Ok(Json(DemandReport {
        from: period.first,
        to: period.last,
        found: journey::demand(&marked, weeks),
    }))
}

/// Which conversations behind a number.
#[derive(Debug, Clone, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DemandRowsParams {
    /// The first day on which they were opened, `YYYY-MM-DD` in the company's zone [default: 89 days before the last].
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day [default: today]. At most 366 days with the first.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Only of customers who belong to this segment now.
    segment: Option<SegmentId>,
    /// Only those that are for this.
    #[param(inline)]
    demand: Option<Demand>,
    /// Only failures that are put down to this touchpoint; 0 for those that are put down to none.
    cause: Option<TouchpointId>,
    /// How many are told, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of those that were told before.
    cursor: Option<String>,
}

/// The conversations behind a number.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemandRows {
    /// How many there are in all.
    total: usize,
    /// The newest of them.
    items: Vec<DemandRow>,
    /// What to ask for as `cursor` to have the next ones told; null when all are.
    next: Option<String>,
}

/// A conversation with its mark.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemandRow {
    conversation: ConversationId,
    customer: Ref,
    /// When it was opened.
    at: Time,
    /// What the customer wrote first in it.
    words: String,
    mark: DemandView,
}

/// Gives the conversations behind a number of why customers wrote, newest first.
#[utoipa::path(get, path = "/api/journey/demand/conversations", tag = "experience", params(DemandRowsParams),
    responses((status = 200, body = DemandRows), (status = 422)))]
pub async fn demand_rows(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<DemandRowsParams>,
) -> Answer<Json<DemandRows>> {
    let paging = PageQuery {
        limit: params.limit,
        cursor: params.cursor,
    };
    let stretch = paging.stretch()?;
    let of = DemandParams {
        from: params.from,
        to: params.to,
        segment: params.segment,
    };
    let (_, mut all) = marks(&app, &of).await?;
    all.retain(|one| params.demand.is_none_or(|demand| one.demand() == demand));
    if let Some(wanted) = params.cause {
        let is_of = |one: &One| one.cause().map_or(0, |cause| cause.0) == wanted.0;
        all.retain(|one| one.demand() == Demand::Failure && is_of(one));
    }
    all.sort_by_key(|one| std::cmp::Reverse((one.contact.at, one.contact.conversation)));
    let total = all.len();
    let (all, next) = stretch.cut(all, total);
    let items = app.store.read(move |tx| tell(tx, &all)).await?;
    Ok(Json(DemandRows { total, items, next }))
}

fn tell(tx: &mut Tx, all: &[One]) -> Answer<Vec<DemandRow>> {
    let ids: Vec<CustomerId> = all.iter().map(|one| one.contact.customer).collect();
    let names = customers::called(tx, &ids)?;
    let row = |one: &One| {
        let Contact {
            conversation,
            customer,
            at,
        } = one.contact;
        Ok(DemandRow {
            conversation,
            customer: Ref::new(customer.0, names.get(&customer).cloned().unwrap_or_default()),
            at,
            words: first_words(tx, conversation, at)?,
            mark: DemandView::new(tx, &one.mark, one.word.as_ref())?,
        })
    };
    all.iter().map(row).collect()
}

/// A conversation with what the rules and a person say of it.
struct One {
    contact: Contact,
    mark: Mark,
    word: Option<DemandWord>,
}

impl One {
    fn demand(&self) -> Demand {
        self.word.as_ref().map_or(self.mark.demand, |word| word.demand)
    }

    fn cause(&self) -> Option<TouchpointId> {
        cause(&self.mark, self.word.as_ref())
    }

    fn marked(&self, period: &reports::Period) -> Marked {
        let day = self.contact.at.timestamp().to_zoned(period.zone.clone()).date();
        Marked {
            by_rules: self.mark.demand,
            said: self.word.as_ref().map(|word| word.demand),
            cause: self.cause(),
            week: usize::try_from((day - period.first).get_days() / 7).unwrap_or(0),
        }
    }
}

/// Marks all conversations that were opened in a period.
async fn marks(app: &Shared, params: &DemandParams) -> Answer<(reports::Period, Vec<One>)> {
    let period = reports::period_of(app, (params.from, params.to), USUAL_DAYS).await?;
    let of = Of {
        segment: params.segment,
        ..Of::default()
    };
    // Waits for the log, and finds who belongs to the segment.
    let customers = find(app, of).await?.filter.customers;
    let (from, to) = (period.from, period.to);
    let since = from.plus_seconds(-SHORTLY_DAYS * DAY_SECONDS);
    let troubles = troubles(app, (since, to), customers.clone()).await?;
    let contacts = contacts(app, since, to).await?;
    let words = app.store.read(move |tx| demand::of_opened(tx, from, to)).await?;
    let is_wanted = |contact: &Contact| customers.as_ref().is_none_or(|set| set.contains(contact.customer));
    let mark = |contact: Contact| {
        let met = troubles.get(&contact.customer).map_or(&[][..], Vec::as_slice);
        One {
            mark: contacts.mark(&contact, met),
            word: words.get(&contact.conversation).cloned(),
            contact,
        }
    };
    let all = contacts.opened(from, to).filter(is_wanted).map(mark).collect();
    Ok((period, all))
}

/// Reads what happened around conversations, a day at a time.
async fn contacts(app: &Shared, from: Time, to: Time) -> Answer<Contacts> {
    let end = to
        .plus_seconds(AFTER_DAYS * DAY_SECONDS)
        .min(app.universe.now().plus_millis(1));
    let mut contacts = Contacts::default();
    let mut start = from;
    while start < end {
        let stop = start.plus_seconds(DAY_SECONDS).min(end);
        let look = move |tx: &mut Tx| events::of_kinds(tx, &KINDS, start, stop);
        for event in app.store.read(look).await? {
            contacts.take(event.id, &event.happening);
        }
        start = stop;
    }
    Ok(contacts)
}
