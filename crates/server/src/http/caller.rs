//! Who is calling: a person with a cookie or a program with a token.
//!
//! Cookies are SameSite=Lax and a request by cookie that changes something must carry `X-Rapport`, a header that a
//! form on another site cannot set. Only hashes of cookies and tokens are kept.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Actor, UserId, event::ActorKind, people::Role};
use sha2::{Digest, Sha256};

use super::problem::{Answer, Problem};
use crate::app::Shared;

/// The session cookie's name.
pub const COOKIE: &str = "rapport_session";

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
        match self.actor {
            Actor {
                kind: ActorKind::User,
                id: Some(id),
            } => Ok(UserId(id)),
            _ => Err(Problem::forbidden(
                "this belongs to a person: sign in rather than use a token",
            )),
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
        let now = app.universe.now();
        if let Some(token) = bearer(&parts.headers) {
            let hash = hash(token);
            let found = app
                .store
                .read(move |tx| store::people::token_by_hash(tx, &hash))
                .await?;
            let (id, role) = found.ok_or_else(Problem::not_signed_in)?;
            return Ok(Caller {
                actor: Actor {
                    kind: ActorKind::Api,
                    id: Some(id.0),
                },
                role,
            });
        }
        let hash = hash(cookie(&parts.headers).ok_or_else(Problem::not_signed_in)?);
        let found = app
            .store
            .read(move |tx| store::people::user_by_sign_in(tx, &hash, now))
            .await?;
        let (id, role) = found.ok_or_else(Problem::not_signed_in)?;
        let is_safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if !is_safe && !parts.headers.contains_key("x-rapport") {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "csrf",
                "a change by cookie needs the header X-Rapport",
            ));
        }
        Ok(Caller {
            actor: Actor::user(id),
            role,
        })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
