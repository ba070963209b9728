//! Where things are: the repository, what cargo builds, the data that may lie beside the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

/// The repository's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the folder xtask/ lies in the repository")
}

/// The folder that cargo builds into.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The web app's folder.
pub fn web() -> PathBuf {
    root().join("web")
}

/// The chat widget's folder.
pub fn widget() -> PathBuf {
    root().join("widget")
}

/// A command that runs cargo in the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Builds the server and gives the path of its binary.
pub fn build_server(release: bool) -> Result<PathBuf> {
    let mut command = cargo(&["build", "--package", "rapport"]);
    if release {
        command.arg("--release");
    }
    if !command.status()?.success() {
        bail!("the server does not build");
    }
    Ok(target_dir()
        .join(if release { "release" } else { "debug" })
        .join("rapport"))
}
