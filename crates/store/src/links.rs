//! Short links in texts: where each leads, whom it was texted to, and which browser came by it first.

use domain::{ConversationId, CustomerId, LinkId, Time};

use crate::{
    params,
    sql::{Result, Tx},
};

/// A link's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Link {
    pub id: LinkId,
    /// The file of whoever was texted.
    pub profile_id: CustomerId,
    pub conversation_id: ConversationId,
    pub url: String,
    pub expires_at: Time,
}

const KEY: &str = "link_key";

/// Gives the secret that links are signed with: `fresh`, where there is none yet.
pub fn key(tx: &mut Tx, fresh: &str) -> Result<String> {
    let sql = "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING";
    tx.execute(sql, params![KEY, fresh])?;
    tx.query_one("SELECT value FROM settings WHERE key = ?1", params![KEY])?
        .get(0)
}

/// Gives the secret that links are signed with; `None` while there is no link.
pub fn known_key(tx: &mut Tx) -> Result<Option<String>> {
    let row = tx.query_opt("SELECT value FROM settings WHERE key = ?1", params![KEY])?;
    row.map(|row| row.get(0)).transpose()
}

/// Adds a link; its `id` is ignored.
pub fn insert(tx: &mut Tx, link: &Link, now: Time) -> Result<LinkId> {
    let row = tx.query_one(
        "INSERT INTO links (profile_id, conversation_id, url, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
         RETURNING id",
        params![link.profile_id, link.conversation_id, &link.url, now, link.expires_at],
    )?;
    row.get(0)
}

/// Gives a link.
pub fn get(tx: &mut Tx, id: LinkId) -> Result<Option<Link>> {
    let sql = "SELECT id, profile_id, conversation_id, url, expires_at FROM links WHERE id = ?1";
    let row = tx.query_opt(sql, params![id])?;
    row.map(|row| {
        Ok(Link {
            id: row.get(0)?,
            profile_id: row.get(1)?,
            conversation_id: row.get(2)?,
            url: row.get(3)?,
            expires_at: row.get(4)?,
        })
    })
    .transpose()
}

/// Notes that a browser came by a link; says whether it is the first one to do so, now or before.
pub fn come_by(tx: &mut Tx, id: LinkId, browser: &str) -> Result<bool> {
    let sql = "UPDATE links SET browser = ?2 WHERE id = ?1 AND (browser IS NULL OR browser = ?2)";
    Ok(tx.execute(sql, params![id, browser])? > 0)
}
