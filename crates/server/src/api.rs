//! The JSON API: one module a noun, each with its routes, its shapes and its handlers.
//!
//! Handlers read the request, ask `store` in one transaction, and answer. The description at `/api/openapi.json` is made
//! from these modules and nothing else.

pub mod canned_replies;
pub mod health;
pub mod invitations;
pub mod live;
pub mod partners;
pub mod phone;
pub mod session;
pub mod settings;
pub mod setup;
pub mod sign_ins;
pub mod teams;
pub mod tokens;
pub mod users;
pub mod views;

use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::Shared;

#[derive(OpenApi)]
#[openapi(info(
    title = "Rapport",
    description = "Customer service and customer experience on one timeline."
))]
struct Description;

/// Gives all routes with their description.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(live::live))
        .routes(routes!(phone::list))
        .routes(routes!(phone::texts, phone::text))
        .routes(routes!(phone::live))
        .merge(people())
        .merge(views::routes())
        .merge(canned_replies::routes())
        .merge(partners::routes())
        .merge(settings::routes())
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
