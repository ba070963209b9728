//! The JSON API: one module a noun, each with its routes, its shapes and its handlers.
//!
//! Handlers read the request, ask `store` in one transaction, and answer. The description at `/api/openapi.json` is made
//! from these modules and nothing else.

pub mod health;
pub mod live;
pub mod phone;

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
}
