//! Erasing a customer: all that is known of them goes, in one transaction.
//!
//! What stays is that they opted out, for whoever must not be texted must be known; and which payloads were taken, without
//! their contents, for one that comes again would bring the customer back. A new table with a customer in it belongs in here.

use domain::{CustomerId, channel::CHAT_ID, message::MessageStatus};

use crate::{
    customers, events, params,
    sql::{Dialect, Result, Tx, Value},
};

/// What is known of a customer, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is counted")]
pub struct Known {
    pub conversations: i64,
    pub messages: i64,
    pub attachments: i64,
    pub requests: i64,
    pub events: i64,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The files that the customer's was joined from, itself among them.
    pub files: Vec<CustomerId>,
    /// Where the bytes of attachments are in the object store: those are still there.
    pub objects: Vec<String>,
}

/// The customer `?1` with the files that it was joined from.
const FILES: &str = "SELECT id FROM customers WHERE id = ?1 OR merged_into = ?1";

fn conversations(columns: &str) -> String {
    format!("SELECT {columns} FROM conversations WHERE customer_id IN ({FILES})")
}

fn messages(columns: &str) -> String {
    format!(
        "SELECT {columns} FROM messages WHERE conversation_id IN ({})",
        conversations("id")
    )
}

/// The word on a number that holds, where that is an opt-out.
const OPT_OUT: &str = "change = 'opted_out' AND NOT EXISTS (SELECT 1 FROM consent AS newer
  WHERE newer.address = consent.address AND newer.id > consent.id
    AND COALESCE(newer.channel_id, 0) = COALESCE(consent.channel_id, 0))";

/// Says how much is known of a customer.
pub fn known(tx: &mut Tx, customer: CustomerId) -> Result<Known> {
    let (of_messages, of_conversations) = (messages("id"), conversations("id"));
    let mut count = |table: &str, column: &str, among: &str| -> Result<i64> {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} IN ({among})");
        tx.query_one(&sql, params![customer])?.get(0)
    };
    Ok(Known {
        conversations: count("conversations", "customer_id", FILES)?,
        messages: count("messages", "conversation_id", &of_conversations)?,
        attachments: count("attachments", "message_id", &of_messages)?,
        requests: count("requests", "customer_id", FILES)?,
        events: events::count(tx, customer)?,
    })
}

/// Erases a customer, and says what their file was joined from and which objects are to follow.
pub fn erase(tx: &mut Tx, customer: CustomerId) -> Result<Erased> {
    let files = customers::profiles(tx, customer)?;
    let objects = format!(
        "SELECT object_key FROM attachments WHERE object_key IS NOT NULL AND message_id IN ({})",
        messages("id")
    );
    let objects = tx.query(&objects, params![customer])?;
    let objects = objects.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
    empty_payloads(tx, customer)?;
    forget_refused(tx, customer)?;
    let (others, joined) = (neighbours(tx, customer)?, files.clone());
    events::forget_names(tx, &others, &joined)?;
    drop_jobs(tx, customer)?;
    events::erase(tx, customer, &conversations("id"))?;
    keep_opt_outs(tx, customer)?;
    overwrite(tx, true)?;
    drop_rows(tx, customer)?;
    overwrite(tx, false)?;
    Ok(Erased { files, objects })
}

/// Empties what providers delivered of the customer's texts. That it was delivered stays: it takes effect once.
fn empty_payloads(tx: &mut Tx, customer: CustomerId) -> Result<()> {
    let empty = |tx: &mut Tx, which: &str, values: &[Value]| {
        let sql = format!("UPDATE inbound SET body = ?2, content_type = '' WHERE {which}");
        tx.execute(&sql, values).map(drop)
    };
    let values = [Value::from(customer), Value::Bytes(Vec::new())];
    let news = MessageStatus::ALL
        .iter()
        .map(|status| format!("provider_id || ':{}'", status.as_str()));
    for key in std::iter::once("provider_id".to_owned()).chain(news) {
        let keys = messages(&format!("channel_id, {key}"));
        empty(tx, &format!("(channel_id, provider_key) IN ({keys})"), &values)?;
    }
    let numbers: Vec<String> = addresses(tx, customer)?
        .into_iter()
        .filter_map(|(kind, number)| {
            ["phone", CHAT_ID]
                .contains(&kind.as_str())
                .then(|| number.trim_start_matches('+').to_owned())
        })
        .collect();
    let names = |body: &[u8]| {
        numbers
            .iter()
            .any(|number| body.windows(number.len()).any(|part| part == number.as_bytes()))
    };
    for row in tx.query(
        "SELECT id, body FROM inbound WHERE state IN ('failed', 'discarded')",
        params![],
    )? {
        if names(&row.get::<Vec<u8>>(1)?) {
            empty(tx, "id = ?1", &[Value::Int(row.get(0)?), Value::Bytes(Vec::new())])?;
        }
    }
    Ok(())
}

/// The shortest id that is looked for in what was refused: a shorter one would be found in anything.
const SHORTEST: usize = 5;

/// Takes away what was refused of sources and imports and names one of the customer's ids.
fn forget_refused(tx: &mut Tx, customer: CustomerId) -> Result<()> {
    let named = addresses(tx, customer)?.into_iter().map(|(_, value)| value);
    let told = customers::traits(tx, customer)?;
    let told = told
        .into_iter()
        .filter(|(name, _)| ["email", "phone"].contains(&name.as_str()));
    for value in named.chain(told.map(|(_, value)| value)) {
        let value = value
            .to_lowercase()
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        // A short one is in many words: there it must be a value of its own.
        let like = if value.len() < SHORTEST {
            format!("%\"{value}\"%")
        } else {
            format!("%{value}%")
        };
        tx.execute(
            "DELETE FROM source_refusals WHERE LOWER(body) LIKE ?1 ESCAPE '\\'",
            params![&like],
        )?;
        tx.execute(
            "UPDATE import_skips SET content = '' WHERE LOWER(content) LIKE ?1 ESCAPE '\\'",
            params![&like],
        )?;
    }
    Ok(())
}

fn addresses(tx: &mut Tx, customer: CustomerId) -> Result<Vec<(String, String)>> {
    let of = customers::identities(tx, customer)?.into_iter();
    Ok(of.map(|identity| (identity.kind, identity.value)).collect())
}

/// Gives those whose files tell of this one: they were one with it, or were told apart from it.
fn neighbours(tx: &mut Tx, customer: CustomerId) -> Result<Vec<CustomerId>> {
    let pairs = "SELECT one_id, other_id FROM joins UNION ALL SELECT one_id, other_id FROM told_apart";
    let sql = format!(
        "SELECT DISTINCT COALESCE(merged_into, id) FROM customers WHERE id IN (
           SELECT one_id FROM ({pairs}) AS p WHERE other_id IN ({FILES})
           UNION SELECT other_id FROM ({pairs}) AS p WHERE one_id IN ({FILES}))
         AND id NOT IN ({FILES})"
    );
    tx.query(&sql, params![customer])?
        .iter()
        .map(|row| row.get(0))
        .collect()
}

/// Takes away the work that waits for what goes.
fn drop_jobs(tx: &mut Tx, customer: CustomerId) -> Result<()> {
    let of = |table: &str, what: &str| format!("SELECT '{{\"{what}\":' || id || '}}' FROM {table}");
    let sessions = format!("{} WHERE customer_id IN ({FILES})", of("flow_sessions", "session"));
    let requests = format!("{} WHERE customer_id IN ({FILES})", of("requests", "request"));
    let of_conversations = format!("{} WHERE customer_id IN ({FILES})", of("conversations", "conversation"));
    let of_messages = format!(
        "{} WHERE conversation_id IN ({})",
        of("messages", "message"),
        conversations("id")
    );
    let attachments = format!(
        "{} WHERE message_id IN ({})",
        of("attachments", "attachment"),
        messages("id")
    );
    for payloads in [sessions, requests, of_conversations, of_messages, attachments] {
        tx.execute(
            &format!("DELETE FROM jobs WHERE payload IN ({payloads})"),
            params![customer],
        )?;
    }
    Ok(())
}

/// Takes the opt-outs that hold off the file: of each, only the number, the channel, the way and the time stay.
fn keep_opt_outs(tx: &mut Tx, customer: CustomerId) -> Result<()> {
    let sql = format!(
        "UPDATE consent SET customer_id = NULL, profile_id = NULL, wording = '', evidence_message_id = NULL
         WHERE customer_id IN ({FILES}) AND {OPT_OUT}"
    );
    tx.execute(&sql, params![customer]).map(drop)
}

/// Has SQLite overwrite what it deletes, which it else does in its own time, as PostgreSQL does.
fn overwrite(tx: &mut Tx, now: bool) -> Result<()> {
    let sql = match (tx.dialect(), now) {
        (Dialect::Postgres, _) => return Ok(()),
        (Dialect::Sqlite, true) => "PRAGMA secure_delete = ON",
        (Dialect::Sqlite, false) => "PRAGMA secure_delete = OFF",
    };
    tx.query(sql, params![]).map(drop)
}

fn drop_rows(tx: &mut Tx, customer: CustomerId) -> Result<()> {
    let (of_messages, of_conversations) = (messages("id"), conversations("id"));
    let sessions = format!("SELECT id FROM flow_sessions WHERE customer_id IN ({FILES})");
    let (messages, conversations) = (of_messages.as_str(), of_conversations.as_str());
    let notes = format!("SELECT id FROM notes WHERE conversation_id IN ({conversations})");
    let requests = format!("SELECT id FROM requests WHERE customer_id IN ({FILES})");
    let addresses = format!("SELECT value FROM identities WHERE kind = '{CHAT_ID}' AND customer_id IN ({FILES})");
    let visitors = format!("SELECT id FROM visitors WHERE public_id IN ({addresses})");
    // What points to others goes before them.
    let rows = [
        ("flow_steps", "session_id", sessions.as_str()),
        ("flow_sessions", "customer_id", FILES),
        ("surveys", "customer_id", FILES),
        ("consent_reviews", "customer_id", FILES),
        ("consent", "customer_id", FILES),
        ("attachments", "message_id", messages),
        ("message_search", "rowid", messages),
        ("note_search", "rowid", notes.as_str()),
        ("request_search", "rowid", requests.as_str()),
        ("links", "conversation_id", conversations),
        ("links", "profile_id", FILES),
        ("choices", "message_id", messages),
        ("messages", "conversation_id", conversations),
        ("notes", "conversation_id", conversations),
        ("drafts", "conversation_id", conversations),
        ("read_marks", "conversation_id", conversations),
        ("tray", "conversation_id", conversations),
        ("presence", "conversation_id", conversations),
        ("conversation_tags", "conversation_id", conversations),
        ("demand_words", "conversation_id", conversations),
        ("requests", "customer_id", FILES),
        ("conversations", "customer_id", FILES),
        ("joins", "one_id", FILES),
        ("joins", "other_id", FILES),
        ("joins", "from_id", FILES),
        ("told_apart", "one_id", FILES),
        ("told_apart", "other_id", FILES),
        ("suggestions", "one_id", FILES),
        ("suggestions", "other_id", FILES),
        ("claims", "profile_id", FILES),
        ("told_traits", "profile_id", FILES),
        ("segment_members", "customer_id", FILES),
        ("segment_wakes", "customer_id", FILES),
        ("customer_search", "rowid", FILES),
        ("traits", "customer_id", FILES),
        ("customer_tags", "customer_id", FILES),
        ("visitor_tokens", "visitor_id", visitors.as_str()),
        ("visitors", "public_id", addresses.as_str()),
        ("identities", "customer_id", FILES),
    ];
    for (table, column, among) in rows {
        tx.execute(
            &format!("DELETE FROM {table} WHERE {column} IN ({among})"),
            params![customer],
        )?;
    }
    tx.execute("DELETE FROM customers WHERE merged_into = ?1", params![customer])?;
    tx.execute("DELETE FROM customers WHERE id = ?1", params![customer])
        .map(drop)
}
