//! What providers delivered and nobody understood: looked at, run again, laid aside. Nothing is dropped.

use axum::{Json, extract::State};
use domain::{ChannelId, Event, InboundId, Time, people::Role};
use serde::{Deserialize, Serialize};
use store::{
    Tx, channels,
    inbound::{self, Inbound},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    hooks,
    http::{
        ask::{Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(retry))
        .routes(routes!(discard))
}

/// How much of a payload is shown.
const SHOWN_CHARS: usize = 4_000;

/// Something that a provider delivered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Inbound)]
pub struct InboundView {
    /// The id.
    id: InboundId,
    /// The channel it came to.
    channel_id: ChannelId,
    /// When.
    received_at: Time,
    /// `new`, `done`, `failed` or `discarded`.
    state: String,
    /// Why it was not understood.
    error: String,
    /// How often that was tried.
    tries: i64,
    /// What came, at most its first 4000 characters.
    body: String,
}

/// Which payloads.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InboundQuery {
    /// `new`, `done`, `failed` or `discarded` [default: failed].
    state: Option<String>,
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists what providers delivered, newest first: what was not understood, unless another state is asked for.
#[utoipa::path(get, path = "/api/inbound", tag = "running", params(InboundQuery),
    responses((status = 200, body = Page<InboundView>), (status = 422)))]
async fn list(
    State(app): State<Shared>,
    _: Caller,
    Query(query): Query<InboundQuery>,
) -> Answer<Json<Page<InboundView>>> {
    let state = query.state.unwrap_or_else(|| "failed".to_owned());
    if !["new", "done", "failed", "discarded"].contains(&state.as_str()) {
        return Err(Problem::invalid("state", "must be new, done, failed or discarded"));
    }
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let before = page.cursor::<1>()?.map_or(InboundId(i64::MAX), |[id]| InboundId(id));
    let look = move |tx: &mut Tx| inbound::list(tx, &state, before, limit + 1);
    let rows = app.store.read(look).await?;
    Ok(Json(Page::cut(rows, limit, |row| [row.id.0]).map(view)))
}

/// Tries to understand a payload once more, after what was in the way has been put right.
#[utoipa::path(
    post, path = "/api/inbound/{id}/retry", tag = "running",
    responses((status = 200, body = InboundView, description = "`state` says how it went"), (status = 403), (status = 404),
        (status = 409, description = "`not_failed`"))
)]
async fn retry(State(app): State<Shared>, caller: Caller, Path(id): Path<InboundId>) -> Answer<Json<InboundView>> {
    caller.must_be(Role::Manager)?;
    let (moment, app_in) = (caller.moment(&app), app.clone());
    let write = move |tx: &mut Tx| {
        let row = failed(tx, id)?;
        let channel = channels::get(tx, row.channel_id)?.ok_or(store::Error::NotFound)?;
        hooks::understand_again(tx, &app_in, &channel, &row, moment.now)?;
        let row = find(tx, id)?;
        let understood = row.state == "done";
        moment.record_for_company(
            tx,
            Event::InboundRetried {
                inbound: id,
                understood,
            },
        )?;
        Ok::<_, Problem>(row)
    };
    Ok(Json(view(app.store.write(write).await?)))
}

/// Lays a payload aside that nobody will understand. It is kept.
#[utoipa::path(
    post, path = "/api/inbound/{id}/discard", tag = "running",
    responses((status = 200, body = InboundView), (status = 403), (status = 404), (status = 409, description = "`not_failed`"))
)]
async fn discard(State(app): State<Shared>, caller: Caller, Path(id): Path<InboundId>) -> Answer<Json<InboundView>> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        failed(tx, id)?;
        inbound::discard(tx, id, moment.now)?;
        moment.record_for_company(tx, Event::InboundDiscarded { inbound: id })?;
        find(tx, id)
    };
    Ok(Json(view(app.store.write(write).await?)))
}

fn find(tx: &mut Tx, id: InboundId) -> Answer<Inbound> {
    inbound::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("payload {id}")))
}

fn failed(tx: &mut Tx, id: InboundId) -> Answer<Inbound> {
    let row = find(tx, id)?;
    if row.state == "failed" {
        return Ok(row);
    }
    let detail = format!("payload {id} has not failed: it is {}", row.state);
    Err(Problem::conflict("not_failed", detail))
}

fn view(row: Inbound) -> InboundView {
    InboundView {
        id: row.id,
        channel_id: row.channel_id,
        received_at: row.received_at,
        state: row.state,
        error: row.error.unwrap_or_default(),
        tries: row.tries,
        body: String::from_utf8_lossy(&row.body).chars().take(SHOWN_CHARS).collect(),
    }
}
