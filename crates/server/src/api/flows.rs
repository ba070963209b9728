//! Flows: their sources, versions and numbers.
//!
//! A definition that cannot run is never saved: the refusal carries `problems`, each with its place in the source.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Event, FlowId, Time, people::Role};
use flow::{Definition, Graph, Problem as Fault, Severity, Trigger};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Tx,
    flow_stats::{self, Runs},
    flows::{self, NewVersion},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{Body, Path, Query},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

mod map;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change, remove))
        .routes(routes!(get_version))
        .routes(routes!(map::check))
        .routes(routes!(map::graph))
}

/// How far back the numbers of the list go.
const WEEK_SECONDS: i64 = 7 * 86_400;

/// A flow.
#[derive(Debug, Serialize, ToSchema)]
pub struct Flow {
    /// The id.
    pub id: FlowId,
    /// Its name: small letters, digits, `-` and `_`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Whether texts may start it.
    pub enabled: bool,
    /// The number of its newest version.
    pub version: i64,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// When it was last saved.
    pub updated_at: Time,
    /// How many sessions began in the last 7 days.
    pub sessions_7d: i64,
    /// How many of them came to the end of the flow without a person.
    pub completed_7d: i64,
    /// How many things are probably not as meant.
    pub problems: usize,
}

/// A flow with its source.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowDetail {
    /// The flow.
    #[serde(flatten)]
    pub flow: Flow,
    /// The definition as it was written.
    pub source: String,
    /// The definition as it was read: `{name, title, triggers, steps: {id: {kind, …}}, start, …}`; null when it cannot be.
    pub definition: Option<Value>,
    /// All versions, newest first.
    pub versions: Vec<FlowVersion>,
}

/// A version of a flow.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowVersion {
    /// Its number.
    pub version: i64,
    /// When it was saved.
    pub saved_at: Time,
    /// Who saved it; empty for programs and for what the server brought.
    pub saved_by: String,
}

/// What a version of a flow was.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowSource {
    /// Its number.
    version: i64,
    /// The definition as it was written.
    source: String,
}

/// A flow that is to be.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewFlow {
    /// The definition, which also names the flow.
    source: String,
    /// Whether texts may start it at once.
    #[serde(default)]
    enabled: bool,
}

/// What may change of a flow; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
pub struct FlowChange {
    /// A new definition, which becomes the newest version. Sessions that run stay on theirs.
    source: Option<String>,
    /// Whether texts may start it. Sessions that run go on.
    enabled: Option<bool>,
}

/// Lists the flows, oldest first, with the numbers of the last 7 days.
#[utoipa::path(get, path = "/api/flows", tag = "flows", responses((status = 200, body = Page<Flow>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<Flow>>> {
    let since = app.universe.now().plus_seconds(-WEEK_SECONDS);
    let look = move |tx: &mut Tx| {
        let flows = flows::list(tx)?.into_iter();
        flows
            .map(|row| Ok((flow_stats::runs(tx, row.id, since)?, row)))
            .collect::<store::Result<Vec<_>>>()
    };
    let rows = app.store.read(look).await?;
    let items = rows.into_iter().map(|(runs, row)| view(&row, runs).0);
    Ok(Json(Page::whole(items.collect())))
}

/// Adds a flow, switched off unless told otherwise.
#[utoipa::path(
    post, path = "/api/flows", tag = "flows", request_body = NewFlow,
    responses((status = 201, body = FlowDetail), (status = 403), (status = 409, description = "the name is taken"),
        (status = 422, description = "`problems` says what is wrong with the source"))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewFlow>,
) -> Answer<(StatusCode, Json<FlowDetail>)> {
    caller.must_be(Role::Manager)?;
    let definition = read(&new.source)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        must_be_free(tx, &definition.name, None)?;
        let id = flows::insert(tx, version(&definition, &new.source, &moment), new.enabled, moment.now)?;
        saved(tx, &moment, id)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Gives a flow with its source and its versions.
#[utoipa::path(
    get, path = "/api/flows/{id}", tag = "flows",
    responses((status = 200, body = FlowDetail), (status = 404))
)]
async fn get(State(app): State<Shared>, _: Caller, Path(id): Path<FlowId>) -> Answer<Json<FlowDetail>> {
    let now = app.universe.now();
    Ok(Json(app.store.read(move |tx| detail(tx, id, now)).await?))
}

/// Gives a version of a flow with its source.
#[utoipa::path(
    get, path = "/api/flows/{id}/versions/{version}", tag = "flows", params(("id" = i64, Path), ("version" = i64, Path)),
    responses((status = 200, body = FlowSource), (status = 404))
)]
async fn get_version(
    State(app): State<Shared>,
    _: Caller,
    Path((id, version)): Path<(FlowId, i64)>,
) -> Answer<Json<FlowSource>> {
    let found = app.store.read(move |tx| flows::get_version(tx, id, version)).await?;
    let found = found.ok_or_else(|| Problem::not_found(format!("version {version} of flow {id}")))?;
    let (version, source) = (found.version, found.source);
    Ok(Json(FlowSource { version, source }))
}

/// Saves a new version of a flow, or switches it on or off.
#[utoipa::path(
    patch, path = "/api/flows/{id}", tag = "flows", request_body = FlowChange,
    responses((status = 200, body = FlowDetail), (status = 403), (status = 404), (status = 409, description = "the name is taken"),
        (status = 422, description = "`problems` says what is wrong with the source"))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<FlowId>,
    Body(change): Body<FlowChange>,
) -> Answer<Json<FlowDetail>> {
    caller.must_be(Role::Manager)?;
    let new = change.source.map(|source| Ok::<_, Problem>((read(&source)?, source)));
    let new = new.transpose()?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let flow = find(tx, id)?;
        let mut changed = false;
        if let Some((definition, source)) = new.as_ref().filter(|(_, source)| *source != flow.source) {
            must_be_free(tx, &definition.name, Some(id))?;
            flows::add_version(tx, id, version(definition, source, &moment), moment.now)?;
            changed = true;
        }
        if let Some(enabled) = change.enabled.filter(|enabled| *enabled != flow.enabled) {
            flows::enable(tx, id, enabled, moment.now)?;
            changed = true;
        }
        if changed {
            saved(tx, &moment, id)
        } else {
            detail(tx, id, moment.now)
        }
    };
    Ok(Json(app.store.write(write).await?))
}

/// Removes a flow that has never run. One that has is part of customers' timelines: switch it off instead.
#[utoipa::path(
    delete, path = "/api/flows/{id}", tag = "flows",
    responses((status = 204), (status = 403), (status = 404), (status = 409, description = "`in_use`: it has run"))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<FlowId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let flow = find(tx, id)?;
        if !flows::remove(tx, id)? {
            let detail = format!(
                "flow {} has run, and its runs stay on customers' timelines: switch it off instead",
                flow.name
            );
            return Err(Problem::conflict("in_use", detail));
        }
        let name = flow.name;
        moment.record_for_company(tx, Event::FlowRemoved { flow: id, name })?;
        Ok(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Finds a flow or says that it is not there.
pub(super) fn find(tx: &mut Tx, id: FlowId) -> Answer<flows::Flow> {
    flows::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("flow {id}")))
}

/// Reads a definition that is to run, or refuses it with everything that is wrong with it.
pub(super) fn read(source: &str) -> Answer<Definition> {
    Definition::parse(source).map_err(|faults| {
        let errors = faults.iter().filter(|fault| fault.severity == Severity::Error);
        let first = errors.map(Fault::to_string).next().unwrap_or_default();
        let problems = serde_json::to_value(&faults).unwrap_or_default();
        Problem::invalid("source", format!("cannot run: {first}")).with("problems", problems)
    })
}

fn version<'a>(read: &'a Definition, source: &'a str, moment: &Moment) -> NewVersion<'a> {
    NewVersion {
        name: &read.name,
        title: &read.title,
        source,
        by: moment.actor.user_id(),
    }
}

fn must_be_free(tx: &mut Tx, name: &str, but_for: Option<FlowId>) -> Answer<()> {
    match flows::by_name(tx, name)? {
        Some(other) if Some(other) != but_for => {
            let detail = format!("flow {other} has the name '{name}' already");
            Err(Problem::conflict("conflict", detail))
        }
        _ => Ok(()),
    }
}

fn saved(tx: &mut Tx, moment: &Moment, id: FlowId) -> Answer<FlowDetail> {
    let detail = detail(tx, id, moment.now)?;
    let Flow {
        version,
        enabled,
        ref name,
        ..
    } = detail.flow;
    let event = Event::FlowSaved {
        flow: id,
        name: name.clone(),
        version,
        enabled,
    };
    moment.record_for_company(tx, event)?;
    Ok(detail)
}

fn detail(tx: &mut Tx, id: FlowId, now: Time) -> Answer<FlowDetail> {
    let row = find(tx, id)?;
    let (flow, definition) = view(&row, flow_stats::runs(tx, id, now.plus_seconds(-WEEK_SECONDS))?);
    let version = |version: flow_stats::Version| FlowVersion {
        version: version.version,
        saved_at: version.saved_at,
        saved_by: version.saved_by,
    };
    Ok(FlowDetail {
        flow,
        definition: definition.and_then(|definition| serde_json::to_value(definition).ok()),
        versions: flow_stats::versions(tx, id)?.into_iter().map(version).collect(),
        source: row.source,
    })
}

fn view(row: &flows::Flow, runs: Runs) -> (Flow, Option<Definition>) {
    let definition = Definition::parse(&row.source);
    let problems = match &definition {
        Ok(_) => flow::check(&row.source).len(),
        Err(problems) => problems.len(),
    };
    let definition = definition.ok();
    let flow = Flow {
        id: row.id,
        name: row.name.clone(),
        title: definition
            .as_ref()
            .map_or_else(|| row.name.clone(), |read| read.title.clone()),
        enabled: row.enabled,
        version: row.version,
        triggers: definition.iter().flat_map(|read| &read.triggers).cloned().collect(),
        updated_at: row.updated_at,
        sessions_7d: runs.started,
        completed_7d: runs.completed,
        problems,
    };
    (flow, definition)
}
