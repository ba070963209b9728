//! The store as the other rooms see it: open it, read from it, write to it, wait for changes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::{oneshot, watch};

use crate::sql::{
    Dialect, Error, Result, Tx,
    workers::{self, Committed, LocalCommits, Queue, Task},
};

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a SQLite file in this folder.
    Folder(PathBuf),
    /// In PostgreSQL at this URL.
    Postgres(String),
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the data lies.
    pub place: Place,
    /// How many connections read at the same time (and, on PostgreSQL, write).
    pub connections: usize,
}

/// The store. Cheap to clone; all clones share the same connections.
#[derive(Clone)]
pub struct Store {
    writes: Queue,
    reads: Queue,
    changes: watch::Receiver<u64>,
    place: Place,
}

impl Store {
    /// Opens the store and brings its tables up to date. Blocks; call it before the server starts.
    pub fn open(options: &Options) -> Result<Store> {
        let (changed, changes) = watch::channel(0);
        let changed = Arc::new(changed);
        let bump = {
            let changed = changed.clone();
            move || changed.send_modify(|count| *count += 1)
        };
        let (writes, reads) = match &options.place {
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| Error::Unavailable(error.to_string()))?;
                workers::start_sqlite(&workers::sqlite_file(folder), options.connections, Arc::new(bump))?
            }
            Place::Postgres(url) => {
                let local = Arc::new(LocalCommits::default());
                let wake = bump.clone();
                workers::start_wake_ups(url, local.clone(), move || {
                    wake();
                    !changed.is_closed()
                });
                let committed: Committed = Arc::new(move || {
                    bump();
                    local.add();
                });
                workers::start_postgres(url, options.connections, &committed)?
            }
        };
        Ok(Store {
            writes,
            reads,
            changes,
            place: options.place.clone(),
        })
    }

    /// Runs `change` in a transaction and gives its answer when the data is durable.
    ///
    /// When `change` gives an error, nothing of it stays. It may run more than once (PostgreSQL asks for it when two
    /// transactions get in each other's way, and on SQLite another one of its group may have failed), so it must have no
    /// effect but through `tx`.
    pub async fn write<T, E>(&self, change: impl FnMut(&mut Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        run(&self.writes, change).await
    }

    /// Runs `look` on one consistent picture of the data and gives its answer.
    pub async fn read<T, E>(&self, look: impl FnMut(&mut Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        run(&self.reads, look).await
    }

    /// Gives a counter that rises after commits, here or on another node: wait for it, then look for new events.
    ///
    /// A rise may be missed when the connection to the other nodes breaks; followers also look again every second.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Says which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.place {
            Place::Folder(_) => Dialect::Sqlite,
            Place::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Copies the SQLite database of `folder`, as it is at this moment, into the new file `to`. The server may run.
    pub fn copy(folder: &Path, to: &Path) -> Result<()> {
        workers::copy_sqlite(&workers::sqlite_file(folder), to)
    }
}

async fn run<T, E>(queue: &Queue, closure: impl FnMut(&mut Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let task = Box::new(Closure {
        closure,
        result: None,
        reply,
    });
    queue.send(task).await.map_err(|_| closed())?;
    answer.await.map_err(|_| closed())?
}

fn closed() -> Error {
    Error::Unavailable("the store is closed".to_owned())
}

struct Closure<F, T, E> {
    closure: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Task for Closure<F, T, E>
where
    F: FnMut(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        // One caller's bug must not take the writer, and with it everyone's writes, down.
        let run = std::panic::AssertUnwindSafe(|| (self.closure)(tx));
        let result = std::panic::catch_unwind(run);
        let result = result.unwrap_or_else(|_| Err(Error::Other("the closure panicked".to_owned()).into()));
        self.result.insert(result).is_ok()
    }

    fn finish(self: Box<Self>, outcome: Result<()>) {
        let result = match (outcome, self.result) {
            (Ok(()), Some(result)) | (Err(_), Some(result @ Err(_))) => result,
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(closed().into()),
        };
        // A caller that has gone away does not want to know.
        let _ = self.reply.send(result);
    }
}
