//! Users, sign-ins, tokens, teams.

use domain::{Time, TokenId, UserId, people::Role};

use crate::{
    params,
    sql::{Result, Tx},
};

/// Finds the user of a sign-in that has not run out, by the hash of its cookie.
pub fn user_by_sign_in(tx: &mut Tx, hash: &str, now: Time) -> Result<Option<(UserId, Role)>> {
    let row = tx.query_opt(
        "SELECT users.id, users.role FROM sign_ins JOIN users ON users.id = sign_ins.user_id
         WHERE sign_ins.token_hash = ?1 AND sign_ins.expires_at > ?2 AND users.disabled_at IS NULL",
        params![hash, now],
    )?;
    row.map(|row| Ok((row.get(0)?, row.word(1)?))).transpose()
}

/// Finds a token that has not been revoked, by its hash.
pub fn token_by_hash(tx: &mut Tx, hash: &str) -> Result<Option<(TokenId, Role)>> {
    let row = tx.query_opt(
        "SELECT id, role FROM api_tokens WHERE token_hash = ?1 AND revoked_at IS NULL",
        params![hash],
    )?;
    row.map(|row| Ok((row.get(0)?, row.word(1)?))).transpose()
}
