//! A text from a customer, from the address it came from to the row it becomes and whoever answers it.
//!
//! The order is the law's and the customer's: compliance words first, then an open survey, then a menu, then a person.

use std::panic::{AssertUnwindSafe, catch_unwind};

use channel::{Inbound, phone};
use domain::{
    Actor, ConversationId, Event, MessageId, ReviewId,
    consent::{self as rules, ComplianceWord, ConsentSource, Reading, Standing},
    conversation::{ConversationStatus, Place, place},
    identity::{NamedId, Whose},
    message::{Author, Direction, Lane, MessageStatus, line},
    reason::Known,
    settings::Settings,
};
use store::{
    Dialect, Tx,
    channels::Channel,
    consent::Review,
    conversations::{self, Conversation},
    customers, jobs,
    messages::{self, Message},
    routing, visitors,
};
use tracing::error;

use crate::http::problem::Answer;

use super::{
    Moment, attached, consent,
    menu::{self, Menus, Said, Scene},
    outbound, suggesting, survey, visiting, ways,
};

/// What a text from a customer is taken with.
pub struct Desk<'a> {
    /// The flows in memory.
    pub menus: &'a Menus,
    /// When.
    pub moment: Moment,
    /// The company's settings.
    pub settings: &'a Settings,
    /// The channel it came by.
    pub channel: &'a Channel,
    /// Makes tokens for attachments.
    pub token: &'a dyn Fn() -> String,
}

/// Takes a text: finds or makes its customer and conversation, keeps it, and lets whoever should answer it.
///
/// One that was taken before changes nothing.
pub fn take(tx: &mut Tx, desk: &Desk, inbound: &Inbound) -> store::Result<()> {
    let from = spelled(desk, &inbound.from);
    Dialect::serialize_on(tx, &from)?;
    if messages::by_provider_id(tx, desk.channel.id, &inbound.provider_id)?.is_some() {
        return Ok(());
    }
    let (whose, before) = find_or_make_customer(tx, desk, &from)?;
    let customer = whose.customer;
    let moment = desk.moment.by(Actor::customer(customer));
    let desk = &Desk { moment, ..*desk };
    let is_repeated = is_repeated(tx, desk, (inbound, &from), before.as_ref())?;

    let (reading, may_text) = read(tx, desk, inbound, &from)?;
    let answerable = may_text && outbound::reaches(desk.channel, &from);
    let answers = if matches!(reading, Reading::Nothing) && may_text {
        survey::answered_by(tx, &desk.moment, (whose.profile, desk.channel), &inbound.body)?
    } else {
        None
    };
    let quiet = is_repeated || answers.is_some() || matches!(reading, Reading::Word(_));
    let (mut conversation, reopens) = find_or_open(tx, desk, (whose, &from), quiet)?;
    let message = keep(tx, desk, &conversation, inbound, &from)?;
    if !desk.channel.is_phone() {
        visitors::set_typing(tx, &from, None)?;
    }
    let message = message.ok_or_else(|| store::Error::Other(format!("{} cannot be added", inbound.provider_id)))?;
    conversation.last_at = desk.moment.now;
    conversation.last_line = line(&inbound.body);
    conversation.last_direction = Direction::In;
    conversation.last_message_id = message;

    let change = consent::Change {
        customer,
        address: from,
        channel: desk.channel.id,
        source: ConsentSource::FirstMessage,
        wording: inbound.body.clone(),
        evidence: Some(message),
    };
    match (reading, answers) {
        _ if is_repeated => {}
        (Reading::Word(word), _) => obey(tx, desk, &mut conversation, word, (inbound, change))?,
        (_, Some((survey, score, comment))) => {
            let asked_in = conversations::get(tx, survey.conversation_id)?.ok_or(store::Error::NotFound)?;
            survey::answered(tx, &desk.moment, &asked_in, survey.id, (score, &comment))?;
            say(tx, desk, &conversation, desk.settings.survey.thanks.clone(), false)?;
        }
        (reading, None) => {
            survey::end_open(tx, &desk.moment, whose.profile)?;
            if desk.channel.is_phone() {
                consent::first_message(tx, &desk.moment, desk.settings, &change)?;
            }
            if let Reading::PossibleRevocation { reason } = reading {
                ask(tx, desk, &conversation, (&change, message), reason)?;
                queue_for_person(tx, desk, &mut conversation)?;
            } else {
                let text = &inbound.body;
                let said = Said {
                    text,
                    first_ever: before.is_none(),
                    reopens,
                };
                answer(tx, desk, &mut conversation, said, answerable)?;
            }
        }
    }
    conversations::update(tx, &conversation)
}

/// Gives an address its one spelling.
fn spelled(desk: &Desk, from: &str) -> String {
    if !desk.channel.is_phone() {
        return from.to_owned();
    }
    let phone = phone::normalize(from, &desk.settings.country).map(|phone| phone.value);
    phone.unwrap_or_else(|_| from.trim().to_owned())
}

/// Reads what a text says about consent, and gives whether its sender may be written to. Only telephones have words for it: who
/// writes "stop" in a chat writes to whoever answers there.
fn read(tx: &mut Tx, desk: &Desk, inbound: &Inbound, from: &str) -> store::Result<(Reading, bool)> {
    if !desk.channel.is_phone() {
        return Ok((Reading::Nothing, true));
    }
    let may_text = Standing::may_text(store::consent::standing(tx, from, desk.channel.id)?);
    let reading = match inbound.opt_out_type {
        Some(word) => Reading::Word(word),
        None => rules::read(&inbound.body, !may_text),
    };
    Ok((reading, may_text))
}

/// Gives the customer with this address, and what they wrote last.
fn find_or_make_customer(tx: &mut Tx, desk: &Desk, from: &str) -> store::Result<(Whose, Option<Message>)> {
    let kind = desk.channel.identity();
    if let Some(owner) = customers::owner(tx, kind, from)? {
        return Ok((owner.whose, messages::last_received(tx, owner.whose.customer)?));
    }
    let moment = desk.moment;
    if !desk.channel.is_phone()
        && let Some(whose) = visiting::seen_before(tx, &moment, from)?
    {
        visiting::introduce(tx, &moment, desk.settings, (whose.customer, from))?;
        return Ok((whose, messages::last_received(tx, whose.customer)?));
    }
    let id = customers::insert(tx, "", moment.now)?;
    customers::add_identity(tx, id, (kind, from), true, moment.now)?;
    customers::index(tx, id)?;
    let moment = moment.by(Actor::customer(id));
    moment.record_for_customer(tx, id, Event::CustomerCreated { name: String::new() })?;
    suggesting::found(tx, id, &NamedId::new(kind, from), moment.now)?;
    let (kind, value) = (kind.to_owned(), from.to_owned());
    moment.record_for_customer(tx, id, Event::IdentityAdded { kind, value })?;
    if !desk.channel.is_phone() {
        visiting::bring_browser(tx, &moment, id.into(), from)?;
        visiting::introduce(tx, &moment, desk.settings, (id, from))?;
    }
    Ok((id.into(), None))
}

/// How soon the same words again are the carrier's doing, which repeats a text under another id, or an impatient thumb's.
const REPEATED_SECONDS: i64 = 3;

/// Says whether a text only repeats the one before it: too soon for anybody to have read an answer and said the same to that.
/// It is kept and shown, and nobody answers it a second time.
fn is_repeated(
    tx: &mut Tx,
    desk: &Desk,
    (inbound, from): (&Inbound, &str),
    before: Option<&Message>,
) -> store::Result<bool> {
    let is_same = |before: &&Message| {
        before.channel_id == desk.channel.id
            && before.address == from
            && before.body == inbound.body
            && inbound.media.is_empty()
            && desk.moment.now <= before.at.plus_seconds(REPEATED_SECONDS)
    };
    match before.filter(is_same) {
        Some(before) => Ok(!messages::has_reached(tx, before)?),
        None => Ok(false),
    }
}

/// Gives the conversation a text belongs to, and whether that opened it again. A `quiet` text (STOP, a survey's answer) does
/// not open a closed one. One that went over to another channel comes back with its customer.
fn find_or_open(
    tx: &mut Tx,
    desk: &Desk,
    (whose, from): (Whose, &str),
    quiet: bool,
) -> store::Result<(Conversation, bool)> {
    let newest = conversations::newest(tx, whose, desk.channel.id)?;
    let get = |tx: &mut Tx, id: ConversationId| conversations::get(tx, id)?.ok_or(store::Error::NotFound);
    let is_closed = newest.is_none_or(|newest| newest.status == ConversationStatus::Closed);
    let gone_over = is_closed.then(|| conversations::gone_over(tx, whose.customer, (desk.channel.id, from)));
    if let Some(id) = gone_over.transpose()?.flatten() {
        let mut conversation = get(tx, id)?;
        if quiet {
            return Ok((conversation, false));
        }
        ways::switch(tx, &desk.moment, &mut conversation, desk.channel.id)?;
        if conversation.status == ConversationStatus::Snoozed {
            wake(tx, &desk.moment, &mut conversation, Known::CustomerWrote)?;
        }
        return Ok((conversation, false));
    }
    let place = place(newest, desk.channel.reopen, desk.channel.reopen_days, desk.moment.now);
    let conversation = match (place, newest) {
        (Place::Reopen(_) | Place::New { .. } | Place::Wake(_), Some(newest)) if quiet => get(tx, newest.id),
        (Place::Join(id), _) => get(tx, id),
        (Place::Wake(id), _) => {
            let mut conversation = get(tx, id)?;
            wake(tx, &desk.moment, &mut conversation, Known::CustomerWrote)?;
            Ok(conversation)
        }
        (Place::Reopen(id), _) => {
            let mut conversation = get(tx, id)?;
            reopen(tx, &desk.moment, &mut conversation)?;
            return Ok((conversation, true));
        }
        (Place::New { follows }, _) => open(tx, desk, whose, follows),
    };
    Ok((conversation?, false))
}

/// Wakes a snoozed conversation; it comes back to its agent, or to the queue when the agent is away.
pub fn wake(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation, because: Known) -> store::Result<()> {
    conversation.status = ConversationStatus::Open;
    conversation.snoozed_until = None;
    jobs::remove(tx, &wake_key(conversation.id))?;
    moment.record(
        tx,
        conversation,
        Event::ConversationWoken {
            because: because.into(),
        },
    )?;
    release_if_away(tx, moment, conversation)
}

/// Opens a closed conversation again; it comes back to its agent, or to the queue when the agent is away.
pub fn reopen(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation) -> store::Result<()> {
    conversation.status = ConversationStatus::Open;
    conversation.closed_at = None;
    survey::drop_planned(tx, conversation.id)?;
    survey::end_open(tx, moment, conversation.profile_id)?;
    moment.record(tx, conversation, Event::ConversationReopened {})?;
    release_if_away(tx, moment, conversation)
}

/// The job that wakes a snoozed conversation.
pub const WAKE: &str = "wake_conversation";

/// Names the job that wakes a conversation.
pub fn wake_key(id: ConversationId) -> String {
    format!("wake:{id}")
}

fn release_if_away(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation) -> store::Result<()> {
    let Some(assignee) = conversation.assignee_id else {
        return Ok(());
    };
    if routing::is_available(tx, assignee)? {
        return Ok(());
    }
    conversation.assignee_id = None;
    conversation.route_reason = Known::AgentAway.into();
    let event = Event::ConversationAssigned {
        team: conversation.team_id,
        assignee: None,
        because: conversation.route_reason.clone(),
    };
    moment.by(Actor::SYSTEM).record(tx, conversation, event)?;
    Ok(())
}

fn open(tx: &mut Tx, desk: &Desk, whose: Whose, follows: Option<ConversationId>) -> store::Result<Conversation> {
    let conversation = conversations::insert(tx, whose, desk.channel.id, follows, desk.moment.now)?;
    let event = Event::ConversationOpened {
        channel: desk.channel.id,
        follows,
    };
    desk.moment.record(tx, &conversation, event)?;
    Ok(conversation)
}

fn keep(
    tx: &mut Tx,
    desk: &Desk,
    conversation: &Conversation,
    inbound: &Inbound,
    from: &str,
) -> store::Result<Option<MessageId>> {
    let message = Message {
        id: MessageId(0),
        conversation_id: conversation.id,
        customer_id: conversation.customer_id,
        channel_id: desk.channel.id,
        direction: Direction::In,
        author: Author::Customer,
        author_id: Some(conversation.customer_id.0),
        address: from.to_owned(),
        body: inbound.body.clone(),
        at: desk.moment.now,
        status: MessageStatus::Received,
        segments: 0,
        lane: Lane::Conversation,
        send_at: None,
        compliance: false,
        provider_id: Some(inbound.provider_id.clone()),
        error_code: None,
        error: None,
        client_key: None,
        close_after: false,
    };
    let Some(id) = messages::insert(tx, &message)? else {
        return Ok(None);
    };
    let attachments = attached::keep(tx, desk, id, &inbound.media)?;
    let event = Event::MessageReceived {
        message: id,
        body: message.body,
        attachments,
    };
    desk.moment.record(tx, conversation, event)?;
    Ok(Some(id))
}

/// Does what a compliance word says. Where the provider has answered it already, nothing more is said; nor to STOP from a
/// customer who was told already that no more texts come.
fn obey(
    tx: &mut Tx,
    desk: &Desk,
    conversation: &mut Conversation,
    word: ComplianceWord,
    (inbound, change): (&Inbound, consent::Change),
) -> store::Result<()> {
    let provider_answered = inbound.opt_out_type.is_some();
    let source = if provider_answered {
        ConsentSource::Provider
    } else {
        ConsentSource::Keyword
    };
    let change = consent::Change { source, ..change };
    let texts = &desk.settings.texts;
    let mut is_answered = provider_answered;
    let text = match word {
        ComplianceWord::Stop => {
            is_answered |= !consent::opt_out(tx, &desk.moment, desk.settings, &change)?;
            // No menu talks to this customer any more, in no conversation.
            conversation.automated = false;
            &texts.opted_out
        }
        ComplianceWord::Start => {
            let opted_in = consent::opt_in(tx, &desk.moment, desk.settings, &change);
            opted_in.map_err(|problem| store::Error::Other(problem.detail().to_owned()))?;
            &texts.opted_in
        }
        ComplianceWord::Help => &texts.help,
    };
    if is_answered {
        Ok(())
    } else {
        say(tx, desk, conversation, text.clone(), true)
    }
}

fn ask(
    tx: &mut Tx,
    desk: &Desk,
    conversation: &Conversation,
    (change, message): (&consent::Change, MessageId),
    reason: String,
) -> store::Result<()> {
    let review = Review {
        id: ReviewId(0),
        customer_id: change.customer,
        conversation_id: conversation.id,
        message_id: message,
        address: change.address.clone(),
        reason: reason.clone(),
        at: desk.moment.now,
    };
    store::consent::ask(tx, &review)?;
    desk.moment.by(Actor::SYSTEM).record(
        tx,
        conversation,
        Event::ConsentReviewAsked {
            message,
            because: reason,
        },
    )?;
    Ok(())
}

/// Lets a menu answer, or else a person. No menu speaks to a customer who has opted out, or to an address that takes no texts.
fn answer(
    tx: &mut Tx,
    desk: &Desk,
    conversation: &mut Conversation,
    said: Said,
    answerable: bool,
) -> store::Result<()> {
    if answerable && menu_answers(tx, desk, conversation, said)? {
        return Ok(());
    }
    queue_for_person(tx, desk, conversation)
}

/// Lets a menu answer. One that cannot go on must not hide the text: what it began is taken back, and nobody has answered.
fn menu_answers(tx: &mut Tx, desk: &Desk, conversation: &mut Conversation, said: Said) -> store::Result<bool> {
    let before = conversation.clone();
    let result = tx.savepoint(|tx| {
        let scene = &mut Scene {
            menus: desk.menus,
            moment: desk.moment,
            settings: desk.settings,
            channel: desk.channel,
            conversation,
        };
        let run = catch_unwind(AssertUnwindSafe(|| menu::answer(tx, scene, said)));
        run.unwrap_or_else(|_| Err(store::Error::Other("a bug: the server's log says more".to_owned())))
    });
    let failure = match result {
        Err(store::Error::Busy | store::Error::Unavailable(_)) | Ok(_) => return result,
        Err(failure) => failure,
    };
    error!(conversation.id = conversation.id.0, %failure, "a menu could not answer");
    *conversation = before;
    let event = Event::HandedOff {
        team: conversation.team_id,
        because: Known::MenuFailed.into(),
    };
    desk.moment.by(Actor::SYSTEM).record(tx, conversation, event)?;
    Ok(false)
}

/// From now on the customer waits for a person, unless that is so already.
fn queue_for_person(tx: &mut Tx, desk: &Desk, conversation: &mut Conversation) -> store::Result<()> {
    conversation.automated = false;
    if conversation.waiting_since.is_none() {
        conversation.waiting_since = Some(desk.moment.now);
    }
    if conversation.team_id.is_none()
        && let Some(team) = desk.channel.team_id.or(desk.settings.default_team_id)
    {
        conversation.team_id = Some(team);
        conversation.route_reason = Known::NoMenuFits.into();
        let event = Event::HandedOff {
            team: Some(team),
            because: Known::NoMenuFits.into(),
        };
        desk.moment.by(Actor::SYSTEM).record(tx, conversation, event)?;
    }
    Ok(())
}

/// Queues an answer of Rapport's own. What the customer told us stands, whether or not it can be answered.
fn say(tx: &mut Tx, desk: &Desk, conversation: &Conversation, text: String, compliance: bool) -> store::Result<()> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let text = outbound::Outgoing {
        compliance,
        ..outbound::Outgoing::now(Author::System, None, text)
    };
    let moment = desk.moment.by(Actor::SYSTEM);
    let said: Answer<Message> = tx.savepoint(|tx| outbound::queue(tx, &moment, conversation, text));
    if let Err(problem) = said {
        error!(conversation.id = conversation.id.0, %problem, "a text of the customer's could not be answered");
    }
    Ok(())
}
