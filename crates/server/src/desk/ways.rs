//! The ways by which a customer can be written to now, and how a conversation goes over to another one.

use domain::{ChannelId, Event, Time};
use store::{
    Tx,
    channels::{self, Channel},
    conversations::{self, Conversation},
};

use super::{Moment, find, outbound};
use crate::http::problem::Answer;

/// A channel on which the customer has an address.
pub struct Way {
    /// The channel.
    pub channel: Channel,
    /// Where what is written goes.
    pub address: String,
    /// Why nothing can be written there now.
    pub closed: Option<Closed>,
}

/// Why nothing can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The customer has opted out.
    OptedOut(Time),
    /// The channel is switched off.
    SwitchedOff,
    /// The address takes no texts.
    NotTextable,
}

impl Closed {
    /// Gives the word for programs: the code of the refusal that a reply would get.
    pub fn code(self) -> &'static str {
        match self {
            Closed::OptedOut(_) => "opted_out",
            Closed::SwitchedOff => "channel_disabled",
            Closed::NotTextable => "not_textable",
        }
    }
}

/// Gives the ways to the customer of a conversation, the one that it goes by first.
pub fn of(tx: &mut Tx, conversation: &Conversation) -> store::Result<Vec<Way>> {
    let mut channels = channels::list(tx)?;
    channels.sort_by_key(|channel| channel.id != conversation.channel_id);
    let mut ways = Vec::new();
    for channel in channels {
        if let Some(address) = outbound::known_address(tx, conversation, &channel)? {
            let closed = closed(tx, &channel, &address)?;
            ways.push(Way {
                channel,
                address,
                closed,
            });
        }
    }
    Ok(ways)
}

fn closed(tx: &mut Tx, channel: &Channel, address: &str) -> store::Result<Option<Closed>> {
    if channel.disabled_at.is_some() {
        return Ok(Some(Closed::SwitchedOff));
    }
    if !outbound::reaches(channel, address) {
        return Ok(Some(Closed::NotTextable));
    }
    Ok(outbound::opted_out_at(tx, channel.id, address)?.map(Closed::OptedOut))
}

/// Lets a conversation go on by another channel, because a person says so. Refused where the customer cannot be written to there.
pub fn choose(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation, channel: ChannelId) -> Answer<()> {
    let channel = find::channel(tx, channel)?;
    let address = outbound::address_on(tx, conversation, &channel)?;
    outbound::must_take_texts(&channel, &address)?;
    outbound::must_be_allowed(tx, channel.id, &address)?;
    switch(tx, moment, conversation, channel.id)?;
    Ok(conversations::update(tx, conversation)?)
}

/// Lets a conversation go on by another channel. The caller writes it.
pub fn switch(tx: &mut Tx, moment: &Moment, conversation: &mut Conversation, channel: ChannelId) -> store::Result<()> {
    let from = conversation.channel_id;
    if from == channel {
        return Ok(());
    }
    conversation.channel_id = channel;
    moment
        .record(tx, conversation, Event::ChannelSwitched { channel, from })
        .map(drop)
}
