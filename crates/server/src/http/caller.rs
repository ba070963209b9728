//! Who is calling: a person with a cookie or a program with a token.
//!
//! Cookies are SameSite=Lax and a request by cookie that changes something must carry `X-Rapport`, a header that a
//! form on another site cannot set. Only hashes of cookies and tokens are kept. That a caller was seen is noted at most
//! every five minutes, behind the request's back.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Actor, Time, UserId, event::ActorKind, people::Role};
use sha2::{Digest, Sha256};

use store::people::{sign_ins, tokens};

use super::problem::{Answer, Problem};
use crate::{
    app::{App, Shared},
    desk::Moment,
};

/// The session cookie's name.
pub const COOKIE: &str = "rapport_session";

/// How long a browser that is not seen stays signed in.
pub const SIGN_IN_SECONDS: i64 = 30 * 86_400;

/// How often it is noted that a caller was seen.
const SEEN_SECONDS: i64 = 300;

/// Who is calling, and what they may do.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The user or the token.
    pub actor: Actor,
    /// What it may do.
    pub role: Role,
}

impl Caller {
    /// Refuses a caller whose role may not do what `needed` may.
    pub fn must_be(&self, needed: Role) -> Answer<()> {
        if self.role.may(needed) {
            return Ok(());
        }
        let detail = format!("this takes the role {needed}, yours is {}", self.role);
        Err(Problem::forbidden(detail))
    }

    /// Gives the user, or refuses a token: what is asked for belongs to a person.
    pub fn user(&self) -> Answer<UserId> {
        let detail = "this belongs to a person: sign in rather than use a token";
        self.actor.user_id().ok_or_else(|| Problem::forbidden(detail))
    }

    /// Gives the moment at which the caller acts: now.
    pub fn moment(&self, app: &App) -> Moment {
        Moment {
            now: app.universe.now(),
            actor: self.actor,
        }
    }
}

/// Gives what is kept of a cookie or token.
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// Finds the session cookie.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Caller, Problem> {
        match bearer(&parts.headers) {
            Some(token) => by_token(app, hash(token)).await,
            None => by_cookie(app, parts).await,
        }
    }
}

/// Says whether one who was let in with these headers would be let in again; who only waits is not noted as seen. A
/// database that does not answer turns nobody out.
pub async fn is_still_known(app: &App, headers: &HeaderMap) -> bool {
    let (token, cookie, now) = (bearer(headers).map(hash), cookie(headers).map(hash), app.universe.now());
    let look = move |tx: &mut store::Tx| {
        Ok::<_, store::Error>(match (&token, &cookie) {
            (Some(token), _) => tokens::by_hash(tx, token)?.is_some(),
            (None, Some(cookie)) => sign_ins::by_hash(tx, cookie, now)?.is_some(),
            (None, None) => false,
        })
    };
    app.store.read(look).await.unwrap_or(true)
}

async fn by_token(app: &Shared, hash: String) -> Answer<Caller> {
    let found = app.store.read(move |tx| tokens::by_hash(tx, &hash)).await?;
    let token = found.ok_or_else(Problem::not_signed_in)?;
    let (now, stale) = seen(app);
    if token.used_at.is_none_or(|at| at <= stale) {
        note(app, move |tx| tokens::touch(tx, token.id, now, stale));
    }
    let actor = Actor {
        kind: ActorKind::Api,
        id: Some(token.id.0),
    };
    Ok(Caller {
        actor,
        role: token.role,
    })
}

async fn by_cookie(app: &Shared, parts: &Parts) -> Answer<Caller> {
    let hash = hash(cookie(&parts.headers).ok_or_else(Problem::not_signed_in)?);
    let (now, stale) = seen(app);
    let found = app.store.read(move |tx| sign_ins::by_hash(tx, &hash, now)).await?;
    let known = found.ok_or_else(Problem::not_signed_in)?;
    if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        must_be_our_page(&parts.headers)?;
    }
    if known.seen_at <= stale {
        let until = now.plus_seconds(SIGN_IN_SECONDS);
        note(app, move |tx| sign_ins::touch(tx, known.sign_in, now, stale, until));
    }
    Ok(Caller {
        actor: Actor::user(known.user),
        role: known.role,
    })
}

/// Gives the time, and the time up to which a caller must have been seen for it to be worth a note.
fn seen(app: &Shared) -> (Time, Time) {
    let now = app.universe.now();
    (now, now.plus_seconds(-SEEN_SECONDS))
}

/// Writes a note without keeping the caller waiting; one that is lost is written with the next request.
fn note(app: &Shared, mut write: impl FnMut(&mut store::Tx) -> store::Result<()> + Send + 'static) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = app.store.write(move |tx| write(tx)).await {
            tracing::debug!(%error, "cannot note that a caller was seen");
        }
    });
}

/// Refuses a request without the header that only our own page can set.
pub fn must_be_our_page(headers: &HeaderMap) -> Answer<()> {
    if headers.contains_key("x-rapport") {
        return Ok(());
    }
    let detail = "a change by cookie needs the header X-Rapport";
    Err(Problem::new(StatusCode::FORBIDDEN, "csrf", detail))
}

/// Finds the token that a request carries.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
