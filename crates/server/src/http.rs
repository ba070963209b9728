//! HTTP: routes put together, who is calling, how refusals look, how lists are cut into pages.

pub mod ask;
pub mod caller;
pub mod page;
pub mod problem;
pub mod stream;
pub mod visitor;

use axum::{Router, routing::post};
use tower_http::limit::RequestBodyLimitLayer;

use crate::{api, app::Shared, hooks};

/// The largest request that is read at all; uploads and webhooks are held to it too.
const MAX_BODY_BYTES: usize = 26 * 1024 * 1024;

/// Gives the whole site.
pub fn site(app: Shared) -> Router {
    let (api, _) = api::router().split_for_parts();
    Router::new()
        .merge(api)
        .route("/hooks/{hook}", post(hooks::post))
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .with_state(app)
}
