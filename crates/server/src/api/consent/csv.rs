//! The consent ledger as a table for spreadsheets, read in parts so that its length does not matter.

use domain::ConsentId;
use futures::Stream;
use store::consent::{self, Entry};

use crate::{app::Shared, http::csv};

const HEAD: &str =
    "id,customer_id,address,channel_id,change,basis,source,wording,evidence_message_id,actor,actor_id,at\r\n";
/// How many rows are read at a time.
const PART: i64 = 1_000;

/// Streams the whole ledger, oldest first.
pub fn ledger(app: Shared) -> impl Stream<Item = store::Result<String>> {
    futures::stream::try_unfold(Some(ConsentId(-1)), move |after| {
        let app = app.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            if after.0 < 0 {
                return Ok(Some((HEAD.to_owned(), Some(ConsentId(0)))));
            }
            let rows = app.store.read(move |tx| consent::ledger(tx, after, PART)).await?;
            let text = rows.iter().map(line).collect();
            Ok(rows.last().map(|last| (text, Some(last.id))))
        }
    })
}

fn line(entry: &Entry) -> String {
    let id = |id: Option<i64>| id.map_or_else(String::new, |id| id.to_string());
    csv::line([
        entry.id.to_string(),
        id(entry.customer_id.map(|id| id.0)),
        entry.address.clone(),
        id(entry.channel_id.map(|id| id.0)),
        entry.change.to_string(),
        entry.basis.to_string(),
        entry.source.to_string(),
        entry.wording.clone(),
        id(entry.evidence_message_id.map(|id| id.0)),
        entry.actor.to_string(),
        id(entry.actor_id),
        entry.at.to_string(),
    ])
}
