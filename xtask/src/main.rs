//! `cargo xtask`: everything a developer runs, in plain Rust with nothing to install.
//!
//! One module a command. It starts the product's programs and reads its files; it links none of the product's crates.

mod api;
mod bench;
mod chance;
mod chaos;
mod counts;
mod demo;
mod desk;
mod http;
mod postgres;
mod process;
mod python;
mod server;
mod test;
mod tidy;
mod tools;
mod twilio;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
usage: cargo xtask COMMAND

  demo [--fresh] [FLAGS]   build everything that changed and start the demo company
                           --fresh begins with an empty data folder; other flags go to `rapport demo`
  test [--only STEP,…] [--skip STEP,…] [--list] [--fuzz-seconds N]
                           run every check and every test, step by step
  bench [inbound|journey|journey-large|live|lists|start|all]
                           measure the release build against its budgets; `all` writes bench/RESULTS.md
  chaos [--kills N] [--database sqlite|postgres|both] [--seed N]
                           kill the server while customers text, and count what is lost or doubled
  tidy                     check the rules that no compiler knows
  codegen                  write web/openapi.json and the web client's types from the server";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let Some((command, rest)) = arguments.split_first() else {
        bail!("{HELP}")
    };
    match command.as_str() {
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "chaos" => chaos::run(rest),
        "tidy" => tidy::run(rest),
        "codegen" => api::codegen(rest),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("unknown command '{other}'\n\n{HELP}"),
    }
}
