//! What people say that customers wrote for: above what the rules say, and on the timeline.

use domain::{Event, TouchpointId, demand::Demand};
use store::{
    Tx,
    conversations::Conversation,
    demand::{self, DemandWord},
};

use super::Moment;

/// Says what a conversation was for; a failure may have a touchpoint that brought it, here with its name.
pub fn say(
    tx: &mut Tx,
    moment: &Moment,
    conversation: &Conversation,
    demand: Demand,
    cause: Option<(TouchpointId, String)>,
) -> store::Result<()> {
    let (touchpoint, name) = cause.unzip();
    let word = DemandWord {
        demand,
        touchpoint,
        user: moment.user(),
        at: moment.now,
    };
    let known = demand::get(tx, conversation.id)?;
    if known.is_some_and(|known| (known.demand, known.touchpoint) == (demand, touchpoint)) {
        return Ok(());
    }
    demand::put(tx, conversation.id, &word)?;
    let event = Event::DemandSaid {
        demand: Some(demand),
        touchpoint,
        name: name.unwrap_or_default(),
    };
    moment.record(tx, conversation, event).map(drop)
}

/// Takes back what was said, if anything was.
pub fn take_back(tx: &mut Tx, moment: &Moment, conversation: &Conversation) -> store::Result<()> {
    if demand::remove(tx, conversation.id)? {
        let event = Event::DemandSaid {
            demand: None,
            touchpoint: None,
            name: String::new(),
        };
        moment.record(tx, conversation, event)?;
    }
    Ok(())
}
