//! Places where customers check in: a shop, a lobby, a stand; each with a code to print that leads to its page.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Event, PlaceId, Time, people::Role};
use qrcode::{EcLevel, QrCode, render::svg};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    places::{self, Place},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{App, Shared},
    desk::Moment,
    http::{
        ask::{self, Body, Path},
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// How many characters of chance are in a place's address.
const TOKEN_LENGTH: usize = 16;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change))
        .routes(routes!(code))
}

/// A place where customers check in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
struct PlaceView {
    id: PlaceId,
    /// The name that customers read, different from every other place's.
    name: String,
    /// Where its code leads to.
    link: String,
    enabled: bool,
    created_at: Time,
}

/// A place that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewPlace {
    name: String,
}

/// What may change of a place; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct PlaceChange {
    name: Option<String>,
    enabled: Option<bool>,
}

/// Lists the places by name.
#[utoipa::path(get, path = "/api/places", tag = "experience", responses((status = 200, body = Page<PlaceView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<PlaceView>>> {
    let (store, site) = (&app.store, app.clone());
    let look = move |tx: &mut Tx| {
        let url = site.public_url(&store::settings::get(tx)?);
        let views = places::list(tx)?.into_iter().map(|place| view(place, &url));
        Ok::<_, Problem>(Page::whole(views.collect()))
    };
    Ok(Json(store.read(look).await?))
}

/// Adds a place.
#[utoipa::path(
    post, path = "/api/places", tag = "experience", request_body = NewPlace,
    responses((status = 201, body = PlaceView), (status = 403), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewPlace>,
) -> Answer<(StatusCode, Json<PlaceView>)> {
    caller.must_be(Role::Manager)?;
    let (name, token, moment) = (ask::name("name", &new.name)?, app.universe.token(), caller.moment(&app));
    // A code of few dots is read from further away.
    let token = token.split_at(token.len().saturating_sub(TOKEN_LENGTH)).1.to_owned();
    let site = app.clone();
    let write = move |tx: &mut Tx| {
        let id = places::insert(tx, &name, &token, moment.now)?.ok_or_else(name_is_taken)?;
        saved(tx, &site, moment, id)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Renames a place, or switches it off.
#[utoipa::path(
    patch, path = "/api/places/{id}", tag = "experience", request_body = PlaceChange,
    responses((status = 200, body = PlaceView), (status = 403), (status = 404), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<PlaceId>,
    Body(change): Body<PlaceChange>,
) -> Answer<Json<PlaceView>> {
    caller.must_be(Role::Manager)?;
    let name = change.name.map(|name| ask::name("name", &name)).transpose()?;
    let (moment, site) = (caller.moment(&app), app.clone());
    let write = move |tx: &mut Tx| {
        let mut place = find(tx, id)?;
        if let Some(name) = &name {
            place.name.clone_from(name);
        }
        place.disabled_at = match change.enabled {
            Some(true) => None,
            Some(false) => place.disabled_at.or(Some(moment.now)),
            None => place.disabled_at,
        };
        let others = places::list(tx)?;
        if others.iter().any(|other| other.id != id && other.name == place.name) {
            return Err(name_is_taken());
        }
        places::update(tx, &place)?;
        saved(tx, &site, moment, id)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Draws the code that leads to a place's page, to be printed.
#[utoipa::path(get, path = "/api/places/{id}/code.svg", tag = "experience",
    responses((status = 200, body = String, content_type = "image/svg+xml"), (status = 404)))]
async fn code(State(app): State<Shared>, _: Caller, Path(id): Path<PlaceId>) -> Answer<Response> {
    let site = app.clone();
    let look = move |tx: &mut Tx| {
        let url = site.public_url(&store::settings::get(tx)?);
        Ok::<_, Problem>(link(&find(tx, id)?, &url))
    };
    let link = app.store.read(look).await?;
    // A quarter of it may be scratched or covered.
    let code = QrCode::with_error_correction_level(link, EcLevel::Q)
        .map_err(|_| Problem::conflict("conflict", "the public address is too long for a code"))?;
    let drawn = code.render::<svg::Color>().min_dimensions(480, 480).build();
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], drawn).into_response())
}

fn view(place: Place, url: &str) -> PlaceView {
    PlaceView {
        id: place.id,
        link: link(&place, url),
        name: place.name,
        enabled: place.disabled_at.is_none(),
        created_at: place.created_at,
    }
}

fn link(place: &Place, url: &str) -> String {
    format!("{url}/check-in/{}", place.token)
}

fn find(tx: &mut Tx, id: PlaceId) -> Answer<Place> {
    places::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("place {id}")))
}

fn name_is_taken() -> Problem {
    Problem::conflict("conflict", "another place has this name")
}

fn saved(tx: &mut Tx, app: &App, moment: Moment, id: PlaceId) -> Answer<PlaceView> {
    let place = find(tx, id)?;
    let event = Event::PlaceSaved {
        place: id,
        name: place.name.clone(),
        enabled: place.disabled_at.is_none(),
    };
    moment.record_for_company(tx, event)?;
    Ok(view(place, &app.public_url(&store::settings::get(tx)?)))
}
