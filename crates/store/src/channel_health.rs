//! How a channel does: what its health is told from.

use domain::{ChannelId, Time};

use crate::{
    params,
    sql::{Result, Row, Tx, Value},
};

/// Calls that were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Refusals {
    pub reason: String,
    pub count: i64,
    pub last_at: Time,
}

/// What a channel has done and not done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Signs {
    pub last_in: Option<Time>,
    pub last_out: Option<Time>,
    pub refused: Vec<Refusals>,
    pub queued: i64,
    pub oldest_queued: Option<Time>,
    pub tried: i64,
    pub failed: i64,
    /// What the provider said most often of those that failed.
    pub failure: Option<String>,
    pub unconfirmed: i64,
    pub not_understood: i64,
    pub texted_week: i64,
    pub opted_out_week: i64,
    pub opted_out: i64,
}

const DAY_SECONDS: i64 = 86_400;

/// Gives the signs of a channel: of the last 24 hours, of the last 7 days where that is said, else of now.
pub fn signs(tx: &mut Tx, id: ChannelId, now: Time) -> Result<Signs> {
    let (day, week) = (now.plus_seconds(-DAY_SECONDS), now.plus_seconds(-7 * DAY_SECONDS));
    let (queued, oldest_queued) = queue(tx, id, now)?;
    let (tried, failed, unconfirmed) = sent(tx, id, day)?;
    Ok(Signs {
        last_in: last(tx, id, "direction = 'in'")?,
        last_out: last(
            tx,
            id,
            "direction = 'out' AND status IN ('sent', 'delivered', 'read', 'undelivered')",
        )?,
        refused: refused(tx, id, day)?,
        queued,
        oldest_queued,
        tried,
        failed,
        failure: failure(tx, id, day)?,
        unconfirmed,
        not_understood: one(
            tx,
            "SELECT COUNT(*) FROM inbound WHERE state = 'failed' AND channel_id = ?1",
            params![id],
        )?,
        texted_week: one(
            tx,
            "SELECT COUNT(DISTINCT address) FROM messages WHERE channel_id = ?1 AND direction = 'out' AND at >= ?2",
            params![id, week],
        )?,
        opted_out_week: opted_out(tx, id, week)?,
        opted_out: opted_out(tx, id, Time(i64::MIN))?,
    })
}

fn one(tx: &mut Tx, sql: &str, values: &[Value]) -> Result<i64> {
    tx.query_one(sql, values)?.get(0)
}

fn last(tx: &mut Tx, id: ChannelId, which: &str) -> Result<Option<Time>> {
    let sql = format!("SELECT at FROM messages WHERE channel_id = ?1 AND {which} ORDER BY at DESC LIMIT 1");
    tx.query_opt(&sql, params![id])?.map(|row| row.get(0)).transpose()
}

fn refused(tx: &mut Tx, id: ChannelId, since: Time) -> Result<Vec<Refusals>> {
    let rows = tx.query(
        "SELECT reason, COUNT(*), MAX(at) FROM channel_refusals WHERE channel_id = ?1 AND at >= ?2
         GROUP BY reason ORDER BY COUNT(*) DESC, reason",
        params![id, since],
    )?;
    let read = |row: &Row| {
        Ok(Refusals {
            reason: row.get(0)?,
            count: row.get(1)?,
            last_at: row.get(2)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Counts what could leave now and has not: not what waits for a chosen time or for the moment to take it back.
fn queue(tx: &mut Tx, id: ChannelId, now: Time) -> Result<(i64, Option<Time>)> {
    let row = tx.query_one(
        "SELECT COUNT(*), MIN(COALESCE(send_at, at)) FROM messages
         WHERE status IN ('queued', 'scheduled') AND channel_id = ?1 AND COALESCE(send_at, at) <= ?2",
        params![id, now],
    )?;
    Ok((row.get(0)?, row.get(1)?))
}

fn sent(tx: &mut Tx, id: ChannelId, since: Time) -> Result<(i64, i64, i64)> {
    let row = tx.query_one(
        "SELECT COUNT(CASE WHEN status NOT IN ('queued', 'scheduled', 'sending', 'cancelled', 'refused') THEN 1 END),
           COUNT(CASE WHEN status IN ('failed', 'undelivered') THEN 1 END),
           COUNT(CASE WHEN status = 'unconfirmed' THEN 1 END)
         FROM messages WHERE channel_id = ?1 AND direction = 'out' AND at >= ?2",
        params![id, since],
    )?;
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn failure(tx: &mut Tx, id: ChannelId, since: Time) -> Result<Option<String>> {
    let row = tx.query_opt(
        "SELECT error FROM messages WHERE channel_id = ?1 AND direction = 'out' AND at >= ?2
           AND status IN ('failed', 'undelivered') AND error IS NOT NULL
         GROUP BY error ORDER BY COUNT(*) DESC, error LIMIT 1",
        params![id, since],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Counts the addresses whose newest row of the ledger is an opt-out that is not older than `since`.
fn opted_out(tx: &mut Tx, id: ChannelId, since: Time) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM consent c
               WHERE change = 'opted_out' AND (channel_id IS NULL OR channel_id = ?1) AND at >= ?2 AND NOT EXISTS (
                 SELECT 1 FROM consent later
                 WHERE later.address = c.address AND later.id > c.id AND (later.channel_id IS NULL OR later.channel_id = ?1))";
    one(tx, sql, params![id, since])
}
