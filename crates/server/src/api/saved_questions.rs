//! Questions about journeys under a name, shared by the whole company: what a page was asked, as it stands in its address.

use std::collections::HashMap;

use axum::{Json, extract::State, http::StatusCode};
use domain::{Event, QuestionId, Time, UserId, people::Role, touchpoint::JourneyPage};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    names::{self, Named},
    saved_questions::{self, SavedQuestion},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    api::shapes::Ref,
    app::Shared,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// The most characters of a page's question.
const MAX_QUERY: usize = 2_000;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// A question under a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedQuestion)]
struct SavedView {
    id: QuestionId,
    page: JourneyPage,
    /// The name, different from every other one's of the page.
    name: String,
    /// What stands behind the question mark of the page's address.
    query: String,
    /// Who saved it; null for a program.
    by: Option<Ref>,
    saved_at: Time,
}

/// A question that is to be saved.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewSaved {
    page: JourneyPage,
    name: String,
    query: String,
}

/// Lists all saved questions.
#[utoipa::path(get, path = "/api/saved-questions", tag = "experience", responses((status = 200, body = Page<SavedView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<SavedView>>> {
    let look = |tx: &mut Tx| {
        let all = saved_questions::list(tx)?;
        views(tx, all)
    };
    Ok(Json(Page::whole(app.store.read(look).await?)))
}

/// Saves a question under a name.
#[utoipa::path(
    post, path = "/api/saved-questions", tag = "experience", request_body = NewSaved,
    responses((status = 201, body = SavedView), (status = 403), (status = 409, description = "the page has one of this name"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewSaved>,
) -> Answer<(StatusCode, Json<SavedView>)> {
    caller.must_be(Role::Agent)?;
    ask::must_fit("query", &new.query, MAX_QUERY)?;
    let moment = caller.moment(&app);
    let question = SavedQuestion {
        id: QuestionId(0),
        page: new.page,
        name: ask::name("name", &new.name)?,
        query: new.query.trim_start_matches('?').to_owned(),
        user_id: moment.user(),
        saved_at: moment.now,
    };
    let write = move |tx: &mut Tx| {
        let taken = || Problem::conflict("conflict", "another question of this page has this name");
        let id = saved_questions::insert(tx, &question)?.ok_or_else(taken)?;
        let name = question.name.clone();
        moment.record_for_company(tx, Event::QuestionSaved { question: id, name })?;
        let mut made = views(tx, vec![SavedQuestion { id, ..question.clone() }])?;
        made.pop().ok_or_else(|| not_found(id))
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Forgets a saved question: one's own, or as a manager anybody's.
#[utoipa::path(
    delete, path = "/api/saved-questions/{id}", tag = "experience",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<QuestionId>) -> Answer<StatusCode> {
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let saved = saved_questions::get(tx, id)?.ok_or_else(|| not_found(id))?;
        let is_own = saved.user_id.is_some() && saved.user_id == moment.user();
        caller.must_be(if is_own { Role::Agent } else { Role::Manager })?;
        saved_questions::remove(tx, id)?;
        let name = saved.name;
        moment.record_for_company(tx, Event::QuestionRemoved { question: id, name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn views(tx: &mut Tx, all: Vec<SavedQuestion>) -> Answer<Vec<SavedView>> {
    let wanted = all
        .iter()
        .filter_map(|one| one.user_id)
        .map(|user| (Named::User, user.0));
    let names = names::get(tx, &wanted.collect())?;
    let by: HashMap<UserId, Ref> = all
        .iter()
        .filter_map(|one| one.user_id)
        .map(|user| (user, Ref::new(user.0, names.get(Named::User, user.0))))
        .collect();
    let view = |one: SavedQuestion| SavedView {
        id: one.id,
        page: one.page,
        name: one.name,
        query: one.query,
        by: one.user_id.and_then(|user| by.get(&user).cloned()),
        saved_at: one.saved_at,
    };
    Ok(all.into_iter().map(view).collect())
}

fn not_found(id: QuestionId) -> Problem {
    Problem::not_found(format!("saved question {id}"))
}
