//! The session: signing in and out, and one's own profile.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Actor, Event, UserId,
    people::{Availability, User, clean_email, password_problem},
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    people::{sign_ins, users},
    settings,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::users::changes;
use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{self, Body},
        caller::Caller,
        problem::{Answer, Problem},
        visitor::Visitor,
    },
    people::{entry, throttle::Tries},
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(sign_in, show, change, sign_out))
}

/// What is typed to sign in.
#[derive(Debug, Deserialize, ToSchema)]
struct Credentials {
    email: String,
    password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    /// The user.
    user: User,
    /// How many of the user's open conversations hold something unread.
    unread: i64,
    /// The company's zone, such as `Europe/London`: days are counted in it.
    time_zone: String,
}

/// What a user may change of their own; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct Profile {
    name: Option<String>,
    availability: Option<Availability>,
    signature: Option<String>,
    locale: Option<String>,
    password: Option<NewPassword>,
}

/// A password in place of another. All other browsers are signed out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewPassword {
    /// The one that is good now.
    current: String,
    /// The one that is to be; at least 10 characters.
    new: String,
}

/// Signs in.
#[utoipa::path(
    post, path = "/api/session", tag = "people", request_body = Credentials,
    responses(
        (status = 201, body = User), (status = 401, description = "address and password do not belong together"),
        (status = 429, description = "too many tries failed; Retry-After says when to come back")
    )
)]
async fn sign_in(State(app): State<Shared>, visitor: Visitor, Body(form): Body<Credentials>) -> Answer<Response> {
    let email = clean_email(&form.email).ok_or_else(|| Problem::invalid("email", "is not an email address"))?;
    let tries = Tries::new(&email, &visitor);
    let id = entry::verify(&app, &tries, &email, form.password).await?;
    entry::enter(&app, visitor, move |tx, _| {
        tries.succeeded(tx)?;
        Ok(id)
    })
    .await
}

/// Says who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "people", responses((status = 200, body = Session), (status = 401)))]
async fn show(State(app): State<Shared>, caller: Caller) -> Answer<Json<Session>> {
    let id = caller.user()?;
    let look = move |tx: &mut Tx| {
        let user = users::get(tx, id)?.ok_or_else(Problem::not_signed_in)?;
        let unread = users::unread(tx, id)?;
        let time_zone = settings::get(tx)?.time_zone;
        Ok::<_, Problem>(Session {
            user,
            unread,
            time_zone,
        })
    };
    app.store.read(look).await.map(Json)
}

/// Changes one's own profile or password.
#[utoipa::path(
    patch, path = "/api/session", tag = "people", request_body = Profile,
    responses((status = 200, body = User), (status = 401), (status = 422), (status = 429))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    visitor: Visitor,
    Body(profile): Body<Profile>,
) -> Answer<Json<User>> {
    let id = caller.user()?;
    let password_hash = match &profile.password {
        Some(password) => Some(renew(&app, id, &visitor, password).await?),
        None => None,
    };
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let user = save(tx, moment, id, &profile)?;
        if let Some(hash) = &password_hash {
            users::set_password(tx, id, hash)?;
            sign_ins::end_others(tx, id, visitor.cookie_hash.as_deref().unwrap_or_default())?;
            Tries::new(&user.email, &visitor).succeeded(tx)?;
            moment.record_for_company(tx, Event::PasswordChanged { user: id })?;
        }
        Ok::<_, Problem>(user)
    };
    app.store.write(write).await.map(Json)
}

/// Holds the current password against the one that is kept, and gives what is to be kept of the new one.
async fn renew(app: &Shared, id: UserId, visitor: &Visitor, password: &NewPassword) -> Answer<String> {
    let look = move |tx: &mut Tx| {
        let user = users::get(tx, id)?.ok_or_else(Problem::not_signed_in)?;
        Ok::<_, Problem>((user.email, settings::get(tx)?.company))
    };
    let (email, company) = app.store.read(look).await?;
    if let Some(problem) = password_problem(&password.new, &email, &company) {
        return Err(Problem::invalid("password", problem));
    }
    let tries = Tries::new(&email, visitor);
    let verified = entry::verify(app, &tries, &email, password.current.clone()).await;
    verified.map_err(|problem| match problem.code() {
        // 401 would mean that nobody is signed in.
        "wrong_sign_in" => Problem::invalid("password", "is not the current one"),
        _ => problem,
    })?;
    Ok(app.passwords.turn().await.hash(password.new.clone()).await?)
}

/// The most characters of a signature: more would not fit under a text.
const MAX_SIGNATURE: usize = 500;
/// The most characters of a language's name (RFC 5646, 4.4.1).
const MAX_LOCALE: usize = 35;

fn save(tx: &mut Tx, moment: Moment, id: UserId, profile: &Profile) -> Answer<User> {
    let before = users::get(tx, id)?.ok_or_else(Problem::not_signed_in)?;
    let mut user = before.clone();
    if let Some(name) = &profile.name {
        user.name = ask::name("name", name)?;
    }
    user.availability = profile.availability.unwrap_or(user.availability);
    if let Some(signature) = &profile.signature {
        ask::must_fit("signature", signature, MAX_SIGNATURE)?;
        user.signature.clone_from(signature);
    }
    if let Some(locale) = &profile.locale {
        ask::must_fit("locale", locale, MAX_LOCALE)?;
        user.locale.clone_from(locale);
    }
    let changes = changes(&before, &user);
    if !changes.is_empty() {
        users::save(tx, &user, moment.now)?;
        moment.record_for_company(tx, Event::UserChanged { user: id, changes })?;
    }
    Ok(user)
}

/// Signs out.
#[utoipa::path(delete, path = "/api/session", tag = "people", responses((status = 204)))]
async fn sign_out(State(app): State<Shared>, visitor: Visitor) -> Answer<Response> {
    let (now, site) = (app.universe.now(), app.clone());
    let secure = app.store.write(move |tx| {
        if let Some(hash) = &visitor.cookie_hash
            && let Some((user, device)) = sign_ins::end_by_hash(tx, hash)?
        {
            let actor = Actor::user(user);
            Moment { now, actor }.record_for_company(tx, Event::SignInEnded { device })?;
        }
        Ok::<_, Problem>(entry::is_secure(&site, tx)?)
    });
    let cookie = entry::set_cookie("", 0, secure.await?);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
