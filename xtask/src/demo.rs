//! `cargo xtask demo`: from a fresh clone to a running demo company in one command.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::web::Work;
use crate::{tools, workspace};

/// Builds what changed, then becomes the demo server.
pub fn run(arguments: &[String]) -> Result<()> {
    let plan = Plan::parse(arguments)?;
    tools::check()?;
    Work::Install.ensure()?;
    Work::Build.ensure()?;
    let server = workspace::build_server(true)?;
    if plan.is_fresh && plan.data.exists() {
        fs::remove_dir_all(&plan.data).with_context(|| format!("{}", plan.data.display()))?;
    }
    // The server takes this process's place, so that Ctrl-C and signals reach it directly.
    let failure = Command::new(&server)
        .arg("demo")
        .arg("--data")
        .arg(&plan.data)
        .args(&plan.flags)
        .exec();
    Err(failure).with_context(|| format!("{}", server.display()))
}

struct Plan {
    is_fresh: bool,
    data: PathBuf,
    /// Flags of `rapport demo`, other than its data folder.
    flags: Vec<String>,
}

impl Plan {
    fn parse(arguments: &[String]) -> Result<Plan> {
        let mut plan = Plan {
            is_fresh: false,
            data: workspace::root().join("data/demo"),
            flags: Vec::new(),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--fresh" => plan.is_fresh = true,
                "--data" => match rest.next() {
                    Some(folder) => plan.data = PathBuf::from(folder),
                    None => bail!("--data needs a folder"),
                },
                _ => plan.flags.push(argument.clone()),
            }
        }
        Ok(plan)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Plan> {
        Plan::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn flags_that_are_not_ours_go_to_the_server() {
        let plan = parse("--listen 127.0.0.1:4000 --fresh --data /tmp/shop").unwrap();
        assert!(plan.is_fresh);
        assert_eq!(plan.data, PathBuf::from("/tmp/shop"));
        assert_eq!(plan.flags, ["--listen", "127.0.0.1:4000"]);
    }

    #[test]
    fn the_demo_company_has_its_own_data_folder() {
        let plan = parse("").unwrap();
        assert!(!plan.is_fresh);
        assert!(plan.data.ends_with("data/demo"));
        assert!(parse("--data").is_err());
    }
}
