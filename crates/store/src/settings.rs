//! The company's settings: one row of JSON.

use domain::settings::Settings;

use crate::{
    params,
    sql::{Error, Result, Tx},
};

const KEY: &str = "company";

/// Gives the settings; the defaults when none were saved.
pub fn get(tx: &mut Tx) -> Result<Settings> {
    let row = tx.query_opt("SELECT value FROM settings WHERE key = ?1", params![KEY])?;
    row.map_or_else(|| Ok(Settings::default()), |row| row.json(0))
}

/// Saves the settings.
pub fn put(tx: &mut Tx, settings: &Settings) -> Result<()> {
    let value = serde_json::to_string(settings).map_err(|error| Error::Other(error.to_string()))?;
    tx.execute(
        "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        params![KEY, value],
    )?;
    Ok(())
}
