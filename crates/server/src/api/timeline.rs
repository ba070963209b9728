//! The timeline: what happened with a customer, each event with who did it and a sentence that says it.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use domain::{ConversationId, CustomerId, EventId, Time, event::ActorKind};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    events::{self, Recorded},
    names::{self, Names},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sentence;
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
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that happened.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct TimelineEvent {
    pub id: EventId,
    pub at: Time,
    /// In one word, such as `conversation_closed`.
    pub kind: String,
    pub actor: ActorView,
    pub conversation_id: Option<ConversationId>,
    pub customer_id: Option<CustomerId>,
    /// In one English sentence.
    pub text: String,
    /// The event's own fields.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// Who made something happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Actor)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct ActorView {
    pub kind: ActorKind,
    pub id: Option<i64>,
    pub name: String,
}

/// Gives events as they are shown, in the same order; a fixed number of statements for all of them.
pub fn views(tx: &mut Tx, events: Vec<Recorded>) -> store::Result<Vec<TimelineEvent>> {
    let wanted: BTreeSet<_> = events
        .iter()
        .flat_map(|event| sentence::named(&event.happening))
        .collect();
    let names = names::get(tx, &wanted)?;
    Ok(events.into_iter().map(|event| view(event, &names)).collect())
}

fn view(event: Recorded, names: &Names) -> TimelineEvent {
    let (kind, data) = event.happening.event.to_columns();
    let actor = event.happening.actor;
    let text = sentence::tell(&event.happening, names);
    TimelineEvent {
        id: event.id,
        at: event.happening.at,
        kind,
        actor: ActorView {
            kind: actor.kind,
            id: actor.id,
            name: sentence::actor(actor, names),
        },
        conversation_id: event.happening.conversation,
        customer_id: event.happening.customer,
        text,
        data: serde_json::from_str(&data).unwrap_or_default(),
    }
}

/// Which events are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Only these kinds, joined by commas.
    kinds: Option<String>,
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Gives what happened with a customer, newest first.
#[utoipa::path(get, path = "/api/customers/{id}/timeline", tag = "customers", params(TimelineQuery),
    responses((status = 200, body = Page<TimelineEvent>), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<CustomerId>,
    Query(query): Query<TimelineQuery>,
) -> Answer<Json<Page<TimelineEvent>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = paging.limit()?;
    let before = paging.cursor::<2>()?.map(|[at, id]| (Time(at), EventId(id)));
    let kinds: Vec<String> = query
        .kinds
        .iter()
        .flat_map(|kinds| kinds.split(','))
        .map(str::to_owned)
        .collect();
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let events = events::timeline(tx, id, &kinds, before, limit + 1)?;
        let page = Page::cut(events, limit, |event| [event.happening.at.0, event.id.0]);
        Ok::<_, Problem>(Page {
            items: views(tx, page.items)?,
            next: page.next,
        })
    };
    Ok(Json(app.store.read(look).await?))
}
