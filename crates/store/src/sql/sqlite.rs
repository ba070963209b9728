//! SQLite behind the seam: how a connection is set up and a statement run.

use std::path::Path;

use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    types::{ToSql, ToSqlOutput, ValueRef},
};

use super::{Error, Result, Row, Value};

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;

/// Opens the one connection that writes. `synchronous=FULL`: a commit that returned survives a power cut.
pub(crate) fn open_writer(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file).map_err(read_error)?;
    batch(
        &connection,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 67108864;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Opens a connection that only reads.
pub(crate) fn open_reader(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(read_error)?;
    batch(
        &connection,
        "PRAGMA query_only = ON; PRAGMA busy_timeout = 10000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000;
         PRAGMA mmap_size = 268435456;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Copies the database, as it is at this moment, into a new file while others go on writing.
pub(crate) fn copy(file: &Path, to: &Path) -> Result<()> {
    // A connection that only reads may not do this, although it leaves the database as it is.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(read_error)?;
    batch(&connection, "PRAGMA busy_timeout = 10000;")?;
    let to = to
        .to_str()
        .ok_or_else(|| Error::Other("the file's name is not UTF-8".to_owned()))?;
    connection.execute("VACUUM INTO ?1", [to]).map_err(read_error)?;
    Ok(())
}

pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Value]) -> Result<u64> {
    #[cfg(feature = "testing")]
    super::floor::note(sql, params);
    let mut statement = connection.prepare_cached(sql).map_err(read_error)?;
    let changed = statement
        .execute(rusqlite::params_from_iter(params))
        .map_err(read_error)?;
    Ok(changed as u64)
}

pub(crate) fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
    #[cfg(feature = "testing")]
    super::floor::note(sql, params);
    let mut statement = connection.prepare_cached(sql).map_err(read_error)?;
    let columns = statement.column_count();
    let mut rows = statement
        .query(rusqlite::params_from_iter(params))
        .map_err(read_error)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(read_error)? {
        let values = (0..columns).map(|column| row.get_ref(column).map_err(read_error).and_then(read_value));
        found.push(Row(values.collect::<Result<_>>()?));
    }
    Ok(found)
}

pub(crate) fn batch(connection: &Connection, sql: &str) -> Result<()> {
    #[cfg(feature = "testing")]
    super::floor::note(sql, &[]);
    connection.execute_batch(sql).map_err(read_error)
}

fn read_value(value: ValueRef) -> Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(
            std::str::from_utf8(text)
                .map_err(|error| Error::Other(error.to_string()))?
                .to_owned(),
        ),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_owned()),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(crate) fn read_error(error: rusqlite::Error) -> Error {
    let text = error.to_string();
    match error.sqlite_error() {
        Some(failure) => match (failure.code, failure.extended_code) {
            // Unique and primary key; a broken foreign key or CHECK is a bug, not a conflict.
            (ErrorCode::ConstraintViolation, 2067 | 1555) => Error::Conflict(text),
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => Error::Busy,
            (ErrorCode::DiskFull | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly, _) => {
                Error::Unavailable(text)
            }
            _ => Error::Other(text),
        },
        None => Error::Other(text),
    }
}
