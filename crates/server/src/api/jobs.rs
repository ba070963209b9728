//! Jobs that wait, run, or were laid aside because they kept failing.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Event, JobId, Time, people::Role};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Tx,
    jobs::{self, Job},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{
        ask::{Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
    jobs::send,
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(retry))
        .routes(routes!(discard))
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobView {
    /// The id.
    id: JobId,
    /// What kind of work.
    kind: String,
    /// What the work needs to know.
    payload: Value,
    /// When it is due, or was last.
    run_at: Time,
    /// How often it was tried.
    tries: i64,
    /// Why it failed last.
    error: String,
    /// `ready`, `leased` (at work) or `dead` (laid aside).
    state: String,
}

/// Which jobs.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobQuery {
    /// `ready`, `leased` or `dead` [default: dead].
    state: Option<String>,
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists jobs, oldest first: those that were laid aside, unless another state is asked for.
#[utoipa::path(get, path = "/api/jobs", tag = "running", params(JobQuery),
    responses((status = 200, body = Page<JobView>), (status = 422)))]
async fn list(State(app): State<Shared>, _: Caller, Query(query): Query<JobQuery>) -> Answer<Json<Page<JobView>>> {
    let state = query.state.unwrap_or_else(|| "dead".to_owned());
    if !["ready", "leased", "dead"].contains(&state.as_str()) {
        return Err(Problem::invalid("state", "must be ready, leased or dead"));
    }
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let limit = page.limit()?;
    let after = page.cursor::<1>()?.map_or(JobId(0), |[id]| JobId(id));
    let look = move |tx: &mut Tx| jobs::list(tx, &state, after, limit + 1);
    let rows = app.store.read(look).await?;
    Ok(Json(Page::cut(rows, limit, |row| [row.id.0]).map(view)))
}

/// Makes a job due again that was laid aside, with all its tries.
#[utoipa::path(
    post, path = "/api/jobs/{id}/retry", tag = "running",
    responses((status = 200, body = JobView), (status = 403), (status = 404), (status = 409, description = "`not_dead`"))
)]
async fn retry(State(app): State<Shared>, caller: Caller, Path(id): Path<JobId>) -> Answer<Json<JobView>> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let work = dead(tx, id)?.kind;
        jobs::run_again(tx, id, moment.now)?;
        moment.record_for_company(tx, Event::JobRetried { job: id, work })?;
        find(tx, id)
    };
    Ok(Json(view(app.store.write(write).await?)))
}

/// Takes a job away for good that was laid aside.
#[utoipa::path(
    delete, path = "/api/jobs/{id}", tag = "running",
    responses((status = 204), (status = 403), (status = 404), (status = 409, description = "`not_dead`"))
)]
async fn discard(State(app): State<Shared>, caller: Caller, Path(id): Path<JobId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let job = dead(tx, id)?;
        if let Some(text) = send::text_of(tx, &job)? {
            send::give_up(tx, &moment, &text, "its job was discarded")?;
        }
        let work = job.kind;
        jobs::discard(tx, id)?;
        moment.record_for_company(tx, Event::JobDiscarded { job: id, work })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(tx: &mut Tx, id: JobId) -> Answer<Job> {
    jobs::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("job {id}")))
}

fn dead(tx: &mut Tx, id: JobId) -> Answer<Job> {
    let job = find(tx, id)?;
    if job.state == "dead" {
        return Ok(job);
    }
    Err(Problem::conflict(
        "not_dead",
        format!("job {id} is not laid aside: it is {}", job.state),
    ))
}

fn view(job: Job) -> JobView {
    JobView {
        id: job.id,
        kind: job.kind,
        payload: serde_json::from_str(&job.payload).unwrap_or(Value::String(job.payload)),
        run_at: job.run_at,
        tries: job.tries,
        error: job.error.unwrap_or_default(),
        state: job.state,
    }
}
