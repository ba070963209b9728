//! `/api/live`: everything that happens, as server-sent events, from where the watcher left off.

use std::time::Duration;

use axum::{
    extract::State,
    http::HeaderMap,
    response::{Response, sse::Event as Sse},
};
use serde::Deserialize;
use serde_json::json;
use store::events::{self, Cursor};
use tokio::{
    sync::{broadcast, watch},
    time::{Instant, interval_at},
};

use crate::{
    app::Shared,
    http::{
        ask::Query,
        caller::{self, Caller},
        problem::{Answer, Problem},
        stream::{Feed, stream},
    },
    live::{self, Update},
};

/// How often it is looked whether a watcher may still watch, beside when somebody's right to it may have ended.
const LOOK_AGAIN: Duration = Duration::from_secs(30);
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
/// `hello` {cursor} comes first, then `presence` {conversations: {id: viewers}, typing: [ids of conversations whose customer types]}, which is told again whenever it changes.
/// `change` is an event as timelines show it, with the `message` where it is about one; its id is the cursor to resume from. `reload` says that too much was missed: look at everything afresh.
#[utoipa::path(get, path = "/api/live", tag = "live", params(LiveQuery),
    responses((status = 200, description = "server-sent events", content_type = "text/event-stream", body = live::Told)))]
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
        let watcher = Watcher { app: &app, headers };
        let _ = feed(&watcher, after, updates, &sender, stopping).await;
    });
    Ok(response)
}

/// Why a stream ends.
struct Ended;

/// Who watches.
struct Watcher<'a> {
    app: &'a Shared,
    /// The headers that let them in.
    headers: HeaderMap,
}

impl Watcher<'_> {
    /// Ends the stream of one who has signed out, or was turned out.
    async fn must_be_known(&self) -> Result<(), Ended> {
        let known = caller::is_still_known(self.app, &self.headers).await;
        if known { Ok(()) } else { Err(Ended) }
    }
}

async fn feed(
    watcher: &Watcher<'_>,
    after: Option<Cursor>,
    mut updates: broadcast::Receiver<Update>,
    sender: &Feed,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), Ended> {
    tokio::select! {
        () = watcher.app.live.begun() => {}
        () = sender.closed() => return Err(Ended),
        _ = stopping.wait_for(|stopping| *stopping) => return Err(Ended),
    }
    let mut seen = past(watcher.app, after, sender).await?;
    let mut look_again = interval_at(Instant::now() + LOOK_AGAIN, LOOK_AGAIN);
    loop {
        let update = tokio::select! {
            update = updates.recv() => Some(update),
            _ = look_again.tick() => None,
            () = sender.closed() => return Err(Ended),
            _ = stopping.wait_for(|stopping| *stopping) => return Err(Ended),
        };
        let Some(update) = update else {
            watcher.must_be_known().await?;
            continue;
        };
        match update {
            Ok(Update::Change(change)) if change.cursor > seen => {
                if change.ends_watching {
                    watcher.must_be_known().await?;
                }
                seen = change.cursor;
                send(sender, told(&change)).await?;
            }
            Ok(Update::Change(_)) => {}
            Ok(Update::Presence(present)) => send(sender, presence(&present.json)).await?,
            Ok(Update::Read(..)) => {}
            Err(broadcast::error::RecvError::Lagged(_)) => send(sender, reload(seen)).await?,
            Err(broadcast::error::RecvError::Closed) => return Err(Ended),
        }
    }
}

/// Sends what was missed; gives the cursor from which the live updates go on.
async fn past(app: &Shared, after: Option<Cursor>, sender: &Feed) -> Result<Cursor, Ended> {
    let look = move |tx: &mut store::Tx| {
        let head = events::head(tx)?;
        let missed = events::after(tx, after.unwrap_or(head), MISSED + 1)?;
        // Who has seen what is not there yet has seen another database: this one comes from a backup.
        let is_stranger = after.is_some_and(|after| after > head);
        let must_reload = missed.more || is_stranger;
        Ok::<_, store::Error>((live::describe(tx, missed.events)?, must_reload, head))
    };
    let (missed, must_reload, head) = app.store.read(look).await.map_err(|_| Ended)?;
    send(
        sender,
        Sse::default()
            .event("hello")
            .data(json!({ "cursor": head.to_string() }).to_string()),
    )
    .await?;
    if must_reload {
        send(sender, reload(head)).await?;
        return Ok(head);
    }
    send(sender, presence(&app.live.present().json)).await?;
    let mut seen = after.unwrap_or(head);
    for change in missed {
        seen = change.cursor;
        send(sender, told(&change)).await?;
    }
    Ok(seen)
}

async fn send(sender: &Feed, event: Sse) -> Result<(), Ended> {
    sender.send(Ok(event)).await.map_err(|_| Ended)
}

fn reload(cursor: Cursor) -> Sse {
    Sse::default().event("reload").id(cursor.to_string()).data("{}")
}

fn presence(present: &str) -> Sse {
    Sse::default().event("presence").data(present)
}

fn told(change: &live::Change) -> Sse {
    Sse::default()
        .event("change")
        .id(change.cursor.to_string())
        .data(&change.json)
}
