//! Everyone who works at the desk.

use axum::{Json, extract::State};
use domain::{
    Event, UserId,
    event::Change,
    people::{Availability, Role, User},
    reason::Known,
};
use serde::Deserialize;
use store::{
    Tx, conversations,
    people::{sign_ins, users},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, change))
}

/// What an owner may change of a user; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct UserChange {
    name: Option<String>,
    role: Option<Role>,
    /// Whether the user can no longer sign in. The user's open conversations go back to the queue.
    disabled: Option<bool>,
    availability: Option<Availability>,
}

/// Lists the users.
#[utoipa::path(get, path = "/api/users", tag = "people", responses((status = 200, body = Page<User>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<User>>> {
    Ok(Json(Page::whole(app.store.read(users::list).await?)))
}

/// Gives a user.
#[utoipa::path(
    get, path = "/api/users/{id}", tag = "people",
    responses((status = 200, body = User), (status = 404))
)]
async fn show(State(app): State<Shared>, _: Caller, Path(id): Path<UserId>) -> Answer<Json<User>> {
    let user = app.store.read(move |tx| users::get(tx, id)).await?;
    user.map(Json).ok_or_else(|| not_found(id))
}

/// Changes a user. There is always an owner left.
#[utoipa::path(
    patch, path = "/api/users/{id}", tag = "people", request_body = UserChange,
    responses((status = 200, body = User), (status = 403), (status = 404), (status = 409, description = "the last owner"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(change): Body<UserChange>,
) -> Answer<Json<User>> {
    caller.must_be(Role::Owner)?;
    let moment = caller.moment(&app);
    let user = app.store.write(move |tx| save(tx, moment, id, &change)).await?;
    Ok(Json(user))
}

fn save(tx: &mut Tx, moment: Moment, id: UserId, change: &UserChange) -> Answer<User> {
    let before = users::get(tx, id)?.ok_or_else(|| not_found(id))?;
    let mut user = before.clone();
    if let Some(name) = &change.name {
        user.name = ask::name("name", name)?;
    }
    user.role = change.role.unwrap_or(user.role);
    user.disabled = change.disabled.unwrap_or(user.disabled);
    user.availability = change.availability.unwrap_or(user.availability);
    if user.disabled {
        user.availability = Availability::Away;
    }
    let changes = changes(&before, &user);
    if changes.is_empty() {
        return Ok(user);
    }
    users::save(tx, &user, moment.now)?;
    if users::owners(tx)? == 0 {
        return Err(Problem::conflict(
            "last_owner",
            "this is the last owner: make someone else an owner first",
        ));
    }
    moment.record_for_company(tx, Event::UserChanged { user: id, changes })?;
    if user.disabled && !before.disabled {
        sign_ins::end_others(tx, id, "")?;
        leave(tx, moment, &user)?;
    }
    Ok(user)
}

/// Gives the open conversations of someone who has gone back to their queues.
fn leave(tx: &mut Tx, moment: Moment, user: &User) -> Answer<()> {
    for mut conversation in conversations::held_by(tx, user.id)? {
        conversation.assignee_id = None;
        conversation.route_reason = Known::AgentLeft {
            name: user.name.clone(),
        }
        .into();
        conversations::update(tx, &conversation)?;
        let event = Event::ConversationAssigned {
            team: conversation.team_id,
            assignee: None,
            because: conversation.route_reason.clone(),
        };
        moment.record(tx, &conversation, event)?;
    }
    Ok(())
}

/// Lists what changed from one state of a user to another.
pub(super) fn changes(before: &User, after: &User) -> Vec<Change> {
    let values = |user: &User| {
        [
            ("name", user.name.clone()),
            ("role", user.role.to_string()),
            ("disabled", user.disabled.to_string()),
            ("availability", user.availability.to_string()),
            ("signature", user.signature.clone()),
            ("locale", user.locale.clone()),
        ]
    };
    let pairs = values(before).into_iter().zip(values(after));
    let changed = pairs.filter(|((_, from), (_, to))| from != to);
    changed
        .map(|((what, from), (_, to))| Change {
            what: what.to_owned(),
            from,
            to,
        })
        .collect()
}

fn not_found(id: UserId) -> Problem {
    Problem::not_found(format!("user {id}"))
}
