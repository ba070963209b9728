//! Full-text search over messages and customers: FTS5 or `tsvector`, both fed the same folded words.

use domain::{CustomerId, MessageId, search::words};

use crate::{
    params,
    sql::{Result, Tx},
};

/// Makes a message findable.
pub fn put_message(tx: &mut Tx, id: MessageId, text: &str) -> Result<()> {
    put(tx, "message_search", id.0, text)
}

/// Makes a customer findable by a new text, and no longer by the one before.
pub fn put_customer(tx: &mut Tx, id: CustomerId, text: &str) -> Result<()> {
    tx.execute("DELETE FROM customer_search WHERE rowid = ?1", params![id])?;
    put(tx, "customer_search", id.0, text)
}

/// Finds messages that hold every word, the last one as a beginning; newest first, with ids below `before`.
pub fn messages(tx: &mut Tx, text: &str, before: MessageId, limit: i64) -> Result<Vec<MessageId>> {
    find(tx, "message_search", text, before.0, limit).map(|ids| ids.into_iter().map(MessageId).collect())
}

/// Finds customers whose file holds every word, the last one as a beginning; newest first, with ids below `before`.
pub fn customers(tx: &mut Tx, text: &str, before: CustomerId, limit: i64) -> Result<Vec<CustomerId>> {
    find(tx, "customer_search", text, before.0, limit).map(|ids| ids.into_iter().map(CustomerId).collect())
}

fn put(tx: &mut Tx, table: &str, id: i64, text: &str) -> Result<()> {
    let folded = words(text);
    if folded.is_empty() {
        return Ok(());
    }
    let value = tx.dialect().search_words();
    tx.execute(
        &format!("INSERT INTO {table} (rowid, words) VALUES (?1, {value})"),
        params![id, folded],
    )?;
    Ok(())
}

fn find(tx: &mut Tx, table: &str, text: &str, before: i64, limit: i64) -> Result<Vec<i64>> {
    let folded = words(text);
    if folded.is_empty() {
        return Ok(Vec::new());
    }
    let (matches, query) = (tx.dialect().search_match(table), tx.dialect().search_query(&folded));
    let sql = format!("SELECT rowid FROM {table} WHERE {matches} AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3");
    tx.query(&sql, params![query, before, limit])?
        .iter()
        .map(|row| row.get(0))
        .collect()
}
