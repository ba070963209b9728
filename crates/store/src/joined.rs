//! Moving what is on files: all of one file to another when they turn out to be one person's, and a part of it back when
//! they are not. Every row that moves remembers under which file it was recorded; rows of a conversation move with it.

use domain::CustomerId;

use crate::{
    customers, events, params,
    sql::{self, Result, Tx, Value},
    told,
};

/// Tables whose rows remember their profile themselves.
const WITH_PROFILE: [&str; 5] = ["identities", "conversations", "requests", "consent", "customer_tags"];

/// Tables whose rows belong to a conversation and go where it goes. A menu's run and a survey stay with the profile.
const OF_CONVERSATIONS: [&str; 3] = ["messages", "notes", "consent_reviews"];

/// Makes all of `from` a part of `into`.
pub fn put_together(tx: &mut Tx, from: CustomerId, into: CustomerId) -> Result<()> {
    hand_over(tx, (from, into), None)?;
    tx.execute(
        "UPDATE customers SET merged_into = ?2 WHERE id = ?1 OR merged_into = ?1",
        params![from, into],
    )?;
    settle(tx, from, into)
}

/// Gives `to` back what was recorded under these profiles, itself among them, out of the file of `from`.
pub fn take_apart(tx: &mut Tx, from: CustomerId, to: CustomerId, profiles: &[CustomerId]) -> Result<()> {
    hand_over(tx, (from, to), Some(profiles))?;
    let among = sql::places(2, profiles.len());
    let mut values = vec![Value::from(to)];
    values.extend(profiles.iter().map(|id| Value::from(*id)));
    // `NULLIF`: a customer is no part of itself.
    let sql = format!("UPDATE customers SET merged_into = NULLIF(?1, id) WHERE id IN ({among})");
    tx.execute(&sql, &values)?;
    settle(tx, from, to)
}

fn hand_over(tx: &mut Tx, (from, to): (CustomerId, CustomerId), profiles: Option<&[CustomerId]>) -> Result<()> {
    let mut values = vec![Value::from(from), Value::from(to)];
    let which = profiles.map_or_else(String::new, |profiles| {
        values.extend(profiles.iter().map(|id| Value::from(*id)));
        let among = sql::places(3, profiles.len());
        format!(" AND COALESCE(profile_id, customer_id) IN ({among})")
    });
    for table in WITH_PROFILE {
        let sql = format!(
            "UPDATE {table} SET profile_id = COALESCE(profile_id, customer_id), customer_id = ?2
             WHERE customer_id = ?1{which}"
        );
        tx.execute(&sql, &values)?;
    }
    events::hand_over(tx, &which, &values)?;
    for table in OF_CONVERSATIONS {
        let sql = format!(
            "UPDATE {table} SET customer_id = ?2 WHERE customer_id = ?1
               AND conversation_id IN (SELECT id FROM conversations WHERE customer_id = ?2)"
        );
        tx.execute(&sql, params![from, to])?;
    }
    Ok(())
}

fn settle(tx: &mut Tx, one: CustomerId, other: CustomerId) -> Result<()> {
    for customer in [one, other] {
        let profile = customers::whose(tx, customer)?;
        if profile.other_profile().is_none() {
            told::settle_all(tx, customer)?;
        }
        customers::index(tx, customer)?;
    }
    Ok(())
}
