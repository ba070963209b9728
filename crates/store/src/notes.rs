//! Notes: what colleagues write to each other beside a conversation.

use domain::{ConversationId, CustomerId, NoteId, Time, UserId};

use crate::{
    params, search,
    sql::{self, Result, Row, Tx, Value},
};

/// A note's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Note {
    pub id: NoteId,
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub author_id: Option<UserId>,
    pub body: String,
    pub at: Time,
}

const COLUMNS: &str = "id, conversation_id, customer_id, author_id, body, at";

fn read(row: &Row) -> Result<Note> {
    Ok(Note {
        id: row.get(0)?,
        conversation_id: row.get(1)?,
        customer_id: row.get(2)?,
        author_id: row.get(3)?,
        body: row.get(4)?,
        at: row.get(5)?,
    })
}

/// Adds a note; its `id` is ignored.
pub fn insert(tx: &mut Tx, note: &Note) -> Result<NoteId> {
    let row = tx.query_one(
        "INSERT INTO notes (conversation_id, customer_id, author_id, body, at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
        params![note.conversation_id, note.customer_id, note.author_id, &note.body, note.at],
    )?;
    let id = row.get(0)?;
    search::put_note(tx, id, &note.body)?;
    Ok(id)
}

/// Gives these notes, in no order.
pub fn get_all(tx: &mut Tx, ids: &[NoteId]) -> Result<Vec<Note>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM notes WHERE id IN ({})",
        sql::places(1, ids.len())
    );
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Gives a conversation's notes with ids below `before`, newest first.
pub fn before(tx: &mut Tx, id: ConversationId, before: NoteId, limit: i64) -> Result<Vec<Note>> {
    let sql = format!("SELECT {COLUMNS} FROM notes WHERE conversation_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
    tx.query(&sql, params![id, before, limit])?.iter().map(read).collect()
}

/// Gives a conversation's notes by others than `user` that came at or after `since`, newest first.
pub fn newer(tx: &mut Tx, id: ConversationId, since: Time, user: Option<UserId>, limit: i64) -> Result<Vec<Note>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM notes WHERE conversation_id = ?1 AND at >= ?2 AND COALESCE(author_id, 0) <> ?3
         ORDER BY id DESC LIMIT ?4"
    );
    let user = user.map_or(-1, |user| user.0);
    tx.query(&sql, params![id, since, user, limit])?
        .iter()
        .map(read)
        .collect()
}

/// Moves the notes since `since` to another conversation.
pub fn move_since(tx: &mut Tx, from: ConversationId, to: ConversationId, since: Time) -> Result<()> {
    let sql = "UPDATE notes SET conversation_id = ?2 WHERE conversation_id = ?1 AND at >= ?3";
    tx.execute(sql, params![from, to, since])?;
    Ok(())
}
