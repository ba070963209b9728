//! Questions about journeys: what customers went through, in order, and what it adds up to.
//!
//! Each answer is a kernel's, as it is: touchpoints by their number in the catalogue, durations and times in milliseconds.

mod activity;
mod demand;
mod funnel;
mod people;
mod questions;
pub mod scope;
mod standing;
mod steps;
mod trouble;

use axum::{Json, extract::State};
pub use demand::{DemandView, of_conversation as demand_of_conversation};
pub use trouble::friction_query;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{caller::Caller, problem::Answer},
    journeys::Status,
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(questions::map))
        .routes(routes!(questions::variants))
        .routes(routes!(questions::paths))
        .routes(routes!(funnel::funnel))
        .routes(routes!(questions::retention))
        .routes(routes!(activity::activity))
        .routes(routes!(questions::attribution))
        .routes(routes!(trouble::friction))
        .routes(routes!(trouble::service))
        .routes(routes!(demand::demand_report))
        .routes(routes!(demand::demand_rows))
        .routes(routes!(trouble::incidents))
        .routes(routes!(trouble::conformance))
        .routes(routes!(standing::customer))
        .routes(routes!(steps::step_matrix))
        .routes(routes!(people::people))
        .routes(routes!(people::funnel_people))
}

/// Says how far the journey log is.
#[utoipa::path(get, path = "/api/journey/status", tag = "experience", responses((status = 200, body = Status)))]
async fn status(State(app): State<Shared>, _: Caller) -> Answer<Json<Status>> {
    Ok(Json(app.journeys.status()))
}
