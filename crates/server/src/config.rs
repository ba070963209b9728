//! How the server is started: flags, then environment (`RAPPORT_…`), then `rapport.toml` in the data folder.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context;
use clap::Args;
use ipnet::IpNet;
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
    /// Proxies in front of this server, as addresses or networks like 172.16.0.0/12: they are believed when they say from
    /// where a request comes [default: those on this machine].
    #[arg(long, env = "RAPPORT_TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Lets partners' webhooks and providers' attachments be on this machine or in a private network.
    #[arg(long, env = "RAPPORT_ALLOW_PRIVATE_ADDRESSES")]
    pub allow_private_addresses: bool,
    /// For how many days what sources tell is known again by its message id, 7 or more [default: 30].
    #[arg(long, env = "RAPPORT_MESSAGE_IDS_DAYS", value_parser = clap::value_parser!(u16).range(SHORTEST_DAYS..))]
    pub message_ids_days: Option<u16>,
    /// Megabytes of memory that the journey log may take; what is more is read from the data folder for each question
    /// [default: 256].
    #[arg(long, env = "RAPPORT_JOURNEY_MEMORY_MB")]
    pub journey_memory_mb: Option<usize>,
}

/// No library sends a call again after a week.
const SHORTEST_DAYS: i64 = 7;
/// How long what sources tell is known again, where nothing else is said.
pub const MESSAGE_IDS_DAYS: u16 = 30;
/// Room for about twenty million meetings.
const JOURNEY_MEMORY_MB: usize = 256;

/// What `rapport.toml` may hold; the same names as the flags.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<SocketAddr>,
    database: Option<String>,
    public_url: Option<String>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    #[serde(default)]
    allow_private_addresses: bool,
    message_ids_days: Option<u16>,
    journey_memory_mb: Option<usize>,
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
    /// Proxies that are believed, beside those on this machine.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether addresses that others name may be on this machine or in a private network; in the demo they may.
    pub allow_private_addresses: bool,
    /// For how many days what sources tell is known again by its message id.
    pub message_ids_days: u16,
    /// How many megabytes of memory the journey log may take.
    pub journey_memory_mb: usize,
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
        let mut trusted_proxies = self.trusted_proxies;
        if trusted_proxies.is_empty() {
            let told = file.trusted_proxies.iter().map(|text| network(text));
            trusted_proxies = told.collect::<Result<_, _>>().map_err(anyhow::Error::msg)?;
        }
        let message_ids_days = self
            .message_ids_days
            .or(file.message_ids_days)
            .unwrap_or(MESSAGE_IDS_DAYS);
        anyhow::ensure!(
            i64::from(message_ids_days) >= SHORTEST_DAYS,
            "message_ids_days must be {SHORTEST_DAYS} or more"
        );
        Ok(Config {
            data,
            listen: self
                .listen
                .or(file.listen)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            database: self.database.or(file.database),
            public_url,
            trusted_proxies,
            allow_private_addresses: self.allow_private_addresses || file.allow_private_addresses,
            message_ids_days,
            journey_memory_mb: self
                .journey_memory_mb
                .or(file.journey_memory_mb)
                .unwrap_or(JOURNEY_MEMORY_MB),
            demo,
        })
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| format!("'{text}' is neither an address nor a network like 172.16.0.0/12"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_allowed_by_a_flag_or_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let settle = |text: &str, flag: bool| {
            std::fs::write(folder.path().join("rapport.toml"), text).expect("the file can be written");
            let args = ServeArgs {
                data: Some(folder.path().to_owned()),
                allow_private_addresses: flag,
                ..ServeArgs::default()
            };
            args.settle(false).expect("it is right").allow_private_addresses
        };
        assert!(!settle("", false));
        assert!(settle("", true));
        assert!(settle("allow_private_addresses = true", false));
    }

    #[test]
    fn message_ids_are_kept_a_week_or_longer() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let settle = |text: &str, flag: Option<u16>| {
            std::fs::write(folder.path().join("rapport.toml"), text).expect("the file can be written");
            let args = ServeArgs {
                data: Some(folder.path().to_owned()),
                message_ids_days: flag,
                ..ServeArgs::default()
            };
            args.settle(false).map(|config| config.message_ids_days).ok()
        };
        assert_eq!(settle("", None), Some(MESSAGE_IDS_DAYS));
        assert_eq!(settle("message_ids_days = 90", None), Some(90));
        assert_eq!(settle("message_ids_days = 90", Some(7)), Some(7));
        assert_eq!(settle("message_ids_days = 6", None), None);
    }

    #[test]
    fn trusted_proxies_come_from_a_flag_or_the_file() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let settle = |text: &str, flag: &[IpNet]| {
            std::fs::write(folder.path().join("rapport.toml"), text).expect("the file can be written");
            let args = ServeArgs {
                data: Some(folder.path().to_owned()),
                trusted_proxies: flag.to_vec(),
                ..ServeArgs::default()
            };
            args.settle(false).map(|config| config.trusted_proxies)
        };
        let named = network("10.0.0.5").expect("it is an address");
        let file = r#"trusted_proxies = ["172.16.0.0/12", "fd00::1"]"#;
        assert_eq!(settle(file, &[]).expect("it is right").len(), 2);
        assert_eq!(settle(file, &[named]).expect("it is right"), [named]);
        assert!(settle(r#"trusted_proxies = ["the proxy"]"#, &[]).is_err());
    }
}
