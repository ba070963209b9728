//! `cargo xtask codegen`: the server describes its API, the web client's types are generated from that description.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::web::{self, Work};
use crate::workspace;

/// Writes `web/openapi.json` and the web client's types.
pub fn codegen(arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        bail!("codegen takes no arguments, found '{argument}'");
    }
    let server = workspace::build_server(false)?;
    fs::write(description(), describe(&server)?).context("web/openapi.json")?;
    Work::Install.ensure()?;
    generate()
}

/// Fails when the web client is not what the server describes.
pub fn check_drift(server: &Path) -> Result<()> {
    let kept = fs::read(description()).context("web/openapi.json")?;
    if describe(server)? != kept {
        bail!("web/openapi.json is not what the server describes: run `cargo xtask codegen`");
    }
    let types = workspace::web().join("src/lib/api/schema.d.ts");
    let before = fs::read(&types).with_context(|| format!("{}", types.display()))?;
    generate()?;
    let after = fs::read(&types).with_context(|| format!("{}", types.display()))?;
    if before != after {
        // A check leaves the work tree as it found it.
        fs::write(&types, before).with_context(|| format!("{}", types.display()))?;
        bail!("the web client's types are not what web/openapi.json says: run `cargo xtask codegen`");
    }
    Ok(())
}

fn description() -> PathBuf {
    workspace::web().join("openapi.json")
}

fn describe(server: &Path) -> Result<Vec<u8>> {
    let output = Command::new(server)
        .arg("openapi")
        .output()
        .with_context(|| format!("{}", server.display()))?;
    if !output.status.success() {
        bail!(
            "`rapport openapi` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output.stdout)
}

fn generate() -> Result<()> {
    if !web::npm(&["run", "codegen"])
        .status()
        .context("cannot start npm")?
        .success()
    {
        bail!("`npm run codegen` failed");
    }
    Ok(())
}
