//! The journey's kernels beside DuckDB and chDB, on the same events in the same run, and how they grow.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{Programs, Row, build_example};
use crate::{tools, workspace};

/// The engines to compare with, as Python packages.
const PACKAGES: [&str; 2] = ["duckdb", "chdb"];

/// How many times faster than the better engine each kernel has to be; no budget where there is none.
const BUDGETS: [(&str, Budget); 6] = [
    ("map_counts", Some((50.0, "≥ 50 ×"))),
    ("map_durations", Some((8.0, "≥ 8 ×"))),
    ("funnel", Some((8.0, "≥ 8 ×"))),
    ("paths", None),
    ("retention", None),
    ("friction", None),
];

/// Ten million events beside the engines, and one million alone.
pub fn run(_: &Programs) -> Result<Vec<Row>> {
    let kernels = build_example("journey", "bench")?;
    let mut rows = alone(&kernels, (1_000_000, 100_000), None)?;
    let folder = empty_folder()?;
    let log = folder.join("log");
    let ours = run_kernels(&kernels, (10_000_000, 1_000_000), &log, None)?;
    let file = folder.join("ours.json");
    fs::write(&file, ours.to_string())?;
    let engines = ask_engines(&log, &file)?;
    for (question, budget) in BUDGETS {
        rows.push(compare((question, budget), "rows", &ours, &engines)?);
        rows.push(compare((question, budget), "", &ours, &engines)?);
    }
    rows.extend(figures("10 M events", &ours));
    Ok(rows)
}

/// A hundred million events, and the same once more in half the memory.
pub fn run_large(_: &Programs) -> Result<Vec<Row>> {
    let kernels = build_example("journey", "bench")?;
    let mut rows = alone(&kernels, (100_000_000, 10_000_000), None)?;
    rows.extend(alone(&kernels, (100_000_000, 10_000_000), Some(600))?);
    Ok(rows)
}

/// Times the kernels without anything beside them.
fn alone(kernels: &Path, size: (u64, u64), memory_mb: Option<u64>) -> Result<Vec<Row>> {
    let folder = empty_folder()?;
    let ours = run_kernels(kernels, size, &folder, memory_mb)?;
    fs::remove_dir_all(&folder)?;
    let events = size.0 / 1_000_000;
    let within = memory_mb
        .map(|megabytes| format!(" within {megabytes} MB"))
        .unwrap_or_default();
    let name = format!("{events} M events{within}");
    let mut rows = figures(&name, &ours);
    let budgeted = BUDGETS
        .iter()
        .filter(|(_, budget)| budget.is_some() && events >= 100 && memory_mb.is_none());
    for (question, _) in budgeted {
        let seconds = seconds_of(&ours, question)?;
        rows.push(Row::at_most(
            &format!("{name}: {question}"),
            seconds,
            "s",
            (1.0, "≤ 1 s"),
        ));
    }
    Ok(rows)
}

/// Gives a folder for a log, with nothing in it.
fn empty_folder() -> Result<PathBuf> {
    let folder = workspace::target_dir().join("bench-journey");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn run_kernels(kernels: &Path, size: (u64, u64), folder: &Path, memory_mb: Option<u64>) -> Result<Value> {
    let output = Command::new(kernels)
        .args([size.0.to_string(), size.1.to_string()])
        .arg(folder)
        .args(memory_mb.map(|megabytes| megabytes.to_string()))
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the kernels did not run");
    serde_json::from_slice(&output.stdout).context("what the kernels printed")
}

/// What each kernel took, and what the log takes.
fn figures(name: &str, ours: &Value) -> Vec<Row> {
    let kernels = ours["kernels"].as_object().into_iter().flatten();
    let time = |(kernel, value): (&String, &Value)| {
        let millis = value["seconds"].as_f64().unwrap_or(f64::NAN) * 1e3;
        Row::note(format!("{name}: {kernel}"), format!("{millis:.1} ms"))
    };
    let megabytes = |of: &str| ours[of].as_f64().unwrap_or(f64::NAN);
    let memory = format!(
        "{:.0} MB, with making it {:.0} MB",
        megabytes("log_mb"),
        megabytes("peak_mb")
    );
    let memory = Row::note(format!("{name}: the log in memory"), memory);
    let disk = format!(
        "{:.2} s to save, {:.2} s to open",
        ours["saved_s"].as_f64().unwrap_or(f64::NAN),
        ours["opened_s"].as_f64().unwrap_or(f64::NAN)
    );
    let disk = Row::note(format!("{name}: the log on disk"), disk);
    kernels.map(time).chain([memory, disk]).collect()
}

fn seconds_of(ours: &Value, question: &str) -> Result<f64> {
    ours["kernels"][question]["seconds"]
        .as_f64()
        .with_context(|| format!("no time for {question}"))
}

/// A budget: how many times faster, and how it is written.
type Budget = Option<(f64, &'static str)>;

/// Holds a kernel against the fastest way in which an engine answered, of those whose form begins like this.
fn compare((question, budget): (&str, Budget), form: &str, ours: &Value, engines: &[Value]) -> Result<Row> {
    let mine = seconds_of(ours, question)?;
    let text = |answer: &Value, of: &str| answer[of].as_str().unwrap_or_default().to_owned();
    let asked = engines
        .iter()
        .filter(|answer| answer["question"] == question && text(answer, "form").starts_with(form));
    let timed = asked.filter_map(|answer| Some((answer["seconds"].as_f64()?, answer)));
    let best = timed.min_by(|one, other| one.0.total_cmp(&other.0));
    let (theirs, answer) = best.with_context(|| format!("no engine was asked for {question}"))?;
    let ratio = theirs / mine;
    let among = if form.is_empty() { "any form" } else { form };
    let engine = format!("{}: {}", text(answer, "engine"), text(answer, "form"));
    let what = format!("10 M events: {question}, against {among} ({engine})");
    let figure = format!("{:.1} ms against {:.0} ms: {ratio:.1} ×", mine * 1e3, theirs * 1e3);
    Ok(match budget {
        Some(budget) => Row::at_least(what, ratio, figure, budget),
        None => Row::note(what, figure),
    })
}

/// Asks both engines the same; fails when one finds something else than the kernels.
fn ask_engines(log: &Path, ours: &Path) -> Result<Vec<Value>> {
    let script = workspace::root().join("bench/engines.py");
    let output = Command::new(python()?)
        .arg(script)
        .args([log, ours])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the engines did not answer as the kernels did");
    serde_json::from_slice(&output.stdout).context("what the engines printed")
}

/// Gives a Python that has the engines, in an environment of its own below the target folder.
fn python() -> Result<PathBuf> {
    let folder = workspace::target_dir().join("bench-python");
    let python = folder.join("bin/python");
    if !folder.join("ready").exists() {
        let found =
            tools::find("python3").context("Python 3 is missing: install it (`apt-get install python3-venv`)")?;
        succeed(Command::new(found).args(["-m", "venv"]).arg(&folder))?;
        succeed(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet"])
                .args(PACKAGES),
        )?;
        fs::write(folder.join("ready"), "")?;
    }
    Ok(python)
}

fn succeed(command: &mut Command) -> Result<()> {
    if !command.status()?.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}
