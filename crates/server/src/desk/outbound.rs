//! Texts on their way out: queued here, sent by the job `send_message`.
//!
//! The consent of the customer is looked at here and once more when the text is sent. The conversation's own row (last
//! line, who waits) changes when the text is really handed over: one that is taken back has changed nothing.

use axum::http::StatusCode;
use channel::phone;
use domain::{
    AttachmentId, ChannelId, Event, MessageId, Time,
    consent::Standing,
    conversation::ConversationStatus,
    message::{Author, Direction, Lane, MAX_BODY, MAX_SMS, MessageStatus},
    segments::segments,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    channels::{self, Channel},
    choices,
    conversations::{self, Conversation},
    customers,
    jobs::{self, NewJob},
    messages::{self, Message, Outcome},
    threads, visitors,
};

use super::{Moment, find, inbound};
use crate::http::{
    ask::{self, MAX_NAME},
    problem::{Answer, Problem},
};

/// The job that hands a message to its provider.
pub const SEND: &str = "send_message";

/// What the job needs to know.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SendMessage {
    /// The message.
    pub message: MessageId,
}

/// When a text is to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// After the moment in which it can be taken back.
    AfterUndo(Time),
    /// At a time somebody chose.
    At(Time),
}

/// A text to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Who wrote it.
    pub author: Author,
    /// The user or flow.
    pub author_id: Option<i64>,
    /// The words.
    pub body: String,
    /// The labels of the options that it offers, for channels that show buttons.
    pub choices: Vec<String>,
    /// Uploaded files that go with it.
    pub attachments: Vec<AttachmentId>,
    /// When it is to leave.
    pub when: When,
    /// Chosen by the client: the same key twice is the same text.
    pub client_key: Option<String>,
    /// Answers before campaigns.
    pub lane: Lane,
    /// The confirmation of a compliance word, which an opted-out customer gets too.
    pub compliance: bool,
    /// Whether the conversation closes with it, once it has left.
    pub close_after: bool,
}

impl Outgoing {
    /// A text that leaves at once.
    pub fn now(author: Author, author_id: Option<i64>, body: impl Into<String>) -> Outgoing {
        Outgoing {
            author,
            author_id,
            body: body.into(),
            choices: Vec::new(),
            attachments: Vec::new(),
            when: When::Now,
            client_key: None,
            lane: Lane::Conversation,
            compliance: false,
            close_after: false,
        }
    }
}

/// Queues a text in a conversation. A client's key that was used before gives the text it was used for.
///
/// Refused: `channel_disabled` when the channel is switched off, `opted_out` when the customer may not be texted,
/// `not_textable` when the address takes no texts, `invalid` when there is nothing to say, too much of it, no address to
/// send it to, or an attachment that is not there.
pub fn queue(tx: &mut Tx, moment: &Moment, conversation: &Conversation, outgoing: Outgoing) -> Answer<Message> {
    if let Some(key) = &outgoing.client_key
        && let Some(known) = messages::by_client_key(tx, key)?
    {
        return Ok(known);
    }
    let channel = find::channel(tx, conversation.channel_id)?;
    check_body(&channel, &outgoing)?;
    let address = address(tx, conversation)?;
    queue_on(tx, moment, conversation, outgoing, (&channel, address))
}

/// Queues a text as [`queue`] does, to an address of the caller's choice; the conversation is with that one from then on.
pub fn queue_to(
    tx: &mut Tx,
    moment: &Moment,
    conversation: &Conversation,
    outgoing: Outgoing,
    address: String,
) -> Answer<Message> {
    if let Some(key) = &outgoing.client_key
        && let Some(known) = messages::by_client_key(tx, key)?
    {
        return Ok(known);
    }
    let channel = find::channel(tx, conversation.channel_id)?;
    check_body(&channel, &outgoing)?;
    queue_on(tx, moment, conversation, outgoing, (&channel, address))
}

fn queue_on(
    tx: &mut Tx,
    moment: &Moment,
    conversation: &Conversation,
    outgoing: Outgoing,
    (channel, address): (&Channel, String),
) -> Answer<Message> {
    must_take_texts(channel, &address)?;
    if !outgoing.compliance {
        must_be_allowed(tx, channel.id, &address)?;
    }
    let message = insert(tx, moment, conversation, &outgoing, (channel, address))?;
    if !outgoing.choices.is_empty() && !channel.is_phone() {
        choices::put(tx, message.id, &outgoing.choices)?;
    }
    for attachment in &outgoing.attachments {
        if !messages::attach(tx, *attachment, message.id, moment.user())? {
            return Err(Problem::invalid(
                "attachment_ids",
                format!("attachment {attachment} is not free"),
            ));
        }
    }
    let event = Event::MessageQueued {
        message: message.id,
        body: message.body.clone(),
        send_at: message.send_at,
        attachments: outgoing.attachments,
    };
    moment.record(tx, conversation, event)?;
    add_job(tx, moment, &message)?;
    Ok(message)
}

/// Takes a text back that has not been handed over. Refused with `already_sent` when it is too late.
pub fn cancel(tx: &mut Tx, moment: &Moment, id: MessageId) -> Answer<Message> {
    if let Err(message) = change(tx, moment, id, MessageStatus::Cancelled, MessageStatus::can_cancel)? {
        let detail = format!("message {id} is {} and cannot be taken back", message.status);
        return Err(Problem::conflict("already_sent", detail));
    }
    jobs::remove(tx, &job_key(id))?;
    find(tx, id)
}

/// Queues a text once more that failed, or of which it is not known whether it was sent: a person's explicit choice.
pub fn retry(tx: &mut Tx, moment: &Moment, id: MessageId) -> Answer<Message> {
    let message = find(tx, id)?;
    let channel = find::channel(tx, message.channel_id)?;
    must_take_texts(&channel, &message.address)?;
    must_be_allowed(tx, channel.id, &message.address)?;
    let at_work = jobs::by_key(tx, &job_key(id))?.filter(|job| job.state == "leased");
    if at_work.is_some() {
        return Err(Problem::conflict("not_failed", format!("message {id} is being sent")));
    }
    if let Err(message) = change(tx, moment, id, MessageStatus::Queued, MessageStatus::can_retry)? {
        return Err(Problem::conflict(
            "not_failed",
            format!("message {id} is {}", message.status),
        ));
    }
    messages::begin_anew(tx, id, None)?;
    let message = find(tx, id)?;
    add_job(tx, moment, &message)?;
    Ok(message)
}

/// Queues a text once more, after a growing pause, that the provider took and gave back because too many came at once. Says
/// no when that was tried often enough: then it has failed.
pub fn queue_anew(tx: &mut Tx, moment: &Moment, message: &Message, note: &Outcome) -> store::Result<Option<Time>> {
    let attempt = messages::attempt(tx, message.id)?;
    if attempt >= jobs::TRIES || !messages::advance(tx, message.id, &[message.status], MessageStatus::Queued, note)? {
        return Ok(None);
    }
    let again = moment.now.plus_seconds(jobs::pause_seconds(attempt));
    messages::begin_anew(tx, message.id, Some(again))?;
    let queued = Message {
        send_at: Some(again),
        ..message.clone()
    };
    // Where its job still waits for the provider's answer, that one goes on: it looks at the attempt.
    add_job(tx, moment, &queued)?;
    let conversation = conversation_of(tx, message)?;
    let event = Event::MessageStatusChanged {
        message: message.id,
        status: MessageStatus::Queued,
        error: note.error.clone(),
    };
    moment.record(tx, &conversation, event)?;
    Ok(Some(again))
}

/// Gives since when whoever has this address may not be texted on this channel, or `None` when that is allowed.
pub fn opted_out_at(tx: &mut Tx, channel: ChannelId, address: &str) -> store::Result<Option<Time>> {
    let Some(newest) = store::consent::newest(tx, address, channel)? else {
        return Ok(None);
    };
    let standing = Standing {
        change: newest.change,
        source: newest.source,
    };
    Ok((!Standing::may_text(Some(standing))).then_some(newest.at))
}

/// Says that no texts go to an address.
pub fn has_opted_out(address: &str) -> String {
    format!("{address} has opted out of texts")
}

/// How many older texts are counted at most.
const MOST_AHEAD: i64 = 100;

/// Says how many older texts of the same conversation are about to leave: this one comes after them. At most 100 are counted.
///
/// One that was tried in vain and waits to be tried again holds nobody up, nor does one whose job is laid aside.
pub fn ahead(tx: &mut Tx, message: &Message, now: Time) -> store::Result<i64> {
    threads::leaving_before(tx, message, JOB_KEY, now, MOST_AHEAD)
}

/// Says that a channel is switched off; `None` when texts may leave by it.
pub fn switched_off(tx: &mut Tx, channel: ChannelId) -> store::Result<Option<String>> {
    let channel = channels::get(tx, channel)?.ok_or(store::Error::NotFound)?;
    Ok(channel
        .disabled_at
        .map(|_| format!("the channel {} is switched off", channel.name)))
}

/// Lets the customer wait again where a person's text has not reached them: it had ended the wait when it left. Where it was
/// the last that was said before the conversation was closed, the conversation opens again: nobody would look there.
pub fn wait_again(tx: &mut Tx, moment: &Moment, message: &Message, status: MessageStatus) -> store::Result<()> {
    let has_failed = matches!(status, MessageStatus::Failed | MessageStatus::Undelivered);
    // One that was refused before it was ever tried has ended no wait.
    let is_lost = has_failed || (status == MessageStatus::Refused && message.error.is_some());
    if message.author != Author::User || !is_lost {
        return Ok(());
    }
    let mut conversation = conversation_of(tx, message)?;
    let is_closed = conversation.status == ConversationStatus::Closed;
    if is_closed && has_failed && conversation.last_message_id == message.id {
        inbound::reopen(tx, moment, &mut conversation)?;
    }
    if !matches!(
        conversation.status,
        ConversationStatus::Open | ConversationStatus::Snoozed
    ) {
        return Ok(());
    }
    let answer = threads::last_answer(tx, conversation.id)?;
    let since = threads::first_received_after(tx, conversation.id, answer)?;
    conversation.waiting_since = since.or(conversation.waiting_since);
    conversations::update(tx, &conversation)
}

/// Gives the address that texts of this conversation go to: the one it is with, or else the customer's last.
pub fn address(tx: &mut Tx, conversation: &Conversation) -> Answer<String> {
    let channel = channels::get(tx, conversation.channel_id)?.ok_or(store::Error::NotFound)?;
    address_on(tx, conversation, &channel)
}

/// Gives the address that texts of this conversation go to, or would go to, on a channel; refused where there is none.
pub fn address_on(tx: &mut Tx, conversation: &Conversation, channel: &Channel) -> Answer<String> {
    let missing = if channel.is_phone() {
        "has no phone number to text"
    } else {
        "was never in this chat"
    };
    known_address(tx, conversation, channel)?.ok_or_else(|| Problem::invalid("customer", missing))
}

/// Gives the address that the customer of a conversation has on a channel, if they have one.
pub fn known_address(tx: &mut Tx, conversation: &Conversation, channel: &Channel) -> store::Result<Option<String>> {
    if let Some(address) = messages::address_in(tx, conversation.id, channel.id)? {
        return Ok(Some(address));
    }
    if let Some(address) = messages::last_address(tx, conversation.customer_id, channel.id)? {
        return Ok(Some(address));
    }
    if !channel.is_phone() {
        return visitors::address_of(tx, conversation.customer_id, channel.id);
    }
    let identities = customers::identities(tx, conversation.customer_id)?;
    let mut phones = identities.into_iter().filter(|identity| identity.kind == "phone");
    let phone = phones.find(|identity| phone::takes_texts(&identity.value));
    Ok(phone.map(|identity| identity.value))
}

/// Says whether what is sent on a channel to an address can arrive there.
pub fn reaches(channel: &Channel, address: &str) -> bool {
    !channel.is_phone() || phone::takes_texts(address)
}

/// Refuses with `not_textable` an address that texts can come from and none can be sent to.
pub fn must_take_texts(channel: &Channel, address: &str) -> Answer<()> {
    if reaches(channel, address) {
        return Ok(());
    }
    let detail = format!("{address} is a short number or a sender's name: it takes no texts");
    Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "not_textable", detail))
}

/// Refuses with `opted_out` where this customer may not be texted on this channel.
pub fn must_be_allowed(tx: &mut Tx, channel: ChannelId, address: &str) -> Answer<()> {
    match opted_out_at(tx, channel, address)? {
        Some(at) => Err(Problem::conflict("opted_out", has_opted_out(address))
            .with("address", address)
            .with("opted_out_at", at.to_string())),
        None => Ok(()),
    }
}

/// The most files that go with a text: what providers take.
pub const MAX_FILES: usize = 10;

fn check_body(channel: &Channel, outgoing: &Outgoing) -> Answer<()> {
    if outgoing.body.trim().is_empty() && outgoing.attachments.is_empty() {
        return Err(Problem::invalid("body", "must not be empty"));
    }
    if outgoing.attachments.len() > MAX_FILES {
        let message = format!("must not be more than {MAX_FILES}");
        return Err(Problem::invalid("attachment_ids", message));
    }
    ask::must_fit(
        "client_key",
        outgoing.client_key.as_deref().unwrap_or_default(),
        MAX_NAME,
    )?;
    let most = if channel.is_phone() { MAX_SMS } else { MAX_BODY };
    ask::must_fit("body", &outgoing.body, most)
}

fn insert(
    tx: &mut Tx,
    moment: &Moment,
    conversation: &Conversation,
    outgoing: &Outgoing,
    (channel, address): (&Channel, String),
) -> Answer<Message> {
    let parts = if channel.is_phone() {
        segments(&outgoing.body).parts
    } else {
        0
    };
    let (status, send_at) = match outgoing.when {
        When::Now => (MessageStatus::Queued, None),
        When::AfterUndo(at) => (MessageStatus::Queued, Some(at)),
        When::At(at) => (MessageStatus::Scheduled, Some(at)),
    };
    let mut message = Message {
        id: MessageId(0),
        conversation_id: conversation.id,
        customer_id: conversation.customer_id,
        channel_id: conversation.channel_id,
        direction: Direction::Out,
        author: outgoing.author,
        author_id: outgoing.author_id,
        address,
        body: outgoing.body.clone(),
        at: moment.now,
        status,
        segments: i64::try_from(parts).unwrap_or(i64::MAX),
        lane: outgoing.lane,
        send_at,
        compliance: outgoing.compliance,
        provider_id: None,
        error_code: None,
        error: None,
        client_key: outgoing.client_key.clone(),
        close_after: outgoing.close_after,
    };
    message.id = messages::insert(tx, &message)?.ok_or(store::Error::Busy)?;
    Ok(message)
}

fn add_job(tx: &mut Tx, moment: &Moment, message: &Message) -> store::Result<()> {
    let lane = i64::from(message.lane == Lane::Bulk);
    let job = NewJob {
        lane,
        ..NewJob::now(SEND, &SendMessage { message: message.id }, moment.now)
    };
    jobs::add(
        tx,
        &job.at(message.send_at.unwrap_or(moment.now)).once(job_key(message.id)),
        moment.now,
    )
}

/// Moves a message on that is where `allowed` says; gives the message when it is not.
fn change(
    tx: &mut Tx,
    moment: &Moment,
    id: MessageId,
    to: MessageStatus,
    allowed: fn(MessageStatus) -> bool,
) -> Answer<Result<(), Message>> {
    let message = find(tx, id)?;
    if !allowed(message.status) || !messages::advance(tx, id, &[message.status], to, &Outcome::default())? {
        return Ok(Err(message));
    }
    let conversation = conversation_of(tx, &message)?;
    let event = Event::MessageStatusChanged {
        message: id,
        status: to,
        error: None,
    };
    moment.record(tx, &conversation, event)?;
    Ok(Ok(()))
}

fn find(tx: &mut Tx, id: MessageId) -> Answer<Message> {
    messages::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("message {id}")))
}

fn conversation_of(tx: &mut Tx, message: &Message) -> store::Result<Conversation> {
    store::conversations::get(tx, message.conversation_id)?.ok_or(store::Error::NotFound)
}

/// What the key of a text's job begins with; the text's id follows.
const JOB_KEY: &str = "send:";

fn job_key(id: MessageId) -> String {
    format!("{JOB_KEY}{id}")
}
