//! Customers and what is kept about each: identities, traits, tags.

use std::collections::{BTreeMap, HashMap};

use domain::{
    CustomerId, IdentityId, Time,
    identity::{Browser, Side, Whose, Word},
};

use crate::{
    params, search,
    sql::{self, Result, Row, Tx, Value},
    told,
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
    let id = tx.query_one(sql, params![name, now])?.get(0)?;
    if !name.is_empty() {
        told::set_name(tx, id, name, now)?;
    }
    Ok(id)
}

/// Adds a profile of its own to a customer, for an id whose history can be given back without the rest.
pub fn add_profile(tx: &mut Tx, customer: CustomerId, now: Time) -> Result<Whose> {
    let sql = "INSERT INTO customers (created_at, updated_at, merged_into) VALUES (?1, ?1, ?2) RETURNING id";
    let profile = tx.query_one(sql, params![now, customer])?.get(0)?;
    Ok(Whose { customer, profile })
}

/// Gives the customer that a profile is a part of: itself, where it is nobody else's.
pub fn whose(tx: &mut Tx, profile: CustomerId) -> Result<Whose> {
    let customer = merged_into(tx, profile)?.unwrap_or(profile);
    Ok(Whose { customer, profile })
}

/// Gives the profiles that a customer is made of, oldest first.
pub fn profiles(tx: &mut Tx, customer: CustomerId) -> Result<Vec<CustomerId>> {
    let sql = "SELECT id FROM customers WHERE id = ?1 OR merged_into = ?1 ORDER BY id";
    tx.query(sql, params![customer])?.iter().map(|row| row.get(0)).collect()
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

/// Gives what these files were called for themselves: by their name, else by the oldest id that was recorded under them.
pub fn profiles_called(tx: &mut Tx, ids: &[CustomerId]) -> Result<HashMap<CustomerId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT id, COALESCE(NULLIF(name, ''), (SELECT value FROM identities
             WHERE customer_id = COALESCE(customers.merged_into, customers.id)
               AND COALESCE(profile_id, customer_id) = customers.id ORDER BY identities.id LIMIT 1), '')
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The customer whose file it is on, and the profile it was told of at first.
    pub whose: Whose,
    /// Whether the customer has a user id.
    pub is_known: bool,
    /// Whether it was seen to be the customer's.
    pub is_verified: bool,
    /// By which word the customer has it, where it is a browser that was told with a user.
    pub word: Option<Word>,
}

impl Owner {
    /// Gives what the rules say about a browser with this owner.
    pub fn browser(owner: Option<&Owner>) -> Browser {
        owner.map_or_else(Browser::default, |owner| Browser {
            owner: Some(owner.whose.customer),
            is_known: owner.is_known,
            word: owner.word.clone(),
        })
    }
}

/// Says who has an identity.
pub fn owner(tx: &mut Tx, kind: &str, value: &str) -> Result<Option<Owner>> {
    let row = tx.query_opt(
        "SELECT customer_id, COALESCE(profile_id, customer_id), EXISTS (SELECT 1 FROM identities AS known
           WHERE known.customer_id = identities.customer_id AND known.kind = 'user_id'), verified, word_at, word_user
         FROM identities WHERE kind = ?1 AND value = ?2",
        params![kind, value],
    )?;
    let owner = |row: Row| {
        let (at, user): (Option<Time>, Option<String>) = (row.get(4)?, row.get(5)?);
        Ok(Owner {
            whose: Whose {
                customer: row.get(0)?,
                profile: row.get(1)?,
            },
            is_known: row.get(2)?,
            is_verified: row.get(3)?,
            word: at.zip(user).map(|(at, user)| Word { at, user }),
        })
    };
    row.map(owner).transpose()
}

/// Notes by which word a customer has an identity; `None` where no word holds any more.
pub fn set_word(tx: &mut Tx, (kind, value): (&str, &str), word: Option<&Word>) -> Result<()> {
    tx.execute(
        "UPDATE identities SET word_at = ?3, word_user = ?4 WHERE kind = ?1 AND value = ?2",
        params![kind, value, word.map(|word| word.at), word.map(|word| &word.user)],
    )?;
    Ok(())
}

/// Notes that an identity was seen to be its customer's.
pub fn verify(tx: &mut Tx, (kind, value): (&str, &str)) -> Result<()> {
    tx.execute(
        "UPDATE identities SET verified = TRUE WHERE kind = ?1 AND value = ?2 AND NOT verified",
        params![kind, value],
    )?;
    Ok(())
}

/// Gives a file as far as joining decides about it.
pub fn side(tx: &mut Tx, id: CustomerId) -> Result<Side> {
    let row = tx.query_one(
        "SELECT (SELECT COUNT(*) FROM identities WHERE customer_id = ?1 AND kind = 'user_id'),
           (SELECT COUNT(*) FROM identities WHERE customer_id = ?1 AND kind = 'anonymous_id'),
           EXISTS (SELECT 1 FROM conversations WHERE customer_id = ?1)
             OR EXISTS (SELECT 1 FROM requests WHERE customer_id = ?1)
             OR EXISTS (SELECT 1 FROM consent WHERE customer_id = ?1)",
        params![id],
    )?;
    Ok(Side {
        users: row.get(0)?,
        browsers: row.get(1)?,
        is_served: row.get(2)?,
    })
}

/// Gives a customer's identities, oldest first.
pub fn identities(tx: &mut Tx, id: CustomerId) -> Result<Vec<Identity>> {
    let sql = format!("SELECT {IDENTITY} FROM identities WHERE customer_id = ?1 ORDER BY id");
    tx.query(&sql, params![id])?.iter().map(read_identity).collect()
}

/// Gives a customer an identity. `None` when it belongs to somebody already.
pub fn add_identity(
    tx: &mut Tx,
    whose: impl Into<Whose>,
    identity: (&str, &str),
    verified: bool,
    now: Time,
) -> Result<Option<IdentityId>> {
    let ((kind, value), whose) = (identity, whose.into());
    let row = tx.query_opt(
        "INSERT INTO identities (customer_id, kind, value, verified, created_at, profile_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (kind, value) DO NOTHING RETURNING id",
        params![whose.customer, kind, value, verified, now, whose.other_profile()],
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

/// Sets the customer's own fields, as a person says.
pub fn update(tx: &mut Tx, customer: &Customer, now: Time) -> Result<()> {
    if get(tx, customer.id)?.is_none_or(|before| before.name != customer.name) {
        told::set_name(tx, customer.id, &customer.name, now)?;
    }
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

/// Sets a trait as a person says; `None` takes it away. Gives what it was.
pub fn set_trait(
    tx: &mut Tx,
    whose: impl Into<Whose>,
    key: &str,
    value: Option<&str>,
    now: Time,
) -> Result<Option<String>> {
    let whose = whose.into();
    let old = tx.query_opt(
        "SELECT value FROM traits WHERE customer_id = ?1 AND key = ?2",
        params![whose.customer, key],
    )?;
    told::set_trait(tx, whose, key, value, now)?;
    old.map(|row| row.get(0)).transpose()
}

/// Gives a customer's tags in order of the alphabet.
pub fn tags(tx: &mut Tx, id: CustomerId) -> Result<Vec<String>> {
    let rows = tx.query(
        "SELECT DISTINCT tag FROM customer_tags WHERE customer_id = ?1 ORDER BY tag",
        params![id],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Adds a tag; says whether it is new on the file.
pub fn add_tag(tx: &mut Tx, whose: impl Into<Whose>, tag: &str) -> Result<bool> {
    let whose = whose.into();
    let sql = "INSERT INTO customer_tags (customer_id, profile_id, tag)
         SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM customer_tags WHERE customer_id = ?1 AND tag = ?3)
         ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![whose.customer, whose.profile, tag])? > 0)
}

/// Sets exactly these tags. What is taken off is off all files that the customer is made of.
pub fn set_tags(tx: &mut Tx, id: CustomerId, tags: &[String]) -> Result<()> {
    for gone in self::tags(tx, id)?.iter().filter(|tag| !tags.contains(tag)) {
        let sql = "DELETE FROM customer_tags WHERE customer_id = ?1 AND tag = ?2";
        tx.execute(sql, params![id, gone])?;
    }
    tags.iter().try_for_each(|tag| add_tag(tx, id, tag).map(drop))
}

/// Makes the customer findable by what is on the file now; one who is another one's part, no longer.
pub fn index(tx: &mut Tx, id: CustomerId) -> Result<()> {
    if merged_into(tx, id)?.is_some() {
        return search::put_customer(tx, id, "");
    }
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
