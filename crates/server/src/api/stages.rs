//! Stages of the journey, in the order that a customer is meant to pass through them.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Event, StageId, people::Role};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    touchpoints::{self, Stage},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// The longest time that a design gives a stage: a year.
const MAX_HOURS: i64 = 366 * 24;
/// The most stages.
const MAX_STAGES: usize = 30;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
}

/// A stage of the journey.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stage)]
struct StageView {
    id: StageId,
    /// The name, different from every other stage's.
    name: String,
    /// Its place in the journey, from 0.
    position: usize,
    /// How many hours after coming to it customers should come to the next one; null where that does not matter.
    within_hours: Option<i64>,
}

/// A stage that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewStage {
    name: String,
}

/// What may change of a stage; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct StageChange {
    name: Option<String>,
    /// Its place in the journey, from 0.
    position: Option<usize>,
    /// How many hours after coming to it customers should come to the next one, 1 to 8784; null where that does not matter.
    #[serde(default, deserialize_with = "ask::given")]
    #[schema(value_type = Option<i64>)]
    within_hours: Option<Option<i64>>,
}

/// Lists the stages in their order.
#[utoipa::path(get, path = "/api/stages", tag = "experience", responses((status = 200, body = Page<StageView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<StageView>>> {
    Ok(Json(Page::whole(views(app.store.read(touchpoints::stages).await?))))
}

/// Adds a stage behind the others.
#[utoipa::path(
    post, path = "/api/stages", tag = "experience", request_body = NewStage,
    responses((status = 201, body = StageView), (status = 403), (status = 409, description = "the name is taken, or there are 30 stages"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewStage>,
) -> Answer<(StatusCode, Json<StageView>)> {
    caller.must_be(Role::Manager)?;
    let name = ask::name("name", &new.name)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        if touchpoints::stages(tx)?.len() >= MAX_STAGES {
            return Err(Problem::conflict("conflict", "a journey has at most 30 stages"));
        }
        let stage = touchpoints::insert_stage(tx, &name)?.ok_or_else(name_is_taken)?;
        let name = name.clone();
        moment.record_for_company(tx, Event::StageSaved { stage, name })?;
        find(tx, stage)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Gives a stage another name, another place or another time limit.
#[utoipa::path(
    patch, path = "/api/stages/{id}", tag = "experience", request_body = StageChange,
    responses((status = 200, body = StageView), (status = 403), (status = 404), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<StageId>,
    Body(change): Body<StageChange>,
) -> Answer<Json<StageView>> {
    caller.must_be(Role::Manager)?;
    let name = change.name.map(|name| ask::name("name", &name)).transpose()?;
    if let Some(Some(hours)) = change.within_hours
        && !(1..=MAX_HOURS).contains(&hours)
    {
        return Err(Problem::invalid(
            "within_hours",
            format!("must be from 1 to {MAX_HOURS}"),
        ));
    }
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let mut stages = touchpoints::stages(tx)?;
        let place = stages.iter().position(|stage| stage.id == id);
        let mut stage = stages.remove(place.ok_or_else(|| not_found(id))?);
        stage.name = name.clone().unwrap_or(stage.name);
        stage.within_hours = change.within_hours.unwrap_or(stage.within_hours);
        if stages.iter().any(|other| other.name == stage.name) {
            return Err(name_is_taken());
        }
        let name = stage.name.clone();
        let place = change.position.or(place).unwrap_or(0).min(stages.len());
        stages.insert(place, stage);
        for (position, stage) in (0..).zip(&stages) {
            touchpoints::update_stage(
                tx,
                &Stage {
                    position,
                    ..stage.clone()
                },
            )?;
        }
        moment.record_for_company(tx, Event::StageSaved { stage: id, name })?;
        find(tx, id)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Takes a stage away; it must have no touchpoint.
#[utoipa::path(
    delete, path = "/api/stages/{id}", tag = "experience",
    responses((status = 204), (status = 403), (status = 404), (status = 409, description = "it has touchpoints"))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<StageId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let name = find(tx, id)?.name;
        if touchpoints::list(tx)?
            .iter()
            .any(|touchpoint| touchpoint.stage_id == Some(id))
        {
            return Err(Problem::conflict(
                "conflict",
                "it has touchpoints: put them into another stage first",
            ));
        }
        touchpoints::remove_stage(tx, id)?;
        moment.record_for_company(tx, Event::StageRemoved { stage: id, name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn views(stages: Vec<Stage>) -> Vec<StageView> {
    let view = |(position, stage): (usize, Stage)| StageView {
        id: stage.id,
        name: stage.name,
        position,
        within_hours: stage.within_hours,
    };
    stages.into_iter().enumerate().map(view).collect()
}

fn find(tx: &mut Tx, id: StageId) -> Answer<StageView> {
    let mut stages = views(touchpoints::stages(tx)?).into_iter();
    stages.find(|stage| stage.id == id).ok_or_else(|| not_found(id))
}

fn not_found(id: StageId) -> Problem {
    Problem::not_found(format!("stage {id}"))
}

fn name_is_taken() -> Problem {
    Problem::conflict("conflict", "another stage has this name")
}
