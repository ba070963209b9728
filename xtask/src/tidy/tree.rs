//! The repository's files as the rules see them: paths and, where it is text, contents.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A file of the repository.
pub struct File {
    /// Its path from the root, with `/`.
    pub path: String,
    /// Its contents; empty for a file that is not text.
    pub text: String,
}

/// The files that git knows or would take in.
pub struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// Reads the work tree at `root`.
    pub fn of_work_tree(root: &Path) -> Result<Tree> {
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("cannot start git")?;
        if !listed.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr).trim());
        }
        let paths = String::from_utf8(listed.stdout).context("a path is not UTF-8")?;
        let files = paths
            .split_terminator('\0')
            .filter(|path| root.join(path).is_file())
            .map(|path| {
                let bytes = std::fs::read(root.join(path)).with_context(|| path.to_owned())?;
                Ok(File {
                    path: path.to_owned(),
                    text: String::from_utf8(bytes).unwrap_or_default(),
                })
            });
        Ok(Tree {
            files: files.collect::<Result<_>>()?,
        })
    }

    /// A tree for a test of a rule.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Tree {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Tree {
            files: files.iter().map(file).collect(),
        }
    }

    /// The files whose path ends so.
    pub fn ending(&self, end: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.path.ends_with(end))
    }

    /// The contents of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|file| file.path == path)
            .map(|file| file.text.as_str())
    }

    /// Whether a path is that of a file or of a folder with files in it.
    pub fn holds(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        path.is_empty()
            || self
                .files
                .iter()
                .any(|file| file.path == path || file.path.starts_with(&inside))
    }
}
