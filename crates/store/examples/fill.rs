//! Fills an empty store with conversations, for measurements of lists and search.
//!
//! `fill FOLDER CONVERSATIONS`: one customer in ten conversations, two messages in each, one conversation in fifty open.
//! The rows are made in the database, so that a million take seconds.

use std::path::PathBuf;

use anyhow::Context;
use store::{Options, Place, Store, params};

/// How many conversations are made at a time.
const STEP: i64 = 20_000;

/// Words that messages are made of; `%` of the number picks them.
const WORDS: [&str; 16] = [
    "breakfast",
    "parking",
    "terrace",
    "invoice",
    "towels",
    "balcony",
    "shuttle",
    "luggage",
    "heating",
    "garden",
    "kettle",
    "pillow",
    "sunset",
    "museum",
    "bicycle",
    "harbour",
];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().context("which folder?")?);
    let count: i64 = arguments.next().context("how many conversations?")?.parse()?;
    let store = Store::open(&Options {
        place: Place::Folder(folder),
        connections: 1,
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        store.write(frame).await?;
        for first in (1..=count).step_by(usize::try_from(STEP)?) {
            let last = (first + STEP - 1).min(count);
            store.write(move |tx| fill(tx, first, last)).await?;
        }
        anyhow::Ok(())
    })
}

/// People, teams and a channel, which conversations refer to.
fn frame(tx: &mut store::Tx) -> store::Result<()> {
    for n in 1..=10_i64 {
        let sql = "INSERT INTO users (email, name, role, password_hash, created_at) VALUES (?1, ?2, 'agent', '', 0)";
        tx.execute(sql, params![format!("agent{n}@example.com"), format!("Agent {n}")])?;
        let sql = "INSERT INTO teams (name, created_at) VALUES (?1, 0)";
        tx.execute(sql, params![format!("Team {n}")])?;
    }
    let sql = "INSERT INTO channels (name, kind, address, hook, created_at) VALUES ('Texts', 'simulator', '+12025550199', 'fill', 0)";
    tx.execute(sql, params![])?;
    Ok(())
}

fn fill(tx: &mut store::Tx, first: i64, last: i64) -> store::Result<()> {
    let numbers = "WITH RECURSIVE numbers(n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)";
    let words = WORDS
        .iter()
        .enumerate()
        .map(|(n, word)| format!("WHEN {n} THEN '{word}'"));
    let words = words.collect::<Vec<_>>().join(" ");
    let body = format!("'the ' || (CASE n % 16 {words} END) || ' of room ' || (n % 997) || ' on day ' || (n % 365)");
    let at = "1700000000000000 + n * 60000000";
    let statements = [
        format!("{numbers} INSERT INTO customers (id, name, created_at, updated_at) SELECT n / 10, 'Customer ' || (n / 10), {at}, {at} FROM numbers WHERE n % 10 = 0"),
        format!("{numbers} INSERT INTO identities (customer_id, kind, value, verified, created_at) SELECT n / 10, 'phone', '+1' || (2000000000 + n / 10), TRUE, {at} FROM numbers WHERE n % 10 = 0"),
        // A step ends at a multiple of ten, so every conversation's customer is made with it.
        format!("{numbers} INSERT INTO conversations (id, customer_id, channel_id, status, team_id, assignee_id, opened_at, waiting_since, last_at, last_line, last_message_id)
           SELECT n, (n + 9) / 10, 1, CASE WHEN n % 50 = 0 THEN 'open' ELSE 'closed' END, 1 + n % 10,
             CASE WHEN n % 3 = 0 THEN NULL ELSE 1 + n % 7 END, {at}, CASE WHEN n % 100 = 0 THEN {at} END, {at}, {body}, n * 2 FROM numbers"),
        format!("{numbers} INSERT INTO conversation_tags (conversation_id, tag) SELECT n, 'tag ' || (n % 40) FROM numbers WHERE n % 5 = 0"),
        format!("{numbers} INSERT INTO messages (id, conversation_id, customer_id, channel_id, direction, author, address, body, at, status)
           SELECT n * 2 - 1, n, (n + 9) / 10, 1, 'in', 'customer', '+1' || (2000000000 + (n + 9) / 10), {body}, {at}, 'received' FROM numbers"),
        format!("{numbers} INSERT INTO messages (id, conversation_id, customer_id, channel_id, direction, author, address, body, at, status)
           SELECT n * 2, n, (n + 9) / 10, 1, 'out', 'user', '+1' || (2000000000 + (n + 9) / 10), 'we look after it', {at} + 1, 'delivered' FROM numbers"),
        format!("{numbers} INSERT INTO message_search (rowid, words) SELECT n * 2 - 1, {body} FROM numbers"),
    ];
    statements
        .iter()
        .try_for_each(|sql| tx.execute(sql, params![first, last]).map(drop))
}
