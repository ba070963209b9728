//! Setting a conversation aside until a time, or until the customer writes.

use domain::{ConversationId, Event, Time, conversation::ConversationStatus, reason::Known};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    conversations::{self, Conversation},
    jobs::{self, NewJob},
};

use super::{Moment, inbound};
use crate::http::problem::{Answer, Problem};

/// The furthest that a conversation can be set aside.
const MAX_SECONDS: i64 = 366 * 86_400;

/// Sets a conversation aside; without a time until the customer writes. A message from the customer always wakes it.
pub fn snooze(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation, until: Option<Time>) -> Answer<()> {
    if !matches!(
        conversation.status,
        ConversationStatus::Open | ConversationStatus::Snoozed
    ) {
        return Err(Problem::conflict(
            "not_open",
            "only an open conversation can be set aside",
        ));
    }
    if until.is_some_and(|until| until <= moment.now || until > moment.now.plus_seconds(MAX_SECONDS)) {
        return Err(Problem::invalid("until", "must be in the future, within a year"));
    }
    conversation.status = ConversationStatus::Snoozed;
    conversation.snoozed_until = until;
    conversations::update(tx, conversation)?;
    plan_wake(tx, moment, conversation.id, until)?;
    moment.record(tx, conversation, Event::ConversationSnoozed { until })?;
    Ok(())
}

/// Takes a conversation up again before its time; one that is not set aside stays as it is.
pub fn wake(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation) -> Answer<()> {
    if conversation.status == ConversationStatus::Snoozed {
        inbound::wake(tx, moment, conversation, Known::TakenUp)?;
        conversations::update(tx, conversation)?;
    }
    Ok(())
}

/// Wakes a conversation whose time has come. One that has been taken up, or set aside anew, since is left alone.
pub fn due(tx: &mut Tx, moment: &Moment, id: ConversationId) -> store::Result<()> {
    let mut conversation = conversations::get(tx, id)?.ok_or(store::Error::NotFound)?;
    if conversation.status != ConversationStatus::Snoozed {
        return Ok(());
    }
    match conversation.snoozed_until {
        Some(until) if until <= moment.now => {
            // It wakes to the top of the list.
            conversation.last_at = moment.now;
            inbound::wake(tx, moment, &mut conversation, Known::TimeCame)?;
            conversations::update(tx, &conversation)
        }
        until => plan_wake(tx, moment, id, until),
    }
}

/// What the job needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub struct WakeConversation {
    /// The conversation.
    pub conversation: ConversationId,
}

/// Sets the alarm that wakes a conversation, in place of the one before; without a time there is none.
pub fn plan_wake(tx: &mut Tx, moment: &Moment, conversation: ConversationId, until: Option<Time>) -> store::Result<()> {
    let key = inbound::wake_key(conversation);
    jobs::remove(tx, &key)?;
    let Some(until) = until else { return Ok(()) };
    let job = NewJob::now(inbound::WAKE, &WakeConversation { conversation }, moment.now);
    jobs::add(tx, &job.at(until).once(key), moment.now)
}
