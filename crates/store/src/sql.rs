//! The seam: the one place where the two database drivers are named.
//!
//! SQL is written once, in the dialect that both understand, with `?1`, `?2` … for values. Types are whole numbers,
//! truth values, text, fractions and bytes; a sum is cast (`CAST(SUM(x) AS BIGINT)`), because PostgreSQL widens it.
//! Honest differences between the databases are methods of [`Dialect`].

mod dialect;
#[cfg(feature = "testing")]
pub mod floor;
mod migrate;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod tls;
mod value;
pub(crate) mod workers;

pub use dialect::{Dialect, EventOrder};
pub use value::{FromValue, Row, Value};

/// Puts values in a row for [`Tx::execute`] and its sisters.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::sql::Value::from($value)),*] };
}

/// Why the database could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A row with this unique value is there already. Holds what the database says of it.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The row asked for is not there.
    #[error("not found")]
    NotFound,
    /// Others wrote the same rows at the same time, again and again; the same call may go through later.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached, or has no room left; nothing was written.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Anything else: a bug in a statement, or a broken file.
    #[error("database error: {0}")]
    Other(String),
}

/// What a store function gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An open transaction of either database.
pub struct Tx<'a> {
    inner: Inner<'a>,
    /// Set when the database asked for the whole transaction to be repeated.
    pub(crate) must_repeat: bool,
    depth: usize,
}

enum Inner<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut postgres::Connection),
}

impl<'a> Tx<'a> {
    pub(crate) fn sqlite(connection: &'a rusqlite::Connection) -> Tx<'a> {
        Tx {
            inner: Inner::Sqlite(connection),
            must_repeat: false,
            depth: 0,
        }
    }

    pub(crate) fn postgres(connection: &'a mut postgres::Connection) -> Tx<'a> {
        Tx {
            inner: Inner::Postgres(connection),
            must_repeat: false,
            depth: 0,
        }
    }

    /// Says which database this is, for the few statements that differ.
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement and gives the number of rows it changed.
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        match &mut self.inner {
            Inner::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Inner::Postgres(connection) => connection.execute(sql, params, &mut self.must_repeat),
        }
    }

    /// Runs a query and gives all its rows.
    pub fn query(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        match &mut self.inner {
            Inner::Sqlite(connection) => sqlite::query(connection, sql, params),
            Inner::Postgres(connection) => connection.query(sql, params, &mut self.must_repeat),
        }
    }

    /// Runs a query and gives its first row, if there is one.
    pub fn query_opt(&mut self, sql: &str, params: &[Value]) -> Result<Option<Row>> {
        Ok(self.query(sql, params)?.into_iter().next())
    }

    /// Runs a query that must have a row, and gives it.
    pub fn query_one(&mut self, sql: &str, params: &[Value]) -> Result<Row> {
        self.query_opt(sql, params)?.ok_or(Error::NotFound)
    }

    /// Runs `part` so that its changes are taken back when it fails, while the transaction goes on.
    pub fn savepoint<T, E>(&mut self, part: impl FnOnce(&mut Tx) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error>,
    {
        self.depth += 1;
        let name = format!("part_{}", self.depth);
        self.batch(&format!("SAVEPOINT {name}"))?;
        let result = part(self);
        if result.is_err() && !self.must_repeat {
            self.batch(&format!("ROLLBACK TO {name}"))?;
        }
        if !self.must_repeat {
            self.batch(&format!("RELEASE {name}"))?;
        }
        self.depth -= 1;
        result
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        match &mut self.inner {
            Inner::Sqlite(connection) => sqlite::execute(connection, sql, &[]).map(drop),
            Inner::Postgres(connection) => connection.batch(sql, &mut self.must_repeat),
        }
    }
}

/// Gives `?from, ?from+1, …` for `count` values, for an `IN (…)` list.
pub fn places(from: usize, count: usize) -> String {
    (from..from + count)
        .map(|n| format!("?{n}"))
        .collect::<Vec<_>>()
        .join(", ")
}
