//! What is being done about touchpoints that bring calls for help, and whether it helped.
//!
//! Whether it helped is told by the friction kernel itself, asked twice: about as many days before the fix as have passed since.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Event, TouchpointId, UserId, people::Role};
use jiff::{ToSpan, Unit, civil::Date};
use journey::{FrictionQuery, Log, TouchpointFriction, stats::Estimate};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    fixes::{self, Fix},
    names::{self, Named},
    people::users,
    touchpoints,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::journey::{friction_query, scope};
use crate::{
    api::shapes::Ref,
    app::Shared,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
    journeys,
};

/// The most characters of a note.
const MAX_NOTE: usize = 2_000;
/// How many days before a fix, and after it, are compared at most.
const MOST_DAYS: i64 = 56;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(put, remove))
        .routes(routes!(effect))
}

/// What is being done about a touchpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Fix)]
struct FixView {
    touchpoint: TouchpointId,
    /// Who sees to it.
    owner: Option<Ref>,
    /// The day on which it is to be done.
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Date>,
    /// The day since which it is done.
    #[schema(value_type = Option<String>, format = Date)]
    fixed_on: Option<Date>,
    note: String,
}

/// What is to be done about a touchpoint.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct FixPlan {
    owner: Option<UserId>,
    #[schema(value_type = Option<String>, format = Date)]
    due_on: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    fixed_on: Option<Date>,
    #[serde(default)]
    note: String,
}

/// A touchpoint before its fix and after it.
#[derive(Debug, Serialize, ToSchema)]
struct FixEffect {
    /// How many days before, and after, were looked at.
    days: i64,
    /// The calls for help that it brought before; null where no visit can be judged.
    before: Option<TouchpointFriction>,
    /// Those that it brings since.
    after: Option<TouchpointFriction>,
    /// The lift in the risk to call since, less the lift before, with an interval of 95 %; null where one cannot be estimated.
    change: Option<Estimate>,
}

/// Lists what is being done about touchpoints.
#[utoipa::path(get, path = "/api/fixes", tag = "experience", responses((status = 200, body = Page<FixView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<FixView>>> {
    let look = |tx: &mut Tx| {
        let all = fixes::list(tx)?;
        all.into_iter().map(|fix| view(tx, fix)).collect::<Answer<Vec<_>>>()
    };
    Ok(Json(Page::whole(app.store.read(look).await?)))
}

/// Says what is being done about a touchpoint.
#[utoipa::path(
    put, path = "/api/touchpoints/{id}/fix", tag = "experience", request_body = FixPlan,
    responses((status = 200, body = FixView), (status = 403), (status = 404), (status = 422))
)]
async fn put(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<TouchpointId>,
    Body(plan): Body<FixPlan>,
) -> Answer<Json<FixView>> {
    caller.must_be(Role::Manager)?;
    let note = plan.note.trim().to_owned();
    ask::must_fit("note", &note, MAX_NOTE)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let name = name_of(tx, id)?;
        if let Some(owner) = plan.owner
            && users::get(tx, owner)?.is_none_or(|user| user.disabled)
        {
            return Err(Problem::invalid("owner", "must be somebody who can sign in"));
        }
        let fix = Fix {
            touchpoint_id: id,
            owner_id: plan.owner,
            due_on: plan.due_on.map(|day| day.to_string()),
            fixed_on: plan.fixed_on.map(|day| day.to_string()),
            note: note.clone(),
        };
        fixes::put(tx, &fix)?;
        let event = Event::FixSaved {
            touchpoint: id,
            name,
            owner: fix.owner_id,
            due_on: fix.due_on.clone(),
            fixed_on: fix.fixed_on.clone(),
        };
        moment.record_for_company(tx, event)?;
        view(tx, fix)
    };
    app.store.write(write).await.map(Json)
}

/// Forgets what was being done about a touchpoint.
#[utoipa::path(
    delete, path = "/api/touchpoints/{id}/fix", tag = "experience",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<TouchpointId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let name = name_of(tx, id)?;
        if !fixes::remove(tx, id)? {
            return Err(Problem::not_found(format!("a fix of touchpoint {id}")));
        }
        moment.record_for_company(tx, Event::FixRemoved { touchpoint: id, name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Compares a touchpoint before its fix with the same touchpoint after it.
#[utoipa::path(
    get, path = "/api/touchpoints/{id}/fix/effect", tag = "experience",
    responses((status = 200, body = FixEffect), (status = 404), (status = 409, description = "nothing is fixed yet"))
)]
async fn effect(State(app): State<Shared>, _: Caller, Path(id): Path<TouchpointId>) -> Answer<Json<FixEffect>> {
    let look =
        move |tx: &mut Tx| Ok::<_, store::Error>(fixes::list(tx)?.into_iter().find(|fix| fix.touchpoint_id == id));
    let fix = app.store.read(look).await?;
    let fix = fix.ok_or_else(|| Problem::not_found(format!("a fix of touchpoint {id}")))?;
    let fixed_on = fix.fixed_on.as_deref().map(day).transpose()?;
    let fixed_on = fixed_on.ok_or_else(|| Problem::conflict("conflict", "nothing is fixed yet"))?;
    let zone = scope::find(&app, scope::Of::default()).await?.zone;
    let today = app.universe.now().timestamp().to_zoned(zone).date();
    let passed = fixed_on
        .until((Unit::Day, today))
        .map_or(0, |span| i64::from(span.get_days()))
        + 1;
    let days = passed.clamp(1, MOST_DAYS);
    let windows = [
        (fixed_on.saturating_sub(days.days()), fixed_on.saturating_sub(1.day())),
        (fixed_on, fixed_on.saturating_add((days - 1).days())),
    ];
    let mut found = Vec::new();
    for (from, to) in windows {
        let of = scope::Of {
            days: (Some(from), Some(to)),
            ..scope::Of::default()
        };
        let query = friction_query(scope::find(&app, of).await?, None, None)?;
        found.push(app.journeys.ask(move |log| of_touchpoint(log, &query, id)).await?);
    }
    let (after, before) = (found.pop().flatten(), found.pop().flatten());
    Ok(Json(FixEffect {
        days,
        change: change(before.as_ref(), after.as_ref()),
        before,
        after,
    }))
}

fn of_touchpoint(log: &Log, query: &FrictionQuery, id: TouchpointId) -> Option<TouchpointFriction> {
    let rows = journey::friction(log, query).touchpoints;
    rows.into_iter()
        .find(|row| row.touchpoint == journeys::number(id) && row.exposures > 0)
}

fn change(before: Option<&TouchpointFriction>, after: Option<&TouchpointFriction>) -> Option<Estimate> {
    let lift = |row: Option<&TouchpointFriction>| Some(row?.contact?.difference);
    Some(difference(lift(before)?, lift(after)?))
}

/// Gives what a figure has become less what it was; the two stretches share no visit, so their errors are independent.
fn difference(before: Estimate, after: Estimate) -> Estimate {
    let half = |estimate: Estimate| (estimate.high - estimate.low) / 2.0;
    let value = after.value - before.value;
    let reach = half(after).hypot(half(before));
    Estimate {
        value,
        low: value - reach,
        high: value + reach,
    }
}

/// Gives what a touchpoint is called.
pub fn name_of(tx: &mut Tx, id: TouchpointId) -> Answer<String> {
    let row = touchpoints::list(tx)?.into_iter().find(|row| row.id == id);
    let row = row.ok_or_else(|| Problem::not_found(format!("touchpoint {id}")))?;
    Ok(if row.name.is_empty() {
        row.default_name
    } else {
        row.name
    })
}

fn view(tx: &mut Tx, fix: Fix) -> Answer<FixView> {
    let wanted = fix.owner_id.map(|owner| (Named::User, owner.0)).into_iter().collect();
    let names = names::get(tx, &wanted)?;
    Ok(FixView {
        touchpoint: fix.touchpoint_id,
        owner: fix
            .owner_id
            .map(|owner| Ref::new(owner.0, names.get(Named::User, owner.0))),
        due_on: fix.due_on.as_deref().map(day).transpose()?,
        fixed_on: fix.fixed_on.as_deref().map(day).transpose()?,
        note: fix.note,
    })
}

fn day(text: &str) -> Answer<Date> {
    text.parse()
        .map_err(|error: jiff::Error| Problem::from(anyhow::Error::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_as_unsure_as_both_that_it_is_made_of() {
        let estimate = |value: f64, reach: f64| Estimate {
            value,
            low: value - reach,
            high: value + reach,
        };
        let found = difference(estimate(0.5, 0.03), estimate(0.25, 0.04));
        assert!((found.value + 0.25).abs() < 1e-12);
        assert!((found.low + 0.30).abs() < 1e-12 && (found.high + 0.20).abs() < 1e-12);
    }
}
