//! Channels: the numbers that the company texts by, and the chats on its websites.
//!
//! The provider's secret goes in and never comes out: an answer only says whether one is kept.

use axum::{Json, extract::State, http::StatusCode};
use domain::{ChannelId, Event, TeamId, channel::ChannelKind, conversation::ReopenRule, people::Role};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    channels::{self, Channel},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{App, Shared},
    desk::Moment,
    http::{
        ask::{Body, Path, given},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

mod chat;
mod form;
mod health;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change))
        .routes(routes!(chat::add_key))
        .routes(routes!(chat::remove_key))
        .routes(routes!(health::health))
}

/// A number that the company texts by, or a chat.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Channel)]
pub struct ChannelView {
    /// The id.
    id: ChannelId,
    /// What it is called.
    name: String,
    /// Who carries it.
    kind: ChannelKind,
    /// The number; empty for a chat.
    address: String,
    /// The URL that the provider has to call for each text that comes. Nobody can guess it.
    hook: String,
    /// The team whose queue takes what no menu answers.
    team_id: Option<TeamId>,
    /// What a text does that comes to a closed conversation.
    reopen: ReopenRule,
    /// For how many days it reopens it, under the rule `within`.
    reopen_days: i64,
    /// How many segments may leave in a second.
    segments_per_second: i64,
    /// Whether it is switched off: nothing is taken and nothing is sent.
    disabled: bool,
    /// What the provider needs.
    config: ConfigView,
}

/// What the provider needs, without its secret.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = ChannelConfig)]
pub struct ConfigView {
    /// The account.
    account_sid: Option<String>,
    /// The group of numbers that it sends by.
    messaging_service_sid: Option<String>,
    /// Where the provider's API is, when it is not Twilio's own.
    base_url: Option<String>,
    /// Whether an auth token is kept.
    auth_token_set: Option<bool>,
    /// What a chat is like; null for a number.
    chat: Option<chat::ChatView>,
}

/// What a channel is to be; in a change, what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct ChannelForm {
    /// Who carries it. Cannot be changed.
    kind: Option<ChannelKind>,
    name: Option<String>,
    /// The number; without `+` it is read in the company's country. A chat has none.
    address: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<TeamId>)]
    team_id: Option<Option<TeamId>>,
    reopen: Option<ReopenRule>,
    /// 0 to 365.
    reopen_days: Option<i64>,
    /// 1 to 1000.
    segments_per_second: Option<i64>,
    disabled: Option<bool>,
    #[serde(default)]
    config: ConfigForm,
}

/// What the provider needs; an empty text takes a value away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = ChannelConfigForm)]
pub struct ConfigForm {
    account_sid: Option<String>,
    /// Goes in and never comes out.
    auth_token: Option<String>,
    messaging_service_sid: Option<String>,
    base_url: Option<String>,
    /// What a chat is to be like.
    chat: Option<chat::ChatForm>,
}

/// Lists the channels, oldest first.
#[utoipa::path(get, path = "/api/channels", tag = "channels", responses((status = 200, body = Page<ChannelView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<ChannelView>>> {
    let look = |tx: &mut Tx| Ok::<_, Problem>((channels::list(tx)?, store::settings::get(tx)?));
    let (channels, settings) = app.store.read(look).await?;
    let url = app.public_url(&settings);
    let items = channels.into_iter().map(|channel| view(channel, &url));
    Ok(Json(Page::whole(items.collect())))
}

/// Opens a channel.
#[utoipa::path(
    post, path = "/api/channels", tag = "channels", request_body = ChannelForm,
    responses((status = 201, body = ChannelView), (status = 403), (status = 409, description = "another channel has this number"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(form): Body<ChannelForm>,
) -> Answer<(StatusCode, Json<ChannelView>)> {
    caller.must_be(Role::Manager)?;
    let (moment, hook, app_in) = (caller.moment(&app), app.universe.token(), app.clone());
    let write = move |tx: &mut Tx| {
        let mut channel = form::blank(&form, hook.clone(), moment.now)?;
        form::fill(tx, &mut channel, &form, moment.now)?;
        channel.id = channels::insert(tx, &channel)?;
        // A new row is never switched off; one that is to be takes a second step.
        channels::update(tx, &channel)?;
        saved(tx, &app_in, &moment, channel.id)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Gives a channel.
#[utoipa::path(
    get, path = "/api/channels/{id}", tag = "channels",
    responses((status = 200, body = ChannelView), (status = 404))
)]
async fn get(State(app): State<Shared>, _: Caller, Path(id): Path<ChannelId>) -> Answer<Json<ChannelView>> {
    let look = move |tx: &mut Tx| Ok::<_, Problem>((find(tx, id)?, store::settings::get(tx)?));
    let (channel, settings) = app.store.read(look).await?;
    Ok(Json(view(channel, &app.public_url(&settings))))
}

/// Changes a channel, or switches it off and on.
#[utoipa::path(
    patch, path = "/api/channels/{id}", tag = "channels", request_body = ChannelForm,
    responses((status = 200, body = ChannelView), (status = 403), (status = 404),
        (status = 409, description = "another channel has this number"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    Body(form): Body<ChannelForm>,
) -> Answer<Json<ChannelView>> {
    caller.must_be(Role::Manager)?;
    let (moment, app_in) = (caller.moment(&app), app.clone());
    let write = move |tx: &mut Tx| {
        let mut channel = find(tx, id)?;
        form::fill(tx, &mut channel, &form, moment.now)?;
        channels::update(tx, &channel)?;
        saved(tx, &app_in, &moment, id)
    };
    Ok(Json(app.store.write(write).await?))
}

fn find(tx: &mut Tx, id: ChannelId) -> Answer<Channel> {
    channels::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("channel {id}")))
}

fn saved(tx: &mut Tx, app: &App, moment: &Moment, id: ChannelId) -> Answer<ChannelView> {
    let channel = find(tx, id)?;
    let name = channel.name.clone();
    moment.record_for_company(tx, Event::ChannelSaved { channel: id, name })?;
    let settings = store::settings::get(tx)?;
    Ok(view(channel, &app.public_url(&settings)))
}

fn view(channel: Channel, public_url: &str) -> ChannelView {
    let kind = channel.kind.parse().unwrap_or(ChannelKind::Simulator);
    let text = |name: &str| {
        channel.config[name]
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let config = match kind {
        ChannelKind::Twilio => ConfigView {
            account_sid: text("account_sid"),
            messaging_service_sid: text("messaging_service_sid"),
            base_url: text("base_url"),
            auth_token_set: Some(text("auth_token").is_some()),
            chat: None,
        },
        ChannelKind::Chat => ConfigView {
            chat: Some(chat::view(&channel.config, public_url)),
            ..ConfigView::default()
        },
        ChannelKind::Simulator => ConfigView::default(),
    };
    ChannelView {
        id: channel.id,
        name: channel.name,
        kind,
        address: channel.address,
        hook: format!("{public_url}/hooks/{}", channel.hook),
        team_id: channel.team_id,
        reopen: channel.reopen,
        reopen_days: channel.reopen_days,
        segments_per_second: channel.segments_per_second,
        disabled: channel.disabled_at.is_some(),
        config,
    }
}
