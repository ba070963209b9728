//! Canned replies: written once, used often.

use axum::{Json, extract::State, http::StatusCode};
use domain::{CannedId, Event, TeamId, desk::CannedReply, message::MAX_BODY, people::Role};
use serde::Deserialize;
use store::{Tx, canned_replies, people::teams};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{Body, MAX_NAME, Path, given},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
}

/// A canned reply that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewCanned {
    /// What is typed to find it: letters, digits, `-` and `_`.
    shortcut: String,
    /// What it is called in lists.
    title: String,
    /// The text.
    body: String,
    /// The team it is for; null means everyone.
    team_id: Option<TeamId>,
}

/// What may change of a canned reply; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct CannedChange {
    shortcut: Option<String>,
    title: Option<String>,
    body: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<TeamId>)]
    team_id: Option<Option<TeamId>>,
}

/// Lists the canned replies by shortcut.
#[utoipa::path(get, path = "/api/canned-replies", tag = "desk", responses((status = 200, body = Page<CannedReply>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<CannedReply>>> {
    Ok(Json(Page::whole(app.store.read(canned_replies::list).await?)))
}

/// Writes a canned reply.
#[utoipa::path(
    post, path = "/api/canned-replies", tag = "desk", request_body = NewCanned,
    responses((status = 201, body = CannedReply), (status = 403), (status = 409, description = "the shortcut is taken"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewCanned>,
) -> Answer<(StatusCode, Json<CannedReply>)> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let reply = CannedReply {
            id: CannedId(0),
            shortcut: new.shortcut.trim().to_owned(),
            title: new.title.trim().to_owned(),
            body: new.body.clone(),
            team_id: new.team_id,
        };
        check(tx, &reply)?;
        let id = canned_replies::insert(tx, &reply, moment.now)?;
        saved(tx, moment, CannedReply { id, ..reply })
    };
    let reply = app.store.write(write).await?;
    Ok((StatusCode::CREATED, Json(reply)))
}

/// Changes a canned reply.
#[utoipa::path(
    patch, path = "/api/canned-replies/{id}", tag = "desk", request_body = CannedChange,
    responses((status = 200, body = CannedReply), (status = 403), (status = 404), (status = 409, description = "the shortcut is taken"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CannedId>,
    Body(change): Body<CannedChange>,
) -> Answer<Json<CannedReply>> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let mut reply = canned_replies::get(tx, id)?.ok_or_else(|| not_found(id))?;
        let change = change.clone();
        reply.shortcut = change.shortcut.map_or(reply.shortcut, |text| text.trim().to_owned());
        reply.title = change.title.map_or(reply.title, |text| text.trim().to_owned());
        reply.body = change.body.unwrap_or(reply.body);
        reply.team_id = change.team_id.unwrap_or(reply.team_id);
        check(tx, &reply)?;
        canned_replies::update(tx, &reply, moment.now)?;
        saved(tx, moment, reply)
    };
    app.store.write(write).await.map(Json)
}

/// Removes a canned reply.
#[utoipa::path(
    delete, path = "/api/canned-replies/{id}", tag = "desk",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<CannedId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let title = canned_replies::remove(tx, id)?.ok_or_else(|| not_found(id))?;
        let event = Event::CannedReplyRemoved {
            canned_reply: id,
            title,
        };
        moment.record_for_company(tx, event)?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check(tx: &mut Tx, reply: &CannedReply) -> Answer<()> {
    let mut wrong = Vec::new();
    let mut say = |field: &str, message: &str| wrong.push((field.to_owned(), message.to_owned()));
    let is_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if reply.shortcut.is_empty() || !reply.shortcut.chars().all(is_word) {
        say("shortcut", "must be letters, digits, - and _");
    }
    if reply.title.is_empty() {
        say("title", "must not be empty");
    }
    for (field, text, most) in [
        ("shortcut", &reply.shortcut, MAX_NAME),
        ("title", &reply.title, MAX_NAME),
        ("body", &reply.body, MAX_BODY),
    ] {
        if text.chars().count() > most {
            say(field, "is too long");
        }
    }
    if reply.body.trim().is_empty() {
        say("body", "must not be empty");
    }
    if let Some(team) = reply.team_id
        && teams::get(tx, team)?.is_none()
    {
        say("team_id", "names a team that does not exist");
    }
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    match canned_replies::by_shortcut(tx, &reply.shortcut)? {
        Some(other) if other.id != reply.id => {
            Err(Problem::conflict("conflict", "another canned reply has this shortcut"))
        }
        _ => Ok(()),
    }
}

fn saved(tx: &mut Tx, moment: Moment, reply: CannedReply) -> Answer<CannedReply> {
    let (canned_reply, title) = (reply.id, reply.title.clone());
    moment.record_for_company(tx, Event::CannedReplySaved { canned_reply, title })?;
    Ok(reply)
}

fn not_found(id: CannedId) -> Problem {
    Problem::not_found(format!("canned reply {id}"))
}
