//! The command line of `rapport`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use rapport::{
    cli::{
        backup::{self, BackupArgs},
        doctor, import, people,
    },
    config::ServeArgs,
    demo::{self, DemoArgs},
    serve,
};

#[derive(Parser)]
#[command(version, about = "Customer service and customer experience on one timeline")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts the server.
    Serve(ServeArgs),
    /// Starts the demo company, made at the first start.
    Demo(DemoArgs),
    /// Adds people.
    #[command(subcommand)]
    User(people::UserCommand),
    /// Makes API tokens.
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// Reads files onto timelines.
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Looks everything over and says in plain words what is wrong; exit code 1 when something is.
    Doctor(ServeArgs),
    /// Writes everything into one tar file, while the server runs.
    Backup(BackupArgs),
    /// Puts a backup into a new data folder.
    Restore(BackupArgs),
    /// Prints the description of the API.
    Openapi,
}

/// What is logged unless `RUST_LOG` says otherwise: the migrations of every start are no news.
const LOGGED: &str = "info,refinery_core=warn";

fn main() -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| LOGGED.into()))
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Serve(args) => serve::run(args.settle(false)?)?,
        Command::Demo(args) => demo::run(args)?,
        Command::User(command) => people::user(command)?,
        Command::Token(command) => people::token(command)?,
        Command::Import(command) => import::import(command)?,
        Command::Doctor(args) => return doctor::examine(args).map(|well| ExitCode::from(u8::from(!well))),
        Command::Backup(args) => backup::backup(args)?,
        Command::Restore(args) => backup::restore(args)?,
        Command::Openapi => println!(
            "{:#}",
            rapport::api::description::complete(&rapport::api::router().into_openapi())
        ),
    }
    Ok(ExitCode::SUCCESS)
}
