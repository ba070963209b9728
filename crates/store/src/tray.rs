//! What is a user's own at the desk besides drafts: the tray of open conversations, and how far each has been read.

use domain::{ConversationId, MessageId, Time, UserId};

use crate::{
    params,
    sql::{self, Result, Tx, Value},
};

/// Puts a conversation into a user's tray; one that is in it stays.
pub fn put(tx: &mut Tx, user: UserId, id: ConversationId, now: Time) -> Result<()> {
    tx.execute(
        "INSERT INTO tray (user_id, conversation_id, opened_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![user, id, now],
    )?;
    Ok(())
}

/// Takes a conversation out of a user's tray.
pub fn remove(tx: &mut Tx, user: UserId, id: ConversationId) -> Result<()> {
    let sql = "DELETE FROM tray WHERE user_id = ?1 AND conversation_id = ?2";
    tx.execute(sql, params![user, id])?;
    Ok(())
}

/// Gives a user's tray: who has waited longest first, those who do not wait last, in the order they were opened.
pub fn list(tx: &mut Tx, user: UserId) -> Result<Vec<ConversationId>> {
    let rows = tx.query(
        "SELECT tray.conversation_id FROM tray JOIN conversations c ON c.id = tray.conversation_id
         WHERE tray.user_id = ?1
         ORDER BY c.waiting_since IS NULL, c.waiting_since, tray.opened_at, tray.conversation_id",
        params![user],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Notes how far a user has read; a mark never goes back.
pub fn mark_read(tx: &mut Tx, user: UserId, id: ConversationId, message: MessageId) -> Result<()> {
    tx.execute(
        "INSERT INTO read_marks (user_id, conversation_id, message_id) VALUES (?1, ?2, ?3)
         ON CONFLICT (user_id, conversation_id) DO UPDATE SET message_id = excluded.message_id
         WHERE excluded.message_id > read_marks.message_id",
        params![user, id, message],
    )?;
    Ok(())
}

/// Says how far anyone has read in any of these conversations.
pub fn read_by_anyone(tx: &mut Tx, ids: &[ConversationId]) -> Result<Option<MessageId>> {
    if ids.is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "SELECT MAX(message_id) FROM read_marks WHERE conversation_id IN ({})",
        sql::places(1, ids.len())
    );
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    tx.query_one(&sql, &values)?.get(0)
}

/// Moves all users' places in the tray and read marks from one conversation to another that takes it in.
pub fn move_all(tx: &mut Tx, from: ConversationId, to: ConversationId) -> Result<()> {
    tx.execute(
        "INSERT INTO tray (user_id, conversation_id, opened_at)
         SELECT user_id, ?2, opened_at FROM tray WHERE conversation_id = ?1 ON CONFLICT DO NOTHING",
        params![from, to],
    )?;
    tx.execute("DELETE FROM tray WHERE conversation_id = ?1", params![from])?;
    // Only who had read both has read what is newest in either.
    tx.execute(
        "UPDATE read_marks SET message_id = (SELECT other.message_id FROM read_marks other
           WHERE other.user_id = read_marks.user_id AND other.conversation_id = ?1)
         WHERE conversation_id = ?2 AND message_id < (SELECT other.message_id FROM read_marks other
           WHERE other.user_id = read_marks.user_id AND other.conversation_id = ?1)",
        params![from, to],
    )?;
    tx.execute("DELETE FROM read_marks WHERE conversation_id = ?1", params![from])?;
    Ok(())
}
