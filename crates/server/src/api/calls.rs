//! Phone calls, as agents write them down: each is an event on the customer's timeline.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    CustomerId, Event, Time,
    event::Happening,
    message::{Direction, MAX_BODY},
    people::Role,
};
use serde::Deserialize;
use store::{
    Tx,
    events::{self, Recorded},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::timeline::{self, TimelineEvent};
use crate::{
    app::Shared,
    desk::find,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// The longest call that is believed.
const MAX_SECONDS: i64 = 24 * 3600;
/// Nobody writes down a call of before 2000-01-01 UTC.
const EARLIEST: Time = Time(946_684_800_000_000);

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(post))
}

/// A phone call that took place.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewCall {
    /// Who called: `in` is the customer.
    direction: Direction,
    /// When it began; now, where it is left out.
    at: Option<Time>,
    #[serde(default)]
    duration_seconds: i64,
    /// What it was about, in a few words.
    about: String,
    #[serde(default)]
    note: String,
}

/// Writes a phone call down on a customer's file.
#[utoipa::path(post, path = "/api/customers/{id}/calls", tag = "customers", request_body = NewCall,
    responses((status = 201, body = TimelineEvent), (status = 403), (status = 404), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Body(new): Body<NewCall>,
) -> Answer<(StatusCode, Json<TimelineEvent>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let at = new.at.unwrap_or(moment.now);
    if at > moment.now || at < EARLIEST {
        return Err(Problem::invalid(
            "at",
            "must not be in the future, nor before the year 2000",
        ));
    }
    if !(0..=MAX_SECONDS).contains(&new.duration_seconds) {
        return Err(Problem::invalid(
            "duration_seconds",
            format!("must be from 0 to {MAX_SECONDS}"),
        ));
    }
    let note = new.note.trim().to_owned();
    ask::must_fit("note", &note, MAX_BODY)?;
    let happening = Happening {
        at,
        customer: Some(id),
        conversation: None,
        actor: moment.actor,
        event: Event::CallLogged {
            direction: new.direction,
            duration_seconds: new.duration_seconds,
            about: ask::name("about", &new.about)?,
            note,
        },
    };
    let write = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let recorded = Recorded {
            id: events::append(tx, &happening)?,
            happening: happening.clone(),
        };
        let view = timeline::views(tx, vec![recorded])?.pop();
        Ok::<_, Problem>(view.expect("one event has one view"))
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}
