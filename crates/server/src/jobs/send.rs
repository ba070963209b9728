//! Handing a text to its provider, at most once.
//!
//! The text is marked `sending`, durably, before the provider is called. A crash between the call and the note of its
//! outcome leaves it `sending`; whoever takes the job up then marks it `unconfirmed` and does not call again. The
//! provider's callback, or a person, settles such a text.

use channel::{Accepted, Provider, SendError, SendErrorKind};
use domain::{
    Actor, ChannelId, Event, MessageId, Time,
    message::{Author, Direction, MessageStatus, line},
};
use store::{
    Tx,
    channels::Channel,
    conversations, jobs,
    jobs::Job,
    messages::{self, Message, Outcome as Sent},
    threads,
};

use super::Outcome;
use crate::{
    app::{App, Shared},
    desk::{Moment, closure, delivery, following, menu, outbound},
};

/// How long a text waits for each older one of its conversation before it looks again: where many wait, each looks once or
/// twice and not all of them all the time.
const FOLLOW_MS: i64 = 300;

/// Sends the text of a job.
pub async fn run(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let outbound::SendMessage { message } = job.payload()?;
    let now = app.universe.now();
    let found = app.store.read(move |tx| {
        let message = messages::get(tx, message)?.ok_or(store::Error::NotFound)?;
        let channel = store::channels::get(tx, message.channel_id)?.ok_or(store::Error::NotFound)?;
        let can_leave = message.status.can_cancel();
        let ahead = if can_leave {
            outbound::ahead(tx, &message, now)?
        } else {
            0
        };
        Ok::<_, store::Error>((message, channel, ahead))
    });
    let (message, channel, ahead) = found.await?;
    if let Some(at) = message.send_at.filter(|at| *at > now && message.status.can_cancel()) {
        return Ok(Outcome::NotBefore(at));
    }
    if ahead > 0 {
        return Ok(Outcome::NotBefore(now.plus_millis(FOLLOW_MS * ahead)));
    }
    if message.status.can_cancel()
        && let Err(until) = app.rates.take(&channel, (message.lane, message.segments), now)
    {
        return Ok(Outcome::NotBefore(until));
    }
    let Some(outgoing) = prepare(app, (owner, job), &channel, message.id).await? else {
        return Ok(Outcome::Ended);
    };
    let result = match Provider::from_config(&channel.kind, &channel.config) {
        Ok(provider) => provider.send(&app.http, &outgoing).await,
        Err(error) => Err(SendError::new(SendErrorKind::AuthFailed, error.to_string())),
    };
    settle(app, (owner, job), &channel, (message, outgoing.attempt), result).await
}

/// Marks a text as being sent and gives what goes to the provider; `None` when it is not to be sent (any more).
async fn prepare(
    app: &Shared,
    (owner, job): (&str, &Job),
    channel: &Channel,
    message: MessageId,
) -> store::Result<Option<channel::Outgoing>> {
    let moment = Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    };
    let (inner, id, owner, channel) = (app.clone(), job.id, owner.to_owned(), channel.clone());
    app.store
        .write(move |tx| match mark(tx, &moment, message)? {
            Some(marked) => outgoing(tx, &inner, &channel, &marked).map(Some),
            None => {
                jobs::done(tx, id, &owner)?;
                Ok(None)
            }
        })
        .await
}

/// Marks a text as being sent; `None` when it is not to be sent (any more).
pub(crate) fn mark(tx: &mut Tx, moment: &Moment, id: MessageId) -> store::Result<Option<Message>> {
    let known = messages::get(tx, id)?.ok_or(store::Error::NotFound)?;
    let mut conversation = conversations::get(tx, known.conversation_id)?.ok_or(store::Error::NotFound)?;
    let end = match known.status {
        MessageStatus::Queued | MessageStatus::Scheduled => {
            let opted_out = outbound::opted_out_at(tx, known.channel_id, &known.address)?.filter(|_| !known.compliance);
            let refused = opted_out.map(|_| outbound::has_opted_out(&known.address));
            let refused = outbound::switched_off(tx, known.channel_id)?.or(refused);
            refused.map(|reason| (MessageStatus::Refused, reason))
        }
        // A visitor fetches it from here: it cannot leave twice.
        MessageStatus::Sending if !carries_texts(tx, known.channel_id)? => None,
        // Somebody began to send it and is gone: it may be on the customer's phone already.
        MessageStatus::Sending => Some((MessageStatus::Unconfirmed, UNCONFIRMED.to_owned())),
        _ => return Ok(None),
    };
    if let Some((status, reason)) = end {
        let outcome = Sent {
            error: Some(reason),
            ..Sent::default()
        };
        change(tx, moment, &known, status, &outcome)?;
        return Ok(None);
    }
    messages::advance(tx, known.id, &[known.status], MessageStatus::Sending, &Sent::default())?;
    note_in_list(tx, &mut conversation, &known, moment.now)?;
    conversations::update(tx, &conversation)?;
    Ok(Some(known))
}

fn carries_texts(tx: &mut Tx, channel: ChannelId) -> store::Result<bool> {
    let channel = store::channels::get(tx, channel)?.ok_or(store::Error::NotFound)?;
    Ok(channel.is_phone())
}

const UNCONFIRMED: &str = "the server stopped while it was sending; the provider may have the text or not";

/// What the conversation list shows of a text that leaves: a person's answer ends the wait for what came before it.
fn note_in_list(
    tx: &mut Tx,
    conversation: &mut conversations::Conversation,
    message: &Message,
    now: Time,
) -> store::Result<()> {
    if message.id >= conversation.last_message_id {
        conversation.last_at = now;
        conversation.last_line = line(&message.body);
        conversation.last_direction = Direction::Out;
        conversation.last_message_id = message.id;
    }
    if message.author == Author::User
        && let Some(since) = conversation.waiting_since
    {
        let newer = threads::first_received_after(tx, conversation.id, message.id)?;
        conversation.waiting_since = newer.map(|newer| newer.max(since));
    }
    Ok(())
}

fn outgoing(tx: &mut Tx, app: &App, channel: &Channel, message: &Message) -> store::Result<channel::Outgoing> {
    let settings = store::settings::get(tx)?;
    let base = app.public_url(&settings);
    let attachments = messages::attachments_of(tx, &[message.id])?;
    Ok(channel::Outgoing {
        to: message.address.clone(),
        from: channel.address.clone(),
        body: message.body.clone(),
        media_urls: attachments
            .iter()
            .map(|file| format!("{base}/media/{}", file.public_token))
            .collect(),
        status_callback: Some(format!("{base}/hooks/{}", channel.hook)),
        message_id: message.id.0,
        attempt: messages::attempt(tx, message.id)?,
        segments: u32::try_from(message.segments).unwrap_or(u32::MAX),
    })
}

/// Notes what the provider said.
async fn settle(
    app: &Shared,
    (owner, job): (&str, &Job),
    channel: &Channel,
    (message, attempt): (Message, i64),
    result: Result<Accepted, SendError>,
) -> store::Result<Outcome> {
    let moment = Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    };
    let (id, tries, owner) = (job.id, job.tries, owner.to_owned());
    if let Err(error) = &result
        && error.kind == SendErrorKind::Throttled
    {
        let pause = error
            .retry_after
            .map_or(1, |pause| i64::try_from(pause.as_secs()).unwrap_or(60));
        app.rates.hold(channel, moment.now.plus_seconds(pause), moment.now);
    }
    app.store
        .write(move |tx| {
            if messages::attempt(tx, message.id)? != attempt {
                // News of this attempt was quicker than its answer, and the next one is planned already.
                let next = messages::get(tx, message.id)?.and_then(|message| message.send_at);
                jobs::postpone(tx, id, &owner, next.unwrap_or(moment.now))?;
                return Ok(Outcome::Ended);
            }
            match &result {
                Ok(accepted) => {
                    accept(tx, &moment, &message, accepted)?;
                    jobs::done(tx, id, &owner)?;
                }
                Err(error) if error.is_retryable() && tries < jobs::TRIES => {
                    let again = try_again(tx, &moment, (&message, tries), error)?;
                    jobs::failed(tx, id, &owner, &error.text, Some(again))?;
                }
                Err(error) => {
                    refuse(tx, &moment, &message, error)?;
                    jobs::done(tx, id, &owner)?;
                }
            }
            Ok(Outcome::Ended)
        })
        .await
}

/// Puts a text back that the provider certainly did not take, and says when to try again.
fn try_again(
    tx: &mut Tx,
    moment: &Moment,
    (message, tries): (&Message, i64),
    error: &SendError,
) -> store::Result<Time> {
    let note = Sent {
        error_code: error.provider_code.clone(),
        error: Some(error.text.clone()),
        ..Sent::default()
    };
    messages::advance(tx, message.id, &[MessageStatus::Sending], MessageStatus::Queued, &note)?;
    let asked = error
        .retry_after
        .map_or(0, |pause| i64::try_from(pause.as_secs()).unwrap_or(3600));
    Ok(moment.now.plus_seconds(asked.max(jobs::pause_seconds(tries))))
}

/// Notes that the provider has a text.
pub(crate) fn accept(tx: &mut Tx, moment: &Moment, message: &Message, accepted: &Accepted) -> store::Result<()> {
    // "Queued" there means that the provider has it.
    let status = MessageStatus::Sent
        .advance(accepted.status)
        .unwrap_or(MessageStatus::Sent);
    let outcome = Sent {
        provider_id: Some(accepted.provider_id.clone()),
        ..Sent::default()
    };
    if change(tx, moment, message, status, &outcome)? {
        closure::with_last_words(tx, moment, message.id, status)?;
        following::plan(tx, moment, message)?;
    } else {
        // The provider's callback was quicker than its answer; it told more than we know now.
        messages::name(tx, message.id, &accepted.provider_id)?;
    }
    Ok(())
}

fn refuse(tx: &mut Tx, moment: &Moment, message: &Message, error: &SendError) -> store::Result<()> {
    let status = match error.kind {
        SendErrorKind::Unknown => MessageStatus::Unconfirmed,
        _ => MessageStatus::Failed,
    };
    let outcome = Sent {
        error_code: error.provider_code.clone(),
        error: Some(error.text.clone()),
        ..Sent::default()
    };
    change(tx, moment, message, status, &outcome)?;
    if error.kind == SendErrorKind::OptedOut {
        let settings = store::settings::get(tx)?;
        delivery::opted_out_at_provider(tx, moment, &settings, message)?;
    }
    Ok(())
}

/// Gives the text that a job is to send, if it is such a job.
pub(crate) fn text_of(tx: &mut Tx, job: &Job) -> store::Result<Option<Message>> {
    if job.kind != outbound::SEND {
        return Ok(None);
    }
    let outbound::SendMessage { message } = job.payload()?;
    messages::get(tx, message)
}

/// Gives up a text whose job will not be done. One that was being sent may be on the customer's phone.
pub(crate) fn give_up(tx: &mut Tx, moment: &Moment, message: &Message, error: &str) -> store::Result<()> {
    let status = match message.status {
        MessageStatus::Sending => MessageStatus::Unconfirmed,
        _ => MessageStatus::Failed,
    };
    let outcome = Sent {
        error: Some(error.to_owned()),
        ..Sent::default()
    };
    change(tx, moment, message, status, &outcome).map(drop)
}

/// Moves a text on that is queued or being sent, with the event; says whether it still was.
fn change(
    tx: &mut Tx,
    moment: &Moment,
    message: &Message,
    status: MessageStatus,
    outcome: &Sent,
) -> store::Result<bool> {
    let from = [MessageStatus::Queued, MessageStatus::Scheduled, MessageStatus::Sending];
    if !messages::advance(tx, message.id, &from, status, outcome)? {
        return Ok(false);
    }
    let conversation = conversations::get(tx, message.conversation_id)?.ok_or(store::Error::NotFound)?;
    let event = Event::MessageStatusChanged {
        message: message.id,
        status,
        error: outcome.error.clone(),
    };
    moment.record(tx, &conversation, event)?;
    outbound::wait_again(tx, moment, message, status)?;
    menu::handed_over(tx, *moment, message)?;
    Ok(true)
}
