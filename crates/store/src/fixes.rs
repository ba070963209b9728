//! What is being done about touchpoints that bring calls for help: who does it, until when, and since when it is done.

use domain::{TouchpointId, UserId};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// What is being done about a touchpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Fix {
    pub touchpoint_id: TouchpointId,
    pub owner_id: Option<UserId>,
    /// A day, as `YYYY-MM-DD`.
    pub due_on: Option<String>,
    /// A day, as `YYYY-MM-DD`; none while it is not done.
    pub fixed_on: Option<String>,
    pub note: String,
}

/// Writes what is being done about a touchpoint, in the place of what was before.
pub fn put(tx: &mut Tx, fix: &Fix) -> Result<()> {
    tx.execute(
        "INSERT INTO fixes (touchpoint_id, owner_id, due_on, fixed_on, note) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (touchpoint_id)
         DO UPDATE SET owner_id = excluded.owner_id, due_on = excluded.due_on, fixed_on = excluded.fixed_on, note = excluded.note",
        params![
            fix.touchpoint_id,
            fix.owner_id,
            fix.due_on.clone(),
            fix.fixed_on.clone(),
            &fix.note
        ],
    )?;
    Ok(())
}

/// Gives all that is being done, by touchpoint.
pub fn list(tx: &mut Tx) -> Result<Vec<Fix>> {
    let rows = tx.query(
        "SELECT touchpoint_id, owner_id, due_on, fixed_on, note FROM fixes ORDER BY touchpoint_id",
        params![],
    )?;
    let read = |row: &Row| {
        Ok(Fix {
            touchpoint_id: row.get(0)?,
            owner_id: row.get(1)?,
            due_on: row.get(2)?,
            fixed_on: row.get(3)?,
            note: row.get(4)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Forgets what was being done about a touchpoint; says whether there was anything.
pub fn remove(tx: &mut Tx, touchpoint: TouchpointId) -> Result<bool> {
    let removed = tx.execute("DELETE FROM fixes WHERE touchpoint_id = ?1", params![touchpoint])?;
    Ok(removed > 0)
}
