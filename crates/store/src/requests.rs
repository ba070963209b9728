//! Requests on customers' files, and the partners they are submitted to.

use domain::{
    ConversationId, CustomerId, PartnerId, RequestId, SessionId, Time,
    request::{PartnerWay, RequestStatus},
};
use serde_json::Value as Json;

use crate::{
    params, search,
    sql::{self, Result, Row, Tx, Value},
};

/// A request's row.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Request {
    pub id: RequestId,
    pub customer_id: CustomerId,
    pub conversation_id: Option<ConversationId>,
    pub session_id: Option<SessionId>,
    pub kind: String,
    pub summary: String,
    pub details: Json,
    pub status: RequestStatus,
    pub status_note: String,
    pub partner_id: Option<PartnerId>,
    pub partner_ref: Option<String>,
    pub answer_token_hash: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

const COLUMNS: &str = "id, customer_id, conversation_id, session_id, kind, summary, details, status, status_note, partner_id, \
     partner_ref, answer_token_hash, created_at, updated_at";

fn read(row: &Row) -> Result<Request> {
    Ok(Request {
        id: row.get(0)?,
        customer_id: row.get(1)?,
        conversation_id: row.get(2)?,
        session_id: row.get(3)?,
        kind: row.get(4)?,
        summary: row.get(5)?,
        details: row.json(6)?,
        status: row.word(7)?,
        status_note: row.get(8)?,
        partner_id: row.get(9)?,
        partner_ref: row.get(10)?,
        answer_token_hash: row.get(11)?,
        created_at: row.get(12)?,
        updated_at: row.get(13)?,
    })
}

/// Adds a request; its `id` is ignored.
pub fn insert(tx: &mut Tx, r: &Request) -> Result<RequestId> {
    let row = tx.query_one(
        "INSERT INTO requests (customer_id, conversation_id, session_id, kind, summary, details, status, status_note,
           partner_id, partner_ref, answer_token_hash, created_at, updated_at, profile_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
           (SELECT profile_id FROM conversations WHERE id = ?2)) RETURNING id",
        params![
            r.customer_id,
            r.conversation_id,
            r.session_id,
            &r.kind,
            &r.summary,
            r.details.to_string(),
            r.status.as_str(),
            &r.status_note,
            r.partner_id,
            r.partner_ref.clone(),
            r.answer_token_hash.clone(),
            r.created_at,
            r.updated_at
        ],
    )?;
    let id = row.get(0)?;
    search::put_request(tx, id, &words(r))?;
    Ok(id)
}

/// What a request is found by.
fn words(r: &Request) -> String {
    let reference = r.partner_ref.as_deref().unwrap_or_default();
    let mut words = vec![&r.kind, &r.summary, &r.status_note, reference];
    let details = r.details.as_object().into_iter().flatten();
    words.extend(details.filter_map(|(_, value)| value.as_str()));
    words.join(" ")
}

/// Gives these requests, in no order.
pub fn get_all(tx: &mut Tx, ids: &[RequestId]) -> Result<Vec<Request>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM requests WHERE id IN ({})",
        sql::places(1, ids.len())
    );
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Writes back all that can change of a request.
pub fn update(tx: &mut Tx, r: &Request) -> Result<()> {
    tx.execute(
        "UPDATE requests SET status = ?2, status_note = ?3, partner_id = ?4, partner_ref = ?5, answer_token_hash = ?6,
           updated_at = ?7 WHERE id = ?1",
        params![
            r.id,
            r.status.as_str(),
            &r.status_note,
            r.partner_id,
            r.partner_ref.clone(),
            r.answer_token_hash.clone(),
            r.updated_at
        ],
    )?;
    search::put_request(tx, r.id, &words(r))
}

/// Gives a request.
pub fn get(tx: &mut Tx, id: RequestId) -> Result<Option<Request>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM requests WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives the request that a partner's answer token belongs to.
pub fn by_answer_token(tx: &mut Tx, hash: &str) -> Result<Option<Request>> {
    let row = tx.query_opt(
        &format!("SELECT {COLUMNS} FROM requests WHERE answer_token_hash = ?1"),
        params![hash],
    )?;
    row.as_ref().map(read).transpose()
}

/// Gives the newest request that a session filed.
pub fn newest_of_session(tx: &mut Tx, session: SessionId) -> Result<Option<Request>> {
    let sql = format!("SELECT {COLUMNS} FROM requests WHERE session_id = ?1 ORDER BY id DESC LIMIT 1");
    tx.query_opt(&sql, params![session])?.as_ref().map(read).transpose()
}

/// Gives a customer's requests, newest first, with ids below `before`.
pub fn of_customer(tx: &mut Tx, customer: CustomerId, before: RequestId, limit: i64) -> Result<Vec<Request>> {
    let sql = format!("SELECT {COLUMNS} FROM requests WHERE customer_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
    tx.query(&sql, params![customer, before, limit])?
        .iter()
        .map(read)
        .collect()
}

/// Gives requests of everyone, newest first, with ids below `before`; in one status, or in any.
pub fn list(tx: &mut Tx, status: Option<RequestStatus>, before: RequestId, limit: i64) -> Result<Vec<Request>> {
    let sql =
        format!("SELECT {COLUMNS} FROM requests WHERE (?1 = '' OR status = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3");
    let status = status.map_or("", RequestStatus::as_str);
    tx.query(&sql, params![status, before, limit])?
        .iter()
        .map(read)
        .collect()
}

/// A partner's row. `secret` signs what is sent to its webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Partner {
    pub id: PartnerId,
    pub name: String,
    pub way: PartnerWay,
    pub address: String,
    pub secret: String,
}

fn read_partner(row: &Row) -> Result<Partner> {
    Ok(Partner {
        id: row.get(0)?,
        name: row.get(1)?,
        way: row.word(2)?,
        address: row.get(3)?,
        secret: row.get(4)?,
    })
}

/// Adds a partner; its `id` is ignored. A name that is taken is a conflict.
pub fn insert_partner(tx: &mut Tx, p: &Partner, now: Time) -> Result<PartnerId> {
    let row = tx.query_one(
        "INSERT INTO partners (name, way, address, secret, created_at) VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
        params![&p.name, p.way.as_str(), &p.address, &p.secret, now],
    )?;
    row.get(0)
}

/// Gives a partner.
pub fn partner(tx: &mut Tx, id: PartnerId) -> Result<Option<Partner>> {
    let row = tx.query_opt(
        "SELECT id, name, way, address, secret FROM partners WHERE id = ?1",
        params![id],
    )?;
    row.as_ref().map(read_partner).transpose()
}

/// Gives the partner of a name, whatever the case.
pub fn partner_by_name(tx: &mut Tx, name: &str) -> Result<Option<Partner>> {
    let sql = "SELECT id, name, way, address, secret FROM partners WHERE LOWER(name) = LOWER(?1)";
    tx.query_opt(sql, params![name])?.as_ref().map(read_partner).transpose()
}

/// Gives all partners in order of their names.
pub fn partners(tx: &mut Tx) -> Result<Vec<Partner>> {
    let rows = tx.query(
        "SELECT id, name, way, address, secret FROM partners ORDER BY name",
        params![],
    )?;
    rows.iter().map(read_partner).collect()
}

/// Writes back all that can change of a partner.
pub fn update_partner(tx: &mut Tx, p: &Partner) -> Result<bool> {
    let sql = "UPDATE partners SET name = ?2, way = ?3, address = ?4, secret = ?5 WHERE id = ?1";
    Ok(tx.execute(sql, params![p.id, &p.name, p.way.as_str(), &p.address, &p.secret])? > 0)
}

/// Takes a partner away that no request names; says whether that was so.
pub fn remove_partner(tx: &mut Tx, id: PartnerId) -> Result<bool> {
    let sql = "DELETE FROM partners WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM requests WHERE partner_id = ?1)";
    Ok(tx.execute(sql, params![id])? > 0)
}
