//! The web app's packages and build, each made anew only when what they come from has changed.
//!
//! What was last installed or built is known by a stamp, a hash of contents, kept inside `web/node_modules`: whoever
//! deletes that folder gets everything anew.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Folders in `web/` that hold results, not sources.
const RESULTS: [&str; 6] = [
    "node_modules",
    "build",
    ".svelte-kit",
    "paraglide",
    "test-results",
    "playwright-report",
];

/// Work on the web app that may be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// The packages that `package-lock.json` names.
    Install,
    /// The static files that the server carries.
    Build,
}

impl Work {
    /// The command that does this work, or nothing when it is done already.
    pub fn due(self) -> Result<Option<Command>> {
        let stamp = self.stamp()?;
        let is_done = self.result().exists() && fs::read_to_string(self.stamp_file()).is_ok_and(|last| last == stamp);
        Ok((!is_done).then(|| match self {
            // Not `npm ci`: it refuses a lock file that lacks other systems' optional packages, and a registry's mirror
            // that does not carry them makes such a file. This keeps to the lock file and does not write it.
            Work::Install => npm(&["install", "--no-save", "--no-audit", "--no-fund"]),
            Work::Build => npm(&["run", "build"]),
        }))
    }

    /// Notes that this work is done for the sources as they are now.
    pub fn done(self) -> Result<()> {
        let file = self.stamp_file();
        let folder = file.parent().expect("a stamp lies in a folder");
        fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
        fs::write(&file, self.stamp()?).with_context(|| format!("{}", file.display()))
    }

    /// Does this work if it is due, with its output shown.
    pub fn ensure(self) -> Result<()> {
        let Some(mut command) = self.due()? else { return Ok(()) };
        println!("{}", describe(&command));
        if !command.status().context("cannot start npm")?.success() {
            bail!("`{}` failed in {}", describe(&command), workspace::web().display());
        }
        self.done()
    }

    fn stamp(self) -> Result<String> {
        // The widget is installed and built with the app, and carried by the same server.
        let stamps: Result<Vec<String>> = [workspace::web(), workspace::widget()]
            .iter()
            .map(|folder| match self {
                Work::Install => hash_of(folder, &["package.json", "package-lock.json"].map(PathBuf::from)),
                Work::Build => hash_of(folder, &sources(folder)?),
            })
            .collect();
        Ok(stamps?.join(" "))
    }

    fn result(self) -> PathBuf {
        workspace::web().join(match self {
            Work::Install => "node_modules",
            Work::Build => "build/index.html",
        })
    }

    fn stamp_file(self) -> PathBuf {
        workspace::web().join("node_modules/.rapport").join(match self {
            Work::Install => "installed",
            Work::Build => "built",
        })
    }
}

/// A command that runs npm in the web app's folder.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(workspace::web());
    command
}

/// A command that runs npm in the widget's folder.
pub fn npm_of_widget(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(workspace::widget());
    command
}

/// Whether the web app's `package.json` has a script of this name.
pub fn has_script(name: &str) -> Result<bool> {
    let file = workspace::web().join("package.json");
    let text = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
    let package: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("{}", file.display()))?;
    Ok(package["scripts"].get(name).is_some())
}

fn describe(command: &Command) -> String {
    let words = command.get_args().map(|word| word.to_string_lossy());
    words.fold("npm".to_owned(), |line, word| format!("{line} {word}"))
}

/// The web app's sources by path, in one order.
fn sources(web: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let full = web.join(&folder);
        for entry in fs::read_dir(&full).with_context(|| format!("{}", full.display()))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if !entry.file_type()?.is_dir() {
                found.push(path);
            } else if !RESULTS.iter().any(|name| entry.file_name() == *name) {
                folders.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn hash_of(folder: &Path, files: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let full = folder.join(file);
        file.hash(&mut hasher);
        fs::read(&full)
            .with_context(|| format!("{}", full.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_with_sources_and_not_with_results() {
        let web = std::env::temp_dir().join(format!("xtask-web-{}", std::process::id()));
        fs::create_dir_all(web.join("src")).unwrap();
        fs::create_dir_all(web.join("node_modules/x")).unwrap();
        fs::write(web.join("src/app.html"), "one").unwrap();
        let stamp = || hash_of(&web, &sources(&web).unwrap()).unwrap();

        let first = stamp();
        fs::write(web.join("node_modules/x/index.js"), "new").unwrap();
        let after_install = stamp();
        fs::write(web.join("src/app.html"), "two").unwrap();
        let after_edit = stamp();
        fs::remove_dir_all(&web).unwrap();

        assert_eq!(first, after_install);
        assert_ne!(first, after_edit);
    }
}
