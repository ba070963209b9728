//! Making two conversations of one customer into one.

use domain::{
    ConversationId, Event, MessageId, Time,
    merging::{Side, merged},
    message::line,
};
use store::{
    Tx,
    conversations::{self, Conversation},
    demand, drafts, jobs, notes, threads, tray,
};

use super::{Moment, find, inbound, survey};
use crate::http::problem::{Answer, Problem};

/// Moves all of `source` into `target` and gives the target as it is then. What was kept for the source (drafts, trays, read
/// marks, a menu's run) goes along; the source stays behind empty and points to the target.
pub fn merge(tx: &mut Tx, moment: &Moment, source: ConversationId, target: ConversationId) -> Answer<Conversation> {
    if source == target {
        return Err(Problem::invalid("into_id", "is this conversation itself"));
    }
    let mut source = find::working(tx, source)?;
    let mut target = find::working(tx, target)?;
    if source.customer_id != target.customer_id {
        let detail = "the conversations are with different customers";
        return Err(Problem::conflict("different_customers", detail));
    }
    let messages = move_all(tx, &source, &target)?;
    let joined = merged(side(&target), side(&source));
    target.status = joined.status;
    target.automated = joined.automated;
    target.waiting_since = joined.waiting_since;
    target.opened_at = joined.opened_at;
    target.closed_at = joined.closed_at;
    if target.snoozed_until.is_none() && joined.snoozed_until.is_some() {
        // The source's alarm names the source: the target gets its own.
        super::snooze::plan_wake(tx, moment, target.id, joined.snoozed_until)?;
    }
    target.snoozed_until = joined.snoozed_until;
    (target.team_id, target.assignee_id) = (joined.team, joined.assignee);
    if target.subject.is_empty() {
        target.subject = source.subject.clone();
    }
    refresh_last(tx, &mut target)?;
    conversations::update(tx, &target)?;
    leave_behind(tx, &mut source, target.id)?;
    let event = Event::ConversationMerged {
        into: target.id,
        messages,
    };
    moment.record(tx, &source, event.clone())?;
    moment.record(tx, &target, event)?;
    Ok(target)
}

/// Sets a conversation's last line from the messages that are in it now.
pub fn refresh_last(tx: &mut Tx, conversation: &mut Conversation) -> store::Result<()> {
    match threads::last(tx, conversation.id)? {
        Some(last) => {
            conversation.last_message_id = last.id;
            conversation.last_at = last.at;
            conversation.last_line = line(&last.body);
            conversation.last_direction = last.direction;
        }
        None => {
            conversation.last_message_id = MessageId(0);
            conversation.last_line = String::new();
        }
    }
    Ok(())
}

fn move_all(tx: &mut Tx, source: &Conversation, target: &Conversation) -> store::Result<i64> {
    let (from, to) = (source.id, target.id);
    let messages = threads::move_from(tx, from, to, MessageId(0))?;
    notes::move_since(tx, from, to, Time(0))?;
    threads::move_rest(tx, from, to)?;
    drafts::move_all(tx, from, to)?;
    tray::move_all(tx, from, to)?;
    demand::carry(tx, from, to)?;
    for tag in conversations::tags(tx, from)? {
        conversations::add_tag(tx, to, &tag)?;
    }
    Ok(messages)
}

fn leave_behind(tx: &mut Tx, source: &mut Conversation, target: ConversationId) -> store::Result<()> {
    source.status = domain::conversation::ConversationStatus::Merged;
    source.merged_into_id = Some(target);
    source.automated = false;
    source.waiting_since = None;
    source.snoozed_until = None;
    refresh_last(tx, source)?;
    conversations::update(tx, source)?;
    jobs::remove(tx, &inbound::wake_key(source.id))?;
    survey::drop_planned(tx, source.id)
}

fn side(c: &Conversation) -> Side {
    Side {
        status: c.status,
        automated: c.automated,
        waiting_since: c.waiting_since,
        opened_at: c.opened_at,
        closed_at: c.closed_at,
        snoozed_until: c.snoozed_until,
        team: c.team_id,
        assignee: c.assignee_id,
    }
}
