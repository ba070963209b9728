//! Finding what a command is about, or saying that it is not there.

use domain::{ConversationId, CustomerId, MessageId};
use store::{
    Tx, channels,
    conversations::{self, Conversation},
    customers::{self, Customer},
    messages::{self, Message},
};

use crate::http::problem::{Answer, Problem};

/// Gives a conversation, also one that was merged.
pub fn conversation(tx: &mut Tx, id: ConversationId) -> Answer<Conversation> {
    conversations::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("conversation {id}")))
}

/// Gives a conversation that can be worked on: one that went into another is refused and names that.
pub fn working(tx: &mut Tx, id: ConversationId) -> Answer<Conversation> {
    let conversation = conversation(tx, id)?;
    match conversation.merged_into_id {
        Some(into) => Err(Problem::conflict(
            "merged",
            format!("conversation {id} was merged into conversation {into}"),
        )
        .with("merged_into_id", into.0)),
        None => Ok(conversation),
    }
}

/// Gives a customer. One who turned out to be another one is refused, and that one is named.
pub fn customer(tx: &mut Tx, id: CustomerId) -> Answer<Customer> {
    let customer = customers::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("customer {id}")))?;
    match customers::merged_into(tx, id)? {
        Some(into) => Err(
            Problem::conflict("merged", format!("customer {id} turned out to be customer {into}"))
                .with("merged_into_id", into.0),
        ),
        None => Ok(customer),
    }
}

/// Gives a message.
pub fn message(tx: &mut Tx, id: MessageId) -> Answer<Message> {
    messages::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("message {id}")))
}

/// Gives a channel that texts can leave by.
pub fn channel(tx: &mut Tx, id: domain::ChannelId) -> Answer<channels::Channel> {
    let channel = channels::get(tx, id)?.ok_or_else(|| Problem::invalid("channel_id", "is not a channel"))?;
    match channel.disabled_at {
        Some(_) => Err(Problem::conflict(
            "channel_disabled",
            format!("the channel {} is switched off", channel.name),
        )),
        None => Ok(channel),
    }
}
