//! What holds for a customer's numbers: what they agreed to, for all of the company's channels or for each, and whether
//! the customer may be texted at all.

use std::collections::HashMap;

use channel::phone;
use domain::{
    Time,
    consent::{ConsentChange, ConsentSource, Standing},
    settings::OptOutScope,
    words,
};
use serde::Serialize;
use store::{
    Tx,
    channels::{self, Channel},
    consent::Entry,
    settings,
};

use crate::api::shapes::Ref;

words! {
    /// What holds for an address.
    ConsentState { OptedIn = "opted_in", OptedOut = "opted_out", None = "none" }
}

/// What holds for an address.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Consent {
    address: String,
    /// The channel that it holds for; null when it holds for all of them.
    #[schema(inline)]
    channel: Option<Ref>,
    state: ConsentState,
    at: Option<Time>,
    source: Option<ConsentSource>,
    /// Whether the customer said so.
    by_customer: bool,
    /// Whether a user may change it: what the customer refused, only the customer can allow again.
    may_change: bool,
}

/// Whether a customer may be texted, by some channel at least.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MayText {
    ok: bool,
    /// Why not; null when `ok`.
    reason: Option<CannotText>,
}

words! {
    /// Why a customer cannot be texted.
    CannotText { NoPhone = "no_phone", OptedOut = "opted_out" }
}

/// The company's channels, and whether an opt-out reaches one of them or all.
pub struct Reach {
    channels: Vec<Channel>,
    is_by_channel: bool,
}

impl Reach {
    /// Reads it.
    pub fn read(tx: &mut Tx) -> store::Result<Reach> {
        Ok(Reach {
            channels: channels::list(tx)?,
            is_by_channel: settings::get(tx)?.opt_out_scope == OptOutScope::Channel,
        })
    }

    /// Gives what holds for each of these numbers; channel by channel where that is how the company has it, or where it is not
    /// the same for all.
    pub fn consent<'n>(
        &self,
        numbers: impl Iterator<Item = &'n str>,
        ledger: &HashMap<String, Vec<Entry>>,
    ) -> Vec<Consent> {
        numbers
            .flat_map(|number| self.of_number(number, ledger.get(number).map_or(&[], Vec::as_slice)))
            .collect()
    }

    fn of_number(&self, number: &str, entries: &[Entry]) -> Vec<Consent> {
        let newest = |channel: &Channel| {
            let about = |entry: &&Entry| entry.channel_id.is_none_or(|one| one == channel.id);
            entries.iter().filter(about).max_by_key(|entry| entry.id)
        };
        let all: Vec<(&Channel, Option<&Entry>)> = self.channels.iter().map(|one| (one, newest(one))).collect();
        let is_same = all.windows(2).all(|pair| pair[0].1 == pair[1].1);
        if all.len() > 1 && (self.is_by_channel || !is_same) {
            let named = |channel: &Channel| Some(Ref::new(channel.id.0, &channel.name));
            return all
                .into_iter()
                .map(|(channel, entry)| view(number, named(channel), entry))
                .collect();
        }
        let any = entries.iter().max_by_key(|entry| entry.id);
        vec![view(number, None, all.first().map_or(any, |(_, entry)| *entry))]
    }
}

fn view(address: &str, channel: Option<Ref>, newest: Option<&Entry>) -> Consent {
    let standing = newest.map(|entry| Standing {
        change: entry.change,
        source: entry.source,
    });
    let is_out = standing.is_some_and(|standing| standing.change == ConsentChange::OptedOut);
    Consent {
        address: address.to_owned(),
        channel,
        state: match standing.map(|standing| standing.change) {
            Some(ConsentChange::OptedIn) => ConsentState::OptedIn,
            Some(ConsentChange::OptedOut) => ConsentState::OptedOut,
            None => ConsentState::None,
        },
        at: newest.map(|entry| entry.at),
        source: newest.map(|entry| entry.source),
        by_customer: newest.is_some_and(|entry| {
            use ConsentSource::*;
            matches!(entry.source, Keyword | FreeText | Form | FirstMessage)
        }),
        may_change: !is_out || Standing::may_opt_in(standing, ConsentSource::Agent).is_ok(),
    }
}

/// Says whether there is a number, and a channel, by which the customer may be texted.
pub fn may_text(consent: &[Consent]) -> MayText {
    let mut numbers = consent.iter().filter(|consent| phone::takes_texts(&consent.address));
    let ok = numbers.clone().any(|consent| consent.state != ConsentState::OptedOut);
    let reason = match numbers.next() {
        _ if ok => None,
        None => Some(CannotText::NoPhone),
        Some(_) => Some(CannotText::OptedOut),
    };
    MayText { ok, reason }
}
