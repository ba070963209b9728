//! Segments: their rules, who belongs to them, and when that has to be looked at again.

use std::collections::{BTreeMap, HashMap};

use domain::{CustomerId, SegmentId, Time};

use crate::{
    events::{self, Cursor},
    params,
    sql::{self, Dialect, Result, Row, Tx, Value},
};

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Segment {
    pub id: SegmentId,
    pub name: String,
    pub rule: String,
    pub created_at: Time,
    /// All customers up to this one have been looked at since the rule changed; none when all have.
    pub looked_to: Option<CustomerId>,
}

/// The part of a customer's file that rules are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct File {
    pub name: String,
    pub locale: String,
    pub phone: String,
    pub email: String,
    pub traits: BTreeMap<String, String>,
    pub tags: Vec<String>,
}

/// How a customer stands to a segment, as it was last decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether they belong to it.
    pub is_member: bool,
    /// When that is to be looked at again though nothing happens.
    pub wakes_at: Option<Time>,
}

/// Gives all segments by name.
pub fn list(tx: &mut Tx) -> Result<Vec<Segment>> {
    let rows = tx.query(
        "SELECT id, name, rule, created_at, looked_to FROM segments ORDER BY name",
        params![],
    )?;
    let read = |row: &Row| {
        Ok(Segment {
            id: row.get(0)?,
            name: row.get(1)?,
            rule: row.get(2)?,
            created_at: row.get(3)?,
            looked_to: row.get(4)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Gives how many belong to each segment; one that nobody belongs to is left out.
pub fn counts(tx: &mut Tx) -> Result<HashMap<SegmentId, i64>> {
    let sql = "SELECT segment_id, COUNT(*) FROM segment_members GROUP BY segment_id";
    let rows = tx.query(sql, params![])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Adds a segment that nobody has been looked at for; `None` when its name is taken.
pub fn insert(tx: &mut Tx, name: &str, rule: &str, now: Time) -> Result<Option<SegmentId>> {
    let is_first = tx.query_opt("SELECT 1 FROM segments LIMIT 1", params![])?.is_none();
    if is_first {
        // As long as there is no segment nobody follows: what is there already is found by looking at everybody.
        let head = events::head(tx)?;
        set_progress(tx, head)?;
    }
    let row = tx.query_opt(
        "INSERT INTO segments (name, rule, created_at, looked_to) VALUES (?1, ?2, ?3, 0)
         ON CONFLICT (name) DO NOTHING RETURNING id",
        params![name, rule, now],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives a segment another name and rule; `looks_again` when everybody has to be looked at for it.
pub fn update(tx: &mut Tx, id: SegmentId, (name, rule): (&str, &str), looks_again: bool) -> Result<()> {
    tx.execute(
        "UPDATE segments SET name = ?2, rule = ?3, looked_to = CASE WHEN ?4 THEN 0 ELSE looked_to END WHERE id = ?1",
        params![id, name, rule, looks_again],
    )?;
    Ok(())
}

/// Has everybody looked at again for all segments.
pub fn look_again(tx: &mut Tx) -> Result<()> {
    tx.execute("UPDATE segments SET looked_to = 0", params![])?;
    Ok(())
}

/// Notes up to whom all customers have been looked at for the segments that are not done; `None` when they are.
pub fn set_looked_to(tx: &mut Tx, from: CustomerId, to: Option<CustomerId>) -> Result<()> {
    // One that was changed meanwhile begins at the beginning.
    tx.execute(
        "UPDATE segments SET looked_to = ?2 WHERE looked_to = ?1",
        params![from, to],
    )?;
    Ok(())
}

/// Takes a segment away.
pub fn remove(tx: &mut Tx, id: SegmentId) -> Result<()> {
    tx.execute("DELETE FROM segment_members WHERE segment_id = ?1", params![id])?;
    tx.execute("DELETE FROM segment_wakes WHERE segment_id = ?1", params![id])?;
    tx.execute("DELETE FROM segments WHERE id = ?1", params![id])?;
    Ok(())
}

/// Gives who belongs to a segment and since when, the newest first, from behind this place.
pub fn members(
    tx: &mut Tx,
    id: SegmentId,
    (since, customer): (Time, CustomerId),
    limit: i64,
) -> Result<Vec<(CustomerId, Time)>> {
    let rows = tx.query(
        "SELECT customer_id, since FROM segment_members WHERE segment_id = ?1 AND (since, customer_id) < (?2, ?3)
         ORDER BY since DESC, customer_id DESC LIMIT ?4",
        params![id, since, customer, limit],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Gives all who belong to a segment.
pub fn all_members(tx: &mut Tx, id: SegmentId) -> Result<Vec<CustomerId>> {
    let rows = tx.query(
        "SELECT customer_id FROM segment_members WHERE segment_id = ?1",
        params![id],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives the segments that a customer belongs to, by name, and since when.
pub fn of_customer(tx: &mut Tx, customer: CustomerId) -> Result<Vec<(SegmentId, String, Time)>> {
    let rows = tx.query(
        "SELECT id, name, since FROM segments JOIN segment_members ON segment_id = id WHERE customer_id = ?1
         ORDER BY name",
        params![customer],
    )?;
    let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    rows.iter().map(read).collect()
}

/// Gives to which segments these customers belong, and when they are to be looked at again.
pub fn standings(tx: &mut Tx, customers: &[CustomerId]) -> Result<HashMap<(SegmentId, CustomerId), Standing>> {
    let mut standings: HashMap<_, Standing> = HashMap::new();
    if customers.is_empty() {
        return Ok(standings);
    }
    let (places, values) = chosen(customers);
    let sql = format!("SELECT segment_id, customer_id FROM segment_members WHERE customer_id IN ({places})");
    for row in tx.query(&sql, &values)? {
        standings.entry((row.get(0)?, row.get(1)?)).or_default().is_member = true;
    }
    let sql = format!("SELECT segment_id, customer_id, at FROM segment_wakes WHERE customer_id IN ({places})");
    for row in tx.query(&sql, &values)? {
        standings.entry((row.get(0)?, row.get(1)?)).or_default().wakes_at = Some(row.get(2)?);
    }
    Ok(standings)
}

/// Makes a customer belong to a segment, or not.
pub fn set_member(tx: &mut Tx, id: SegmentId, customer: CustomerId, since: Option<Time>) -> Result<()> {
    match since {
        Some(since) => tx.execute(
            "INSERT INTO segment_members (segment_id, customer_id, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![id, customer, since],
        )?,
        None => tx.execute(
            "DELETE FROM segment_members WHERE segment_id = ?1 AND customer_id = ?2",
            params![id, customer],
        )?,
    };
    Ok(())
}

/// Notes when a customer is to be looked at again for a segment though nothing happens.
pub fn set_wake(tx: &mut Tx, id: SegmentId, customer: CustomerId, at: Option<Time>) -> Result<()> {
    match at {
        Some(at) => tx.execute(
            "INSERT INTO segment_wakes (segment_id, customer_id, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (segment_id, customer_id) DO UPDATE SET at = excluded.at",
            params![id, customer, at],
        )?,
        None => tx.execute(
            "DELETE FROM segment_wakes WHERE segment_id = ?1 AND customer_id = ?2",
            params![id, customer],
        )?,
    };
    Ok(())
}

/// Gives who is to be looked at again by now, who has waited longest first.
pub fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<CustomerId>> {
    let sql = "SELECT customer_id FROM segment_wakes WHERE at <= ?1 ORDER BY at LIMIT ?2";
    let rows = tx.query(sql, params![now, limit])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives the next customers by id.
pub fn next_customers(tx: &mut Tx, after: CustomerId, limit: i64) -> Result<Vec<CustomerId>> {
    let sql = "SELECT id FROM customers WHERE id > ?1 AND merged_into IS NULL ORDER BY id LIMIT ?2";
    let rows = tx.query(sql, params![after, limit])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives the newest customers.
pub fn newest_customers(tx: &mut Tx, limit: i64) -> Result<Vec<CustomerId>> {
    let sql = "SELECT id FROM customers WHERE merged_into IS NULL ORDER BY id DESC LIMIT ?1";
    let rows = tx.query(sql, params![limit])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives these customers' files; who has none, because they are part of another one now, is left out.
pub fn files(tx: &mut Tx, customers: &[CustomerId]) -> Result<HashMap<CustomerId, File>> {
    let mut files: HashMap<CustomerId, File> = HashMap::new();
    if customers.is_empty() {
        return Ok(files);
    }
    let (places, values) = chosen(customers);
    let sql = format!("SELECT id, name, locale FROM customers WHERE id IN ({places}) AND merged_into IS NULL");
    for row in tx.query(&sql, &values)? {
        let file = files.entry(row.get(0)?).or_default();
        (file.name, file.locale) = (row.get(1)?, row.get(2)?);
    }
    let sql = format!("SELECT customer_id, key, value FROM traits WHERE customer_id IN ({places})");
    for row in tx.query(&sql, &values)? {
        if let Some(file) = files.get_mut(&row.get(0)?) {
            file.traits.insert(row.get(1)?, row.get(2)?);
        }
    }
    let sql =
        format!("SELECT DISTINCT customer_id, tag FROM customer_tags WHERE customer_id IN ({places}) ORDER BY tag");
    for row in tx.query(&sql, &values)? {
        if let Some(file) = files.get_mut(&row.get(0)?) {
            file.tags.push(row.get(1)?);
        }
    }
    let sql = format!(
        "SELECT customer_id, kind, value FROM identities WHERE customer_id IN ({places}) AND kind IN ('phone', 'email')
         ORDER BY id DESC"
    );
    // The oldest comes last and stays.
    for row in tx.query(&sql, &values)? {
        let Some(file) = files.get_mut(&row.get(0)?) else {
            continue;
        };
        match row.get::<String>(1)?.as_str() {
            "phone" => file.phone = row.get(2)?,
            _ => file.email = row.get(2)?,
        }
    }
    Ok(files)
}

/// Gives how far the events have been followed; `None` before there was a segment.
pub fn progress(tx: &mut Tx) -> Result<Option<Cursor>> {
    let row = tx.query_opt("SELECT cursor FROM segment_progress", params![])?;
    row.map(|row| row.get::<String>(0)?.parse()).transpose()
}

/// Makes sure that nobody else goes on from where the events have been followed to, until the transaction ends; says where.
pub fn claim_progress(tx: &mut Tx) -> Result<Option<Cursor>> {
    Dialect::serialize_on(tx, "segments")?;
    progress(tx)
}

/// Notes how far the events have been followed.
pub fn set_progress(tx: &mut Tx, cursor: Cursor) -> Result<()> {
    tx.execute(
        "INSERT INTO segment_progress (id, cursor) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor",
        params![cursor.to_string()],
    )?;
    Ok(())
}

fn chosen(customers: &[CustomerId]) -> (String, Vec<Value>) {
    let values = customers.iter().map(|id| Value::from(*id)).collect();
    (sql::places(1, customers.len()), values)
}
