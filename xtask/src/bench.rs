//! `cargo xtask bench`: the budgets of the design, measured on the release build, with the floor in the same run.
//!
//! `bench all` also writes the figures to `bench/RESULTS.md`.

mod collect;
mod inbound;
mod journey;
mod lists;
mod live;
mod report;
mod start;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// One figure beside its budget.
pub struct Row {
    /// What was measured.
    pub what: String,
    /// What came out.
    pub figure: String,
    /// What it may be; empty where the design names none.
    pub budget: &'static str,
    /// Whether the budget is kept; nothing where there is none.
    pub is_kept: Option<bool>,
}

/// The programs that are measured, built when one is first needed.
#[derive(Default)]
pub struct Programs {
    server: OnceCell<PathBuf>,
}

impl Programs {
    fn server(&self) -> Result<&Path> {
        if self.server.get().is_none() {
            // Nobody else has filled it meanwhile: there is one thread.
            let _ = self.server.set(workspace::build_server(true)?);
        }
        self.server.get().map(PathBuf::as_path).context("the server was built")
    }
}

type Bench = fn(&Programs) -> Result<Vec<Row>>;
const BENCHES: [(&str, Bench); 7] = [
    ("start", start::run),
    ("inbound", inbound::run),
    ("collect", collect::run),
    ("live", live::run),
    ("lists", lists::run),
    ("journey", journey::run),
    ("journey-large", journey::run_large),
];

/// Measures what was asked for and prints it.
pub fn run(arguments: &[String]) -> Result<()> {
    let wanted = arguments.first().map_or("all", String::as_str);
    let chosen: Vec<_> = BENCHES
        .iter()
        // The largest needs memory that not every machine has: only who asks for it by name gets it.
        .filter(|(name, _)| wanted == *name || wanted == "all" && *name != "journey-large")
        .collect();
    if chosen.is_empty() || arguments.len() > 1 {
        bail!("choose one of collect, inbound, journey, journey-large, live, lists, start, all");
    }
    let programs = Programs::default();
    let mut rows = Vec::new();
    for (name, bench) in chosen {
        println!("=== {name}");
        let more = bench(&programs).with_context(|| format!("the bench '{name}'"))?;
        more.iter().for_each(|row| println!("{row}"));
        rows.extend(more);
    }
    if wanted == "all" {
        report::write(&rows)?;
    }
    Ok(())
}

/// Builds an example of a package in release mode and gives its path.
fn build_example(package: &str, name: &str) -> Result<PathBuf> {
    let mut command = workspace::cargo(&["build", "--release", "--package", package, "--example", name]);
    if !command.status()?.success() {
        bail!("the example {name} does not build");
    }
    Ok(workspace::target_dir().join("release/examples").join(name))
}

impl Row {
    /// A figure that must be at most `limit`.
    fn at_most(what: &str, value: f64, unit: &str, (limit, budget): (f64, &'static str)) -> Row {
        Row {
            what: what.to_owned(),
            figure: format!("{value:.1} {unit}"),
            budget,
            is_kept: Some(value <= limit),
        }
    }

    /// A figure that must be at least `limit`.
    fn at_least(what: String, value: f64, figure: String, (limit, budget): (f64, &'static str)) -> Row {
        Row {
            what,
            figure,
            budget,
            is_kept: Some(value >= limit),
        }
    }

    /// A figure to know.
    fn note(what: impl Into<String>, figure: String) -> Row {
        Row {
            what: what.into(),
            figure,
            budget: "",
            is_kept: None,
        }
    }
}

/// Gives the value below which this share of the sorted values lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_taken_from_sorted_values() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!((quantile(&values, 0.5), quantile(&values, 0.99)), (50.0, 99.0));
        assert!(quantile(&[], 0.5).is_nan());
    }
}
