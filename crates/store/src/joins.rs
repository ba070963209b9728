//! Which files are one customer's and why: the log of joins, and what people told apart.

use domain::{
    Actor, CustomerId, JoinId, SourceId, Time,
    event::ActorKind,
    identity::{JoinReason, NamedId},
};

use crate::{
    params,
    sql::{Error, Result, Row, Tx},
};

/// That two files are one customer's, or were.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Join {
    pub id: JoinId,
    /// The profiles that it ties, the older one first.
    pub one_id: CustomerId,
    pub other_id: CustomerId,
    /// The file that went into the other one.
    pub from_id: CustomerId,
    pub reason: JoinReason,
    /// The ids that were used.
    pub ids: Vec<NamedId>,
    /// Whether two files went together, and not only an id came onto a file.
    pub had_history: bool,
    pub source_id: Option<SourceId>,
    pub at: Time,
    pub actor: Actor,
    /// When it was undone, and by whom.
    pub ended: Option<(Time, Actor)>,
}

const COLUMNS: &str = "id, one_id, other_id, from_id, reason, ids, source_id, at, actor, actor_id, ended_at, \
     ended_by, ended_by_id, had_history";

fn read(row: &Row) -> Result<Join> {
    let actor = |kind: usize| -> Result<Actor> {
        Ok(Actor {
            kind: row.word::<ActorKind>(kind)?,
            id: row.get(kind + 1)?,
        })
    };
    let ended_at: Option<Time> = row.get(10)?;
    Ok(Join {
        id: row.get(0)?,
        one_id: row.get(1)?,
        other_id: row.get(2)?,
        from_id: row.get(3)?,
        reason: row.word(4)?,
        ids: row.json(5)?,
        source_id: row.get(6)?,
        at: row.get(7)?,
        actor: actor(8)?,
        had_history: row.get(13)?,
        ended: ended_at.map(|at| Ok::<_, Error>((at, actor(11)?))).transpose()?,
    })
}

fn ordered(one: CustomerId, other: CustomerId) -> (CustomerId, CustomerId) {
    (one.min(other), one.max(other))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Other(error.to_string()))
}

/// Notes that two profiles are one customer's; its `id` is ignored. A join of the two that holds already is a conflict.
pub fn insert(tx: &mut Tx, join: &Join) -> Result<JoinId> {
    let (one, other) = ordered(join.one_id, join.other_id);
    let row = tx.query_one(
        "INSERT INTO joins (one_id, other_id, from_id, reason, ids, source_id, at, actor, actor_id, had_history)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
        params![
            one,
            other,
            join.from_id,
            join.reason.as_str(),
            json(&join.ids)?,
            join.source_id,
            join.at,
            join.actor.kind.as_str(),
            join.actor.id,
            join.had_history
        ],
    )?;
    row.get(0)
}

/// Gives a join.
pub fn get(tx: &mut Tx, id: JoinId) -> Result<Option<Join>> {
    let sql = format!("SELECT {COLUMNS} FROM joins WHERE id = ?1");
    tx.query_opt(&sql, params![id])?.as_ref().map(read).transpose()
}

/// Gives the join of two profiles that holds.
pub fn between(tx: &mut Tx, one: CustomerId, other: CustomerId) -> Result<Option<Join>> {
    let (one, other) = ordered(one, other);
    let sql = format!("SELECT {COLUMNS} FROM joins WHERE one_id = ?1 AND other_id = ?2 AND ended_at IS NULL");
    tx.query_opt(&sql, params![one, other])?.as_ref().map(read).transpose()
}

/// Undoes a join, and gives it as it was; `None` when that was done before.
pub fn end(tx: &mut Tx, id: JoinId, actor: Actor, now: Time) -> Result<Option<Join>> {
    let sql = format!(
        "UPDATE joins SET ended_at = ?2, ended_by = ?3, ended_by_id = ?4 WHERE id = ?1 AND ended_at IS NULL
         RETURNING {COLUMNS}"
    );
    let row = tx.query_opt(&sql, params![id, now, actor.kind.as_str(), actor.id])?;
    row.as_ref().map(read).transpose()
}

/// Those profiles that the customer bound at a place is made of.
fn profiles(place: &str) -> String {
    format!("(SELECT id FROM customers WHERE id = {place} OR merged_into = {place})")
}

/// Gives the joins of a customer's profiles, newest first, also those that were undone.
pub fn of_customer(tx: &mut Tx, customer: CustomerId) -> Result<Vec<Join>> {
    let among = profiles("?1");
    let sql = format!(
        "SELECT {COLUMNS} FROM joins WHERE one_id IN {among} OR other_id IN {among} ORDER BY id DESC LIMIT 200"
    );
    tx.query(&sql, params![customer])?.iter().map(read).collect()
}

/// Gives the joins that tie a customer's profiles together, oldest first.
pub fn ties(tx: &mut Tx, customer: CustomerId) -> Result<Vec<Join>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM joins WHERE one_id IN {} AND ended_at IS NULL ORDER BY id",
        profiles("?1")
    );
    tx.query(&sql, params![customer])?.iter().map(read).collect()
}

/// Gives the newest joins of two files that each had a history, with ids below `before`.
pub fn newest(tx: &mut Tx, before: JoinId, limit: i64) -> Result<Vec<Join>> {
    let sql = format!("SELECT {COLUMNS} FROM joins WHERE id < ?1 AND had_history ORDER BY id DESC LIMIT ?2");
    tx.query(&sql, params![before, limit])?.iter().map(read).collect()
}

/// Notes that two profiles are of two people.
pub fn tell_apart(tx: &mut Tx, one: CustomerId, other: CustomerId, now: Time) -> Result<bool> {
    let (one, other) = ordered(one, other);
    let sql = "INSERT INTO told_apart (one_id, other_id, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![one, other, now])? > 0)
}

/// Says whether a person told these two customers, or any of their profiles, apart.
pub fn is_told_apart(tx: &mut Tx, one: CustomerId, other: CustomerId) -> Result<bool> {
    let sql = format!("SELECT 1 FROM told_apart WHERE {} LIMIT 1", across());
    Ok(tx.query_opt(&sql, params![one, other])?.is_some())
}

/// Says whether a person told these two profiles apart.
pub fn are_told_apart(tx: &mut Tx, one: CustomerId, other: CustomerId) -> Result<bool> {
    let (one, other) = ordered(one, other);
    let sql = "SELECT 1 FROM told_apart WHERE one_id = ?1 AND other_id = ?2";
    Ok(tx.query_opt(sql, params![one, other])?.is_some())
}

/// Forgets that two customers were told apart.
pub fn forget_apart(tx: &mut Tx, one: CustomerId, other: CustomerId) -> Result<()> {
    let sql = format!("DELETE FROM told_apart WHERE {}", across());
    tx.execute(&sql, params![one, other]).map(drop)
}

/// The condition that a row's two profiles are of the customers `?1` and `?2`.
fn across() -> String {
    let (one, other) = (profiles("?1"), profiles("?2"));
    format!("((one_id IN {one} AND other_id IN {other}) OR (one_id IN {other} AND other_id IN {one}))")
}
