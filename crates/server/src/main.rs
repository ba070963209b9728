//! The command line of `rapport`.

use clap::{Parser, Subcommand};
use rapport::{config::ServeArgs, serve};

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
    /// Prints the description of the API.
    Openapi,
}

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Serve(args) => serve::run(args.settle(false)?),
        Command::Openapi => {
            println!("{}", rapport::api::router().into_openapi().to_pretty_json()?);
            Ok(())
        }
    }
}
