//! Requests on their way to a partner. The sending itself is the job `submit_request`.

use domain::{RequestId, SessionId};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    jobs::{self, NewJob},
    requests,
};

use super::Moment;

/// The job that submits a request to its partner.
pub const SUBMIT: &str = "submit_request";

/// What the job needs to know.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SubmitRequest {
    /// The request.
    pub request: RequestId,
}

/// Has the newest request of a session submitted to a partner; the inner error says why that cannot be.
pub fn submit(tx: &mut Tx, moment: &Moment, session: SessionId, partner: &str) -> store::Result<Result<(), String>> {
    let Some(mut request) = requests::newest_of_session(tx, session)? else {
        return Ok(Err("there is no request to submit".to_owned()));
    };
    let Some(partner) = requests::partner_by_name(tx, partner)? else {
        return Ok(Err(format!("there is no partner named '{partner}'")));
    };
    request.partner_id = Some(partner.id);
    requests::update(tx, &request)?;
    let job = NewJob::now(SUBMIT, &SubmitRequest { request: request.id }, moment.now);
    jobs::add(tx, &job.errand().once(format!("submit:{}", request.id)), moment.now)?;
    Ok(Ok(()))
}
