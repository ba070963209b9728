//! What providers report about texts of ours: how far each has come, and that a customer told them to stop.

use channel::StatusReport;
use domain::{Event, MessageId, Time, consent::ConsentSource, message::MessageStatus, settings::Settings};
use store::{
    Tx, conversations,
    messages::{self, Message, Outcome},
};

use super::{Moment, closure, consent, inbound::Desk, menu, outbound};

/// The longest that a channel rests because one text was too much: more than a moment would hold answers up.
const LONGEST_REST_SECONDS: i64 = 60;

/// Takes a provider's news about a text of ours. News about a text that is not ours is not understood.
///
/// Gives until when the channel has to rest, where the provider gave the text back because too many came at once: the next
/// text would only be given back too.
pub fn take_status(tx: &mut Tx, desk: &Desk, report: &StatusReport) -> store::Result<Option<Time>> {
    let ours = report
        .our_message
        .map(|id| messages::get(tx, MessageId(id)))
        .transpose()?
        .flatten();
    let ours = ours.filter(|message| message.channel_id == desk.channel.id);
    let known = match ours {
        Some(message) => Some(message),
        None => messages::by_provider_id(tx, desk.channel.id, &report.provider_id)?,
    };
    let message = known.ok_or_else(|| store::Error::Other(format!("no message has the id {}", report.provider_id)))?;
    if is_outdated(tx, &message, report)? {
        return Ok(None);
    }
    let Some(status) = message.status.advance(report.status) else {
        return Ok(None);
    };
    let outcome = Outcome {
        provider_id: Some(report.provider_id.clone()),
        error_code: report.error_code.clone(),
        error: report.error.clone(),
    };
    if report.is_retryable()
        && let Some(again) = outbound::queue_anew(tx, &desk.moment, &message, &outcome)?
    {
        let longest = desk.moment.now.plus_seconds(LONGEST_REST_SECONDS);
        return Ok(report.is_throttled().then_some(again.min(longest)));
    }
    messages::advance(tx, message.id, &[message.status], status, &outcome)?;
    let conversation = conversations::get(tx, message.conversation_id)?.ok_or(store::Error::NotFound)?;
    let event = Event::MessageStatusChanged {
        message: message.id,
        status,
        error: report.error.clone(),
    };
    desk.moment.record(tx, &conversation, event)?;
    outbound::wait_again(tx, &desk.moment, &message, status)?;
    closure::with_last_words(tx, &desk.moment, message.id, status)?;
    if message.status == MessageStatus::Sending {
        // The news were quicker than the provider's answer, and who waits for that answer may have been killed.
        menu::handed_over(tx, desk.moment, &message)?;
    }
    if report.is_opt_out() {
        opted_out_at_provider(tx, &desk.moment, desk.settings, &message)?;
    }
    Ok(None)
}

/// Says that a report is about an earlier attempt to send a text than the newest.
fn is_outdated(tx: &mut Tx, message: &Message, report: &StatusReport) -> store::Result<bool> {
    let is_another = message.provider_id.as_ref().is_some_and(|id| *id != report.provider_id);
    Ok(is_another || report.attempt.unwrap_or(1) < messages::attempt(tx, message.id)?)
}

/// Keeps that the provider refuses texts to this customer, because the customer told the provider so.
pub fn opted_out_at_provider(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    message: &Message,
) -> store::Result<()> {
    let change = consent::Change {
        customer: message.customer_id,
        address: message.address.clone(),
        channel: message.channel_id,
        source: ConsentSource::Provider,
        wording: "the provider refused a text because the customer opted out".to_owned(),
        evidence: Some(message.id),
    };
    consent::opt_out(tx, moment, settings, &change).map(drop)
}
