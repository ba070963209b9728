//! A conversation as one thread: messages, notes and what happened, in order of time.

use axum::{Json, extract::State};
use domain::{ConversationId, EventId, MessageId, NoteId, Time};
use serde::{Deserialize, Serialize};
use store::{Tx, events, messages as message_rows, notes as note_rows, threads};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    messages::{self, Message},
    notes::{self, Note},
    timeline::{self, TimelineEvent},
};
use crate::{
    app::Shared,
    desk::find,
    http::{
        ask::{Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get))
}

/// One thing in a thread.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say what they hold")]
pub enum ThreadItem {
    Message {
        key: String,
        at: Time,
        message: Message,
    },
    Note {
        key: String,
        at: Time,
        note: Note,
    },
    Event {
        key: String,
        at: Time,
        event: TimelineEvent,
    },
}

impl ThreadItem {
    /// When it happened; of what happened at the same time, a message comes before what it caused.
    fn order(&self) -> (Time, u8) {
        match self {
            ThreadItem::Message { at, .. } => (*at, 0),
            ThreadItem::Event { at, .. } => (*at, 1),
            ThreadItem::Note { at, .. } => (*at, 2),
        }
    }
}

/// These events are shown as what they are about.
const SHOWN_OTHERWISE: &[&str] = &[
    "message_received",
    "message_queued",
    "message_status_changed",
    "note_added",
];

/// Which part of a thread is asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ThreadQuery {
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the newer part.
    before: Option<String>,
}

/// Gives a conversation's newest part, or what is older than `before`; oldest first. `next` leads to what is older.
#[utoipa::path(get, path = "/api/conversations/{id}/thread", tag = "conversations", params(ThreadQuery),
    responses((status = 200, body = Page<ThreadItem>), (status = 404)))]
async fn get(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<ConversationId>,
    Query(query): Query<ThreadQuery>,
) -> Answer<Json<Page<ThreadItem>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.before,
    };
    let limit = paging.limit()?;
    let before = paging.cursor::<3>()?.unwrap_or([i64::MAX; 3]);
    let look = move |tx: &mut Tx| {
        find::conversation(tx, id)?;
        Ok::<_, Problem>(part(tx, id, before, limit)?)
    };
    Ok(Json(app.store.read(look).await?))
}

/// Takes the newest of three lists, each read from its own id downwards; the cursor is how far each list was read.
fn part(tx: &mut Tx, id: ConversationId, before: [i64; 3], limit: i64) -> store::Result<Page<ThreadItem>> {
    let [message, note, event] = before;
    let messages = message_rows::before(tx, id, MessageId(message), limit + 1)?;
    let notes = note_rows::before(tx, id, NoteId(note), limit + 1)?;
    let parts = threads::with_merged(tx, id)?;
    let events = events::of_conversations(tx, &parts, SHOWN_OTHERWISE, EventId(event), limit + 1)?;
    let mut items: Vec<ThreadItem> = Vec::new();
    items.extend(
        messages::views(tx, messages)?
            .into_iter()
            .map(|message| ThreadItem::Message {
                key: format!("m{}", message.id),
                at: message.at,
                message,
            }),
    );
    items.extend(notes::views(tx, notes)?.into_iter().map(|note| ThreadItem::Note {
        key: format!("n{}", note.id),
        at: note.at,
        note,
    }));
    items.extend(timeline::views(tx, events)?.into_iter().map(|event| ThreadItem::Event {
        key: format!("e{}", event.id),
        at: event.at,
        event,
    }));
    // Each list came newest first, and a stable sort leaves what is equal in that order.
    items.sort_by_key(|item| std::cmp::Reverse(item.order()));
    Ok(cut(items, before, limit))
}

fn cut(mut items: Vec<ThreadItem>, before: [i64; 3], limit: i64) -> Page<ThreadItem> {
    let limit = usize::try_from(limit).unwrap_or(0);
    let more = items.len() > limit;
    items.truncate(limit);
    let [mut message, mut note, mut event] = before;
    for item in &items {
        match item {
            ThreadItem::Message { message: shown, .. } => message = message.min(shown.id.0),
            ThreadItem::Note { note: shown, .. } => note = note.min(shown.id.0),
            ThreadItem::Event { event: shown, .. } => event = event.min(shown.id.0),
        }
    }
    items.reverse();
    let next = more.then(|| format!("{message}.{note}.{event}"));
    Page { items, next }
}
