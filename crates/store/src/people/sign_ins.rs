//! Browsers that are signed in, and tries to sign in that failed. Only hashes of cookies are kept.

use domain::{
    SignInId, Time, UserId,
    people::{Role, SignIn},
};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// Who a cookie belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The browser.
    pub sign_in: SignInId,
    /// The user.
    pub user: UserId,
    /// What the user may do.
    pub role: Role,
    /// When the browser was last noted.
    pub seen_at: Time,
}

/// A sign-in that is to be.
#[derive(Debug, Clone)]
pub struct NewSignIn {
    /// Who signed in.
    pub user: UserId,
    /// The hash of the cookie.
    pub hash: String,
    /// The browser in words.
    pub device: String,
    /// Until when it is good.
    pub expires_at: Time,
}

/// Adds a sign-in and clears away those that have run out.
pub fn insert(tx: &mut Tx, new: &NewSignIn, now: Time) -> Result<SignInId> {
    tx.execute("DELETE FROM sign_ins WHERE expires_at <= ?1", params![now])?;
    tx.query_one(
        "INSERT INTO sign_ins (user_id, token_hash, created_at, seen_at, expires_at, device)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5)
         RETURNING id",
        params![new.user, &new.hash, now, new.expires_at, &new.device],
    )?
    .get(0)
}

/// Finds the sign-in of a cookie that has not run out, by the cookie's hash.
pub fn by_hash(tx: &mut Tx, hash: &str, now: Time) -> Result<Option<Known>> {
    let row = tx.query_opt(
        "SELECT sign_ins.id, users.id, users.role, sign_ins.seen_at
         FROM sign_ins JOIN users ON users.id = sign_ins.user_id
         WHERE sign_ins.token_hash = ?1 AND sign_ins.expires_at > ?2 AND users.disabled_at IS NULL",
        params![hash, now],
    )?;
    let known = |row: Row| {
        Ok(Known {
            sign_in: row.get(0)?,
            user: row.get(1)?,
            role: row.word(2)?,
            seen_at: row.get(3)?,
        })
    };
    row.map(known).transpose()
}

/// Notes that a browser was seen, unless that was done after `unless_since`, and lets it stay until `expires_at`.
pub fn touch(tx: &mut Tx, id: SignInId, now: Time, unless_since: Time, expires_at: Time) -> Result<()> {
    tx.execute(
        "UPDATE sign_ins SET seen_at = ?2, expires_at = ?4 WHERE id = ?1 AND seen_at <= ?3",
        params![id, now, unless_since, expires_at],
    )?;
    Ok(())
}

/// Gives a user's sign-ins, the one seen last first; `hash` is the cookie of the one that asks.
pub fn list(tx: &mut Tx, user: UserId, hash: &str, now: Time) -> Result<Vec<SignIn>> {
    let rows = tx.query(
        "SELECT id, device, created_at, seen_at, token_hash FROM sign_ins
         WHERE user_id = ?1 AND expires_at > ?2
         ORDER BY seen_at DESC, id DESC",
        params![user, now],
    )?;
    let read = |row: &Row| {
        Ok(SignIn {
            id: row.get(0)?,
            device: row.get(1)?,
            created_at: row.get(2)?,
            seen_at: row.get(3)?,
            current: row.get::<String>(4)? == hash,
        })
    };
    rows.iter().map(read).collect()
}

/// Ends one of a user's sign-ins and gives its device; `None` when the user has no such sign-in.
pub fn end(tx: &mut Tx, user: UserId, id: SignInId) -> Result<Option<String>> {
    let row = tx.query_opt(
        "DELETE FROM sign_ins WHERE id = ?1 AND user_id = ?2 RETURNING device",
        params![id, user],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Ends the sign-in of a cookie and gives whose it was, and its device.
pub fn end_by_hash(tx: &mut Tx, hash: &str) -> Result<Option<(UserId, String)>> {
    let row = tx.query_opt(
        "DELETE FROM sign_ins WHERE token_hash = ?1 RETURNING user_id, device",
        params![hash],
    )?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Ends all of a user's sign-ins but the one of this cookie's hash; an empty hash spares none.
pub fn end_others(tx: &mut Tx, user: UserId, spared: &str) -> Result<u64> {
    tx.execute(
        "DELETE FROM sign_ins WHERE user_id = ?1 AND token_hash <> ?2",
        params![user, spared],
    )
}

/// Gives the time of the `nth` newest failure of a subject after `since`, counted from 1; `None` when it failed less often.
pub fn nth_failure(tx: &mut Tx, subject: &str, nth: i64, since: Time) -> Result<Option<Time>> {
    let row = tx.query_opt(
        "SELECT at FROM sign_in_failures WHERE subject = ?1 AND at > ?2 ORDER BY at DESC LIMIT 1 OFFSET ?3",
        params![subject, since, nth - 1],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Notes that a try failed for each subject, and forgets failures up to `forget_until`.
pub fn add_failure(tx: &mut Tx, subjects: &[String], now: Time, forget_until: Time) -> Result<()> {
    tx.execute("DELETE FROM sign_in_failures WHERE at <= ?1", params![forget_until])?;
    for subject in subjects {
        tx.execute(
            "INSERT INTO sign_in_failures (subject, at) VALUES (?1, ?2)",
            params![subject, now],
        )?;
    }
    Ok(())
}

/// Forgets a subject's failures.
pub fn forget_failures(tx: &mut Tx, subject: &str) -> Result<()> {
    tx.execute("DELETE FROM sign_in_failures WHERE subject = ?1", params![subject])?;
    Ok(())
}
