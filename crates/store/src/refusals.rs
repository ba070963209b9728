//! What sources told that was refused: kept as it came, with all that is needed to read it again.

use domain::{RefusalId, SourceId, Time};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Refused {
    pub id: RefusalId,
    pub at: Time,
    pub reason: String,
    /// What came, as it came; its beginning where it was very long.
    pub body: String,
    /// In which words it was told.
    pub form: String,
    /// What held for the whole request, as JSON; empty where nothing did.
    pub envelope: String,
}

/// How many refusals of a source are kept: the newest. All are counted.
pub const KEPT: i64 = 1_000;

/// A request of which something was refused.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Who told it.
    pub source: SourceId,
    /// In which words.
    pub form: &'a str,
    /// What held for all of it, as JSON.
    pub envelope: &'a str,
    /// When it came.
    pub at: Time,
}

/// Keeps what was refused of a request, each with the reason, as it came, and counts it.
pub fn keep(tx: &mut Tx, asked: Asked, refused: &[(&str, &str)]) -> Result<()> {
    for (reason, body) in refused {
        tx.execute(
            "INSERT INTO source_refusals (source_id, at, reason, body, form, envelope) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![asked.source, asked.at, *reason, *body, asked.form, asked.envelope],
        )?;
        count(tx, asked.source, reason, asked.at)?;
    }
    tx.execute(
        "DELETE FROM source_refusals WHERE source_id = ?1 AND id <= (
           SELECT id FROM source_refusals WHERE source_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        params![asked.source, KEPT],
    )?;
    Ok(())
}

/// Counts what was refused of a source, beside what is kept of it.
pub fn count(tx: &mut Tx, source: SourceId, reason: &str, at: Time) -> Result<()> {
    tx.execute(
        "INSERT INTO source_refusal_counts (source_id, reason, refused, last_at) VALUES (?1, ?2, 1, ?3)
         ON CONFLICT (source_id, reason) DO UPDATE SET refused = source_refusal_counts.refused + 1,
           last_at = excluded.last_at",
        params![source, reason, at],
    )?;
    Ok(())
}

/// How often something was refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Sum {
    pub reason: String,
    pub refused: i64,
    pub last_at: Time,
}

/// Gives how much was refused of a source in all, what was refused last first.
pub fn sums(tx: &mut Tx, source: SourceId) -> Result<Vec<Sum>> {
    let rows = tx.query(
        "SELECT reason, refused, last_at FROM source_refusal_counts WHERE source_id = ?1 ORDER BY last_at DESC, reason",
        params![source],
    )?;
    let sum = |row: &Row| {
        Ok(Sum {
            reason: row.get(0)?,
            refused: row.get(1)?,
            last_at: row.get(2)?,
        })
    };
    rows.iter().map(sum).collect()
}

/// Gives what was refused, newest first, with ids below `before`.
pub fn list(tx: &mut Tx, id: SourceId, before: RefusalId, limit: i64) -> Result<Vec<Refused>> {
    let rows = tx.query(
        "SELECT id, at, reason, body, form, envelope FROM source_refusals
         WHERE source_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
        params![id, before, limit],
    )?;
    let refused = |row: &Row| {
        Ok(Refused {
            id: row.get(0)?,
            at: row.get(1)?,
            reason: row.get(2)?,
            body: row.get(3)?,
            form: row.get(4)?,
            envelope: row.get(5)?,
        })
    };
    rows.iter().map(refused).collect()
}

/// Takes away what was refused and is taken now; says whether it was still there.
pub fn remove(tx: &mut Tx, id: RefusalId) -> Result<bool> {
    Ok(tx.execute("DELETE FROM source_refusals WHERE id = ?1", params![id])? > 0)
}
