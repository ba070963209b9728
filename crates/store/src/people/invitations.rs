//! Links that let one person join. Only hashes of their tokens are kept.

use domain::{
    InvitationId, Time, UserId,
    people::{Invitation, Role},
};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

const COLUMNS: &str = "id, email, role, created_at, expires_at, accepted_at IS NOT NULL";

/// An invitation that is to be.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Whom it is for.
    pub email: String,
    /// What the person may do.
    pub role: Role,
    /// The hash of the link's token.
    pub hash: String,
    /// Who invites; `None` on the command line.
    pub by: Option<UserId>,
    /// Until when it can be used.
    pub expires_at: Time,
}

/// Adds an invitation; one to the same address that is still open is replaced.
pub fn insert(tx: &mut Tx, new: &NewInvitation, now: Time) -> Result<Invitation> {
    tx.execute(
        "DELETE FROM invitations WHERE email = ?1 AND accepted_at IS NULL",
        params![&new.email],
    )?;
    let sql = format!(
        "INSERT INTO invitations (email, role, token_hash, invited_by, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         RETURNING {COLUMNS}"
    );
    let row = tx.query_one(
        &sql,
        params![&new.email, new.role.as_str(), &new.hash, new.by, now, new.expires_at],
    )?;
    read(&row)
}

/// Gives all invitations, newest first.
pub fn list(tx: &mut Tx) -> Result<Vec<Invitation>> {
    let sql = format!("SELECT {COLUMNS} FROM invitations ORDER BY id DESC");
    tx.query(&sql, params![])?.iter().map(read).collect()
}

/// Gives the invitation of a token that can still be used.
pub fn open(tx: &mut Tx, hash: &str, now: Time) -> Result<Option<Invitation>> {
    let sql =
        format!("SELECT {COLUMNS} FROM invitations WHERE token_hash = ?1 AND accepted_at IS NULL AND expires_at > ?2");
    tx.query_opt(&sql, params![hash, now])?.as_ref().map(read).transpose()
}

/// Uses the invitation of a token, once; `None` when it was used, withdrawn or has run out.
pub fn accept(tx: &mut Tx, hash: &str, now: Time) -> Result<Option<Invitation>> {
    let sql = format!(
        "UPDATE invitations SET accepted_at = ?2
         WHERE token_hash = ?1 AND accepted_at IS NULL AND expires_at > ?2
         RETURNING {COLUMNS}"
    );
    tx.query_opt(&sql, params![hash, now])?.as_ref().map(read).transpose()
}

/// Withdraws an invitation that has not been used, and gives its address.
pub fn remove(tx: &mut Tx, id: InvitationId) -> Result<Option<String>> {
    let row = tx.query_opt(
        "DELETE FROM invitations WHERE id = ?1 AND accepted_at IS NULL RETURNING email",
        params![id],
    )?;
    row.map(|row| row.get(0)).transpose()
}

fn read(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: row.get(0)?,
        email: row.get(1)?,
        role: row.word(2)?,
        created_at: row.get(3)?,
        expires_at: row.get(4)?,
        accepted: row.get(5)?,
    })
}
