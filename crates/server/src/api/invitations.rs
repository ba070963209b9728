//! Invitations: a link that lets one person join.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    Actor, Event, InvitationId,
    people::{Invitation, Role, clean_email, password_problem},
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    people::{
        invitations::{self, NewInvitation},
        users::{self, NewUser},
    },
    settings,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{App, Shared},
    desk::Moment,
    http::{
        ask::{self, Body, Path},
        caller::{self, Caller},
        page::Page,
        problem::{Answer, Problem},
        visitor::Visitor,
    },
    people::entry,
};

/// How long an invitation can be used.
const GOOD_SECONDS: i64 = 7 * 86_400;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(withdraw))
        .routes(routes!(open, join))
}

/// Who is invited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct Invitee {
    email: String,
    role: Role,
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewlyInvited {
    /// The invitation.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// What to send to the person. It is shown this once.
    pub link: String,
}

/// What someone who follows the link is told.
#[derive(Debug, Serialize, ToSchema)]
struct InvitationView {
    email: String,
    role: Role,
    company: String,
}

/// What someone who joins says.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct Joining {
    name: String,
    /// At least 10 characters.
    password: String,
}

/// Lists the invitations.
#[utoipa::path(get, path = "/api/invitations", tag = "people", responses((status = 200, body = Page<Invitation>), (status = 403)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Answer<Json<Page<Invitation>>> {
    caller.must_be(Role::Owner)?;
    Ok(Json(Page::whole(app.store.read(invitations::list).await?)))
}

/// Invites someone. An open invitation to the same address is replaced.
#[utoipa::path(
    post, path = "/api/invitations", tag = "people", request_body = Invitee,
    responses((status = 201, body = NewlyInvited), (status = 403), (status = 409, description = "works here already"), (status = 422))
)]
async fn invite(
    State(app): State<Shared>,
    caller: Caller,
    Body(invitee): Body<Invitee>,
) -> Answer<(StatusCode, Json<NewlyInvited>)> {
    caller.must_be(Role::Owner)?;
    let made = make(&app, caller.moment(&app), &invitee.email, invitee.role).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Makes an invitation, for the API and for the command line.
pub async fn make(app: &Shared, moment: Moment, email: &str, role: Role) -> Answer<NewlyInvited> {
    let email = clean_email(email).ok_or_else(|| Problem::invalid("email", "is not an email address"))?;
    let token = app.universe.token();
    let new = NewInvitation {
        email,
        role,
        hash: caller::hash(&token),
        by: moment.actor.user_id(),
        expires_at: moment.now.plus_seconds(GOOD_SECONDS),
    };
    let site = app.clone();
    let write = move |tx: &mut Tx| insert(tx, &site, moment, &new);
    let (invitation, public_url) = app.store.write(write).await?;
    let link = format!("{public_url}/join/{token}");
    Ok(NewlyInvited { invitation, link })
}

fn insert(tx: &mut Tx, app: &App, moment: Moment, new: &NewInvitation) -> Answer<(Invitation, String)> {
    if users::by_email(tx, &new.email)?.is_some() {
        return Err(Problem::conflict(
            "conflict",
            format!("{} works here already", new.email),
        ));
    }
    let invitation = invitations::insert(tx, new, moment.now)?;
    let event = Event::UserInvited {
        email: new.email.clone(),
        role: new.role,
    };
    moment.record_for_company(tx, event)?;
    Ok((invitation, app.public_url(&settings::get(tx)?)))
}

/// Withdraws an invitation that has not been used.
#[utoipa::path(
    delete, path = "/api/invitations/{id}", tag = "people",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn withdraw(State(app): State<Shared>, caller: Caller, Path(id): Path<InvitationId>) -> Answer<StatusCode> {
    caller.must_be(Role::Owner)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let email = invitations::remove(tx, id)?.ok_or_else(|| Problem::not_found(format!("open invitation {id}")))?;
        moment.record_for_company(tx, Event::InvitationWithdrawn { email })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says what an invitation is for.
#[utoipa::path(
    get, path = "/api/invitations/by-token/{token}", tag = "people",
    responses((status = 200, body = InvitationView), (status = 404, description = "used, withdrawn or run out"))
)]
async fn open(State(app): State<Shared>, Path(token): Path<String>) -> Answer<Json<InvitationView>> {
    let (hash, now) = (caller::hash(&token), app.universe.now());
    let look = move |tx: &mut Tx| {
        let invitation = invitations::open(tx, &hash, now)?.ok_or_else(gone)?;
        Ok::<_, Problem>(InvitationView {
            email: invitation.email,
            role: invitation.role,
            company: settings::get(tx)?.company,
        })
    };
    app.store.read(look).await.map(Json)
}

/// Joins: makes the user, uses the invitation up and signs the user in.
#[utoipa::path(
    post, path = "/api/invitations/by-token/{token}", tag = "people", request_body = Joining,
    responses((status = 201, body = domain::people::User), (status = 404, description = "used, withdrawn or run out"), (status = 409), (status = 422))
)]
async fn join(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(token): Path<String>,
    Body(form): Body<Joining>,
) -> Answer<Response> {
    let (hash, now) = (caller::hash(&token), app.universe.now());
    let look = {
        let hash = hash.clone();
        move |tx: &mut Tx| {
            let invitation = invitations::open(tx, &hash, now)?.ok_or_else(gone)?;
            Ok::<_, Problem>((invitation.email, settings::get(tx)?.company))
        }
    };
    let (email, company) = app.store.read(look).await?;
    let name = ask::name("name", &form.name)?;
    if let Some(problem) = password_problem(&form.password, &email, &company) {
        return Err(Problem::invalid("password", problem));
    }
    let turn = app.passwords.turn().await;
    let password_hash = turn.hash(form.password.clone()).await?;
    drop(turn);
    entry::enter(&app, visitor, move |tx, now| {
        let invitation = invitations::accept(tx, &hash, now)?.ok_or_else(gone)?;
        let user = NewUser {
            email: invitation.email,
            name: name.clone(),
            role: invitation.role,
            password_hash: password_hash.clone(),
            locale: settings::get(tx)?.locale,
        };
        add(tx, &user, now)
    })
    .await
}

/// Adds a user who joins by their own doing.
fn add(tx: &mut Tx, user: &NewUser, now: domain::Time) -> Answer<domain::UserId> {
    let taken = || Problem::conflict("conflict", format!("{} works here already", user.email));
    let id = users::insert(tx, user, now)?.ok_or_else(taken)?;
    let event = Event::UserJoined {
        name: user.name.clone(),
        role: user.role,
    };
    let actor = Actor::user(id);
    Moment { now, actor }.record_for_company(tx, event)?;
    Ok(id)
}

fn gone() -> Problem {
    let detail = "this invitation was used, withdrawn or has run out";
    Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
}
