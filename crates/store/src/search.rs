//! Full-text search over messages, notes, requests and customers: FTS5 or `tsvector`, both fed the same folded words.

use domain::{CustomerId, MessageId, NoteId, RequestId, search::words};

use crate::{
    params,
    sql::{Dialect, Result, Tx, Value},
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

/// Makes a note findable.
pub fn put_note(tx: &mut Tx, id: NoteId, text: &str) -> Result<()> {
    put(tx, "note_search", id.0, text)
}

/// Makes a request findable by a new text, and no longer by the one before.
pub fn put_request(tx: &mut Tx, id: RequestId, text: &str) -> Result<()> {
    tx.execute("DELETE FROM request_search WHERE rowid = ?1", params![id])?;
    put(tx, "request_search", id.0, text)
}

/// Finds messages that hold every word, the last one as a beginning; newest first, with ids below `before`.
pub fn messages(tx: &mut Tx, text: &str, before: MessageId, limit: i64) -> Result<Vec<MessageId>> {
    find(tx, "message_search", text, before.0, limit).map(|ids| ids.into_iter().map(MessageId).collect())
}

/// Finds customers whose file holds every word, the last one as a beginning; newest first, with ids below `before`.
pub fn customers(tx: &mut Tx, text: &str, before: CustomerId, limit: i64) -> Result<Vec<CustomerId>> {
    find(tx, "customer_search", text, before.0, limit).map(|ids| ids.into_iter().map(CustomerId).collect())
}

/// Finds notes that hold every word, the last one as a beginning; newest first, with ids below `before`.
pub fn notes(tx: &mut Tx, text: &str, before: NoteId, limit: i64) -> Result<Vec<NoteId>> {
    find(tx, "note_search", text, before.0, limit).map(|ids| ids.into_iter().map(NoteId).collect())
}

/// Finds requests that hold every word, the last one as a beginning; newest first, with ids below `before`.
pub fn requests(tx: &mut Tx, text: &str, before: RequestId, limit: i64) -> Result<Vec<RequestId>> {
    find(tx, "request_search", text, before.0, limit).map(|ids| ids.into_iter().map(RequestId).collect())
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
    let (listed, checked) = plan(tx, table, &folded)?;
    let (matches, query) = (
        tx.dialect().search_match(table, "?1"),
        tx.dialect().search_query(&listed),
    );
    let mut values = params![query, before, limit].to_vec();
    let mut holds = String::new();
    for word in checked {
        // A folded word has no signs in it, so none that LIKE would read.
        values.push(Value::from(format!("% {word} %")));
        holds += &format!(" AND ' ' || words || ' ' LIKE ?{}", values.len());
    }
    let sql = format!("SELECT rowid FROM {table} WHERE {matches} AND rowid < ?2{holds} ORDER BY rowid DESC LIMIT ?3");
    tx.query(&sql, &values)?.iter().map(|row| row.get(0)).collect()
}

/// A word in more rows than this is common.
const COMMON: i64 = 2_000;

/// Divides words into those whose rows are listed and those that are looked for in the rows found so.
///
/// SQLite reads the list of a common word to its end to find the few rows of a rare one in it; where there is a rare one,
/// its rows are looked at instead. The last word may be a beginning and is always listed.
fn plan(tx: &mut Tx, table: &str, folded: &str) -> Result<(String, Vec<String>)> {
    let all = || Ok((folded.to_owned(), Vec::new()));
    let Some((first, last)) = folded.rsplit_once(' ').filter(|_| tx.dialect() == Dialect::Sqlite) else {
        return all();
    };
    let (mut listed, mut checked) = (Vec::new(), Vec::new());
    for word in first.split(' ') {
        let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ?1 LIMIT ?2)");
        let rows: i64 = tx.query_one(&sql, params![format!("\"{word}\""), COMMON])?.get(0)?;
        if rows < COMMON { &mut listed } else { &mut checked }.push(word.to_owned());
    }
    if listed.is_empty() {
        return all();
    }
    listed.push(last.to_owned());
    Ok((listed.join(" "), checked))
}
