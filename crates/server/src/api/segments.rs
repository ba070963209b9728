//! Segments of the customers: rules over file and deeds, and who belongs to them now.

use axum::{Json, extract::State, http::StatusCode};
use domain::{CustomerId, Event, SegmentId, Time, people::Role};
use serde::{Deserialize, Serialize};
use store::{Tx, customers, segments as rows, touchpoints};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{
        ask::{self, Body, Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
    journeys, segments,
};

/// The most segments: each is decided for a customer whenever something happens to them.
const MAX_SEGMENTS: usize = 100;
/// How many of the newest customers a rule is tried on.
const TRIED: i64 = 1_000;
/// How many of those who would belong are named.
const EXAMPLES: usize = 5;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
        .routes(routes!(members))
        .routes(routes!(check))
        .routes(routes!(of_customer))
}

/// A segment of the customers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Segment)]
struct SegmentView {
    id: SegmentId,
    /// The name, different from every other segment's.
    name: String,
    /// Who belongs to it, as a condition over `customer` and what the customer did.
    rule: String,
    /// How many belong to it now.
    customers: i64,
    /// Whether all customers are still being looked at: then more may belong to it.
    is_counting: bool,
    /// Why nobody can belong to it as it is: a touchpoint that the rule names is gone. Null when all is well.
    problem: Option<String>,
    created_at: Time,
}

/// A segment that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewSegment {
    name: String,
    /// Who belongs to it, as a condition over `customer` and what the customer did.
    rule: String,
}

/// What may change of a segment; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct SegmentChange {
    name: Option<String>,
    rule: Option<String>,
}

/// A rule to be tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct SegmentTrial {
    rule: String,
}

/// What a rule would find.
#[derive(Debug, Serialize, ToSchema)]
struct SegmentFindings {
    /// How many customers it was tried on: the newest 1,000, or all where there are fewer.
    tried: usize,
    /// How many of them would belong.
    found: usize,
    /// The newest of those.
    examples: Vec<Member>,
}

/// A customer who belongs to a segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SegmentMember)]
struct Member {
    id: CustomerId,
    /// What the customer is called, empty when nothing is known.
    name: String,
    /// Since when they belong to it; null where they would only.
    since: Option<Time>,
}

/// A segment that a customer belongs to.
#[derive(Debug, Serialize, ToSchema)]
struct Membership {
    id: SegmentId,
    name: String,
    since: Time,
}

/// Lists the segments by name.
#[utoipa::path(get, path = "/api/segments", tag = "experience", responses((status = 200, body = Page<SegmentView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<SegmentView>>> {
    Ok(Json(Page::whole(app.store.read(views).await?)))
}

/// Adds a segment. Who belongs to it is found in the background, beginning now.
#[utoipa::path(
    post, path = "/api/segments", tag = "experience", request_body = NewSegment,
    responses((status = 201, body = SegmentView), (status = 403), (status = 409, description = "the name is taken, or there are 100 segments"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewSegment>,
) -> Answer<(StatusCode, Json<SegmentView>)> {
    caller.must_be(Role::Manager)?;
    let name = ask::name("name", &new.name)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        must_be_a_rule(tx, &new.rule)?;
        if rows::list(tx)?.len() >= MAX_SEGMENTS {
            return Err(Problem::conflict(
                "conflict",
                "there are 100 segments: take one away first",
            ));
        }
        let segment = rows::insert(tx, &name, &new.rule, moment.now)?.ok_or_else(name_is_taken)?;
        let name = name.clone();
        moment.record_for_company(tx, Event::SegmentSaved { segment, name })?;
        find(tx, segment)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Gives a segment another name or another rule.
#[utoipa::path(
    patch, path = "/api/segments/{id}", tag = "experience", request_body = SegmentChange,
    responses((status = 200, body = SegmentView), (status = 403), (status = 404), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Body(change): Body<SegmentChange>,
) -> Answer<Json<SegmentView>> {
    caller.must_be(Role::Manager)?;
    let name = change.name.map(|name| ask::name("name", &name)).transpose()?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let old = find(tx, id)?;
        let name = name.clone().unwrap_or(old.name);
        if rows::list(tx)?.iter().any(|other| other.id != id && other.name == name) {
            return Err(name_is_taken());
        }
        let rule = change.rule.clone().unwrap_or_else(|| old.rule.clone());
        let looks_again = rule != old.rule;
        if looks_again {
            must_be_a_rule(tx, &rule)?;
        }
        rows::update(tx, id, (&name, &rule), looks_again)?;
        moment.record_for_company(tx, Event::SegmentSaved { segment: id, name })?;
        find(tx, id)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Takes a segment away.
#[utoipa::path(
    delete, path = "/api/segments/{id}", tag = "experience",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<SegmentId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let name = find(tx, id)?.name;
        rows::remove(tx, id)?;
        moment.record_for_company(tx, Event::SegmentRemoved { segment: id, name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists who belongs to a segment, who came in last first.
#[utoipa::path(
    get, path = "/api/segments/{id}/customers", tag = "experience", params(PageQuery),
    responses((status = 200, body = Page<Member>), (status = 404))
)]
async fn members(
    State(app): State<Shared>,
    _: Caller,
    Path(id): Path<SegmentId>,
    Query(query): Query<PageQuery>,
) -> Answer<Json<Page<Member>>> {
    let (limit, cursor) = (query.limit()?, query.cursor::<2>()?);
    let place = cursor.map_or((Time(i64::MAX), CustomerId(i64::MAX)), |[since, id]| {
        (Time(since), CustomerId(id))
    });
    let read = move |tx: &mut Tx| {
        find(tx, id)?;
        let found = rows::members(tx, id, place, limit + 1)?;
        let ids: Vec<CustomerId> = found.iter().map(|(id, _)| *id).collect();
        let mut names = customers::called(tx, &ids)?;
        let member = |(id, since)| Member {
            id,
            name: names.remove(&id).unwrap_or_default(),
            since: Some(since),
        };
        Ok::<_, Problem>(found.into_iter().map(member).collect())
    };
    let items: Vec<Member> = app.store.read(read).await?;
    Ok(Json(Page::cut(items, limit, |member| {
        [member.since.map_or(0, |since| since.0), member.id.0]
    })))
}

/// Says what a rule would find among the newest customers, without saving it.
#[utoipa::path(
    post, path = "/api/segments/check", tag = "experience", request_body = SegmentTrial,
    responses((status = 200, body = SegmentFindings), (status = 403), (status = 422))
)]
async fn check(
    State(app): State<Shared>,
    caller: Caller,
    Body(trial): Body<SegmentTrial>,
) -> Answer<Json<SegmentFindings>> {
    caller.must_be(Role::Manager)?;
    journeys::catch_up(&app).await?;
    let read = move |tx: &mut Tx| {
        let rules = must_be_a_rule(tx, &trial.rule)?;
        let newest = rows::newest_customers(tx, TRIED)?;
        let files = rows::files(tx, &newest)?;
        let names = customers::called(tx, &newest)?;
        Ok::<_, Problem>((rules, newest, files, names))
    };
    let (rules, newest, files, names) = app.store.read(read).await?;
    let asked = newest.clone();
    let trails = app.journeys.ask(move |log| log.trails_of(&asked)).await?;
    let found = rules.members(&newest, &files, &trails, app.universe.now());
    let example = |id: &CustomerId| Member {
        id: *id,
        name: names.get(id).cloned().unwrap_or_default(),
        since: None,
    };
    Ok(Json(SegmentFindings {
        tried: newest.len(),
        found: found.len(),
        examples: found.iter().take(EXAMPLES).map(example).collect(),
    }))
}

/// Lists the segments that a customer belongs to, by name.
#[utoipa::path(
    get, path = "/api/customers/{id}/segments", tag = "customers",
    responses((status = 200, body = Page<Membership>), (status = 404))
)]
async fn of_customer(
    State(app): State<Shared>,
    _: Caller,
    Path(id): Path<CustomerId>,
) -> Answer<Json<Page<Membership>>> {
    let read = move |tx: &mut Tx| {
        customers::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("customer {id}")))?;
        Ok::<_, Problem>(rows::of_customer(tx, id)?)
    };
    let found = app.store.read(read).await?.into_iter();
    let view = |(id, name, since)| Membership { id, name, since };
    Ok(Json(Page::whole(found.map(view).collect())))
}

fn must_be_a_rule(tx: &mut Tx, rule: &str) -> Answer<segments::Rules> {
    let catalogue = touchpoints::list(tx)?;
    segments::read(rule, &catalogue).map_err(|reason| Problem::invalid("rule", reason))
}

fn views(tx: &mut Tx) -> store::Result<Vec<SegmentView>> {
    let (catalogue, counts) = (touchpoints::list(tx)?, rows::counts(tx)?);
    let view = |row: rows::Segment| SegmentView {
        id: row.id,
        name: row.name,
        problem: segments::read(&row.rule, &catalogue).err(),
        rule: row.rule,
        customers: counts.get(&row.id).copied().unwrap_or(0),
        is_counting: row.looked_to.is_some(),
        created_at: row.created_at,
    };
    Ok(rows::list(tx)?.into_iter().map(view).collect())
}

fn find(tx: &mut Tx, id: SegmentId) -> Answer<SegmentView> {
    let mut all = views(tx)?.into_iter();
    all.find(|segment| segment.id == id)
        .ok_or_else(|| Problem::not_found(format!("segment {id}")))
}

fn name_is_taken() -> Problem {
    Problem::conflict("conflict", "another segment has this name")
}
