//! Conversations: their rows, one at a time. Lists are in `conversation_list`.

use std::collections::HashSet;

use domain::{
    ChannelId, ConversationId, CustomerId, MessageId, Reason, TeamId, Time, UserId,
    conversation::{ConversationStatus, Newest},
    identity::Whose,
    message::Direction,
};

use crate::{
    params,
    sql::{self, Result, Row, Tx, Value},
};

/// A conversation's row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the names of the columns say what they hold; the migration says more of some"
)]
pub struct Conversation {
    pub id: ConversationId,
    pub customer_id: CustomerId,
    pub channel_id: ChannelId,
    pub status: ConversationStatus,
    pub subject: String,
    pub team_id: Option<TeamId>,
    pub assignee_id: Option<UserId>,
    pub route_reason: Reason,
    pub automated: bool,
    pub opened_at: Time,
    pub waiting_since: Option<Time>,
    pub last_at: Time,
    pub last_line: String,
    pub last_direction: Direction,
    pub last_message_id: MessageId,
    pub snoozed_until: Option<Time>,
    pub closed_at: Option<Time>,
    pub follows_id: Option<ConversationId>,
    pub merged_into_id: Option<ConversationId>,
    /// The file that it was recorded under: it goes back there if the customer's files are separated.
    pub profile_id: CustomerId,
}

impl Conversation {
    /// Says whose it is.
    pub fn whose(&self) -> Whose {
        Whose {
            customer: self.customer_id,
            profile: self.profile_id,
        }
    }
}

/// The columns of [`Conversation`], in the order that [`read`] takes them.
pub(crate) const COLUMNS: &str = "id, customer_id, channel_id, status, subject, team_id, assignee_id, route_reason, \
     automated, opened_at, waiting_since, last_at, last_line, last_direction, last_message_id, snoozed_until, closed_at, \
     follows_id, merged_into_id, profile_id";

pub(crate) fn read(row: &Row) -> Result<Conversation> {
    Ok(Conversation {
        id: row.get(0)?,
        customer_id: row.get(1)?,
        channel_id: row.get(2)?,
        status: row.word(3)?,
        subject: row.get(4)?,
        team_id: row.get(5)?,
        assignee_id: row.get(6)?,
        route_reason: Reason::from_column(row.get(7)?),
        automated: row.get(8)?,
        opened_at: row.get(9)?,
        waiting_since: row.get(10)?,
        last_at: row.get(11)?,
        last_line: row.get(12)?,
        last_direction: row.word(13)?,
        last_message_id: row.get(14)?,
        snoozed_until: row.get(15)?,
        closed_at: row.get(16)?,
        follows_id: row.get(17)?,
        merged_into_id: row.get(18)?,
        profile_id: row.get::<Option<CustomerId>>(19)?.unwrap_or(row.get(1)?),
    })
}

/// Opens a conversation in which nothing has been said yet.
pub fn insert(
    tx: &mut Tx,
    whose: impl Into<Whose>,
    channel: ChannelId,
    follows: Option<ConversationId>,
    now: Time,
) -> Result<Conversation> {
    let whose = whose.into();
    let sql = format!(
        "INSERT INTO conversations (customer_id, channel_id, status, opened_at, last_at, follows_id, profile_id)
         VALUES (?1, ?2, 'open', ?3, ?3, ?4, ?5) RETURNING {COLUMNS}"
    );
    let values = params![whose.customer, channel, now, follows, whose.other_profile()];
    read(&tx.query_one(&sql, values)?)
}

/// Gives a conversation.
pub fn get(tx: &mut Tx, id: ConversationId) -> Result<Option<Conversation>> {
    let row = tx.query_opt(
        &format!("SELECT {COLUMNS} FROM conversations WHERE id = ?1"),
        params![id],
    )?;
    row.as_ref().map(read).transpose()
}

/// Gives the open and snoozed conversations with a user.
pub fn held_by(tx: &mut Tx, user: UserId) -> Result<Vec<Conversation>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM conversations WHERE assignee_id = ?1 AND status IN ('open', 'snoozed') ORDER BY id"
    );
    tx.query(&sql, params![user])?.iter().map(read).collect()
}

/// Gives the open and snoozed conversations in a team's queue, whoever has them.
pub fn queued_for(tx: &mut Tx, team: TeamId) -> Result<Vec<Conversation>> {
    let sql =
        format!("SELECT {COLUMNS} FROM conversations WHERE team_id = ?1 AND status IN ('open', 'snoozed') ORDER BY id");
    tx.query(&sql, params![team])?.iter().map(read).collect()
}

/// How many conversations one statement asks for.
const AT_ONCE: usize = 500;

/// Gives those of these conversations that are in a team's queue and on a channel, as far as either is given.
pub fn among(
    tx: &mut Tx,
    ids: &[ConversationId],
    team: Option<TeamId>,
    channel: Option<ChannelId>,
) -> Result<HashSet<ConversationId>> {
    let mut found = HashSet::new();
    for ids in ids.chunks(AT_ONCE) {
        let mut values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
        let mut sql = format!(
            "SELECT id FROM conversations WHERE id IN ({})",
            sql::places(1, ids.len())
        );
        for (column, value) in [
            ("team_id", team.map(Value::from)),
            ("channel_id", channel.map(Value::from)),
        ] {
            if let Some(value) = value {
                values.push(value);
                sql = format!("{sql} AND {column} = ?{}", values.len());
            }
        }
        for row in tx.query(&sql, &values)? {
            found.insert(row.get(0)?);
        }
    }
    Ok(found)
}

/// Writes back all that can change of a conversation.
pub fn update(tx: &mut Tx, c: &Conversation) -> Result<()> {
    tx.execute(
        "UPDATE conversations SET status = ?2, subject = ?3, team_id = ?4, assignee_id = ?5, route_reason = ?6,
           automated = ?7, waiting_since = ?8, last_at = ?9, last_line = ?10, last_direction = ?11, last_message_id = ?12,
           snoozed_until = ?13, closed_at = ?14, merged_into_id = ?15, follows_id = ?16, channel_id = ?17
         WHERE id = ?1",
        params![
            c.id,
            c.status.as_str(),
            &c.subject,
            c.team_id,
            c.assignee_id,
            c.route_reason.to_column(),
            c.automated,
            c.waiting_since,
            c.last_at,
            &c.last_line,
            c.last_direction.as_str(),
            c.last_message_id,
            c.snoozed_until,
            c.closed_at,
            c.merged_into_id,
            c.follows_id,
            c.channel_id
        ],
    )?;
    Ok(())
}

/// Gives the newest conversation on a channel that is recorded under a profile, as far as the reopen rule needs it: where a
/// customer is joined from two who text, each goes on in a thread of its own.
/// One that is open comes before those that are closed, in which a late notice may have left since. One that was merged stands for the one it went into.
pub fn newest(tx: &mut Tx, whose: Whose, channel: ChannelId) -> Result<Option<Newest>> {
    let row = tx.query_opt(
        "SELECT id, status, closed_at FROM conversations
         WHERE customer_id = ?1 AND channel_id = ?2 AND COALESCE(profile_id, customer_id) = ?3 AND status <> 'merged'
         ORDER BY CASE status WHEN 'closed' THEN 1 ELSE 0 END, last_at DESC, id DESC LIMIT 1",
        params![whose.customer, channel, whose.profile],
    )?;
    row.map(|row| {
        Ok(Newest {
            id: row.get(0)?,
            status: row.word(1)?,
            closed_at: row.get(2)?,
        })
    })
    .transpose()
}

/// Gives a customer's open conversation in which something was said with this address on a channel, and which goes on by
/// another one now.
pub fn gone_over(
    tx: &mut Tx,
    customer: CustomerId,
    (channel, address): (ChannelId, &str),
) -> Result<Option<ConversationId>> {
    let row = tx.query_opt(
        "SELECT id FROM conversations WHERE customer_id = ?1 AND channel_id <> ?2 AND status IN ('open', 'snoozed')
           AND EXISTS (SELECT 1 FROM messages WHERE conversation_id = conversations.id AND channel_id = ?2 AND address = ?3)
         ORDER BY last_at DESC, id DESC LIMIT 1",
        params![customer, channel, address],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives whose thread with a customer on a channel is the newest.
pub fn newest_thread(tx: &mut Tx, customer: CustomerId, channel: ChannelId) -> Result<Option<Whose>> {
    let row = tx.query_opt(
        "SELECT COALESCE(profile_id, customer_id) FROM conversations
         WHERE customer_id = ?1 AND channel_id = ?2 AND status <> 'merged'
         ORDER BY CASE status WHEN 'closed' THEN 1 ELSE 0 END, last_at DESC, id DESC LIMIT 1",
        params![customer, channel],
    )?;
    row.map(|row| {
        Ok(Whose {
            customer,
            profile: row.get(0)?,
        })
    })
    .transpose()
}

/// Gives a customer's newest conversation, on whatever channel.
pub fn newest_of_customer(tx: &mut Tx, customer: CustomerId) -> Result<Option<ConversationId>> {
    let row = tx.query_opt(
        "SELECT id FROM conversations WHERE customer_id = ?1 AND status <> 'merged' ORDER BY last_at DESC, id DESC LIMIT 1",
        params![customer],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Gives a conversation's tags in order of the alphabet.
pub fn tags(tx: &mut Tx, id: ConversationId) -> Result<Vec<String>> {
    let rows = tx.query(
        "SELECT tag FROM conversation_tags WHERE conversation_id = ?1 ORDER BY tag",
        params![id],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Adds a tag; says whether it is new.
pub fn add_tag(tx: &mut Tx, id: ConversationId, tag: &str) -> Result<bool> {
    let sql = "INSERT INTO conversation_tags (conversation_id, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, params![id, tag])? > 0)
}

/// Sets exactly these tags.
pub fn set_tags(tx: &mut Tx, id: ConversationId, tags: &[String]) -> Result<()> {
    tx.execute("DELETE FROM conversation_tags WHERE conversation_id = ?1", params![id])?;
    tags.iter().try_for_each(|tag| add_tag(tx, id, tag).map(drop))
}
