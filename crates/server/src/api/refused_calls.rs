//! What sources told that was refused: looked at, and taken once more after a rule was put right.

use axum::{Json, extract::State};
use domain::{
    RefusalId, SourceId, Time,
    collection::{CallRefusal, Tally},
    people::Role,
};
use serde::Serialize;
use store::{Tx, refusals as rows};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sources;
use crate::{
    app::Shared,
    collect::again,
    http::{
        ask::{Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(retry))
}

/// A call that was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RefusedCall)]
struct RefusedView {
    id: RefusalId,
    at: Time,
    reason: CallRefusal,
    /// What came, as it came; its beginning where it was very long.
    body: String,
}

/// Lists what a source told that was refused, newest first: the newest 1,000; all are counted.
#[utoipa::path(get, path = "/api/sources/{id}/refusals", tag = "experience", params(PageQuery),
    responses((status = 200, body = Page<RefusedView>), (status = 404)))]
async fn list(
    State(app): State<Shared>,
    _: Caller,
    Path(id): Path<SourceId>,
    Query(paging): Query<PageQuery>,
) -> Answer<Json<Page<RefusedView>>> {
    let limit = paging.limit()?;
    let before = paging.cursor::<1>()?.map_or(i64::MAX, |[id]| id);
    let look = move |tx: &mut Tx| {
        sources::find(tx, id)?;
        let rows = rows::list(tx, id, RefusalId(before), limit + 1)?;
        let page = Page::cut(rows, limit, |row| [row.id.0]);
        let items = page.items.into_iter().map(|row| {
            Ok(RefusedView {
                id: row.id,
                at: row.at,
                reason: row.reason.parse().map_err(|_| Problem::not_found("the reason"))?,
                body: row.body,
            })
        });
        Ok::<_, Problem>(Page {
            items: items.collect::<Answer<_>>()?,
            next: page.next,
        })
    };
    Ok(Json(app.store.read(look).await?))
}

/// Takes what was refused of a source once more, as of when it came: what a newer version of Rapport can read now, or what
/// could not be kept then. What is refused again stays in the list.
#[utoipa::path(post, path = "/api/sources/{id}/refusals/retries", tag = "experience",
    responses((status = 200, body = Tally), (status = 403), (status = 404)))]
async fn retry(State(app): State<Shared>, caller: Caller, Path(id): Path<SourceId>) -> Answer<Json<Tally>> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        sources::find(tx, id)?;
        Ok::<_, Problem>(again::all(tx, &moment, id)?)
    };
    Ok(Json(app.store.write(write).await?))
}
