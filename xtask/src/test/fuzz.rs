//! Requests that nobody would think of, made from the descriptions of the API and of collection: none may make the server
//! fail, and every answer is as described.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::run::Run;
use crate::counts::Counts;
use crate::desk::Desk;
use crate::{python, workspace};

/// What is not asked: a stream that never ends, and what takes the driver's own token away.
const LEFT_OUT: [&str; 2] = ["/api/live", "/api/tokens/{id}"];
/// What is looked at in every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Asks for as long as the run says, a quarter of it collection.
pub fn fuzz(run: &mut Run) -> Result<Counts> {
    let program = python::program("schemathesis")?;
    let mut desk = Desk::new(&workspace::build_server(false)?, None)?;
    desk.start()?;
    let source = desk.api("POST", "/api/sources", &json!({"name": "Fuzz"}))?;
    let key = source["keys"][0]["write_key"].as_str().context("a source has a key")?;
    let site = format!("http://{}", desk.address);
    let seconds = run.fuzz_seconds.max(8);
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:")));
    let mut collection = asking(&program, &basic, seconds / 4);
    collection
        .arg(workspace::root().join("docs/collection.openapi.json"))
        .args(["--url", &site]);
    let mut counts = run.check(collection)?;
    let mut api = asking(&program, &desk.bearer(), seconds - seconds / 4);
    api.arg(format!("{site}/api/openapi.json"));
    LEFT_OUT.iter().for_each(|path| {
        api.args(["--exclude-path", path]);
    });
    counts += run.check(api)?;
    let log = std::fs::read_to_string(desk.log())?;
    let panicked = log.lines().find(|line| line.contains("panicked"));
    ensure!(panicked.is_none(), "the server's log: {}", panicked.unwrap_or_default());
    Ok(counts)
}

fn asking(program: &Path, authorization: &str, seconds: u64) -> Command {
    let mut command = Command::new(program);
    command.args(["run", "--checks", CHECKS, "--no-color", "--warnings", "off"]);
    command.args(["--phases", "examples,coverage,fuzzing", "--request-timeout", "20"]);
    command.args(["--max-time", &seconds.to_string()]);
    command.args(["--header", &format!("Authorization: {authorization}")]);
    command
}
