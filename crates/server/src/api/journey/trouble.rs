//! Questions about what goes wrong: where people ask for help, leave, or go other ways than designed.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use axum::{Json, extract::State};
use domain::CustomerId;
use journey::{
    ConformanceQuery, ConformanceResult, FrictionQuery, FrictionResult, Incident, IncidentQuery, ServiceQuery,
    ServiceResult,
};

use store::{Tx, settings};

use super::scope::{DAY_MS, HOUR_MS, PEOPLE, Scope, members, question, within};
use crate::{
    app::Shared,
    http::{
        ask::Query,
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// The most segments within which customers are compared: each halves the strata.
const MOST_ALIKE: usize = 5;

question! {
    /// What is asked about friction.
    FrictionParams {
        /// How long after a touchpoint a call for help may have to do with it, in days, 1 to 90 [default: 7].
        horizon_days: Option<i64>,
        /// What a call for help costs, in the smallest unit of the company's money [default: what the company's settings say].
        contact_cost: Option<f64>,
        /// Segments within and without which customers are compared, such as `3,5`: at most five. Who writes often anyway is then held
        /// against those who do so, too.
        alike: Option<String>,
    }
}

/// Puts the question together that touchpoint brings calls for help.
pub fn friction_query(scope: Scope, horizon_days: Option<i64>, contact_cost: Option<f64>) -> Answer<FrictionQuery> {
    let horizon = within("horizon_days", horizon_days.unwrap_or(7), (1, 90))?;
    Ok(FrictionQuery {
        horizon_ms: horizon * DAY_MS,
        contact_cost: within("contact_cost", contact_cost.unwrap_or(0.0), (0.0, 1e9))?,
        since: scope.since,
        filter: scope.whole,
        ..FrictionQuery::new(scope.contacts, scope.stages, scope.until)
    })
}

/// Gives which touchpoints bring calls for help, and which lose people without a word.
#[utoipa::path(get, path = "/api/journey/friction", tag = "experience", params(FrictionParams),
    responses((status = 200, body = FrictionResult), (status = 422)))]
pub async fn friction(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<FrictionParams>,
) -> Answer<Json<FrictionResult>> {
    let scope = params.scope(&app).await?;
    let is_shown = scope.is_shown();
    let settings = app.store.read(settings::get).await?;
    let cost = params.contact_cost.unwrap_or(settings.contact_cost as f64);
    let mut query = friction_query(scope, params.horizon_days, Some(cost))?;
    if let Some(list) = params.alike {
        let look = move |tx: &mut Tx| groups(tx, &list);
        query.groups = Some(Arc::new(app.store.read(look).await?));
    }
    let mut answer = app.journeys.ask(move |log| journey::friction(log, &query)).await?;
    answer.touchpoints.retain(|found| is_shown(found.touchpoint));
    Ok(Json(answer))
}

/// Gives the group of each customer who belongs to one of the segments of a list: customers of a group belong to the same ones.
fn groups(tx: &mut Tx, list: &str) -> Answer<HashMap<CustomerId, u32>> {
    let wanted: BTreeSet<&str> = list.split(',').map(str::trim).collect();
    if wanted.len() > MOST_ALIKE {
        return Err(Problem::invalid(
            "alike",
            format!("must name at most {MOST_ALIKE} segments"),
        ));
    }
    let mut groups = HashMap::new();
    for (place, id) in wanted.into_iter().enumerate() {
        let id = id.parse();
        let id = id.map_err(|_| Problem::invalid("alike", "must name segments by their numbers, such as 3,5"))?;
        for customer in members(tx, "alike", id)? {
            *groups.entry(customer).or_default() |= 1 << place;
        }
    }
    Ok(groups)
}

question! {
    /// What is asked about service.
    ServiceParams {
        /// How many days up to the end are recent, 1 to 366 [default: 30].
        recent_days: Option<i64>,
    }
}

/// Gives how much of what customers meet are calls for help, by stage and over time.
#[utoipa::path(get, path = "/api/journey/service", tag = "experience", params(ServiceParams),
    responses((status = 200, body = ServiceResult), (status = 422)))]
pub async fn service(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<ServiceParams>,
) -> Answer<Json<ServiceResult>> {
    let scope = params.scope(&app).await?;
    let recent = within("recent_days", params.recent_days.unwrap_or(30), (1, 366))?;
    let place = params.stage.and_then(|stage| scope.place(stage));
    let query = ServiceQuery {
        contacts: scope.contacts,
        stages: scope.stages,
        gap_ms: 7 * DAY_MS,
        since: scope.since,
        recent_since: scope.until - recent * DAY_MS,
        filter: scope.whole,
    };
    let mut answer = app.journeys.ask(move |log| journey::service(log, &query)).await?;
    if place.is_some() {
        narrow(&mut answer, place);
    }
    Ok(Json(answer))
}

/// Leaves one stage of what was found: it is all there is, and nothing is to be told apart.
fn narrow(answer: &mut ServiceResult, place: Option<u8>) {
    answer.stages.retain(|share| share.stage == place);
    answer.weeks.retain(|week| week.stage == place);
    if let Some(only) = answer.stages.first() {
        answer.all = only.clone();
    }
    (answer.mix, answer.rate, answer.attention) = (None, None, None);
}

question! {
    /// What is asked about incidents.
    IncidentsParams {
        /// How many days up to the end are searched, 1 to 90 [default: 30].
        days: Option<i64>,
    }
}

/// Gives surges of calls for help, each dated and linked to a touchpoint.
#[utoipa::path(get, path = "/api/journey/incidents", tag = "experience", params(IncidentsParams),
    responses((status = 200, body = Page<Incident>), (status = 422)))]
pub async fn incidents(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<IncidentsParams>,
) -> Answer<Json<Page<Incident>>> {
    let scope = params.scope(&app).await?;
    let days = within("days", params.days.unwrap_or(30), (1, 90))?;
    let is_shown = scope.is_shown();
    let from = scope.until - days * DAY_MS;
    let query = IncidentQuery {
        contacts: scope.contacts,
        from: scope.since.map_or(from, |since| since.max(from)),
        until: scope.until,
        slice_ms: 6 * HOUR_MS,
        horizon_ms: 2 * DAY_MS,
        gap_ms: 7 * DAY_MS,
        false_share: 0.05,
        rounds: 199,
        // The same question has the same answer.
        seed: 1,
        people: PEOPLE,
        filter: scope.whole,
    };
    let mut found = app.journeys.ask(move |log| journey::incidents(log, &query)).await?;
    found.retain(|incident| is_shown(incident.touchpoint));
    Ok(Json(Page::whole(found)))
}

question! {
    /// What is asked about the designed journey.
    ConformanceParams {}
}

/// Holds what customers went through against the journey as it was designed: the whole of each way that began in the days asked for. A stage and
/// a channel choose among the ways to leave it; how well ways fit is said of whole ways.
#[utoipa::path(get, path = "/api/journey/conformance", tag = "experience", params(ConformanceParams),
    responses((status = 200, body = ConformanceResult), (status = 422)))]
pub async fn conformance(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<ConformanceParams>,
) -> Answer<Json<ConformanceResult>> {
    let scope = params.scope(&app).await?;
    let query = conformance_query(&scope)?;
    let mut answer = app.journeys.ask(move |log| journey::conformance(log, &query)).await?;
    let place = params.stage.and_then(|stage| scope.place(stage)).map(usize::from);
    let is_shown = scope.is_shown();
    answer.deviations.retain(|deviation| match deviation.touchpoint {
        Some(touchpoint) => is_shown(touchpoint),
        // A stage that comes late is on no channel.
        None => params.channel.is_none() && (place.is_none() || deviation.stage == place),
    });
    Ok(Json(answer))
}

/// Puts the question together how ways fit the designed journey.
pub fn conformance_query(scope: &Scope) -> Answer<ConformanceQuery> {
    Ok(ConformanceQuery {
        design: scope.design()?,
        since: scope.since,
        underway_since: Some(scope.until - 30 * DAY_MS),
        until: scope.until,
        people: PEOPLE,
        filter: scope.in_stages(),
    })
}
