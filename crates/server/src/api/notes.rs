//! Notes: what colleagues write to each other beside a conversation.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use domain::{ConversationId, Event, NoteId, Time, message::MAX_BODY, people::Role};
use serde::{Deserialize, Serialize};
use store::{
    Tx, drafts,
    names::{self, Named},
    notes,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::Ref;
use crate::{
    app::Shared,
    desk::find,
    http::{
        ask::{Body, Path},
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(post))
}

/// A note.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Note {
    pub id: NoteId,
    pub conversation_id: ConversationId,
    /// Null when a program wrote it.
    pub author: Option<Ref>,
    pub body: String,
    pub at: Time,
}

/// Gives notes as they are shown, in the same order.
pub fn views(tx: &mut Tx, rows: Vec<notes::Note>) -> store::Result<Vec<Note>> {
    let wanted: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| row.author_id)
        .map(|id| (Named::User, id.0))
        .collect();
    let names = names::get(tx, &wanted)?;
    let view = |row: notes::Note| Note {
        id: row.id,
        conversation_id: row.conversation_id,
        author: row.author_id.map(|id| Ref::new(id.0, names.get(Named::User, id.0))),
        body: row.body,
        at: row.at,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// A note to be kept.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewNote {
    body: String,
}

/// Adds a note to a conversation.
#[utoipa::path(post, path = "/api/conversations/{id}/notes", tag = "conversations", request_body = NewNote,
    responses((status = 201, body = Note), (status = 404), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(new): Body<NewNote>,
) -> Answer<(StatusCode, Json<Note>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let body = new.body.trim().to_owned();
    if body.is_empty() || body.chars().count() > MAX_BODY {
        return Err(Problem::invalid(
            "body",
            format!("must have 1 to {MAX_BODY} characters"),
        ));
    }
    let write = move |tx: &mut Tx| {
        let conversation = find::working(tx, id)?;
        let mut note = notes::Note {
            id: NoteId(0),
            conversation_id: id,
            customer_id: conversation.customer_id,
            author_id: moment.user(),
            body: body.clone(),
            at: moment.now,
        };
        note.id = notes::insert(tx, &note)?;
        moment.record(
            tx,
            &conversation,
            Event::NoteAdded {
                note: note.id,
                body: body.clone(),
            },
        )?;
        if let Some(user) = moment.user()
            && drafts::get(tx, user, id)?.is_some_and(|draft| draft.is_note)
        {
            drafts::remove(tx, user, id)?;
        }
        views(tx, vec![note])?.pop().ok_or_else(|| Problem::not_found("note"))
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}
