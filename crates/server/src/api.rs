//! The JSON API: one module a noun, each with its routes, its shapes and its handlers.
//!
//! Handlers read the request, ask `store` in one transaction, and answer. The description at `/api/openapi.json` is made
//! from these modules and nothing else.

pub mod answers;
pub mod arrivals;
pub mod attachments;
pub mod calls;
pub mod canned_replies;
pub mod channels;
pub mod check_ins;
pub mod consent;
pub mod conversations;
pub mod customers;
mod demand;
pub mod description;
mod erasure;
pub mod fixes;
pub mod flow_dry_run;
pub mod flow_sessions;
pub mod flow_try;
pub mod flows;
pub mod handling;
pub mod health;
pub mod imports;
pub mod inbound;
pub mod invitations;
pub mod jobs;
pub mod joins;
pub mod journey;
pub mod links;
pub mod live;
pub mod messages;
pub mod notes;
pub mod partners;
pub mod personal;
pub mod phone;
pub mod places;
pub mod refusal;
pub mod refused_calls;
pub mod render;
pub mod reports;
pub mod requests;
pub mod rule_checks;
pub mod saved_questions;
pub mod search;
pub mod segments;
pub mod session;
pub mod settings;
pub mod setup;
pub mod shapes;
pub mod sign_ins;
pub mod sources;
pub mod stages;
pub mod teams;
pub mod thread;
pub mod timeline;
pub mod tokens;
pub mod touchpoints;
pub mod users;
pub mod views;
pub mod ways;

use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::Shared, http::metrics};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rapport",
        description = "Customer service and customer experience on one timeline."
    ),
    components(schemas(refusal::Refusal))
)]
struct Description;

/// Gives all routes with their description.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(metrics::show))
        .routes(routes!(live::live))
        .merge(phone::routes())
        .merge(people())
        .merge(desk())
        .merge(customers())
        .merge(partners::routes())
        .merge(settings::routes())
        .merge(experience())
        .merge(flows_and_running())
}

fn people() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(setup::routes())
        .merge(session::routes())
        .merge(sign_ins::routes())
        .merge(users::routes())
        .merge(invitations::routes())
        .merge(teams::routes())
        .merge(tokens::routes())
}

fn desk() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(views::routes())
        .merge(conversations::routes())
        .merge(messages::routes())
        .merge(thread::routes())
        .merge(notes::routes())
        .merge(links::routes())
        .merge(personal::routes())
        .merge(handling::routes())
        .merge(ways::routes())
        .merge(canned_replies::routes())
        .merge(render::routes())
        .merge(attachments::routes())
        .merge(search::routes())
}

fn customers() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(customers::routes())
        .merge(demand::routes())
        .merge(erasure::routes())
        .merge(joins::routes())
        .merge(timeline::routes())
        .merge(requests::routes())
        .merge(answers::routes())
        .merge(consent::routes())
        .merge(arrivals::routes())
        .merge(calls::routes())
}

fn experience() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(sources::routes())
        .merge(refused_calls::routes())
        .merge(places::routes())
        .merge(check_ins::routes())
        .merge(imports::routes())
        .merge(stages::routes())
        .merge(segments::routes())
        .merge(touchpoints::routes())
        .merge(rule_checks::routes())
        .merge(saved_questions::routes())
        .merge(fixes::routes())
        .merge(journey::routes())
}

fn flows_and_running() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(flows::routes())
        .merge(flow_try::routes())
        .merge(flow_dry_run::routes())
        .merge(flow_sessions::routes())
        .merge(channels::routes())
        .merge(inbound::routes())
        .merge(jobs::routes())
        .merge(reports::routes())
}
