//! The figures as they are printed and kept.

use std::fmt;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::Row;
use crate::workspace;

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.is_kept {
            Some(true) => "kept",
            Some(false) => "MISSED",
            None => "",
        };
        write!(f, "{:70} {:34} {} {verdict}", self.what, self.figure, self.budget)
    }
}

/// Writes all figures to `bench/RESULTS.md`.
pub fn write(rows: &[Row]) -> Result<()> {
    let mut text = format!("# Results\n\nMeasured by `cargo xtask bench`. {}\n\n", circumstances());
    text.push_str("| what | figure | budget | |\n|---|---|---|---|\n");
    for row in rows {
        let verdict = match row.is_kept {
            Some(true) => "kept",
            Some(false) => "**missed**",
            None => "",
        };
        text.push_str(&format!(
            "| {} | {} | {} | {verdict} |\n",
            row.what, row.figure, row.budget
        ));
    }
    let file = workspace::root().join("bench/RESULTS.md");
    fs::create_dir_all(workspace::root().join("bench"))?;
    fs::write(&file, text).with_context(|| format!("{}", file.display()))
}

/// Says on what it was measured.
fn circumstances() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or_default();
    let model = model.trim_start_matches([' ', '\t', ':']);
    let count = cpus.lines().filter(|line| line.starts_with("processor")).count();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let commit = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .current_dir(workspace::root())
        .output();
    let commit = commit
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default();
    format!("Machine: {count} × {model}, load at the end {load}. Commit {commit}. SQLite, `synchronous=FULL`.")
}
