//! Jobs: work that follows from a change and is written in the same transaction.
//!
//! A worker leases what is due; a lease that runs out is taken again, so a crash only delays. A job that keeps failing is
//! tried after growing pauses and in the end laid aside as dead, where a person can look at it and run it again.

use domain::{JobId, Time};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    params,
    sql::{self, Error, Result, Row, Tx, Value},
};

/// How often a job is tried before it is laid aside.
pub const TRIES: i64 = 10;

/// The lane of what waits for others than the customer, who may be slow: it has room of its own.
pub const ERRANDS: i64 = 2;

/// For how many jobs there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// For those of the first two lanes together.
    pub all: i64,
    /// For those of the second lane, of them.
    pub bulk: i64,
    /// For those of the third lane.
    pub errands: i64,
}

impl Room {
    /// Room for so many jobs of any lane.
    pub fn any(jobs: i64) -> Room {
        Room {
            all: jobs,
            bulk: jobs,
            errands: jobs,
        }
    }
}

/// A job to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// What kind of work.
    pub kind: &'static str,
    /// What the work needs to know, as JSON.
    pub payload: String,
    /// At most one job with this key waits at a time; a second one changes nothing.
    pub unique_key: Option<String>,
    /// 0 before 1, answers before campaigns; 2 beside them: what waits for others than the customer, [`ERRANDS`].
    pub lane: i64,
    /// Not before this.
    pub run_at: Time,
}

impl NewJob {
    /// A job that is due at once, in the first lane, any number of which may wait.
    pub fn now(kind: &'static str, payload: &impl Serialize, now: Time) -> NewJob {
        let payload = serde_json::to_string(payload).expect("a payload has only string keys");
        NewJob {
            kind,
            payload,
            unique_key: None,
            lane: 0,
            run_at: now,
        }
    }

    /// The same job, due at `at`.
    pub fn at(self, at: Time) -> NewJob {
        NewJob { run_at: at, ..self }
    }

    /// The same job, in the lane of its own for what others may be slow with.
    pub fn errand(self) -> NewJob {
        NewJob { lane: ERRANDS, ..self }
    }

    /// The same job, at most once for `key`.
    pub fn once(self, key: String) -> NewJob {
        NewJob {
            unique_key: Some(key),
            ..self
        }
    }
}

/// A job as it is kept.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub lane: i64,
    pub state: String,
    pub run_at: Time,
    pub tries: i64,
    pub error: Option<String>,
}

impl Job {
    /// Reads what the work needs to know.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.payload)
            .map_err(|error| Error::Other(format!("payload of job {}: {error}", self.id)))
    }
}

const COLUMNS: &str = "id, kind, payload, lane, state, run_at, tries, error";

fn read(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.get(0)?,
        kind: row.get(1)?,
        payload: row.get(2)?,
        lane: row.get(3)?,
        state: row.get(4)?,
        run_at: row.get(5)?,
        tries: row.get(6)?,
        error: row.get(7)?,
    })
}

/// Adds a job. One whose key waits already changes nothing; one that was laid aside begins anew.
pub fn add(tx: &mut Tx, job: &NewJob, now: Time) -> Result<()> {
    tx.execute(
        "INSERT INTO jobs (kind, payload, unique_key, lane, run_at, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (unique_key) DO UPDATE
           SET state = 'ready', payload = excluded.payload, run_at = excluded.run_at, tries = 0, error = NULL
           WHERE jobs.state = 'dead'",
        params![
            job.kind,
            &job.payload,
            job.unique_key.clone(),
            job.lane,
            job.run_at,
            now
        ],
    )?;
    Ok(())
}

/// Takes away a job that has not begun, by its key; says whether there was one.
pub fn remove(tx: &mut Tx, unique_key: &str) -> Result<bool> {
    Ok(tx.execute(
        "DELETE FROM jobs WHERE unique_key = ?1 AND state = 'ready'",
        params![unique_key],
    )? > 0)
}

/// Leases the jobs that are due to `owner` until `until`, as far as there is room; lanes in order. A lease that ran out is due
/// again.
pub fn lease(tx: &mut Tx, owner: &str, now: Time, until: Time, room: Room) -> Result<Vec<Job>> {
    let lost = "UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL \
                WHERE state = 'leased' AND lease_until <= ?1";
    tx.execute(lost, params![now])?;
    let sql = format!(
        "UPDATE jobs SET state = 'leased', lease_owner = ?1, lease_until = ?3, tries = tries + 1 WHERE id IN (
           SELECT id FROM jobs WHERE state = 'ready' AND lane = ?5 AND run_at <= ?2 ORDER BY run_at, id LIMIT ?4 {})
         RETURNING {COLUMNS}",
        tx.dialect().claim()
    );
    let mut jobs = Vec::new();
    let mut left = room.all;
    for (lane, most) in [(0, room.all), (1, room.bulk), (ERRANDS, room.errands)] {
        let most = if lane == ERRANDS { most } else { most.min(left) };
        if most > 0 {
            let rows = tx.query(&sql, params![owner, now, until, most, lane])?;
            left -= i64::try_from(rows.len()).unwrap_or(left);
            jobs.extend(rows.iter().map(read).collect::<Result<Vec<_>>>()?);
        }
    }
    jobs.sort_by_key(|job| (job.lane, job.run_at, job.id));
    Ok(jobs)
}

/// Prolongs the leases of the jobs that `owner` is at. One that it was given and never heard of runs out.
pub fn prolong(tx: &mut Tx, owner: &str, at_work: &[JobId], until: Time) -> Result<()> {
    if at_work.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE jobs SET lease_until = ?2 WHERE lease_owner = ?1 AND state = 'leased' AND id IN ({})",
        sql::places(3, at_work.len())
    );
    let mut values = vec![owner.into(), until.into()];
    values.extend(at_work.iter().map(|id| Value::from(*id)));
    tx.execute(&sql, &values).map(drop)
}

/// Makes the jobs due at once that a process held which is gone: where one process owns the data, all that are leased.
pub fn release_all(tx: &mut Tx) -> Result<u64> {
    let sql = "UPDATE jobs SET state = 'ready', lease_owner = NULL, lease_until = NULL WHERE state = 'leased'";
    tx.execute(sql, params![])
}

/// Says when the next job is due that there is room for.
pub fn next_due(tx: &mut Tx, room: Room) -> Result<Option<Time>> {
    let due = [
        (
            room.all,
            "SELECT MIN(run_at) FROM jobs WHERE state = 'ready' AND lane = 0",
        ),
        (
            room.bulk,
            "SELECT MIN(run_at) FROM jobs WHERE state = 'ready' AND lane = 1",
        ),
        (
            room.errands,
            "SELECT MIN(run_at) FROM jobs WHERE state = 'ready' AND lane = 2",
        ),
        (room.all, "SELECT MIN(lease_until) FROM jobs WHERE state = 'leased'"),
    ];
    let times = due
        .iter()
        .filter(|(room, _)| *room > 0)
        .map(|(_, sql)| sql)
        .map(|sql| tx.query_one(sql, params![])?.get::<Option<Time>>(0));
    Ok(times.collect::<Result<Vec<_>>>()?.into_iter().flatten().min())
}

/// Ends a job that is done. Says whether `owner` still held it: when not, another has taken it up.
pub fn done(tx: &mut Tx, id: JobId, owner: &str) -> Result<bool> {
    Ok(tx.execute(
        "DELETE FROM jobs WHERE id = ?1 AND lease_owner = ?2 AND state = 'leased'",
        params![id, owner],
    )? > 0)
}

/// Puts a job back that failed: to be tried again at `again`, or laid aside when that is `None`.
pub fn failed(tx: &mut Tx, id: JobId, owner: &str, error: &str, again: Option<Time>) -> Result<()> {
    let state = if again.is_some() { "ready" } else { "dead" };
    tx.execute(
        "UPDATE jobs SET state = ?3, run_at = COALESCE(?4, run_at), error = ?5, lease_owner = NULL, lease_until = NULL
         WHERE id = ?1 AND lease_owner = ?2 AND state = 'leased'",
        params![id, owner, state, again, error],
    )?;
    Ok(())
}

/// Puts a job back that only has to wait for its turn: that does not count as a try.
pub fn postpone(tx: &mut Tx, id: JobId, owner: &str, until: Time) -> Result<()> {
    tx.execute(
        "UPDATE jobs SET state = 'ready', run_at = ?3, tries = tries - 1, lease_owner = NULL, lease_until = NULL
         WHERE id = ?1 AND lease_owner = ?2 AND state = 'leased'",
        params![id, owner, until],
    )?;
    Ok(())
}

/// Gives the pause before the next try after `tries` failures: 5 s, 20 s, 80 s … at most 6 hours.
pub fn pause_seconds(tries: i64) -> i64 {
    let steps = u32::try_from(tries.clamp(1, 8) - 1).unwrap_or(0);
    (5 * 4_i64.pow(steps)).min(6 * 3600)
}

/// Gives a job.
pub fn get(tx: &mut Tx, id: JobId) -> Result<Option<Job>> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?1"), params![id])?;
    row.as_ref().map(read).transpose()
}

/// Gives the job with this key, if there is one.
pub fn by_key(tx: &mut Tx, unique_key: &str) -> Result<Option<Job>> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE unique_key = ?1");
    tx.query_opt(&sql, params![unique_key])?.as_ref().map(read).transpose()
}

/// Gives jobs in a state, oldest first, with ids above `after`.
pub fn list(tx: &mut Tx, state: &str, after: JobId, limit: i64) -> Result<Vec<Job>> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE state = ?1 AND id > ?2 ORDER BY id LIMIT ?3");
    tx.query(&sql, params![state, after, limit])?.iter().map(read).collect()
}

/// Makes a dead job due again, with all its tries; says whether it was dead.
pub fn run_again(tx: &mut Tx, id: JobId, now: Time) -> Result<bool> {
    let sql = "UPDATE jobs SET state = 'ready', run_at = ?2, tries = 0, error = NULL WHERE id = ?1 AND state = 'dead'";
    Ok(tx.execute(sql, params![id, now])? > 0)
}

/// Takes a dead job away for good; says whether it was dead.
pub fn discard(tx: &mut Tx, id: JobId) -> Result<bool> {
    Ok(tx.execute("DELETE FROM jobs WHERE id = ?1 AND state = 'dead'", params![id])? > 0)
}
