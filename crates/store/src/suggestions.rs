//! Files that may be one person's: what points to it. Nothing is joined by it; a person decides.
//!
//! A suggestion is about profiles. Who they are a part of by now, and whether a person has told them apart, is looked at
//! when it is shown: so it goes by itself when the two are joined, and comes back when they are separated for another reason.

use domain::{
    CustomerId, SuggestionId, Time,
    identity::{JoinReason, MAX_SHARED, NamedId},
};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// What points to two files' being one person's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Suggestion {
    pub id: SuggestionId,
    /// The profiles that share the id.
    pub one_id: CustomerId,
    pub other_id: CustomerId,
    /// The customers whose they are now.
    pub one: CustomerId,
    pub other: CustomerId,
    pub reason: JoinReason,
    pub shared: NamedId,
    pub at: Time,
}

const SELECT: &str = "SELECT s.id, s.one_id, s.other_id, COALESCE(one.merged_into, one.id),
  COALESCE(other.merged_into, other.id), s.reason, s.kind, s.value, s.at
  FROM suggestions s JOIN customers one ON one.id = s.one_id JOIN customers other ON other.id = s.other_id";

/// That the two are of two customers, whom nobody has told apart, and who have no more than one user id.
const OPEN: &str = "COALESCE(one.merged_into, one.id) <> COALESCE(other.merged_into, other.id)
  AND NOT EXISTS (SELECT 1 FROM told_apart JOIN customers p ON p.id = told_apart.one_id
    JOIN customers q ON q.id = told_apart.other_id
    WHERE (COALESCE(p.merged_into, p.id) = COALESCE(one.merged_into, one.id)
        AND COALESCE(q.merged_into, q.id) = COALESCE(other.merged_into, other.id))
      OR (COALESCE(p.merged_into, p.id) = COALESCE(other.merged_into, other.id)
        AND COALESCE(q.merged_into, q.id) = COALESCE(one.merged_into, one.id)))
  AND NOT (EXISTS (SELECT 1 FROM identities WHERE customer_id = COALESCE(one.merged_into, one.id) AND kind = 'user_id')
    AND EXISTS (SELECT 1 FROM identities WHERE customer_id = COALESCE(other.merged_into, other.id) AND kind = 'user_id'))";

fn read(row: &Row) -> Result<Suggestion> {
    let (kind, value) = (row.get(6)?, row.get(7)?);
    Ok(Suggestion {
        id: row.get(0)?,
        one_id: row.get(1)?,
        other_id: row.get(2)?,
        one: row.get(3)?,
        other: row.get(4)?,
        reason: row.word(5)?,
        shared: NamedId { kind, value },
        at: row.get(8)?,
    })
}

/// Notes that an address was told of a profile; says whether that is new.
pub fn claim(tx: &mut Tx, profile: CustomerId, id: &NamedId, now: Time) -> Result<bool> {
    let sql = "INSERT INTO claims (kind, value, profile_id, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![&id.kind, &id.value, profile, now])? > 0)
}

/// Gives the profiles that an address is on file of or was told of; no more than one beyond those that it can point to.
pub fn sharing(tx: &mut Tx, id: &NamedId) -> Result<Vec<CustomerId>> {
    let sql = "SELECT COALESCE(profile_id, customer_id) AS profile FROM identities WHERE kind = ?1 AND value = ?2
       UNION SELECT profile_id FROM claims WHERE kind = ?1 AND value = ?2 ORDER BY profile LIMIT ?3";
    let limit = MAX_SHARED as i64 + 1;
    tx.query(sql, params![&id.kind, &id.value, limit])?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Suggests that two profiles are one person's.
pub fn add(
    tx: &mut Tx,
    (one, other): (CustomerId, CustomerId),
    reason: JoinReason,
    shared: &NamedId,
    now: Time,
) -> Result<()> {
    tx.execute(
        "INSERT INTO suggestions (one_id, other_id, reason, kind, value, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO NOTHING",
        params![
            one.min(other),
            one.max(other),
            reason.as_str(),
            &shared.kind,
            &shared.value,
            now
        ],
    )?;
    Ok(())
}

/// Takes all back that an address suggested: it stands for too many.
pub fn forget(tx: &mut Tx, shared: &NamedId) -> Result<()> {
    let sql = "DELETE FROM suggestions WHERE kind = ?1 AND value = ?2";
    tx.execute(sql, params![&shared.kind, &shared.value]).map(drop)
}

/// Gives a suggestion, also one that is settled.
pub fn get(tx: &mut Tx, id: SuggestionId) -> Result<Option<Suggestion>> {
    let sql = format!("{SELECT} WHERE s.id = ?1");
    tx.query_opt(&sql, params![id])?.as_ref().map(read).transpose()
}

/// Gives the suggestions that are open for a customer, newest first.
pub fn of_customer(tx: &mut Tx, customer: CustomerId) -> Result<Vec<Suggestion>> {
    let profiles = "(SELECT id FROM customers WHERE id = ?1 OR merged_into = ?1)";
    let sql = format!(
        "{SELECT} WHERE (s.one_id IN {profiles} OR s.other_id IN {profiles}) AND {OPEN} ORDER BY s.id DESC LIMIT 50"
    );
    tx.query(&sql, params![customer])?.iter().map(read).collect()
}

/// Gives the newest open suggestions with ids below `before`.
pub fn open(tx: &mut Tx, before: SuggestionId, limit: i64) -> Result<Vec<Suggestion>> {
    let sql = format!("{SELECT} WHERE s.id < ?1 AND {OPEN} ORDER BY s.id DESC LIMIT ?2");
    tx.query(&sql, params![before, limit])?.iter().map(read).collect()
}
