//! Closing a conversation, and opening it again by hand.

use domain::{Event, conversation::ConversationStatus, settings::Settings};
use store::{
    Tx,
    conversations::{self, Conversation},
    jobs, tray,
};

use super::{Moment, inbound, menu, survey};
use crate::http::problem::Answer;

/// Closes a conversation: nobody waits in it any more, a menu in it ends, the survey is planned. One that is closed stays so.
pub fn close(tx: &mut Tx, moment: &Moment, settings: &Settings, conversation: &mut Conversation) -> Answer<()> {
    if conversation.status == ConversationStatus::Closed {
        return Ok(());
    }
    menu::stop(tx, *moment, conversation)?;
    jobs::remove(tx, &inbound::wake_key(conversation.id))?;
    conversation.status = ConversationStatus::Closed;
    conversation.closed_at = Some(moment.now);
    conversation.waiting_since = None;
    conversation.snoozed_until = None;
    conversations::update(tx, conversation)?;
    if let Some(user) = moment.user() {
        tray::remove(tx, user, conversation.id)?;
    }
    moment.record(tx, conversation, Event::ConversationClosed {})?;
    survey::plan(tx, moment, settings, conversation.id)?;
    Ok(())
}

/// Opens a closed conversation again; it comes back to its agent, or to the queue when the agent is away.
pub fn reopen(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation) -> Answer<()> {
    if conversation.status == ConversationStatus::Closed {
        inbound::reopen(tx, moment, conversation)?;
        conversations::update(tx, conversation)?;
    }
    Ok(())
}
