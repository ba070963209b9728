//! Questions about what goes wrong: where people ask for help, leave, or go other ways than designed.

use axum::{Json, extract::State};
use journey::{
    ConformanceQuery, ConformanceResult, FrictionQuery, FrictionResult, Incident, IncidentQuery, ServiceQuery,
    ServiceResult,
};

use super::scope::{DAY_MS, HOUR_MS, PEOPLE, Scope, question, within};
use crate::{
    app::Shared,
    http::{ask::Query, caller::Caller, page::Page, problem::Answer},
};

question! {
    /// What is asked about friction.
    FrictionParams {
        /// How long after a touchpoint a call for help may have to do with it, in days, 1 to 90 [default: 7].
        horizon_days: Option<i64>,
        /// What a call for help costs, in minor units of money [default: 0].
        contact_cost: Option<f64>,
    }
}

impl FrictionParams {
    fn query(&self, scope: Scope) -> Answer<FrictionQuery> {
        friction_query(scope, self.horizon_days, self.contact_cost)
    }
}

/// Puts the question together that touchpoint brings calls for help.
pub fn friction_query(scope: Scope, horizon_days: Option<i64>, contact_cost: Option<f64>) -> Answer<FrictionQuery> {
    let horizon = within("horizon_days", horizon_days.unwrap_or(7), (1, 90))?;
    Ok(FrictionQuery {
        horizon_ms: horizon * DAY_MS,
        contact_cost: within("contact_cost", contact_cost.unwrap_or(0.0), (0.0, 1e9))?,
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
    let query = params.query(scope)?;
    let mut answer = app.journeys.ask(move |log| journey::friction(log, &query)).await?;
    answer.touchpoints.retain(|found| is_shown(found.touchpoint));
    Ok(Json(answer))
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
    let query = IncidentQuery {
        contacts: scope.contacts,
        from: scope.until - days * DAY_MS,
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

/// Holds what customers went through against the journey as it was designed.
#[utoipa::path(get, path = "/api/journey/conformance", tag = "experience", params(ConformanceParams),
    responses((status = 200, body = ConformanceResult), (status = 422)))]
pub async fn conformance(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<ConformanceParams>,
) -> Answer<Json<ConformanceResult>> {
    let query = conformance_query(&params.scope(&app).await?)?;
    Ok(Json(
        app.journeys.ask(move |log| journey::conformance(log, &query)).await?,
    ))
}

/// Puts the question together how ways fit the designed journey.
pub fn conformance_query(scope: &Scope) -> Answer<ConformanceQuery> {
    Ok(ConformanceQuery {
        design: scope.design()?,
        underway_since: Some(scope.until - 30 * DAY_MS),
        until: scope.until,
        people: PEOPLE,
        filter: scope.in_stages(),
    })
}
