//! Webhooks of providers: checked, kept as they came, understood, and answered 200 when all of it is on disk.
//!
//! One transaction holds the raw payload and everything that follows from it. When the understanding fails, its part is
//! taken back and the raw payload stays in the queue of what could not be understood.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use channel::{Address, Hook, Payload, Provider, find_channel};
use domain::{Actor, InboundId, Time, consent};
use sha2::{Digest, Sha256};
use store::{Tx, channels::Channel, inbound};
use tracing::{error, warn};

use crate::{
    app::{App, Shared},
    desk::{Moment, delivery, inbound as desk},
    http::{
        ask::Path,
        problem::{Answer, Problem},
    },
};

/// A payload as it came.
#[derive(Debug, Clone)]
pub struct Raw {
    /// The address's query.
    pub query: String,
    /// The `Content-Type` header.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
}

/// Takes what a provider posts to a channel.
pub async fn post(
    State(app): State<Shared>,
    Path(hook): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    let name = hook.clone();
    let found = app.store.read(move |tx| {
        let settings = store::settings::get(tx)?;
        Ok::<_, store::Error>(store::channels::by_hook(tx, &name)?.map(|channel| (channel, settings)))
    });
    let (channel, settings) = found.await?.ok_or_else(|| Problem::not_found("this webhook"))?;
    let raw = Raw {
        query: query.unwrap_or_default(),
        content_type: text(&headers, header::CONTENT_TYPE),
        body,
    };
    let mut url = format!("{}/hooks/{hook}", app.public_url(&settings));
    if !raw.query.is_empty() {
        url = format!("{url}?{}", raw.query);
    }
    let signature = headers
        .get(Provider::signature_header())
        .and_then(|value| value.to_str().ok());
    check(
        &app,
        &channel,
        &Hook {
            url: &url,
            content_type: &raw.content_type,
            body: &raw.body,
            signature,
        },
    )
    .await?;
    take(&app, channel, raw).await?;
    // An empty document: nothing more is to be said in answer.
    let twiml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>";
    Ok((
        StatusCode::OK,
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"))],
        twiml,
    )
        .into_response())
}

/// Keeps a payload and understands it. Gives when both are on disk; a payload that came before changes nothing.
pub async fn take(app: &Shared, channel: Channel, raw: Raw) -> Answer<()> {
    let now = app.universe.now();
    let parsed = parse(&channel, &raw).map_err(anyhow::Error::from)?;
    let app_in = app.clone();
    app.store
        .write(move |tx| {
            let channel = meant(tx, &channel, &parsed)?;
            keep(tx, &app_in, &channel, (&raw, &parsed), now)
        })
        .await?;
    Ok(())
}

/// Gives the channel that a text is meant for.
///
/// One account may post the texts of all its numbers to the webhook of one. Its signature holds for them all, so another
/// channel of the same account takes the text when it has the number or the messaging service that the text names.
fn meant(tx: &mut Tx, posted_to: &Channel, parsed: &Parsed) -> store::Result<Channel> {
    let Ok(Payload::Inbound(text)) = parsed else {
        return Ok(posted_to.clone());
    };
    if text.to == posted_to.address && text.messaging_service_sid.is_none() {
        return Ok(posted_to.clone());
    }
    let provider = |channel: &Channel| Provider::from_config(&channel.kind, &channel.config).ok();
    let Some(mine) = provider(posted_to).filter(|provider| provider.account().is_some()) else {
        return Ok(posted_to.clone());
    };
    let all = store::channels::list(tx)?.into_iter();
    let of_account: Vec<(Channel, Provider)> = all
        .filter(|channel| channel.disabled_at.is_none())
        .filter_map(|channel| provider(&channel).map(|provider| (channel, provider)))
        .filter(|(_, provider)| provider.account() == mine.account())
        .collect();
    let addresses: Vec<Address<&Channel>> = of_account
        .iter()
        .map(|(channel, provider)| Address {
            key: channel,
            number: &channel.address,
            messaging_service_sid: provider.messaging_service(),
        })
        .collect();
    Ok(find_channel(text, &addresses).unwrap_or(posted_to).clone())
}

/// What a payload says, or why it cannot be read.
pub(crate) type Parsed = Result<Payload, String>;

/// Reads a payload in its provider's way.
pub(crate) fn parse(channel: &Channel, raw: &Raw) -> Result<Parsed, channel::ConfigError> {
    let provider = Provider::from_config(&channel.kind, &channel.config)?;
    Ok(provider
        .parse(&raw.query, &raw.body)
        .map_err(|problem| problem.to_string()))
}

/// Keeps a payload and understands it, in one transaction; a payload that came before changes nothing.
pub(crate) fn keep(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    (raw, parsed): (&Raw, &Parsed),
    now: Time,
) -> store::Result<()> {
    let key = parsed.as_ref().map_or_else(|_| hash(raw), Payload::key);
    match inbound::keep(tx, channel.id, &key, (&content_type(raw), &raw.body), now)? {
        Some(id) => understand(tx, app, channel, (id, parsed), now),
        None => Ok(()),
    }
}

/// Understands a payload once more that failed before; says in the row how it went.
pub fn understand_again(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    row: &inbound::Inbound,
    now: Time,
) -> store::Result<()> {
    let provider = Provider::from_config(&channel.kind, &channel.config).map_err(|error| error.to_string());
    let (_, query) = row.content_type.split_once('?').unwrap_or_default();
    let parsed = provider.and_then(|provider| provider.parse(query, &row.body).map_err(|problem| problem.to_string()));
    understand(tx, app, channel, (row.id, &parsed), now)
}

fn understand(
    tx: &mut Tx,
    app: &App,
    channel: &Channel,
    (id, payload): (InboundId, &Result<Payload, String>),
    now: Time,
) -> store::Result<()> {
    let result = match payload {
        Ok(payload) => tx.savepoint(|tx| {
            // A bug in here must not lose the payload: it is taken like any other failure.
            let run = catch_unwind(AssertUnwindSafe(|| carry_out(tx, app, channel, payload, now)));
            run.unwrap_or_else(|_| Err(store::Error::Other("a bug: the server's log says more".to_owned())))
        }),
        Err(problem) => Err(store::Error::Other(problem.clone())),
    };
    match result {
        Ok(()) => inbound::settle(tx, id, Ok(()), now),
        Err(failure @ (store::Error::Busy | store::Error::Unavailable(_))) => Err(failure),
        Err(failure) => {
            error!(inbound.id = id.0, channel.id = channel.id.0, %failure, "a payload was not understood");
            let reason = if let store::Error::Other(reason) = failure {
                reason
            } else {
                failure.to_string()
            };
            inbound::settle(tx, id, Err(&reason), now)
        }
    }
}

fn carry_out(tx: &mut Tx, app: &App, channel: &Channel, payload: &Payload, now: Time) -> store::Result<()> {
    let settings = store::settings::get(tx)?;
    let token = || app.universe.token();
    let desk = desk::Desk {
        menus: &app.menus,
        moment: Moment {
            now,
            actor: Actor::SYSTEM,
        },
        settings: &settings,
        channel,
        token: &token,
    };
    match payload {
        // What comes to a channel that is switched off waits until it is on again; a wish to hear no more does not wait.
        Payload::Inbound(text) if channel.disabled_at.is_some() && !(channel.is_phone() && is_for_the_ledger(text)) => {
            Err(store::Error::Other(format!(
                "the channel {} is switched off",
                channel.name
            )))
        }
        Payload::Inbound(text) => desk::take(tx, &desk, text),
        Payload::Status(report) => {
            if let Some(until) = delivery::take_status(tx, &desk, report)? {
                // Should the transaction fail, the channel has rested for nothing, and for a moment.
                app.rates.hold(channel, until, now);
            }
            Ok(())
        }
    }
}

fn is_for_the_ledger(text: &channel::Inbound) -> bool {
    text.opt_out_type.is_some() || matches!(consent::read(&text.body, false), consent::Reading::Word(_))
}

/// Lets nobody in whose signature does not fit, and notes the refusal for the channel's health page.
async fn check(app: &Shared, channel: &Channel, hook: &Hook<'_>) -> Answer<()> {
    let provider = Provider::from_config(&channel.kind, &channel.config).map_err(anyhow::Error::from)?;
    let Err(refusal) = provider.verify(hook) else {
        return Ok(());
    };
    warn!(
        channel.id = channel.id.0,
        reason = refusal.reason(),
        "a webhook was refused"
    );
    let (id, now, url) = (channel.id, app.universe.now(), hook.url.to_owned());
    let note = app
        .store
        .write(move |tx| store::channels::refuse(tx, id, refusal.reason(), &url, now));
    note.await?;
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_signature",
        refusal.to_string(),
    ))
}

/// Keeps the query with the content type: what was posted can then be understood again from the row alone.
fn content_type(raw: &Raw) -> String {
    if raw.query.is_empty() {
        raw.content_type.clone()
    } else {
        format!("{}?{}", raw.content_type, raw.query)
    }
}

/// Gives the key of a payload that names none: the same bytes are the same payload.
fn hash(raw: &Raw) -> String {
    let digest = Sha256::new()
        .chain_update(&raw.query)
        .chain_update([0])
        .chain_update(&raw.body)
        .finalize();
    format!(
        "sha256:{}",
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    )
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}
