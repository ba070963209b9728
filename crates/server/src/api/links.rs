//! Short links for texts: an agent makes one and puts it into a reply.

use axum::{Json, extract::State, http::StatusCode};
use domain::{ConversationId, Time, people::Role};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::links,
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

/// Where a link is to lead.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewLink {
    /// A page of one of the company's own websites: one whose origin a source names.
    url: String,
}

/// A link to be put into a text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Link {
    pub url: String,
    /// Until then the browser in which it is opened is joined to the customer; it leads to its page for longer.
    pub expires_at: Time,
}

/// Makes a short link for the customer of a conversation. The first browser that opens it, and tells of the page behind
/// it, is joined to the customer.
#[utoipa::path(post, path = "/api/conversations/{id}/links", tag = "conversations", request_body = NewLink,
    responses((status = 201, body = Link), (status = 404), (status = 409, description = "merged"), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(new): Body<NewLink>,
) -> Answer<(StatusCode, Json<Link>)> {
    caller.must_be(Role::Agent)?;
    let (moment, fresh_key, shared) = (caller.moment(&app), app.universe.token(), app.clone());
    let write = move |tx: &mut Tx| {
        let (token, expires_at) = links::make(tx, &moment, (id, &new.url), &fresh_key)?;
        let settings = store::settings::get(tx)?;
        let url = links::address(&shared.public_url(&settings), &token);
        Ok::<_, Problem>(Link { url, expires_at })
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}
