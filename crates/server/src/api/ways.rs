//! The channels by which the customer of a conversation can be written to.

use axum::{Json, extract::State};
use domain::{ChannelId, ConversationId, Time, people::Role};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conversations::{By, Conversation, one};
use crate::{
    app::Shared,
    desk::{
        find,
        ways::{self, Closed},
    },
    http::{
        ask::{Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(choose))
}

/// A way to a customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Way {
    channel: By,
    /// Where what is written goes.
    address: String,
    /// Whether the conversation goes by it.
    is_current: bool,
    /// Why nothing can be written there now: `opted_out`, `channel_disabled` or `not_textable`; null where it can.
    closed: Option<&'static str>,
    /// Since when, where that is known.
    closed_at: Option<Time>,
}

/// Gives the channels on which the customer of a conversation has an address, the one it goes by first.
#[utoipa::path(get, path = "/api/conversations/{id}/channels", tag = "conversations", responses((status = 200, body = Page<Way>)))]
async fn list(State(app): State<Shared>, _caller: Caller, Path(id): Path<ConversationId>) -> Answer<Json<Page<Way>>> {
    let look = move |tx: &mut Tx| {
        let conversation = find::conversation(tx, id)?;
        let found = ways::of(tx, &conversation)?;
        let view = |way: ways::Way| Way {
            is_current: way.channel.id == conversation.channel_id,
            channel: By {
                id: way.channel.id,
                name: way.channel.name,
                kind: way.channel.kind,
            },
            address: way.address,
            closed: way.closed.map(Closed::code),
            closed_at: match way.closed {
                Some(Closed::OptedOut(at)) => Some(at),
                _ => None,
            },
        };
        Ok::<_, Problem>(Page::whole(found.into_iter().map(view).collect()))
    };
    Ok(Json(app.store.read(look).await?))
}

/// The channel that a conversation is to go by.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct Choice {
    channel_id: ChannelId,
}

/// Lets a conversation go on by another channel; where the customer writes on the one before, it comes back.
#[utoipa::path(put, path = "/api/conversations/{id}/channel", tag = "conversations", request_body = Choice,
    responses((status = 200, body = Conversation), (status = 409, description = "opted_out, channel_disabled"), (status = 422)))]
async fn choose(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(choice): Body<Choice>,
) -> Answer<Json<Conversation>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let mut conversation = find::working(tx, id)?;
        ways::choose(tx, &moment, &mut conversation, choice.channel_id)?;
        one(tx, id, &caller, moment.now)
    };
    Ok(Json(app.store.write(write).await?))
}
