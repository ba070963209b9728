//! The public side of places: what somebody is told who scans a code, and checking in. Nobody has to sign in for it.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Time, words};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    people::sign_ins,
    places::{self, Place},
    settings,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::check_in::{Guest, check_in},
    http::{
        ask::{Body, Path},
        problem::{Answer, Problem},
        visitor::Visitor,
    },
};

/// In which time check-ins are counted; the same as for tries to sign in, which share their table.
const WINDOW_SECONDS: i64 = 15 * 60;
/// How often one browser checks in in that time.
const BY_BROWSER: i64 = 5;
/// How often it is done from one network address: all guests of a lobby may share one.
const BY_ADDRESS: i64 = 200;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(open, post))
}

/// What somebody is told who scans a code.
#[derive(Debug, Serialize, ToSchema)]
struct CheckInPage {
    /// The place's name.
    place: String,
    company: String,
}

words! {
    /// What somebody who checks in is known by.
    GivenKind { Phone = "phone", Email = "email" }
}

/// Somebody who checks in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewCheckIn {
    /// The browser's own id: 16 to 64 letters, digits and hyphens.
    browser: String,
    /// What they give to be known by, if anything.
    given: Option<Given>,
}

/// What somebody gives to be known by.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct Given {
    kind: GivenKind,
    value: String,
}

/// Says where a code leads to.
#[utoipa::path(get, path = "/api/check-ins/{token}", tag = "experience",
    responses((status = 200, body = CheckInPage), (status = 404)))]
async fn open(State(app): State<Shared>, Path(token): Path<String>) -> Answer<Json<CheckInPage>> {
    let look = move |tx: &mut Tx| page(tx, &token).map(|(page, _)| page);
    Ok(Json(app.store.read(look).await?))
}

/// Checks somebody in.
#[utoipa::path(post, path = "/api/check-ins/{token}", tag = "experience", request_body = NewCheckIn,
    responses((status = 201, body = CheckInPage), (status = 404), (status = 422), (status = 429)))]
async fn post(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(token): Path<String>,
    Body(new): Body<NewCheckIn>,
) -> Answer<(StatusCode, Json<CheckInPage>)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !(16..=64).contains(&new.browser.len()) || !new.browser.chars().all(plain) {
        let message = "must have 16 to 64 letters, digits and hyphens";
        return Err(Problem::invalid("browser", message));
    }
    let guest = Guest {
        browser: new.browser,
        given: new.given.map(|given| (given.kind.as_str().to_owned(), given.value)),
    };
    let now = app.universe.now();
    let write = move |tx: &mut Tx| {
        let (page, place) = page(tx, &token)?;
        let settings = settings::get(tx)?;
        let guest = guest.clone().spelled(&settings)?;
        slowly(tx, &guest.browser, &visitor.address, now)?;
        check_in(tx, &settings, (&place, &guest), now)?;
        Ok::<_, Problem>(page)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

fn page(tx: &mut Tx, token: &str) -> Answer<(CheckInPage, Place)> {
    let place = places::by_token(tx, token)?.filter(|place| place.disabled_at.is_none());
    let place = place.ok_or_else(|| Problem::not_found("this place"))?;
    let page = CheckInPage {
        place: place.name.clone(),
        company: settings::get(tx)?.company,
    };
    Ok((page, place))
}

/// Refuses what comes too often, and counts what does not.
fn slowly(tx: &mut Tx, browser: &str, address: &str, now: Time) -> Answer<()> {
    let since = now.plus_seconds(-WINDOW_SECONDS);
    let subjects = [format!("check-in by {browser}"), format!("check-in from {address}")];
    for (subject, most) in subjects.iter().zip([BY_BROWSER, BY_ADDRESS]) {
        if let Some(oldest) = sign_ins::nth_failure(tx, subject, most, since)? {
            let wait = oldest.plus_seconds(WINDOW_SECONDS).seconds_since(now).ceil() as i64;
            let detail = "this comes too often, wait a while";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", detail).retry_after(wait));
        }
    }
    Ok(sign_ins::add_failure(tx, &subjects, now, since)?)
}
