//! An import at work: one thread reads, and each part is on disk before the next is taken.
//!
//! It goes on where it was: after a restart as much of the file is passed over as was read before.

use std::fs::File;

use domain::{Actor, ImportId, importing::ImportState};
use store::{
    imports::{self as rows, Import},
    jobs::{self, Job},
    settings,
};
use tokio::sync::mpsc;

use super::{
    RunImport, end, file,
    read::{self, Reader},
    take::{self, Part, Rules},
};
use crate::{app::Shared, desk::Moment, jobs::Outcome};

/// How many rows are one transaction.
const PART: usize = 500;

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// It has ended, here or by others.
    Ended,
    /// The server stops; there is more to read.
    Stopped,
}

/// Imports what a job names.
pub async fn run(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let RunImport { import } = job.payload()?;
    if went(app, import).await? == Went::Stopped {
        return Ok(Outcome::NotBefore(app.universe.now()));
    }
    let (id, owner) = (job.id, owner.to_owned());
    app.store.write(move |tx| jobs::done(tx, id, &owner)).await?;
    Ok(Outcome::Ended)
}

async fn went(app: &Shared, id: ImportId) -> store::Result<Went> {
    let import = app.store.read(move |tx| rows::get(tx, id)).await?;
    let Some(import) = import.filter(|import| import.state == ImportState::Running) else {
        return Ok(Went::Ended);
    };
    let key = import.object_key.clone().unwrap_or_default();
    match file(app, &key).await {
        Ok(file) => through(app, &import, file).await,
        Err(error) => fail(app, id, &format!("{error:#}")).await,
    }
}

/// Reads a running import's file from where it is to its end.
pub async fn through(app: &Shared, import: &Import, file: File) -> store::Result<Went> {
    let settings = app.store.read(settings::get).await?;
    let Some(map) = import.map.clone() else {
        return fail(app, import.id, "nobody said what its columns mean").await;
    };
    // What was settled when it began stays so, whatever the company's time zone is by now.
    let reading = match map.settle(&[], &[], &settings.time_zone) {
        Ok(reading) => reading,
        Err(problem) => return fail(app, import.id, &problem.to_string()).await,
    };
    let rules = Rules {
        reading,
        settings,
        now: app.universe.now(),
    };
    let mut from = import.progress.read_rows;
    let (parts, mut coming) = mpsc::channel(1);
    let passed = usize::try_from(from).unwrap_or(usize::MAX);
    let reading = tokio::task::spawn_blocking(move || read_parts(file, passed, &rules, &parts));
    while let Some(part) = coming.recv().await {
        if *app.stopping.borrow() {
            return Ok(Went::Stopped);
        }
        let count = i64::try_from(part.rows.len()).unwrap_or(i64::MAX);
        let (of, now) = (import.clone(), app.universe.now());
        let taken = app.store.write(move |tx| take::part(tx, &of, from, &part, now)).await?;
        if !taken {
            // It was cancelled, or another worker has gone on with it.
            return Ok(Went::Ended);
        }
        from += count;
    }
    match reading.await {
        Ok(Ok(())) => finish(app, import.id, ImportState::Done, None).await,
        Ok(Err(error)) => fail(app, import.id, &error.to_string()).await,
        Err(_) => fail(app, import.id, "a bug: the server's log says more").await,
    }
}

/// Reads a file and hands on its rows in parts, from the row after those that were read before. Blocks.
fn read_parts(file: File, passed: usize, rules: &Rules, parts: &mpsc::Sender<Part>) -> std::io::Result<()> {
    let (reader, bytes) = read::open(file)?;
    let mut rows: std::iter::Skip<Reader> = reader.skip(passed);
    let mut number = i64::try_from(passed).unwrap_or(i64::MAX);
    loop {
        let mut part = Part {
            rows: Vec::with_capacity(PART),
            read_bytes: 0,
        };
        let mut broken = None;
        for told in rows.by_ref().take(PART) {
            match told {
                Ok(told) => {
                    number += 1;
                    part.rows.push(rules.read(number, told));
                }
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let is_last = part.rows.len() < PART;
        part.read_bytes = bytes.bytes();
        // Nobody waits for more when it was cancelled.
        if !part.rows.is_empty() && parts.blocking_send(part).is_err() {
            return Ok(());
        }
        match broken {
            Some(error) => return Err(error),
            None if is_last => return Ok(()),
            None => {}
        }
    }
}

async fn fail(app: &Shared, id: ImportId, error: &str) -> store::Result<Went> {
    finish(app, id, ImportState::Failed, Some(error.to_owned())).await
}

async fn finish(app: &Shared, id: ImportId, state: ImportState, error: Option<String>) -> store::Result<Went> {
    let moment = Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    };
    let write = move |tx: &mut store::Tx| end(tx, &moment, id, state, error.as_deref());
    app.store.write(write).await?;
    Ok(Went::Ended)
}
