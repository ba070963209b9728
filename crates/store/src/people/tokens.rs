//! API tokens. Only their hashes are kept.

use domain::{
    Time, TokenId, UserId,
    people::{Role, Token},
};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

const COLUMNS: &str = "id, name, role, created_at, used_at";

/// A token that is to be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its hash.
    pub hash: String,
    /// Who made it; `None` on the command line.
    pub by: Option<UserId>,
}

/// Adds a token.
pub fn insert(tx: &mut Tx, new: &NewToken, now: Time) -> Result<Token> {
    let sql = format!(
        "INSERT INTO api_tokens (name, role, token_hash, created_by, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         RETURNING {COLUMNS}"
    );
    let row = tx.query_one(&sql, params![&new.name, new.role.as_str(), &new.hash, new.by, now])?;
    read(&row)
}

/// Finds a token that has not been revoked, by its hash.
pub fn by_hash(tx: &mut Tx, hash: &str) -> Result<Option<Token>> {
    let sql = format!("SELECT {COLUMNS} FROM api_tokens WHERE token_hash = ?1 AND revoked_at IS NULL");
    tx.query_opt(&sql, params![hash])?.as_ref().map(read).transpose()
}

/// Notes that a token was used, unless that was done after `unless_since`.
pub fn touch(tx: &mut Tx, id: TokenId, now: Time, unless_since: Time) -> Result<()> {
    tx.execute(
        "UPDATE api_tokens SET used_at = ?2 WHERE id = ?1 AND (used_at IS NULL OR used_at <= ?3)",
        params![id, now, unless_since],
    )?;
    Ok(())
}

/// Gives the tokens that have not been revoked, newest first.
pub fn list(tx: &mut Tx) -> Result<Vec<Token>> {
    let sql = format!("SELECT {COLUMNS} FROM api_tokens WHERE revoked_at IS NULL ORDER BY id DESC");
    tx.query(&sql, params![])?.iter().map(read).collect()
}

/// Revokes a token and gives its name; `None` when it was revoked before or never was.
pub fn revoke(tx: &mut Tx, id: TokenId, now: Time) -> Result<Option<String>> {
    let row = tx.query_opt(
        "UPDATE api_tokens SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL RETURNING name",
        params![id, now],
    )?;
    row.map(|row| row.get(0)).transpose()
}

fn read(row: &Row) -> Result<Token> {
    Ok(Token {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.word(2)?,
        created_at: row.get(3)?,
        used_at: row.get(4)?,
    })
}
