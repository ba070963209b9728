//! Taking what was refused once more, after a rule was put right: what can be taken now is taken as of when it came.

use domain::{Event, RefusalId, SourceId, collection::Tally};
use store::{Tx, refusals};

use super::take;
use crate::desk::Moment;

/// Takes what was refused of a source, oldest first. Gives how many were taken now, had been taken, and are refused again.
pub fn all(tx: &mut Tx, moment: &Moment, source: SourceId) -> store::Result<Tally> {
    let mut refused = refusals::list(tx, source, RefusalId(i64::MAX), refusals::KEPT)?;
    refused.reverse();
    let tally = take::again(tx, source, &refused, moment.now)?;
    let event = Event::RefusalsRetried {
        source,
        taken: tally.taken,
        refused: tally.refused,
    };
    moment.record_for_company(tx, event)?;
    Ok(tally)
}
