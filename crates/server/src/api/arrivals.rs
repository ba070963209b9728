//! How a customer came: first and last, by which campaign, click or page of somebody else.

use axum::{Json, extract::State};
use domain::{
    CustomerId, EventId, Time,
    arrival::{self, Arrival},
};
use serde::Serialize;
use store::{
    Tx,
    events::{self, Recorded},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::find,
    http::{
        ask::Path,
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get))
}

/// The first and the last time that a customer came from somewhere else; null for one who never did.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Arrivals {
    first: Option<ArrivalView>,
    last: Option<ArrivalView>,
}

/// How a customer came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerArrival)]
struct ArrivalView {
    at: Time,
    /// The event that tells it.
    event_id: EventId,
    #[serde(flatten)]
    arrival: Arrival,
}

/// Says how a customer came first and last, by the time of the visits and not by when they were told.
#[utoipa::path(get, path = "/api/customers/{id}/arrivals", tag = "customers",
    responses((status = 200, body = Arrivals), (status = 404)))]
async fn get(State(app): State<Shared>, _caller: Caller, Path(id): Path<CustomerId>) -> Answer<Json<Arrivals>> {
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let found = events::arrivals(tx, id)?;
        let (first, last) = found.map(|(first, last)| (view(first), view(last))).unzip();
        Ok::<_, Problem>(Arrivals {
            first: first.flatten(),
            last: last.flatten(),
        })
    };
    Ok(Json(app.store.read(look).await?))
}

fn view(told: Recorded) -> Option<ArrivalView> {
    Some(ArrivalView {
        at: told.happening.at,
        event_id: told.id,
        arrival: arrival::arrival(&told.happening.event)?,
    })
}
