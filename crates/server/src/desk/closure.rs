//! Closing a conversation, and opening it again by hand.

use domain::{
    Actor, Event, MessageId, UserId, conversation::ConversationStatus, event::ActorKind, message::MessageStatus,
    settings::Settings,
};
use store::{
    Tx,
    conversations::{self, Conversation},
    jobs,
    messages::{self, Message},
    threads, tray,
};

use super::{Moment, inbound, menu, survey};

/// Closes a conversation: nobody waits in it any more, a menu in it ends, the survey is planned. One that is closed stays so.
pub fn close(tx: &mut Tx, moment: &Moment, settings: &Settings, conversation: &mut Conversation) -> store::Result<()> {
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
    survey::plan(tx, moment, settings, conversation.id)
}

/// Closes a conversation with the reply that was to be its last, now that the reply has left. One that was taken back, or
/// failed, closes nothing; nor does one that the customer has written after: closing would hide that text.
pub fn with_last_words(tx: &mut Tx, moment: &Moment, id: MessageId, status: MessageStatus) -> store::Result<()> {
    if !status.has_left() || !messages::take_close_after(tx, id)? {
        return Ok(());
    }
    let message = messages::get(tx, id)?.ok_or(store::Error::NotFound)?;
    if threads::goes_on_after(tx, message.conversation_id, id)? {
        return Ok(());
    }
    let mut conversation = conversations::get(tx, message.conversation_id)?.ok_or(store::Error::NotFound)?;
    let settings = store::settings::get(tx)?;
    close(tx, &moment.by(writer(&message)), &settings, &mut conversation)
}

/// Who wrote a reply: a person, or else a program with a token.
fn writer(message: &Message) -> Actor {
    match message.author_id {
        Some(id) => Actor::user(UserId(id)),
        None => Actor {
            kind: ActorKind::Api,
            id: None,
        },
    }
}

/// Opens a closed conversation again; it comes back to its agent, or to the queue when the agent is away.
pub fn reopen(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation) -> store::Result<()> {
    if conversation.status == ConversationStatus::Closed {
        inbound::reopen(tx, moment, conversation)?;
        conversations::update(tx, conversation)?;
    }
    Ok(())
}
