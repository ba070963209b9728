//! Lists of conversations: which ones, in which order, and what is shown of each.
//!
//! A page costs a fixed number of statements however long it is: one or two find the ids, the others fetch what is
//! shown of all of them together.

use std::collections::BTreeMap;

use domain::{
    ChannelId, ConversationId, CustomerId, TeamId, Time, UserId, conversation::ConversationStatus, search::words,
};

use crate::{
    params,
    sql::{self, Dialect, Result, Row, Tx, Value},
};

mod shown;

pub use shown::{Session, Shown, Viewer, show};

/// Whom a conversation is with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// This user.
    User(UserId),
    /// Nobody.
    Nobody,
}

/// Which conversations; what is `None` does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state; `None` means all but merged ones.
    pub status: Option<ConversationStatus>,
    /// Whether a menu alone handles it.
    pub automated: Option<bool>,
    /// Whether someone waits for an answer.
    pub waiting: Option<bool>,
    /// With this user, or with nobody.
    pub assignee: Option<With>,
    /// In this team's queue.
    pub team: Option<TeamId>,
    /// On this channel.
    pub channel: Option<ChannelId>,
    /// With this tag.
    pub tag: Option<String>,
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// With these words in one of its messages, the last one as a beginning.
    pub text: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The newest message first.
    Newest,
    /// Who has waited longest first; those who do not wait last, the newest message first.
    Waiting,
}

/// A place in a list: the order's own time, and the id that decides between equal times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whether it is among those who wait, which come first under [`Sort::Waiting`].
    pub waits: bool,
    /// Since when somebody waits, or when the last message came.
    pub at: Time,
    /// The conversation.
    pub id: ConversationId,
}

/// A tag on no more conversations than this is looked up by the tag, a more common one by the order of the list.
const RARE_TAG: i64 = 2_000;

/// Gives at most `limit` places of a list, behind `after`.
pub fn page(tx: &mut Tx, filter: &Filter, sort: Sort, after: Option<Place>, limit: i64) -> Result<Vec<Place>> {
    if filter.waiting == Some(true) || sort == Sort::Newest {
        let part = if sort == Sort::Newest { Part::All } else { Part::Waiting };
        return some(tx, filter, part, after, limit);
    }
    let mut found = Vec::new();
    if after.is_none_or(|place| place.waits) {
        found = some(tx, filter, Part::Waiting, after, limit)?;
    }
    let left = limit - found.len() as i64;
    if left > 0 {
        let after = after.filter(|place| !place.waits);
        found.extend(some(tx, filter, Part::Rest, after, left)?);
    }
    Ok(found)
}

/// Counts the conversations of a filter, at most `limit`.
pub fn count(tx: &mut Tx, filter: &Filter, limit: i64) -> Result<i64> {
    let Some(mut query) = Query::new(tx, filter)? else {
        return Ok(0);
    };
    let limit = query.bind(limit);
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE {} LIMIT {limit}) AS found",
        query.from,
        query.conditions.join(" AND ")
    );
    tx.query_one(&sql, &query.values)?.get(0)
}

/// The parts a list is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    Waiting,
    Rest,
}

/// A queue's index goes by the state first, so that a queue in any state is read state by state.
fn some(tx: &mut Tx, filter: &Filter, part: Part, after: Option<Place>, limit: i64) -> Result<Vec<Place>> {
    let is_queue = filter.assignee.is_some() || filter.team.is_some() || filter.channel.is_some();
    if filter.status.is_some() || !is_queue {
        return in_state(tx, filter, part, after, limit);
    }
    let mut found = Vec::new();
    for status in [
        ConversationStatus::Open,
        ConversationStatus::Snoozed,
        ConversationStatus::Closed,
    ] {
        let status = Some(status);
        let filter = Filter {
            status,
            ..filter.clone()
        };
        found.extend(in_state(tx, &filter, part, after, limit)?);
    }
    found.sort_by_key(|place| (place.at, place.id));
    if part != Part::Waiting {
        found.reverse();
    }
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

fn in_state(tx: &mut Tx, filter: &Filter, part: Part, after: Option<Place>, limit: i64) -> Result<Vec<Place>> {
    let Some(mut query) = Query::new(tx, filter)? else {
        return Ok(Vec::new());
    };
    let (key, order, beyond) = match part {
        Part::Waiting => ("c.waiting_since", "c.waiting_since, c.id", ">"),
        Part::All | Part::Rest => ("c.last_at", "c.last_at DESC, c.id DESC", "<"),
    };
    match part {
        Part::Waiting => query.conditions.push("c.waiting_since IS NOT NULL".to_owned()),
        Part::Rest => query.conditions.push("c.waiting_since IS NULL".to_owned()),
        Part::All => {}
    }
    if let Some(place) = after {
        let (at, id) = (query.bind(place.at), query.bind(place.id));
        query.conditions.push(format!("({key}, c.id) {beyond} ({at}, {id})"));
    }
    let limit = query.bind(limit);
    let sql = format!(
        "SELECT {key}, c.id FROM {} WHERE {} ORDER BY {order} LIMIT {limit}",
        query.from,
        query.conditions.join(" AND ")
    );
    let waits = part == Part::Waiting;
    let read = |row: &Row| {
        Ok(Place {
            waits,
            at: row.get(0)?,
            id: row.get(1)?,
        })
    };
    tx.query(&sql, &query.values)?.iter().map(read).collect()
}

/// A filter as SQL. States are written out, so that both databases see which partial index serves.
struct Query {
    from: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    /// Gives `None` when nothing can match.
    fn new(tx: &mut Tx, filter: &Filter) -> Result<Option<Query>> {
        let mut query = Query {
            from: "conversations c",
            conditions: Vec::new(),
            values: Vec::new(),
        };
        query.add_plain(filter);
        if let Some(tag) = &filter.tag {
            query.add_tag(tx, tag)?;
        }
        if let Some(text) = &filter.text {
            let folded = words(text);
            if folded.is_empty() {
                return Ok(None);
            }
            query.add_text(tx.dialect(), &folded);
        }
        Ok(Some(query))
    }

    fn add_plain(&mut self, filter: &Filter) {
        match filter.status {
            Some(status) => self.conditions.push(format!("c.status = '{status}'")),
            None => self.conditions.push("c.status <> 'merged'".to_owned()),
        }
        match filter.automated {
            Some(true) => self.conditions.push("c.automated".to_owned()),
            Some(false) => self.conditions.push("NOT c.automated".to_owned()),
            None => {}
        }
        match filter.waiting {
            Some(true) => self.conditions.push("c.waiting_since IS NOT NULL".to_owned()),
            Some(false) => self.conditions.push("c.waiting_since IS NULL".to_owned()),
            None => {}
        }
        match filter.assignee {
            Some(With::User(id)) => self.equal("c.assignee_id", id),
            Some(With::Nobody) => self.conditions.push("c.assignee_id IS NULL".to_owned()),
            None => {}
        }
        if let Some(id) = filter.team {
            self.equal("c.team_id", id);
        }
        if let Some(id) = filter.channel {
            self.equal("c.channel_id", id);
        }
        if let Some(id) = filter.customer {
            self.equal("c.customer_id", id);
        }
    }

    /// The list's order serves a common tag and the tag's own index a rare one; the databases cannot know which it is.
    fn add_tag(&mut self, tx: &mut Tx, tag: &str) -> Result<()> {
        let few = tx.query_one(
            "SELECT COUNT(*) FROM (SELECT 1 FROM conversation_tags WHERE tag = ?1 LIMIT ?2) AS found",
            params![tag, RARE_TAG + 1],
        )?;
        let place = self.bind(tag);
        if few.get::<i64>(0)? <= RARE_TAG {
            self.from = "conversation_tags t CROSS JOIN conversations c";
            self.conditions.push(format!("t.tag = {place}"));
            self.conditions.push("c.id = t.conversation_id".to_owned());
        } else {
            self.conditions.push(format!(
                "EXISTS (SELECT 1 FROM conversation_tags t WHERE t.conversation_id = c.id AND t.tag = {place})"
            ));
        }
        Ok(())
    }

    /// The words' own index finds the messages, whatever else the list is narrowed by.
    fn add_text(&mut self, dialect: Dialect, folded: &str) {
        let place = self.bind(dialect.search_query(folded));
        self.conditions.push(format!(
            "c.id IN (SELECT m.conversation_id FROM message_search CROSS JOIN messages m WHERE {} AND m.id = message_search.rowid)",
            dialect.search_match("message_search", &place)
        ));
    }

    fn equal(&mut self, column: &str, value: impl Into<Value>) {
        let place = self.bind(value);
        self.conditions.push(format!("{column} = {place}"));
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }
}

/// How many open conversations there are of each sort; those that a menu handles are counted apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is counted")]
pub struct Counts {
    pub mine: i64,
    pub unassigned: i64,
    pub waiting: i64,
    pub all: i64,
    pub snoozed: i64,
    pub automated: i64,
    pub teams: BTreeMap<TeamId, i64>,
}

/// Counts what is open, and what is snoozed; `user` is whose are mine.
pub fn counts(tx: &mut Tx, user: Option<UserId>) -> Result<Counts> {
    let rows = tx.query(
        "SELECT team_id, assignee_id, automated, COUNT(*), CAST(SUM(CASE WHEN waiting_since IS NULL THEN 0 ELSE 1 END) AS BIGINT)
         FROM conversations WHERE status = 'open' GROUP BY team_id, assignee_id, automated",
        params![],
    )?;
    let mut counts = Counts::default();
    for row in &rows {
        let (team, assignee): (Option<TeamId>, Option<UserId>) = (row.get(0)?, row.get(1)?);
        let number: i64 = row.get(3)?;
        counts.all += number;
        if row.get(2)? {
            counts.automated += number;
            continue;
        }
        counts.waiting += row.get::<i64>(4)?;
        match assignee {
            None => counts.unassigned += number,
            assignee if assignee == user => counts.mine += number,
            Some(_) => {}
        }
        if let Some(team) = team {
            *counts.teams.entry(team).or_default() += number;
        }
    }
    let snoozed = "SELECT COUNT(*) FROM conversations WHERE status = 'snoozed'";
    counts.snoozed = tx.query_one(snoozed, params![])?.get(0)?;
    Ok(counts)
}

/// Gives who of a user's own customers has waited longest, and who of those nobody has taken: without a team, or in one
/// of `teams`; in any queue when the user is in no team.
pub fn longest_waiting(tx: &mut Tx, user: UserId, teams: &[TeamId]) -> Result<Vec<(Time, ConversationId)>> {
    let mut values = vec![];
    let queues = if teams.is_empty() {
        String::new()
    } else {
        values.extend(teams.iter().map(|team| Value::from(*team)));
        format!("AND (team_id IS NULL OR team_id IN ({}))", sql::places(1, teams.len()))
    };
    let first = |conditions: &str| {
        format!(
            "SELECT waiting_since, id FROM conversations WHERE status = 'open' AND waiting_since IS NOT NULL
             AND NOT automated AND {conditions} AND NOT EXISTS (
               SELECT 1 FROM messages m
               WHERE m.conversation_id = conversations.id AND m.id > conversations.last_message_id
               AND m.author = 'user' AND m.status IN ('queued', 'scheduled', 'sending')
             ) ORDER BY waiting_since, id LIMIT 1"
        )
    };
    let mine = tx.query_opt(&first("assignee_id = ?1"), params![user])?;
    let queue = tx.query_opt(&first(&format!("assignee_id IS NULL {queues}")), &values)?;
    let read = |row: Row| Ok((row.get(0)?, row.get(1)?));
    mine.into_iter().chain(queue).map(read).collect()
}
