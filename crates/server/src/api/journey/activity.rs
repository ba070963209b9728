//! Who is active: how many are new, come again, are back or have gone, period by period, and how often customers are there.

use axum::{Json, extract::State};
use journey::{ActivityQuery, LifecycleResult, StickinessResult, TouchpointSet};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    questions::{Period, bounds, zone_name},
    scope::{Scope, question, within},
};
use crate::{
    app::Shared,
    http::{ask::Query, caller::Caller, problem::Answer},
};

question! {
    /// What is asked about activity.
    ActivityParams {
        /// The touchpoints that count as activity, such as `3,5` [default: any].
        touchpoints: Option<String>,
        /// What is counted by [default: week].
        #[param(inline)]
        period: Option<Period>,
        /// How many periods up to now, 2 to 60 [default: 8].
        periods: Option<i32>,
    }
}

/// Who is active.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// Who is new, comes again, is back or has gone, in each of the periods.
    lifecycle: LifecycleResult,
    /// In how many of the periods customers are active.
    stickiness: StickinessResult,
    /// The zone in which the periods begin, such as `Europe/London`.
    time_zone: String,
}

/// Gives who is active, period by period, and in how many of them.
#[utoipa::path(get, path = "/api/journey/activity", tag = "experience", params(ActivityParams),
    responses((status = 200, body = Activity), (status = 422)))]
pub async fn activity(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<ActivityParams>,
) -> Answer<Json<Activity>> {
    let mut scope = params.scope(&app).await?;
    if let Some(list) = &params.touchpoints {
        let wanted = scope.touchpoints("touchpoints", list)?;
        let shown = scope.filter.touchpoints.take().unwrap_or_default();
        let wanted: TouchpointSet = wanted.into_iter().filter(|one| shown.contains(*one)).collect();
        scope.filter.touchpoints = Some(wanted);
    }
    let time_zone = zone_name(&scope.zone);
    let periods = within("periods", params.periods.unwrap_or(8), (2, 60))?;
    let period = params.period.unwrap_or_default();
    let query = ActivityQuery {
        filter: scope.history(),
        bounds: bounds(&scope, period, periods)?,
        now: scope.until,
    };
    // A period before the first is only there for the first to be held against.
    let before = bounds(
        &Scope {
            since: None,
            until: query.bounds[0],
            ..scope
        },
        period,
        1,
    )?;
    let lived = ActivityQuery {
        bounds: before.into_iter().take(1).chain(query.bounds.iter().copied()).collect(),
        ..query.clone()
    };
    let answer = app.journeys.ask(move |log| Activity {
        time_zone,
        lifecycle: journey::lifecycle(log, &lived),
        stickiness: journey::stickiness(log, &query),
    });
    Ok(Json(answer.await?))
}
