//! Definitions in memory: a version of a flow never changes, so it is read once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use domain::FlowId;
use flow::Definition;
use store::{Tx, flows};

/// The definitions read so far.
#[derive(Default)]
pub struct Menus(Mutex<HashMap<(FlowId, i64), Arc<Definition>>>);

impl Menus {
    /// Gives a version of a flow.
    pub fn get(&self, tx: &mut Tx, id: FlowId, version: i64) -> store::Result<Arc<Definition>> {
        if let Some(known) = self.lock().get(&(id, version)) {
            return Ok(known.clone());
        }
        let flow = flows::get_version(tx, id, version)?.ok_or(store::Error::NotFound)?;
        let definition = Definition::parse(&flow.source).map_err(|problems| {
            // It was checked when it was saved; a newer server may still see it differently.
            store::Error::Other(format!("flow {} version {version} cannot run: {problems:?}", flow.name))
        })?;
        let definition = Arc::new(definition);
        self.lock().insert((id, version), definition.clone());
        Ok(definition)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(FlowId, i64), Arc<Definition>>> {
        self.0.lock().expect("no one panics while holding it")
    }
}
