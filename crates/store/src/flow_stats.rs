//! Flows in numbers: how often each ran, how far its sessions came, who saved it.

use domain::{FlowId, Time};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A version of a flow, without its source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Version {
    pub version: i64,
    pub saved_at: Time,
    /// The name of who saved it; empty for programs and for what the server brought.
    pub saved_by: String,
}

/// Gives a flow's versions, newest first.
pub fn versions(tx: &mut Tx, flow: FlowId) -> Result<Vec<Version>> {
    let rows = tx.query(
        "SELECT version, saved_at, COALESCE(users.name, '') FROM flow_versions LEFT JOIN users ON users.id = saved_by
         WHERE flow_id = ?1 ORDER BY version DESC",
        params![flow],
    )?;
    let read = |row: &Row| {
        Ok(Version {
            version: row.get(0)?,
            saved_at: row.get(1)?,
            saved_by: row.get(2)?,
        })
    };
    rows.iter().map(read).collect()
}

/// How many sessions a flow has begun, and how many of them came to its end without a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Runs {
    /// Begun.
    pub started: i64,
    /// Came to the end.
    pub completed: i64,
}

/// Counts a flow's sessions that began at `since` or later.
pub fn runs(tx: &mut Tx, flow: FlowId, since: Time) -> Result<Runs> {
    let row = tx.query_one(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN ended_because = 'completed' THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM flow_sessions WHERE flow_id = ?1 AND started_at >= ?2",
        params![flow, since],
    )?;
    Ok(Runs {
        started: row.get(0)?,
        completed: row.get(1)?,
    })
}

/// How many sessions came to a step, and what became of them there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StepCount {
    /// Came to it, however often.
    pub entered: i64,
    /// Ended at it without having come to the flow's end or to a person.
    pub stopped: i64,
    /// Are at it now.
    pub waiting: i64,
}

/// Counts by step what became of a flow's sessions that began at `since` or later.
pub fn step_counts(tx: &mut Tx, flow: FlowId, since: Time) -> Result<Vec<(String, StepCount)>> {
    let rows = tx.query(
        "WITH entered AS (
           SELECT s.id, s.status, s.ended_because, p.step, p.seq, MAX(p.seq) OVER (PARTITION BY s.id) AS last
           FROM flow_sessions s JOIN flow_steps p ON p.session_id = s.id
           WHERE s.flow_id = ?1 AND s.started_at >= ?2),
         came AS (
           SELECT id, step, status, ended_because, CASE WHEN MAX(seq) = last THEN 1 ELSE 0 END AS is_last
           FROM entered GROUP BY id, step, status, ended_because, last)
         SELECT step, COUNT(*),
           CAST(SUM(CASE WHEN ended_because NOT IN ('completed', 'handed_off') THEN is_last ELSE 0 END) AS BIGINT),
           CAST(SUM(CASE WHEN status <> 'ended' THEN is_last ELSE 0 END) AS BIGINT)
         FROM came GROUP BY step ORDER BY step",
        params![flow, since],
    )?;
    let read = |row: &Row| {
        let count = StepCount {
            entered: row.get(1)?,
            stopped: row.get(2)?,
            waiting: row.get(3)?,
        };
        Ok((row.get(0)?, count))
    };
    rows.iter().map(read).collect()
}
