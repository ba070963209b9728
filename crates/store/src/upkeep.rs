//! What whoever runs the server looks at: how much waits, and what is stuck.

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// How much waits, by state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Jobs: ready, leased, dead.
    pub jobs: Vec<(String, i64)>,
    /// Deliveries of providers: new, failed.
    pub inbound: Vec<(String, i64)>,
}

impl Waiting {
    /// Gives how many jobs were given up.
    pub fn dead_jobs(&self) -> i64 {
        number(&self.jobs, "dead")
    }

    /// Gives how many deliveries could not be understood.
    pub fn failed_inbound(&self) -> i64 {
        number(&self.inbound, "failed")
    }
}

fn number(counts: &[(String, i64)], state: &str) -> i64 {
    counts
        .iter()
        .find(|(name, _)| name == state)
        .map_or(0, |(_, count)| *count)
}

/// Counts what waits. States in which nothing is have no entry.
pub fn waiting(tx: &mut Tx) -> Result<Waiting> {
    let jobs = tx.query(
        "SELECT state, COUNT(*) FROM jobs GROUP BY state ORDER BY state",
        params![],
    )?;
    // What is done is left out: there are millions of it.
    let inbound = tx.query(
        "SELECT state, COUNT(*) FROM inbound WHERE state IN ('failed', 'new') GROUP BY state ORDER BY state",
        params![],
    )?;
    Ok(Waiting {
        jobs: read(&jobs)?,
        inbound: read(&inbound)?,
    })
}

fn read(rows: &[Row]) -> Result<Vec<(String, i64)>> {
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
