//! Saved views: filters of the inbox under a name, for oneself or for everyone.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Event, ViewId,
    desk::{Filter, View},
    people::Role,
};
use serde::Deserialize;
use store::{
    Tx,
    views::{self, Saved},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{
        ask::{self, Body, Path},
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

/// A view that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewView {
    name: String,
    /// Whether everyone sees it; this takes a manager.
    #[serde(default)]
    shared: bool,
    filter: Filter,
}

/// What may change of a view; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct ViewChange {
    name: Option<String>,
    shared: Option<bool>,
    filter: Option<Filter>,
}

/// Lists the caller's views and the shared ones.
#[utoipa::path(get, path = "/api/views", tag = "desk", responses((status = 200, body = Page<View>)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Answer<Json<Page<View>>> {
    let user = caller.actor.user_id();
    let views = app.store.read(move |tx| views::list(tx, user)).await?;
    Ok(Json(Page::whole(views.into_iter().map(|saved| saved.view).collect())))
}

/// Saves a view.
#[utoipa::path(
    post, path = "/api/views", tag = "desk", request_body = NewView,
    responses((status = 201, body = View), (status = 403), (status = 422))
)]
async fn add(State(app): State<Shared>, caller: Caller, Body(new): Body<NewView>) -> Answer<(StatusCode, Json<View>)> {
    caller.must_be(if new.shared { Role::Manager } else { Role::Agent })?;
    let owner = if new.shared { None } else { Some(caller.user()?) };
    let moment = caller.moment(&app);
    let view = View {
        id: ViewId(0),
        name: ask::name("name", &new.name)?,
        shared: new.shared,
        filter: new.filter,
    };
    let write = move |tx: &mut Tx| {
        let id = views::insert(
            tx,
            &Saved {
                view: view.clone(),
                owner,
            },
            moment.now,
        )?;
        let name = view.name.clone();
        moment.record_for_company(tx, Event::ViewSaved { view: id, name })?;
        Ok::<_, Problem>(View { id, ..view.clone() })
    };
    let view = app.store.write(write).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Changes a view.
#[utoipa::path(
    patch, path = "/api/views/{id}", tag = "desk", request_body = ViewChange,
    responses((status = 200, body = View), (status = 403), (status = 404), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ViewId>,
    Body(change): Body<ViewChange>,
) -> Answer<Json<View>> {
    let name = change.name.as_deref().map(|name| ask::name("name", name)).transpose()?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let mut saved = own(tx, caller, id)?;
        let view = &mut saved.view;
        if let Some(name) = &name {
            view.name.clone_from(name);
        }
        if let Some(filter) = &change.filter {
            view.filter = filter.clone();
        }
        if let Some(shared) = change.shared.filter(|shared| *shared != view.shared) {
            caller.must_be(Role::Manager)?;
            view.shared = shared;
            saved.owner = if shared { None } else { Some(caller.user()?) };
        }
        views::update(tx, &saved)?;
        let name = saved.view.name.clone();
        moment.record_for_company(tx, Event::ViewSaved { view: id, name })?;
        Ok::<_, Problem>(saved.view)
    };
    app.store.write(write).await.map(Json)
}

/// Removes a view.
#[utoipa::path(
    delete, path = "/api/views/{id}", tag = "desk",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<ViewId>) -> Answer<StatusCode> {
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let name = own(tx, caller, id)?.view.name;
        views::remove(tx, id)?;
        moment.record_for_company(tx, Event::ViewRemoved { view: id, name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a view that the caller may change: one's own, or a shared one for managers. Others' views are not there.
fn own(tx: &mut Tx, caller: Caller, id: ViewId) -> Answer<Saved> {
    let found = views::get(tx, id)?.filter(|saved| saved.owner.is_none() || saved.owner == caller.actor.user_id());
    let saved = found.ok_or_else(|| Problem::not_found(format!("view {id}")))?;
    caller.must_be(if saved.view.shared { Role::Manager } else { Role::Agent })?;
    Ok(saved)
}
