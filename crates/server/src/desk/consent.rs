//! Who may be texted: changes of consent, each a row in the ledger with its proof.

use domain::{
    ChannelId, ConsentId, CustomerId, Event, MessageId, ReviewId, UserId,
    consent::{ConsentBasis, ConsentChange, ConsentSource, OptInRefusal, Standing},
    message::MessageStatus,
    session::SessionEnd,
    settings::{OptOutScope, Settings},
};
use store::{
    Tx,
    consent::{self, Entry},
    conversations,
    messages::{self, Outcome},
};

use super::{Moment, menu};
use crate::http::problem::{Answer, Problem};

/// A change of consent for one address, with its proof.
#[derive(Debug, Clone)]
pub struct Change {
    /// Whose address it is.
    pub customer: CustomerId,
    /// The address.
    pub address: String,
    /// The channel it was said on.
    pub channel: ChannelId,
    /// Where it came from.
    pub source: ConsentSource,
    /// What the customer was shown or wrote.
    pub wording: String,
    /// The text that proves it.
    pub evidence: Option<MessageId>,
}

/// Opts an address out: no text leaves for it any more, also none that waits already, and no menu goes on. Says whether that
/// was new: one that is out already is not put in the ledger again.
pub fn opt_out(tx: &mut Tx, moment: &Moment, settings: &Settings, change: &Change) -> store::Result<bool> {
    let is_new = is_new_opt_out(tx, settings, change)?;
    if is_new {
        append(tx, moment, settings, change, ConsentChange::OptedOut)?;
    }
    for message in messages::waiting_for(tx, &change.address)? {
        let in_scope = settings.opt_out_scope == OptOutScope::Company || message.channel_id == change.channel;
        if in_scope && !message.compliance {
            messages::advance(
                tx,
                message.id,
                &[message.status],
                MessageStatus::Refused,
                &Outcome::default(),
            )?;
            let event = Event::MessageStatusChanged {
                message: message.id,
                status: MessageStatus::Refused,
                error: None,
            };
            moment.record_for_customer(tx, change.customer, event)?;
        }
    }
    menu::end_live(tx, moment, change.customer, SessionEnd::OptedOut)?;
    Ok(is_new)
}

fn is_new_opt_out(tx: &mut Tx, settings: &Settings, change: &Change) -> store::Result<bool> {
    let newest = consent::newest(tx, &change.address, change.channel)?;
    // What was said of one number says nothing yet of the company's others.
    let newest = newest.filter(|entry| entry.channel_id.is_none() || settings.opt_out_scope != OptOutScope::Company);
    let standing = newest.map(|entry| Standing {
        change: entry.change,
        source: entry.source,
    });
    Ok(Standing::is_new_opt_out(standing, change.source))
}

/// Opts an address in again, if the rules let this source do it.
pub fn opt_in(tx: &mut Tx, moment: &Moment, settings: &Settings, change: &Change) -> Answer<()> {
    let standing = consent::standing(tx, &change.address, change.channel)?;
    Standing::may_opt_in(standing, change.source).map_err(|refusal| match refusal {
        OptInRefusal::CustomerOptedOut => Problem::conflict("customer_opted_out", refusal.to_string()),
        OptInRefusal::NotAWish => Problem::conflict("not_a_wish", refusal.to_string()),
    })?;
    append(tx, moment, settings, change, ConsentChange::OptedIn)?;
    Ok(())
}

/// Decides whether a text was a revocation. The ledger names the customer's own words as the source.
pub fn decide(tx: &mut Tx, moment: &Moment, settings: &Settings, review: ReviewId, opted_out: bool) -> Answer<()> {
    let by = UserId(moment.actor.id.unwrap_or_default());
    let decided = consent::decide(tx, review, opted_out, by, moment.now)?;
    let review = decided.ok_or_else(|| Problem::conflict("decided", "somebody has decided this already"))?;
    let event = Event::ConsentReviewDecided {
        message: review.message_id,
        opted_out,
    };
    let message = messages::get(tx, review.message_id)?.ok_or(store::Error::NotFound)?;
    // Where it was asked, so that whoever reads the talk sees what came of it.
    let conversation = conversations::get(tx, message.conversation_id)?.ok_or(store::Error::NotFound)?;
    moment.record(tx, &conversation, event)?;
    if opted_out {
        let change = Change {
            customer: review.customer_id,
            address: review.address,
            channel: message.channel_id,
            source: ConsentSource::FreeText,
            wording: message.body,
            evidence: Some(message.id),
        };
        opt_out(tx, moment, settings, &change)?;
    }
    Ok(())
}

/// Keeps that a customer who wrote first may be answered: the proof that an answer was asked for.
pub fn first_message(tx: &mut Tx, moment: &Moment, settings: &Settings, change: &Change) -> store::Result<()> {
    if consent::newest(tx, &change.address, change.channel)?.is_none() {
        append(tx, moment, settings, change, ConsentChange::OptedIn)?;
    }
    Ok(())
}

fn append(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    change: &Change,
    to: ConsentChange,
) -> store::Result<ConsentId> {
    let everywhere = settings.opt_out_scope == OptOutScope::Company;
    let entry = Entry {
        id: ConsentId(0),
        customer_id: Some(change.customer),
        address: change.address.clone(),
        channel_id: (!everywhere).then_some(change.channel),
        change: to,
        basis: ConsentBasis::Conversational,
        source: change.source,
        wording: change.wording.clone(),
        evidence_message_id: change.evidence,
        actor: moment.actor.kind,
        actor_id: moment.actor.id,
        at: moment.now,
    };
    let id = consent::append(tx, &entry)?;
    let event = Event::ConsentChanged {
        address: change.address.clone(),
        opted_in: to == ConsentChange::OptedIn,
        source: change.source,
    };
    moment.record_for_customer(tx, change.customer, event)?;
    Ok(id)
}
