//! Who asks: a visitor known by a token, a new one, or a user of the company's by a token of the company's own.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use channel::chat::{Chat, Question};
use domain::{Actor, ChannelId, VisitorId, identity::clean_id};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{
    Tx,
    channels::Channel,
    visitors::{self, Visitor},
};

use super::{
    find,
    token::{self, Wrong},
};
use crate::{
    app::{App, Shared},
    desk::{
        Moment,
        customer_file::MAX_VALUE,
        visiting::{self, Person},
    },
    http::{
        ask::{self, Body, Path},
        caller,
        flood::Limit,
        problem::{Answer, Problem},
        visitor::Origin,
    },
};

/// How many visitors may come from one network address: browsers of an office, and a little more.
const NEW_VISITORS: Limit = Limit {
    most: 300,
    seconds: 600,
};

/// Whoever asks, and what for.
pub struct Guest {
    /// The channel.
    pub channel: Channel,
    /// The visitor.
    pub visitor: Visitor,
}

/// What a new visitor says.
#[derive(Debug, Default, Deserialize)]
pub struct Beginning {
    /// The company's token.
    identity: Option<String>,
    /// What the page calls the browser where it tells what is looked at.
    anonymous_id: Option<String>,
    /// Answers to the chat's questions.
    #[serde(default)]
    answers: BTreeMap<String, String>,
}

/// What a widget keeps.
#[derive(Debug, Serialize)]
pub struct Known {
    token: String,
    id: String,
}

/// Makes a visitor, or lets one sign in.
pub async fn begin(
    State(app): State<Shared>,
    Path(id): Path<ChannelId>,
    from: Origin,
    headers: HeaderMap,
    Body(beginning): Body<Beginning>,
) -> Answer<(StatusCode, Json<Known>)> {
    let (channel, chat) = app.store.read(move |tx| find(tx, id)).await?;
    must_come_from(&chat, &headers)?;
    let person = (beginning.identity.as_deref())
        .map(|token| token::read(token, &chat.keys, app.universe.now()))
        .transpose()
        .map_err(wrong_identity)?;
    if person.is_none() && chat.verified_only {
        return Err(unverified());
    }
    if person.is_none() {
        must_answer(&chat, &beginning.answers)?;
    }
    let answers = answers(&chat, beginning.answers)?;
    let browser = beginning.anonymous_id.as_deref().and_then(clean_id).map(str::to_owned);
    let from = from.network().unwrap_or_default();
    app.floods.take(
        &format!("visitors of {id} from {from}"),
        NEW_VISITORS,
        app.universe.now(),
    )?;
    let (moment, before) = (moment(&app), bearer(&headers).map(str::to_owned));
    let (token, fresh) = (app.universe.token(), public_id(&app));
    let write = move |tx: &mut Tx| match (&person, &before) {
        (Some(person), before) => sign_in(tx, &moment, &channel, (person, before.as_deref()), (&token, &fresh)),
        (None, _) => {
            let visitor = visitors::insert(tx, channel.id, &fresh, &answers, moment.now)?;
            if let Some(browser) = &browser {
                visitors::set_browser(tx, visitor.id, browser)?;
            }
            hand_out(tx, &moment, (visitor.id, visitor.public_id), &token)
        }
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Lets a visitor sign in. The token from before goes where it becomes more than it was: whoever put it into this browser
/// must not read along.
fn sign_in(
    tx: &mut Tx,
    moment: &Moment,
    channel: &Channel,
    (person, before): (&Person, Option<&str>),
    (token, fresh): (&str, &str),
) -> Answer<Known> {
    let hash = before.map(caller::hash);
    let visitor = hash.as_ref().map(|hash| visitors::by_token(tx, channel.id, hash));
    let visitor = visitor.transpose()?.flatten();
    let was = visitor.as_ref().and_then(|visitor| visitor.user_id.clone());
    let settings = store::settings::get(tx)?;
    let is = visiting::sign_in(tx, moment, (&settings, channel), (visitor, person), fresh)?;
    match (before, hash) {
        (Some(before), Some(_)) if was.as_ref() == Some(&person.user) => {
            let (token, id) = (before.to_owned(), is.public_id);
            return Ok(Known { token, id });
        }
        // Of somebody else's the token stays: they come back to this browser, perhaps.
        (_, Some(hash)) if was.is_none() => visitors::drop_token(tx, &hash)?,
        _ => {}
    }
    hand_out(tx, moment, (is.id, is.public_id), token)
}

fn hand_out(tx: &mut Tx, moment: &Moment, (visitor, id): (VisitorId, String), token: &str) -> Answer<Known> {
    visitors::add_token(tx, visitor, &caller::hash(token), moment.now)?;
    let token = token.to_owned();
    Ok(Known { token, id })
}

/// Finds who asks; 401 where that is nobody, or somebody who may not be here without a token of the company's.
pub async fn guest(app: &Shared, id: ChannelId, headers: &HeaderMap) -> Answer<Guest> {
    let hash = bearer(headers).map(caller::hash);
    let look = move |tx: &mut Tx| {
        let (channel, chat) = find(tx, id)?;
        let visitor = hash.as_ref().map(|hash| visitors::by_token(tx, channel.id, hash));
        Ok::<_, Problem>((channel, chat, visitor.transpose()?.flatten()))
    };
    let (channel, chat, visitor) = app.store.read(look).await?;
    let visitor = visitor.ok_or_else(unknown)?;
    if chat.verified_only && visitor.user_id.is_none() {
        return Err(unverified());
    }
    Ok(Guest { channel, visitor })
}

/// Finds who tells something, from a page that may.
pub async fn telling(app: &Shared, id: ChannelId, headers: &HeaderMap) -> Answer<Guest> {
    let (_, chat) = app.store.read(move |tx| find(tx, id)).await?;
    must_come_from(&chat, headers)?;
    guest(app, id, headers).await
}

/// When something happens that nobody at the desk does.
pub fn moment(app: &App) -> Moment {
    Moment {
        now: app.universe.now(),
        actor: Actor::SYSTEM,
    }
}

fn must_come_from(chat: &Chat, headers: &HeaderMap) -> Answer<()> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (origin, host) = (text(header::ORIGIN), text(header::HOST).unwrap_or_default());
    // The desk has a page of its own for each chat.
    let is_ours = |origin: &str| origin.split_once("://").is_some_and(|(_, named)| named == host);
    let may = |origin: &str| chat.origins.iter().any(|allowed| allowed == origin) || is_ours(origin);
    match origin {
        Some(origin) if !chat.origins.is_empty() && !may(origin) => {
            Err(Problem::forbidden(format!("pages of {origin} may not have this chat")))
        }
        _ => Ok(()),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    caller::bearer(headers)
}

fn unknown() -> Problem {
    let detail = "this token stands for no visitor of this chat: begin anew";
    Problem::new(StatusCode::UNAUTHORIZED, "unknown_visitor", detail)
}

fn unverified() -> Problem {
    let detail = "this chat is for those only whom a token of the company's names";
    Problem::new(StatusCode::UNAUTHORIZED, "wrong_identity", detail).with("reason", "missing")
}

fn wrong_identity(wrong: Wrong) -> Problem {
    let detail = match wrong {
        Wrong::Unreadable => "the identity is no HS256 token with sub, iat and exp",
        Wrong::Signature => "the identity is signed with no key of this chat",
        Wrong::Expired => "the identity has expired",
        Wrong::TooEarly => "the identity was issued later than now: look at the clocks",
    };
    Problem::new(StatusCode::UNAUTHORIZED, "wrong_identity", detail).with("reason", wrong.reason())
}

/// Of somebody whom the company names nothing is asked.
fn must_answer(chat: &Chat, given: &BTreeMap<String, String>) -> Answer<()> {
    let is_open = |question: &&Question| {
        question.is_required && given.get(&question.key).is_none_or(|answer| answer.trim().is_empty())
    };
    match chat.questions.iter().find(is_open) {
        Some(question) => Err(Problem::invalid("answers", format!("must answer {:?}", question.key))),
        None => Ok(()),
    }
}

/// Gives the answers to questions that the chat asks, as JSON.
fn answers(chat: &Chat, mut given: BTreeMap<String, String>) -> Answer<String> {
    let keys = chat.questions.iter().map(|question| question.key.as_str());
    let keys: Vec<&str> = keys.collect();
    given.retain(|key, answer| keys.contains(&key.as_str()) && !answer.trim().is_empty());
    for answer in given.values() {
        ask::must_fit("answers", answer, MAX_VALUE)?;
    }
    let cleaned: BTreeMap<&str, String> = given
        .iter()
        .map(|(key, answer)| (key.as_str(), answer.trim().replace('\0', "")))
        .collect();
    Ok(serde_json::to_string(&cleaned).map_err(anyhow::Error::from)?)
}

/// Makes a visitor's address, which people see where no name is known.
fn public_id(app: &App) -> String {
    let digest = Sha256::digest(app.universe.token());
    let digits = digest.iter().take(5).map(|byte| format!("{byte:02x}"));
    format!("visitor-{}", digits.collect::<String>())
}
