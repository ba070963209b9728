//! The files of many customers at once, as far as a flow that is tried out on them looks at them.

use std::collections::{BTreeMap, HashMap};

use domain::{CustomerId, MessageId};

use crate::sql::{self, Result, Row, Tx, Value};

/// What a flow sees of a customer's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct File {
    pub name: String,
    pub locale: String,
    pub time_zone: String,
    pub phone: String,
    pub email: String,
    pub traits: BTreeMap<String, String>,
    pub tags: Vec<String>,
    /// The first text that the customer ever sent.
    pub first_text: Option<MessageId>,
}

/// How many customers one statement asks for.
const AT_ONCE: usize = 500;

/// Gives the files of these customers.
pub fn files(tx: &mut Tx, ids: &[CustomerId]) -> Result<HashMap<CustomerId, File>> {
    let mut files = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        read(tx, ids, &mut files)?;
    }
    Ok(files)
}

fn read(tx: &mut Tx, ids: &[CustomerId], files: &mut HashMap<CustomerId, File>) -> Result<()> {
    for row in ask(
        tx,
        "SELECT id, name, locale, time_zone FROM customers WHERE id IN (…)",
        ids,
    )? {
        let file = File {
            name: row.get(1)?,
            locale: row.get(2)?,
            time_zone: row.get(3)?,
            ..File::default()
        };
        files.insert(row.get(0)?, file);
    }
    let mut each = |tx: &mut Tx, sql: &str, note: fn(&mut File, &Row) -> Result<()>| {
        for row in ask(tx, sql, ids)? {
            if let Some(file) = files.get_mut(&row.get(0)?) {
                note(file, &row)?;
            }
        }
        Ok::<_, sql::Error>(())
    };
    let identities = "SELECT customer_id, kind, value FROM identities
                      WHERE kind IN ('phone', 'email') AND customer_id IN (…) ORDER BY id DESC";
    // Of several the oldest one counts, which comes last.
    each(tx, identities, |file, row| {
        let is_phone = row.get::<String>(1)? == "phone";
        *(if is_phone { &mut file.phone } else { &mut file.email }) = row.get(2)?;
        Ok(())
    })?;
    each(
        tx,
        "SELECT customer_id, key, value FROM traits WHERE customer_id IN (…)",
        |file, row| {
            file.traits.insert(row.get(1)?, row.get(2)?);
            Ok(())
        },
    )?;
    let tags = "SELECT DISTINCT customer_id, tag FROM customer_tags WHERE customer_id IN (…) ORDER BY tag";
    each(tx, tags, |file, row| {
        file.tags.push(row.get(1)?);
        Ok(())
    })?;
    let first =
        "SELECT customer_id, MIN(id) FROM messages WHERE direction = 'in' AND customer_id IN (…) GROUP BY customer_id";
    each(tx, first, |file, row| {
        file.first_text = Some(row.get(1)?);
        Ok(())
    })
}

/// Asks for many customers at once: `…` stands for their ids.
fn ask(tx: &mut Tx, sql: &str, ids: &[CustomerId]) -> Result<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    tx.query(&sql.replace('…', &sql::places(1, ids.len())), &values)
}
