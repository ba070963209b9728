//! What is a user's own in a conversation: the draft, how far it was read, being there, the tray.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    ConversationId, MessageId, Time,
    message::MAX_BODY,
    people::{PRESENCE_SECONDS, PresenceState, Role},
    words,
};
use serde::{Deserialize, Serialize};
use store::{Tx, drafts, presence, tray};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conversations::{self, Conversation};
use crate::{
    app::Shared,
    desk::find,
    http::{
        ask::{Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(draft, put_draft, delete_draft))
        .routes(routes!(put_read))
        .routes(routes!(put_presence))
        .routes(routes!(tray))
        .routes(routes!(put_tray, delete_tray))
}

/// What you have written and not sent.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Draft {
    /// Empty when there is none.
    body: String,
    is_note: bool,
    /// Null when there is none.
    updated_at: Option<Time>,
}

/// A draft to be kept.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewDraft {
    body: String,
    #[serde(default)]
    is_note: bool,
}

/// Gives your draft.
#[utoipa::path(get, path = "/api/conversations/{id}/draft", tag = "conversations", responses((status = 200, body = Draft)))]
async fn draft(State(app): State<Shared>, caller: Caller, Path(id): Path<ConversationId>) -> Answer<Json<Draft>> {
    let user = caller.user()?;
    let look = move |tx: &mut Tx| {
        find::conversation(tx, id)?;
        Ok::<_, Problem>(drafts::get(tx, user, id)?)
    };
    let draft = app.store.read(look).await?;
    Ok(Json(Draft {
        body: draft.as_ref().map_or_else(String::new, |draft| draft.body.clone()),
        is_note: draft.as_ref().is_some_and(|draft| draft.is_note),
        updated_at: draft.map(|draft| draft.updated_at),
    }))
}

/// Keeps your draft; an empty one is thrown away.
#[utoipa::path(put, path = "/api/conversations/{id}/draft", tag = "conversations", request_body = NewDraft, responses((status = 204)))]
async fn put_draft(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(new): Body<NewDraft>,
) -> Answer<StatusCode> {
    caller.must_be(Role::Agent)?;
    let (user, now) = (caller.user()?, app.universe.now());
    if new.body.chars().count() > MAX_BODY {
        return Err(Problem::invalid(
            "body",
            format!("must not be longer than {MAX_BODY} characters"),
        ));
    }
    let write = move |tx: &mut Tx| {
        find::working(tx, id)?;
        if new.body.is_empty() {
            return Ok(drafts::remove(tx, user, id)?);
        }
        let draft = drafts::Draft {
            body: new.body.clone(),
            is_note: new.is_note,
            updated_at: now,
        };
        Ok::<_, Problem>(drafts::put(tx, user, id, &draft)?)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Throws your draft away.
#[utoipa::path(delete, path = "/api/conversations/{id}/draft", tag = "conversations", responses((status = 204)))]
async fn delete_draft(State(app): State<Shared>, caller: Caller, Path(id): Path<ConversationId>) -> Answer<StatusCode> {
    caller.must_be(Role::Agent)?;
    let user = caller.user()?;
    app.store.write(move |tx| drafts::remove(tx, user, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far you have read.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct ReadMark {
    message_id: MessageId,
}

/// Notes how far you have read; a mark never goes back.
#[utoipa::path(put, path = "/api/conversations/{id}/read", tag = "conversations", request_body = ReadMark, responses((status = 204)))]
async fn put_read(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(mark): Body<ReadMark>,
) -> Answer<StatusCode> {
    let user = caller.user()?;
    let write = move |tx: &mut Tx| {
        let conversation = find::conversation(tx, id)?;
        let message = mark.message_id.min(conversation.last_message_id);
        tray::mark_read(tx, user, id, message)?;
        Ok::<_, Problem>(message)
    };
    let read = app.store.write(write).await?;
    app.live.read(id, read);
    Ok(StatusCode::NO_CONTENT)
}

words! {
    /// What you are doing in a conversation.
    PresenceWord { Viewing = "viewing", Typing = "typing", Gone = "gone" }
}

/// A heartbeat.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Presence {
    state: PresenceWord,
}

/// Says that you look at a conversation or type in it: every 15 seconds, for it is forgotten after 45.
#[utoipa::path(put, path = "/api/conversations/{id}/presence", tag = "conversations", request_body = Presence, responses((status = 204)))]
async fn put_presence(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(presence): Body<Presence>,
) -> Answer<StatusCode> {
    let (user, now) = (caller.user()?, app.universe.now());
    let state = match presence.state {
        PresenceWord::Viewing => Some(PresenceState::Viewing),
        PresenceWord::Typing => Some(PresenceState::Typing),
        PresenceWord::Gone => None,
    };
    let write = move |tx: &mut Tx| {
        find::conversation(tx, id)?;
        match state {
            Some(state) => presence::put(tx, user, id, state, now)?,
            None => presence::remove(tx, user, id)?,
        }
        presence::sweep(tx, now.plus_seconds(-PRESENCE_SECONDS))?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists your tray: who has waited longest first, those who do not wait last.
#[utoipa::path(get, path = "/api/tray", tag = "conversations", responses((status = 200, body = Page<Conversation>)))]
async fn tray(State(app): State<Shared>, caller: Caller) -> Answer<Json<Page<Conversation>>> {
    let (user, now) = (caller.user()?, app.universe.now());
    let look = move |tx: &mut Tx| {
        let ids = tray::list(tx, user)?;
        conversations::shown(tx, &ids, &caller, now)
    };
    Ok(Json(Page::whole(app.store.read(look).await?)))
}

/// Puts a conversation into your tray.
#[utoipa::path(put, path = "/api/conversations/{id}/tray", tag = "conversations", responses((status = 204)))]
async fn put_tray(State(app): State<Shared>, caller: Caller, Path(id): Path<ConversationId>) -> Answer<StatusCode> {
    let (user, now) = (caller.user()?, app.universe.now());
    let write = move |tx: &mut Tx| {
        find::working(tx, id)?;
        Ok::<_, Problem>(tray::put(tx, user, id, now)?)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a conversation out of your tray.
#[utoipa::path(delete, path = "/api/conversations/{id}/tray", tag = "conversations", responses((status = 204)))]
async fn delete_tray(State(app): State<Shared>, caller: Caller, Path(id): Path<ConversationId>) -> Answer<StatusCode> {
    let user = caller.user()?;
    app.store.write(move |tx| tray::remove(tx, user, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
