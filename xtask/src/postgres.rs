//! A PostgreSQL server of our own for a test run: started in a temporary folder, gone when the run ends, however it ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};

use crate::tools;

/// Stops the server and removes its folder once nobody holds the other end of its input any more: also when the run was
/// stopped with Ctrl-C or killed.
const GUARD: &str = r#"trap '' INT TERM HUP; cat >/dev/null; folder="$1"; shift
"$@" stop -m immediate -D "$folder/data" >/dev/null 2>&1; rm -rf "$folder""#;

/// A running PostgreSQL; it stops when this is dropped.
pub struct Postgres {
    url: String,
    guard: Child,
}

impl Postgres {
    /// Finds PostgreSQL, installs it where it is missing and we may, and starts an empty one.
    pub fn start() -> Result<Postgres> {
        let binaries = tools::ensure("PostgreSQL", "postgresql", find_binaries)?;
        let account = if tools::is_root() { Some(Account::find()?) } else { None };
        // One process may start several, one after the other or side by side.
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("rapport-postgres-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        if let Some(account) = &account {
            chown(&folder, Some(account.user), Some(account.group))?;
        }
        let programs = Programs {
            binaries,
            account,
            folder,
        };
        let port = free_port()?;
        let url = format!("postgres://rapport@127.0.0.1:{port}/postgres");
        // The guard comes first: whatever fails from here on leaves nothing behind.
        let server = Postgres {
            url,
            guard: programs.guard()?,
        };
        programs.create_cluster()?;
        programs.start_server(port)?;
        Ok(server)
    }

    /// Where the server answers.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        if let Err(error) = self.guard.wait() {
            eprintln!("PostgreSQL may still run: {error}");
        }
    }
}

/// PostgreSQL's programs and whom they run as.
struct Programs {
    binaries: PathBuf,
    account: Option<Account>,
    folder: PathBuf,
}

impl Programs {
    fn create_cluster(&self) -> Result<()> {
        let mut initdb = self.command("initdb");
        initdb.arg("--pgdata").arg(self.folder.join("data"));
        initdb.args([
            "--username=rapport",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        succeed(initdb, "initdb", &self.folder)
    }

    fn start_server(&self, port: u16) -> Result<()> {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='{}' -c max_connections=200 -c fsync=on",
            self.folder.display()
        );
        let mut start = self.command("pg_ctl");
        start
            .args(["start", "--wait", "--silent"])
            .arg("-D")
            .arg(self.folder.join("data"));
        start
            .arg("-l")
            .arg(self.folder.join("server.log"))
            .arg("-o")
            .arg(options);
        succeed(start, "pg_ctl start", &self.folder)
    }

    fn guard(&self) -> Result<Child> {
        let control = self.command("pg_ctl");
        let mut guard = Command::new("sh");
        guard
            .args(["-c", GUARD, "sh"])
            .arg(&self.folder)
            .arg(control.get_program())
            .args(control.get_args());
        guard
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot start sh")
    }

    /// One of PostgreSQL's programs, which refuse to run as root.
    fn command(&self, program: &str) -> Command {
        let program = self.binaries.join(program);
        let mut command = match &self.account {
            None => Command::new(program),
            Some(account) => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={}", account.user))
                    .arg(format!("--regid={}", account.group));
                command.arg("--clear-groups").arg("--").arg(program);
                command
            }
        };
        command.current_dir(&self.folder);
        command
    }
}

/// An account other than root's.
#[derive(Debug, PartialEq, Eq)]
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    fn find() -> Result<Account> {
        let accounts = fs::read_to_string("/etc/passwd").context("/etc/passwd")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Account::named(name, &accounts))
            .context("PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody'")
    }

    fn named(name: &str, accounts: &str) -> Option<Account> {
        let mut fields = accounts.lines().map(|line| line.split(':')).find_map(|mut fields| {
            let is_it = fields.next() == Some(name);
            is_it.then_some(fields)
        })?;
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account { user, group })
    }
}

/// The folder of PostgreSQL's programs: the newest that Debian installed, or that of the search path.
fn find_binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|version| debian_folder(*version).join("initdb").is_file())
        .max();
    newest.map(debian_folder).or_else(|| {
        // The search path may hold links: the programs look for each other beside the real file.
        let initdb = tools::find("initdb")?.canonicalize().ok()?;
        initdb
            .parent()
            .filter(|folder| folder.join("pg_ctl").is_file())
            .map(Path::to_owned)
    })
}

fn debian_folder(version: u32) -> PathBuf {
    PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn succeed(mut command: Command, what: &str, folder: &Path) -> Result<()> {
    // The server inherits these: a pipe would stay open for as long as it runs.
    let log = folder.join("output.log");
    let output = fs::File::create(&log).with_context(|| format!("{}", log.display()))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .status();
    if !status.with_context(|| format!("cannot start {what}"))?.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let logged = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
        bail!("{what} failed: {}\n{}", said.trim(), logged.trim());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_by_its_whole_name() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\npostgres2:x:9:9::/:/bin/sh\npostgres:x:101:104:,,,:/var:/bin/sh\n";
        assert_eq!(
            Account::named("postgres", accounts),
            Some(Account { user: 101, group: 104 })
        );
        assert_eq!(Account::named("nobody", accounts), None);
    }
}
