//! Erasing a customer, because they ask for it or nobody needs to know them any more.

use domain::{CustomerId, Event, Time};
use object_store::{ObjectStoreExt, path::Path};
use serde::{Deserialize, Serialize};
use store::{
    Tx, erasure,
    jobs::{self, NewJob},
};

use super::Moment;
use crate::app::App;

/// The job that takes files out of the object store.
pub const REMOVE_FILES: &str = "remove_files";

/// What the job needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RemoveFiles {
    /// Where the files are.
    pub keys: Vec<String>,
}

/// Erases a customer. That somebody was erased, by whom and when is kept, and nothing by which to tell who it was.
pub fn erase(tx: &mut Tx, moment: &Moment, customer: CustomerId) -> store::Result<()> {
    let erased = erasure::erase(tx, customer)?;
    plan_removal(tx, erased.objects, moment.now)?;
    let event = Event::CustomerErased { files: erased.files };
    moment.record_for_company(tx, event).map(drop)
}

/// Has files taken out of the object store that nothing tells of any more.
pub fn plan_removal(tx: &mut Tx, keys: Vec<String>, now: Time) -> store::Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let job = NewJob::now(REMOVE_FILES, &RemoveFiles { keys }, now);
    jobs::add(tx, &job.errand(), now)
}

/// Takes files out of the object store. One that is gone already is gone.
pub async fn remove_files(app: &App, keys: &[String]) -> object_store::Result<()> {
    for key in keys {
        match app.files.delete(&Path::from(key.as_str())).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
