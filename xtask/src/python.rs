//! Programs from Python's package registry that tests need, in an environment of their own below the target folder.
//!
//! It is made anew when the list of what it holds has changed. What cannot be had fails the test that needs it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{tools, workspace};

/// What is installed, a package a line.
const REQUIREMENTS: &str = include_str!("../python-requirements.txt");

/// Gives a program of the environment, which is made first where it is not there.
pub fn program(name: &str) -> Result<PathBuf> {
    let folder = workspace::target_dir().join("xtask-python");
    let stamp = folder.join("installed.txt");
    if !fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS) {
        let python = tools::ensure("Python 3 with venv", "python3-venv", python)?;
        println!("making a Python environment in {}", folder.display());
        run(Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder))?;
        let list = workspace::root().join("xtask/python-requirements.txt");
        let mut install = Command::new(folder.join("bin/python"));
        install.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
        ]);
        run(install.arg(list))?;
        fs::write(&stamp, REQUIREMENTS).with_context(|| format!("{}", stamp.display()))?;
    }
    Ok(folder.join("bin").join(name))
}

/// Finds a Python that can make environments.
fn python() -> Option<PathBuf> {
    let python = tools::find("python3")?;
    let mut asked = Command::new(&python);
    asked.args(["-c", "import ensurepip, venv"]).stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success()).then_some(python)
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        bail!(
            "{program} failed: it installs {}",
            REQUIREMENTS.split_whitespace().collect::<Vec<_>>().join(" and ")
        );
    }
    Ok(())
}
