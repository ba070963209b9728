//! Messages: a conversation's texts, replying, taking back, sending again.

use std::collections::{BTreeSet, HashMap};

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    AttachmentId, ChannelId, ConversationId, CustomerId, MessageId, NoteId, Time,
    message::{Author, Direction, MessageStatus},
    people::Role,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx, messages,
    names::{self, Named, Names},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{attachments::Attachment, notes};
use crate::{
    app::Shared,
    desk::{
        find, outbound,
        reply::{self, Reply, Seen},
    },
    http::{
        ask::{Body, Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, post))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// A message.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub channel_id: ChannelId,
    pub direction: Direction,
    pub author: MessageAuthor,
    pub body: String,
    pub at: Time,
    pub status: MessageStatus,
    /// How many texts the carrier counts it as.
    pub segments: i64,
    /// Whether the conversation closes with it, once it has left.
    pub close_after: bool,
    /// When it is to leave.
    pub send_at: Option<Time>,
    pub error_code: Option<String>,
    /// What went wrong, in plain words.
    pub error: Option<String>,
    pub attachments: Vec<Attachment>,
}

/// Who wrote a message.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct MessageAuthor {
    pub kind: Author,
    pub id: Option<i64>,
    pub name: String,
}

/// Gives messages as they are shown, in the same order; a fixed number of statements for all of them.
pub fn views(tx: &mut Tx, rows: Vec<messages::Message>) -> store::Result<Vec<Message>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut files: HashMap<MessageId, Vec<Attachment>> = HashMap::new();
    for file in messages::attachments_of(tx, &ids)? {
        if let Some(message) = file.message_id {
            files.entry(message).or_default().push(Attachment::from(file));
        }
    }
    let wanted: BTreeSet<_> = rows.iter().filter_map(named).collect();
    let names = names::get(tx, &wanted)?;
    let view = |row| view(row, &names, &mut files);
    Ok(rows.into_iter().map(view).collect())
}

fn named(row: &messages::Message) -> Option<(Named, i64)> {
    match row.author {
        Author::Customer => Some((Named::Customer, row.customer_id.0)),
        Author::User => row.author_id.map(|id| (Named::User, id)),
        Author::Flow => row.author_id.map(|id| (Named::Flow, id)),
        Author::System => None,
    }
}

fn view(row: messages::Message, names: &Names, files: &mut HashMap<MessageId, Vec<Attachment>>) -> Message {
    let name = named(&row).map_or("", |(kind, id)| names.get(kind, id)).to_owned();
    Message {
        id: row.id,
        conversation_id: row.conversation_id,
        customer_id: row.customer_id,
        channel_id: row.channel_id,
        direction: row.direction,
        author: MessageAuthor {
            kind: row.author,
            id: named(&row).map(|(_, id)| id),
            name,
        },
        body: row.body,
        at: row.at,
        status: row.status,
        segments: row.segments,
        close_after: row.close_after,
        send_at: row.send_at,
        error_code: row.error_code,
        error: row.error,
        attachments: files.remove(&row.id).unwrap_or_default(),
    }
}

fn one(tx: &mut Tx, row: messages::Message) -> Answer<Message> {
    views(tx, vec![row])?.pop().ok_or_else(|| Problem::not_found("message"))
}

/// Which of a conversation's messages are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// The newest messages that are older than this one, instead of a page.
    before: Option<MessageId>,
}

/// Lists a conversation's messages, oldest first.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", tag = "messages", params(MessagesQuery),
    responses((status = 200, body = Page<Message>), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<ConversationId>,
    Query(query): Query<MessagesQuery>,
) -> Answer<Json<Page<Message>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, cursor) = (paging.limit()?, paging.cursor::<1>()?);
    let look = move |tx: &mut Tx| {
        find::conversation(tx, id)?;
        let page = match query.before {
            Some(before) => {
                let mut older = messages::before(tx, id, before, limit)?;
                older.reverse();
                Page::whole(older)
            }
            None => {
                let after = MessageId(cursor.map_or(0, |[id]| id));
                Page::cut(messages::after(tx, id, after, limit + 1)?, limit, |message| {
                    [message.id.0]
                })
            }
        };
        let items = views(tx, page.items)?;
        Ok::<_, Problem>(Page { items, next: page.next })
    };
    Ok(Json(app.store.read(look).await?))
}

/// A reply to a customer.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewMessage {
    #[serde(default)]
    body: String,
    /// Chosen by you: the same key twice is the same reply.
    client_key: Option<String>,
    #[serde(default)]
    attachment_ids: Vec<AttachmentId>,
    /// When it is to leave, if not now.
    send_at: Option<Time>,
    /// The newest message you had on the screen: when others wrote since, you are asked first.
    last_seen_message_id: Option<MessageId>,
    /// The newest note you had on the screen; without it, notes count that are newer than that message.
    last_seen_note_id: Option<NoteId>,
    /// Send it whatever others wrote since.
    #[serde(default)]
    anyway: bool,
    /// Close the conversation with it, when it has left; not if the customer has written again by then.
    #[serde(default)]
    close_after: bool,
}

/// Replies in a conversation.
///
/// 409 `stale_reply` with `newer` when others wrote since `last_seen_message_id`; 409 `opted_out` when the customer may not
/// be texted; 422 `not_textable` when the address takes no texts. A `client_key` that was used before answers 200 with the first reply.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", tag = "messages", request_body = NewMessage,
    responses((status = 201, body = Message), (status = 200, body = Message), (status = 409), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(new): Body<NewMessage>,
) -> Answer<(StatusCode, Json<Message>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let mut conversation = find::working(tx, id)?;
        if let Some(known) = reply::sent_before(tx, &conversation, new.client_key.as_deref())? {
            return Ok::<_, Problem>((StatusCode::OK, Json(one(tx, known)?)));
        }
        if let Some(message) = new.last_seen_message_id.filter(|_| !new.anyway) {
            let seen = Seen {
                message,
                note: new.last_seen_note_id,
            };
            let (messages, notes) = reply::newer(tx, &conversation, seen, moment.user())?;
            if !messages.is_empty() || !notes.is_empty() {
                return Err(stale(tx, messages, notes)?);
            }
        }
        let settings = store::settings::get(tx)?;
        let reply = Reply {
            body: new.body.clone(),
            attachments: new.attachment_ids.clone(),
            send_at: new.send_at,
            client_key: new.client_key.clone(),
            close_after: new.close_after,
        };
        let message = reply::send(tx, &moment, &settings, &mut conversation, reply)?;
        Ok((StatusCode::CREATED, Json(one(tx, message)?)))
    };
    app.store.write(write).await
}

/// Something that others wrote: a message or a note.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Newer {
    /// A message.
    Message(Message),
    /// A note.
    Note(notes::Note),
}

impl Newer {
    fn at(&self) -> Time {
        match self {
            Newer::Message(message) => message.at,
            Newer::Note(note) => note.at,
        }
    }
}

fn stale(tx: &mut Tx, messages: Vec<messages::Message>, rows: Vec<store::notes::Note>) -> Answer<Problem> {
    let messages = views(tx, messages)?.into_iter().map(Newer::Message);
    let mut newer: Vec<Newer> = messages.collect();
    newer.extend(notes::views(tx, rows)?.into_iter().map(Newer::Note));
    newer.sort_by_key(Newer::at);
    let newer = serde_json::to_value(newer).map_err(anyhow::Error::from)?;
    Ok(Problem::conflict("stale_reply", "something was written since you looked").with("newer", newer))
}

/// Takes a message back that has not left yet.
#[utoipa::path(delete, path = "/api/messages/{id}", tag = "messages",
    responses((status = 200, body = Message), (status = 409, description = "already_sent")))]
async fn cancel(State(app): State<Shared>, caller: Caller, Path(id): Path<MessageId>) -> Answer<Json<Message>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let message = outbound::cancel(tx, &moment, id)?;
        one(tx, message)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Sends a message once more that failed, or of which it is not known whether it left.
#[utoipa::path(post, path = "/api/messages/{id}/retry", tag = "messages",
    responses((status = 200, body = Message), (status = 409, description = "not_failed, opted_out"), (status = 422, description = "not_textable")))]
async fn retry(State(app): State<Shared>, caller: Caller, Path(id): Path<MessageId>) -> Answer<Json<Message>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let message = outbound::retry(tx, &moment, id)?;
        one(tx, message)
    };
    Ok(Json(app.store.write(write).await?))
}
