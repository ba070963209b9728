//! Imports: files whose rows are read onto timelines, a part at a time, so that a file's length does not matter.
//!
//! A row takes effect once, whichever import it comes by: its message id is its own id, or what it says and where it
//! stands. Every row that is read is counted as taken, doubled or skipped, in the transaction that takes it.

mod csv;
mod jsonl;
mod parquet;
pub mod read;
pub mod run;
pub mod take;
mod xes;

use anyhow::Context;
use domain::{
    Actor, Event, ImportId, SourceId, Time,
    importing::{ColumnMap, ImportState, MapProblem, Reading},
    settings::Settings,
};
use futures::TryStreamExt;
use object_store::{GetResultPayload, ObjectStoreExt, path::Path};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    imports::{self, Import},
    sources,
};

use crate::{
    app::App,
    desk::{Moment, erasing},
    imports::read::Sample,
};

/// The kind of the job that imports.
pub const RUN: &str = "run_import";

/// Who tells, where an import does not say.
pub const SOURCE: &str = "Imports";

/// How many days a file that was uploaded waits to be imported.
const UPLOAD_DAYS: i64 = 7;

/// What an import ends with that nobody began in that time.
pub const NOT_BEGUN: &str = "not_begun";

/// Where files that were uploaded are, each below the day on which it was.
const FOLDER: &str = "imports";

/// What the job needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunImport {
    /// The import.
    pub import: ImportId,
}

/// Settles a map by a file's first rows and the company's time zone.
pub fn settle(map: ColumnMap, sample: &Sample, settings: &Settings) -> Result<Reading, MapProblem> {
    let columns = sample.header.as_deref().unwrap_or_default();
    map.settle(columns, &sample.objects(), &settings.time_zone)
}

/// Gives the source of this name; makes it where there is none.
pub fn source(tx: &mut Tx, moment: &Moment, name: &str) -> store::Result<SourceId> {
    if let Some(id) = sources::insert(tx, name, &[], moment.now)? {
        let (name, enabled, keys, renamed) = (name.to_owned(), true, 0, false);
        let saved = Event::SourceSaved {
            source: id,
            name,
            enabled,
            keys,
            renamed,
        };
        moment.record_for_company(tx, saved)?;
        return Ok(id);
    }
    let all = sources::list(tx)?;
    let found = all.into_iter().find(|source| source.name == name);
    found.map(|source| source.id).ok_or(store::Error::NotFound)
}

/// Lets an import begin that waits; says whether it did.
pub fn begin(tx: &mut Tx, moment: &Moment, import: &Import, map: &ColumnMap, source: SourceId) -> store::Result<bool> {
    let begun = imports::begin(tx, import.id, map, source)?;
    if begun {
        let (import, file) = (import.id, import.file_name.clone());
        moment.record_for_company(tx, Event::ImportStarted { import, file, source })?;
    }
    Ok(begun)
}

/// Ends an import that has not ended, and has its file taken away: what it said is on the timelines, or is not wanted there.
/// Says whether it did.
pub fn end(tx: &mut Tx, moment: &Moment, id: ImportId, state: ImportState, error: Option<&str>) -> store::Result<bool> {
    let ended = imports::end(tx, id, state, error, moment.now)?;
    if let Some(import) = imports::get(tx, id)?.filter(|_| ended) {
        erasing::plan_removal(tx, import.object_key.into_iter().collect(), moment.now)?;
        let event = Event::ImportEnded {
            import: id,
            file: import.file_name,
            state,
            taken: import.progress.taken,
            skipped: import.progress.skipped,
        };
        moment.record_for_company(tx, event)?;
    }
    Ok(ended)
}

/// Opens the file of an import that was uploaded.
pub async fn file(app: &App, key: &str) -> anyhow::Result<std::fs::File> {
    let found = app.files.get(&Path::from(key)).await.context("the file is gone")?;
    match found.payload {
        GetResultPayload::File(file, _) => Ok(file),
        GetResultPayload::Stream(_) => anyhow::bail!("the file is not in a folder of this machine"),
    }
}

/// Ends the imports that nobody began in time, and takes away the files that no import is to read: also what a crash left
/// behind between the file and its row.
pub async fn forget_uploads(app: &App) -> anyhow::Result<()> {
    let now = app.universe.now();
    let before = now.plus_seconds(-UPLOAD_DAYS * 86_400);
    let moment = Moment {
        now,
        actor: Actor::SYSTEM,
    };
    if !app
        .store
        .read(move |tx| imports::not_begun(tx, before))
        .await?
        .is_empty()
    {
        let write = move |tx: &mut Tx| {
            let left = imports::not_begun(tx, before)?.into_iter();
            left.map(|id| end(tx, &moment, id, ImportState::Cancelled, Some(NOT_BEGUN)))
                .try_for_each(|ended| ended.map(drop))
        };
        app.store.write(write).await?;
    }
    let wanted = app.store.read(imports::wanted_files).await?;
    let files: Vec<_> = app.files.list(Some(&Path::from(FOLDER))).try_collect().await?;
    let files = files.into_iter().map(|file| file.location.to_string());
    let day = before.to_string()[..10].to_owned();
    let is_old = |file: &String| file.split('/').nth(1).is_some_and(|uploaded| *uploaded < *day);
    let old: Vec<String> = files.filter(|file| is_old(file) && !wanted.contains(file)).collect();
    Ok(erasing::remove_files(app, &old).await?)
}

/// Reads the first rows of a file. Blocks.
pub fn sample(file: std::fs::File) -> anyhow::Result<Sample> {
    let (reader, _) = read::open(file)?;
    Ok(reader.sample()?)
}

/// Gives the key of a file that was uploaded.
pub fn key(now: Time, token: &str) -> String {
    format!("{FOLDER}/{}/{token}", &now.to_string()[..10])
}
