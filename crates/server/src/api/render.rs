//! A canned reply with a customer's own words filled in.

use axum::{Json, extract::State};
use domain::{CannedId, ConversationId, canned};
use serde::{Deserialize, Serialize};
use store::{
    Tx, canned_replies,
    customer_list::{self, File},
    people::users,
};
use utoipa_axum::{router::OpenApiRouter, routes};

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
    OpenApiRouter::new().routes(routes!(render))
}

/// Whom a canned reply is for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Render {
    conversation_id: ConversationId,
}

/// A canned reply that is ready to be sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Rendered {
    body: String,
    /// Names that nothing is known for; they were left out.
    missing: Vec<String>,
}

/// Fills in a canned reply for a conversation.
///
/// It may name `customer.name`, `customer.first_name`, `customer.phone`, `customer.email`, `customer.` and any trait,
/// `agent.name`, `agent.first_name`, `agent.signature`, `company`, `conversation.id`.
#[utoipa::path(post, path = "/api/canned-replies/{id}/render", tag = "conversations", request_body = Render,
    responses((status = 200, body = Rendered), (status = 404)))]
async fn render(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CannedId>,
    Body(render): Body<Render>,
) -> Answer<Json<Rendered>> {
    let look = move |tx: &mut Tx| {
        let reply = canned_replies::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("canned reply {id}")))?;
        let conversation = find::conversation(tx, render.conversation_id)?;
        let file = customer_list::files(tx, &[conversation.customer_id])?.pop();
        let file = file.ok_or(store::Error::NotFound)?;
        let agent = caller
            .user()
            .ok()
            .map(|user| users::get(tx, user))
            .transpose()?
            .flatten();
        let company = store::settings::get(tx)?.company;
        let (body, missing) = canned::render(&reply.body, |name| match name {
            "company" | "company.name" => Some(company.clone()),
            "conversation.id" => Some(conversation.id.to_string()),
            "agent.name" => agent.as_ref().map(|agent| agent.name.clone()),
            "agent.first_name" => agent.as_ref().map(|agent| first(&agent.name)),
            "agent.signature" => agent.as_ref().map(|agent| agent.signature.clone()),
            name => of_customer(&file, name.strip_prefix("customer.")?),
        });
        Ok::<_, Problem>(Rendered { body, missing })
    };
    Ok(Json(app.store.read(look).await?))
}

fn of_customer(file: &File, name: &str) -> Option<String> {
    match name {
        "name" => Some(file.customer.name.clone()),
        "first_name" => Some(first(&file.customer.name)),
        "phone" | "email" => file
            .identities
            .iter()
            .find(|identity| identity.kind == name)
            .map(|found| found.value.clone()),
        name => file.traits.get(name.strip_prefix("traits.").unwrap_or(name)).cloned(),
    }
}

fn first(name: &str) -> String {
    name.split_whitespace().next().unwrap_or_default().to_owned()
}
