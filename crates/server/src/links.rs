//! Where the short links in texts are opened: each leads to its page on the company's own website, and joins nothing itself.
//! It must not know what a link joins; that is `desk/links.rs`.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use store::Tx;

use crate::{
    app::Shared,
    desk::links::{self, Way},
    http::problem::Answer,
};

/// Gives the route of short links.
pub fn routes() -> Router<Shared> {
    Router::new().route("/l/{token}", get(open))
}

async fn open(
    State(app): State<Shared>,
    method: Method,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Answer<Response> {
    let word = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    // Who only looks ahead, or makes a preview, is led to the page without the token.
    let looks_ahead = ["sec-purpose", "purpose", "x-purpose", "x-moz"]
        .iter()
        .any(|name| word(name).contains("prefetch") || word(name).contains("preview"));
    let is_program = method == Method::HEAD || looks_ahead || links::is_program(word("user-agent"));
    let now = app.universe.now();
    let way = app
        .store
        .read(move |tx: &mut Tx| links::follow(tx, &token, is_program, now))
        .await?;
    let (Way::With(to) | Way::Bare(to)) = way;
    let headers = [
        (header::LOCATION, to.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}
