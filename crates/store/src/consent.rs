//! The consent ledger: rows are added, never changed or taken away. And the texts that may be a revocation.

use domain::{
    ChannelId, ConsentId, ConversationId, CustomerId, MessageId, ReviewId, Time, UserId,
    consent::{ConsentBasis, ConsentChange, ConsentSource, Standing},
    event::ActorKind,
};

use crate::{
    params,
    sql::{self, Result, Row, Tx, Value},
};

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Entry {
    pub id: ConsentId,
    pub customer_id: Option<CustomerId>,
    pub address: String,
    /// The one channel it is about; `None` means all of the company's.
    pub channel_id: Option<ChannelId>,
    pub change: ConsentChange,
    pub basis: ConsentBasis,
    pub source: ConsentSource,
    /// What the customer was shown or wrote.
    pub wording: String,
    pub evidence_message_id: Option<MessageId>,
    pub actor: ActorKind,
    pub actor_id: Option<i64>,
    pub at: Time,
}

const COLUMNS: &str =
    "id, customer_id, address, channel_id, change, basis, source, wording, evidence_message_id, actor, actor_id, at";

fn read(row: &Row) -> Result<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        customer_id: row.get(1)?,
        address: row.get(2)?,
        channel_id: row.get(3)?,
        change: row.word(4)?,
        basis: row.word(5)?,
        source: row.word(6)?,
        wording: row.get(7)?,
        evidence_message_id: row.get(8)?,
        actor: row.word(9)?,
        actor_id: row.get(10)?,
        at: row.get(11)?,
    })
}

/// Adds a row; its `id` is ignored.
pub fn append(tx: &mut Tx, entry: &Entry) -> Result<ConsentId> {
    let row = tx.query_one(
        "INSERT INTO consent (customer_id, address, channel_id, change, basis, source, wording, evidence_message_id,
           actor, actor_id, at, profile_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
           (SELECT profile_id FROM identities WHERE kind = 'phone' AND value = ?2)) RETURNING id",
        params![
            entry.customer_id,
            &entry.address,
            entry.channel_id,
            entry.change.as_str(),
            entry.basis.as_str(),
            entry.source.as_str(),
            &entry.wording,
            entry.evidence_message_id,
            entry.actor.as_str(),
            entry.actor_id,
            entry.at
        ],
    )?;
    row.get(0)
}

/// Gives the newest row that is about this address on this channel; `None` when there is none.
pub fn newest(tx: &mut Tx, address: &str, channel: ChannelId) -> Result<Option<Entry>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM consent WHERE address = ?1 AND (channel_id IS NULL OR channel_id = ?2) ORDER BY id DESC LIMIT 1"
    );
    tx.query_opt(&sql, params![address, channel])?
        .as_ref()
        .map(read)
        .transpose()
}

/// Gives the newest row of each of these addresses about all channels, and about each one channel; in no order.
pub fn newest_of(tx: &mut Tx, addresses: &[&str]) -> Result<Vec<Entry>> {
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let places = sql::places(1, addresses.len());
    let values: Vec<Value> = addresses.iter().map(|address| Value::from(*address)).collect();
    let newest = format!("SELECT MAX(id) FROM consent WHERE address IN ({places}) GROUP BY address, channel_id");
    let sql = format!("SELECT {COLUMNS} FROM consent WHERE id IN ({newest})");
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Gives what holds for an address on a channel, in the form that the rules take.
pub fn standing(tx: &mut Tx, address: &str, channel: ChannelId) -> Result<Option<Standing>> {
    Ok(newest(tx, address, channel)?.map(|entry| Standing {
        change: entry.change,
        source: entry.source,
    }))
}

/// Gives a customer's rows, newest first.
pub fn of_customer(tx: &mut Tx, customer: CustomerId) -> Result<Vec<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM consent WHERE customer_id = ?1 ORDER BY id DESC");
    tx.query(&sql, params![customer])?.iter().map(read).collect()
}

/// Gives the ledger from its beginning, in pages of rows with ids above `after`.
pub fn ledger(tx: &mut Tx, after: ConsentId, limit: i64) -> Result<Vec<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM consent WHERE id > ?1 ORDER BY id LIMIT ?2");
    tx.query(&sql, params![after, limit])?.iter().map(read).collect()
}

/// A text that may be a revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Review {
    pub id: ReviewId,
    pub customer_id: CustomerId,
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub address: String,
    pub reason: String,
    pub at: Time,
}

const REVIEW: &str = "id, customer_id, conversation_id, message_id, address, reason, at";

fn read_review(row: &Row) -> Result<Review> {
    Ok(Review {
        id: row.get(0)?,
        customer_id: row.get(1)?,
        conversation_id: row.get(2)?,
        message_id: row.get(3)?,
        address: row.get(4)?,
        reason: row.get(5)?,
        at: row.get(6)?,
    })
}

/// Asks for a person's decision about a text; its `id` is ignored. A text is asked about once.
pub fn ask(tx: &mut Tx, review: &Review) -> Result<()> {
    tx.execute(
        "INSERT INTO consent_reviews (customer_id, conversation_id, message_id, address, reason, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (message_id) DO NOTHING",
        params![
            review.customer_id,
            review.conversation_id,
            review.message_id,
            &review.address,
            &review.reason,
            review.at
        ],
    )?;
    Ok(())
}

/// Gives the texts that wait for a decision, oldest first.
pub fn open_reviews(tx: &mut Tx, after: ReviewId, limit: i64) -> Result<Vec<Review>> {
    let sql = format!("SELECT {REVIEW} FROM consent_reviews WHERE decision IS NULL AND id > ?1 ORDER BY id LIMIT ?2");
    tx.query(&sql, params![after, limit])?.iter().map(read_review).collect()
}

/// Decides about a text. `None` when somebody has decided already.
pub fn decide(tx: &mut Tx, id: ReviewId, opted_out: bool, by: UserId, now: Time) -> Result<Option<Review>> {
    let decision = if opted_out { "opted_out" } else { "kept" };
    let sql = format!(
        "UPDATE consent_reviews SET decision = ?2, decided_by = ?3, decided_at = ?4
         WHERE id = ?1 AND decision IS NULL RETURNING {REVIEW}"
    );
    tx.query_opt(&sql, params![id, decision, by, now])?
        .as_ref()
        .map(read_review)
        .transpose()
}
