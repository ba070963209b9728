//! Sources: the websites, apps and tills that tell of touchpoints; their keys, and how each does.

use std::collections::HashMap;

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Event, SourceId, Time,
    collection::{CallRefusal, Tally},
    people::Role,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx, refusals,
    sources::{self, Key, Source},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// How many keys a source has at once: the one in use, and its successor while that is handed out.
const MAX_KEYS: usize = 2;
/// How many origins a source names.
const MAX_ORIGINS: usize = 20;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change))
        .routes(routes!(add_key))
        .routes(routes!(remove_key))
}

/// A website, app or till that tells of touchpoints.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Source)]
struct SourceView {
    id: SourceId,
    /// The name, different from every other source's.
    name: String,
    /// Web origins whose pages may tell; empty means any.
    origins: Vec<String>,
    enabled: bool,
    /// What it tells with, oldest first: one, or two while the next one is handed out.
    keys: Vec<KeyView>,
    /// When it last told anything.
    last_at: Option<Time>,
    /// What became of its calls in the last hour.
    hour: Tally,
    /// What became of its calls in the last 24 hours. A request that was refused whole counts as one call.
    day: Tally,
    /// What was refused in all, by reason, what was refused last first.
    refusals: Vec<RefusalSum>,
}

/// How often something of a source was refused for one reason.
#[derive(Debug, Serialize, ToSchema)]
struct RefusalSum {
    reason: CallRefusal,
    /// How many calls, or whole requests.
    refused: i64,
    last_at: Time,
}

/// A key of a source. It is no secret: a browser shows it to all who look.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SourceKey)]
struct KeyView {
    write_key: String,
    created_at: Time,
}

/// A source that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewSource {
    name: String,
    /// Web origins whose pages may tell, such as `https://www.example.com`; empty means any.
    #[serde(default)]
    origins: Vec<String>,
}

/// What may change of a source; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct SourceChange {
    name: Option<String>,
    origins: Option<Vec<String>>,
    enabled: Option<bool>,
}

/// Lists the sources by name, each with how it does.
#[utoipa::path(get, path = "/api/sources", tag = "experience", responses((status = 200, body = Page<SourceView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<SourceView>>> {
    let now = app.universe.now();
    let look = move |tx: &mut Tx| {
        let sources = sources::list(tx)?;
        views(tx, sources, now)
    };
    Ok(Json(Page::whole(app.store.read(look).await?)))
}

/// Adds a source, with its first key.
#[utoipa::path(
    post, path = "/api/sources", tag = "experience", request_body = NewSource,
    responses((status = 201, body = SourceView), (status = 403), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewSource>,
) -> Answer<(StatusCode, Json<SourceView>)> {
    caller.must_be(Role::Manager)?;
    let (name, origins) = (ask::name("name", &new.name)?, clean(&new.origins)?);
    let (key, moment) = (app.universe.token(), caller.moment(&app));
    let write = move |tx: &mut Tx| {
        let id = sources::insert(tx, &name, &origins, moment.now)?.ok_or_else(name_is_taken)?;
        sources::add_key(tx, id, &key, moment.now)?;
        saved(tx, moment, id, false)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Changes a source, or switches it off.
#[utoipa::path(
    patch, path = "/api/sources/{id}", tag = "experience", request_body = SourceChange,
    responses((status = 200, body = SourceView), (status = 403), (status = 404), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<SourceId>,
    Body(change): Body<SourceChange>,
) -> Answer<Json<SourceView>> {
    caller.must_be(Role::Manager)?;
    let name = change.name.map(|name| ask::name("name", &name)).transpose()?;
    let origins = change.origins.map(|origins| clean(&origins)).transpose()?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let before = find(tx, id)?;
        let source = Source {
            id,
            name: name.clone().unwrap_or_else(|| before.name.clone()),
            origins: origins.clone().unwrap_or(before.origins),
            disabled_at: match change.enabled {
                Some(true) => None,
                Some(false) => before.disabled_at.or(Some(moment.now)),
                None => before.disabled_at,
            },
        };
        let others = sources::list(tx)?;
        if others.iter().any(|other| other.id != id && other.name == source.name) {
            return Err(name_is_taken());
        }
        sources::update(tx, &source)?;
        saved(tx, moment, id, source.name != before.name)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Gives a source another key beside the one it has, so that the old one can be replaced while both work.
#[utoipa::path(
    post, path = "/api/sources/{id}/keys", tag = "experience",
    responses((status = 201, body = SourceView), (status = 403), (status = 404), (status = 409, description = "it has two keys"))
)]
async fn add_key(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<SourceId>,
) -> Answer<(StatusCode, Json<SourceView>)> {
    caller.must_be(Role::Manager)?;
    let (key, moment) = (app.universe.token(), caller.moment(&app));
    let write = move |tx: &mut Tx| {
        find(tx, id)?;
        if keys_of(tx, id)?.len() >= MAX_KEYS {
            return Err(Problem::conflict(
                "conflict",
                "it has two keys: take the older one away first",
            ));
        }
        sources::add_key(tx, id, &key, moment.now)?;
        saved(tx, moment, id, false)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Takes a key away: what comes with it is refused from now on. The last key stays.
#[utoipa::path(
    delete, path = "/api/sources/{id}/keys/{key}", tag = "experience", params(("key" = String, Path)),
    responses((status = 204), (status = 403), (status = 404), (status = 409, description = "it is the only key"))
)]
async fn remove_key(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, key)): Path<(SourceId, String)>,
) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        find(tx, id)?;
        if !sources::remove_key(tx, id, &key)? {
            return Err(Problem::not_found("this key"));
        }
        if keys_of(tx, id)?.is_empty() {
            return Err(Problem::conflict(
                "conflict",
                "it is the only key: give the source another one first",
            ));
        }
        saved(tx, moment, id, false).map(drop)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a source that is there.
pub fn find(tx: &mut Tx, id: SourceId) -> Answer<Source> {
    sources::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("source {id}")))
}

fn name_is_taken() -> Problem {
    Problem::conflict("conflict", "another source has this name")
}

/// Gives origins in their one spelling: scheme, host and port, nothing more.
pub fn clean(origins: &[String]) -> Answer<Vec<String>> {
    if origins.len() > MAX_ORIGINS {
        return Err(Problem::invalid(
            "origins",
            format!("must not be more than {MAX_ORIGINS}"),
        ));
    }
    let clean = |origin: &String| {
        let origin = origin.trim().trim_end_matches('/').to_lowercase();
        let host = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        let is_one = host.is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', '?', '#', '@']));
        ask::must_fit("origins", &origin, ask::MAX_NAME)?;
        is_one
            .then_some(origin)
            .ok_or_else(|| Problem::invalid("origins", "must be like https://www.example.com"))
    };
    origins.iter().map(clean).collect()
}

fn keys_of(tx: &mut Tx, id: SourceId) -> store::Result<Vec<Key>> {
    let keys = sources::keys(tx)?.into_iter();
    Ok(keys.filter(|key| key.source_id == id).collect())
}

fn saved(tx: &mut Tx, moment: Moment, id: SourceId, renamed: bool) -> Answer<SourceView> {
    let source = find(tx, id)?;
    let event = Event::SourceSaved {
        source: id,
        name: source.name.clone(),
        enabled: source.disabled_at.is_none(),
        keys: i64::try_from(keys_of(tx, id)?.len()).unwrap_or(0),
        renamed,
    };
    moment.record_for_company(tx, event)?;
    let view = views(tx, vec![source], moment.now)?.pop();
    Ok(view.expect("one source has one view"))
}

fn views(tx: &mut Tx, sources: Vec<Source>, now: Time) -> Answer<Vec<SourceView>> {
    let mut keys: HashMap<SourceId, Vec<KeyView>> = HashMap::new();
    for key in sources::keys(tx)? {
        keys.entry(key.source_id).or_default().push(KeyView {
            write_key: key.write_key,
            created_at: key.created_at,
        });
    }
    let view = |source: Source| {
        let health = sources::health(tx, source.id, now)?;
        let sums = refusals::sums(tx, source.id)?.into_iter();
        // A reason that a newer version knows is left out.
        let refusals = sums.filter_map(|sum| {
            Some(RefusalSum {
                reason: sum.reason.parse().ok()?,
                refused: sum.refused,
                last_at: sum.last_at,
            })
        });
        Ok(SourceView {
            id: source.id,
            name: source.name,
            origins: source.origins,
            enabled: source.disabled_at.is_none(),
            keys: keys.remove(&source.id).unwrap_or_default(),
            last_at: health.last_at,
            hour: health.hour,
            day: health.day,
            refusals: refusals.collect(),
        })
    };
    sources.into_iter().map(view).collect()
}
