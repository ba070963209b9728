//! The people behind a number: who they are, when it was, and what they wrote when they asked for help.

use std::collections::HashMap;

use axum::{Json, extract::State};
use domain::{ConversationId, CustomerId, MessageId, StageId, Time, message::Direction};
use journey::{
    ConformanceQuery, CustomerSet, DeviationKind, Filter, FrictionQuery, FunnelQuery, LeavesBy, Log, People,
    Touchpoint, Trail,
};
use serde::Serialize;
use store::{Tx, customers, events, messages};
use utoipa::ToSchema;

use super::{
    funnel::FunnelPeopleParams,
    scope::{Scope, question},
    trouble::{conformance_query, friction_query},
};
use crate::{
    api::shapes::Ref,
    app::Shared,
    http::{
        ask::Query,
        caller::Caller,
        page::{PageQuery, Stretch},
        problem::{Answer, Problem},
    },
};

/// How many messages of a conversation are looked through for the customer's first words.
const FIRST_MESSAGES: i64 = 20;
/// How many conversations of a customer are looked through for the one after the meeting.
const CONVERSATIONS: i64 = 50;

question! {
    /// Who is asked for: exactly one of the first seven.
    PeopleParams {
        /// Who were at this touchpoint.
        touchpoint: Option<String>,
        /// Who went from one touchpoint directly to another, such as `3,5`.
        edge: Option<String>,
        /// Whose way begins here.
        starts: Option<String>,
        /// Whose way ends here, as yet.
        ends: Option<String>,
        /// Who asked for help after this touchpoint.
        after: Option<String>,
        /// Whose way is exactly this one, such as `3,5,7`.
        variant: Option<String>,
        /// Who leaves the designed journey so: `skipped-3`, `inserted-3`, `repeated-3`, `out_of_order-3` with a
        /// touchpoint, or `late-2` with the stage after which the next one came late.
        deviation: Option<String>,
        /// How long after, in days, 1 to 90 [default: 7].
        horizon_days: Option<i64>,
        /// Whether a touchpoint several times in a row counts as once in a variant [default: false].
        collapse: Option<bool>,
        /// How many people are named, 1 to 200 [default: 50].
        limit: Option<i64>,
        /// The `next` of those that were named before.
        cursor: Option<String>,
    }
}

/// The people behind a number.
#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyPeople {
    /// How many there are in all.
    total: u64,
    /// Some of them.
    items: Vec<JourneyPerson>,
    /// What to ask for as `cursor` to have the next ones named; null when all are.
    next: Option<String>,
}

/// Somebody behind a number.
#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyPerson {
    customer: Ref,
    /// When they were there, for the first time in the period.
    at: Time,
    /// The conversation they began next.
    conversation: Option<ConversationId>,
    /// What they wrote first in it; empty when there is none.
    words: String,
}

/// Whose way is wanted.
enum Wanted {
    At(Touchpoint),
    Edge(Touchpoint, Touchpoint),
    Starts(Touchpoint),
    Ends(Touchpoint),
    /// This way, in which a touchpoint several times in a row may count as once.
    Variant(Vec<Touchpoint>, bool),
    HelpedAfter(Touchpoint),
    Leaves(LeavesBy),
}

/// How those who are wanted are found.
enum Search {
    Way(Filter, Wanted),
    Helped(FrictionQuery, Touchpoint),
    Leaving(ConformanceQuery, LeavesBy),
}

/// Gives the people behind a number of the map or of the friction ledger.
#[utoipa::path(get, path = "/api/journey/people", tag = "experience", params(PeopleParams),
    responses((status = 200, body = JourneyPeople), (status = 422)))]
pub async fn people(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<PeopleParams>,
) -> Answer<Json<JourneyPeople>> {
    let scope = params.scope(&app).await?;
    let wanted = wanted(&params, &scope)?;
    let stretch = PageQuery {
        limit: params.limit,
        cursor: params.cursor,
    }
    .stretch()?;
    let search = match wanted {
        Wanted::HelpedAfter(touchpoint) => {
            Search::Helped(friction_query(scope, params.horizon_days, None)?, touchpoint)
        }
        Wanted::Leaves(by) => Search::Leaving(conformance_query(&scope)?, by),
        wanted => Search::Way(scope.filter, wanted),
    };
    let question = move |log: &Log| find(log, &search, stretch.end());
    let found = app.journeys.ask(question).await?;
    named(&app, found, stretch).await
}

/// Names a stretch of the people who were found.
async fn named(
    app: &Shared,
    (total, found): (u64, Vec<(CustomerId, i64)>),
    stretch: Stretch,
) -> Answer<Json<JourneyPeople>> {
    let (found, next) = stretch.cut(found, usize::try_from(total).unwrap_or(usize::MAX));
    let items = app.store.read(move |tx: &mut Tx| describe(tx, &found)).await?;
    Ok(Json(JourneyPeople { total, items, next }))
}

/// Gives the people who passed a step of a funnel, or were lost after it.
#[utoipa::path(get, path = "/api/journey/funnel/people", tag = "experience", params(FunnelPeopleParams),
    responses((status = 200, body = JourneyPeople), (status = 422)))]
pub async fn funnel_people(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<FunnelPeopleParams>,
) -> Answer<Json<JourneyPeople>> {
    let scope = params.scope(&app).await?;
    let (query, step) = params.query(&scope)?;
    let (is_lost, stretch) = params.wanted()?;
    let question = move |log: &Log| passed(log, &query, (step, is_lost), stretch.end());
    let found = app.journeys.ask(question).await?;
    named(&app, found, stretch).await
}

fn wanted(params: &PeopleParams, scope: &Scope) -> Answer<Wanted> {
    let one = |field, id: &Option<String>| id.as_deref().map(|id| scope.touchpoint(field, id)).transpose();
    let edge = params
        .edge
        .as_deref()
        .map(|edge| scope.touchpoints("edge", edge))
        .transpose()?;
    let edge = match edge.as_deref() {
        None => None,
        Some([from, to]) => Some(Wanted::Edge(*from, *to)),
        Some(_) => return Err(Problem::invalid("edge", "must be two touchpoints, such as 3,5")),
    };
    let all = [
        one("touchpoint", &params.touchpoint)?.map(Wanted::At),
        edge,
        one("starts", &params.starts)?.map(Wanted::Starts),
        one("ends", &params.ends)?.map(Wanted::Ends),
        one("after", &params.after)?.map(Wanted::HelpedAfter),
        variant(params, scope)?,
        params
            .deviation
            .as_deref()
            .map(|text| leaves(text, scope))
            .transpose()?,
    ];
    let mut given = all.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(wanted), None) => Ok(wanted),
        _ => Err(Problem::invalid(
            "touchpoint",
            "must be given, or one of edge, starts, ends, after, variant and deviation, and only one of them",
        )),
    }
}

fn variant(params: &PeopleParams, scope: &Scope) -> Answer<Option<Wanted>> {
    let way = params.variant.as_deref();
    let way = way.map(|way| scope.touchpoints("variant", way)).transpose()?;
    Ok(way.map(|way| Wanted::Variant(way, params.collapse.unwrap_or(false))))
}

/// Reads how the designed journey is left, such as `skipped-3`.
fn leaves(text: &str, scope: &Scope) -> Answer<Wanted> {
    let refused = || {
        Problem::invalid(
            "deviation",
            "must be a kind of deviation and a number, such as skipped-3",
        )
    };
    let (kind, id) = text.split_once('-').ok_or_else(refused)?;
    let kind = match kind {
        "late" => {
            let id: StageId = id.parse().map_err(|_| refused())?;
            let stage = scope
                .order
                .iter()
                .position(|stage| stage.id == id)
                .ok_or_else(refused)?;
            return Ok(Wanted::Leaves(LeavesBy::LateAfter(stage)));
        }
        "skipped" => DeviationKind::Skipped,
        "inserted" => DeviationKind::Inserted,
        "repeated" => DeviationKind::Repeated,
        "out_of_order" => DeviationKind::OutOfOrder,
        _ => return Err(refused()),
    };
    let touchpoint = scope.touchpoint("deviation", id)?;
    Ok(Wanted::Leaves(LeavesBy::Touchpoint(kind, touchpoint)))
}

/// Gives how many there are in all, and some with the time they were there.
fn find(log: &Log, search: &Search, limit: usize) -> (u64, Vec<(CustomerId, i64)>) {
    match search {
        Search::Helped(query, touchpoint) => {
            let helped = journey::helped(log, query, *touchpoint, limit);
            let found = helped.customers.iter().map(|helped| (helped.customer, helped.met_at));
            (helped.total, found.collect())
        }
        Search::Leaving(query, by) => journey::deviating(log, query, *by, limit),
        Search::Way(filter, wanted) => {
            let people = journey::people(log, filter, |trail| met_at(trail, wanted).is_some(), limit);
            with_times(log, filter, &people, |trail| met_at(trail, wanted))
        }
    }
}

/// Gives the people of a step of a funnel, with the time they were first there.
fn passed(log: &Log, query: &FunnelQuery, step: (usize, bool), limit: usize) -> (u64, Vec<(CustomerId, i64)>) {
    let people = journey::funnel_people(log, query, step, limit);
    let there = &query.steps[step.0].touchpoints;
    with_times(log, &query.filter, &people, |trail| {
        let place = trail.touchpoints.iter().position(|met| there.contains(*met));
        place.map(|place| trail.times[place])
    })
}

fn with_times(
    log: &Log,
    filter: &Filter,
    people: &People,
    met_at: impl Fn(&Trail) -> Option<i64> + Sync,
) -> (u64, Vec<(CustomerId, i64)>) {
    let among: CustomerSet = people.customers.iter().copied().collect();
    let filter = Filter {
        customers: Some(std::sync::Arc::new(among)),
        ..filter.clone()
    };
    let step = |found: &mut Vec<_>, trail: Trail| found.extend(met_at(&trail).map(|at| (trail.customer, at)));
    let join = |mut one: Vec<_>, other: Vec<_>| {
        one.extend(other);
        one
    };
    (people.total, log.fold(&filter, Vec::new, step, join))
}

/// Gives when a customer was first where it is asked for.
fn met_at(trail: &Trail, wanted: &Wanted) -> Option<i64> {
    let place = match wanted {
        Wanted::At(touchpoint) => trail.touchpoints.iter().position(|met| met == touchpoint),
        Wanted::Edge(from, to) => {
            let step = trail.touchpoints.windows(2).position(|pair| pair == [*from, *to]);
            step.map(|step| step + 1)
        }
        Wanted::Starts(touchpoint) => (trail.touchpoints.first() == Some(touchpoint)).then_some(0),
        Wanted::Ends(touchpoint) => (trail.touchpoints.last() == Some(touchpoint)).then(|| trail.touchpoints.len() - 1),
        Wanted::Variant(way, collapses) => journey::is_variant(trail, way, *collapses).then_some(0),
        // These are found by questions of their own.
        Wanted::HelpedAfter(_) | Wanted::Leaves(_) => None,
    };
    place.map(|place| trail.times[place])
}

fn describe(tx: &mut Tx, found: &[(CustomerId, i64)]) -> Answer<Vec<JourneyPerson>> {
    let ids: Vec<CustomerId> = found.iter().map(|(customer, _)| *customer).collect();
    let names: HashMap<CustomerId, String> = customers::called(tx, &ids)?;
    let person = |(customer, at): &(CustomerId, i64)| {
        let at = Time(at.saturating_mul(1_000));
        let (conversation, words) = next_words(tx, *customer, at)?;
        Ok(JourneyPerson {
            customer: Ref::new(customer.0, names.get(customer).cloned().unwrap_or_default()),
            at,
            conversation,
            words,
        })
    };
    found.iter().map(person).collect()
}

/// Gives the first conversation that a customer began at that time or later, with the first words in it.
fn next_words(tx: &mut Tx, customer: CustomerId, at: Time) -> Answer<(Option<ConversationId>, String)> {
    let kinds = ["conversation_opened".to_owned(), "conversation_reopened".to_owned()];
    let begun = events::timeline(tx, customer, &kinds, None, CONVERSATIONS)?;
    let next = begun.iter().rev().find(|event| event.happening.at >= at);
    let Some(conversation) = next.and_then(|event| event.happening.conversation) else {
        return Ok((None, String::new()));
    };
    Ok((Some(conversation), first_words(tx, conversation, at)?))
}

/// Gives what the customer wrote first in a conversation at that time or later; empty when that is not among its first messages.
pub fn first_words(tx: &mut Tx, conversation: ConversationId, at: Time) -> Answer<String> {
    let first = messages::after(tx, conversation, MessageId(0), FIRST_MESSAGES)?;
    let words = first
        .into_iter()
        .find(|message| message.direction == Direction::In && message.at >= at);
    Ok(words.map_or_else(String::new, |message| message.body))
}
