//! Lists of customers: which ones, and what is on their files, fetched for all of them together.

use std::collections::{BTreeMap, HashMap};

use domain::CustomerId;

use crate::{
    consent,
    customers::{self, Customer, Identity},
    params, search,
    sql::{self, Result, Tx, Value},
};

/// Which customers; what is `None` does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// With these words on the file.
    pub text: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Whether the company knows them by more than a browser: by a name, a number, an address or an id of its own.
    pub is_known: Option<bool>,
}

/// How many customers with the words are looked at when something narrows them further.
const WITH_TEXT: i64 = 2_000;

/// Gives the newest customers with ids below `before`.
pub fn page(tx: &mut Tx, filter: &Filter, before: CustomerId, limit: i64) -> Result<Vec<CustomerId>> {
    let mut among = match filter.tag {
        Some(_) => "id IN (SELECT customer_id FROM customer_tags WHERE tag = ?1)".to_owned(),
        None => "?1 = ''".to_owned(),
    };
    let known =
        "(name <> '' OR EXISTS (SELECT 1 FROM identities WHERE customer_id = customers.id AND kind <> 'anonymous_id'))";
    match filter.is_known {
        Some(true) => among += &format!(" AND {known}"),
        Some(false) => among += &format!(" AND NOT {known}"),
        None => {}
    }
    if let Some(text) = &filter.text {
        if filter.tag.is_none() && filter.is_known.is_none() {
            return search::customers(tx, text, before, limit);
        }
        let ids = search::customers(tx, text, before, WITH_TEXT)?;
        if ids.is_empty() {
            return Ok(ids);
        }
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        among += &format!(" AND id IN ({})", ids.join(", "));
    }
    let tag = filter.tag.as_deref().unwrap_or_default();
    let sql =
        format!("SELECT id FROM customers WHERE {among} AND id < ?2 AND merged_into IS NULL ORDER BY id DESC LIMIT ?3");
    tx.query(&sql, params![tag, before, limit])?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// A customer with what is on the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct File {
    pub customer: Customer,
    pub identities: Vec<Identity>,
    pub traits: BTreeMap<String, String>,
    pub tags: Vec<String>,
    /// For each address that is in the ledger: its newest row about all channels, and about each one channel.
    pub consent: HashMap<String, Vec<consent::Entry>>,
}

/// Gives the files of these customers, in the order of `ids`.
pub fn files(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<File>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let among = sql::places(1, ids.len());
    let mut files: HashMap<CustomerId, File> = customers::get_all(tx, &among, &values)?
        .into_iter()
        .map(|customer| (customer.id, empty(customer)))
        .collect();
    for identity in customers::identities_of(tx, &among, &values)? {
        if let Some(file) = files.get_mut(&identity.customer_id) {
            file.identities.push(identity);
        }
    }
    let sql = format!("SELECT customer_id, key, value FROM traits WHERE customer_id IN ({among})");
    for row in tx.query(&sql, &values)? {
        if let Some(file) = files.get_mut(&row.get(0)?) {
            file.traits.insert(row.get(1)?, row.get(2)?);
        }
    }
    let sql =
        format!("SELECT DISTINCT customer_id, tag FROM customer_tags WHERE customer_id IN ({among}) ORDER BY tag");
    for row in tx.query(&sql, &values)? {
        if let Some(file) = files.get_mut(&row.get(0)?) {
            file.tags.push(row.get(1)?);
        }
    }
    let mut files: Vec<File> = ids.iter().filter_map(|id| files.remove(id)).collect();
    add_consent(tx, &mut files)?;
    Ok(files)
}

fn empty(customer: Customer) -> File {
    File {
        customer,
        identities: Vec::new(),
        traits: BTreeMap::new(),
        tags: Vec::new(),
        consent: HashMap::new(),
    }
}

fn add_consent(tx: &mut Tx, files: &mut [File]) -> Result<()> {
    let addresses: Vec<&str> = files
        .iter()
        .flat_map(|file| &file.identities)
        .map(|identity| identity.value.as_str())
        .collect();
    let entries = consent::newest_of(tx, &addresses)?;
    for file in files {
        for identity in &file.identities {
            let theirs = entries.iter().filter(|entry| entry.address == identity.value);
            file.consent.insert(identity.value.clone(), theirs.cloned().collect());
        }
    }
    Ok(())
}
