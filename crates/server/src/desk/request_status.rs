//! How far a request has come: changed by an agent or by the partner's answer, told to the customer.

use domain::{Event, message::Author, request::RequestStatus};
use store::{
    Tx,
    requests::{self, Request},
};

use super::{
    Moment, find,
    outbound::{self, Outgoing},
};
use crate::http::problem::{Answer, Problem};

/// The longest note on a request, in characters.
const MAX_NOTE: usize = 1_000;

/// Moves a request to a status with a note, and texts the customer where that is news to them.
///
/// What is done or cancelled stays so. The same status and note again change nothing. A customer who may not be texted is
/// not; the request changes all the same.
pub fn change(
    tx: &mut Tx,
    moment: &Moment,
    request: &mut Request,
    (status, note): (RequestStatus, &str),
    tell_customer: bool,
) -> Answer<()> {
    let note = note.trim();
    if note.chars().count() > MAX_NOTE {
        return Err(Problem::invalid(
            "status_note",
            format!("must not be longer than {MAX_NOTE} characters"),
        ));
    }
    if !request.status.may_become(status) {
        let detail = format!("the request is {} and stays so", request.status);
        return Err(Problem::conflict("request_ended", detail).with("request_status", request.status.as_str()));
    }
    let is_news = request.status != status;
    if !is_news && request.status_note == note {
        return Ok(());
    }
    request.status = status;
    request.status_note = note.to_owned();
    request.updated_at = moment.now;
    requests::update(tx, request)?;
    let event = Event::RequestChanged {
        request: request.id,
        summary: request.summary.clone(),
        status,
        note: note.to_owned(),
    };
    record(tx, moment, request, event)?;
    if is_news && tell_customer {
        tell(tx, moment, request)?;
    }
    Ok(())
}

/// Adds an event about a request, to its conversation where it has one.
pub fn record(tx: &mut Tx, moment: &Moment, request: &Request, event: Event) -> store::Result<()> {
    let conversation = request
        .conversation_id
        .map(|id| store::conversations::get(tx, id))
        .transpose()?;
    match conversation.flatten() {
        Some(conversation) => moment.record(tx, &conversation, event)?,
        None => moment.record_for_customer(tx, request.customer_id, event)?,
    };
    Ok(())
}

fn tell(tx: &mut Tx, moment: &Moment, request: &Request) -> Answer<()> {
    let texts = store::settings::get(tx)?.texts;
    let Some(text) = request
        .status
        .customer_text(&texts, &request.summary, &request.status_note)
    else {
        return Ok(());
    };
    let Some(id) = request.conversation_id else {
        return Ok(());
    };
    let conversation = find::conversation(tx, id)?;
    let told = tx.savepoint(|tx| outbound::queue(tx, moment, &conversation, Outgoing::now(Author::System, None, text)));
    match told {
        Err(problem) if ["opted_out", "not_textable", "channel_disabled", "invalid"].contains(&problem.code()) => {
            Ok(())
        }
        told => told.map(drop),
    }
}
