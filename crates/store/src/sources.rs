//! Sources: the websites, apps and tills that tell of touchpoints, their keys, and how each does.

use domain::{SourceId, Time, collection::Tally};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Source {
    pub id: SourceId,
    pub name: String,
    /// Web origins that may tell; empty means any.
    pub origins: Vec<String>,
    pub disabled_at: Option<Time>,
}

/// A key that a source tells with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Key {
    pub source_id: SourceId,
    pub write_key: String,
    pub created_at: Time,
}

const COLUMNS: &str = "sources.id, sources.name, sources.origins, sources.disabled_at";

fn read(row: &Row) -> Result<Source> {
    let origins: String = row.get(2)?;
    Ok(Source {
        id: row.get(0)?,
        name: row.get(1)?,
        origins: origins.split_whitespace().map(str::to_owned).collect(),
        disabled_at: row.get(3)?,
    })
}

/// Gives all sources by name.
pub fn list(tx: &mut Tx) -> Result<Vec<Source>> {
    let sql = format!("SELECT {COLUMNS} FROM sources ORDER BY name, id");
    tx.query(&sql, params![])?.iter().map(read).collect()
}

/// Gives a source.
pub fn get(tx: &mut Tx, id: SourceId) -> Result<Option<Source>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM sources WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives the source that has this key.
pub fn by_key(tx: &mut Tx, write_key: &str) -> Result<Option<Source>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM sources JOIN source_keys ON source_keys.source_id = sources.id WHERE write_key = ?1"
    );
    tx.query_opt(&sql, params![write_key])?.as_ref().map(read).transpose()
}

/// Adds a source; `None` when another one has its name.
pub fn insert(tx: &mut Tx, name: &str, origins: &[String], now: Time) -> Result<Option<SourceId>> {
    let row = tx.query_opt(
        "INSERT INTO sources (name, origins, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING RETURNING id",
        params![name, origins.join(" "), now],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Writes a source's row; fails with a conflict when another one has its name.
pub fn update(tx: &mut Tx, source: &Source) -> Result<()> {
    tx.execute(
        "UPDATE sources SET name = ?2, origins = ?3, disabled_at = ?4 WHERE id = ?1",
        params![source.id, &source.name, source.origins.join(" "), source.disabled_at],
    )?;
    Ok(())
}

/// Gives the keys of all sources, oldest first.
pub fn keys(tx: &mut Tx) -> Result<Vec<Key>> {
    let rows = tx.query(
        "SELECT source_id, write_key, created_at FROM source_keys ORDER BY id",
        params![],
    )?;
    let key = |row: &Row| {
        Ok(Key {
            source_id: row.get(0)?,
            write_key: row.get(1)?,
            created_at: row.get(2)?,
        })
    };
    rows.iter().map(key).collect()
}

/// Gives a source one more key.
pub fn add_key(tx: &mut Tx, id: SourceId, write_key: &str, now: Time) -> Result<()> {
    tx.execute(
        "INSERT INTO source_keys (source_id, write_key, created_at) VALUES (?1, ?2, ?3)",
        params![id, write_key, now],
    )?;
    Ok(())
}

/// Takes a key from a source; says whether it had it.
pub fn remove_key(tx: &mut Tx, id: SourceId, write_key: &str) -> Result<bool> {
    let sql = "DELETE FROM source_keys WHERE source_id = ?1 AND write_key = ?2";
    Ok(tx.execute(sql, params![id, write_key])? > 0)
}

/// Counts what has become of a request's calls, in the minute that it came.
pub fn count(tx: &mut Tx, id: SourceId, tally: Tally, now: Time) -> Result<()> {
    tx.execute(
        "INSERT INTO source_minutes (source_id, minute, taken, repeated, refused, last_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (source_id, minute) DO UPDATE SET taken = source_minutes.taken + excluded.taken,
           repeated = source_minutes.repeated + excluded.repeated, refused = source_minutes.refused + excluded.refused,
           last_at = excluded.last_at",
        params![id, minute(now), tally.taken, tally.repeated, tally.refused, now],
    )?;
    Ok(())
}

fn minute(time: Time) -> i64 {
    time.0.div_euclid(60_000_000)
}

/// How a source does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// When it last told anything.
    pub last_at: Option<Time>,
    /// What became of its calls in the last hour.
    pub hour: Tally,
    /// What became of its calls in the last 24 hours.
    pub day: Tally,
}

/// Says how a source does.
pub fn health(tx: &mut Tx, id: SourceId, now: Time) -> Result<Health> {
    let last = tx.query_opt(
        "SELECT last_at FROM source_minutes WHERE source_id = ?1 ORDER BY minute DESC LIMIT 1",
        params![id],
    )?;
    Ok(Health {
        last_at: last.map(|row| row.get(0)).transpose()?,
        hour: tally(tx, id, minute(now) - 59)?,
        day: tally(tx, id, minute(now) - 24 * 60 + 1)?,
    })
}

fn tally(tx: &mut Tx, id: SourceId, from: i64) -> Result<Tally> {
    let row = tx.query_one(
        "SELECT CAST(COALESCE(SUM(taken), 0) AS BIGINT), CAST(COALESCE(SUM(repeated), 0) AS BIGINT),
           CAST(COALESCE(SUM(refused), 0) AS BIGINT)
         FROM source_minutes WHERE source_id = ?1 AND minute >= ?2",
        params![id, from],
    )?;
    Ok(Tally {
        taken: row.get(0)?,
        repeated: row.get(1)?,
        refused: row.get(2)?,
    })
}

/// Whether a call is taken for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is.
    New,
    /// It was taken before.
    Repeated,
    /// Another call was taken under this id.
    OtherBody,
}

/// Takes a message's id for a call; `digest` stands for what it tells.
pub fn claim(tx: &mut Tx, id: SourceId, (message_id, digest): (&str, i64), now: Time) -> Result<Claim> {
    let taken = tx.execute(
        "INSERT INTO collected (source_id, message_id, digest, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (source_id, message_id) DO NOTHING",
        params![id, message_id, digest, now],
    )?;
    if taken > 0 {
        return Ok(Claim::New);
    }
    let row = tx.query_one(
        "SELECT digest FROM collected WHERE source_id = ?1 AND message_id = ?2",
        params![id, message_id],
    )?;
    Ok(if row.get::<i64>(0)? == digest {
        Claim::Repeated
    } else {
        Claim::OtherBody
    })
}

/// Forgets the oldest message ids that were taken before `before`, at most `limit`; says how many. Those of imports stay: a
/// file that has grown may come again years later.
pub fn forget(tx: &mut Tx, before: Time, limit: i64) -> Result<u64> {
    tx.execute(
        "DELETE FROM collected WHERE (source_id, message_id) IN (
           SELECT source_id, message_id FROM collected
           WHERE at < ?1 AND substr(message_id, 1, 7) <> 'import:' ORDER BY at LIMIT ?2)",
        params![before, limit],
    )
}
