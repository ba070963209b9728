//! Submitting a request to a partner, by mail or by signed webhook.
//!
//! The partner gets a link of its own to answer with. A crash between the sending and the note of it submits once more:
//! a partner can stand that, and the request's number in it says that it is the same.

use std::time::Duration;

use anyhow::{Context, bail};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use channel::http::Inside;
use domain::{
    Actor, Event, RequestId,
    request::{PartnerWay, RequestStatus},
    settings::Settings,
};
use hmac::{Hmac, KeyInit, Mac};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message as Mail, Tokio1Executor, address::AddressError,
    message::header::ContentType, transport::smtp,
};
use reqwest::{Method, Url};
use serde_json::json;
use sha2::Sha256;
use store::{
    customers,
    jobs::{self, Job},
    requests::{self, Partner, Request},
};

use super::Outcome;
use crate::{
    app::{App, Shared},
    desk::{Moment, requests::SubmitRequest},
    http::caller::hash,
};

/// What goes to the partner.
struct Submission {
    request: Request,
    partner: Partner,
    customer: String,
    settings: Settings,
    /// Where the partner answers.
    answer_url: String,
}

/// Submits the request of a job.
pub async fn run(app: &Shared, owner: &str, job: &Job) -> store::Result<Outcome> {
    let SubmitRequest { request } = job.payload()?;
    let inner = app.clone();
    // The link's hash is on disk before the link leaves the house.
    let prepared = app.store.write(move |tx| {
        let mut request = requests::get(tx, request)?.ok_or(store::Error::NotFound)?;
        let partner = requests::partner(tx, request.partner_id.ok_or(store::Error::NotFound)?)?;
        let partner = partner.ok_or(store::Error::NotFound)?;
        if request.status != RequestStatus::Filed && request.status != RequestStatus::Failed {
            return Ok::<_, store::Error>(None);
        }
        let token = answer_token(&request, &partner)?;
        request.answer_token_hash = Some(hash(&token));
        requests::update(tx, &request)?;
        let settings = store::settings::get(tx)?;
        let customer = customers::get(tx, request.customer_id)?
            .ok_or(store::Error::NotFound)?
            .name;
        let answer_url = format!("{}/answers/{token}", inner.public_url(&settings));
        Ok(Some(Submission {
            request,
            partner,
            customer,
            settings,
            answer_url,
        }))
    });
    let prepared = prepared.await?;
    let fault = match &prepared {
        Some(submission) => deliver(app, submission).await.err().map(Fault::from),
        None => None,
    };
    settle(
        app,
        owner,
        job,
        prepared.map(|submission| (submission.request, submission.partner)),
        fault,
    )
    .await
}

/// Gives the token of the link that a partner answers with. It is the same at each try: an earlier one may have arrived,
/// although the partner's server said otherwise.
fn answer_token(request: &Request, partner: &Partner) -> store::Result<String> {
    if partner.secret.is_empty() {
        return Err(store::Error::Other(format!("partner {} has no secret", partner.id)));
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(partner.secret.as_bytes()).expect("a key may have any length");
    mac.update(format!("answer.{}.{}", request.id, request.created_at.0).as_bytes());
    Ok(BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Why a request could not be submitted.
struct Fault {
    text: String,
    /// Whether another try would come to the same.
    lasts: bool,
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Fault {
        let refused = error
            .downcast_ref::<smtp::Error>()
            .is_some_and(smtp::Error::is_permanent);
        Fault {
            text: format!("{error:#}"),
            lasts: refused || error.is::<AddressError>() || error.is::<Inside>(),
        }
    }
}

async fn settle(
    app: &Shared,
    owner: &str,
    job: &Job,
    submitted: Option<(Request, Partner)>,
    fault: Option<Fault>,
) -> store::Result<Outcome> {
    let error = match fault {
        Some(fault) if !fault.lasts && job.tries < jobs::TRIES => return Ok(Outcome::Retry(fault.text)),
        fault => fault.map(|fault| fault.text),
    };
    let moment = Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    };
    let (id, owner) = (job.id, owner.to_owned());
    app.store
        .write(move |tx| {
            let Some((request, _)) = &submitted else {
                jobs::done(tx, id, &owner)?;
                return Ok(Outcome::Ended);
            };
            tell_outcome(tx, &moment, request.id, error.as_deref())?;
            match &error {
                // It stays among the dead jobs, where a person can send it again.
                Some(error) => Ok(Outcome::Hopeless(error.clone())),
                None => jobs::done(tx, id, &owner).map(|_| Outcome::Ended),
            }
        })
        .await
}

/// Notes on a request that its partner has it, or why it could not be submitted. The note of one that was submitted is empty:
/// it is for the customer, and has to wait for what a person or the partner says.
pub(crate) fn tell_outcome(
    tx: &mut store::Tx,
    moment: &Moment,
    request: RequestId,
    error: Option<&str>,
) -> store::Result<()> {
    let mut request = requests::get(tx, request)?.ok_or(store::Error::NotFound)?;
    // A partner may have answered quicker than its server said yes.
    if !matches!(request.status, RequestStatus::Filed | RequestStatus::Failed) {
        return Ok(());
    }
    (request.status, request.status_note) = match error {
        Some(error) => (RequestStatus::Failed, error.to_owned()),
        None => (RequestStatus::Submitted, String::new()),
    };
    request.updated_at = moment.now;
    requests::update(tx, &request)?;
    record(tx, moment, &request)
}

fn record(tx: &mut store::Tx, moment: &Moment, request: &Request) -> store::Result<()> {
    let event = Event::RequestChanged {
        request: request.id,
        summary: request.summary.clone(),
        status: request.status,
        note: request.status_note.clone(),
    };
    match request.conversation_id {
        Some(conversation) => {
            let conversation = store::conversations::get(tx, conversation)?.ok_or(store::Error::NotFound)?;
            moment.record(tx, &conversation, event).map(drop)
        }
        None => moment.record_for_customer(tx, request.customer_id, event).map(drop),
    }
}

async fn deliver(app: &App, submission: &Submission) -> anyhow::Result<()> {
    match submission.partner.way {
        PartnerWay::Webhook => post(app, submission).await,
        PartnerWay::Mail => mail(submission).await,
    }
}

/// Posts the request, signed by the Standard Webhooks rules: `id.timestamp.payload`, HMAC-SHA256, base64.
async fn post(app: &App, submission: &Submission) -> anyhow::Result<()> {
    let Submission {
        request,
        partner,
        customer,
        answer_url,
        ..
    } = submission;
    let payload = json!({
        "type": "request.submitted",
        "timestamp": app.universe.now(),
        "data": {
            "id": request.id, "kind": request.kind, "summary": request.summary, "details": request.details,
            "customer": customer, "answer_url": answer_url,
        },
    });
    let (id, seconds) = (format!("request_{}", request.id), app.universe.now().0 / 1_000_000);
    let body = payload.to_string();
    let signature = signature(&partner.secret, &format!("{id}.{seconds}.{body}"));
    let address = Url::parse(&partner.address).context("the partner's address")?;
    let response = app
        .outside
        .request(Method::POST, address)?
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature)
        .header("content-type", "application/json")
        .timeout(Duration::from_secs(20))
        .body(body)
        .send()
        .await?;
    if !response.status().is_success() {
        bail!("{} answered {}", partner.name, response.status());
    }
    Ok(())
}

/// Signs by the Standard Webhooks rules. Secrets that were made before they held standard base64 are URL-safe; one that is
/// neither is a key as it stands.
fn signature(secret: &str, content: &str) -> String {
    let key = secret.strip_prefix("whsec_").and_then(|key| {
        let standard = BASE64_STANDARD.decode(key);
        standard.or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(key)).ok()
    });
    let key = key.unwrap_or_else(|| secret.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("a key may have any length");
    mac.update(content.as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// Gives a detail of a request as people read it: words as they are, a number or a list as it is written.
pub(crate) fn detail_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn mail(submission: &Submission) -> anyhow::Result<()> {
    let Submission {
        request,
        partner,
        customer,
        settings,
        answer_url,
    } = submission;
    if settings.mail.smtp_url.is_empty() {
        bail!("no mail server is set up: Settings, Company, Mail");
    }
    let details = request.details.as_object().into_iter().flatten();
    let details: String = details
        .map(|(name, value)| format!("{name}: {}\n", detail_text(value)))
        .collect();
    let name = if customer.is_empty() { "a customer" } else { customer };
    let text = format!(
        "{} asks for {name}:\n\n{}\n\n{details}\nPlease answer here, it takes one click:\n{answer_url}\n\nRequest {}\n",
        settings.company, request.summary, request.id
    );
    let mail = Mail::builder()
        .from(settings.mail.from.parse().context("the sender's address")?)
        .to(partner.address.parse().context("the partner's address")?)
        .subject(format!("Request {}: {}", request.id, request.summary))
        .header(ContentType::TEXT_PLAIN)
        .body(text)?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.mail.smtp_url)?;
    transport
        .timeout(Some(Duration::from_secs(20)))
        .build()
        .send(mail)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn a_webhook_is_signed_by_the_standard() {
        let content = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let signed = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", content), signed);
        let (new, old) = (
            "whsec_+/8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=",
            "whsec_-_8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
        );
        assert_eq!(signature(old, content), signature(new, content));
    }
}
