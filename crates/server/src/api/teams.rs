//! Teams: who shares a queue.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Event, TeamId, UserId,
    people::{Role, Team},
    reason::Known,
};
use serde::Deserialize;
use store::{Tx, conversations, people::teams, settings};
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
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
}

/// A team that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewTeam {
    /// The name, different from every other team's.
    name: String,
    /// Who is in it.
    #[serde(default)]
    member_ids: Vec<UserId>,
}

/// What may change of a team; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct TeamChange {
    name: Option<String>,
    member_ids: Option<Vec<UserId>>,
}

/// Lists the teams by name.
#[utoipa::path(get, path = "/api/teams", tag = "people", responses((status = 200, body = Page<Team>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<Team>>> {
    Ok(Json(Page::whole(app.store.read(teams::list).await?)))
}

/// Makes a team.
#[utoipa::path(
    post, path = "/api/teams", tag = "people", request_body = NewTeam,
    responses((status = 201, body = Team), (status = 403), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn add(State(app): State<Shared>, caller: Caller, Body(new): Body<NewTeam>) -> Answer<(StatusCode, Json<Team>)> {
    caller.must_be(Role::Manager)?;
    let (name, moment) = (ask::name("name", &new.name)?, caller.moment(&app));
    let write = move |tx: &mut Tx| {
        let id = teams::insert(tx, &name, moment.now)?.ok_or_else(taken)?;
        saved(tx, moment, id, Some(&new.member_ids))
    };
    let team = app.store.write(write).await?;
    Ok((StatusCode::CREATED, Json(team)))
}

/// Renames a team or changes who is in it.
#[utoipa::path(
    patch, path = "/api/teams/{id}", tag = "people", request_body = TeamChange,
    responses((status = 200, body = Team), (status = 403), (status = 404), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<TeamId>,
    Body(change): Body<TeamChange>,
) -> Answer<Json<Team>> {
    caller.must_be(Role::Manager)?;
    let name = change.name.as_deref().map(|name| ask::name("name", name)).transpose()?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        teams::get(tx, id)?.ok_or_else(|| not_found(id))?;
        if let Some(name) = &name
            && !teams::rename(tx, id, name)?
        {
            return Err(taken());
        }
        saved(tx, moment, id, change.member_ids.as_deref())
    };
    app.store.write(write).await.map(Json)
}

fn saved(tx: &mut Tx, moment: Moment, id: TeamId, members: Option<&[UserId]>) -> Answer<Team> {
    if let Some(members) = members {
        teams::set_members(tx, id, members)?;
    }
    let team = teams::get(tx, id)?.ok_or_else(|| not_found(id))?;
    if let Some(stranger) = members.and_then(|ids| ids.iter().find(|id| !team.member_ids.contains(id))) {
        return Err(Problem::invalid(
            "member_ids",
            format!("names user {stranger}, who does not exist"),
        ));
    }
    let name = team.name.clone();
    moment.record_for_company(tx, Event::TeamSaved { team: id, name })?;
    Ok(team)
}

/// Removes a team. Its open conversations stay open, in no team's queue.
#[utoipa::path(
    delete, path = "/api/teams/{id}", tag = "people",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<TeamId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let team = teams::get(tx, id)?.ok_or_else(|| not_found(id))?;
        disband(tx, moment, &team)?;
        teams::remove(tx, id)?;
        let mut settings = settings::get(tx)?;
        if settings.default_team_id == Some(id) {
            settings.default_team_id = None;
            settings::put(tx, &settings)?;
        }
        let name = team.name;
        moment.record_for_company(tx, Event::TeamRemoved { team: id, name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a team's open conversations out of its queue.
fn disband(tx: &mut Tx, moment: Moment, team: &Team) -> Answer<()> {
    for mut conversation in conversations::queued_for(tx, team.id)? {
        conversation.team_id = None;
        conversation.route_reason = Known::TeamRemoved {
            name: team.name.clone(),
        }
        .into();
        conversations::update(tx, &conversation)?;
        let event = Event::ConversationAssigned {
            team: None,
            assignee: conversation.assignee_id,
            because: conversation.route_reason.clone(),
        };
        moment.record(tx, &conversation, event)?;
    }
    Ok(())
}

fn taken() -> Problem {
    Problem::conflict("conflict", "another team has this name")
}

fn not_found(id: TeamId) -> Problem {
    Problem::not_found(format!("team {id}"))
}
