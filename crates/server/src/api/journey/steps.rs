//! The step matrix: where customers are after one step, two steps, three steps.

use axum::{Json, extract::State};
use journey::{StepMatrixQuery, StepMatrixResult};

use super::scope::{question, within};
use crate::{
    app::Shared,
    http::{ask::Query, caller::Caller, problem::Answer},
};

question! {
    /// What the step matrix is asked.
    StepMatrixParams {
        /// Count from a customer's first time here, instead of from their first touchpoint.
        touchpoint: Option<String>,
        /// How many steps, 2 to 20 [default: 8].
        steps: Option<usize>,
    }
}

/// Gives where customers are, step by step, and how many have stopped by then.
#[utoipa::path(get, path = "/api/journey/step-matrix", tag = "experience", params(StepMatrixParams),
    responses((status = 200, body = StepMatrixResult), (status = 422)))]
pub async fn step_matrix(
    State(app): State<Shared>,
    _: Caller,
    Query(params): Query<StepMatrixParams>,
) -> Answer<Json<StepMatrixResult>> {
    let scope = params.scope(&app).await?;
    let from = params.touchpoint.as_deref();
    let query = StepMatrixQuery {
        from: from.map(|id| scope.touchpoint("touchpoint", id)).transpose()?,
        steps: within("steps", params.steps.unwrap_or(8), (2, 20))?,
        filter: scope.filter,
    };
    Ok(Json(
        app.journeys.ask(move |log| journey::step_matrix(log, &query)).await?,
    ))
}
