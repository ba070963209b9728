//! Erasing a customer: what would go, and doing it.

use axum::{Json, extract::State, http::StatusCode};
use domain::{CustomerId, people::Role};
use serde::Serialize;
use store::{Tx, erasure};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::{erasing, find},
    http::{
        ask::Path,
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(delete))
}

/// How much is known of a customer: all of it would go.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Erasure {
    pub conversations: i64,
    pub messages: i64,
    pub attachments: i64,
    pub requests: i64,
    /// What happened, as the timeline tells it.
    pub events: i64,
}

/// Says how much would go if a customer was erased.
#[utoipa::path(get, path = "/api/customers/{id}/erasure", tag = "customers",
    responses((status = 200, body = Erasure), (status = 403), (status = 404)))]
async fn get(State(app): State<Shared>, caller: Caller, Path(id): Path<CustomerId>) -> Answer<Json<Erasure>> {
    caller.must_be(Role::Manager)?;
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        Ok::<_, Problem>(erasure::known(tx, id)?)
    };
    let known = app.store.read(look).await?;
    Ok(Json(Erasure {
        conversations: known.conversations,
        messages: known.messages,
        attachments: known.attachments,
        requests: known.requests,
        events: known.events,
    }))
}

/// Erases a customer for good: file, conversations, attachments, requests, and everything that happened. A number that is
/// opted out stays in the list of those that must not be texted.
#[utoipa::path(delete, path = "/api/customers/{id}", tag = "customers",
    responses((status = 204), (status = 403), (status = 404), (status = 409, description = "merged: ask for the customer that it is a part of")))]
async fn delete(State(app): State<Shared>, caller: Caller, Path(id): Path<CustomerId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        Ok::<_, Problem>(erasing::erase(tx, &moment, id)?)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
