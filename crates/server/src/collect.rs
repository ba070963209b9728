//! Collection: what websites, apps and tills tell of touchpoints, in the words of Segment's tracking API under `/v1/`.
//!
//! A request is answered 200 when all its calls are on disk: each as an event on its customer's timeline, or kept as
//! refused with its reason. One bad call never loses its siblings, and a message id takes effect once.

pub mod again;
mod ask;
mod cloud;
mod refused;
mod take;
mod who;

pub use ask::with_numbers_only;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::collection::{CallKind, CallRefusal, MAX_BATCH};
use serde_json::{Value, json};
use store::sources::Source;
use tower_http::{cors, decompression::RequestDecompressionLayer};

use crate::{
    app::Shared,
    http::problem::{Answer, Problem},
};

/// Gives the routes of collection.
pub fn routes() -> Router<Shared> {
    // Any page may ask: a key is no secret, and a source's own origins are looked at when it tells.
    let cors = cors::CorsLayer::new()
        .allow_origin(cors::Any)
        .allow_methods([Method::GET, Method::POST])
        // Cloud events are told in headers of their own, as many as the event has.
        .allow_headers(cors::AllowHeaders::mirror_request())
        .max_age(std::time::Duration::from_secs(86_400));
    Router::new()
        .route("/v1/projects/{write_key}/settings", get(settings))
        .route(
            "/v1/cloudevents",
            post(cloud::tell).options(async || StatusCode::NO_CONTENT),
        )
        // The layer below answers what browsers ask beforehand, on methods that the route knows.
        .route("/v1/{call}", post(tell).options(async || StatusCode::NO_CONTENT))
        // One byte more than is taken: what is too large is told so here, with a reason.
        .layer(DefaultBodyLimit::max(MAX_BATCH + 1))
        .layer(RequestDecompressionLayer::new())
        .layer(axum::middleware::map_response(for_browsers))
        .layer(cors)
}

/// Lets pages of other sites read the answer: the site's own policy would keep them from it.
async fn for_browsers(mut response: Response) -> Response {
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// What the address of a request names.
enum Named {
    /// Several calls, or one that says itself what it is.
    Batch,
    /// One call of this kind.
    One(CallKind),
}

/// Reads the word in the address: a call's name, or the letter that browsers use for it.
fn named(word: &str) -> Option<Named> {
    let kind = match word {
        "batch" | "b" | "import" => return Some(Named::Batch),
        "t" => CallKind::Track,
        "i" => CallKind::Identify,
        "p" => CallKind::Page,
        "s" => CallKind::Screen,
        "g" => CallKind::Group,
        "a" => CallKind::Alias,
        word => word.parse().ok()?,
    };
    Some(Named::One(kind))
}

/// Takes what a source tells.
async fn tell(
    State(app): State<Shared>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> Answer<Json<Value>> {
    let named = named(&call).ok_or_else(|| Problem::not_found(format!("the call '{call}'")))?;
    let read = whole(body).and_then(|body| ask::read(&headers, &body, &named));
    let request = refused::noted(&app, &headers, read).await?;
    let taken = take_from(&app, &headers, &request).await?;
    if matches!(named, Named::One(_)) {
        must_be_taken(&taken)?;
    }
    Ok(Json(json!({"success": true})))
}

/// Gives a body that is not too large.
fn whole(body: Result<Bytes, axum::extract::rejection::BytesRejection>) -> Answer<Bytes> {
    let body = body.map_err(|rejection| too_large_or(&rejection))?;
    if body.len() > MAX_BATCH {
        Err(too_large())
    } else {
        Ok(body)
    }
}

/// Takes a request, if its source may tell.
async fn take_from(app: &Shared, headers: &HeaderMap, request: &ask::Request) -> Answer<take::Taken> {
    let source = source(app, &request.write_key).await?;
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if let Err(problem) = must_be_on(&source) {
        refused::note(app, source.id, CallRefusal::SwitchedOff).await;
        return Err(problem);
    }
    if let Some(origin) = origin.filter(|origin| !may_tell(&source, origin)) {
        refused::note(app, source.id, CallRefusal::OtherOrigin).await;
        return Err(Problem::forbidden(format!(
            "pages of {origin} may not tell for this source"
        )));
    }
    take::all(app, &source, request).await
}

/// Refuses what was asked alone and was not taken.
fn must_be_taken(taken: &take::Taken) -> Answer<()> {
    let Some(reason) = taken.refusal else { return Ok(()) };
    let detail = format!("the call was refused: {reason}");
    Err(Problem::new(StatusCode::BAD_REQUEST, "refused", detail).with("reason", reason.as_str()))
}

fn too_large() -> Problem {
    let detail = format!("a request may have {MAX_BATCH} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

fn too_large_or(rejection: &axum::extract::rejection::BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        // What was sent as gzip and is none ends here too.
        _ => Problem::new(StatusCode::BAD_REQUEST, "unreadable", rejection.body_text()),
    }
}

/// Finds the source of a key.
async fn source(app: &Shared, write_key: &str) -> Answer<Source> {
    let key = write_key.to_owned();
    let found = app.store.read(move |tx| store::sources::by_key(tx, &key)).await?;
    found.ok_or_else(|| unknown("no source has this write key"))
}

fn must_be_on(source: &Source) -> Answer<()> {
    match source.disabled_at {
        Some(_) => Err(Problem::forbidden(format!(
            "the source {} is switched off",
            source.name
        ))),
        None => Ok(()),
    }
}

fn unknown(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unknown_key", detail)
}

fn may_tell(source: &Source, origin: &str) -> bool {
    source.origins.is_empty() || source.origins.iter().any(|allowed| allowed == origin)
}

/// Tells a browser's library what there is for it: this server, and nothing else to load.
async fn settings(State(app): State<Shared>, headers: HeaderMap, Path(write_key): Path<String>) -> Answer<Response> {
    must_be_on(&source(&app, &write_key).await?)?;
    let settings = app.store.read(store::settings::get).await?;
    let own = app.public_url(&settings);
    let (scheme, host) = own.split_once("://").unwrap_or(("http", own.as_str()));
    // Who asks by another name of ours, such as in the demo, is to tell by that name too.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .filter(|_| settings.public_url.is_empty() && app.config.public_url.is_none())
        .unwrap_or(host);
    let answer = json!({
        "integrations": {
            "Segment.io": {"apiKey": write_key, "apiHost": format!("{host}/v1"), "protocol": scheme, "versionSettings": {}}
        },
        "plan": {"track": {"__default": {"enabled": true, "integrations": {}}}},
        "edgeFunction": {}, "analyticsNextEnabled": true, "middlewareSettings": {}, "enabledMiddleware": {},
        "metrics": {"sampleRate": 0}, "legacyVideoPluginsEnabled": false, "remotePlugins": []
    });
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Json(answer)).into_response())
}
