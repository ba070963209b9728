//! `rapport import events`: a file of touchpoints onto timelines, beside a running server or without one.

use std::{fs::File, path::PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use domain::{
    Actor, SourceId,
    importing::{ColumnMap, CustomerKind, ImportState, TimeFormat},
};
use store::{
    Tx,
    imports::{self as rows, Import, NewImport},
    settings,
};

use crate::{
    app::{App, Shared},
    config::ServeArgs,
    desk::Moment,
    imports::{self, read::Sample},
    universe::Universe,
};

/// `rapport import …`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Puts the rows of a CSV, JSON lines or XES file (or one packed with gzip), or of a Parquet file, on customers' timelines.
    Events(EventsArgs),
}

/// Which file, and what its columns mean.
#[derive(Debug, Args)]
pub struct EventsArgs {
    /// The file.
    file: PathBuf,
    /// What the columns mean: customer=COL,event=COL,time=COL[,id=COL].
    #[arg(long, required = true, value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// By what the file names customers: user_id, email, phone or anonymous_id.
    #[arg(long, default_value = "user_id")]
    customer_kind: CustomerKind,
    /// What happened in every row, where no column says so.
    #[arg(long)]
    event_name: Option<String>,
    /// How times are written: rfc3339, local, day_first, month_first, epoch_s or epoch_ms [default: as the first rows have it].
    #[arg(long)]
    time_format: Option<TimeFormat>,
    /// The time zone of times that name none [default: the company's].
    #[arg(long)]
    time_zone: Option<String>,
    /// For which source the events are told.
    #[arg(long, default_value = imports::SOURCE)]
    source: String,
    #[command(flatten)]
    serve: ServeArgs,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text
        .split_once('=')
        .filter(|(what, column)| ["customer", "event", "time", "id"].contains(what) && !column.is_empty());
    let (what, column) =
        pair.ok_or_else(|| format!("'{text}' is not like customer=COL, event=COL, time=COL or id=COL"))?;
    Ok((what.to_owned(), column.to_owned()))
}

/// Does what was asked; fails when nothing of the file is on a timeline in the end.
pub fn import(command: ImportCommand) -> anyhow::Result<()> {
    let ImportCommand::Events(args) = command;
    let path = args.file.display().to_string();
    let sample = imports::sample(File::open(&args.file).with_context(|| format!("cannot open {path}"))?);
    let sample = sample.with_context(|| format!("cannot read {path}"))?;
    let app = App::open(args.serve.clone().settle(false)?, Universe::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let import = runtime.block_on(go_through(&app, &args, &sample))?;
    print!("{}", reconciliation(&import));
    let ended = runtime.block_on(skipped(&app, &import));
    ended?;
    match (import.state, &import.error) {
        (ImportState::Done, _) if import.progress.taken + import.progress.doubled > 0 => Ok(()),
        (ImportState::Done, _) => bail!("nothing was taken"),
        (state, error) => bail!("it is {state}: {}", error.as_deref().unwrap_or("not read to its end")),
    }
}

async fn go_through(app: &Shared, args: &EventsArgs, sample: &Sample) -> anyhow::Result<Import> {
    let settings = app.store.read(settings::get).await?;
    let reading = imports::settle(map(args)?, sample, &settings)?;
    let map = reading.map().clone();
    let format = map.time_format.map_or("", TimeFormat::as_str);
    let zone = map.time_zone.as_deref().unwrap_or_default();
    eprintln!("times are read as {format}, in {zone} where they name no zone");
    let file = File::open(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let new = NewImport {
        file_name: name,
        object_key: None,
        size_bytes: i64::try_from(file.metadata()?.len()).unwrap_or(i64::MAX),
        format: sample.format,
    };
    let moment = Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    };
    let source = args.source.clone();
    let write = move |tx: &mut Tx| {
        let source = imports::source(tx, &moment, &source)?;
        found_or_begun(tx, &moment, &new, &map, source)
    };
    let import = app.store.write(write).await?;
    imports::run::through(app, &import, file).await?;
    let id = import.id;
    let import = app.store.read(move |tx| rows::get(tx, id)).await?;
    import.context("the import is gone")
}

/// Goes on with the import of the same file that was broken off, or begins one.
fn found_or_begun(
    tx: &mut Tx,
    moment: &Moment,
    new: &NewImport,
    map: &ColumnMap,
    source: SourceId,
) -> store::Result<Import> {
    let id = match rows::unfinished(tx, new, map, source)? {
        Some(id) => id,
        None => {
            let id = rows::insert(tx, new, moment.now)?;
            let import = rows::get(tx, id)?.ok_or(store::Error::NotFound)?;
            imports::begin(tx, moment, &import, map, source)?;
            id
        }
    };
    rows::get(tx, id)?.ok_or(store::Error::NotFound)
}

fn map(args: &EventsArgs) -> anyhow::Result<ColumnMap> {
    let column = |what: &str| {
        let found = args.map.iter().find(|(named, _)| named == what);
        found.map(|(_, column)| column.clone())
    };
    Ok(ColumnMap {
        customer: column("customer").context("--map must name a column for the customer: customer=COL")?,
        customer_kind: args.customer_kind,
        event: column("event"),
        event_name: args.event_name.clone(),
        time: column("time").context("--map must name a column for the time: time=COL")?,
        time_format: args.time_format,
        time_zone: args.time_zone.clone(),
        id: column("id"),
    })
}

fn reconciliation(import: &Import) -> String {
    let progress = import.progress;
    format!(
        "{} rows read = {} taken + {} taken before + {} skipped\n",
        progress.read_rows, progress.taken, progress.doubled, progress.skipped
    )
}

/// Says of each row that was skipped why; on the error output, for there may be many.
async fn skipped(app: &Shared, import: &Import) -> anyhow::Result<()> {
    let (id, mut after) = (import.id, 0);
    loop {
        let skips = app.store.read(move |tx| rows::skips(tx, id, after, 1_000)).await?;
        let Some(last) = skips.last() else { return Ok(()) };
        after = last.row_number;
        for skip in &skips {
            eprintln!("row {} skipped: {}", skip.row_number, skip.reason);
        }
    }
}
