//! What routing asks about people: who is there, which team is meant.

use domain::{TeamId, UserId};

use crate::{
    params,
    sql::{Result, Tx},
};

/// Says whether a user works here and takes conversations now.
pub fn is_available(tx: &mut Tx, user: UserId) -> Result<bool> {
    let sql = "SELECT 1 FROM users WHERE id = ?1 AND availability = 'available' AND disabled_at IS NULL";
    Ok(tx.query_opt(sql, params![user])?.is_some())
}

/// Says whether anybody who may answer takes conversations now.
pub fn is_anybody_available(tx: &mut Tx) -> Result<bool> {
    let sql =
        "SELECT 1 FROM users WHERE availability = 'available' AND disabled_at IS NULL AND role <> 'viewer' LIMIT 1";
    Ok(tx.query_opt(sql, params![])?.is_some())
}

/// Gives the team of a name, whatever the case.
pub fn team_by_name(tx: &mut Tx, name: &str) -> Result<Option<TeamId>> {
    let row = tx.query_opt("SELECT id FROM teams WHERE LOWER(name) = LOWER(?1)", params![name])?;
    row.map(|row| row.get(0)).transpose()
}
