//! How the server is started: flags, then environment (`RAPPORT_…`), then `rapport.toml` in the data folder.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use clap::Args;
use serde::Deserialize;

/// Flags that `serve` and `demo` share.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// Folder that holds everything: database, attachments, `rapport.toml` [default: ./data].
    #[arg(long, env = "RAPPORT_DATA")]
    pub data: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1:8080].
    #[arg(long, env = "RAPPORT_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// PostgreSQL URL; without it an embedded SQLite database in the data folder is used.
    #[arg(long, env = "RAPPORT_DATABASE")]
    pub database: Option<String>,
    /// Where the world reaches this server, such as https://desk.example.com [default: the listen address].
    #[arg(long, env = "RAPPORT_PUBLIC_URL")]
    pub public_url: Option<String>,
}

/// What `rapport.toml` may hold; the same names as the flags.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    database: Option<String>,
    public_url: Option<String>,
}

/// The settled configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// PostgreSQL, if it is used.
    pub database: Option<String>,
    /// The public URL without a final slash, if one was given.
    pub public_url: Option<String>,
    /// Whether this is the demo: sign-ins are shown, the phone is open.
    pub demo: bool,
}

impl ServeArgs {
    /// Settles the configuration from flags, environment and the file in the data folder.
    pub fn settle(self, demo: bool) -> anyhow::Result<Config> {
        let data = self.data.unwrap_or_else(|| PathBuf::from("data"));
        let file = data.join("rapport.toml");
        let file: File = match std::fs::read_to_string(&file) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("{} is not right", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => File::default(),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
        };
        let public_url = self
            .public_url
            .or(file.public_url)
            .map(|url| url.trim_end_matches('/').to_owned());
        Ok(Config {
            data,
            listen: self
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            database: self.database.or(file.database),
            public_url,
            demo,
        })
    }
}

impl Config {
    /// Says how the store is opened.
    pub fn store(&self) -> store::Options {
        match &self.database {
            Some(url) => store::Options {
                place: store::Place::Postgres(url.clone()),
                connections: 4,
            },
            None => store::Options {
                place: store::Place::Folder(self.data.clone()),
                connections: 4,
            },
        }
    }
}
