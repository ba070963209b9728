//! The phone simulator: anyone can be a customer here, by texts that go the way of every other text from the provider inwards.
//!
//! Only for channels of the kind `simulator`. In the demo nobody signs in to send a text; elsewhere it takes an agent.

use axum::{
    Json,
    extract::{DefaultBodyLimit, FromRequestParts, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{Response, sse::Event as Sse},
};
use channel::{
    ChannelKind, phone,
    simulator::{FromPhone, PhoneMedia},
};
use domain::{
    ChannelId, MessageId, Time,
    message::{Direction, MAX_BODY, MessageStatus},
    people::Role,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    channels::{self, Channel},
    messages::{self, Message},
};

use utoipa_axum::{router::OpenApiRouter, routes};

use super::attachments;
use crate::{
    app::Shared,
    desk::{
        attached::{self, UPLOADED},
        outbound::MAX_FILES,
    },
    hooks::{self, Raw},
    http::{
        ask::{self, Body, MAX_NAME, Path, Query, Upload},
        caller::{self, Caller},
        page::Page,
        problem::{Answer, Problem},
        stream::stream,
    },
    live::Update,
};

/// A number that can be texted.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhoneChannel {
    id: ChannelId,
    name: String,
    address: String,
}

/// A text as the phone sees it: `in` came to the company, `out` came to the phone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhoneMessage {
    id: MessageId,
    direction: Direction,
    body: String,
    at: Time,
    status: MessageStatus,
    attachments: Vec<PhoneAttachment>,
}

/// A file on a phone.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PhoneAttachment {
    /// Names it when a text takes it along; only who uploaded it or got it knows this.
    token: String,
    name: String,
    content_type: String,
    url: String,
}

/// A text that the phone sends.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct PhoneText {
    body: String,
    /// The tokens of what this phone has uploaded.
    #[serde(default)]
    attachments: Vec<String>,
    /// The phone's own id of the text: the same id twice is the same text.
    id: Option<String>,
}

/// From where the phone goes on.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct After {
    /// The last text that the phone knows.
    after: Option<MessageId>,
}

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    // As for everyone's files: the handler counts for itself.
    let upload = OpenApiRouter::new()
        .routes(routes!(upload))
        .layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(texts, text))
        .routes(routes!(live))
        .merge(upload)
}

/// Lists the numbers that can be texted.
#[utoipa::path(get, path = "/api/phone/channels", tag = "phone", responses((status = 200, body = Page<PhoneChannel>)))]
async fn list(State(app): State<Shared>, _: Holder) -> Answer<Json<Page<PhoneChannel>>> {
    let channels = app.store.read(channels::list).await?;
    let open = channels.into_iter().filter(is_open);
    let items = open.map(|channel| PhoneChannel {
        id: channel.id,
        name: channel.name,
        address: channel.address,
    });
    Ok(Json(Page::whole(items.collect())))
}

/// Gives the texts of a phone, oldest first.
#[utoipa::path(get, path = "/api/phone/{channel}/{number}/messages", tag = "phone", params(After),
    responses((status = 200, body = Page<PhoneMessage>)))]
async fn texts(
    State(app): State<Shared>,
    _: Holder,
    Path((id, number)): Path<(ChannelId, String)>,
    Query(query): Query<After>,
) -> Answer<Json<Page<PhoneMessage>>> {
    let after = query.after.unwrap_or(MessageId(0));
    let look = move |tx: &mut Tx| {
        find(tx, id)?;
        shown(tx, id, &number, after)
    };
    Ok(Json(Page::whole(app.store.read(look).await?)))
}

/// Sends a text from a phone.
#[utoipa::path(post, path = "/api/phone/{channel}/{number}/messages", tag = "phone", request_body = PhoneText,
    responses((status = 202, description = "taken")))]
async fn text(
    State(app): State<Shared>,
    _: Holder,
    Path((id, number)): Path<(ChannelId, String)>,
    Body(text): Body<PhoneText>,
) -> Answer<StatusCode> {
    if text.body.trim().is_empty() && text.attachments.is_empty() {
        return Err(Problem::invalid("body", "must not be empty"));
    }
    if text.body.chars().count() > MAX_BODY {
        return Err(Problem::invalid(
            "body",
            format!("must not be longer than {MAX_BODY} characters"),
        ));
    }
    must_be_number(&number)?;
    ask::must_fit("id", text.id.as_deref().unwrap_or_default(), MAX_NAME)?;
    if text.attachments.len() > MAX_FILES {
        let message = format!("must not be more than {MAX_FILES}");
        return Err(Problem::invalid("attachments", message));
    }
    let media: Vec<PhoneMedia> = text.attachments.iter().map(named).collect();
    let files = text.attachments;
    let channel = app.store.read(move |tx| {
        files.iter().try_for_each(|token| must_be_free(tx, token))?;
        find(tx, id)
    });
    let channel = channel.await?;
    let payload = FromPhone {
        id: text.id.unwrap_or_else(|| app.universe.token()),
        from: number,
        to: channel.address.clone(),
        body: text.body,
        media,
    };
    let body = serde_json::to_vec(&payload).map_err(anyhow::Error::from)?.into();
    let raw = Raw {
        query: String::new(),
        content_type: "application/json".to_owned(),
        body,
    };
    hooks::take(&app, channel, raw).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Takes a file that the phone is about to send, at most 25 MB, in the field `file` of a form.
#[utoipa::path(post, path = "/api/phone/{channel}/{number}/attachments", tag = "phone",
    request_body(content_type = "multipart/form-data", content = String),
    responses((status = 201, body = PhoneAttachment), (status = 404), (status = 413, description = "too_large"), (status = 422)))]
async fn upload(
    State(app): State<Shared>,
    _: Holder,
    Path((id, number)): Path<(ChannelId, String)>,
    Upload(mut form): Upload,
) -> Answer<(StatusCode, Json<PhoneAttachment>)> {
    must_be_number(&number)?;
    app.store.read(move |tx| find(tx, id)).await?;
    let file = attachments::receive(&app, None, &mut form).await?;
    Ok((StatusCode::CREATED, Json(attachment(&file))))
}

/// Streams the texts of a phone: `message` for a new one, and again whenever its status changes.
#[utoipa::path(get, path = "/api/phone/{channel}/{number}/live", tag = "phone",
    responses((status = 200, content_type = "text/event-stream", body = PhoneMessage)))]
async fn live(
    State(app): State<Shared>,
    _: Holder,
    Path((id, number)): Path<(ChannelId, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    app.store.read(move |tx| find(tx, id)).await?;
    let mut updates = app.live.subscribe();
    let mut stopping = app.stopping.subscribe();
    let (sender, response) = stream();
    tokio::spawn(async move {
        loop {
            let update = tokio::select! {
                update = updates.recv() => update,
                () = sender.closed() => return,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            // A phone that missed something comes back and asks for its texts anew.
            let Ok(update) = update else { return };
            if ends_watching(&update) && !Holder::is_still_one(&app, &headers).await {
                return;
            }
            let Some(message) = message_of(&update) else { continue };
            let number = number.clone();
            let look = move |tx: &mut Tx| one(tx, id, &number, message);
            let Ok(Some(text)) = app.store.read(look).await else {
                continue;
            };
            let data = serde_json::to_string(&text).unwrap_or_default();
            if sender
                .send(Ok(Sse::default().event("message").data(data)))
                .await
                .is_err()
            {
                return;
            }
        }
    });
    Ok(response)
}

/// One who may hold a phone: anybody in the demo. Elsewhere a text from here would be as good as the customer's own, who may
/// be a real one, so it takes an agent.
struct Holder;

impl FromRequestParts<Shared> for Holder {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Answer<Holder> {
        if !app.config.demo {
            Caller::from_request_parts(parts, app).await?.must_be(Role::Agent)?;
        }
        Ok(Holder)
    }
}

impl Holder {
    async fn is_still_one(app: &Shared, headers: &HeaderMap) -> bool {
        app.config.demo || caller::is_still_known(app, headers).await
    }
}

fn ends_watching(update: &Update) -> bool {
    matches!(update, Update::Change(change) if change.ends_watching)
}

fn message_of(update: &Update) -> Option<MessageId> {
    match update {
        Update::Change(change) => change.message,
        Update::Presence(_) | Update::Read(..) => None,
    }
}

fn is_open(channel: &Channel) -> bool {
    channel.kind == ChannelKind::Simulator.as_str() && channel.disabled_at.is_none()
}

fn find(tx: &mut Tx, id: ChannelId) -> Answer<Channel> {
    channels::get(tx, id)?
        .filter(is_open)
        .ok_or_else(|| Problem::not_found(format!("simulated channel {id}")))
}

fn must_be_number(number: &str) -> Answer<()> {
    if phone::takes_texts(number) {
        return Ok(());
    }
    Err(Problem::invalid(
        "number",
        "must be an international number such as +12025550143",
    ))
}

fn named(token: &String) -> PhoneMedia {
    PhoneMedia {
        url: format!("{UPLOADED}{token}"),
        content_type: String::new(),
    }
}

fn must_be_free(tx: &mut Tx, token: &str) -> Answer<()> {
    match attached::uploaded(tx, token)? {
        Some(_) => Ok(()),
        None => Err(Problem::invalid(
            "attachments",
            "holds a file that is not here or was sent before",
        )),
    }
}

fn shown(tx: &mut Tx, channel: ChannelId, number: &str, after: MessageId) -> Answer<Vec<PhoneMessage>> {
    let texts = messages::with_address(tx, channel, number, after)?;
    Ok(view(tx, texts)?)
}

fn one(tx: &mut Tx, channel: ChannelId, number: &str, id: MessageId) -> store::Result<Option<PhoneMessage>> {
    let found = messages::get(tx, id)?.filter(|message| message.channel_id == channel && message.address == number);
    Ok(view(tx, found.into_iter().collect())?.pop())
}

/// A phone sees what has reached it; what waits or was refused it does not.
fn view(tx: &mut Tx, texts: Vec<Message>) -> store::Result<Vec<PhoneMessage>> {
    use MessageStatus::*;
    let arrived = |message: &Message| matches!(message.status, Received | Sent | Delivered | Read);
    let texts: Vec<Message> = texts.into_iter().filter(arrived).collect();
    let ids: Vec<MessageId> = texts.iter().map(|text| text.id).collect();
    let files = messages::attachments_of(tx, &ids)?;
    let view = |text: Message| PhoneMessage {
        attachments: files
            .iter()
            .filter(|file| file.message_id == Some(text.id))
            .map(attachment)
            .collect(),
        id: text.id,
        direction: text.direction,
        body: text.body,
        at: text.at,
        status: text.status,
    };
    Ok(texts.into_iter().map(view).collect())
}

fn attachment(file: &messages::Attachment) -> PhoneAttachment {
    PhoneAttachment {
        token: file.public_token.clone(),
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        url: format!("/media/{}", file.public_token),
    }
}
