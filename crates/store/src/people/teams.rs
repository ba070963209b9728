//! Teams and who is in them.

use domain::{TeamId, Time, UserId, people::Team};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// Gives all teams by name, each with its members.
pub fn list(tx: &mut Tx) -> Result<Vec<Team>> {
    let members = members(tx)?;
    let rows = tx.query("SELECT id, name FROM teams ORDER BY name, id", params![])?;
    let read = |row: &Row| {
        let id: TeamId = row.get(0)?;
        let of_team = members.iter().filter(|(team, _)| *team == id);
        Ok(Team {
            id,
            name: row.get(1)?,
            member_ids: of_team.map(|(_, user)| *user).collect(),
        })
    };
    rows.iter().map(read).collect()
}

/// Gives a team.
pub fn get(tx: &mut Tx, id: TeamId) -> Result<Option<Team>> {
    Ok(list(tx)?.into_iter().find(|team| team.id == id))
}

/// Adds a team without members; `None` when the name is taken.
pub fn insert(tx: &mut Tx, name: &str, now: Time) -> Result<Option<TeamId>> {
    let row = tx.query_opt(
        "INSERT INTO teams (name, created_at) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING RETURNING id",
        params![name, now],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives a team another name; says whether the name was free.
pub fn rename(tx: &mut Tx, id: TeamId, name: &str) -> Result<bool> {
    let renamed = tx.execute(
        "UPDATE teams SET name = ?2
         WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM teams AS other WHERE other.name = ?2 AND other.id <> ?1)",
        params![id, name],
    )?;
    Ok(renamed == 1)
}

/// Makes these users the members of a team; users that do not exist are passed over.
pub fn set_members(tx: &mut Tx, id: TeamId, members: &[UserId]) -> Result<()> {
    tx.execute("DELETE FROM team_members WHERE team_id = ?1", params![id])?;
    for user in members {
        tx.execute(
            "INSERT INTO team_members (team_id, user_id) SELECT ?1, id FROM users WHERE id = ?2
             ON CONFLICT (team_id, user_id) DO NOTHING",
            params![id, *user],
        )?;
    }
    Ok(())
}

/// Removes a team and whatever points to it, but for conversations: they must have been given elsewhere before.
pub fn remove(tx: &mut Tx, id: TeamId) -> Result<()> {
    for sql in [
        "UPDATE conversations SET team_id = NULL WHERE team_id = ?1",
        "UPDATE channels SET team_id = NULL WHERE team_id = ?1",
        "UPDATE canned_replies SET team_id = NULL WHERE team_id = ?1",
        "DELETE FROM team_members WHERE team_id = ?1",
        "DELETE FROM teams WHERE id = ?1",
    ] {
        tx.execute(sql, params![id])?;
    }
    Ok(())
}

/// Gives the teams of a user.
pub fn of_user(tx: &mut Tx, user: UserId) -> Result<Vec<TeamId>> {
    let rows = tx.query(
        "SELECT team_id FROM team_members WHERE user_id = ?1 ORDER BY team_id",
        params![user],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives every membership.
pub(super) fn members(tx: &mut Tx) -> Result<Vec<(TeamId, UserId)>> {
    let rows = tx.query(
        "SELECT team_id, user_id FROM team_members ORDER BY team_id, user_id",
        params![],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
