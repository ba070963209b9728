//! Imports: files whose rows are read onto timelines, how far each is, and what was skipped.

use domain::{
    ImportId, SourceId, Time,
    importing::{ColumnMap, FileFormat, ImportState, SkipReason},
};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Import {
    pub id: ImportId,
    pub file_name: String,
    pub object_key: Option<String>,
    pub size_bytes: i64,
    pub format: FileFormat,
    pub map: Option<ColumnMap>,
    pub source_id: Option<SourceId>,
    pub state: ImportState,
    pub error: Option<String>,
    pub progress: Progress,
    pub created_at: Time,
    pub ended_at: Option<Time>,
}

/// How far an import is. Each row that was read is taken, doubled or skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Progress {
    pub read_bytes: i64,
    pub read_rows: i64,
    pub taken: i64,
    pub doubled: i64,
    pub skipped: i64,
}

/// A row that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Skip {
    pub row_number: i64,
    pub reason: SkipReason,
    pub content: String,
}

const COLUMNS: &str = "id, file_name, object_key, size_bytes, format, column_map, source_id, state, error, read_bytes, \
    read_rows, taken, doubled, skipped, created_at, ended_at";

fn read(row: &Row) -> Result<Import> {
    Ok(Import {
        id: row.get(0)?,
        file_name: row.get(1)?,
        object_key: row.get(2)?,
        size_bytes: row.get(3)?,
        format: row.word(4)?,
        map: row.get::<Option<String>>(5)?.map(|_| row.json(5)).transpose()?,
        source_id: row.get(6)?,
        state: row.word(7)?,
        error: row.get(8)?,
        progress: Progress {
            read_bytes: row.get(9)?,
            read_rows: row.get(10)?,
            taken: row.get(11)?,
            doubled: row.get(12)?,
            skipped: row.get(13)?,
        },
        created_at: row.get(14)?,
        ended_at: row.get(15)?,
    })
}

/// A file that is to be imported.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct NewImport {
    pub file_name: String,
    pub object_key: Option<String>,
    pub size_bytes: i64,
    pub format: FileFormat,
}

/// Adds a file that waits to be told what its columns mean.
pub fn insert(tx: &mut Tx, new: &NewImport, now: Time) -> Result<ImportId> {
    tx.query_one(
        "INSERT INTO imports (file_name, object_key, size_bytes, format, state, created_at)
         VALUES (?1, ?2, ?3, ?4, 'uploaded', ?5) RETURNING id",
        params![
            &new.file_name,
            new.object_key.clone(),
            new.size_bytes,
            new.format.as_str(),
            now
        ],
    )?
    .get(0)
}

/// Gives an import.
pub fn get(tx: &mut Tx, id: ImportId) -> Result<Option<Import>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM imports WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives the imports, newest first, with ids below `before`.
pub fn list(tx: &mut Tx, before: ImportId, limit: i64) -> Result<Vec<Import>> {
    let sql = format!("SELECT {COLUMNS} FROM imports WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
    tx.query(&sql, params![before, limit])?.iter().map(read).collect()
}

/// Gives how many imports there are.
pub fn total(tx: &mut Tx) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM imports", params![])?.get(0)
}

/// Lets an import begin that waits; says whether it did.
pub fn begin(tx: &mut Tx, id: ImportId, map: &ColumnMap, source: SourceId) -> Result<bool> {
    let map = serde_json::to_string(map).expect("a map has only string keys");
    let sql =
        "UPDATE imports SET state = 'running', column_map = ?2, source_id = ?3 WHERE id = ?1 AND state = 'uploaded'";
    Ok(tx.execute(sql, params![id, map, source])? > 0)
}

/// Takes some more rows for whoever has read exactly `from` before, if the import still runs; says whether it was so. Two
/// that work on one import after a crash cannot both have them.
pub fn advance(tx: &mut Tx, id: ImportId, from: i64, (rows, read_bytes): (i64, i64)) -> Result<bool> {
    let sql = "UPDATE imports SET read_rows = read_rows + ?3, read_bytes = ?4
               WHERE id = ?1 AND state = 'running' AND read_rows = ?2";
    Ok(tx.execute(sql, params![id, from, rows, read_bytes])? > 0)
}

/// Counts what has become of rows that were read.
pub fn count(tx: &mut Tx, id: ImportId, (taken, doubled, skipped): (i64, i64, i64)) -> Result<()> {
    let sql = "UPDATE imports SET taken = taken + ?2, doubled = doubled + ?3, skipped = skipped + ?4 WHERE id = ?1";
    tx.execute(sql, params![id, taken, doubled, skipped])?;
    Ok(())
}

/// Gives the import of a file that lies elsewhere and has not come to its end, if there is one.
pub fn unfinished(tx: &mut Tx, new: &NewImport, map: &ColumnMap, source: SourceId) -> Result<Option<ImportId>> {
    let map = serde_json::to_string(map).expect("a map has only string keys");
    let row = tx.query_opt(
        "SELECT MAX(id) FROM imports WHERE state = 'running' AND object_key IS NULL AND file_name = ?1
           AND size_bytes = ?2 AND column_map = ?3 AND source_id = ?4",
        params![&new.file_name, new.size_bytes, map, source],
    )?;
    row.map_or(Ok(None), |row| row.get(0))
}

/// Ends an import that has not ended; says whether it did.
pub fn end(tx: &mut Tx, id: ImportId, state: ImportState, error: Option<&str>, now: Time) -> Result<bool> {
    let sql =
        "UPDATE imports SET state = ?2, error = ?3, ended_at = ?4 WHERE id = ?1 AND state IN ('uploaded', 'running')";
    Ok(tx.execute(sql, params![id, state.as_str(), error.map(str::to_owned), now])? > 0)
}

/// Gives the imports that were uploaded before a time and that nobody has begun.
pub fn not_begun(tx: &mut Tx, before: Time) -> Result<Vec<ImportId>> {
    let sql = "SELECT id FROM imports WHERE state = 'uploaded' AND created_at < ?1 ORDER BY id";
    tx.query(sql, params![before])?.iter().map(|row| row.get(0)).collect()
}

/// Gives where the files are that are still to be read.
pub fn wanted_files(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = "SELECT object_key FROM imports WHERE state IN ('uploaded', 'running') AND object_key IS NOT NULL";
    tx.query(sql, params![])?.iter().map(|row| row.get(0)).collect()
}

/// Keeps a row that was skipped.
pub fn skip(tx: &mut Tx, id: ImportId, skip: &Skip) -> Result<()> {
    tx.execute(
        "INSERT INTO import_skips (import_id, row_number, reason, content) VALUES (?1, ?2, ?3, ?4)",
        params![id, skip.row_number, skip.reason.as_str(), &skip.content],
    )?;
    Ok(())
}

/// Gives what was skipped after a row, in order.
pub fn skips(tx: &mut Tx, id: ImportId, after: i64, limit: i64) -> Result<Vec<Skip>> {
    let rows = tx.query(
        "SELECT row_number, reason, content FROM import_skips WHERE import_id = ?1 AND row_number > ?2
         ORDER BY row_number LIMIT ?3",
        params![id, after, limit],
    )?;
    let skip = |row: &Row| {
        Ok(Skip {
            row_number: row.get(0)?,
            reason: row.word(1)?,
            content: row.get(2)?,
        })
    };
    rows.iter().map(skip).collect()
}
