//! Who has which conversation on the screen, kept alive by heartbeats.

use domain::{ConversationId, Time, UserId, people::PresenceState};

use crate::{
    conversation_list::Viewer,
    params,
    sql::{self, Result, Row, Tx, Value},
};

/// Notes that a user looks at a conversation or types in it now.
pub fn put(tx: &mut Tx, user: UserId, id: ConversationId, state: PresenceState, now: Time) -> Result<()> {
    tx.execute(
        "INSERT INTO presence (user_id, conversation_id, state, seen_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_id, conversation_id) DO UPDATE SET state = excluded.state, seen_at = excluded.seen_at",
        params![user, id, state.as_str(), now],
    )?;
    Ok(())
}

/// Notes that a user has turned away from a conversation.
pub fn remove(tx: &mut Tx, user: UserId, id: ConversationId) -> Result<()> {
    tx.execute(
        "DELETE FROM presence WHERE user_id = ?1 AND conversation_id = ?2",
        params![user, id],
    )?;
    Ok(())
}

/// Forgets who was last seen before `before`.
pub fn sweep(tx: &mut Tx, before: Time) -> Result<()> {
    tx.execute("DELETE FROM presence WHERE seen_at < ?1", params![before])?;
    Ok(())
}

const VIEWER: &str = "SELECT presence.conversation_id, presence.user_id, users.name, presence.state
    FROM presence JOIN users ON users.id = presence.user_id WHERE presence.seen_at >= ?1";

fn read(row: &Row) -> Result<(ConversationId, Viewer)> {
    let viewer = Viewer {
        user_id: row.get(1)?,
        name: row.get(2)?,
        state: row.word(3)?,
    };
    Ok((row.get(0)?, viewer))
}

/// Gives who was seen at these conversations since `since`, in order of their names.
pub fn of(tx: &mut Tx, ids: &[ConversationId], since: Time) -> Result<Vec<(ConversationId, Viewer)>> {
    let sql = format!(
        "{VIEWER} AND presence.conversation_id IN ({}) ORDER BY users.name, users.id",
        sql::places(2, ids.len())
    );
    let mut values = vec![Value::from(since)];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// Gives who was seen anywhere since `since`, in order of the conversations and names.
pub fn all(tx: &mut Tx, since: Time) -> Result<Vec<(ConversationId, Viewer)>> {
    let sql = format!("{VIEWER} ORDER BY presence.conversation_id, users.name, users.id");
    tx.query(&sql, params![since])?.iter().map(read).collect()
}
