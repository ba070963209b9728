//! Whether the server lives and whether it can serve.

use axum::{extract::State, http::StatusCode};

use crate::{
    app::Shared,
    http::problem::{Answer, Problem},
};

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "running", responses((status = 200, body = String)))]
pub async fn healthz() -> &'static str {
    "ok"
}

/// The database answers, live updates go out and jobs are done.
#[utoipa::path(get, path = "/readyz", tag = "running", responses((status = 200, body = String), (status = 503)))]
pub async fn readyz(State(app): State<Shared>) -> Answer<&'static str> {
    app.store.read(store::events::head).await?;
    let now = app.universe.now();
    for (pulse, what) in [(&app.live.pulse, "live updates"), (&app.working, "jobs")] {
        if pulse.is_missed(now) {
            let detail = format!("{what} are held up: look into the log");
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "held_up", detail));
        }
    }
    Ok("ready")
}
