//! Places where customers check in, each with the address that its code leads to.

use domain::{PlaceId, Time};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Place {
    pub id: PlaceId,
    pub name: String,
    pub token: String,
    pub created_at: Time,
    pub disabled_at: Option<Time>,
}

const COLUMNS: &str = "id, name, token, created_at, disabled_at";

fn read(row: &Row) -> Result<Place> {
    Ok(Place {
        id: row.get(0)?,
        name: row.get(1)?,
        token: row.get(2)?,
        created_at: row.get(3)?,
        disabled_at: row.get(4)?,
    })
}

/// Gives all places by name.
pub fn list(tx: &mut Tx) -> Result<Vec<Place>> {
    let sql = format!("SELECT {COLUMNS} FROM places ORDER BY name, id");
    tx.query(&sql, params![])?.iter().map(read).collect()
}

/// Gives a place.
pub fn get(tx: &mut Tx, id: PlaceId) -> Result<Option<Place>> {
    let sql = format!("SELECT {COLUMNS} FROM places WHERE id = ?1");
    tx.query_opt(&sql, params![id])?.as_ref().map(read).transpose()
}

/// Gives the place that an address leads to.
pub fn by_token(tx: &mut Tx, token: &str) -> Result<Option<Place>> {
    let sql = format!("SELECT {COLUMNS} FROM places WHERE token = ?1");
    tx.query_opt(&sql, params![token])?.as_ref().map(read).transpose()
}

/// Adds a place; `None` when another one has its name.
pub fn insert(tx: &mut Tx, name: &str, token: &str, now: Time) -> Result<Option<PlaceId>> {
    let row = tx.query_opt(
        "INSERT INTO places (name, token, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING RETURNING id",
        params![name, token, now],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Writes a place's row; fails with a conflict when another one has its name.
pub fn update(tx: &mut Tx, place: &Place) -> Result<()> {
    tx.execute(
        "UPDATE places SET name = ?2, disabled_at = ?3 WHERE id = ?1",
        params![place.id, &place.name, place.disabled_at],
    )?;
    Ok(())
}
