//! The events table. Only this file touches it: everyone else adds events, asks for one customer's timeline, or
//! follows all events by a cursor. Old events can then move elsewhere without anyone noticing.

use std::{fmt, str::FromStr};

use domain::{
    Actor, ConversationId, CustomerId, Event, EventId, Time,
    event::{ActorKind, Happening},
};

use crate::{
    params,
    sql::{self, Error, EventOrder, Result, Row, Tx, Value},
};

#[cfg(test)]
mod tests;

const COLUMNS: &str = "id, at, customer_id, conversation_id, actor, actor_id, kind, data";

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its id.
    pub id: EventId,
    /// What happened, when, to whom.
    pub happening: Happening,
}

/// A place in the order of all events; readers keep it and go on from there. Written `transaction.id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Cursor {
    tx: i64,
    id: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tx, self.id)
    }
}

impl FromStr for Cursor {
    type Err = Error;
    fn from_str(text: &str) -> Result<Cursor> {
        let parts = text.split_once('.').and_then(|(tx, id)| {
            Some(Cursor {
                tx: tx.parse().ok()?,
                id: id.parse().ok()?,
            })
        });
        parts.ok_or_else(|| Error::Other(format!("'{text}' is not a cursor")))
    }
}

/// Adds an event, in the transaction of the rows that it explains.
pub fn append(tx: &mut Tx, happening: &Happening) -> Result<EventId> {
    append_from(tx, happening, None)
}

/// Adds an event that came by an identity of `profile`, whose customer is part of another one now.
pub fn append_from(tx: &mut Tx, happening: &Happening, profile: Option<CustomerId>) -> Result<EventId> {
    let told = Written::of(&happening.event);
    let subject = (happening.customer, happening.conversation);
    let values = told.row((happening.at, subject, happening.actor), profile);
    tx.query_one(&format!("{INSERT} RETURNING id"), &values)?.get(0)
}

const INSERT: &str =
    "INSERT INTO events (at, customer_id, conversation_id, actor, actor_id, kind, data, profile_id, is_arrival)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// When something happened, to whom in which conversation, and who made it happen.
type Circumstances = (Time, (Option<CustomerId>, Option<ConversationId>), Actor);

/// An event as it is kept, written before the transaction that adds it: nobody waits for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    kind: String,
    data: String,
    is_arrival: bool,
}

impl Written {
    /// Writes an event.
    pub fn of(event: &Event) -> Written {
        let (kind, data) = event.to_columns();
        let is_arrival = domain::arrival::arrival(event).is_some();
        Written { kind, data, is_arrival }
    }

    fn row(&self, (at, (customer, conversation), actor): Circumstances, profile: Option<CustomerId>) -> [Value; 9] {
        [
            at.into(),
            customer.into(),
            conversation.into(),
            actor.kind.as_str().into(),
            actor.id.into(),
            self.kind.as_str().into(),
            self.data.as_str().into(),
            profile.into(),
            self.is_arrival.into(),
        ]
    }
}

/// Adds something that a customer did and that has been written; its id, which would take longer, is not asked for.
pub fn append_deed(
    tx: &mut Tx,
    (customer, at): (CustomerId, Time),
    told: &Written,
    profile: Option<CustomerId>,
) -> Result<()> {
    let circumstances = (at, (Some(customer), None), Actor::customer(customer));
    tx.execute(INSERT, &told.row(circumstances, profile)).map(drop)
}

/// Lets events of a customer count for another one from now on, where `which` holds. Each remembers where it came from.
pub(crate) fn hand_over(tx: &mut Tx, which: &str, values: &[Value]) -> Result<()> {
    let sql = format!(
        "UPDATE events SET profile_id = COALESCE(profile_id, customer_id), customer_id = ?2 WHERE customer_id = ?1{which}"
    );
    tx.execute(&sql, values).map(drop)
}

/// Counts what happened to a customer.
pub(crate) fn count(tx: &mut Tx, customer: CustomerId) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM events WHERE customer_id = ?1", params![customer])?
        .get(0)
}

/// Erases what happened to a customer, and in the conversations that are chosen by it as `?1`.
pub(crate) fn erase(tx: &mut Tx, customer: CustomerId, conversations: &str) -> Result<()> {
    let sql = format!("DELETE FROM events WHERE customer_id = ?1 OR conversation_id IN ({conversations})");
    tx.execute(&sql, params![customer]).map(drop)
}

/// Takes what these files were called, and by which ids, out of what other customers' events say of them.
pub(crate) fn forget_names(tx: &mut Tx, others: &[CustomerId], files: &[CustomerId]) -> Result<()> {
    for customer in others {
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE customer_id = ?1
               AND kind IN ('customer_merged', 'customer_separated', 'customer_told_apart')"
        );
        for row in tx.query(&sql, params![*customer])? {
            let recorded = read(&row, 0)?;
            let mut event = recorded.happening.event;
            let (other, name) = match &mut event {
                Event::CustomerMerged { from, name, ids, .. } => {
                    ids.clear();
                    ([*from, *from], name)
                }
                Event::CustomerSeparated {
                    from,
                    was_in,
                    name,
                    ids,
                    ..
                } => {
                    ids.clear();
                    ([*from, *was_in], name)
                }
                Event::CustomerToldApart { other, name } => ([*other, *other], name),
                _ => continue,
            };
            name.clear();
            if other.iter().any(|id| files.contains(id)) {
                let (_, data) = event.to_columns();
                tx.execute("UPDATE events SET data = ?2 WHERE id = ?1", params![recorded.id, data])?;
            }
        }
    }
    Ok(())
}

/// A part of all events, read on from a cursor.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// The events, each with its own cursor.
    pub events: Vec<(Cursor, Recorded)>,
    /// Where to read on.
    pub end: Cursor,
    /// Whether there may be more.
    pub more: bool,
}

/// Gives at most `limit` events after `cursor`, in the order they became visible.
///
/// No event is ever passed over: one that is still being written is given later, behind all that were given before. Only
/// one that this version cannot read is left out, and logged: it must not hold up all that come after it.
pub fn after(tx: &mut Tx, cursor: Cursor, limit: i64) -> Result<Stretch> {
    let EventOrder {
        tx: stamp,
        after,
        settled,
        oldest_first,
        ..
    } = tx.dialect().event_order();
    let sql =
        format!("SELECT {stamp}, {COLUMNS} FROM events WHERE {after} AND {settled} ORDER BY {oldest_first} LIMIT ?3");
    let rows = tx.query(&sql, params![cursor.tx, cursor.id, limit])?;
    let mut stretch = Stretch {
        events: Vec::with_capacity(rows.len()),
        end: cursor,
        more: i64::try_from(rows.len()) == Ok(limit),
    };
    for row in &rows {
        stretch.end = Cursor {
            tx: row.get(0)?,
            id: row.get(1)?,
        };
        match read(row, 1) {
            Ok(event) => stretch.events.push((stretch.end, event)),
            Err(error) => tracing::error!(event.id = stretch.end.id, %error, "an event cannot be read and is left out"),
        }
    }
    Ok(stretch)
}

/// Puts all events before those to come, in the order of their ids, where a backup brought them from a PostgreSQL cluster
/// whose transactions were counted further: they would stay hidden until this one has counted as far. Says how many.
pub fn adopt(tx: &mut Tx) -> Result<u64> {
    let Some(foreign) = tx.dialect().event_order().foreign else {
        return Ok(0);
    };
    let sql = format!("SELECT 1 FROM events WHERE {foreign} LIMIT 1");
    if tx.query_opt(&sql, params![])?.is_none() {
        return Ok(0);
    }
    // All events are rewritten once, and there may be many.
    tx.execute("SET LOCAL statement_timeout = 0", params![])?;
    tx.execute("UPDATE events SET tx = 0 WHERE tx <> 0", params![])
}

/// Gives the cursor of the newest event; the beginning when there is none.
pub fn head(tx: &mut Tx) -> Result<Cursor> {
    let EventOrder {
        tx: stamp,
        settled,
        newest_first,
        ..
    } = tx.dialect().event_order();
    let sql = format!("SELECT {stamp}, id FROM events WHERE {settled} ORDER BY {newest_first} LIMIT 1");
    let row = tx.query_opt(&sql, params![])?;
    row.map_or(Ok(Cursor::default()), |row| {
        Ok(Cursor {
            tx: row.get(0)?,
            id: row.get(1)?,
        })
    })
}

/// Gives when the event at this cursor happened; `None` when there is none.
pub fn happened_at(tx: &mut Tx, cursor: Cursor) -> Result<Option<Time>> {
    let stamp = tx.dialect().event_order().tx;
    let sql = format!("SELECT at FROM events WHERE id = ?2 AND {stamp} = ?1");
    let row = tx.query_opt(&sql, params![cursor.tx, cursor.id])?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives when the newest event happened.
pub fn newest_at(tx: &mut Tx) -> Result<Option<Time>> {
    let row = tx.query_opt("SELECT at FROM events ORDER BY id DESC LIMIT 1", params![])?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives a customer's events, newest first, at most `limit`, older than `before` (its time and id) where given.
/// `kinds` narrows to these kinds; empty means all.
pub fn timeline(
    tx: &mut Tx,
    customer: CustomerId,
    kinds: &[String],
    before: Option<(Time, EventId)>,
    limit: i64,
) -> Result<Vec<Recorded>> {
    let (at, id) = before.unwrap_or((Time(i64::MAX), EventId(i64::MAX)));
    let mut values = vec![customer.into(), at.into(), id.into(), limit.into()];
    let among = narrow(kinds, &mut values);
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE customer_id = ?1 AND (at, id) < (?2, ?3) {among} ORDER BY at DESC, id DESC LIMIT ?4"
    );
    tx.query(&sql, &values)?.iter().map(|row| read(row, 0)).collect()
}

/// Gives the first and the last event by which a customer came from somewhere else, by when they happened and not by when
/// they were told; what happened at one moment goes by what it says.
pub fn arrivals(tx: &mut Tx, customer: CustomerId) -> Result<Option<(Recorded, Recorded)>> {
    let end = |tx: &mut Tx, way: &str| {
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE customer_id = ?1 AND is_arrival ORDER BY at {way}, data {way} LIMIT 1"
        );
        let row = tx.query_opt(&sql, params![customer])?;
        row.map(|row| read(&row, 0)).transpose()
    };
    Ok(end(tx, "ASC")?.zip(end(tx, "DESC")?))
}

/// Gives all events of a customer up to a place in the order of all events, in that order.
pub fn of_customer(tx: &mut Tx, customer: CustomerId, up_to: Cursor) -> Result<Vec<Recorded>> {
    let EventOrder {
        after,
        settled,
        oldest_first,
        ..
    } = tx.dialect().event_order();
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE NOT ({after}) AND {settled} AND customer_id = ?3 ORDER BY {oldest_first}"
    );
    let rows = tx.query(&sql, params![up_to.tx, up_to.id, customer])?;
    rows.iter().map(|row| read(row, 0)).collect()
}

/// Gives the events of conversations, newest first, at most `limit`, with ids below `before`; those of the kinds
/// `without` are left out. What was noted in two of them at once, such as that one went into the other, is given once.
pub fn of_conversations(
    tx: &mut Tx,
    ids: &[ConversationId],
    without: &[&str],
    before: EventId,
    limit: i64,
) -> Result<Vec<Recorded>> {
    // A conversation began and ended at most once together with another one: so much may be there twice.
    let twice = 2 * (ids.len() as i64 - 1);
    // No event is of the kind '', and PostgreSQL takes no empty list.
    let mut values = vec![before.into(), (limit + twice).into(), "".into()];
    let kinds = sql::places(3, without.len() + 1);
    values.extend(without.iter().map(|kind| Value::from(*kind)));
    let among = sql::places(values.len() + 1, ids.len());
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE conversation_id IN ({among}) AND id < ?1 AND kind NOT IN ({kinds})
         ORDER BY id DESC LIMIT ?2"
    );
    let rows = tx.query(&sql, &values)?;
    let mut found = rows.iter().map(|row| read(row, 0)).collect::<Result<Vec<_>>>()?;
    // Of such a pair the older one stays, so that the next page begins behind both.
    found.reverse();
    found.dedup_by(|newer, older| is_same_in_two(&newer.happening, &older.happening));
    found.reverse();
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

fn is_same_in_two(one: &Happening, other: &Happening) -> bool {
    let is_of_two = matches!(
        one.event,
        Event::ConversationMerged { .. } | Event::ConversationSplit { .. }
    );
    is_of_two && (one.at, one.actor, &one.event) == (other.at, other.actor, &other.event)
}

/// Gives all events of these kinds with `from <= at < to`, oldest first: what metrics are computed from.
pub fn of_kinds(tx: &mut Tx, kinds: &[&str], from: Time, to: Time) -> Result<Vec<Recorded>> {
    let mut values = vec![from.into(), to.into()];
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let among = narrow(&kinds, &mut values);
    let sql = format!("SELECT {COLUMNS} FROM events WHERE at >= ?1 AND at < ?2 {among} ORDER BY at, id");
    tx.query(&sql, &values)?.iter().map(|row| read(row, 0)).collect()
}

/// Gives the newest events that some customer had, at most `limit`, newest first.
pub fn newest_of_customers(tx: &mut Tx, limit: i64) -> Result<Vec<Recorded>> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE customer_id IS NOT NULL ORDER BY id DESC LIMIT ?1");
    tx.query(&sql, params![limit])?.iter().map(|row| read(row, 0)).collect()
}

/// Gives at most `limit` events of one kind with `from <= at < to`, newest first.
pub fn newest_of_kind(tx: &mut Tx, kind: &str, (from, to): (Time, Time), limit: i64) -> Result<Vec<Recorded>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE kind = ?1 AND at >= ?2 AND at < ?3 ORDER BY at DESC, id DESC LIMIT ?4"
    );
    tx.query(&sql, params![kind, from, to, limit])?
        .iter()
        .map(|row| read(row, 0))
        .collect()
}

fn narrow(kinds: &[String], values: &mut Vec<Value>) -> String {
    if kinds.is_empty() {
        return String::new();
    }
    let among = sql::places(values.len() + 1, kinds.len());
    values.extend(kinds.iter().map(Value::from));
    format!("AND kind IN ({among})")
}

fn read(row: &Row, first: usize) -> Result<Recorded> {
    let kind: String = row.get(first + 6)?;
    let data: String = row.get(first + 7)?;
    let event = Event::from_columns(&kind, &data).map_err(|error| Error::Other(format!("event {kind}: {error}")))?;
    let actor = Actor {
        kind: row.word::<ActorKind>(first + 4)?,
        id: row.get(first + 5)?,
    };
    let happening = Happening {
        at: row.get(first + 1)?,
        customer: row.get(first + 2)?,
        conversation: row.get(first + 3)?,
        actor,
        event,
    };
    Ok(Recorded {
        id: row.get(first)?,
        happening,
    })
}
