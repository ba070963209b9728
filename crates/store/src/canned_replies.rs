//! Canned replies.

use domain::{CannedId, Time, desk::CannedReply};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

const COLUMNS: &str = "id, shortcut, title, body, team_id";

/// Adds a canned reply; its `id` is ignored. A shortcut that is taken is a conflict.
pub fn insert(tx: &mut Tx, reply: &CannedReply, now: Time) -> Result<CannedId> {
    tx.query_one(
        "INSERT INTO canned_replies (shortcut, title, body, team_id, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         RETURNING id",
        params![&reply.shortcut, &reply.title, &reply.body, reply.team_id, now],
    )?
    .get(0)
}

/// Writes back all that can change of a canned reply.
pub fn update(tx: &mut Tx, reply: &CannedReply, now: Time) -> Result<()> {
    tx.execute(
        "UPDATE canned_replies SET shortcut = ?2, title = ?3, body = ?4, team_id = ?5, updated_at = ?6 WHERE id = ?1",
        params![reply.id, &reply.shortcut, &reply.title, &reply.body, reply.team_id, now],
    )?;
    Ok(())
}

/// Gives a canned reply.
pub fn get(tx: &mut Tx, id: CannedId) -> Result<Option<CannedReply>> {
    let sql = format!("SELECT {COLUMNS} FROM canned_replies WHERE id = ?1");
    tx.query_opt(&sql, params![id])?.as_ref().map(read).transpose()
}

/// Gives the canned reply of a shortcut.
pub fn by_shortcut(tx: &mut Tx, shortcut: &str) -> Result<Option<CannedReply>> {
    let sql = format!("SELECT {COLUMNS} FROM canned_replies WHERE shortcut = ?1");
    tx.query_opt(&sql, params![shortcut])?.as_ref().map(read).transpose()
}

/// Gives all canned replies by shortcut.
pub fn list(tx: &mut Tx) -> Result<Vec<CannedReply>> {
    let sql = format!("SELECT {COLUMNS} FROM canned_replies ORDER BY shortcut");
    tx.query(&sql, params![])?.iter().map(read).collect()
}

/// Removes a canned reply and gives its title.
pub fn remove(tx: &mut Tx, id: CannedId) -> Result<Option<String>> {
    let row = tx.query_opt("DELETE FROM canned_replies WHERE id = ?1 RETURNING title", params![id])?;
    row.map(|row| row.get(0)).transpose()
}

fn read(row: &Row) -> Result<CannedReply> {
    Ok(CannedReply {
        id: row.get(0)?,
        shortcut: row.get(1)?,
        title: row.get(2)?,
        body: row.get(3)?,
        team_id: row.get(4)?,
    })
}
