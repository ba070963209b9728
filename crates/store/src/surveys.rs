//! Surveys that were sent, and their answers.

use domain::{ChannelId, ConversationId, CustomerId, SessionId, SurveyId, Time};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A survey's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Survey {
    pub id: SurveyId,
    pub customer_id: CustomerId,
    pub conversation_id: ConversationId,
    pub session_id: Option<SessionId>,
    pub sent_at: Time,
    pub expires_at: Time,
    pub score: Option<i64>,
    pub comment: String,
    pub answered_at: Option<Time>,
}

const COLUMNS: &str = "id, customer_id, conversation_id, session_id, sent_at, expires_at, score, comment, answered_at";

fn read(row: &Row) -> Result<Survey> {
    Ok(Survey {
        id: row.get(0)?,
        customer_id: row.get(1)?,
        conversation_id: row.get(2)?,
        session_id: row.get(3)?,
        sent_at: row.get(4)?,
        expires_at: row.get(5)?,
        score: row.get(6)?,
        comment: row.get(7)?,
        answered_at: row.get(8)?,
    })
}

/// Adds a survey that has just been sent and can be answered until `expires_at`.
pub fn insert(
    tx: &mut Tx,
    customer: CustomerId,
    conversation: ConversationId,
    session: Option<SessionId>,
    (now, expires_at): (Time, Time),
) -> Result<SurveyId> {
    let row = tx.query_one(
        "INSERT INTO surveys (customer_id, conversation_id, session_id, kind, sent_at, expires_at)
         VALUES (?1, ?2, ?3, 'csat', ?4, ?5) RETURNING id",
        params![customer, conversation, session, now, expires_at],
    )?;
    row.get(0)
}

/// Gives the customer's newest survey that went out on a channel, by no menu, and can still be answered.
pub fn open(tx: &mut Tx, customer: CustomerId, channel: ChannelId, now: Time) -> Result<Option<Survey>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM surveys
         WHERE customer_id = ?1 AND answered_at IS NULL AND expires_at > ?2 AND session_id IS NULL
           AND conversation_id IN (SELECT id FROM conversations WHERE channel_id = ?3)
         ORDER BY id DESC LIMIT 1"
    );
    tx.query_opt(&sql, params![customer, now, channel])?
        .as_ref()
        .map(read)
        .transpose()
}

/// Ends what a customer has not answered, except what a menu asks.
pub fn end_open(tx: &mut Tx, customer: CustomerId, now: Time) -> Result<()> {
    tx.execute(
        "UPDATE surveys SET expires_at = ?2
         WHERE customer_id = ?1 AND answered_at IS NULL AND expires_at > ?2 AND session_id IS NULL",
        params![customer, now],
    )?;
    Ok(())
}

/// Gives the newest survey of a conversation.
pub fn newest_of(tx: &mut Tx, conversation: ConversationId) -> Result<Option<Survey>> {
    let sql = format!("SELECT {COLUMNS} FROM surveys WHERE conversation_id = ?1 ORDER BY id DESC LIMIT 1");
    tx.query_opt(&sql, params![conversation])?
        .as_ref()
        .map(read)
        .transpose()
}

/// Keeps a comment that came after the score.
pub fn add_comment(tx: &mut Tx, id: SurveyId, comment: &str) -> Result<()> {
    tx.execute("UPDATE surveys SET comment = ?2 WHERE id = ?1", params![id, comment])?;
    Ok(())
}

/// Keeps an answer; says whether there was none yet.
pub fn answer(tx: &mut Tx, id: SurveyId, score: i64, comment: &str, now: Time) -> Result<bool> {
    let sql = "UPDATE surveys SET score = ?2, comment = ?3, answered_at = ?4 WHERE id = ?1 AND answered_at IS NULL";
    Ok(tx.execute(sql, params![id, score, comment, now])? > 0)
}
