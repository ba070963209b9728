//! Saved views of the inbox.

use domain::{Time, UserId, ViewId, desk::View};

use crate::{
    params,
    sql::{Error, Result, Row, Tx},
};

const COLUMNS: &str = "id, name, user_id, filter";

/// A view with the one who sees it; everyone does when there is no owner.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// The view.
    pub view: View,
    /// Whose it is.
    pub owner: Option<UserId>,
}

/// Adds a view; its `id` is ignored.
pub fn insert(tx: &mut Tx, saved: &Saved, now: Time) -> Result<ViewId> {
    let filter = filter(&saved.view)?;
    tx.query_one(
        "INSERT INTO views (user_id, name, filter, created_at) VALUES (?1, ?2, ?3, ?4) RETURNING id",
        params![saved.owner, &saved.view.name, filter, now],
    )?
    .get(0)
}

/// Writes back all that can change of a view.
pub fn update(tx: &mut Tx, saved: &Saved) -> Result<()> {
    let filter = filter(&saved.view)?;
    tx.execute(
        "UPDATE views SET user_id = ?2, name = ?3, filter = ?4 WHERE id = ?1",
        params![saved.view.id, saved.owner, &saved.view.name, filter],
    )?;
    Ok(())
}

/// Gives a view.
pub fn get(tx: &mut Tx, id: ViewId) -> Result<Option<Saved>> {
    let sql = format!("SELECT {COLUMNS} FROM views WHERE id = ?1");
    tx.query_opt(&sql, params![id])?.as_ref().map(read).transpose()
}

/// Gives the shared views and those of a user, by name.
pub fn list(tx: &mut Tx, user: Option<UserId>) -> Result<Vec<Saved>> {
    let sql = format!("SELECT {COLUMNS} FROM views WHERE user_id IS NULL OR user_id = ?1 ORDER BY name, id");
    tx.query(&sql, params![user.unwrap_or(UserId(0))])?
        .iter()
        .map(read)
        .collect()
}

/// Removes a view.
pub fn remove(tx: &mut Tx, id: ViewId) -> Result<()> {
    tx.execute("DELETE FROM views WHERE id = ?1", params![id])?;
    Ok(())
}

fn filter(view: &View) -> Result<String> {
    serde_json::to_string(&view.filter).map_err(|error| Error::Other(error.to_string()))
}

fn read(row: &Row) -> Result<Saved> {
    let owner: Option<UserId> = row.get(2)?;
    let view = View {
        id: row.get(0)?,
        name: row.get(1)?,
        shared: owner.is_none(),
        filter: row.json(3)?,
    };
    Ok(Saved { view, owner })
}
