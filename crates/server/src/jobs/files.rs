//! Taking files out of the object store that nothing tells of any more.

use store::jobs::{self, Job};

use super::Outcome;
use crate::{
    app::Shared,
    desk::erasing::{self, RemoveFiles},
};

/// Removes the files of a job. Doing it twice is doing it once.
pub async fn run(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let RemoveFiles { keys } = job.payload()?;
    if let Err(error) = erasing::remove_files(app, &keys).await {
        return Ok(Outcome::Retry(error.to_string()));
    }
    let (id, owner) = (job.id, owner.to_owned());
    app.store.write(move |tx| jobs::done(tx, id, &owner)).await?;
    Ok(Outcome::Ended)
}
