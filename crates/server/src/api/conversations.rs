//! Conversations: the lists of the inbox, and one of them.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    ChannelId, ConversationId, CustomerId, Event, MessageId, Reason, TeamId, Time, UserId, ViewId,
    assignment::longest_waiting,
    conversation::ConversationStatus,
    message::Direction,
    people::{PRESENCE_SECONDS, PresenceState, Role},
    session::SessionStatus,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    conversation_list::{self, Shown},
    conversations,
    people::teams,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::Ref;
use crate::{
    app::Shared,
    desk::{
        find,
        reply::Reply,
        start_text::{self, Whom},
    },
    http::{
        ask::{Body, Path, Query},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

mod filter;

pub use filter::ListQuery;

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, post))
        .routes(routes!(counts))
        .routes(routes!(next))
        .routes(routes!(get, patch))
}

/// A conversation as a list and its header show it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Conversation {
    /// The id.
    pub id: ConversationId,
    /// Whom it is with.
    pub customer: Who,
    /// The channel it is on.
    pub channel: By,
    /// Where it stands.
    pub status: ConversationStatus,
    /// Whether a menu alone handles it.
    pub automated: bool,
    /// What it is about; may be empty.
    pub subject: String,
    /// Whose queue it is in.
    pub team: Option<Ref>,
    /// Who has it.
    pub assignee: Option<Ref>,
    /// Why it is there.
    pub route_reason: Reason,
    /// In order of the alphabet.
    pub tags: Vec<String>,
    /// When it began.
    pub opened_at: Time,
    /// When the oldest message came that no person has answered; null when nobody waits.
    pub waiting_since: Option<Time>,
    /// When the last message came or went.
    pub last_at: Time,
    /// That message in one line.
    pub last_line: String,
    /// Which way it went.
    pub last_direction: Direction,
    /// Its id.
    pub last_message_id: MessageId,
    /// Whether there is something that you have not seen.
    pub unread: bool,
    /// Whether you have written something and not sent it.
    pub draft: bool,
    /// Until when it is set aside; null while snoozed means until the customer writes.
    pub snoozed_until: Option<Time>,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// The conversation it continues or was split from.
    pub follows_id: Option<ConversationId>,
    /// The conversation it went into.
    pub merged_into_id: Option<ConversationId>,
    /// The menu that is at it.
    pub flow: Option<Run>,
    /// Whether it is in your tray.
    pub in_tray: bool,
    /// Who has it on the screen.
    pub viewers: Vec<Viewer>,
}

/// A customer with the address that a conversation goes to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ConversationCustomer)]
pub struct Who {
    id: CustomerId,
    name: String,
    address: String,
}

/// The channel of a conversation.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ConversationChannel)]
pub struct By {
    /// Its id.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// Its kind.
    #[schema(value_type = domain::channel::ChannelKind)]
    pub kind: String,
}

/// A menu at work.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ConversationFlow)]
pub struct Run {
    session_id: domain::SessionId,
    flow: String,
    step: String,
    status: SessionStatus,
}

/// A colleague at a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Viewer {
    /// The colleague.
    pub user_id: UserId,
    /// By name.
    pub name: String,
    /// Looking or typing.
    pub state: PresenceState,
}

impl From<conversation_list::Viewer> for Viewer {
    fn from(viewer: conversation_list::Viewer) -> Viewer {
        Viewer {
            user_id: viewer.user_id,
            name: viewer.name,
            state: viewer.state,
        }
    }
}

impl From<Shown> for Conversation {
    fn from(shown: Shown) -> Conversation {
        let c = shown.conversation;
        let (channel, kind) = shown.channel;
        Conversation {
            id: c.id,
            customer: Who {
                id: c.customer_id,
                name: shown.customer,
                address: shown.address,
            },
            channel: By {
                id: c.channel_id,
                name: channel,
                kind,
            },
            status: c.status,
            automated: c.automated,
            subject: c.subject,
            team: c.team_id.zip(shown.team).map(|(id, name)| Ref::new(id.0, name)),
            assignee: c.assignee_id.zip(shown.assignee).map(|(id, name)| Ref::new(id.0, name)),
            route_reason: c.route_reason,
            tags: shown.tags,
            opened_at: c.opened_at,
            waiting_since: c.waiting_since,
            last_at: c.last_at,
            last_line: c.last_line,
            last_direction: c.last_direction,
            last_message_id: c.last_message_id,
            unread: shown.is_unread,
            draft: shown.draft,
            snoozed_until: c.snoozed_until,
            closed_at: c.closed_at,
            follows_id: c.follows_id,
            merged_into_id: c.merged_into_id,
            flow: shown.session.map(|session| Run {
                session_id: session.id,
                flow: session.flow,
                step: session.step,
                status: session.status,
            }),
            in_tray: shown.in_tray,
            viewers: shown.viewers.into_iter().map(Viewer::from).collect(),
        }
    }
}

/// Gives conversations as the caller sees them, in the order of `ids`.
pub fn shown(tx: &mut Tx, ids: &[ConversationId], caller: &Caller, now: Time) -> store::Result<Vec<Conversation>> {
    let shown = conversation_list::show(tx, ids, caller.user().ok(), now.plus_seconds(-PRESENCE_SECONDS))?;
    Ok(shown.into_iter().map(Conversation::from).collect())
}

/// Gives one conversation as the caller sees it.
pub fn one(tx: &mut Tx, id: ConversationId, caller: &Caller, now: Time) -> Answer<Conversation> {
    let found = shown(tx, &[id], caller, now)?.pop();
    found.ok_or_else(|| Problem::not_found(format!("conversation {id}")))
}

/// Lists conversations.
///
/// Without `view` and `status` all are listed but those that were merged into others.
#[utoipa::path(get, path = "/api/conversations", tag = "conversations", params(ListQuery),
    responses((status = 200, body = Page<Conversation>)))]
async fn list(
    State(app): State<Shared>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Answer<Json<Page<Conversation>>> {
    let now = app.universe.now();
    let page = app.store.read(move |tx| filter::page(tx, &query, &caller, now)).await?;
    Ok(Json(page))
}

/// How many open conversations there are in each list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Counts {
    mine: i64,
    unassigned: i64,
    waiting: i64,
    all: i64,
    snoozed: i64,
    automated: i64,
    teams: std::collections::BTreeMap<TeamId, i64>,
    /// At most 1000 for each saved view.
    saved: std::collections::BTreeMap<ViewId, i64>,
}

/// Counts the lists of the inbox.
#[utoipa::path(get, path = "/api/conversations/counts", tag = "conversations", responses((status = 200, body = Counts)))]
async fn counts(State(app): State<Shared>, caller: Caller) -> Answer<Json<Counts>> {
    let look = move |tx: &mut Tx| {
        let user = caller.user().ok();
        let counts = conversation_list::counts(tx, user)?;
        Ok::<_, Problem>(Counts {
            mine: counts.mine,
            unassigned: counts.unassigned,
            waiting: counts.waiting,
            all: counts.all,
            snoozed: counts.snoozed,
            automated: counts.automated,
            teams: counts.teams,
            saved: filter::count_saved(tx, user)?,
        })
    };
    Ok(Json(app.store.read(look).await?))
}

/// Who comes next.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Next {
    /// The conversation; null when nobody waits.
    id: Option<ConversationId>,
}

/// Names the conversation that has waited longest among yours and those that nobody in your teams has taken.
#[utoipa::path(get, path = "/api/conversations/next", tag = "conversations", responses((status = 200, body = Next)))]
async fn next(State(app): State<Shared>, caller: Caller) -> Answer<Json<Next>> {
    let user = caller.user()?;
    let look = move |tx: &mut Tx| {
        let teams = teams::of_user(tx, user)?;
        let waiting = conversation_list::longest_waiting(tx, user, &teams)?;
        Ok::<_, store::Error>(longest_waiting(&waiting))
    };
    Ok(Json(Next {
        id: app.store.read(look).await?,
    }))
}

/// Gives a conversation.
#[utoipa::path(get, path = "/api/conversations/{id}", tag = "conversations",
    responses((status = 200, body = Conversation), (status = 404)))]
async fn get(State(app): State<Shared>, caller: Caller, Path(id): Path<ConversationId>) -> Answer<Json<Conversation>> {
    let now = app.universe.now();
    Ok(Json(app.store.read(move |tx| one(tx, id, &caller, now)).await?))
}

/// What can be changed of a conversation by itself.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[schema(as = ConversationChange)]
pub struct Change {
    subject: Option<String>,
}

/// Names a conversation.
#[utoipa::path(patch, path = "/api/conversations/{id}", tag = "conversations", request_body = Change,
    responses((status = 200, body = Conversation), (status = 404)))]
async fn patch(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(change): Body<Change>,
) -> Answer<Json<Conversation>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let subject = change.subject.map(|subject| subject.trim().to_owned());
    if subject.as_ref().is_some_and(|subject| subject.chars().count() > 200) {
        return Err(Problem::invalid("subject", "must not be longer than 200 characters"));
    }
    let write = move |tx: &mut Tx| {
        let mut conversation = find::working(tx, id)?;
        if let Some(subject) = subject.clone().filter(|subject| *subject != conversation.subject) {
            conversation.subject.clone_from(&subject);
            conversations::update(tx, &conversation)?;
            moment.record(tx, &conversation, Event::ConversationRenamed { subject })?;
        }
        one(tx, id, &caller, moment.now)
    };
    Ok(Json(app.store.write(write).await?))
}

/// A text to a customer who has not asked for one.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Start {
    /// Whom to text; this or `phone`.
    customer_id: Option<CustomerId>,
    /// A number to text; a customer is made where nobody has it.
    phone: Option<String>,
    channel_id: ChannelId,
    body: String,
    #[serde(default)]
    attachment_ids: Vec<domain::AttachmentId>,
    /// The same key twice is the same text.
    client_key: Option<String>,
}

/// Texts a customer first: 201 with the conversation, 200 when this `client_key` was used before.
#[utoipa::path(post, path = "/api/conversations", tag = "conversations", request_body = Start,
    responses((status = 201, body = Conversation), (status = 409, description = "opted_out, channel_disabled"), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Body(start): Body<Start>,
) -> Answer<(StatusCode, Json<Conversation>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let whom = match (start.customer_id, start.phone) {
        (Some(id), None) => Whom::Customer(id),
        (None, Some(phone)) => Whom::Phone(phone),
        _ => return Err(Problem::invalid("customer_id", "or phone must be given, and not both")),
    };
    let reply = Reply {
        body: start.body,
        attachments: start.attachment_ids,
        send_at: None,
        client_key: start.client_key,
        close_after: false,
    };
    let write = move |tx: &mut Tx| {
        let settings = store::settings::get(tx)?;
        let to = (&whom, start.channel_id);
        let (conversation, message) = start_text::start(tx, &moment, &settings, to, reply.clone())?;
        let status = if message.is_some() {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Ok::<_, Problem>((status, Json(one(tx, conversation.id, &caller, moment.now)?)))
    };
    app.store.write(write).await
}
