//! Customers and what is kept about each: identities, traits, tags.

use std::collections::{BTreeMap, HashMap};

use domain::{CustomerId, IdentityId, Time};

use crate::{
    params, search,
    sql::{self, Result, Row, Tx, Value},
};

/// A customer's own row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Customer {
    pub id: CustomerId,
    pub name: String,
    pub locale: String,
    pub time_zone: String,
    pub created_at: Time,
}

/// One address or id of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Identity {
    pub id: IdentityId,
    pub customer_id: CustomerId,
    pub kind: String,
    pub value: String,
    pub verified: bool,
}

const COLUMNS: &str = "id, name, locale, time_zone, created_at";
const IDENTITY: &str = "id, customer_id, kind, value, verified";

fn read(row: &Row) -> Result<Customer> {
    Ok(Customer {
        id: row.get(0)?,
        name: row.get(1)?,
        locale: row.get(2)?,
        time_zone: row.get(3)?,
        created_at: row.get(4)?,
    })
}

fn read_identity(row: &Row) -> Result<Identity> {
    Ok(Identity {
        id: row.get(0)?,
        customer_id: row.get(1)?,
        kind: row.get(2)?,
        value: row.get(3)?,
        verified: row.get(4)?,
    })
}

/// Adds a customer that nothing is known of but perhaps a name.
pub fn insert(tx: &mut Tx, name: &str, now: Time) -> Result<CustomerId> {
    let sql = "INSERT INTO customers (name, created_at, updated_at) VALUES (?1, ?2, ?2) RETURNING id";
    tx.query_one(sql, params![name, now])?.get(0)
}

/// Gives a customer.
pub fn get(tx: &mut Tx, id: CustomerId) -> Result<Option<Customer>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM customers WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives the customer that this one turned out to be, if it did.
pub fn merged_into(tx: &mut Tx, id: CustomerId) -> Result<Option<CustomerId>> {
    let sql = "SELECT merged_into FROM customers WHERE id = ?1 AND merged_into IS NOT NULL";
    tx.query_opt(sql, params![id])?.map(|row| row.get(0)).transpose()
}

/// Gives the customers of these ids, written as the places `among` of `values`, in no order.
pub(crate) fn get_all(tx: &mut Tx, among: &str, values: &[Value]) -> Result<Vec<Customer>> {
    let sql = format!("SELECT {COLUMNS} FROM customers WHERE id IN ({among})");
    tx.query(&sql, values)?.iter().map(read).collect()
}

/// Gives the identities of the customers of these ids, oldest first.
pub(crate) fn identities_of(tx: &mut Tx, among: &str, values: &[Value]) -> Result<Vec<Identity>> {
    let sql = format!("SELECT {IDENTITY} FROM identities WHERE customer_id IN ({among}) ORDER BY id");
    tx.query(&sql, values)?.iter().map(read_identity).collect()
}

/// Gives what these customers are called: by their name, else by their oldest address.
pub fn called(tx: &mut Tx, ids: &[CustomerId]) -> Result<HashMap<CustomerId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, COALESCE(NULLIF(name, ''),
           (SELECT value FROM identities WHERE customer_id = customers.id ORDER BY identities.id LIMIT 1), '')
         FROM customers WHERE id IN ({})",
        sql::places(1, ids.len())
    );
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let rows = tx.query(&sql, &values)?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Gives the customer that an identity belongs to.
pub fn by_identity(tx: &mut Tx, kind: &str, value: &str) -> Result<Option<CustomerId>> {
    let row = tx.query_opt(
        "SELECT customer_id FROM identities WHERE kind = ?1 AND value = ?2",
        params![kind, value],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Who has an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The customer whose file it is on.
    pub customer: CustomerId,
    /// The customer that it was told of at first, where that one is part of `customer` now.
    pub profile: Option<CustomerId>,
    /// Whether the customer has a user id.
    pub is_known: bool,
}

/// Says who has an identity.
pub fn owner(tx: &mut Tx, kind: &str, value: &str) -> Result<Option<Owner>> {
    let row = tx.query_opt(
        "SELECT customer_id, profile_id, EXISTS (SELECT 1 FROM identities AS known
           WHERE known.customer_id = identities.customer_id AND known.kind = 'user_id')
         FROM identities WHERE kind = ?1 AND value = ?2",
        params![kind, value],
    )?;
    let owner = |row: Row| {
        Ok(Owner {
            customer: row.get(0)?,
            profile: row.get(1)?,
            is_known: row.get(2)?,
        })
    };
    row.map(owner).transpose()
}

/// Says whether nothing is known of a customer but ids and what sources told: no conversation, request, note or consent.
pub fn is_only_seen(tx: &mut Tx, id: CustomerId) -> Result<bool> {
    let row = tx.query_one(
        "SELECT EXISTS (SELECT 1 FROM conversations WHERE customer_id = ?1)
           OR EXISTS (SELECT 1 FROM requests WHERE customer_id = ?1)
           OR EXISTS (SELECT 1 FROM consent WHERE customer_id = ?1)
           OR EXISTS (SELECT 1 FROM identities WHERE customer_id = ?1 AND kind <> 'anonymous_id')",
        params![id],
    )?;
    Ok(!row.get::<bool>(0)?)
}

/// Makes a customer of whom only ids are known part of another one: identities and what is newer of the traits go over.
pub fn merge(tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<()> {
    let statements = [
        "UPDATE identities SET profile_id = COALESCE(profile_id, customer_id), customer_id = ?2 WHERE customer_id = ?1",
        "INSERT INTO traits (customer_id, key, value, updated_at)
         SELECT ?2, key, value, updated_at FROM traits WHERE customer_id = ?1
         ON CONFLICT (customer_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
           WHERE excluded.updated_at > traits.updated_at",
        "INSERT INTO customer_tags (customer_id, tag) SELECT ?2, tag FROM customer_tags WHERE customer_id = ?1
         ON CONFLICT DO NOTHING",
        "UPDATE customers SET merged_into = ?2 WHERE id = ?1",
    ];
    statements
        .iter()
        .try_for_each(|sql| tx.execute(sql, params![from, into]).map(drop))
}

/// Gives a customer's identities, oldest first.
pub fn identities(tx: &mut Tx, id: CustomerId) -> Result<Vec<Identity>> {
    let sql = format!("SELECT {IDENTITY} FROM identities WHERE customer_id = ?1 ORDER BY id");
    tx.query(&sql, params![id])?.iter().map(read_identity).collect()
}

/// Gives a customer an identity. `None` when it belongs to somebody already.
pub fn add_identity(
    tx: &mut Tx,
    id: CustomerId,
    identity: (&str, &str),
    verified: bool,
    now: Time,
) -> Result<Option<IdentityId>> {
    let (kind, value) = identity;
    let row = tx.query_opt(
        "INSERT INTO identities (customer_id, kind, value, verified, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (kind, value) DO NOTHING RETURNING id",
        params![id, kind, value, verified, now],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Takes an identity from a customer and gives what it was.
pub fn remove_identity(tx: &mut Tx, id: CustomerId, identity: IdentityId) -> Result<Option<Identity>> {
    let sql = format!("DELETE FROM identities WHERE id = ?1 AND customer_id = ?2 RETURNING {IDENTITY}");
    tx.query_opt(&sql, params![identity, id])?
        .as_ref()
        .map(read_identity)
        .transpose()
}

/// Sets the customer's own fields.
pub fn update(tx: &mut Tx, customer: &Customer, now: Time) -> Result<()> {
    tx.execute(
        "UPDATE customers SET name = ?2, locale = ?3, time_zone = ?4, updated_at = ?5 WHERE id = ?1",
        params![customer.id, &customer.name, &customer.locale, &customer.time_zone, now],
    )?;
    Ok(())
}

/// Gives a customer's traits.
pub fn traits(tx: &mut Tx, id: CustomerId) -> Result<BTreeMap<String, String>> {
    let rows = tx.query(
        "SELECT key, value FROM traits WHERE customer_id = ?1 ORDER BY key",
        params![id],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Sets a trait; `None` takes it away. Gives what it was.
pub fn set_trait(tx: &mut Tx, id: CustomerId, key: &str, value: Option<&str>, now: Time) -> Result<Option<String>> {
    let old = tx.query_opt(
        "SELECT value FROM traits WHERE customer_id = ?1 AND key = ?2",
        params![id, key],
    )?;
    match value {
        Some(value) => tx.execute(
            "INSERT INTO traits (customer_id, key, value, updated_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (customer_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
            params![id, key, value, now],
        )?,
        None => tx.execute(
            "DELETE FROM traits WHERE customer_id = ?1 AND key = ?2",
            params![id, key],
        )?,
    };
    old.map(|row| row.get(0)).transpose()
}

/// Sets a trait that was told at `at`, unless something newer is known; `None` takes it away.
pub fn tell_trait(tx: &mut Tx, id: CustomerId, key: &str, value: Option<&str>, at: Time) -> Result<()> {
    match value {
        Some(value) => tx.execute(
            "INSERT INTO traits (customer_id, key, value, updated_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (customer_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
               WHERE excluded.updated_at >= traits.updated_at",
            params![id, key, value, at],
        )?,
        None => tx.execute(
            "DELETE FROM traits WHERE customer_id = ?1 AND key = ?2 AND updated_at <= ?3",
            params![id, key, at],
        )?,
    };
    Ok(())
}

/// Gives a customer's tags in order of the alphabet.
pub fn tags(tx: &mut Tx, id: CustomerId) -> Result<Vec<String>> {
    let rows = tx.query(
        "SELECT tag FROM customer_tags WHERE customer_id = ?1 ORDER BY tag",
        params![id],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Adds a tag; says whether it is new.
pub fn add_tag(tx: &mut Tx, id: CustomerId, tag: &str) -> Result<bool> {
    let sql = "INSERT INTO customer_tags (customer_id, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![id, tag])? > 0)
}

/// Sets exactly these tags.
pub fn set_tags(tx: &mut Tx, id: CustomerId, tags: &[String]) -> Result<()> {
    tx.execute("DELETE FROM customer_tags WHERE customer_id = ?1", params![id])?;
    tags.iter().try_for_each(|tag| add_tag(tx, id, tag).map(drop))
}

/// Makes the customer findable by what is on the file now.
pub fn index(tx: &mut Tx, id: CustomerId) -> Result<()> {
    let Some(customer) = get(tx, id)? else { return Ok(()) };
    let mut text = customer.name;
    for identity in identities(tx, id)? {
        text.push(' ');
        text.push_str(&identity.value);
    }
    for value in traits(tx, id)?.values() {
        text.push(' ');
        text.push_str(value);
    }
    search::put_customer(tx, id, &text)
}
