//! Questions about journeys that somebody keeps under a name; everybody sees them.

use domain::{QuestionId, Time, UserId, touchpoint::JourneyPage};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A question under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct SavedQuestion {
    pub id: QuestionId,
    pub page: JourneyPage,
    pub name: String,
    /// What stands behind the question mark of the page's address.
    pub query: String,
    pub user_id: Option<UserId>,
    pub saved_at: Time,
}

const COLUMNS: &str = "id, page, name, query, user_id, saved_at";

/// Adds a question; its `id` is ignored. `None` when the page has one of this name.
pub fn insert(tx: &mut Tx, question: &SavedQuestion) -> Result<Option<QuestionId>> {
    let row = tx.query_opt(
        "INSERT INTO saved_questions (page, name, query, user_id, saved_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (page, name) DO NOTHING
         RETURNING id",
        params![
            question.page.as_str(),
            &question.name,
            &question.query,
            question.user_id,
            question.saved_at
        ],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives all questions by page and name.
pub fn list(tx: &mut Tx) -> Result<Vec<SavedQuestion>> {
    let sql = format!("SELECT {COLUMNS} FROM saved_questions ORDER BY page, name");
    tx.query(&sql, params![])?.iter().map(read).collect()
}

/// Gives a question.
pub fn get(tx: &mut Tx, id: QuestionId) -> Result<Option<SavedQuestion>> {
    let sql = format!("SELECT {COLUMNS} FROM saved_questions WHERE id = ?1");
    tx.query_opt(&sql, params![id])?.as_ref().map(read).transpose()
}

/// Removes a question.
pub fn remove(tx: &mut Tx, id: QuestionId) -> Result<()> {
    tx.execute("DELETE FROM saved_questions WHERE id = ?1", params![id])?;
    Ok(())
}

fn read(row: &Row) -> Result<SavedQuestion> {
    Ok(SavedQuestion {
        id: row.get(0)?,
        page: row.word(1)?,
        name: row.get(2)?,
        query: row.get(3)?,
        user_id: row.get(4)?,
        saved_at: row.get(5)?,
    })
}
