//! Whether the server lives and whether it can serve.

use axum::extract::State;

use crate::{app::Shared, http::problem::Answer};

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "running", responses((status = 200, body = String)))]
pub async fn healthz() -> &'static str {
    "ok"
}

/// The database answers.
#[utoipa::path(get, path = "/readyz", tag = "running", responses((status = 200, body = String), (status = 503)))]
pub async fn readyz(State(app): State<Shared>) -> Answer<&'static str> {
    app.store.read(store::events::head).await?;
    Ok("ready")
}
