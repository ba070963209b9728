//! Visitors of chats: what is known of them comes onto a file, they turn out to be a user of the company's, and what is
//! said to them arrives and is read.

use std::collections::BTreeMap;

use domain::{
    Actor, CustomerId, Event, MessageId,
    channel::CHAT_ID,
    event::Change,
    identity::{JoinReason, NamedId, Verdict, Whose},
    message::MessageStatus,
    settings::Settings,
};
use store::{
    Dialect, Tx,
    channels::Channel,
    conversations, customers,
    messages::{self, Outcome},
    suggestions,
    told::{self, When},
    visitors::{self, Visitor},
};

use super::{
    Moment,
    customer_file::{MAX_VALUE, spell},
    joining::{self, Evidence},
    suggesting,
};

const USER: &str = "user_id";
const BROWSER: &str = "anonymous_id";

/// The answer that is the customer's name.
const NAME: &str = "name";

/// Who a token of the company's says that a visitor is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Person {
    pub user: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// Gives the file that a visitor's browser is on, with the visitor's own address put onto it; none where nobody has told of
/// the browser.
pub fn seen_before(tx: &mut Tx, moment: &Moment, address: &str) -> store::Result<Option<Whose>> {
    let Some(browser) = browser_of(tx, address)? else {
        return Ok(None);
    };
    let Some(owner) = customers::owner(tx, BROWSER, &browser.value)? else {
        return Ok(None);
    };
    let chat_id = NamedId::new(CHAT_ID, address);
    let whose = add(tx, moment, owner.whose.customer, (&chat_id, true))?;
    tie_to_browser(tx, moment, (whose, owner.whose), (chat_id, browser))?;
    Ok(Some(whose))
}

/// Puts the browser of a visitor whose file was just made onto it: pages that are told of later belong there.
pub fn bring_browser(tx: &mut Tx, moment: &Moment, whose: Whose, address: &str) -> store::Result<()> {
    let Some(browser) = browser_of(tx, address)? else {
        return Ok(());
    };
    let added = add(tx, moment, whose.customer, (&browser, false))?;
    tie_to_browser(tx, moment, (added, whose), (NamedId::new(CHAT_ID, address), browser))
}

fn browser_of(tx: &mut Tx, address: &str) -> store::Result<Option<NamedId>> {
    let visitor = visitors::by_public_id(tx, address)?;
    let browser = visitor.and_then(|visitor| visitor.anonymous_id);
    Ok(browser.map(|browser| NamedId::new(BROWSER, &browser)))
}

fn tie_to_browser(
    tx: &mut Tx,
    moment: &Moment,
    (new, known): (Whose, Whose),
    (chat_id, browser): (NamedId, NamedId),
) -> store::Result<()> {
    let evidence = Evidence {
        reason: JoinReason::ToldTogether,
        ids: vec![chat_id, browser],
        source: None,
        is_certain: false,
    };
    joining::tie(tx, moment, (new.profile, known.profile), &evidence)
}

/// Puts what a visitor answered before the first message onto the file that was made for them.
pub fn introduce(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    (customer, address): (CustomerId, &str),
) -> store::Result<()> {
    let Some(visitor) = visitors::by_public_id(tx, address)? else {
        return Ok(());
    };
    let answers: BTreeMap<String, String> = serde_json::from_str(&visitor.answers).unwrap_or_default();
    if answers.is_empty() {
        return Ok(());
    }
    visitors::forget_answers(tx, visitor.id)?;
    let when = When {
        at: moment.now,
        message_id: "",
    };
    let whose = Whose::from(customer);
    let mut changes = Vec::new();
    for (key, value) in &answers {
        if key == NAME {
            told::name(tx, whose, value, when)?;
        } else {
            told::traits(tx, whose, &[(key, Some(value))], when)?;
            suggesting::told(tx, settings, customer, (key, value), moment.now)?;
        }
        changes.push(Change {
            what: key.clone(),
            from: String::new(),
            to: value.clone(),
        });
    }
    moment.record_for_customer(tx, customer, Event::CustomerChanged { changes })?;
    customers::index(tx, customer)
}

/// Lets a visitor be a user of the company's, and gives the visitor who it is from now on: the same one, where nobody else was
/// it; else the one that the user was last, or a `fresh` one.
pub fn sign_in(
    tx: &mut Tx,
    moment: &Moment,
    (settings, channel): (&Settings, &Channel),
    (before, person): (Option<Visitor>, &Person),
    fresh: &str,
) -> store::Result<Visitor> {
    Dialect::serialize_on(tx, &person.user)?;
    let visitor = match before {
        Some(visitor) if visitor.user_id.as_ref() == Some(&person.user) => visitor,
        before => be_user(tx, moment, channel, (before, person), fresh)?,
    };
    let owner = customers::owner(tx, USER, &person.user)?.ok_or(store::Error::NotFound)?;
    let moment = moment.by(Actor::customer(owner.whose.customer));
    take_name(tx, &moment, owner.whose, person)?;
    for (kind, value) in [("email", &person.email), ("phone", &person.phone)] {
        if let Some(value) = value {
            // An address may have joined the file to another one.
            let whose = customers::whose(tx, owner.whose.profile)?;
            vouch(tx, &moment, settings, whose, (kind, value))?;
        }
    }
    let whose = customers::whose(tx, owner.whose.profile)?;
    customers::index(tx, whose.customer)?;
    Ok(visitor)
}

fn be_user(
    tx: &mut Tx,
    moment: &Moment,
    channel: &Channel,
    (before, person): (Option<Visitor>, &Person),
    fresh: &str,
) -> store::Result<Visitor> {
    if let Some(visitor) = before.filter(|visitor| visitor.user_id.is_none())
        && unite(tx, moment, &visitor, &person.user)?
    {
        return Ok(visitor);
    }
    if let Some(visitor) = visitors::of_user(tx, channel.id, &person.user)? {
        return Ok(visitor);
    }
    let visitor = visitors::insert(tx, channel.id, fresh, "{}", moment.now)?;
    unite(tx, moment, &visitor, &person.user)?;
    Ok(visitor)
}

/// Puts a visitor's address and a user's id onto one file; says no, and changes nothing, where the rules keep the two apart.
fn unite(tx: &mut Tx, moment: &Moment, visitor: &Visitor, user: &str) -> store::Result<bool> {
    let (user_id, chat_id) = (NamedId::new(USER, user), NamedId::new(CHAT_ID, &visitor.public_id));
    let evidence = Evidence {
        reason: JoinReason::SignedIn,
        ids: vec![user_id.clone(), chat_id.clone()],
        source: None,
        is_certain: true,
    };
    let theirs = customers::owner(tx, USER, user)?;
    let visited = customers::owner(tx, CHAT_ID, &visitor.public_id)?;
    match (theirs, visited) {
        (None, Some(visited)) if visited.is_known => return Ok(false),
        (Some(user), Some(visited)) => {
            let profiles = (visited.whose.profile, user.whose.profile);
            if let Verdict::Apart(_) = joining::join(tx, moment, profiles, &evidence)? {
                return Ok(false);
            }
        }
        (None, Some(visited)) => {
            let added = add(tx, moment, visited.whose.customer, (&user_id, true))?;
            joining::tie(tx, moment, (added.profile, visited.whose.profile), &evidence)?;
        }
        (theirs, None) => {
            let whose = match theirs {
                Some(owner) => owner.whose,
                None => create(tx, moment, &user_id)?,
            };
            let added = add(tx, moment, whose.customer, (&chat_id, true))?;
            joining::tie(tx, moment, (added.profile, whose.profile), &evidence)?;
        }
    }
    for id in [&user_id, &chat_id] {
        customers::verify(tx, (&id.kind, &id.value))?;
    }
    visitors::sign_in(tx, visitor.id, user)?;
    Ok(true)
}

/// Makes the customer of a user.
fn create(tx: &mut Tx, moment: &Moment, user: &NamedId) -> store::Result<Whose> {
    let id = customers::insert(tx, "", moment.now)?;
    let moment = moment.by(Actor::customer(id));
    moment.record_for_customer(tx, id, Event::CustomerCreated { name: String::new() })?;
    customers::add_identity(tx, id, (&user.kind, &user.value), true, moment.now)?;
    let (kind, value) = (user.kind.clone(), user.value.clone());
    moment.record_for_customer(tx, id, Event::IdentityAdded { kind, value })?;
    Ok(id.into())
}

/// Puts an id onto a file, with a profile of its own: its history can be given back without that of the others.
fn add(
    tx: &mut Tx,
    moment: &Moment,
    customer: CustomerId,
    (id, is_verified): (&NamedId, bool),
) -> store::Result<Whose> {
    let whose = customers::add_profile(tx, customer, moment.now)?;
    customers::add_identity(tx, whose, (&id.kind, &id.value), is_verified, moment.now)?;
    let (kind, value) = (id.kind.clone(), id.value.clone());
    let moment = moment.by(Actor::customer(customer));
    moment.record_for_customer(tx, customer, Event::IdentityAdded { kind, value })?;
    Ok(whose)
}

fn take_name(tx: &mut Tx, moment: &Moment, whose: Whose, person: &Person) -> store::Result<()> {
    let name = person.name.as_deref().map(str::trim).unwrap_or_default();
    if name.is_empty() || name.chars().count() > MAX_VALUE {
        return Ok(());
    }
    let called = |tx: &mut Tx| Ok::<_, store::Error>(customers::get(tx, whose.customer)?.map(|customer| customer.name));
    let from = called(tx)?.unwrap_or_default();
    let when = When {
        at: moment.now,
        message_id: "",
    };
    told::name(tx, whose, name, when)?;
    let to = called(tx)?.unwrap_or_default();
    if from != to {
        let what = NAME.to_owned();
        let changes = vec![Change { what, from, to }];
        moment.record_for_customer(tx, whose.customer, Event::CustomerChanged { changes })?;
    }
    Ok(())
}

/// Takes an address that the company says is the user's. What cannot be read is left out: the token holds all the same.
fn vouch(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    whose: Whose,
    (kind, value): (&str, &str),
) -> store::Result<()> {
    let Ok((kind, value)) = spell(kind, value, settings) else {
        return Ok(());
    };
    let id = NamedId { kind, value };
    let Some(owner) = customers::owner(tx, &id.kind, &id.value)? else {
        customers::add_identity(tx, whose, (&id.kind, &id.value), true, moment.now)?;
        suggesting::found(tx, whose.profile, &id, moment.now)?;
        let (kind, value) = (id.kind, id.value);
        return moment
            .record_for_customer(tx, whose.customer, Event::IdentityAdded { kind, value })
            .map(drop);
    };
    let is_phone = id.kind == "phone";
    let evidence = Evidence {
        reason: if is_phone {
            JoinReason::SamePhone
        } else {
            JoinReason::SameEmail
        },
        ids: vec![id.clone()],
        source: None,
        is_certain: owner.is_verified,
    };
    let profiles = (owner.whose.profile, whose.profile);
    match joining::join(tx, &moment.by(Actor::SYSTEM), profiles, &evidence)? {
        Verdict::Join => customers::verify(tx, (&id.kind, &id.value)),
        Verdict::Ask => suggestions::add(tx, profiles, evidence.reason, &id, moment.now),
        Verdict::Apart(_) => Ok(()),
    }
}

/// Notes of messages that they have come as far as `status` with the visitor. What is further already, or has not left, stays.
pub fn reached(tx: &mut Tx, moment: &Moment, ids: &[MessageId], status: MessageStatus) -> store::Result<()> {
    for message in messages::get_all(tx, ids)? {
        if !message.status.has_left() || message.status.advance(status).is_none() {
            continue;
        }
        messages::advance(tx, message.id, &[message.status], status, &Outcome::default())?;
        let conversation = conversations::get(tx, message.conversation_id)?.ok_or(store::Error::NotFound)?;
        let event = Event::MessageStatusChanged {
            message: message.id,
            status,
            error: None,
        };
        moment.record(tx, &conversation, event)?;
    }
    Ok(())
}

/// Notes that a visitor has read all that was said to them up to a message: that one, and what had arrived before it.
pub fn read(tx: &mut Tx, moment: &Moment, visitor: &Visitor, up_to: MessageId) -> store::Result<()> {
    let addresses = visitors::addresses(tx, visitor)?;
    let unread = messages::unread_by(tx, visitor.channel_id, &addresses, up_to)?;
    reached(tx, moment, &unread, MessageStatus::Read)
}
