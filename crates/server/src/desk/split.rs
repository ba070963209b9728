//! Taking a part of a conversation out into one of its own.

use domain::{ConversationId, Event, MessageId, conversation::ConversationStatus};
use store::{
    Tx,
    conversations::{self, Conversation},
    notes, threads,
};

use super::{Moment, find, merge::refresh_last};
use crate::http::problem::{Answer, Problem};

/// Moves a message and all later ones, with the notes since, into a new open conversation, and gives that. A menu's run goes
/// with the newer part: that is what it talks about.
pub fn split(
    tx: &mut Tx,
    moment: &Moment,
    from: ConversationId,
    first: MessageId,
    subject: String,
) -> Answer<Conversation> {
    let mut old = find::working(tx, from)?;
    let message = find::message(tx, first)?;
    if message.conversation_id != from {
        return Err(Problem::invalid("message_id", "is not in this conversation"));
    }
    if !threads::has_before(tx, from, first)? {
        let detail = "this is the first message: nothing would stay behind";
        return Err(Problem::conflict("nothing_stays", detail));
    }
    let mut new = conversations::insert(tx, old.whose(), old.channel_id, Some(from), moment.now)?;
    let messages = threads::move_from(tx, from, new.id, first)?;
    notes::move_since(tx, from, new.id, message.at)?;
    for tag in conversations::tags(tx, from)? {
        conversations::add_tag(tx, new.id, &tag)?;
    }
    if threads::move_session(tx, from, new.id)? {
        new.automated = std::mem::take(&mut old.automated);
    }
    new.subject = subject;
    (new.team_id, new.assignee_id) = (old.team_id, old.assignee_id);
    new.route_reason.clone_from(&old.route_reason);
    new.opened_at = message.at;
    share_waiting(tx, &mut old, &mut new)?;
    for conversation in [&mut old, &mut new] {
        refresh_last(tx, conversation)?;
        conversations::update(tx, conversation)?;
    }
    let event = Event::ConversationSplit { from, messages };
    moment.record(tx, &old, event.clone())?;
    moment.record(tx, &new, event)?;
    Ok(new)
}

/// What the customer wrote since the wait began is unanswered, in whichever part it is now.
fn share_waiting(tx: &mut Tx, old: &mut Conversation, new: &mut Conversation) -> store::Result<()> {
    debug_assert!(new.status == ConversationStatus::Open);
    let Some(since) = old.waiting_since else { return Ok(()) };
    old.waiting_since = threads::first_received(tx, old.id, since)?;
    new.waiting_since = threads::first_received(tx, new.id, since)?;
    Ok(())
}
