//! One server a data folder: two that write into one SQLite database would each take up the other's jobs.
//!
//! The system lets go of the lock when the process ends, however it ends. On PostgreSQL several servers share the work.

use std::fs::{self, File, TryLockError};

use anyhow::{Context, bail};

use crate::config::Config;

/// The name of the file that is locked.
const LOCK: &str = "rapport.lock";

/// Takes the data folder for this process for as long as what is given is kept; refuses where another server has it.
pub fn hold(config: &Config) -> anyhow::Result<Option<File>> {
    if config.database.is_some() {
        return Ok(None);
    }
    fs::create_dir_all(&config.data).with_context(|| format!("cannot make {}", config.data.display()))?;
    let path = config.data.join(LOCK);
    let file = File::options().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => bail!(
            "another server works with {} already: stop it first, or give this one another folder with --data",
            config.data.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}
