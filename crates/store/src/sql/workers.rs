//! The threads that own the connections: closures come in by a queue, their answers go out when the data is durable.
//!
//! SQLite has one writer thread. It takes all closures that wait, runs them inside one transaction and answers them after
//! the one commit (group commit): many durable writes share one fsync. When one of them fails after it has changed
//! something, all are run again, each in a savepoint of its own.
//! PostgreSQL has several writer threads, each one closure a transaction, repeated when the database asks for it.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, RwLock},
    thread,
    time::Duration,
};

use tokio::sync::mpsc;

use super::{Error, Result, Tx, migrate, postgres, sqlite, tls};

/// The most closures that share one commit.
const GROUP: usize = 256;
/// How often a closure is repeated that others keep getting in the way of.
const REPEATS: u32 = 30;
/// After how many repetitions a closure gets its process's writes for itself: others, always a step ahead, could keep
/// one that only comes late in the way for ever.
const PATIENCE: u32 = 5;

/// Why a lock can be had: whoever holds one does nothing that panics, or takes the process along.
const NO_PANIC: &str = "no one panics while holding it";

/// A closure with the place its answer goes to, its types forgotten.
pub(crate) trait Task: Send {
    /// Runs the closure and keeps its answer; says whether its changes may stay. May be called again.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Sends the answer, or the reason why the transaction as a whole failed.
    fn finish(self: Box<Self>, outcome: Result<()>);
}

pub(crate) type Queue = mpsc::Sender<Box<dyn Task>>;
type Waiting = Arc<Mutex<mpsc::Receiver<Box<dyn Task>>>>;

/// Called after each commit that may have changed something.
pub(crate) type Committed = Arc<dyn Fn() + Send + Sync>;

/// How many closures wait before callers are made to wait.
const QUEUE: usize = 4096;

/// Opens a SQLite file, brings it up to date and starts its threads. Gives the queues for (writes, reads).
pub(crate) fn start_sqlite(file: &Path, readers: usize, committed: Committed) -> Result<(Queue, Queue)> {
    let mut connection = sqlite::open_writer(file)?;
    migrate::sqlite(&mut connection)?;
    let (writes, write_queue) = mpsc::channel(QUEUE);
    spawn("store-write", move || {
        write_sqlite(&connection, write_queue, &committed)
    });
    let (reads, read_queue) = mpsc::channel(QUEUE);
    let waiting: Waiting = Arc::new(Mutex::new(read_queue));
    for _ in 0..readers {
        let connection = sqlite::open_reader(file)?;
        let waiting = waiting.clone();
        spawn("store-read", move || read_sqlite(&connection, &waiting));
    }
    Ok((writes, reads))
}

fn write_sqlite(connection: &rusqlite::Connection, mut queue: mpsc::Receiver<Box<dyn Task>>, committed: &Committed) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        let outcome = commit_group(connection, &mut group);
        if outcome.is_ok() {
            committed();
        }
        for task in group {
            task.finish(outcome.clone());
        }
    }
}

/// Runs a group of closures in one transaction, and takes back the changes of those that fail.
fn commit_group(connection: &rusqlite::Connection, group: &mut [Box<dyn Task>]) -> Result<()> {
    let result = commit_together(connection, group).and_then(|is_done| {
        if is_done || group.len() == 1 {
            return Ok(());
        }
        commit_apart(connection, group)
    });
    if result.is_err() {
        take_back(connection);
    }
    result
}

/// Runs a group without savepoints, for which SQLite copies every page that it changes. Says whether that was enough: when
/// one fails that has changed something, nothing of the group stays.
fn commit_together(connection: &rusqlite::Connection, group: &mut [Box<dyn Task>]) -> Result<bool> {
    sqlite::execute(connection, "BEGIN IMMEDIATE", &[])?;
    for task in group {
        let before = connection.total_changes();
        if !run_in_transaction(connection, task.as_mut())? && connection.total_changes() != before {
            take_back(connection);
            return Ok(false);
        }
    }
    sqlite::execute(connection, "COMMIT", &[]).map(|_| true)
}

/// Runs a group again, each closure in a savepoint of its own.
fn commit_apart(connection: &rusqlite::Connection, group: &mut [Box<dyn Task>]) -> Result<()> {
    sqlite::execute(connection, "BEGIN IMMEDIATE", &[])?;
    for task in group {
        sqlite::execute(connection, "SAVEPOINT task", &[])?;
        if !run_in_transaction(connection, task.as_mut())? {
            sqlite::execute(connection, "ROLLBACK TO task", &[])?;
        }
        sqlite::execute(connection, "RELEASE task", &[])?;
    }
    sqlite::execute(connection, "COMMIT", &[]).map(drop)
}

/// Runs a closure; says whether its changes may stay.
fn run_in_transaction(connection: &rusqlite::Connection, task: &mut dyn Task) -> Result<bool> {
    let keep = task.run(&mut Tx::sqlite(connection));
    if connection.is_autocommit() {
        // A full disk makes SQLite take back the whole transaction on its own.
        return Err(Error::Unavailable(
            "the transaction was taken back by the database".to_owned(),
        ));
    }
    Ok(keep)
}

fn take_back(connection: &rusqlite::Connection) {
    if !connection.is_autocommit() {
        // The transaction is lost either way; what matters is that the next one can begin.
        let _ = sqlite::batch(connection, "ROLLBACK");
    }
}

fn read_sqlite(connection: &rusqlite::Connection, waiting: &Waiting) {
    while let Some(mut task) = next(waiting) {
        let outcome = sqlite::execute(connection, "BEGIN", &[]).map(|_| {
            task.run(&mut Tx::sqlite(connection));
        });
        // A read leaves nothing behind, so how its transaction ends does not matter.
        let _ = sqlite::execute(connection, "COMMIT", &[]);
        task.finish(outcome);
    }
}

/// Copies a SQLite database into a new file while others go on writing.
pub(crate) fn copy_sqlite(file: &Path, to: &Path) -> Result<()> {
    sqlite::copy(file, to)
}

/// Connects to PostgreSQL, brings it up to date and starts the threads. Gives the queues for (writes, reads).
pub(crate) fn start_postgres(url: &str, workers: usize, committed: &Committed) -> Result<(Queue, Queue)> {
    if !tls::split(url).1.encrypted {
        tracing::info!(
            "the connection to PostgreSQL is not encrypted: add sslmode=require to its URL where others share the network"
        );
    }
    on_a_thread(|| migrate::postgres(&mut postgres::Connection::open(url)?.client))?;
    let start = |name, begin: &'static str, committed: Committed| {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting: Waiting = Arc::new(Mutex::new(waiting));
        let turns = Turns::default();
        for _ in 0..workers {
            let (url, waiting, committed) = (url.to_owned(), waiting.clone(), committed.clone());
            let transactions = Transactions {
                begin,
                turns: turns.clone(),
            };
            spawn(name, move || work_postgres(&url, &waiting, &transactions, &committed));
        }
        queue
    };
    let writes = start("store-write", "BEGIN ISOLATION LEVEL SERIALIZABLE", committed.clone());
    let reads = start(
        "store-read",
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Arc::new(|| {}),
    );
    Ok((writes, reads))
}

/// Taken by many for as long as a transaction lasts, or by one that wants to be alone.
type Turns = Arc<RwLock<()>>;

/// How the transactions of a queue begin, and whose turn it is.
struct Transactions {
    begin: &'static str,
    turns: Turns,
}

fn work_postgres(url: &str, waiting: &Waiting, transactions: &Transactions, committed: &Committed) {
    let mut connection: Option<postgres::Connection> = None;
    while let Some(mut task) = next(waiting) {
        let outcome = run_postgres(&mut connection, url, transactions, task.as_mut());
        if outcome.is_ok() {
            committed();
        }
        task.finish(outcome);
    }
}

/// Begins a transaction. That an idle connection was cut shows only now, and nothing has run yet: it is opened anew.
fn begun<'a>(
    connection: &'a mut Option<postgres::Connection>,
    url: &str,
    begin: &str,
) -> Result<&'a mut postgres::Connection> {
    if let Some(open) = connection {
        match open.batch(begin, &mut false) {
            Err(Error::Unavailable(_)) => *connection = None,
            Err(error) => return Err(error),
            Ok(()) => {}
        }
    }
    if connection.is_none() {
        let mut new = postgres::Connection::open_for_work(url)?;
        new.batch(begin, &mut false)?;
        *connection = Some(new);
    }
    Ok(connection.as_mut().expect("it was opened if it was not there"))
}

/// Runs a task in a transaction, and in further ones while the database asks for it.
fn run_postgres(
    connection: &mut Option<postgres::Connection>,
    url: &str,
    transactions: &Transactions,
    task: &mut dyn Task,
) -> Result<()> {
    for attempt in 0..REPEATS {
        if attempt > 0 {
            // Those who got in each other's way step back for different times: 1 ms, then up to 2, 4 … 64 ms.
            thread::sleep(Duration::from_micros(500 + jitter(attempt)));
        }
        let (_shared, _alone);
        if attempt < PATIENCE {
            _shared = transactions.turns.read().expect(NO_PANIC);
        } else {
            _alone = transactions.turns.write().expect(NO_PANIC);
        }
        let (ended, must_repeat) = try_postgres(begun(connection, url, transactions.begin)?, task);
        if !must_repeat {
            return ended;
        }
    }
    Err(Error::Busy)
}

/// Runs a task in the transaction that has begun; says also whether the database wants it repeated.
fn try_postgres(connection: &mut postgres::Connection, task: &mut dyn Task) -> (Result<()>, bool) {
    let mut tx = Tx::postgres(connection);
    let keep = task.run(&mut tx);
    let mut must_repeat = tx.must_repeat;
    let end = if keep && !must_repeat { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.batch(end, &mut must_repeat);
    (ended, must_repeat)
}

fn jitter(attempt: u32) -> u64 {
    let spread = 1_000_u64 << attempt.min(6);
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), attempt) % spread
}

/// Wakes the other nodes after commits, and is woken by theirs, for as long as the store is open.
///
/// `woken` says whether anyone still wants to know. A wake-up that is lost costs a moment: followers look again every second.
pub(crate) fn start_wake_ups(url: &str, local: Arc<LocalCommits>, woken: impl Fn() -> bool + Send + 'static) {
    let address = url.to_owned();
    spawn("store-notify", move || {
        let mut connection: Option<postgres::Connection> = None;
        while Arc::strong_count(&local) > 1 {
            if !local.wait(LOOK_UP) {
                continue;
            }
            if connection.as_ref().is_none_or(postgres::Connection::is_closed) {
                connection = postgres::Connection::open(&address).ok();
            }
            if let Some(connection) = &mut connection {
                let _ = connection.batch("NOTIFY rapport", &mut false);
            }
        }
    });
    let address = url.to_owned();
    spawn("store-listen", move || {
        while woken() {
            if let Ok(mut connection) = postgres::Connection::open(&address)
                && connection.batch("LISTEN rapport", &mut false).is_ok()
            {
                while connection.wait_for_notification(LOOK_UP) && woken() {}
            } else {
                thread::sleep(LOOK_UP);
            }
        }
    });
}

/// How long a waiting thread sleeps before it looks whether the store is still open.
const LOOK_UP: Duration = Duration::from_secs(1);

/// Tells the thread that wakes other nodes that something was committed here; several commits make one wake-up.
#[derive(Default)]
pub(crate) struct LocalCommits {
    pending: Mutex<bool>,
    added: Condvar,
}

impl LocalCommits {
    pub(crate) fn add(&self) {
        *self.pending.lock().expect(NO_PANIC) = true;
        self.added.notify_one();
    }

    /// Waits until something was committed; says whether it was, or the time ran out.
    fn wait(&self, at_most: Duration) -> bool {
        let guard = self.pending.lock().expect(NO_PANIC);
        let waited = self.added.wait_timeout_while(guard, at_most, |pending| !*pending);
        let (mut guard, _) = waited.expect(NO_PANIC);
        std::mem::take(&mut *guard)
    }
}

/// Runs `work` on a thread of its own: the driver must not block a thread that belongs to an async runtime.
pub(crate) fn on_a_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().expect("a panic in here is a bug to be seen"))
}

fn next(waiting: &Waiting) -> Option<Box<dyn Task>> {
    waiting.lock().expect(NO_PANIC).blocking_recv()
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .expect("the system can start a thread");
}

/// Where a SQLite database lies in a data folder.
pub(crate) fn sqlite_file(folder: &Path) -> PathBuf {
    folder.join("rapport.db")
}
