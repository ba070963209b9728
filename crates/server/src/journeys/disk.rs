//! The journey log in the data folder, so that a start reads only the events that came since it was last saved.
//!
//! Each log has a numbered folder of its own below `journey`: Parquet files, and a list that says which of them hold it and
//! how far in the events it reaches. All of it can be made again from the events: what cannot be read is left aside.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use domain::{Time, touchpoint};
use journey::{Log, Saved};
use serde::{Deserialize, Serialize};
use store::events::Cursor;

/// The folder of all logs.
const FOLDER: &str = "journey";
/// The file that is locked, so that servers with one data folder do not write over each other's logs.
const LOCK: &str = "lock";
/// The name of the list in a log's folder.
const LIST: &str = "log.json";

/// A log as it is saved, with the place in the events that it is built to.
#[derive(Clone)]
pub struct Copy {
    /// The log.
    pub log: Log,
    /// The last event in it.
    pub cursor: Cursor,
    /// When that happened.
    pub last: Option<Time>,
    /// When the newest event in it happened.
    pub built_to: Option<Time>,
}

/// What a list says.
#[derive(Serialize, Deserialize)]
struct List {
    sorted_by: String,
    cursor: String,
    last: Option<Time>,
    built_to: Option<Time>,
    log: Saved,
}

/// The folder that the logs of this process are saved in.
pub struct Disk {
    root: PathBuf,
    number: u64,
    _lock: File,
}

impl Disk {
    /// Takes the folder for this process; fails where another one has it.
    pub fn hold(data: &Path) -> anyhow::Result<Disk> {
        let root = data.join(FOLDER);
        fs::create_dir_all(&root)?;
        let lock = File::options().create(true).append(true).open(root.join(LOCK))?;
        if lock.try_lock().is_err() {
            bail!("another server saves its journey log in {} already", root.display());
        }
        let number = numbers(&root)?.first().copied().unwrap_or(0);
        Ok(Disk {
            root,
            number,
            _lock: lock,
        })
    }

    /// Gives the folder of the log that is kept now.
    pub fn folder(&self) -> PathBuf {
        self.root.join(self.number.to_string())
    }

    /// Begins the folder of another log. The one before is left until the other has been saved.
    pub fn begin(&mut self) -> io::Result<()> {
        self.number = numbers(&self.root)?.first().map_or(1, |newest| newest + 1);
        fs::create_dir_all(self.folder())
    }

    /// Reads the newest log that can be read, in at most so many bytes of memory; `None` when there is none.
    pub fn open(&mut self, room: usize) -> io::Result<Option<Copy>> {
        for number in numbers(&self.root)? {
            self.number = number;
            match open(&self.folder(), room) {
                Ok(copy) => return Ok(Some(copy)),
                Err(error) => {
                    tracing::info!(folder = %self.folder().display(), error = format!("{error:#}"), "a journey log is left aside")
                }
            }
        }
        Ok(None)
    }
}

/// Saves a log in its folder, and removes what it does not need any more. What is on the disk is a whole log at every moment.
pub fn save(folder: &Path, copy: &Copy) -> io::Result<Saved> {
    let saved = copy.log.save(folder)?;
    let list = List {
        sorted_by: sorted_by(),
        cursor: copy.cursor.to_string(),
        last: copy.last,
        built_to: copy.built_to,
        log: saved.clone(),
    };
    let part = folder.join(format!("{LIST}.part"));
    fs::write(&part, serde_json::to_vec(&list)?)?;
    fs::rename(&part, folder.join(LIST))?;
    sweep(folder, &saved)?;
    Ok(saved)
}

/// Removes the files that the list does not name, and all other logs.
fn sweep(folder: &Path, saved: &Saved) -> io::Result<()> {
    let named: Vec<&str> = saved.files().chain([LIST]).collect();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !named.iter().any(|name| entry.file_name() == **name) {
            fs::remove_file(entry.path())?;
        }
    }
    let Some(root) = folder.parent() else {
        return Ok(());
    };
    for number in numbers(root)? {
        let other = root.join(number.to_string());
        if other != folder {
            fs::remove_dir_all(other)?;
        }
    }
    Ok(())
}

fn open(folder: &Path, room: usize) -> anyhow::Result<Copy> {
    let list = fs::read(folder.join(LIST)).context("it has no list")?;
    let list: List = serde_json::from_slice(&list).context("its list cannot be read")?;
    ensure!(list.sorted_by == sorted_by(), "it was sorted by {}", list.sorted_by);
    Ok(Copy {
        cursor: list.cursor.parse()?,
        last: list.last,
        built_to: list.built_to,
        log: Log::open(folder, &list.log, room)?,
    })
}

/// Another version may sort events otherwise.
fn sorted_by() -> String {
    format!("rapport {} {}", env!("CARGO_PKG_VERSION"), touchpoint::SORTING)
}

/// Gives the numbers of the logs' folders, the newest first.
fn numbers(root: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(root)? {
        let name = entry?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.parse::<u64>().ok()));
    }
    numbers.sort_unstable_by(|one, other| other.cmp(one));
    Ok(numbers)
}
