//! What was told of customers: the newest word on each trait and on the name, for each profile, and what of it holds on
//! a file that is made of several.
//!
//! The newest word counts by the time of what was told, then by its message's id, so that neither the order in which words
//! come nor the one in which files are joined makes a difference. What was taken away stays here, to outdo older words.

use domain::{CustomerId, Time, identity::Whose};

use crate::{
    params,
    sql::{self, Result, Tx, Value},
};

/// A name is kept like a trait with no key.
const NAME: &str = "";

/// Those profiles that the customer bound at `?1` is made of.
const PROFILES: &str = "(SELECT id FROM customers WHERE id = ?1 OR merged_into = ?1)";

/// When something was told, and in which message.
#[derive(Debug, Clone, Copy)]
pub struct When<'a> {
    /// By the time of what was told.
    pub at: Time,
    /// Decides between two of the same time; empty where the source gave none.
    pub message_id: &'a str,
}

/// Notes words on traits, and lets them hold on the file where they are the newest. `None` takes a trait away.
pub fn traits(tx: &mut Tx, whose: Whose, told: &[(&str, Option<&str>)], when: When) -> Result<()> {
    for (key, value) in told {
        note(tx, whose.profile, (key, *value), when)?;
    }
    let keys: Vec<&str> = told.iter().map(|(key, _)| *key).collect();
    if keys.is_empty() {
        return Ok(());
    }
    settle(tx, whose.customer, &keys)
}

/// Notes a word on the name. It holds on the file where no person has given it one, and none newer was told.
pub fn name(tx: &mut Tx, whose: Whose, name: &str, when: When) -> Result<()> {
    note(tx, whose.profile, (NAME, Some(name)), when)?;
    settle_name(tx, whose.customer)
}

fn note(tx: &mut Tx, profile: CustomerId, (key, value): (&str, Option<&str>), when: When) -> Result<()> {
    tx.execute(
        "INSERT INTO told_traits (profile_id, key, value, at, message_id, by_hand) VALUES (?1, ?2, ?3, ?4, ?5, FALSE)
         ON CONFLICT (profile_id, key) DO UPDATE SET value = excluded.value, at = excluded.at,
           message_id = excluded.message_id
         WHERE NOT told_traits.by_hand AND (excluded.at, excluded.message_id, COALESCE(excluded.value, ''))
           > (told_traits.at, told_traits.message_id, COALESCE(told_traits.value, ''))",
        params![profile, key, value, when.at, when.message_id],
    )?;
    Ok(())
}

/// Sets what a person says of a trait.
pub fn set_trait(tx: &mut Tx, whose: Whose, key: &str, value: Option<&str>, now: Time) -> Result<()> {
    set(tx, whose.profile, (key, value, false), now)?;
    settle(tx, whose.customer, &[key])
}

/// Sets the name that a person gives; an empty one leaves it to what is told.
pub fn set_name(tx: &mut Tx, customer: CustomerId, name: &str, now: Time) -> Result<()> {
    let given = Some(name).filter(|name| !name.is_empty());
    set(tx, customer, (NAME, given, given.is_some()), now)
}

fn set(tx: &mut Tx, profile: CustomerId, word: (&str, Option<&str>, bool), now: Time) -> Result<()> {
    let (key, value, by_hand) = word;
    tx.execute(
        "INSERT INTO told_traits (profile_id, key, value, at, message_id, by_hand) VALUES (?1, ?2, ?3, ?4, '', ?5)
         ON CONFLICT (profile_id, key) DO UPDATE SET value = excluded.value, at = excluded.at,
           message_id = excluded.message_id, by_hand = excluded.by_hand",
        params![profile, key, value, now, by_hand],
    )?;
    Ok(())
}

/// Lets the newest word on each of these traits hold on the file.
fn settle(tx: &mut Tx, customer: CustomerId, keys: &[&str]) -> Result<()> {
    let among = sql::places(2, keys.len());
    let mut values = vec![Value::from(customer)];
    values.extend(keys.iter().map(|key| Value::from(*key)));
    replace(tx, &format!("IN ({among})"), &values)
}

/// Lets on a file hold what was told of the profiles that it is made of now.
pub fn settle_all(tx: &mut Tx, customer: CustomerId) -> Result<()> {
    replace(tx, "<> ''", params![customer])?;
    settle_name(tx, customer)
}

fn replace(tx: &mut Tx, which: &str, values: &[Value]) -> Result<()> {
    tx.execute(
        &format!("DELETE FROM traits WHERE customer_id = ?1 AND key {which}"),
        values,
    )?;
    let sql = format!(
        "INSERT INTO traits (customer_id, key, value, updated_at)
         SELECT ?1, word.key, word.value, word.at FROM told_traits AS word
         WHERE word.profile_id IN {PROFILES} AND word.key {which} AND word.value IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM told_traits AS newer
             WHERE newer.profile_id IN {PROFILES} AND newer.key = word.key
               AND (newer.at, newer.message_id, COALESCE(newer.value, ''), newer.profile_id)
                 > (word.at, word.message_id, word.value, word.profile_id))"
    );
    tx.execute(&sql, values)?;
    Ok(())
}

/// Of names that people gave, that of the customer's own file; else the newest.
fn settle_name(tx: &mut Tx, customer: CustomerId) -> Result<()> {
    let sql = format!(
        "UPDATE customers SET name = COALESCE((SELECT value FROM told_traits
           WHERE profile_id IN {PROFILES} AND key = '' AND value IS NOT NULL
           ORDER BY by_hand DESC, by_hand AND profile_id = ?1 DESC, at DESC, message_id DESC, value DESC LIMIT 1), '') WHERE id = ?1"
    );
    tx.execute(&sql, params![customer]).map(drop)
}
