//! The users table. Addresses are kept as they are given: whoever calls has made them lower case.

use domain::{
    TeamId, Time, UserId,
    people::{Availability, Role, User},
};

use super::teams;
use crate::{
    params,
    sql::{Result, Row, Tx},
};

const COLUMNS: &str = "id, email, name, role, availability, signature, locale, disabled_at IS NOT NULL, created_at";

/// A user that is to be.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What is typed to sign in.
    pub email: String,
    /// As others read it.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// The password as it is kept.
    pub password_hash: String,
    /// The desk's language.
    pub locale: String,
}

/// Adds a user, available at once; `None` when someone has the address already.
pub fn insert(tx: &mut Tx, user: &NewUser, at: Time) -> Result<Option<UserId>> {
    let row = tx.query_opt(
        "INSERT INTO users (email, name, role, password_hash, availability, locale, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (email) DO NOTHING
         RETURNING id",
        params![
            &user.email,
            &user.name,
            user.role.as_str(),
            &user.password_hash,
            Availability::Available.as_str(),
            &user.locale,
            at
        ],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives a user.
pub fn get(tx: &mut Tx, id: UserId) -> Result<Option<User>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"), params![id])?;
    row.map(|row| {
        let team_ids = teams::of_user(tx, id)?;
        read(&row, team_ids)
    })
    .transpose()
}

/// Gives all users in the order they joined.
pub fn list(tx: &mut Tx) -> Result<Vec<User>> {
    let members = teams::members(tx)?;
    let rows = tx.query(&format!("SELECT {COLUMNS} FROM users ORDER BY id"), params![])?;
    let teams_of = |id: UserId| {
        members
            .iter()
            .filter(move |(_, user)| *user == id)
            .map(|(team, _)| *team)
    };
    rows.iter()
        .map(|row| read(row, teams_of(row.get(0)?).collect()))
        .collect()
}

/// Writes what may change of a user.
pub fn save(tx: &mut Tx, user: &User, now: Time) -> Result<()> {
    let disabled_at = user.disabled.then_some(now);
    tx.execute(
        "UPDATE users
         SET name = ?2, role = ?3, availability = ?4, signature = ?5, locale = ?6,
             disabled_at = CASE WHEN CAST(?7 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(disabled_at, ?7) END
         WHERE id = ?1",
        params![
            user.id,
            &user.name,
            user.role.as_str(),
            user.availability.as_str(),
            &user.signature,
            &user.locale,
            disabled_at
        ],
    )?;
    Ok(())
}

/// Gives the user with an address, disabled or not.
pub fn by_email(tx: &mut Tx, email: &str) -> Result<Option<UserId>> {
    let row = tx.query_opt("SELECT id FROM users WHERE email = ?1", params![email])?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives the user with an address who may sign in, and the password as it is kept.
pub fn credentials(tx: &mut Tx, email: &str) -> Result<Option<(UserId, String)>> {
    let row = tx.query_opt(
        "SELECT id, password_hash FROM users WHERE email = ?1 AND disabled_at IS NULL",
        params![email],
    )?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Writes a new password as it is kept.
pub fn set_password(tx: &mut Tx, id: UserId, hash: &str) -> Result<()> {
    tx.execute("UPDATE users SET password_hash = ?2 WHERE id = ?1", params![id, hash])?;
    Ok(())
}

/// Counts the owners who can sign in.
pub fn owners(tx: &mut Tx) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*) FROM users WHERE role = 'owner' AND disabled_at IS NULL",
        params![],
    )?
    .get(0)
}

/// Counts the open conversations with this user that hold something unread.
pub fn unread(tx: &mut Tx, id: UserId) -> Result<i64> {
    tx.query_one(
        "SELECT COUNT(*)
         FROM conversations LEFT JOIN read_marks
           ON read_marks.user_id = ?1 AND read_marks.conversation_id = conversations.id
         WHERE assignee_id = ?1 AND status = 'open' AND last_direction = 'in'
           AND last_message_id > COALESCE(read_marks.message_id, 0)",
        params![id],
    )?
    .get(0)
}

fn read(row: &Row, team_ids: Vec<TeamId>) -> Result<User> {
    Ok(User {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        role: row.word(3)?,
        availability: row.word(4)?,
        signature: row.get(5)?,
        locale: row.get(6)?,
        team_ids,
        disabled: row.get(7)?,
        created_at: row.get(8)?,
    })
}
