//! Messages and their attachments.

use domain::{
    AttachmentId, ChannelId, ConversationId, CustomerId, MessageId, Time, UserId,
    message::{Author, Direction, Lane, MessageStatus},
};

use crate::{
    params, search,
    sql::{self, Result, Row, Tx, Value},
};

/// A message's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names of the columns say what they hold; the migration says more of some"
)]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub channel_id: ChannelId,
    pub direction: Direction,
    pub author: Author,
    pub author_id: Option<i64>,
    pub address: String,
    pub body: String,
    pub at: Time,
    pub status: MessageStatus,
    pub segments: i64,
    pub lane: Lane,
    pub send_at: Option<Time>,
    pub compliance: bool,
    pub provider_id: Option<String>,
    pub error_code: Option<String>,
    pub error: Option<String>,
    pub client_key: Option<String>,
    pub close_after: bool,
}

const COLUMNS: &str = "id, conversation_id, customer_id, channel_id, direction, author, author_id, address, body, at, \
     status, segments, lane, send_at, compliance, provider_id, error_code, error, client_key, close_after";

fn read(row: &Row) -> Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        conversation_id: row.get(1)?,
        customer_id: row.get(2)?,
        channel_id: row.get(3)?,
        direction: row.word(4)?,
        author: row.word(5)?,
        author_id: row.get(6)?,
        address: row.get(7)?,
        body: row.get(8)?,
        at: row.get(9)?,
        status: row.word(10)?,
        segments: row.get(11)?,
        lane: row.word(12)?,
        send_at: row.get(13)?,
        compliance: row.get(14)?,
        provider_id: row.get(15)?,
        error_code: row.get(16)?,
        error: row.get(17)?,
        client_key: row.get(18)?,
        close_after: row.get(19)?,
    })
}

/// Adds a message and makes it findable; its `id` is ignored. `None` when the provider's id or the client's key is there
/// already: the same message came twice.
pub fn insert(tx: &mut Tx, m: &Message) -> Result<Option<MessageId>> {
    let row = tx.query_opt(
        "INSERT INTO messages (conversation_id, customer_id, channel_id, direction, author, author_id, address, body, at,
           status, segments, lane, send_at, compliance, provider_id, error_code, error, client_key, close_after)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
         ON CONFLICT DO NOTHING RETURNING id",
        params![
            m.conversation_id,
            m.customer_id,
            m.channel_id,
            m.direction.as_str(),
            m.author.as_str(),
            m.author_id,
            &m.address,
            &m.body,
            m.at,
            m.status.as_str(),
            m.segments,
            m.lane.as_str(),
            m.send_at,
            m.compliance,
            m.provider_id.clone(),
            m.error_code.clone(),
            m.error.clone(),
            m.client_key.clone(),
            m.close_after
        ],
    )?;
    let Some(row) = row else { return Ok(None) };
    let id = row.get(0)?;
    search::put_message(tx, id, &m.body)?;
    Ok(Some(id))
}

/// Gives a message.
pub fn get(tx: &mut Tx, id: MessageId) -> Result<Option<Message>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM messages WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives the message that a provider knows by this id.
pub fn by_provider_id(tx: &mut Tx, channel: ChannelId, provider_id: &str) -> Result<Option<Message>> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE channel_id = ?1 AND provider_id = ?2");
    tx.query_opt(&sql, params![channel, provider_id])?
        .as_ref()
        .map(read)
        .transpose()
}

/// Gives the message that a client named with this key.
pub fn by_client_key(tx: &mut Tx, key: &str) -> Result<Option<Message>> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE client_key = ?1");
    tx.query_opt(&sql, params![key])?.as_ref().map(read).transpose()
}

/// Gives a conversation's messages with ids above `after`, oldest first.
pub fn after(tx: &mut Tx, id: ConversationId, after: MessageId, limit: i64) -> Result<Vec<Message>> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE conversation_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
    tx.query(&sql, params![id, after, limit])?.iter().map(read).collect()
}

/// Gives a conversation's messages with ids below `before`, newest first.
pub fn before(tx: &mut Tx, id: ConversationId, before: MessageId, limit: i64) -> Result<Vec<Message>> {
    let sql =
        format!("SELECT {COLUMNS} FROM messages WHERE conversation_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
    tx.query(&sql, params![id, before, limit])?.iter().map(read).collect()
}

/// Gives the messages from and to an address on a channel with ids above `after`, oldest first.
pub fn with_address(tx: &mut Tx, channel: ChannelId, address: &str, after: MessageId) -> Result<Vec<Message>> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE channel_id = ?1 AND address = ?2 AND id > ?3 ORDER BY id");
    tx.query(&sql, params![channel, address, after])?
        .iter()
        .map(read)
        .collect()
}

/// The most messages that a visitor is shown at once, the newest.
const MOST_SHOWN: usize = 500;

/// Gives what was said with these addresses on a channel, oldest first: what came or left, with ids above `after`; and what has
/// left and not arrived, for what was written earlier may leave later.
pub fn shown_to(tx: &mut Tx, channel: ChannelId, addresses: &[String], after: MessageId) -> Result<Vec<Message>> {
    let (places, values) = among(channel, after, addresses);
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE channel_id = ?1 AND address IN ({places}) AND (id > ?2 OR status = 'sent')
           AND status IN ('received', 'sent', 'delivered', 'read') ORDER BY id DESC LIMIT {MOST_SHOWN}"
    );
    let mut found = tx.query(&sql, &values)?.iter().map(read).collect::<Result<Vec<_>>>()?;
    found.reverse();
    Ok(found)
}

/// Gives the messages to these addresses up to one that have arrived and were not read. That one itself has arrived: it was named.
pub fn unread_by(tx: &mut Tx, channel: ChannelId, addresses: &[String], up_to: MessageId) -> Result<Vec<MessageId>> {
    let (places, values) = among(channel, up_to, addresses);
    let sql = format!(
        "SELECT id FROM messages WHERE channel_id = ?1 AND address IN ({places}) AND id <= ?2
           AND (status = 'delivered' OR (status = 'sent' AND id = ?2)) ORDER BY id"
    );
    tx.query(&sql, &values)?.iter().map(|row| row.get(0)).collect()
}

/// Gives what people said in a conversation on a channel since its customer last wrote there, and the customer has not read.
pub fn unread_words(tx: &mut Tx, conversation: ConversationId, channel: ChannelId) -> Result<Vec<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE conversation_id = ?1 AND channel_id = ?2 AND direction = 'out' AND author = 'user'
           AND status IN ('sent', 'delivered') AND id > COALESCE(
             (SELECT MAX(id) FROM messages WHERE conversation_id = ?1 AND channel_id = ?2 AND direction = 'in'), 0)
         ORDER BY id"
    );
    tx.query(&sql, params![conversation, channel])?
        .iter()
        .map(read)
        .collect()
}

/// Gives the conversations that messages with these addresses on a channel are in.
pub fn conversations_with(tx: &mut Tx, channel: ChannelId, addresses: &[String]) -> Result<Vec<ConversationId>> {
    let (places, values) = among(channel, MessageId(0), addresses);
    let sql = format!(
        "SELECT DISTINCT conversation_id FROM messages WHERE channel_id = ?1 AND id > ?2 AND address IN ({places})"
    );
    tx.query(&sql, &values)?.iter().map(|row| row.get(0)).collect()
}

fn among(channel: ChannelId, id: MessageId, addresses: &[String]) -> (String, Vec<Value>) {
    let mut values = vec![Value::from(channel), Value::from(id)];
    values.extend(addresses.iter().map(|address| Value::from(address.as_str())));
    (sql::places(3, addresses.len()), values)
}

/// Gives these messages, in no order.
pub fn get_all(tx: &mut Tx, ids: &[MessageId]) -> Result<Vec<Message>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE id IN ({})",
        sql::places(1, ids.len())
    );
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Gives the newest message from a customer.
pub fn last_received(tx: &mut Tx, customer: CustomerId) -> Result<Option<Message>> {
    let sql =
        format!("SELECT {COLUMNS} FROM messages WHERE customer_id = ?1 AND direction = 'in' ORDER BY id DESC LIMIT 1");
    tx.query_opt(&sql, params![customer])?.as_ref().map(read).transpose()
}

/// Says whether a text of ours that was written after this message is on its customer's phone.
pub fn has_reached(tx: &mut Tx, message: &Message) -> Result<bool> {
    let sql = "SELECT 1 FROM messages WHERE customer_id = ?1 AND id > ?2 AND status IN ('delivered', 'read') LIMIT 1";
    Ok(tx.query_opt(sql, params![message.customer_id, message.id])?.is_some())
}

/// Gives the messages to an address that have not been handed over.
pub fn waiting_for(tx: &mut Tx, address: &str) -> Result<Vec<Message>> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE address = ?1 AND status IN ('queued', 'scheduled')");
    tx.query(&sql, params![address])?.iter().map(read).collect()
}

/// What becomes of a message when it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What the provider calls it; kept when it was known before.
    pub provider_id: Option<String>,
    /// The provider's code of what went wrong.
    pub error_code: Option<String>,
    /// What went wrong, in plain words.
    pub error: Option<String>,
}

/// Moves a message from one of the states `from` to `to`; says whether it was in one of them.
pub fn advance(
    tx: &mut Tx,
    id: MessageId,
    from: &[MessageStatus],
    to: MessageStatus,
    outcome: &Outcome,
) -> Result<bool> {
    let mut values = vec![
        id.into(),
        to.as_str().into(),
        outcome.provider_id.clone().into(),
        outcome.error_code.clone().into(),
        outcome.error.clone().into(),
    ];
    let places = sql::places(values.len() + 1, from.len());
    values.extend(from.iter().map(|status| Value::from(status.as_str())));
    let sql = format!(
        "UPDATE messages SET status = ?2, provider_id = COALESCE(provider_id, ?3), error_code = ?4, error = ?5
         WHERE id = ?1 AND status IN ({places})"
    );
    Ok(tx.execute(&sql, &values)? > 0)
}

/// Begins a new attempt to hand a message over, at `send_at` or at once: the provider will call it something else.
pub fn begin_anew(tx: &mut Tx, id: MessageId, send_at: Option<Time>) -> Result<()> {
    let sql = "UPDATE messages SET attempt = attempt + 1, provider_id = NULL, send_at = ?2 WHERE id = ?1";
    tx.execute(sql, params![id, send_at]).map(drop)
}

/// Gives which attempt to hand a message over is under way: news about an earlier one is no news of this one.
pub fn attempt(tx: &mut Tx, id: MessageId) -> Result<i64> {
    tx.query_one("SELECT attempt FROM messages WHERE id = ?1", params![id])?
        .get(0)
}

/// Says whether a conversation is to close with a message, the first time that it is asked.
pub fn take_close_after(tx: &mut Tx, id: MessageId) -> Result<bool> {
    let sql = "UPDATE messages SET close_after = FALSE WHERE id = ?1 AND close_after";
    Ok(tx.execute(sql, params![id])? > 0)
}

/// Keeps what the provider calls a message, where that is not known yet.
pub fn name(tx: &mut Tx, id: MessageId, provider_id: &str) -> Result<()> {
    let sql = "UPDATE messages SET provider_id = ?2 WHERE id = ?1 AND provider_id IS NULL";
    tx.execute(sql, params![id, provider_id])?;
    Ok(())
}

/// Gives the address that the last message of a conversation on a channel came from or goes to.
pub fn address_in(tx: &mut Tx, conversation: ConversationId, channel: ChannelId) -> Result<Option<String>> {
    let row = tx.query_opt(
        "SELECT address FROM messages WHERE conversation_id = ?1
           AND channel_id = ?2 ORDER BY id DESC LIMIT 1",
        params![conversation, channel],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives the address that a customer last wrote from on a channel, or was last written to.
pub fn last_address(tx: &mut Tx, customer: CustomerId, channel: ChannelId) -> Result<Option<String>> {
    let row = tx.query_opt(
        "SELECT address FROM messages WHERE customer_id = ?1 AND channel_id = ?2 ORDER BY id DESC LIMIT 1",
        params![customer, channel],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// An attachment's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names of the columns say what they hold; the migration says more of some"
)]
pub struct Attachment {
    pub id: AttachmentId,
    pub message_id: Option<MessageId>,
    pub name: String,
    pub content_type: String,
    pub size_bytes: i64,
    pub object_key: Option<String>,
    pub source_url: Option<String>,
    pub public_token: String,
    pub uploaded_by: Option<UserId>,
    pub created_at: Time,
    pub error: Option<String>,
}

const ATTACHMENT: &str = "id, message_id, name, content_type, size_bytes, object_key, source_url, public_token, \
     uploaded_by, created_at, error";

fn read_attachment(row: &Row) -> Result<Attachment> {
    Ok(Attachment {
        id: row.get(0)?,
        message_id: row.get(1)?,
        name: row.get(2)?,
        content_type: row.get(3)?,
        size_bytes: row.get(4)?,
        object_key: row.get(5)?,
        source_url: row.get(6)?,
        public_token: row.get(7)?,
        uploaded_by: row.get(8)?,
        created_at: row.get(9)?,
        error: row.get(10)?,
    })
}

/// Adds an attachment; its `id` is ignored.
pub fn insert_attachment(tx: &mut Tx, a: &Attachment) -> Result<AttachmentId> {
    let row = tx.query_one(
        "INSERT INTO attachments (message_id, name, content_type, size_bytes, object_key, source_url, public_token,
           uploaded_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id",
        params![
            a.message_id,
            &a.name,
            &a.content_type,
            a.size_bytes,
            a.object_key.clone(),
            a.source_url.clone(),
            &a.public_token,
            a.uploaded_by,
            a.created_at
        ],
    )?;
    row.get(0)
}

/// Gives an attachment.
pub fn attachment(tx: &mut Tx, id: AttachmentId) -> Result<Option<Attachment>> {
    let row = tx.query_opt(
        &format!("SELECT {ATTACHMENT} FROM attachments WHERE id = ?1"),
        params![id],
    )?;
    row.as_ref().map(read_attachment).transpose()
}

/// Gives the attachment that a provider may fetch with this token.
pub fn attachment_by_token(tx: &mut Tx, token: &str) -> Result<Option<Attachment>> {
    let row = tx.query_opt(
        &format!("SELECT {ATTACHMENT} FROM attachments WHERE public_token = ?1"),
        params![token],
    )?;
    row.as_ref().map(read_attachment).transpose()
}

/// Gives the attachments of these messages, in order of their ids.
pub fn attachments_of(tx: &mut Tx, ids: &[MessageId]) -> Result<Vec<Attachment>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places = sql::places(1, ids.len());
    let sql = format!("SELECT {ATTACHMENT} FROM attachments WHERE message_id IN ({places}) ORDER BY id");
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    tx.query(&sql, &values)?.iter().map(read_attachment).collect()
}

/// Puts an uploaded attachment on a message; says whether it was free, and nobody's or `by`'s own.
pub fn attach(tx: &mut Tx, attachment: AttachmentId, message: MessageId, by: Option<UserId>) -> Result<bool> {
    let sql = "UPDATE attachments SET message_id = ?2
               WHERE id = ?1 AND message_id IS NULL AND (uploaded_by IS NULL OR uploaded_by = ?3)";
    Ok(tx.execute(sql, params![attachment, message, by])? > 0)
}

/// Notes that an attachment's bytes have been fetched, or why they could not be; says whether it is still there.
pub fn fetched(tx: &mut Tx, id: AttachmentId, stored: Result<(&str, i64), &str>) -> Result<bool> {
    let changed = match stored {
        Ok((key, size)) => tx.execute(
            "UPDATE attachments SET object_key = ?2, size_bytes = ?3, error = NULL WHERE id = ?1",
            params![id, key, size],
        )?,
        Err(error) => tx.execute("UPDATE attachments SET error = ?2 WHERE id = ?1", params![id, error])?,
    };
    Ok(changed > 0)
}
