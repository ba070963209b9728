//! The programs that a command needs from the machine: finds them, says plainly what is missing, installs where it may.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace;

const NODE_AT_LEAST: (u32, u32) = (20, 19);

/// Fails with every tool that is missing for building the server and the web app, and how to get it.
pub fn check() -> Result<()> {
    let problems: Vec<String> = [node(), npm(), c_compiler()].into_iter().flatten().collect();
    if problems.is_empty() {
        return Ok(());
    }
    bail!("this machine lacks something:\n  - {}", problems.join("\n  - "))
}

fn node() -> Option<String> {
    let how = "install it from https://nodejs.org or with your system's packages";
    let (major, minor) = NODE_AT_LEAST;
    match output_of("node", &["--version"]) {
        None => Some(format!("Node.js {major}.{minor} or newer: {how}")),
        Some(found) if parse_version(&found)? >= NODE_AT_LEAST => None,
        Some(found) => Some(format!(
            "Node.js {major}.{minor} or newer, found {}: {how}",
            found.trim()
        )),
    }
}

fn npm() -> Option<String> {
    find("npm")
        .is_none()
        .then(|| "npm: it comes with Node.js; on Debian and Ubuntu `apt-get install npm`".to_owned())
}

fn c_compiler() -> Option<String> {
    let named = std::env::var("CC").ok().filter(|name| find(name).is_some());
    if named.is_some() || ["cc", "gcc", "clang"].iter().any(|name| find(name).is_some()) {
        return None;
    }
    let how = "`apt-get install build-essential` on Debian and Ubuntu, `xcode-select --install` on macOS";
    Some(format!("a C compiler, because SQLite is compiled in: {how}"))
}

/// The path of a program, from the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Gives what `found` finds; installs the Debian package first where it is missing and we may.
pub fn ensure<T>(what: &str, package: &str, found: impl Fn() -> Option<T>) -> Result<T> {
    if let Some(thing) = found() {
        return Ok(thing);
    }
    if !is_root() || find("apt-get").is_none() {
        bail!("{what} is missing: install it (`apt-get install {package}` on Debian and Ubuntu)");
    }
    println!("{what} is missing: installing the package {package}");
    apt_get(&["update", "-q"])?;
    apt_get(&["install", "-q", "-y", "--no-install-recommends", package])?;
    found().with_context(|| format!("{what} is still missing after the package {package} was installed"))
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let status = Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()?;
    if !status.success() {
        bail!("`apt-get {}` failed", arguments.join(" "));
    }
    Ok(())
}

/// Whether this process may do everything.
pub fn is_root() -> bool {
    output_of("id", &["-u"]).is_some_and(|id| id.trim() == "0")
}

fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(workspace::root())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text
        .trim()
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_node_prints() {
        assert_eq!(parse_version("v20.19.3\n"), Some((20, 19)));
        assert_eq!(parse_version("v8.0.0"), Some((8, 0)));
        assert_eq!(parse_version("nothing"), None);
        assert!(parse_version("v18.20.1") < Some(NODE_AT_LEAST));
        assert!(parse_version("v24.0.0") >= Some(NODE_AT_LEAST));
    }

    #[test]
    fn what_is_there_is_not_installed() {
        assert_eq!(ensure("a thing", "no-such-package", || Some(7)).unwrap(), 7);
    }
}
