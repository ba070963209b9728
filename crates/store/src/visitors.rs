//! Visitors of chats: who they are, and the tokens that their browsers know them by. Of a token only the hash is kept.

use domain::{ChannelId, ConversationId, CustomerId, Time, VisitorId, channel::CHAT_ID};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A visitor's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names of the columns say what they hold; the migration says more of some"
)]
pub struct Visitor {
    pub id: VisitorId,
    pub channel_id: ChannelId,
    pub public_id: String,
    pub user_id: Option<String>,
    pub anonymous_id: Option<String>,
    pub answers: String,
}

const COLUMNS: &str = "visitors.id, channel_id, public_id, user_id, anonymous_id, answers";

fn read(row: &Row) -> Result<Visitor> {
    Ok(Visitor {
        id: row.get(0)?,
        channel_id: row.get(1)?,
        public_id: row.get(2)?,
        user_id: row.get(3)?,
        anonymous_id: row.get(4)?,
        answers: row.get(5)?,
    })
}

/// Adds a visitor nobody knows yet.
pub fn insert(tx: &mut Tx, channel: ChannelId, public_id: &str, answers: &str, now: Time) -> Result<Visitor> {
    let sql = format!(
        "INSERT INTO visitors (channel_id, public_id, answers, created_at) VALUES (?1, ?2, ?3, ?4) RETURNING {COLUMNS}"
    );
    read(&tx.query_one(&sql, params![channel, public_id, answers, now])?)
}

/// Lets a browser be this visitor.
pub fn add_token(tx: &mut Tx, visitor: VisitorId, hash: &str, now: Time) -> Result<()> {
    let sql = "INSERT INTO visitor_tokens (token_hash, visitor_id, created_at) VALUES (?1, ?2, ?3)";
    tx.execute(sql, params![hash, visitor, now]).map(drop)
}

/// Takes a token out of use.
pub fn drop_token(tx: &mut Tx, hash: &str) -> Result<()> {
    tx.execute("DELETE FROM visitor_tokens WHERE token_hash = ?1", params![hash])
        .map(drop)
}

/// Gives the visitor of a channel that a token stands for.
pub fn by_token(tx: &mut Tx, channel: ChannelId, hash: &str) -> Result<Option<Visitor>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM visitors JOIN visitor_tokens ON visitor_tokens.visitor_id = visitors.id
         WHERE token_hash = ?1 AND channel_id = ?2"
    );
    tx.query_opt(&sql, params![hash, channel])?
        .as_ref()
        .map(read)
        .transpose()
}

/// Gives the visitor with this address.
pub fn by_public_id(tx: &mut Tx, public_id: &str) -> Result<Option<Visitor>> {
    let sql = format!("SELECT {COLUMNS} FROM visitors WHERE public_id = ?1");
    tx.query_opt(&sql, params![public_id])?.as_ref().map(read).transpose()
}

/// Gives the visitor that a user was last on a channel.
pub fn of_user(tx: &mut Tx, channel: ChannelId, user: &str) -> Result<Option<Visitor>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM visitors WHERE channel_id = ?1 AND user_id = ?2 ORDER BY visitors.id DESC LIMIT 1"
    );
    tx.query_opt(&sql, params![channel, user])?
        .as_ref()
        .map(read)
        .transpose()
}

/// Notes what the page calls a visitor's browser.
pub fn set_browser(tx: &mut Tx, visitor: VisitorId, anonymous_id: &str) -> Result<()> {
    let sql = "UPDATE visitors SET anonymous_id = ?2 WHERE id = ?1";
    tx.execute(sql, params![visitor, anonymous_id]).map(drop)
}

/// Notes who a visitor is.
pub fn sign_in(tx: &mut Tx, visitor: VisitorId, user: &str) -> Result<()> {
    let sql = "UPDATE visitors SET user_id = ?2 WHERE id = ?1";
    tx.execute(sql, params![visitor, user]).map(drop)
}

/// Forgets what a visitor answered: it is on a file now.
pub fn forget_answers(tx: &mut Tx, visitor: VisitorId) -> Result<()> {
    let sql = "UPDATE visitors SET answers = '{}' WHERE id = ?1";
    tx.execute(sql, params![visitor]).map(drop)
}

/// Gives the addresses that a visitor's messages came from and go to: more than one where the user of several browsers
/// has signed in from them.
pub fn addresses(tx: &mut Tx, visitor: &Visitor) -> Result<Vec<String>> {
    let Some(user) = &visitor.user_id else {
        return Ok(vec![visitor.public_id.clone()]);
    };
    let sql = "SELECT public_id FROM visitors WHERE channel_id = ?1 AND user_id = ?2 ORDER BY id";
    let rows = tx.query(sql, params![visitor.channel_id, user])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives the address by which a customer was last on a channel.
pub fn address_of(tx: &mut Tx, customer: CustomerId, channel: ChannelId) -> Result<Option<String>> {
    let row = tx.query_opt(
        "SELECT visitors.public_id FROM identities JOIN visitors ON visitors.public_id = identities.value
         WHERE identities.customer_id = ?1 AND identities.kind = ?2 AND visitors.channel_id = ?3
         ORDER BY visitors.id DESC LIMIT 1",
        params![customer, CHAT_ID, channel],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Notes that a visitor types now, or has stopped.
pub fn set_typing(tx: &mut Tx, public_id: &str, at: Option<Time>) -> Result<()> {
    let sql = "UPDATE visitors SET typing_at = ?2 WHERE public_id = ?1";
    tx.execute(sql, params![public_id, at]).map(drop)
}

/// Gives the conversations in which a customer has typed since `since`.
pub fn typing(tx: &mut Tx, since: Time) -> Result<Vec<ConversationId>> {
    let rows = tx.query(
        "SELECT (SELECT conversation_id FROM messages WHERE messages.channel_id = visitors.channel_id
             AND messages.address = visitors.public_id ORDER BY messages.id DESC LIMIT 1)
         FROM visitors WHERE typing_at >= ?1 ORDER BY 1",
        params![since],
    )?;
    let found = rows.iter().map(|row| row.get::<Option<ConversationId>>(0));
    found.filter_map(Result::transpose).collect()
}
