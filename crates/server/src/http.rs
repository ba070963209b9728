//! HTTP: routes put together, who is calling, how refusals look, how lists are cut into pages.

pub mod ask;
pub mod assets;
pub mod caller;
pub mod csv;
pub mod flood;
pub mod metrics;
pub mod page;
pub mod problem;
pub mod stream;
pub mod visitor;

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use tower_http::{compression::CompressionLayer, limit::RequestBodyLimitLayer, set_header::SetResponseHeaderLayer};

use self::problem::Problem;
use crate::{api, app::Shared, chat, collect, demo, hooks, links};

/// The largest request that is read at all; uploads and webhooks are held to it too.
const MAX_BODY_BYTES: usize = 26 * 1024 * 1024;

/// Gives the whole site.
pub fn site(app: Shared) -> Router {
    let (api, description) = api::router().split_for_parts();
    let description = Bytes::from(api::description::complete(&description).to_string());
    // What surrounds the demo company is simulated; no other company has it.
    let around = if app.config.demo {
        demo::endpoints::routes()
    } else {
        Router::new()
    };
    let site = Router::new()
        .merge(api)
        .merge(around)
        .route("/api/openapi.json", get(move || describe(description.clone())))
        // What the API answers is for the one who asked, now.
        .layer(if_missing(header::CACHE_CONTROL, "no-store"))
        .route("/hooks/{hook}", post(hooks::post))
        .merge(collect::routes())
        .merge(chat::routes())
        .merge(links::routes())
        .fallback(assets::serve)
        .method_not_allowed_fallback(wrong_method)
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(middleware::map_response(in_our_words))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), metrics::count));
    let site = assets::SECURITY_HEADERS
        .into_iter()
        .fold(site, |site, (name, value)| site.layer(if_missing(name, value)));
    site.with_state(app)
}

async fn describe(description: Bytes) -> ([(header::HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "application/json")], description)
}

async fn wrong_method() -> Problem {
    let detail = "this can be asked for, but not with this method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

/// What the layers around the handlers refuse is told as the handlers tell it.
async fn in_our_words(response: Response) -> Response {
    let is_document = |kind: &HeaderValue| kind == "application/problem+json";
    let told = response.headers().get(header::CONTENT_TYPE).is_some_and(is_document);
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE && !told {
        return ask::too_large().into_response();
    }
    response
}

fn if_missing(name: header::HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
