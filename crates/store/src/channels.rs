//! Channels: the configured ways that messages come and go.

use domain::{ChannelId, TeamId, Time, channel::ChannelKind, conversation::ReopenRule};
use serde_json::Value as Json;

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A channel's row. `config` holds what its provider needs, secrets too: never give it away whole.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Channel {
    pub id: ChannelId,
    pub name: String,
    pub kind: String,
    pub address: String,
    pub hook: String,
    pub config: Json,
    pub team_id: Option<TeamId>,
    pub reopen: ReopenRule,
    pub reopen_days: i64,
    pub segments_per_second: i64,
    pub created_at: Time,
    pub disabled_at: Option<Time>,
}

impl Channel {
    /// Says whether it carries texts to telephones.
    pub fn is_phone(&self) -> bool {
        self.provider().is_phone()
    }

    /// Gives the kind of identity that its addresses are.
    pub fn identity(&self) -> &'static str {
        self.provider().identity()
    }

    fn provider(&self) -> ChannelKind {
        self.kind.parse().unwrap_or(ChannelKind::Simulator)
    }
}

const COLUMNS: &str =
    "id, name, kind, address, hook, config, team_id, reopen, reopen_days, segments_per_second, created_at, disabled_at";

fn read(row: &Row) -> Result<Channel> {
    Ok(Channel {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        address: row.get(3)?,
        hook: row.get(4)?,
        config: row.json(5)?,
        team_id: row.get(6)?,
        reopen: row.word(7)?,
        reopen_days: row.get(8)?,
        segments_per_second: row.get(9)?,
        created_at: row.get(10)?,
        disabled_at: row.get(11)?,
    })
}

/// Adds a channel; its `id` is ignored. A hook that is taken is a conflict.
pub fn insert(tx: &mut Tx, channel: &Channel) -> Result<ChannelId> {
    let row = tx.query_one(
        "INSERT INTO channels (name, kind, address, hook, config, team_id, reopen, reopen_days, segments_per_second, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
        params![
            &channel.name,
            &channel.kind,
            &channel.address,
            &channel.hook,
            channel.config.to_string(),
            channel.team_id,
            channel.reopen.as_str(),
            channel.reopen_days,
            channel.segments_per_second,
            channel.created_at
        ],
    )?;
    row.get(0)
}

/// Sets all that can change of a channel: everything but its kind, hook and time of creation.
pub fn update(tx: &mut Tx, channel: &Channel) -> Result<()> {
    tx.execute(
        "UPDATE channels SET name = ?2, address = ?3, config = ?4, team_id = ?5, reopen = ?6, reopen_days = ?7,
           segments_per_second = ?8, disabled_at = ?9 WHERE id = ?1",
        params![
            channel.id,
            &channel.name,
            &channel.address,
            channel.config.to_string(),
            channel.team_id,
            channel.reopen.as_str(),
            channel.reopen_days,
            channel.segments_per_second,
            channel.disabled_at
        ],
    )?;
    Ok(())
}

/// Gives a channel.
pub fn get(tx: &mut Tx, id: ChannelId) -> Result<Option<Channel>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM channels WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives the channel whose webhook this is.
pub fn by_hook(tx: &mut Tx, hook: &str) -> Result<Option<Channel>> {
    let row = tx.query_opt(
        &format!("SELECT {COLUMNS} FROM channels WHERE hook = ?1"),
        params![hook],
    )?;
    row.as_ref().map(read).transpose()
}

/// Gives all channels, oldest first.
pub fn list(tx: &mut Tx) -> Result<Vec<Channel>> {
    tx.query(&format!("SELECT {COLUMNS} FROM channels ORDER BY id"), params![])?
        .iter()
        .map(read)
        .collect()
}

/// Notes a call that was refused, for the channel's health page.
pub fn refuse(tx: &mut Tx, id: ChannelId, reason: &str, detail: &str, now: Time) -> Result<()> {
    let sql = "INSERT INTO channel_refusals (channel_id, at, reason, detail) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, params![id, now, reason, detail])?;
    // Nobody reads refusals of last month, and a flood of them must not fill the disk.
    let old = now.plus_seconds(-30 * 86_400);
    tx.execute(
        "DELETE FROM channel_refusals WHERE channel_id = ?1 AND at < ?2",
        params![id, old],
    )?;
    Ok(())
}
