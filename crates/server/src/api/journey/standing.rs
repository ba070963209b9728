//! Where one customer is in the designed journey: how far they have come, what they missed and what is next.
//!
//! It is told from the customer's own meetings; nobody else's are read.

use axum::{Json, extract::State};
use domain::{CustomerId, Time, TouchpointId, touchpoint::TouchpointRole};
use journey::{Design, Log, Standing, StepState, Touchpoint};
use serde::Serialize;
use store::{Tx, touchpoints};
use utoipa::ToSchema;

use super::scope::{self, Scope};
use crate::{
    api::shapes::Ref,
    app::Shared,
    desk::find,
    http::{ask::Path, caller::Caller, problem::Answer},
    journeys,
};

/// Where a customer is in the designed journey.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerJourney {
    /// How many meetings there were, without those that are hidden.
    meetings: u64,
    /// Where the last one was.
    last: Option<LastMeeting>,
    /// The stage that the customer has come to; null when nothing of the design was met.
    stage: Option<Ref>,
    /// When they came to it.
    since: Option<Time>,
    /// When they should come to the next one, where the design says so.
    due: Option<Time>,
    /// The stages of the design; empty when none was drawn.
    stages: Vec<StageStanding>,
}

/// A customer's last meeting.
#[derive(Debug, Serialize, ToSchema)]
struct LastMeeting {
    touchpoint: NamedTouchpoint,
    at: Time,
}

/// A touchpoint with what it takes to name it.
#[derive(Debug, Serialize, ToSchema)]
struct NamedTouchpoint {
    id: TouchpointId,
    /// What people call it, or what its sort of event is called in English.
    name: String,
    /// Whether somebody has named it.
    is_named: bool,
    /// The sort of event that comes here by itself.
    signature: Option<String>,
    channel: String,
}

/// A stage of the design, and what the customer met of it.
#[derive(Debug, Serialize, ToSchema)]
struct StageStanding {
    stage: Ref,
    steps: Vec<CustomerStep>,
}

/// A touchpoint of the design, and what it is to the customer.
#[derive(Debug, Serialize, ToSchema)]
struct CustomerStep {
    touchpoint: NamedTouchpoint,
    is_required: bool,
    state: CustomerStepState,
    /// When it was met last.
    met_at: Option<Time>,
}

/// What a touchpoint of the design is to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CustomerStepState {
    Met,
    /// It should have been met before what has come.
    Missed,
    /// It could have been met before what has come.
    Left,
    /// It is still to come.
    Ahead,
}

/// Says where a customer is in the designed journey.
#[utoipa::path(get, path = "/api/customers/{id}/journey", tag = "customers",
    responses((status = 200, body = CustomerJourney), (status = 404)))]
pub async fn customer(
    State(app): State<Shared>,
    _: Caller,
    Path(id): Path<CustomerId>,
) -> Answer<Json<CustomerJourney>> {
    app.store.read(move |tx: &mut Tx| find::customer(tx, id)).await?;
    let scope = scope::find(&app, scope::Of::default()).await?;
    let (design, filter) = (scope.design()?, scope.filter.clone());
    let look = move |log: &Log| {
        let found = log.one(id, &filter, |trail| Found::of(&design, trail));
        found.unwrap_or_else(|| Found::nothing(&design))
    };
    let found = app.journeys.ask(look).await?;
    Ok(Json(found.told(&scope)))
}

/// What the log tells of a customer.
struct Found {
    meetings: u64,
    last: Option<(Touchpoint, i64)>,
    standing: Standing,
}

impl Found {
    fn of(design: &Design, trail: journey::Trail) -> Found {
        let last = trail.touchpoints.last().copied();
        Found {
            meetings: trail.touchpoints.len() as u64,
            last: last.zip(trail.times.last().copied()),
            standing: journey::standing(design, trail),
        }
    }

    fn nothing(design: &Design) -> Found {
        let nobody = journey::Trail {
            customer: CustomerId(0),
            touchpoints: &[],
            times: &[],
        };
        Found::of(design, nobody)
    }

    fn told(&self, scope: &Scope) -> CustomerJourney {
        let standing = &self.standing;
        let of_stage = |stage: &touchpoints::Stage| StageStanding {
            stage: Ref::new(stage.id.0, &stage.name),
            steps: scope
                .catalogue
                .iter()
                .filter(|row| row.stage_id == Some(stage.id))
                .filter_map(|row| step(row, standing))
                .collect(),
        };
        let stages: Vec<StageStanding> = scope.order.iter().map(of_stage).collect();
        let is_drawn = !standing.steps.is_empty();
        let reached = standing.stage.and_then(|stage| scope.order.get(stage));
        CustomerJourney {
            meetings: self.meetings,
            last: self.last.and_then(|(touchpoint, at)| {
                let row = scope
                    .catalogue
                    .iter()
                    .find(|row| journeys::number(row.id) == touchpoint)?;
                Some(LastMeeting {
                    touchpoint: named(row),
                    at: time(at),
                })
            }),
            stage: reached.map(|stage| Ref::new(stage.id.0, &stage.name)),
            since: standing.since.map(time),
            due: standing.due.map(time),
            stages: if is_drawn { stages } else { Vec::new() },
        }
    }
}

fn step(row: &touchpoints::Touchpoint, standing: &Standing) -> Option<CustomerStep> {
    let number = journeys::number(row.id);
    let step = standing.steps.iter().find(|step| step.touchpoint == number)?;
    let (state, met_at) = match step.state {
        StepState::Met(at) => (CustomerStepState::Met, Some(time(at))),
        StepState::Missed => (CustomerStepState::Missed, None),
        StepState::Left => (CustomerStepState::Left, None),
        StepState::Ahead => (CustomerStepState::Ahead, None),
    };
    Some(CustomerStep {
        touchpoint: named(row),
        is_required: row.role == TouchpointRole::Required,
        state,
        met_at,
    })
}

fn named(row: &touchpoints::Touchpoint) -> NamedTouchpoint {
    let is_named = !row.name.is_empty();
    NamedTouchpoint {
        id: row.id,
        name: if is_named { &row.name } else { &row.default_name }.clone(),
        is_named,
        signature: row.signature.clone(),
        channel: row.channel.clone(),
    }
}

fn time(ms: i64) -> Time {
    Time(ms.saturating_mul(1_000))
}
