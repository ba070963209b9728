//! Imports: files that are uploaded, told what their columns mean, looked at, read onto timelines, and accounted for.

use axum::{Json, extract::DefaultBodyLimit, extract::State, http::StatusCode, response::Response};
use domain::{
    CustomerId, ImportId, SourceId, Time,
    collection::Object,
    importing::{self, ColumnMap, FileFormat, ImportState, MapProblem, SkipReason},
    people::Role,
};
use object_store::{ObjectStoreExt, path::Path as Key};
use serde::{Deserialize, Serialize};
use store::{
    Tx, customers,
    imports::{self as rows, Import, NewImport, Skip},
    jobs::{self, NewJob},
    settings,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::attachments;
use crate::{
    app::Shared,
    http::{
        ask::{self, Body, Path, Query, Upload},
        caller::Caller,
        csv,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
    imports::{self, RunImport, read::Sample, take::Rules},
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    // The handler counts for itself, and says how much is too much.
    let upload = OpenApiRouter::new()
        .routes(routes!(add))
        .layer(DefaultBodyLimit::disable());
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(preview))
        .routes(routes!(start, cancel))
        .routes(routes!(skipped))
        .merge(upload)
}

/// A file whose rows are read onto timelines.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Import)]
struct ImportView {
    id: ImportId,
    file_name: String,
    size_bytes: i64,
    format: FileFormat,
    state: ImportState,
    /// Why the file could not be read to its end; `not_begun` where nobody began within seven days, and the file is gone.
    error: Option<String>,
    /// What its columns mean; null until that is told.
    map: Option<ColumnMap>,
    /// For whom its events are told; null until it begins.
    source: Option<SourceId>,
    /// How much of the file has been read.
    read_bytes: i64,
    /// How many rows have been read. Each is taken, doubled or skipped.
    read_rows: i64,
    taken: i64,
    /// Taken before.
    doubled: i64,
    skipped: i64,
    created_at: Time,
    ended_at: Option<Time>,
}

impl From<Import> for ImportView {
    fn from(import: Import) -> ImportView {
        let progress = import.progress;
        ImportView {
            id: import.id,
            file_name: import.file_name,
            size_bytes: import.size_bytes,
            format: import.format,
            state: import.state,
            error: import.error,
            map: import.map,
            source: import.source_id,
            read_bytes: progress.read_bytes.min(import.size_bytes),
            read_rows: progress.read_rows,
            taken: progress.taken,
            doubled: progress.doubled,
            skipped: progress.skipped,
            created_at: import.created_at,
            ended_at: import.ended_at,
        }
    }
}

/// Some of the imports.
#[derive(Debug, Serialize, ToSchema)]
struct ImportPage {
    items: Vec<ImportView>,
    /// What to ask for as `cursor` to get the next page; null on the last one.
    next: Option<String>,
    /// How many imports there are in all.
    total: i64,
}

/// A file that was uploaded, with what its columns seem to mean.
#[derive(Debug, Serialize, ToSchema)]
struct UploadedImport {
    import: ImportView,
    columns: Vec<String>,
    /// A guess; what could not be guessed is empty.
    guess: ColumnMap,
}

/// The first rows, as they would be read.
#[derive(Debug, Serialize, ToSchema)]
struct ImportPreview {
    /// The map with what was found: how times are written, and their zone.
    map: ColumnMap,
    rows: Vec<PreviewRow>,
}

/// A row as it would be read.
#[derive(Debug, Serialize, ToSchema)]
struct PreviewRow {
    number: i64,
    /// Why it would be skipped; null when it would be taken.
    reason: Option<SkipReason>,
    customer: Option<String>,
    /// Whose file it would go to; null for somebody who is new.
    customer_id: Option<CustomerId>,
    name: Option<String>,
    at: Option<Time>,
    #[schema(value_type = Option<Object>)]
    properties: Option<Object>,
    /// How it stands in the file; its beginning where it is long.
    content: String,
}

/// How a file is to be imported.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct ImportRun {
    map: ColumnMap,
    /// The name of the source for which the events are told; it is made where there is none.
    #[serde(default)]
    source: Option<String>,
}

/// Uploads a file in the field `file` of a form, at most 25 MB: CSV, JSON lines or XES, or one of them packed with
/// gzip; or Parquet.
#[utoipa::path(post, path = "/api/imports", tag = "experience",
    request_body(content_type = "multipart/form-data", content = String),
    responses((status = 201, body = UploadedImport), (status = 403), (status = 413, description = "too_large"), (status = 422)))]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Upload(mut form): Upload,
) -> Answer<(StatusCode, Json<UploadedImport>)> {
    caller.must_be(Role::Manager)?;
    let key = imports::key(app.universe.now(), &app.universe.token());
    let kept = attachments::keep_form(&app, &key, &mut form).await?;
    let sample = match look(&app, &key).await {
        Ok(sample) => sample,
        Err(problem) => {
            app.files
                .delete(&Key::from(key.as_str()))
                .await
                .map_err(anyhow::Error::from)?;
            return Err(problem);
        }
    };
    let new = NewImport {
        file_name: kept.name,
        object_key: Some(key),
        size_bytes: kept.size_bytes,
        format: sample.format,
    };
    let now = app.universe.now();
    let write = move |tx: &mut Tx| {
        let id = rows::insert(tx, &new, now)?;
        find(tx, id)
    };
    let import = app.store.write(write).await?;
    let columns = sample.columns();
    let uploaded = UploadedImport {
        import: import.into(),
        guess: importing::guess(&columns),
        columns,
    };
    Ok((StatusCode::CREATED, Json(uploaded)))
}

/// Reads the first rows of a file that was uploaded.
async fn look(app: &Shared, key: &str) -> Answer<Sample> {
    let file = imports::file(app, key).await?;
    let sample = tokio::task::spawn_blocking(move || imports::sample(file)).await;
    let sample = sample.map_err(anyhow::Error::from)?;
    sample.map_err(|error| Problem::invalid("file", format!("{error:#}")))
}

/// Lists the imports, newest first.
#[utoipa::path(get, path = "/api/imports", tag = "experience", params(PageQuery),
    responses((status = 200, body = ImportPage), (status = 403)))]
async fn list(State(app): State<Shared>, caller: Caller, Query(paging): Query<PageQuery>) -> Answer<Json<ImportPage>> {
    caller.must_be(Role::Manager)?;
    let limit = paging.limit()?;
    let before = paging.cursor::<1>()?.map_or(i64::MAX, |[id]| id);
    let look = move |tx: &mut Tx| {
        let found = rows::list(tx, ImportId(before), limit + 1)?;
        Ok::<_, Problem>((found, rows::total(tx)?))
    };
    let (found, total) = app.store.read(look).await?;
    let page = Page::cut(found, limit, |import| [import.id.0]).map(ImportView::from);
    Ok(Json(ImportPage {
        items: page.items,
        next: page.next,
        total,
    }))
}

/// Gives an import, with how far it is.
#[utoipa::path(get, path = "/api/imports/{id}", tag = "experience",
    responses((status = 200, body = ImportView), (status = 403), (status = 404)))]
async fn get(State(app): State<Shared>, caller: Caller, Path(id): Path<ImportId>) -> Answer<Json<ImportView>> {
    caller.must_be(Role::Manager)?;
    Ok(Json(app.store.read(move |tx| find(tx, id)).await?.into()))
}

/// Shows the first rows as they would be read with a map, and why some would be skipped. Nothing is kept of it.
#[utoipa::path(post, path = "/api/imports/{id}/preview", tag = "experience", request_body = ColumnMap,
    responses((status = 200, body = ImportPreview), (status = 403), (status = 404), (status = 409, description = "has_begun, file_gone"), (status = 422)))]
async fn preview(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Body(map): Body<ColumnMap>,
) -> Answer<Json<ImportPreview>> {
    caller.must_be(Role::Manager)?;
    let (_, sample) = waiting(&app, id).await?;
    let settings = app.store.read(settings::get).await?;
    let rules = Rules {
        reading: imports::settle(map, &sample, &settings).map_err(wrong_map)?,
        settings,
        now: app.universe.now(),
    };
    let map = rules.reading.map().clone();
    let read = (1..).zip(sample.rows).map(|(number, told)| rules.read(number, told));
    let mut shown: Vec<PreviewRow> = read.map(PreviewRow::from).collect();
    let kind = map.customer_kind.as_str();
    let look = move |tx: &mut Tx| {
        for row in &mut shown {
            if let Some(customer) = &row.customer {
                row.customer_id = customers::by_identity(tx, kind, customer)?;
            }
        }
        Ok::<_, Problem>(std::mem::take(&mut shown))
    };
    let rows = app.store.read(look).await?;
    Ok(Json(ImportPreview { map, rows }))
}

impl From<imports::take::Numbered> for PreviewRow {
    fn from(numbered: imports::take::Numbered) -> PreviewRow {
        let row = numbered.row();
        PreviewRow {
            number: numbered.number,
            reason: numbered.read.as_ref().err().copied(),
            customer: row.map(|row| row.customer.clone()),
            customer_id: None,
            name: row.map(|row| row.name.clone()),
            at: row.map(|row| row.at),
            properties: row.map(|row| row.properties.clone()),
            content: numbered.content,
        }
    }
}

/// Starts an import: its rows are read in the background, and go on after a restart.
#[utoipa::path(put, path = "/api/imports/{id}/run", tag = "experience", request_body = ImportRun,
    responses((status = 202, body = ImportView), (status = 403), (status = 404), (status = 409, description = "has_begun, file_gone"), (status = 422)))]
async fn start(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Body(run): Body<ImportRun>,
) -> Answer<(StatusCode, Json<ImportView>)> {
    caller.must_be(Role::Manager)?;
    let source = ask::name("source", run.source.as_deref().unwrap_or(imports::SOURCE))?;
    let (_, sample) = waiting(&app, id).await?;
    let settings = app.store.read(settings::get).await?;
    let reading = imports::settle(run.map, &sample, &settings).map_err(wrong_map)?;
    let (map, moment) = (reading.map().clone(), caller.moment(&app));
    let write = move |tx: &mut Tx| {
        let import = find(tx, id)?;
        let source = imports::source(tx, &moment, &source)?;
        if !imports::begin(tx, &moment, &import, &map, source)? {
            return Err(has_begun());
        }
        let job = NewJob {
            lane: 1,
            ..NewJob::now(imports::RUN, &RunImport { import: id }, moment.now)
        };
        jobs::add(tx, &job, moment.now)?;
        find(tx, id)
    };
    Ok((StatusCode::ACCEPTED, Json(app.store.write(write).await?.into())))
}

/// Ends an import before its time: what was taken stays, nothing more is read, and the file is taken away.
#[utoipa::path(delete, path = "/api/imports/{id}/run", tag = "experience",
    responses((status = 200, body = ImportView), (status = 403), (status = 404)))]
async fn cancel(State(app): State<Shared>, caller: Caller, Path(id): Path<ImportId>) -> Answer<Json<ImportView>> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        find(tx, id)?;
        imports::end(tx, &moment, id, ImportState::Cancelled, None)?;
        find(tx, id)
    };
    Ok(Json(app.store.write(write).await?.into()))
}

/// Gives all rows that were skipped, with number and reason, as a table for spreadsheets.
#[utoipa::path(get, path = "/api/imports/{id}/skipped.csv", tag = "experience",
    responses((status = 200, content_type = "text/csv", body = String), (status = 403), (status = 404)))]
async fn skipped(State(app): State<Shared>, caller: Caller, Path(id): Path<ImportId>) -> Answer<Response> {
    caller.must_be(Role::Manager)?;
    app.store.read(move |tx| find(tx, id)).await?;
    let name = format!("import-{id}-skipped.csv");
    let parts = futures::stream::try_unfold(Some(-1), move |after| {
        let app = app.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            if after < 0 {
                return Ok(Some(("row,reason,content\r\n".to_owned(), Some(0))));
            }
            let skips = app.store.read(move |tx| rows::skips(tx, id, after, 1_000)).await?;
            let last = skips.last().map(|skip| skip.row_number);
            let text: String = skips.iter().map(line).collect();
            Ok(last.map(|last| (text, Some(last))))
        }
    });
    Ok(csv::download(&name, parts))
}

fn line(skip: &Skip) -> String {
    csv::line([
        skip.row_number.to_string(),
        skip.reason.to_string(),
        skip.content.clone(),
    ])
}

fn find(tx: &mut Tx, id: ImportId) -> Answer<Import> {
    rows::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("import {id}")))
}

/// Gives an import that has not begun, with its first rows.
async fn waiting(app: &Shared, id: ImportId) -> Answer<(Import, Sample)> {
    let import = app.store.read(move |tx| find(tx, id)).await?;
    if import.state == ImportState::Cancelled {
        return Err(Problem::conflict("file_gone", "its file is gone: upload it again"));
    }
    let key = import
        .object_key
        .clone()
        .filter(|_| import.state == ImportState::Uploaded);
    let sample = look(app, &key.ok_or_else(has_begun)?).await?;
    Ok((import, sample))
}

fn has_begun() -> Problem {
    Problem::conflict(
        "has_begun",
        "this import has begun: upload the file again to read it in another way",
    )
}

fn wrong_map(problem: MapProblem) -> Problem {
    Problem::invalid(problem.field, problem.problem)
}
