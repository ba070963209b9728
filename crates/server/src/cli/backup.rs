//! `rapport backup` and `rapport restore`: everything in one tar file, made while the server runs.
//!
//! The database is copied first and the files after it: every file that the copy names is then there.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use store::Store;

use crate::config::{Config, ServeArgs};

/// The SQLite database's name, in the data folder and in the backup.
const SQLITE: &str = "rapport.db";
/// The PostgreSQL dump's name in the backup.
const DUMP: &str = "rapport.dump";
const SETTINGS: &str = "rapport.toml";
const FILES: &str = "files";

/// Which file, and which server.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The tar file.
    file: PathBuf,
    #[command(flatten)]
    serve: ServeArgs,
}

/// Writes everything into a new tar file.
pub fn backup(args: BackupArgs) -> anyhow::Result<()> {
    let config = args.serve.settle(false)?;
    ensure!(!args.file.exists(), "{} is there already", args.file.display());
    let (part, database) = (beside(&args.file, "part"), beside(&args.file, "database"));
    let made = copy_database(&config, &database).and_then(|name| pack(&config, &part, &database, name));
    // Whether or not it went well, nothing half done is left.
    let _ = fs::remove_file(&database);
    if let Err(error) = made.and_then(|()| Ok(fs::rename(&part, &args.file)?)) {
        let _ = fs::remove_file(&part);
        return Err(error);
    }
    println!("{}", args.file.display());
    Ok(())
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

/// Copies the database as it is at this moment, and gives the name it has in the backup.
fn copy_database(config: &Config, to: &Path) -> anyhow::Result<&'static str> {
    let Some(url) = &config.database else {
        let database = config.data.join(SQLITE);
        ensure!(database.exists(), "there is no database at {}", database.display());
        Store::copy(&config.data, to).context("cannot copy the database")?;
        return Ok(SQLITE);
    };
    let mut dump = Command::new("pg_dump");
    dump.args(["--format=custom", "--no-owner", "--file"]).arg(to).arg(url);
    let status = match dump.status() {
        Ok(status) => status,
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "the database is PostgreSQL and pg_dump is not installed: install PostgreSQL's client programs, or back the \
             database up where it runs, and copy {} besides",
            config.data.join(FILES).display()
        ),
        Err(error) => return Err(error).context("cannot start pg_dump"),
    };
    ensure!(status.success(), "pg_dump failed");
    Ok(DUMP)
}

fn pack(config: &Config, part: &Path, database: &Path, name: &str) -> anyhow::Result<()> {
    let file = File::create(part).with_context(|| format!("cannot write {}", part.display()))?;
    let mut tar = tar::Builder::new(file);
    tar.append_path_with_name(database, name)?;
    let settings = config.data.join(SETTINGS);
    if settings.exists() {
        tar.append_path_with_name(settings, SETTINGS)?;
    }
    let files = config.data.join(FILES);
    if files.exists() {
        append_folder(&mut tar, &files, Path::new(FILES))?;
    }
    tar.into_inner()?.sync_all()?;
    Ok(())
}

fn append_folder(tar: &mut tar::Builder<File>, folder: &Path, name: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        // A file that is still being written has a name with '#', and goes away when it is done.
        if entry.file_name().to_string_lossy().contains('#') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            append_folder(tar, &path, &name)?;
        } else {
            tar.append_path_with_name(&path, &name)
                .with_context(|| format!("cannot read {}", path.display()))?;
        }
    }
    Ok(())
}

/// Puts a backup into an empty data folder.
pub fn restore(args: BackupArgs) -> anyhow::Result<()> {
    let config = args.serve.settle(false)?;
    let data = &config.data;
    let is_empty = !data.exists() || fs::read_dir(data)?.next().is_none();
    ensure!(is_empty, "{} is not empty: restore into a new folder", data.display());
    let file = File::open(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    fs::create_dir_all(data)?;
    tar::Archive::new(file)
        .unpack(data)
        .with_context(|| format!("{} is not a whole backup", args.file.display()))?;
    let dump = data.join(DUMP);
    if dump.exists() {
        return load(&config, &dump);
    }
    ensure!(data.join(SQLITE).exists(), "{} holds no database", args.file.display());
    Store::open(&config.store()).context("the restored database does not open")?;
    println!("{}", data.display());
    Ok(())
}

/// Loads a PostgreSQL dump into the database that was named.
fn load(config: &Config, dump: &Path) -> anyhow::Result<()> {
    let by_hand = format!("pg_restore --no-owner --dbname URL {}", dump.display());
    let Some(url) = &config.database else {
        bail!(
            "the files are restored; the backup is of a PostgreSQL database: give --database, or load it with: {by_hand}"
        );
    };
    let mut restore = Command::new("pg_restore");
    restore
        .args(["--no-owner", "--exit-on-error", "--dbname"])
        .arg(url)
        .arg(dump);
    match restore.status() {
        Ok(status) => ensure!(status.success(), "pg_restore failed"),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("the files are restored; pg_restore is not installed: load the database where it is, with: {by_hand}")
        }
        Err(error) => return Err(error).context("cannot start pg_restore"),
    }
    // It is in the database now; the data folder keeps what the server needs.
    fs::remove_file(dump)?;
    println!("{}", config.data.display());
    Ok(())
}
