//! What a customer wrote for, conversation by conversation: what the rules say, and a person's word above it.

use axum::{Json, extract::State};
use domain::{
    ConversationId, TouchpointId,
    demand::{Contact, Demand},
    people::Role,
};
use serde::Deserialize;
use store::{Tx, conversations};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    fixes::name_of,
    journey::{DemandView, demand_of_conversation},
};
use crate::{
    app::Shared,
    desk::{demand, find},
    http::{
        ask::{Body, Path},
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get, put, take_back))
}

/// What a person says that a customer wrote for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = DemandWord)]
struct Word {
    demand: Demand,
    /// The touchpoint that brought it; only of a failure.
    touchpoint: Option<TouchpointId>,
}

/// Gives what a conversation is marked as, and why.
#[utoipa::path(get, path = "/api/conversations/{id}/demand", tag = "conversations",
    responses((status = 200, body = DemandView), (status = 404)))]
async fn get(State(app): State<Shared>, _: Caller, Path(id): Path<ConversationId>) -> Answer<Json<DemandView>> {
    Ok(Json(view(&app, id).await?))
}

/// Says what a customer wrote for; that is above what the rules say.
#[utoipa::path(put, path = "/api/conversations/{id}/demand", tag = "conversations", request_body = Word,
    responses((status = 200, body = DemandView), (status = 403), (status = 404), (status = 422)))]
async fn put(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(word): Body<Word>,
) -> Answer<Json<DemandView>> {
    caller.must_be(Role::Agent)?;
    if word.touchpoint.is_some() && word.demand != Demand::Failure {
        return Err(Problem::invalid("touchpoint", "goes only with a failure"));
    }
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let conversation = find::working(tx, id)?;
        let cause = word
            .touchpoint
            .map(|touchpoint| Ok((touchpoint, name_of(tx, touchpoint)?)));
        let cause: Answer<_> = cause.transpose();
        let cause = cause.map_err(|_| Problem::invalid("touchpoint", "must be a touchpoint that is there"))?;
        demand::say(tx, &moment, &conversation, word.demand, cause)?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(Json(view(&app, id).await?))
}

/// Takes a person's word back: what the rules say holds again.
#[utoipa::path(delete, path = "/api/conversations/{id}/demand", tag = "conversations",
    responses((status = 200, body = DemandView), (status = 403), (status = 404)))]
async fn take_back(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
) -> Answer<Json<DemandView>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let conversation = find::working(tx, id)?;
        demand::take_back(tx, &moment, &conversation)?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(Json(view(&app, id).await?))
}

async fn view(app: &Shared, id: ConversationId) -> Answer<DemandView> {
    let found = app.store.read(move |tx| conversations::get(tx, id)).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("conversation {id}")))?;
    let contact = Contact {
        conversation: id,
        customer: found.customer_id,
        at: found.opened_at,
    };
    demand_of_conversation(app, contact).await
}
