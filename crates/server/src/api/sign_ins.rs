//! One's own sign-ins: which browsers are signed in, and ending one.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Event, SignInId, people::SignIn};
use store::{Tx, people::sign_ins};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{
        ask::Path,
        caller::Caller,
        page::Page,
        problem::{Answer, Problem},
        visitor::Visitor,
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(end))
}

/// Lists the browsers that are signed in as the caller.
#[utoipa::path(get, path = "/api/sign-ins", tag = "people", responses((status = 200, body = Page<SignIn>)))]
async fn list(State(app): State<Shared>, caller: Caller, visitor: Visitor) -> Answer<Json<Page<SignIn>>> {
    let (id, now) = (caller.user()?, app.universe.now());
    let hash = visitor.cookie_hash.unwrap_or_default();
    let items = app.store.read(move |tx| sign_ins::list(tx, id, &hash, now)).await?;
    Ok(Json(Page::whole(items)))
}

/// Signs one of the caller's browsers out.
#[utoipa::path(
    delete, path = "/api/sign-ins/{id}", tag = "people",
    responses((status = 204), (status = 404))
)]
async fn end(State(app): State<Shared>, caller: Caller, Path(id): Path<SignInId>) -> Answer<StatusCode> {
    let (user, moment) = (caller.user()?, caller.moment(&app));
    let write = move |tx: &mut Tx| {
        let device = sign_ins::end(tx, user, id)?.ok_or_else(|| Problem::not_found(format!("sign-in {id}")))?;
        moment.record_for_company(tx, Event::SignInEnded { device })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
