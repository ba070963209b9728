//! Coming in: the password is held against the one that is kept, the browser gets a cookie.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Actor, Event, Time, UserId, people::User};
use store::{
    Tx,
    people::{sign_ins, users},
    settings,
};

use super::throttle::Tries;
use crate::{
    app::Shared,
    desk::Moment,
    http::{
        caller::{self, COOKIE, SIGN_IN_SECONDS},
        problem::{Answer, Problem},
        visitor::Visitor,
    },
};

/// Gives the user with this address and password. Refuses when they do not belong together, or after too many tries.
pub async fn verify(app: &Shared, tries: &Tries, email: &str, password: String) -> Answer<UserId> {
    let now = app.universe.now();
    // The turn lasts until a failure is noted, so that many tries at once cannot pass the check together.
    let turn = app.passwords.turn().await;
    let found = {
        let (tries, email) = (tries.clone(), email.to_owned());
        app.store.read(move |tx| {
            tries.check(tx, now)?;
            Ok::<_, Problem>(users::credentials(tx, &email)?)
        })
    };
    let (id, kept) = found.await?.unzip();
    if turn.matches(password, kept).await?
        && let Some(id) = id
    {
        return Ok(id);
    }
    let tries = tries.clone();
    app.store.write(move |tx| tries.failed(tx, now)).await?;
    let detail = "email address and password do not belong together";
    Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_sign_in", detail))
}

/// Signs the user that `who` gives in, in one transaction with whatever `who` does, and answers with user and cookie.
pub async fn enter(
    app: &Shared,
    visitor: Visitor,
    mut who: impl FnMut(&mut Tx, Time) -> Answer<UserId> + Send + 'static,
) -> Answer<Response> {
    let (cookie, now) = (app.universe.token(), app.universe.now());
    let (hash, site) = (caller::hash(&cookie), app.clone());
    let entered = app.store.write(move |tx| {
        let id = who(tx, now)?;
        replace(tx, &visitor, id, &hash, now)?;
        let user = users::get(tx, id)?.ok_or_else(Problem::not_signed_in)?;
        Ok::<_, Problem>((user, is_secure(&site, tx)?))
    });
    let (user, secure) = entered.await?;
    Ok(welcome(user, &cookie, secure))
}

/// Opens a sign-in; whoever was signed in with this browser before no longer is.
fn replace(tx: &mut Tx, visitor: &Visitor, user: UserId, hash: &str, now: Time) -> store::Result<()> {
    if let Some(before) = &visitor.cookie_hash {
        sign_ins::end_by_hash(tx, before)?;
    }
    let sign_in = sign_ins::NewSignIn {
        user,
        hash: hash.to_owned(),
        device: visitor.device.clone(),
        expires_at: now.plus_seconds(SIGN_IN_SECONDS),
    };
    sign_ins::insert(tx, &sign_in, now)?;
    let device = visitor.device.clone();
    let actor = Actor::user(user);
    Moment { now, actor }.record_for_company(tx, Event::SignedIn { device })?;
    Ok(())
}

fn welcome(user: User, cookie: &str, secure: bool) -> Response {
    let mut response = (StatusCode::CREATED, Json(user)).into_response();
    response
        .headers_mut()
        .insert(header::SET_COOKIE, set_cookie(cookie, SIGN_IN_SECONDS, secure));
    response
}

/// Gives the header that sets the session cookie; an age of 0 takes it away.
pub fn set_cookie(value: &str, age_seconds: i64, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; Max-Age={age_seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("a token has only letters that a header may hold")
}

/// Says whether browsers reach this server by HTTPS only.
pub fn is_secure(app: &Shared, tx: &mut Tx) -> store::Result<bool> {
    Ok(app.public_url(&settings::get(tx)?).starts_with("https://"))
}
