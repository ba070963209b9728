//! Handling a conversation: who has it, setting aside, closing, tags, merging, splitting, the menu in it.

use axum::{Json, extract::State, http::StatusCode};
use domain::{ConversationId, FlowId, MessageId, TeamId, Time, UserId, people::Role, reason::Known, words};
use serde::Deserialize;
use store::{Tx, conversations as rows};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conversations::{Conversation, one};
use crate::{
    app::Shared,
    desk::{
        Moment, assignment, closure, find,
        menu::{self, Scene},
        merge, snooze, split, tags,
    },
    http::{
        ask::{Body, Path, given},
        caller::Caller,
        problem::Answer,
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(assign))
        .routes(routes!(snooze, wake))
        .routes(routes!(close, reopen))
        .routes(routes!(set_tags))
        .routes(routes!(merge))
        .routes(routes!(split))
        .routes(routes!(flow))
        .routes(routes!(start_flow))
}

/// Runs a command on a conversation and gives the conversation as it is then.
async fn handle(
    app: &Shared,
    caller: Caller,
    id: ConversationId,
    mut command: impl FnMut(&mut Tx, &Moment, &mut rows::Conversation) -> Answer<()> + Send + 'static,
) -> Answer<Json<Conversation>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(app);
    let write = move |tx: &mut Tx| {
        let mut conversation = find::working(tx, id)?;
        command(tx, &moment, &mut conversation)?;
        one(tx, id, &caller, moment.now)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Whom a conversation goes to; what is left out stays, null is nobody.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Assignment {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    team_id: Option<Option<TeamId>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    assignee_id: Option<Option<UserId>>,
}

/// Gives a conversation to a team or an agent.
///
/// One that goes to a team without naming an agent keeps its agent only if they are in that team.
#[utoipa::path(put, path = "/api/conversations/{id}/assignment", tag = "conversations", request_body = Assignment,
    responses((status = 200, body = Conversation), (status = 422)))]
async fn assign(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(to): Body<Assignment>,
) -> Answer<Json<Conversation>> {
    let change = assignment::Change {
        team: to.team_id,
        assignee: to.assignee_id,
    };
    handle(&app, caller, id, move |tx, moment, conversation| {
        let because = match moment.user() {
            Some(user) if change.assignee == Some(Some(user)) => Known::Taken,
            _ => Known::Given,
        };
        assignment::assign(tx, moment, conversation, change, because)
    })
    .await
}

/// Until when a conversation is set aside.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Snooze {
    /// Null means until the customer writes; a message from the customer wakes it in any case.
    until: Option<Time>,
}

/// Sets a conversation aside.
#[utoipa::path(put, path = "/api/conversations/{id}/snooze", tag = "conversations", request_body = Snooze,
    responses((status = 200, body = Conversation), (status = 409, description = "not_open"), (status = 422)))]
async fn snooze(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(snooze): Body<Snooze>,
) -> Answer<Json<Conversation>> {
    handle(&app, caller, id, move |tx, moment, conversation| {
        snooze::snooze(tx, moment, conversation, snooze.until)
    })
    .await
}

/// Takes a conversation up again that was set aside.
#[utoipa::path(delete, path = "/api/conversations/{id}/snooze", tag = "conversations", responses((status = 200, body = Conversation)))]
async fn wake(State(app): State<Shared>, caller: Caller, Path(id): Path<ConversationId>) -> Answer<Json<Conversation>> {
    handle(&app, caller, id, snooze::wake).await
}

/// Closes a conversation.
#[utoipa::path(put, path = "/api/conversations/{id}/closure", tag = "conversations", responses((status = 200, body = Conversation)))]
async fn close(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
) -> Answer<Json<Conversation>> {
    handle(&app, caller, id, |tx, moment, conversation| {
        let settings = store::settings::get(tx)?;
        Ok(closure::close(tx, moment, &settings, conversation)?)
    })
    .await
}

/// Opens a closed conversation again.
#[utoipa::path(delete, path = "/api/conversations/{id}/closure", tag = "conversations", responses((status = 200, body = Conversation)))]
async fn reopen(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
) -> Answer<Json<Conversation>> {
    handle(&app, caller, id, |tx, moment, conversation| {
        Ok(closure::reopen(tx, moment, conversation)?)
    })
    .await
}

/// All tags of a conversation.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Tags {
    tags: Vec<String>,
}

/// Sets exactly these tags; they are trimmed and made lower case.
#[utoipa::path(put, path = "/api/conversations/{id}/tags", tag = "conversations", request_body = Tags,
    responses((status = 200, body = Conversation), (status = 422)))]
async fn set_tags(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(new): Body<Tags>,
) -> Answer<Json<Conversation>> {
    handle(&app, caller, id, move |tx, moment, conversation| {
        tags::set(tx, moment, conversation, &new.tags)
    })
    .await
}

/// Where a conversation goes.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Merge {
    into_id: ConversationId,
}

/// Merges a conversation into another one of the same customer, and gives that.
#[utoipa::path(post, path = "/api/conversations/{id}/merge", tag = "conversations", request_body = Merge,
    responses((status = 200, body = Conversation), (status = 409, description = "different_customers, merged")))]
async fn merge(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(to): Body<Merge>,
) -> Answer<Json<Conversation>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let target = merge::merge(tx, &moment, id, to.into_id)?;
        one(tx, target.id, &caller, moment.now)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Where a conversation is cut.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Split {
    /// This message and all later ones move.
    message_id: MessageId,
    #[serde(default)]
    subject: String,
}

/// Takes the later part of a conversation out into a new one, and gives that.
#[utoipa::path(post, path = "/api/conversations/{id}/split", tag = "conversations", request_body = Split,
    responses((status = 201, body = Conversation), (status = 409, description = "nothing_stays"), (status = 422)))]
async fn split(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(cut): Body<Split>,
) -> Answer<(StatusCode, Json<Conversation>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let subject = cut.subject.trim().chars().take(200).collect();
        let new = split::split(tx, &moment, id, cut.message_id, subject)?;
        one(tx, new.id, &caller, moment.now)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

words! {
    /// What to do with the menu of a conversation.
    FlowAction { Pause = "pause", Resume = "resume", Stop = "stop" }
}

/// What to do with the menu of a conversation.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct FlowCommand {
    action: FlowAction,
}

/// Pauses the menu of a conversation, lets it go on where it was, or ends it.
#[utoipa::path(post, path = "/api/conversations/{id}/flow", tag = "conversations", request_body = FlowCommand,
    responses((status = 200, body = Conversation), (status = 409, description = "not_paused")))]
async fn flow(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(command): Body<FlowCommand>,
) -> Answer<Json<Conversation>> {
    let inner = app.clone();
    handle(&app, caller, id, move |tx, moment, conversation| {
        match command.action {
            FlowAction::Pause => menu::pause(tx, *moment, conversation)?,
            FlowAction::Stop => menu::stop(tx, *moment, conversation)?,
            FlowAction::Resume => on_stage(tx, &inner, moment, conversation, menu::resume)?,
        }
        Ok(rows::update(tx, conversation)?)
    })
    .await
}

/// The flow to be started.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct FlowStart {
    flow_id: FlowId,
}

/// Starts a flow in a conversation; one that runs with the customer ends, a closed conversation opens again.
#[utoipa::path(post, path = "/api/conversations/{id}/flow/start", tag = "conversations", request_body = FlowStart,
    responses((status = 200, body = Conversation), (status = 404), (status = 409, description = "opted_out"), (status = 422, description = "not_textable")))]
async fn start_flow(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(start): Body<FlowStart>,
) -> Answer<Json<Conversation>> {
    let inner = app.clone();
    handle(&app, caller, id, move |tx, moment, conversation| {
        closure::reopen(tx, moment, conversation)?;
        on_stage(tx, &inner, moment, conversation, |tx, scene| {
            menu::start(tx, scene, start.flow_id)
        })?;
        Ok(rows::update(tx, conversation)?)
    })
    .await
}

fn on_stage(
    tx: &mut Tx,
    app: &Shared,
    moment: &Moment,
    conversation: &mut rows::Conversation,
    play: impl FnOnce(&mut Tx, &mut Scene) -> Answer<()>,
) -> Answer<()> {
    let settings = store::settings::get(tx)?;
    let channel = find::channel(tx, conversation.channel_id)?;
    let mut scene = Scene {
        menus: &app.menus,
        moment: *moment,
        settings: &settings,
        channel: &channel,
        conversation,
    };
    play(tx, &mut scene)
}
