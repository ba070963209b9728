//! Questions about the ways that customers go, each put to its kernel.

use axum::{Json, extract::State};
use jiff::{ToSpan, Unit, Zoned, tz::TimeZone};
use journey::{
    AttributionQuery, AttributionResult, MapEdge, MapQuery, Meetings, PathAnchor, PathsQuery, PathsResult,
    RetentionCohort, RetentionCohortRule, RetentionQuery, Touchpoint, TouchpointSet, VariantsQuery, VariantsResult,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::scope::{DAY_MS, HOUR_MS, Scope, question, within};
use crate::{
    app::Shared,
    http::{
        ask::Query,
        caller::Caller,
        problem::{Answer, Problem},
    },
    journeys,
};

question! {
    /// What the map is asked.
    MapParams {
        /// Whether customers and durations of the edges are wanted [default: true].
        durations: Option<bool>,
    }
}

/// The map: which touchpoint directly follows which.
#[derive(Debug, Serialize, ToSchema)]
pub struct JourneyMap {
    /// All events that were looked at.
    events: u64,
    /// All customers that have one of them.
    customers: u64,
    /// The touchpoints that have an event, by number.
    touchpoints: Vec<MapPlace>,
    /// The edges that somebody took.
    edges: Vec<MapEdge>,
}

/// A touchpoint of the map. What comes in is what goes out: `events` = starts + all edges to it = ends + all edges from it.
#[derive(Debug, Serialize, ToSchema)]
struct MapPlace {
    #[serde(flatten)]
    meetings: Meetings,
    /// How many customers' ways begin here.
    starts: u64,
    /// How many customers' ways end here, as yet.
    ends: u64,
}

/// Gives the map of what customers go through.
#[utoipa::path(get, path = "/api/journey/map", tag = "experience", params(MapParams),
    responses((status = 200, body = JourneyMap), (status = 422)))]
pub async fn map(State(app): State<Shared>, _: Caller, Query(params): Query<MapParams>) -> Answer<Json<JourneyMap>> {
    let scope = params.scope(&app).await?;
    let query = MapQuery {
        filter: scope.filter,
        durations: params.durations.unwrap_or(true),
    };
    let question = move |log: &journey::Log| (journey::map(log, &query), journey::meetings(log, &query.filter));
    let (map, meetings) = app.journeys.ask(question).await?;
    let places = map.touchpoints.into_iter().zip(meetings);
    Ok(Json(JourneyMap {
        events: map.events,
        customers: map.customers,
        touchpoints: places
            .map(|(place, meetings)| MapPlace {
                meetings,
                starts: place.starts,
                ends: place.ends,
            })
            .collect(),
        edges: map.edges,
    }))
}

question! {
    /// What is asked about variants.
    VariantsParams {
        /// How many are told apart, 1 to 200 [default: 20].
        limit: Option<usize>,
        /// Whether a touchpoint several times in a row counts as once [default: false].
        collapse: Option<bool>,
    }
}

/// Gives the ways that most customers take, whole.
#[utoipa::path(get, path = "/api/journey/variants", tag = "experience", params(VariantsParams),
    responses((status = 200, body = VariantsResult), (status = 422)))]
pub async fn variants(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<VariantsParams>,
) -> Answer<Json<VariantsResult>> {
    let query = VariantsQuery {
        filter: params.scope(&app).await?.filter,
        collapses_repeats: params.collapse.unwrap_or(false),
        limit: within("limit", params.limit.unwrap_or(20), (1, 200))?,
    };
    Ok(Json(app.journeys.ask(move |log| journey::variants(log, &query)).await?))
}

/// Where paths begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// At a customer's first touchpoint.
    #[default]
    Start,
    /// At the touchpoint.
    From,
    /// At the touchpoint, back in time.
    To,
}

question! {
    /// What is asked about paths.
    PathsParams {
        /// Where they begin [default: start].
        #[param(inline)]
        anchor: Option<Anchor>,
        /// The touchpoint, for `from` and `to`.
        touchpoint: Option<String>,
        /// How many touchpoints of a path, 2 to 20 [default: 5].
        steps: Option<usize>,
        /// How many touchpoints are told apart at each step, 1 to 50 [default: 8].
        limit: Option<usize>,
        /// The pause that ends a visit; without it a customer's whole way is one path.
        pause_hours: Option<i64>,
    }
}

/// Gives the paths from or to a touchpoint.
#[utoipa::path(get, path = "/api/journey/paths", tag = "experience", params(PathsParams),
    responses((status = 200, body = PathsResult), (status = 422)))]
pub async fn paths(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<PathsParams>,
) -> Answer<Json<PathsResult>> {
    let scope = params.scope(&app).await?;
    let touchpoint = || scope.touchpoint("touchpoint", params.touchpoint.as_deref().unwrap_or_default());
    let hours = params
        .pause_hours
        .map(|hours| within("pause_hours", hours, (1, 24 * 366)));
    let query = PathsQuery {
        anchor: match params.anchor.unwrap_or_default() {
            Anchor::Start => PathAnchor::Start,
            Anchor::From => PathAnchor::From(touchpoint()?),
            Anchor::To => PathAnchor::To(touchpoint()?),
        },
        pause_ms: hours.transpose()?.map(|hours| hours * HOUR_MS),
        collapses_repeats: true,
        steps: within("steps", params.steps.unwrap_or(5), (2, 20))?,
        limit: within("limit", params.limit.unwrap_or(8), (1, 50))?,
        filter: scope.filter,
    };
    Ok(Json(app.journeys.ask(move |log| journey::paths(log, &query)).await?))
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Day,
    /// From Monday.
    #[default]
    Week,
    Month,
}

/// When a customer begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Begins {
    /// The first time ever.
    #[default]
    Ever,
    /// The first time in the periods that are looked at.
    InPeriods,
    /// Anew in each period.
    Anew,
}

question! {
    /// What is asked about retention.
    RetentionParams {
        /// The touchpoints that a customer begins with, such as `3,5` [default: any].
        starts: Option<String>,
        /// The touchpoints that a customer comes back with [default: any].
        returns: Option<String>,
        /// What is counted by [default: week].
        #[param(inline)]
        period: Option<Period>,
        /// How many periods up to now, 2 to 60 [default: 8].
        periods: Option<i32>,
        /// When a customer begins [default: ever].
        #[param(inline)]
        begins: Option<Begins>,
        /// Whether the periods after are counted from each customer's own beginning: days of 24 hours, weeks of 7 days, months
        /// of 30 [default: false, by the calendar].
        is_rolling: Option<bool>,
        /// How often in a period a customer must be there to be back, 1 to 100 [default: 1].
        at_least: Option<u64>,
        /// Whether who comes back in one of the later periods counts as back in those before it, too [default: false].
        or_later: Option<bool>,
    }
}

/// Who comes back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Retention {
    /// In the order that they began.
    cohorts: Vec<RetentionCohort>,
    /// The zone in which the periods begin, such as `Europe/London`.
    time_zone: String,
}

/// Gives who comes back, by when they began.
#[utoipa::path(get, path = "/api/journey/retention", tag = "experience", params(RetentionParams),
    responses((status = 200, body = Retention), (status = 422)))]
pub async fn retention(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<RetentionParams>,
) -> Answer<Json<Retention>> {
    let scope = params.scope(&app).await?;
    let set = |field, list: &Option<String>| -> Answer<Option<TouchpointSet>> {
        let list = list.as_deref().map(|list| scope.touchpoints(field, list)).transpose()?;
        Ok(list.map(|list| list.into_iter().collect()))
    };
    let periods = within("periods", params.periods.unwrap_or(8), (2, 60))?;
    let period = params.period.unwrap_or_default();
    let query = RetentionQuery {
        starts: set("starts", &params.starts)?,
        returns: set("returns", &params.returns)?,
        bounds: bounds(&scope, period, periods)?,
        cohort: match params.begins.unwrap_or_default() {
            Begins::Ever => RetentionCohortRule::FirstEver,
            Begins::InPeriods => RetentionCohortRule::FirstInPeriods,
            Begins::Anew => RetentionCohortRule::Recurring,
        },
        rolling_ms: params.is_rolling.unwrap_or(false).then_some(match period {
            Period::Day => DAY_MS,
            Period::Week => 7 * DAY_MS,
            Period::Month => 30 * DAY_MS,
        }),
        minimum: within("at_least", params.at_least.unwrap_or(1), (1, 100))?,
        or_later: params.or_later.unwrap_or(false),
        now: scope.until,
        filter: scope.history(),
    };
    let answer = app.journeys.ask(move |log| journey::retention(log, &query)).await?;
    Ok(Json(Retention {
        cohorts: answer.cohorts,
        time_zone: zone_name(&scope.zone),
    }))
}

/// Gives the name of a zone, as a program understands it.
pub fn zone_name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

/// Gives the bounds of so many periods of the calendar, the last of which is the one that the end lies in; those that end before the
/// first day that is asked about are left out.
pub fn bounds(scope: &Scope, period: Period, periods: i32) -> Answer<Vec<i64>> {
    let zone = &scope.zone;
    let far = |_: jiff::Error| Problem::invalid("periods", "reach too far back");
    // What ends with a day ends in it, and not in the next.
    let today = jiff::Timestamp::from_millisecond(scope.until - 1)
        .map_err(far)?
        .to_zoned(zone.clone());
    let day = today.date();
    let first = match period {
        Period::Day => day,
        Period::Week => day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()),
        Period::Month => day.first_of_month(),
    };
    let bound = |back: i32| -> Result<i64, jiff::Error> {
        let span = match period {
            Period::Day => back.days(),
            Period::Week => back.weeks(),
            Period::Month => back.months(),
        };
        let start: Zoned = first.checked_sub(span)?.to_zoned(zone.clone())?;
        Ok(start.round(Unit::Second)?.timestamp().as_millisecond())
    };
    let mut bounds: Vec<i64> = (-1..periods)
        .rev()
        .map(|back| bound(back).map_err(far))
        .collect::<Answer<_>>()?;
    if let Some(since) = scope.since {
        let over = bounds.partition_point(|bound| *bound <= since).saturating_sub(1);
        bounds.drain(..over.min(bounds.len() - 2));
    }
    Ok(bounds)
}

question! {
    /// What is asked about attribution.
    AttributionParams {
        /// The touchpoints that are conversions, such as `3,5`.
        conversions: String,
        /// How long before a conversion a touch counts, in days, 1 to 366 [default: 90].
        window_days: Option<i64>,
        /// How long before a conversion a touch counts half where time decays, in days, 1 to 366 [default: 7].
        half_life_days: Option<i64>,
    }
}

/// Gives which touchpoints the conversions are owed to.
#[utoipa::path(get, path = "/api/journey/attribution", tag = "experience", params(AttributionParams),
    responses((status = 200, body = AttributionResult), (status = 422)))]
pub async fn attribution(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<AttributionParams>,
) -> Answer<Json<AttributionResult>> {
    let scope = params.scope(&app).await?;
    let conversions = scope.touchpoints("conversions", &params.conversions)?;
    let is_shown = scope.is_shown();
    let others = scope.catalogue.iter().map(|row| journeys::number(row.id));
    let query = AttributionQuery {
        channels: others
            .filter(|touchpoint: &Touchpoint| is_shown(*touchpoint) && !conversions.contains(touchpoint))
            .collect(),
        conversions: conversions.iter().copied().collect(),
        window_ms: within("window_days", params.window_days.unwrap_or(90), (1, 366))? * DAY_MS,
        half_life_ms: within("half_life_days", params.half_life_days.unwrap_or(7), (1, 366))? * DAY_MS,
        since: scope.since,
        filter: scope.whole,
    };
    Ok(Json(
        app.journeys.ask(move |log| journey::attribution(log, &query)).await?,
    ))
}
