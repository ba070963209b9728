//! The funnel: how many customers go through steps that the reader chose.

use axum::{Json, extract::State};
use journey::{FUNNEL_STEPS, FunnelBreakdown, FunnelOrder, FunnelQuery, FunnelResult, FunnelStep, TouchpointSet};
use serde::Deserialize;
use utoipa::ToSchema;

use super::scope::{DAY_MS, PEOPLE, Scope, question, within};
use crate::{
    app::Shared,
    http::{
        ask::Query,
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// How the steps of a funnel must follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// One after the other, with anything in between.
    #[default]
    Ordered,
    /// One after the other, with nothing in between.
    Strict,
    /// In any order.
    Unordered,
}

question! {
    /// What a funnel is asked.
    FunnelParams {
        /// The steps, such as `3,5|6,9?`: 3, then 5 or 6, then perhaps 9. At least two.
        steps: String,
        /// How they must follow each other [default: ordered].
        #[param(inline)]
        order: Option<Order>,
        /// How long a customer may take, in days, 1 to 366 [default: 14].
        window_days: Option<i64>,
        /// What customers are split by: `first`, the touchpoint their way begins with, or the number of a step, from 1.
        breakdown: Option<String>,
    }
}

impl FunnelParams {
    /// Puts the question together.
    pub fn query(&self, scope: &Scope) -> Answer<FunnelQuery> {
        let steps: Vec<FunnelStep> = self
            .steps
            .split(',')
            .map(|step| funnel_step(scope, step))
            .collect::<Answer<_>>()?;
        if !(2..=FUNNEL_STEPS).contains(&steps.len()) {
            return Err(Problem::invalid("steps", format!("must be from 2 to {FUNNEL_STEPS}")));
        }
        let step = |text: &str| text.parse().ok().filter(|step| (1..=steps.len()).contains(step));
        let breakdown = match self.breakdown.as_deref() {
            None => FunnelBreakdown::None,
            Some("first") => FunnelBreakdown::FirstTouchpoint,
            Some(text) => FunnelBreakdown::Step(
                step(text).ok_or_else(|| Problem::invalid("breakdown", "must be 'first' or the number of a step"))? - 1,
            ),
        };
        Ok(FunnelQuery {
            filter: scope.filter.clone(),
            order: match self.order.unwrap_or_default() {
                Order::Ordered => FunnelOrder::Ordered,
                Order::Strict => FunnelOrder::Strict,
                Order::Unordered => FunnelOrder::Unordered,
            },
            window_ms: within("window_days", self.window_days.unwrap_or(14), (1, 366))? * DAY_MS,
            exclusions: Vec::new(),
            breakdown,
            durations: true,
            steps,
        })
    }
}

fn funnel_step(scope: &Scope, text: &str) -> Answer<FunnelStep> {
    let (text, is_optional) = match text.strip_suffix('?') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let touchpoints = text.split('|').map(|id| scope.touchpoint("steps", id));
    Ok(FunnelStep {
        touchpoints: touchpoints.collect::<Answer<TouchpointSet>>()?,
        is_optional,
    })
}

/// Gives how many customers pass each step of a funnel.
#[utoipa::path(get, path = "/api/journey/funnel", tag = "experience", params(FunnelParams),
    responses((status = 200, body = FunnelResult), (status = 422)))]
pub async fn funnel(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<FunnelParams>,
) -> Answer<Json<FunnelResult>> {
    let query = params.query(&params.scope(&app).await?)?;
    Ok(Json(app.journeys.ask(move |log| journey::funnel(log, &query)).await?))
}

question! {
    /// Who of a funnel is asked for.
    FunnelPeopleParams {
        /// The steps, as the funnel has them.
        steps: String,
        /// How they must follow each other [default: ordered].
        #[param(inline)]
        order: Option<Order>,
        /// How long a customer may take, in days, 1 to 366 [default: 14].
        window_days: Option<i64>,
        /// The step that they passed, from 1.
        step: usize,
        /// Whether only those are wanted who were lost after it [default: false].
        is_lost: Option<bool>,
        /// How many people are named, 1 to 200 [default: 50].
        limit: Option<usize>,
    }
}

impl FunnelPeopleParams {
    /// Puts the question together: the funnel, and the place of the step in it.
    pub fn query(&self, scope: &Scope) -> Answer<(FunnelQuery, usize)> {
        let funnel = FunnelParams {
            from: self.from,
            to: self.to,
            stage: self.stage,
            channel: self.channel.clone(),
            segment: self.segment,
            steps: self.steps.clone(),
            order: self.order,
            window_days: self.window_days,
            breakdown: None,
        };
        let query = funnel.query(scope)?;
        let step = within("step", self.step, (1, query.steps.len()))? - 1;
        Ok((query, step))
    }

    /// Gives whether only the lost are wanted, and how many are to be named.
    pub fn wanted(&self) -> Answer<(bool, usize)> {
        let limit = within("limit", self.limit.unwrap_or(PEOPLE), (1, 200))?;
        Ok((self.is_lost.unwrap_or(false), limit))
    }
}
