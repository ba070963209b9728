//! Flows with their versions, and their sessions: one run each with one customer.

use domain::{
    ConversationId, CustomerId, FlowId, SessionId, Time, UserId,
    session::{SessionEnd, SessionStatus},
};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A flow with the source of one of its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Flow {
    pub id: FlowId,
    pub name: String,
    pub enabled: bool,
    pub version: i64,
    pub source: String,
    pub updated_at: Time,
}

const FLOW: &str = "flows.id, flows.name, flows.enabled, flow_versions.version, flow_versions.source, flows.updated_at";
const WITH_VERSION: &str = "flows JOIN flow_versions ON flow_versions.flow_id = flows.id";

fn read(row: &Row) -> Result<Flow> {
    Ok(Flow {
        id: row.get(0)?,
        name: row.get(1)?,
        enabled: row.get(2)?,
        version: row.get(3)?,
        source: row.get(4)?,
        updated_at: row.get(5)?,
    })
}

/// What a flow is given with a new version.
#[derive(Debug, Clone, Copy)]
pub struct NewVersion<'a> {
    /// The flow's name, as the source says it.
    pub name: &'a str,
    /// Its name for people.
    pub title: &'a str,
    /// The source, as it was written.
    pub source: &'a str,
    /// Who saved it; nobody for what the server brings.
    pub by: Option<UserId>,
}

/// Adds a flow with its first version. A name that is taken is a conflict.
pub fn insert(tx: &mut Tx, first: NewVersion<'_>, enabled: bool, now: Time) -> Result<FlowId> {
    let row = tx.query_one(
        "INSERT INTO flows (name, title, enabled, current_version, created_at, updated_at)
         VALUES (?1, ?2, ?3, 1, ?4, ?4) RETURNING id",
        params![first.name, first.title, enabled, now],
    )?;
    let id = row.get(0)?;
    insert_version(tx, id, 1, first, now)?;
    Ok(id)
}

/// Makes a new version of a flow the current one and gives its number. Running sessions stay on theirs.
pub fn add_version(tx: &mut Tx, id: FlowId, new: NewVersion<'_>, now: Time) -> Result<i64> {
    let row = tx.query_one(
        "UPDATE flows SET current_version = current_version + 1, name = ?2, title = ?3, updated_at = ?4 WHERE id = ?1
         RETURNING current_version",
        params![id, new.name, new.title, now],
    )?;
    let version = row.get(0)?;
    insert_version(tx, id, version, new, now)?;
    Ok(version)
}

fn insert_version(tx: &mut Tx, id: FlowId, version: i64, new: NewVersion<'_>, now: Time) -> Result<()> {
    tx.execute(
        "INSERT INTO flow_versions (flow_id, version, source, saved_by, saved_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id, version, new.source, new.by, now],
    )?;
    Ok(())
}

/// Switches a flow on or off; off only means that it does not start any more.
pub fn enable(tx: &mut Tx, id: FlowId, enabled: bool, now: Time) -> Result<bool> {
    let sql = "UPDATE flows SET enabled = ?2, updated_at = ?3 WHERE id = ?1";
    Ok(tx.execute(sql, params![id, enabled, now])? > 0)
}

/// Gives a flow with its current version.
pub fn get(tx: &mut Tx, id: FlowId) -> Result<Option<Flow>> {
    let sql = format!("SELECT {FLOW} FROM {WITH_VERSION} AND version = current_version WHERE flows.id = ?1");
    tx.query_opt(&sql, params![id])?.as_ref().map(read).transpose()
}

/// Gives a flow with a version of old.
pub fn get_version(tx: &mut Tx, id: FlowId, version: i64) -> Result<Option<Flow>> {
    let sql = format!("SELECT {FLOW} FROM {WITH_VERSION} WHERE flows.id = ?1 AND version = ?2");
    tx.query_opt(&sql, params![id, version])?.as_ref().map(read).transpose()
}

/// Gives all flows with their current versions, oldest first.
pub fn list(tx: &mut Tx) -> Result<Vec<Flow>> {
    let sql = format!("SELECT {FLOW} FROM {WITH_VERSION} AND version = current_version ORDER BY flows.id");
    tx.query(&sql, params![])?.iter().map(read).collect()
}

/// Gives the flow of this name.
pub fn by_name(tx: &mut Tx, name: &str) -> Result<Option<FlowId>> {
    let row = tx.query_opt("SELECT id FROM flows WHERE name = ?1", params![name])?;
    row.map(|row| row.get(0)).transpose()
}

/// Takes a flow away that has never run, with its versions; says whether it was there and had not.
pub fn remove(tx: &mut Tx, id: FlowId) -> Result<bool> {
    if tx
        .query_opt("SELECT 1 FROM flow_sessions WHERE flow_id = ?1 LIMIT 1", params![id])?
        .is_some()
    {
        return Ok(false);
    }
    tx.execute("DELETE FROM flow_versions WHERE flow_id = ?1", params![id])?;
    Ok(tx.execute("DELETE FROM flows WHERE id = ?1", params![id])? > 0)
}

/// Gives the flows that are switched on, oldest first, each with the number of its current version.
pub fn enabled(tx: &mut Tx) -> Result<Vec<(FlowId, i64)>> {
    let rows = tx.query(
        "SELECT id, current_version FROM flows WHERE enabled ORDER BY id",
        params![],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A session's row. `state` is the engine's own, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Session {
    pub id: SessionId,
    pub flow_id: FlowId,
    pub version: i64,
    pub customer_id: CustomerId,
    pub conversation_id: ConversationId,
    pub status: SessionStatus,
    pub ended_because: Option<SessionEnd>,
    pub step: String,
    pub state: String,
    pub started_at: Time,
    pub wait_until: Option<Time>,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

const SESSION: &str = "id, flow_id, version, customer_id, conversation_id, status, ended_because, step, state, started_at, \
     wait_until, expires_at, ended_at";

fn read_session(row: &Row) -> Result<Session> {
    let because: Option<String> = row.get(6)?;
    Ok(Session {
        id: row.get(0)?,
        flow_id: row.get(1)?,
        version: row.get(2)?,
        customer_id: row.get(3)?,
        conversation_id: row.get(4)?,
        status: row.word(5)?,
        ended_because: because.map(|_| row.word(6)).transpose()?,
        step: row.get(7)?,
        state: row.get(8)?,
        started_at: row.get(9)?,
        wait_until: row.get(10)?,
        expires_at: row.get(11)?,
        ended_at: row.get(12)?,
    })
}

/// Begins a session; its `id` is ignored. The customer must have no live one: that is a conflict.
pub fn insert_session(tx: &mut Tx, s: &Session) -> Result<SessionId> {
    let row = tx.query_one(
        "INSERT INTO flow_sessions (flow_id, version, customer_id, conversation_id, status, ended_because, step, state,
           started_at, wait_until, expires_at, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING id",
        params![
            s.flow_id,
            s.version,
            s.customer_id,
            s.conversation_id,
            s.status.as_str(),
            s.ended_because.map(SessionEnd::as_str),
            &s.step,
            &s.state,
            s.started_at,
            s.wait_until,
            s.expires_at,
            s.ended_at
        ],
    )?;
    row.get(0)
}

/// Writes back all that can change of a session.
pub fn update_session(tx: &mut Tx, s: &Session) -> Result<()> {
    tx.execute(
        "UPDATE flow_sessions SET status = ?2, ended_because = ?3, step = ?4, state = ?5, wait_until = ?6, expires_at = ?7,
           ended_at = ?8 WHERE id = ?1",
        params![
            s.id,
            s.status.as_str(),
            s.ended_because.map(SessionEnd::as_str),
            &s.step,
            &s.state,
            s.wait_until,
            s.expires_at,
            s.ended_at
        ],
    )?;
    Ok(())
}

/// Gives a session.
pub fn session(tx: &mut Tx, id: SessionId) -> Result<Option<Session>> {
    let row = tx.query_opt(
        &format!("SELECT {SESSION} FROM flow_sessions WHERE id = ?1"),
        params![id],
    )?;
    row.as_ref().map(read_session).transpose()
}

/// Gives the customer's session that has not ended.
pub fn live_session(tx: &mut Tx, customer: CustomerId) -> Result<Option<Session>> {
    let sql = format!("SELECT {SESSION} FROM flow_sessions WHERE customer_id = ?1 AND status <> 'ended'");
    tx.query_opt(&sql, params![customer])?
        .as_ref()
        .map(read_session)
        .transpose()
}

/// Gives a flow's sessions, newest first, with ids below `before`.
pub fn sessions_of(tx: &mut Tx, flow: FlowId, before: SessionId, limit: i64) -> Result<Vec<Session>> {
    let sql = format!("SELECT {SESSION} FROM flow_sessions WHERE flow_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
    tx.query(&sql, params![flow, before, limit])?
        .iter()
        .map(read_session)
        .collect()
}

/// Notes the steps a session entered, in order, after those noted before.
pub fn add_steps(tx: &mut Tx, id: SessionId, steps: &[String], now: Time) -> Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let last = tx.query_one(
        "SELECT COALESCE(MAX(seq), 0) FROM flow_steps WHERE session_id = ?1",
        params![id],
    )?;
    let last: i64 = last.get(0)?;
    for (seq, step) in (last + 1..).zip(steps) {
        let sql = "INSERT INTO flow_steps (session_id, seq, step, at) VALUES (?1, ?2, ?3, ?4)";
        tx.execute(sql, params![id, seq, step, now])?;
    }
    Ok(())
}

/// Gives the steps a session entered, in order.
pub fn steps(tx: &mut Tx, id: SessionId) -> Result<Vec<(String, Time)>> {
    let rows = tx.query(
        "SELECT step, at FROM flow_steps WHERE session_id = ?1 ORDER BY seq",
        params![id],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
