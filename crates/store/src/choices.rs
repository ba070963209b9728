//! The options that messages offer, for channels that show buttons.

use std::collections::HashMap;

use domain::MessageId;

use crate::{
    params,
    sql::{self, Error, Result, Tx, Value},
};

/// Keeps the labels of the options that a message offers.
pub fn put(tx: &mut Tx, message: MessageId, labels: &[String]) -> Result<()> {
    let labels = serde_json::to_string(labels).map_err(|error| Error::Other(error.to_string()))?;
    let sql = "INSERT INTO choices (message_id, labels) VALUES (?1, ?2)";
    tx.execute(sql, params![message, &labels]).map(drop)
}

/// Gives the labels of the options of these messages; those that offer none are left out.
pub fn of(tx: &mut Tx, ids: &[MessageId]) -> Result<HashMap<MessageId, Vec<String>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let places = sql::places(1, ids.len());
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!("SELECT message_id, labels FROM choices WHERE message_id IN ({places})");
    let rows = tx.query(&sql, &values)?;
    rows.iter().map(|row| Ok((row.get(0)?, row.json(1)?))).collect()
}
