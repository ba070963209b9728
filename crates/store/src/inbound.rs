//! What providers delivered, as it came. It is kept before it is understood; what is not understood stays here to be
//! looked at and run again.

use domain::{ChannelId, InboundId, Time};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A delivered payload.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Inbound {
    pub id: InboundId,
    pub channel_id: ChannelId,
    pub provider_key: String,
    pub received_at: Time,
    pub content_type: String,
    pub body: Vec<u8>,
    pub state: String,
    pub tries: i64,
    pub error: Option<String>,
}

const COLUMNS: &str = "id, channel_id, provider_key, received_at, content_type, body, state, tries, error";

fn read(row: &Row) -> Result<Inbound> {
    Ok(Inbound {
        id: row.get(0)?,
        channel_id: row.get(1)?,
        provider_key: row.get(2)?,
        received_at: row.get(3)?,
        content_type: row.get(4)?,
        body: row.get(5)?,
        state: row.get(6)?,
        tries: row.get(7)?,
        error: row.get(8)?,
    })
}

/// Keeps a payload. `None` when the provider delivered it before: a repeated webhook takes effect once.
pub fn keep(
    tx: &mut Tx,
    channel: ChannelId,
    key: &str,
    payload: (&str, &[u8]),
    now: Time,
) -> Result<Option<InboundId>> {
    let (content_type, body) = payload;
    let row = tx.query_opt(
        "INSERT INTO inbound (channel_id, provider_key, received_at, content_type, body, state)
         VALUES (?1, ?2, ?3, ?4, ?5, 'new') ON CONFLICT (channel_id, provider_key) DO NOTHING RETURNING id",
        params![channel, key, now, content_type, body],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Notes how the understanding went: done, or failed with the reason.
pub fn settle(tx: &mut Tx, id: InboundId, result: Result<(), &str>, now: Time) -> Result<()> {
    let (state, error) = match result {
        Ok(()) => ("done", None),
        Err(error) => ("failed", Some(error)),
    };
    tx.execute(
        "UPDATE inbound SET state = ?2, error = ?3, done_at = ?4, tries = tries + 1 WHERE id = ?1",
        params![id, state, error, now],
    )?;
    Ok(())
}

/// Gives a payload.
pub fn get(tx: &mut Tx, id: InboundId) -> Result<Option<Inbound>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM inbound WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives payloads in a state, newest first, with ids below `before`.
pub fn list(tx: &mut Tx, state: &str, before: InboundId, limit: i64) -> Result<Vec<Inbound>> {
    let sql = format!("SELECT {COLUMNS} FROM inbound WHERE state = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
    tx.query(&sql, params![state, before, limit])?
        .iter()
        .map(read)
        .collect()
}

/// Lays a payload aside that nobody will understand; says whether it had failed.
pub fn discard(tx: &mut Tx, id: InboundId, now: Time) -> Result<bool> {
    let sql = "UPDATE inbound SET state = 'discarded', done_at = ?2 WHERE id = ?1 AND state = 'failed'";
    Ok(tx.execute(sql, params![id, now])? > 0)
}
