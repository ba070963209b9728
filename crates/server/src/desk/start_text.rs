//! Texting a customer first.

use channel::phone;
use domain::{
    ChannelId, CustomerId,
    conversation::{ConversationStatus, Newest},
    identity::Whose,
    reason::Known,
    settings::Settings,
};
use store::{
    Dialect, Tx,
    channels::Channel,
    conversations::{self, Conversation},
    customers,
    messages::{self, Message},
    visitors,
};

use super::{
    Moment, customer_file, find,
    reply::{self, Reply},
};
use crate::http::problem::{Answer, Problem};

/// Who is to be texted.
#[derive(Debug, Clone)]
pub enum Whom {
    /// A customer we know.
    Customer(CustomerId),
    /// Whoever has this number.
    Phone(String),
}

/// Texts a customer: in the conversation that is under way on the channel, else in a new one, which belongs to the one who
/// began it. The same client's key twice begins one conversation.
pub fn start(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    to: (&Whom, ChannelId),
    reply: Reply,
) -> Answer<(Conversation, Option<Message>)> {
    let known = reply
        .client_key
        .as_deref()
        .map(|key| messages::by_client_key(tx, key))
        .transpose()?
        .flatten();
    let (whom, channel) = to;
    if let Some(message) = known {
        must_be_to(settings, (whom, channel), &message)?;
        return Ok((find::conversation(tx, message.conversation_id)?, None));
    }
    let channel = find::channel(tx, channel)?;
    let (whose, address) = match whom {
        Whom::Phone(_) if !channel.is_phone() => {
            let detail = format!("cannot be reached by {}: it carries no texts", channel.name);
            return Err(Problem::invalid("phone", detail));
        }
        Whom::Customer(id) => {
            let known = find::customer(tx, *id).map_err(|_| Problem::invalid("customer_id", "is not a customer"))?;
            (thread_of(tx, known.id, &channel)?, None)
        }
        Whom::Phone(number) => {
            let number = normal(settings, number)?;
            (whose(tx, moment, settings, number.clone())?, Some(number))
        }
    };
    let newest = conversations::newest(tx, whose, channel.id)?;
    let mut conversation = match newest {
        Some(Newest {
            id,
            status: ConversationStatus::Open | ConversationStatus::Snoozed,
            ..
        }) => find::working(tx, id)?,
        newest => open(tx, moment, (whose, &channel), newest)?,
    };
    let message = reply::send_to(tx, (moment, settings), &mut conversation, reply, address)?;
    Ok((conversation, Some(message)))
}

fn open(
    tx: &mut Tx,
    moment: &Moment,
    (whose, channel): (Whose, &Channel),
    newest: Option<Newest>,
) -> Answer<Conversation> {
    let follows = newest.map(|newest| newest.id);
    let mut conversation = conversations::insert(tx, whose, channel.id, follows, moment.now)?;
    conversation.team_id = channel.team_id;
    conversation.route_reason = Known::AgentWrote.into();
    conversations::update(tx, &conversation)?;
    let event = domain::Event::ConversationOpened {
        channel: channel.id,
        follows,
    };
    moment.record(tx, &conversation, event)?;
    Ok(conversation)
}

/// Refuses a key that was used for a text to somebody else, or on another channel.
fn must_be_to(settings: &Settings, (whom, channel): (&Whom, ChannelId), sent: &Message) -> Answer<()> {
    let is_same = match whom {
        Whom::Customer(id) => sent.customer_id == *id,
        Whom::Phone(number) => sent.address == normal(settings, number)?,
    };
    if is_same && sent.channel_id == channel {
        return Ok(());
    }
    Err(Problem::conflict(
        "key_in_use",
        "this client_key stands for another message",
    ))
}

fn normal(settings: &Settings, number: &str) -> Answer<String> {
    phone::number(number, &settings.country).map_err(|problem| Problem::invalid("phone", problem.to_string()))
}

fn whose(tx: &mut Tx, moment: &Moment, settings: &Settings, number: String) -> Answer<Whose> {
    Dialect::serialize_on(tx, &number)?;
    match customers::owner(tx, "phone", &number)? {
        Some(owner) => Ok(owner.whose),
        None => customer_file::create(tx, moment, settings, &customer_file::New::with_phone(number)).map(Whose::from),
    }
}

/// Gives the thread that a customer is texted in: the newest there is on the channel, else that of the oldest number.
fn thread_of(tx: &mut Tx, customer: CustomerId, channel: &Channel) -> Answer<Whose> {
    if let Some(whose) = conversations::newest_thread(tx, customer, channel.id)? {
        return Ok(whose);
    }
    if !channel.is_phone() {
        let address = visitors::address_of(tx, customer, channel.id)?;
        let owner = address.map(|address| customers::owner(tx, channel.identity(), &address));
        let owner = owner.transpose()?.flatten();
        return owner
            .map(|owner| owner.whose)
            .ok_or_else(|| Problem::invalid("customer_id", "was never in this chat"));
    }
    for identity in customers::identities(tx, customer)? {
        if identity.kind == "phone"
            && phone::takes_texts(&identity.value)
            && let Some(owner) = customers::owner(tx, "phone", &identity.value)?
        {
            return Ok(owner.whose);
        }
    }
    Ok(customer.into())
}
