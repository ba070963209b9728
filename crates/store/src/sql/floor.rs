//! The floor that the server is measured against: the very statements it runs, replayed on a bare connection.
//!
//! Only measurements use this room; it is not in the server.

use std::{
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::{Result, Value, sqlite, workers};

/// A statement with its values.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The values.
    pub values: Vec<Value>,
}

static RECORDED: Mutex<Option<Vec<Statement>>> = Mutex::new(None);

/// Notes a statement, if somebody is recording.
pub(super) fn note(sql: &str, values: &[Value]) {
    let mut recorded = RECORDED.lock().expect("no one panics while holding it");
    if let Some(recorded) = recorded.as_mut() {
        let sql = sql.to_owned();
        recorded.push(Statement {
            sql,
            values: values.to_vec(),
        });
    }
}

/// Gives what was recorded since it was last asked for, and records what comes.
pub fn record() -> Vec<Statement> {
    let mut recorded = RECORDED.lock().expect("no one panics while holding it");
    recorded.replace(Vec::new()).unwrap_or_default()
}

/// Replays units of work in groups that share one durable commit; gives how long it took.
pub fn replay(folder: &Path, units: &[Vec<Statement>], group: usize) -> Result<Duration> {
    let connection = sqlite::open_writer(&workers::sqlite_file(folder))?;
    let start = Instant::now();
    for units in units.chunks(group) {
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(sqlite::read_error)?;
        for statement in units.iter().flatten() {
            run(&connection, statement).map_err(sqlite::read_error)?;
        }
        connection.execute_batch("COMMIT").map_err(sqlite::read_error)?;
    }
    Ok(start.elapsed())
}

/// Runs a statement and steps through its rows.
fn run(connection: &rusqlite::Connection, statement: &Statement) -> rusqlite::Result<()> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    let mut rows = prepared.query(rusqlite::params_from_iter(&statement.values))?;
    while rows.next()?.is_some() {}
    Ok(())
}
