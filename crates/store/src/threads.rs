//! A conversation's messages taken together: what is newer, what is last, what moves elsewhere.

use domain::{
    ConversationId, MessageId, Time, UserId,
    message::{Direction, MessageStatus},
};

use crate::{
    messages::Message,
    params,
    sql::{Result, Tx},
};

/// Gives a conversation's messages with ids above `after` that `user` has not written, oldest first.
///
/// What was taken back before it left is no news.
pub fn newer(
    tx: &mut Tx,
    id: ConversationId,
    after: MessageId,
    user: Option<UserId>,
    limit: i64,
) -> Result<Vec<Message>> {
    let rows = tx.query(
        "SELECT id FROM messages WHERE conversation_id = ?1 AND id > ?2 AND status <> 'cancelled'
           AND NOT (author = 'user' AND COALESCE(author_id, 0) = ?3)
         ORDER BY id LIMIT ?4",
        params![id, after, user.map_or(-1, |user| user.0), limit],
    )?;
    let ids = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<MessageId>>>()?;
    let mut found = crate::messages::get_all(tx, &ids)?;
    found.sort_by_key(|message| message.id);
    Ok(found)
}

/// One message as far as a conversation's own row needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Turn {
    pub id: MessageId,
    pub at: Time,
    pub body: String,
    pub direction: Direction,
    pub status: MessageStatus,
}

/// Gives the newest message of a conversation that was really said: received, or handed to the provider.
pub fn last(tx: &mut Tx, id: ConversationId) -> Result<Option<Turn>> {
    let row = tx.query_opt(
        "SELECT id, at, body, direction, status FROM messages
         WHERE conversation_id = ?1 AND status NOT IN ('scheduled', 'queued', 'cancelled', 'refused')
         ORDER BY id DESC LIMIT 1",
        params![id],
    )?;
    row.map(|row| {
        Ok(Turn {
            id: row.get(0)?,
            at: row.get(1)?,
            body: row.get(2)?,
            direction: row.word(3)?,
            status: row.word(4)?,
        })
    })
    .transpose()
}

/// Gives when the first customer's message came at or after `since`.
pub fn first_received(tx: &mut Tx, id: ConversationId, since: Time) -> Result<Option<Time>> {
    let row = tx.query_one(
        "SELECT MIN(at) FROM messages WHERE conversation_id = ?1 AND direction = 'in' AND at >= ?2",
        params![id, since],
    )?;
    row.get(0)
}

/// Gives when the first customer's message came after this one.
pub fn first_received_after(tx: &mut Tx, id: ConversationId, message: MessageId) -> Result<Option<Time>> {
    let row = tx.query_one(
        "SELECT MIN(at) FROM messages WHERE conversation_id = ?1 AND direction = 'in' AND id > ?2",
        params![id, message],
    )?;
    row.get(0)
}

/// Says whether the talk goes on after a message that was to be the last: the customer has written since, or a colleague's
/// text is still to leave.
pub fn goes_on_after(tx: &mut Tx, id: ConversationId, message: MessageId) -> Result<bool> {
    let sql = "SELECT 1 FROM messages WHERE conversation_id = ?1 AND id > ?2
                 AND (direction = 'in' OR (author = 'user' AND status IN ('scheduled', 'queued', 'sending')))
               LIMIT 1";
    Ok(tx.query_opt(sql, params![id, message])?.is_some())
}

/// Says how many messages, at most so many, of the same conversation and lane are about to leave before this one. The key of
/// a message's job is its id behind `prefix`.
///
/// One that was tried in vain and waits to be tried again does not count, nor does one whose job is laid aside.
pub fn leaving_before(tx: &mut Tx, message: &Message, prefix: &str, now: Time, limit: i64) -> Result<i64> {
    let row = tx.query_one(
        "SELECT COUNT(*) FROM (
           SELECT 1 FROM messages AS m JOIN jobs AS j ON j.unique_key = ?5 || m.id
           WHERE m.conversation_id = ?1 AND m.id < ?2 AND m.lane = ?3 AND m.status IN ('queued', 'sending')
             AND COALESCE(m.send_at, 0) <= ?4
             AND (j.state = 'leased' OR j.state = 'ready' AND (j.error IS NULL OR j.run_at <= ?4))
           LIMIT ?6) AS leaving",
        params![
            message.conversation_id,
            message.id,
            message.lane.as_str(),
            now,
            prefix,
            limit
        ],
    )?;
    row.get(0)
}

/// Gives the newest text of a user that left, or may have left; `MessageId(0)` when there is none.
pub fn last_answer(tx: &mut Tx, id: ConversationId) -> Result<MessageId> {
    let row = tx.query_one(
        "SELECT COALESCE(MAX(id), 0) FROM messages WHERE conversation_id = ?1 AND direction = 'out' AND author = 'user'
           AND status IN ('sending', 'unconfirmed', 'sent', 'delivered', 'read')",
        params![id],
    )?;
    row.get(0)
}

/// Says whether a conversation has a message before this one.
pub fn has_before(tx: &mut Tx, id: ConversationId, message: MessageId) -> Result<bool> {
    let sql = "SELECT 1 FROM messages WHERE conversation_id = ?1 AND id < ?2 LIMIT 1";
    Ok(tx.query_opt(sql, params![id, message])?.is_some())
}

/// Gives a conversation and all that went into it: events are never changed, so theirs stay where they happened.
pub fn with_merged(tx: &mut Tx, id: ConversationId) -> Result<Vec<ConversationId>> {
    let rows = tx.query(
        "WITH RECURSIVE part(id) AS (
           SELECT id FROM conversations WHERE id = ?1
           UNION ALL SELECT c.id FROM conversations c JOIN part ON c.merged_into_id = part.id
         ) SELECT id FROM part ORDER BY id",
        params![id],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Moves the messages from `first` on to another conversation and says how many there were. What hangs on messages
/// (questions about consent) goes with them.
pub fn move_from(tx: &mut Tx, from: ConversationId, to: ConversationId, first: MessageId) -> Result<i64> {
    tx.execute(
        "UPDATE consent_reviews SET conversation_id = ?2 WHERE conversation_id = ?1 AND message_id >= ?3",
        params![from, to, first],
    )?;
    let moved = tx.execute(
        "UPDATE messages SET conversation_id = ?2 WHERE conversation_id = ?1 AND id >= ?3",
        params![from, to, first],
    )?;
    Ok(moved as i64)
}

/// Moves what else belongs to a conversation that goes into another: requests, surveys, runs of flows.
pub fn move_rest(tx: &mut Tx, from: ConversationId, to: ConversationId) -> Result<()> {
    for table in ["requests", "surveys", "flow_sessions"] {
        let sql = format!("UPDATE {table} SET conversation_id = ?2 WHERE conversation_id = ?1");
        tx.execute(&sql, params![from, to])?;
    }
    tx.execute("DELETE FROM presence WHERE conversation_id = ?1", params![from])?;
    Ok(())
}

/// Lets the customer's live run of a flow go on in another conversation; says whether there was one in `from`.
pub fn move_session(tx: &mut Tx, from: ConversationId, to: ConversationId) -> Result<bool> {
    let sql = "UPDATE flow_sessions SET conversation_id = ?2 WHERE conversation_id = ?1 AND status <> 'ended'";
    Ok(tx.execute(sql, params![from, to])? > 0)
}
