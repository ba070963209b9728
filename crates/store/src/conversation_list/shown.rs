//! What a list shows of each conversation, fetched for all of them together.

use std::collections::HashMap;

use domain::{ConversationId, SessionId, Time, UserId, people::PresenceState, session::SessionStatus};

use crate::{
    conversations::{self, Conversation},
    presence,
    sql::{self, Result, Row, Tx, Value},
};

/// A conversation with what is shown of it; `draft`, `is_unread` and `in_tray` are the looking user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Shown {
    pub conversation: Conversation,
    pub customer: String,
    pub address: String,
    pub channel: (String, String),
    pub team: Option<String>,
    pub assignee: Option<String>,
    pub session: Option<Session>,
    pub is_unread: bool,
    pub draft: bool,
    pub in_tray: bool,
    pub tags: Vec<String>,
    pub viewers: Vec<Viewer>,
}

/// The run of a flow that a conversation is in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Session {
    pub id: SessionId,
    pub flow: String,
    pub step: String,
    pub status: SessionStatus,
}

/// A colleague who has a conversation on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Viewer {
    pub user_id: UserId,
    pub name: String,
    pub state: PresenceState,
}

/// Where the columns begin that are not the conversation's own.
const OWN: usize = 20;

/// Gives these conversations as `user` sees them, in the order of `ids`; colleagues seen since `present` are viewers.
pub fn show(tx: &mut Tx, ids: &[ConversationId], user: Option<UserId>, present: Time) -> Result<Vec<Shown>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let among = sql::places(2, ids.len());
    let mut values = vec![Value::from(user.map_or(0, |user| user.0))];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let rows = tx.query(&statement(&among), &values)?;
    let mut found: HashMap<ConversationId, Shown> = rows
        .iter()
        .map(|row| read(row).map(|shown| (shown.conversation.id, shown)))
        .collect::<Result<_>>()?;
    let tags = format!(
        "SELECT conversation_id, tag FROM conversation_tags WHERE conversation_id IN ({}) ORDER BY tag",
        sql::places(1, ids.len())
    );
    for row in tx.query(&tags, &values[1..])? {
        if let Some(shown) = found.get_mut(&row.get(0)?) {
            shown.tags.push(row.get(1)?);
        }
    }
    for (id, viewer) in presence::of(tx, ids, present)? {
        if let Some(shown) = found.get_mut(&id) {
            shown.viewers.push(viewer);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn statement(among: &str) -> String {
    let own = conversations::COLUMNS
        .split(", ")
        .map(|column| format!("c.{}", column.trim()));
    format!(
        "SELECT {}, customers.name,
           COALESCE(last.address, (SELECT value FROM identities WHERE identities.customer_id = c.customer_id
             AND identities.kind = 'phone' ORDER BY identities.id LIMIT 1), ''),
           channels.name, channels.kind, teams.name, users.name, s.id, COALESCE(NULLIF(flows.title, ''), flows.name), s.step, s.status,
           c.last_message_id > COALESCE(read_marks.message_id, 0) AND (c.last_direction = 'in' OR c.waiting_since IS NOT NULL),
           drafts.user_id IS NOT NULL, tray.user_id IS NOT NULL
         FROM conversations c
         JOIN customers ON customers.id = c.customer_id
         JOIN channels ON channels.id = c.channel_id
         LEFT JOIN teams ON teams.id = c.team_id
         LEFT JOIN users ON users.id = c.assignee_id
         LEFT JOIN messages last ON last.id = c.last_message_id
         LEFT JOIN flow_sessions s ON s.customer_id = COALESCE(c.profile_id, c.customer_id) AND s.status <> 'ended' AND s.conversation_id = c.id
         LEFT JOIN flows ON flows.id = s.flow_id
         LEFT JOIN read_marks ON read_marks.conversation_id = c.id AND read_marks.user_id = ?1
         LEFT JOIN drafts ON drafts.conversation_id = c.id AND drafts.user_id = ?1
         LEFT JOIN tray ON tray.conversation_id = c.id AND tray.user_id = ?1
         WHERE c.id IN ({among})",
        own.collect::<Vec<_>>().join(", ")
    )
}

fn read(row: &Row) -> Result<Shown> {
    let session: Option<SessionId> = row.get(OWN + 6)?;
    let session = session.map(|id| {
        Ok(Session {
            id,
            flow: row.get(OWN + 7)?,
            step: row.get(OWN + 8)?,
            status: row.word(OWN + 9)?,
        })
    });
    Ok(Shown {
        conversation: conversations::read(row)?,
        customer: row.get(OWN)?,
        address: row.get(OWN + 1)?,
        channel: (row.get(OWN + 2)?, row.get(OWN + 3)?),
        team: row.get(OWN + 4)?,
        assignee: row.get(OWN + 5)?,
        session: session.transpose()?,
        is_unread: row.get(OWN + 10)?,
        draft: row.get(OWN + 11)?,
        in_tray: row.get(OWN + 12)?,
        tags: Vec::new(),
        viewers: Vec::new(),
    })
}
