//! What a user has written in a conversation and not sent: one draft for each.

use domain::{ConversationId, Time, UserId};

use crate::{
    params,
    sql::{Result, Tx},
};

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Draft {
    pub body: String,
    pub is_note: bool,
    pub updated_at: Time,
}

/// Keeps a draft in place of the one before.
pub fn put(tx: &mut Tx, user: UserId, id: ConversationId, draft: &Draft) -> Result<()> {
    tx.execute(
        "INSERT INTO drafts (user_id, conversation_id, body, is_note, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (user_id, conversation_id) DO UPDATE SET body = excluded.body, is_note = excluded.is_note,
           updated_at = excluded.updated_at",
        params![user, id, &draft.body, draft.is_note, draft.updated_at],
    )?;
    Ok(())
}

/// Gives a user's draft.
pub fn get(tx: &mut Tx, user: UserId, id: ConversationId) -> Result<Option<Draft>> {
    let row = tx.query_opt(
        "SELECT body, is_note, updated_at FROM drafts WHERE user_id = ?1 AND conversation_id = ?2",
        params![user, id],
    )?;
    row.map(|row| {
        Ok(Draft {
            body: row.get(0)?,
            is_note: row.get(1)?,
            updated_at: row.get(2)?,
        })
    })
    .transpose()
}

/// Throws a draft away.
pub fn remove(tx: &mut Tx, user: UserId, id: ConversationId) -> Result<()> {
    let sql = "DELETE FROM drafts WHERE user_id = ?1 AND conversation_id = ?2";
    tx.execute(sql, params![user, id])?;
    Ok(())
}

/// Moves all users' drafts to another conversation, each below the one its user has there.
pub fn move_all(tx: &mut Tx, from: ConversationId, to: ConversationId) -> Result<()> {
    tx.execute(
        "INSERT INTO drafts (user_id, conversation_id, body, is_note, updated_at)
         SELECT user_id, ?2, body, is_note, updated_at FROM drafts WHERE conversation_id = ?1
         ON CONFLICT (user_id, conversation_id) DO UPDATE SET body = drafts.body || '\n' || excluded.body,
           is_note = drafts.is_note OR excluded.is_note",
        params![from, to],
    )?;
    tx.execute("DELETE FROM drafts WHERE conversation_id = ?1", params![from])?;
    Ok(())
}
