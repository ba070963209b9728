//! `/api/live`: everything that happens, as server-sent events, from where the watcher left off.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{Response, sse::Event as Sse},
};
use serde::Deserialize;
use serde_json::json;
use store::events::{self, Cursor, Recorded};
use tokio::sync::{broadcast, watch};

use crate::{
    app::Shared,
    http::{
        caller::Caller,
        problem::{Answer, Problem},
        stream::{Feed, stream},
    },
    live::Update,
};

/// How many missed events are sent after; who missed more looks at everything afresh.
const MISSED: i64 = 1_000;

/// From where a watcher goes on.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// The id of the last update that was seen; the header `Last-Event-ID` says the same.
    after: Option<String>,
}

/// Streams what happens.
///
/// `hello` {cursor} comes first. `change` {kind, at, customer_id, conversation_id, actor, data} tells of an event; its id is
/// the cursor to resume from. `reload` says that too much was missed: look at everything afresh.
#[utoipa::path(get, path = "/api/live", tag = "live", params(LiveQuery),
    responses((status = 200, description = "server-sent events", content_type = "text/event-stream", body = String)))]
pub async fn live(
    State(app): State<Shared>,
    _caller: Caller,
    Query(query): Query<LiveQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let header = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let after = header.or(query.after.as_deref()).map(str::parse::<Cursor>).transpose();
    let after = after.map_err(|_| Problem::invalid("after", "is not the id of an update"))?;
    // Subscribed before the past is read, so that nothing falls between the two.
    let updates = app.live.subscribe();
    let (sender, response) = stream();
    tokio::spawn(async move {
        let stopping = app.stopping.subscribe();
        // An end only means that the watcher has gone, or must come back.
        let _ = feed(&app, after, updates, &sender, stopping).await;
    });
    Ok(response)
}

/// Why a stream ends.
struct Ended;

async fn feed(
    app: &Shared,
    after: Option<Cursor>,
    mut updates: broadcast::Receiver<Update>,
    sender: &Feed,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), Ended> {
    let mut seen = past(app, after, sender).await?;
    loop {
        let update = tokio::select! {
            update = updates.recv() => update,
            () = sender.closed() => return Err(Ended),
            _ = stopping.wait_for(|stopping| *stopping) => return Err(Ended),
        };
        match update {
            Ok(Update::Event(cursor, event)) if cursor > seen => {
                seen = cursor;
                send(sender, change(cursor, &event)).await?;
            }
            Ok(Update::Event(..)) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => send(sender, reload(seen)).await?,
            Err(broadcast::error::RecvError::Closed) => return Err(Ended),
        }
    }
}

/// Sends what was missed; gives the cursor from which the live updates go on.
async fn past(app: &Shared, after: Option<Cursor>, sender: &Feed) -> Result<Cursor, Ended> {
    let look = move |tx: &mut store::Tx| {
        let missed = after
            .map(|after| events::after(tx, after, MISSED + 1))
            .transpose()?
            .unwrap_or_default();
        Ok::<_, store::Error>((missed, events::head(tx)?))
    };
    let (missed, head) = app.store.read(look).await.map_err(|_| Ended)?;
    send(
        sender,
        Sse::default()
            .event("hello")
            .data(json!({ "cursor": head.to_string() }).to_string()),
    )
    .await?;
    if missed.len() > usize::try_from(MISSED).unwrap_or(usize::MAX) {
        send(sender, reload(head)).await?;
        return Ok(head);
    }
    let mut seen = if after.is_some() {
        after.unwrap_or_default()
    } else {
        head
    };
    for (cursor, event) in missed {
        send(sender, change(cursor, &Arc::new(event))).await?;
        seen = cursor;
    }
    Ok(seen)
}

async fn send(sender: &Feed, event: Sse) -> Result<(), Ended> {
    sender.send(Ok(event)).await.map_err(|_| Ended)
}

fn reload(cursor: Cursor) -> Sse {
    Sse::default().event("reload").id(cursor.to_string()).data("{}")
}

fn change(cursor: Cursor, event: &Recorded) -> Sse {
    let (kind, data) = event.happening.event.to_columns();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap_or_default();
    let change = json!({
        "id": event.id,
        "kind": kind,
        "at": event.happening.at,
        "customer_id": event.happening.customer,
        "conversation_id": event.happening.conversation,
        "actor": event.happening.actor,
        "data": data,
    });
    Sse::default()
        .event("change")
        .id(cursor.to_string())
        .data(change.to_string())
}
