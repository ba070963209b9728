//! The chat on the company's websites, as its widget asks for it under `/chat/`: described for integrators in docs/chat.md.
//!
//! What a visitor writes goes the way of every text, from the raw payload inwards, and is answered when it is on disk. No
//! cookies: a visitor is known by a token that the widget keeps.

mod live;
mod messages;
mod token;
mod visitor;

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use channel::chat::{Chat, Question, Texts};
use domain::{ChannelId, SourceId, channel::ChannelKind};
use serde::Serialize;
use store::{
    Tx,
    channels::{self, Channel},
    routing, sources,
};
use tower_http::cors;

use crate::{
    app::Shared,
    http::{
        ask::Path,
        problem::{Answer, Problem},
    },
};

/// Gives the routes of the chat.
pub fn routes() -> Router<Shared> {
    // Any page may ask: a channel's own origins are looked at when a visitor tells something.
    let cors = cors::CorsLayer::new()
        .allow_origin(cors::Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .max_age(Duration::from_secs(86_400));
    Router::new()
        .route("/chat/{channel}", asked(get(about)))
        .route("/chat/{channel}/visitors", asked(post(visitor::begin)))
        .route(
            "/chat/{channel}/messages",
            asked(get(messages::list).post(messages::write)),
        )
        .route("/chat/{channel}/live", asked(get(live::watch)))
        .route("/chat/{channel}/typing", asked(post(messages::typing)))
        .route("/chat/{channel}/read", asked(post(messages::read)))
        .merge(
            Router::new()
                .route("/chat/{channel}/attachments", asked(post(messages::upload)))
                // The handler counts for itself, and says how much is too much.
                .layer(DefaultBodyLimit::disable()),
        )
        .layer(middleware::map_response(for_browsers))
        .layer(cors)
}

/// Lets browsers ask beforehand: the layer around the routes answers, on methods that they know.
fn asked(route: MethodRouter<Shared>) -> MethodRouter<Shared> {
    route.options(async || StatusCode::NO_CONTENT)
}

/// Lets pages of other sites read the answer: the site's own policy would keep them from it. Nothing of it is kept by others.
async fn for_browsers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    let no_store = HeaderValue::from_static("no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(no_store);
    response
}

/// What the widget must know of a chat.
#[derive(Serialize)]
struct About {
    name: String,
    company: String,
    colour: String,
    texts: Texts,
    is_open: bool,
    hides_when_closed: bool,
    verified_only: bool,
    questions: Vec<Question>,
    /// By what key the widget tells which pages are looked at; null where it does not.
    pages_key: Option<String>,
}

/// Tells what the widget must know.
async fn about(State(app): State<Shared>, Path(id): Path<ChannelId>) -> Answer<Response> {
    let look = move |tx: &mut Tx| {
        let (channel, chat) = find(tx, id)?;
        let (pages_key, is_staffed) = (pages_key(tx, &chat)?, routing::is_anybody_available(tx)?);
        Ok::<_, Problem>((channel, chat, (pages_key, is_staffed), store::settings::get(tx)?))
    };
    let (channel, chat, (pages_key, is_staffed), settings) = app.store.read(look).await?;
    let about = About {
        name: channel.name,
        is_open: is_staffed && settings.is_open_at(app.universe.now()),
        company: settings.company,
        colour: chat.colour,
        texts: chat.texts,
        hides_when_closed: chat.hides_when_closed,
        verified_only: chat.verified_only,
        questions: chat.questions,
        pages_key,
    };
    let caching = [(header::CACHE_CONTROL, "public, max-age=30")];
    Ok((caching, Json(about)).into_response())
}

/// Gives the newest key of the source that page views are told to.
fn pages_key(tx: &mut Tx, chat: &Chat) -> store::Result<Option<String>> {
    let Some(source) = chat.source.map(SourceId) else {
        return Ok(None);
    };
    if sources::get(tx, source)?.is_none_or(|source| source.disabled_at.is_some()) {
        return Ok(None);
    }
    let keys = sources::keys(tx)?.into_iter().filter(|key| key.source_id == source);
    Ok(keys.max_by_key(|key| key.created_at).map(|key| key.write_key))
}

/// Finds a chat that is switched on. Whatever else is asked for is not there.
fn find(tx: &mut Tx, id: ChannelId) -> Answer<(Channel, Chat)> {
    let is_open = |channel: &Channel| channel.kind == ChannelKind::Chat.as_str() && channel.disabled_at.is_none();
    let found = channels::get(tx, id)?.filter(is_open);
    let channel = found.ok_or_else(|| Problem::not_found(format!("chat {id}")))?;
    let chat = serde_json::from_value(channel.config.clone()).map_err(anyhow::Error::from)?;
    Ok((channel, chat))
}
