//! A server of our own that is driven from outside: started, killed and started again on one data folder.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::http::Client;
use crate::{server, twilio};

/// How long a server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, its data and the token to talk to it.
pub struct Desk {
    binary: PathBuf,
    /// Where it answers.
    pub address: SocketAddr,
    folder: PathBuf,
    database: Option<String>,
    child: Option<Child>,
    token: String,
}

/// A channel as its provider sees it.
#[derive(Clone)]
pub struct Hook {
    /// The whole address.
    pub url: String,
    /// The part after the server's name.
    pub path: String,
    /// The company's number.
    pub number: String,
}

impl Desk {
    /// Makes a data folder with a token in it; `database` is a PostgreSQL URL or nothing.
    pub fn new(binary: &Path, database: Option<String>) -> Result<Desk> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let folder = std::env::temp_dir().join(format!("rapport-desk-{}-{}", std::process::id(), address.port()));
        fs::create_dir_all(&folder)?;
        let mut desk = Desk {
            binary: binary.to_owned(),
            address,
            folder,
            database,
            child: None,
            token: String::new(),
        };
        let made = desk
            .command(&["token", "create", "driver", "--role", "owner"])
            .output()?;
        if !made.status.success() {
            bail!("no token: {}", String::from_utf8_lossy(&made.stderr));
        }
        desk.token = String::from_utf8(made.stdout)?.trim().to_owned();
        Ok(desk)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--data")
            .arg(&self.folder)
            .env("RUST_LOG", "error");
        if let Some(url) = &self.database {
            command.arg("--database").arg(url);
        }
        command
    }

    /// Starts the server and waits until it is ready; gives how long that took.
    pub fn start(&mut self) -> Result<Duration> {
        let log = File::options().create(true).append(true).open(self.log())?;
        let mut command = self.command(&["serve", "--listen", &self.address.to_string()]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let start = Instant::now();
        let child = self
            .child
            .insert(command.spawn().with_context(|| format!("{}", self.binary.display()))?);
        while !server::is_ready(self.address) {
            if let Some(status) = child.try_wait()? {
                bail!(
                    "the server ended with {status}: {}",
                    fs::read_to_string(self.folder.join("server.log"))?
                );
            }
            if start.elapsed() > PATIENCE {
                bail!("the server is not ready after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(start.elapsed())
    }

    /// Kills the server as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// The file that the server writes to.
    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// The folder with the data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Resident memory in kilobytes.
    pub fn resident_kb(&self) -> Result<u64> {
        let id = self.child.as_ref().context("the server does not run")?.id();
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line
            .and_then(|line| line.split_whitespace().next())
            .context("no VmRSS")?;
        Ok(number.parse()?)
    }

    /// The header that lets a program in.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Asks the API for something.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.api("GET", path, &Value::Null)
    }

    /// Calls the API; anything but a success is an error.
    pub fn api(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let bearer = self.bearer();
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = Client::new(self.address).call(method, path, &headers, body.as_bytes())?;
        if !(200..300).contains(&answer.status) {
            bail!(
                "{method} {path} answered {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
        Ok(answer.json())
    }

    /// Gives all items of a list, page by page.
    pub fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let joint = if path.contains('?') { '&' } else { '?' };
            let mut page = self.get(&format!("{path}{joint}limit=200{cursor}"))?;
            let Value::Array(more) = page["items"].take() else {
                bail!("{path} is not a list")
            };
            items.extend(more);
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Sets up a number whose provider is at `base_url`.
    pub fn add_channel(&self, base_url: &str) -> Result<Hook> {
        let number = "+12025550199".to_owned();
        let config = json!({ "account_sid": twilio::ACCOUNT, "auth_token": twilio::TOKEN, "base_url": base_url });
        let channel = json!({
            "name": "Texts", "kind": "twilio", "address": number, "config": config, "segments_per_second": 1_000,
        });
        let made = self.api("POST", "/api/channels", &channel)?;
        let url = made["hook"].as_str().context("a channel has a hook")?.to_owned();
        let path = url.splitn(4, '/').nth(3).map(|path| format!("/{path}"));
        Ok(Hook {
            path: path.context("the hook is an address")?,
            url,
            number,
        })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Nobody needs what it holds: there is no reason to let it end in peace.
        let ended = self.kill();
        if let Err(error) = ended.and_then(|()| fs::remove_dir_all(&self.folder).map_err(Into::into)) {
            eprintln!("{} may be left over: {error}", self.folder.display());
        }
    }
}
