//! The catalogue of touchpoints: what each is called, where it belongs, which events count for it.
//!
//! Every sort of event gets a touchpoint by itself, so nothing that happened is missing; a rule takes events elsewhere.

use std::collections::HashMap;

use axum::{Json, extract::State, http::StatusCode};
use domain::{Event, StageId, Time, TouchpointId, people::Role, touchpoint::TouchpointRole};
use journey::{Filter, Meetings, meetings};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    touchpoints::{self, Touchpoint},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
    journeys, segments,
};

/// The most characters of a channel's word.
const MAX_CHANNEL: usize = 40;
/// The most touchpoints that have a rule: each is asked of every event.
const MAX_RULES: usize = 200;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
}

/// A place where customer and company meet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Touchpoint)]
pub struct TouchpointView {
    /// Its number, from 0 and below 1,000: what answers about journeys call it.
    id: TouchpointId,
    /// What people call it, or what its sort of event is called in English.
    name: String,
    /// Whether somebody has named it.
    is_named: bool,
    /// The sort of event that comes here by itself; null for one that has a rule.
    signature: Option<String>,
    /// A condition (CEL) over the event; the first rule that holds decides.
    rule: Option<String>,
    /// Its place in the catalogue, from 0: rules are asked in this order.
    position: usize,
    /// The stage of the journey it is in.
    stage: Option<StageId>,
    /// Where it takes place, such as `website`; empty when that is not known.
    channel: String,
    /// Whether a customer asks for help by it.
    is_contact: bool,
    /// Whether maps and figures leave it out.
    is_hidden: bool,
    /// What it is in the journey as it was designed.
    role: TouchpointRole,
    /// Whether it may come again there.
    repeats: bool,
    /// Whether it may come there in any order with what the design has before it in its stage.
    is_alongside: bool,
    /// How often somebody was there.
    events: u64,
    /// How many customers were there.
    customers: u64,
    /// When somebody was there last.
    last_at: Option<Time>,
}

/// A touchpoint that is to be, with the rule that takes events to it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewTouchpoint {
    name: String,
    /// A condition (CEL) over the event, which knows `kind`, `name`, `properties`, `context`, `data`, `actor`, `source`.
    rule: String,
    stage: Option<StageId>,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    is_contact: bool,
    #[serde(default)]
    is_hidden: bool,
    #[serde(default = "free")]
    role: TouchpointRole,
    #[serde(default)]
    repeats: bool,
    #[serde(default = "yes")]
    is_alongside: bool,
}

const fn yes() -> bool {
    true
}

const fn free() -> TouchpointRole {
    TouchpointRole::Free
}

/// What may change of a touchpoint; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct TouchpointChange {
    /// Empty takes the name away that somebody gave, where it has no rule.
    name: Option<String>,
    /// Only of one that has a rule.
    rule: Option<String>,
    /// Its place in the catalogue, from 0.
    position: Option<usize>,
    #[serde(default, deserialize_with = "ask::given")]
    #[schema(value_type = Option<StageId>)]
    stage: Option<Option<StageId>>,
    channel: Option<String>,
    is_contact: Option<bool>,
    is_hidden: Option<bool>,
    role: Option<TouchpointRole>,
    repeats: Option<bool>,
    is_alongside: Option<bool>,
}

/// Lists all touchpoints in their order, each with how many were met there in all.
#[utoipa::path(get, path = "/api/touchpoints", tag = "experience", responses((status = 200, body = Page<TouchpointView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<TouchpointView>>> {
    let counts = counts(&app).await?;
    let rows = app.store.read(touchpoints::list).await?;
    Ok(Json(Page::whole(views(rows, &counts))))
}

/// Adds a touchpoint with a rule. All events are sorted anew.
#[utoipa::path(
    post, path = "/api/touchpoints", tag = "experience", request_body = NewTouchpoint,
    responses((status = 201, body = TouchpointView), (status = 403), (status = 409, description = "there is no room for another one"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewTouchpoint>,
) -> Answer<(StatusCode, Json<TouchpointView>)> {
    caller.must_be(Role::Manager)?;
    let mut touchpoint = Touchpoint {
        id: TouchpointId(0),
        name: ask::name("name", &new.name)?,
        default_name: String::new(),
        signature: None,
        rule: Some(rule(&new.rule)?),
        position: 0,
        stage_id: new.stage,
        channel: channel(&new.channel)?,
        is_contact: new.is_contact,
        is_hidden: new.is_hidden,
        role: new.role,
        repeats: new.repeats,
        is_alongside: new.is_alongside,
    };
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let all = touchpoints::list(tx)?;
        if all.iter().filter(|other| other.rule.is_some()).count() >= MAX_RULES {
            return Err(no_room());
        }
        must_be_there(tx, touchpoint.stage_id)?;
        must_be_alone(&all, &touchpoint)?;
        touchpoint.id = touchpoints::free_id(tx)?.ok_or_else(no_room)?;
        touchpoints::insert(tx, &touchpoint)?;
        saved(tx, moment, &touchpoint, true)?;
        find(tx, touchpoint.id)
    };
    let (place, row) = app.store.write(write).await?;
    Ok((StatusCode::CREATED, Json(view(place, row, None))))
}

/// Changes a touchpoint. A changed rule, and a changed order of rules, sort all events anew.
#[utoipa::path(
    patch, path = "/api/touchpoints/{id}", tag = "experience", request_body = TouchpointChange,
    responses((status = 200, body = TouchpointView), (status = 403), (status = 404), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<TouchpointId>,
    Body(change): Body<TouchpointChange>,
) -> Answer<Json<TouchpointView>> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let (place, before) = find(tx, id)?;
        let after = changed(before.clone(), &change)?;
        must_be_there(tx, after.stage_id)?;
        if called(&before) != called(&after) {
            must_be_alone(&touchpoints::list(tx)?, &after)?;
            segments::follow_name(tx, (&called(&before), &called(&after)))?;
        }
        touchpoints::update(tx, &after)?;
        let moved = change.position.filter(|position| *position != place);
        if let Some(position) = moved {
            put(tx, id, position)?;
        }
        let is_rule = after.rule.is_some();
        saved(
            tx,
            moment,
            &after,
            after.rule != before.rule || (is_rule && moved.is_some()),
        )?;
        find(tx, id)
    };
    let (place, row) = app.store.write(write).await?;
    let counts = counts(&app).await?;
    Ok(Json(view(place, row, counts.get(&id))))
}

/// Takes a touchpoint away that has a rule, or that nobody is met at. All events are sorted anew.
#[utoipa::path(
    delete, path = "/api/touchpoints/{id}", tag = "experience",
    responses((status = 204), (status = 403), (status = 404), (status = 409, description = "customers are met there: hide it, or take its events elsewhere by a rule"))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<TouchpointId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let is_met = is_met(&app, id).await?;
    let write = move |tx: &mut Tx| {
        let (_, touchpoint) = find(tx, id)?;
        if touchpoint.rule.is_none() && is_met {
            let detail = "customers are met there: hide it, or take its events elsewhere by a rule";
            return Err(Problem::conflict("conflict", detail));
        }
        touchpoints::remove(tx, id, moment.now)?;
        let name = called(&touchpoint);
        moment.record_for_company(tx, Event::TouchpointRemoved { touchpoint: id, name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether customers are met at a touchpoint, or nobody knows because no log has been built yet. Who is met there a moment later
/// makes it come again.
async fn is_met(app: &Shared, id: TouchpointId) -> Answer<bool> {
    let status = app.journeys.status();
    let is_unknown = status.is_rebuilding && status.events == 0;
    Ok(is_unknown || counts(app).await?.get(&id).is_some_and(|count| count.events > 0))
}

fn changed(mut touchpoint: Touchpoint, change: &TouchpointChange) -> Answer<Touchpoint> {
    if let Some(name) = &change.name {
        touchpoint.name = match touchpoint.rule {
            None if name.trim().is_empty() => String::new(),
            _ => ask::name("name", name)?,
        };
    }
    if let Some(source) = &change.rule {
        if touchpoint.rule.is_none() {
            return Err(Problem::invalid(
                "rule",
                "must not be set: its events come by themselves",
            ));
        }
        touchpoint.rule = Some(rule(source)?);
    }
    if let Some(word) = &change.channel {
        touchpoint.channel = channel(word)?;
    }
    touchpoint.stage_id = change.stage.unwrap_or(touchpoint.stage_id);
    touchpoint.is_contact = change.is_contact.unwrap_or(touchpoint.is_contact);
    touchpoint.is_hidden = change.is_hidden.unwrap_or(touchpoint.is_hidden);
    touchpoint.role = change.role.unwrap_or(touchpoint.role);
    touchpoint.repeats = change.repeats.unwrap_or(touchpoint.repeats);
    touchpoint.is_alongside = change.is_alongside.unwrap_or(touchpoint.is_alongside);
    Ok(touchpoint)
}

fn rule(source: &str) -> Answer<String> {
    let source = source.trim();
    if source.is_empty() {
        return Err(Problem::invalid("rule", "must not be empty"));
    }
    journeys::read_rule(source).map_err(|reason| Problem::invalid("rule", reason))?;
    Ok(source.to_owned())
}

fn channel(word: &str) -> Answer<String> {
    let word = word.trim();
    ask::must_fit("channel", word, MAX_CHANNEL)?;
    Ok(word.to_owned())
}

/// Segments' rules ask about touchpoints by their names.
fn must_be_alone(all: &[Touchpoint], touchpoint: &Touchpoint) -> Answer<()> {
    let name = called(touchpoint);
    let is_taken = all
        .iter()
        .any(|other| other.id != touchpoint.id && called(other) == name);
    let problem = || Problem::invalid("name", "another touchpoint is called so");
    (!is_taken || touchpoint.name.is_empty())
        .then_some(())
        .ok_or_else(problem)
}

fn must_be_there(tx: &mut Tx, stage: Option<StageId>) -> Answer<()> {
    let Some(stage) = stage else { return Ok(()) };
    let is_there = touchpoints::stages(tx)?.iter().any(|other| other.id == stage);
    is_there
        .then_some(())
        .ok_or_else(|| Problem::invalid("stage", "must be a stage that is there"))
}

/// Moves a touchpoint to another place and counts all of them through.
fn put(tx: &mut Tx, id: TouchpointId, position: usize) -> Answer<()> {
    let (place, touchpoint) = find(tx, id)?;
    let mut all = touchpoints::list(tx)?;
    all.remove(place);
    all.insert(position.min(all.len()), touchpoint);
    for (position, touchpoint) in (0..).zip(all) {
        if touchpoint.position != position {
            touchpoints::update(tx, &Touchpoint { position, ..touchpoint })?;
        }
    }
    Ok(())
}

fn saved(tx: &mut Tx, moment: Moment, touchpoint: &Touchpoint, sorts_anew: bool) -> Answer<()> {
    let event = Event::TouchpointSaved {
        touchpoint: touchpoint.id,
        name: called(touchpoint),
        sorts_anew,
    };
    moment.record_for_company(tx, event)?;
    Ok(())
}

fn find(tx: &mut Tx, id: TouchpointId) -> Answer<(usize, Touchpoint)> {
    let mut all = touchpoints::list(tx)?.into_iter().enumerate();
    all.find(|(_, touchpoint)| touchpoint.id == id)
        .ok_or_else(|| Problem::not_found(format!("touchpoint {id}")))
}

fn no_room() -> Problem {
    Problem::conflict("conflict", "there is no room for another one: take one away first")
}

fn called(touchpoint: &Touchpoint) -> String {
    let given = Some(&touchpoint.name).filter(|name| !name.is_empty());
    given.unwrap_or(&touchpoint.default_name).clone()
}

async fn counts(app: &Shared) -> Answer<HashMap<TouchpointId, Meetings>> {
    journeys::catch_up(app).await?;
    let found = app.journeys.ask(|log| meetings(log, &Filter::default())).await?;
    let by_id = |meetings: Meetings| (TouchpointId(meetings.touchpoint.0.into()), meetings);
    Ok(found.into_iter().map(by_id).collect())
}

fn views(rows: Vec<Touchpoint>, counts: &HashMap<TouchpointId, Meetings>) -> Vec<TouchpointView> {
    let places = rows.into_iter().enumerate();
    places
        .map(|(place, row)| {
            let count = counts.get(&row.id);
            view(place, row, count)
        })
        .collect()
}

fn view(position: usize, row: Touchpoint, count: Option<&Meetings>) -> TouchpointView {
    TouchpointView {
        id: row.id,
        name: called(&row),
        is_named: !row.name.is_empty(),
        signature: row.signature,
        rule: row.rule,
        position,
        stage: row.stage_id,
        channel: row.channel,
        is_contact: row.is_contact,
        is_hidden: row.is_hidden,
        role: row.role,
        repeats: row.repeats,
        is_alongside: row.is_alongside,
        events: count.map_or(0, |count| count.events),
        customers: count.map_or(0, |count| count.customers),
        last_at: count.map(|count| Time(count.last_at.saturating_mul(1_000))),
    }
}
