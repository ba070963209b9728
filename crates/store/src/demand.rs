//! What people say conversations were for. What the rules say is not kept: it is found anew each time.

use std::collections::HashMap;

use domain::{ConversationId, Time, TouchpointId, UserId, demand::Demand};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A person's word on a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct DemandWord {
    pub demand: Demand,
    /// What brought it, where it is a failure.
    pub touchpoint: Option<TouchpointId>,
    /// None for a program.
    pub user: Option<UserId>,
    pub at: Time,
}

const COLUMNS: &str = "w.demand, w.touchpoint_id, w.user_id, w.at";

/// Writes a word, in the place of one that was there.
pub fn put(tx: &mut Tx, conversation: ConversationId, word: &DemandWord) -> Result<()> {
    tx.execute(
        "INSERT INTO demand_words (conversation_id, demand, touchpoint_id, user_id, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (conversation_id) DO UPDATE
         SET demand = excluded.demand, touchpoint_id = excluded.touchpoint_id, user_id = excluded.user_id, at = excluded.at",
        params![conversation, word.demand.as_str(), word.touchpoint, word.user, word.at],
    )?;
    Ok(())
}

/// Gives the word on a conversation.
pub fn get(tx: &mut Tx, conversation: ConversationId) -> Result<Option<DemandWord>> {
    let sql = format!("SELECT {COLUMNS} FROM demand_words w WHERE w.conversation_id = ?1");
    let row = tx.query_opt(&sql, params![conversation])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// Gives the words on conversations that were opened in `from <= opened_at < to`.
pub fn of_opened(tx: &mut Tx, from: Time, to: Time) -> Result<HashMap<ConversationId, DemandWord>> {
    let sql = format!(
        "SELECT w.conversation_id, {COLUMNS} FROM demand_words w JOIN conversations c ON c.id = w.conversation_id
         WHERE c.opened_at >= ?1 AND c.opened_at < ?2"
    );
    let rows = tx.query(&sql, params![from, to])?;
    rows.iter().map(|row| Ok((row.get(0)?, read(row, 1)?))).collect()
}

/// Takes a word back; says whether there was one.
pub fn remove(tx: &mut Tx, conversation: ConversationId) -> Result<bool> {
    let sql = "DELETE FROM demand_words WHERE conversation_id = ?1";
    Ok(tx.execute(sql, params![conversation])? > 0)
}

/// Lets the word on a conversation hold for the one that it is merged into, where there is none yet.
pub fn carry(tx: &mut Tx, from: ConversationId, to: ConversationId) -> Result<()> {
    if get(tx, to)?.is_none() {
        let sql = "UPDATE demand_words SET conversation_id = ?2 WHERE conversation_id = ?1";
        tx.execute(sql, params![from, to])?;
    }
    Ok(())
}

fn read(row: &Row, from: usize) -> Result<DemandWord> {
    Ok(DemandWord {
        demand: row.word(from)?,
        touchpoint: row.get(from + 1)?,
        user: row.get(from + 2)?,
        at: row.get(from + 3)?,
    })
}
