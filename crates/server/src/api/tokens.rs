//! API tokens: what programs call with.

use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Event, TokenId,
    people::{Role, Token},
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    people::tokens::{self, NewToken},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{self, Body, Path},
        caller::{self, Caller},
        page::Page,
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(revoke))
}

/// What a token is for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct TokenWish {
    name: String,
    role: Role,
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewlyMade {
    /// The token's row.
    #[serde(flatten)]
    pub row: Token,
    /// What to send as `Authorization: Bearer …`. It is shown this once.
    pub token: String,
}

/// Lists the tokens that have not been revoked.
#[utoipa::path(get, path = "/api/tokens", tag = "people", responses((status = 200, body = Page<Token>), (status = 403)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Answer<Json<Page<Token>>> {
    caller.must_be(Role::Owner)?;
    Ok(Json(Page::whole(app.store.read(tokens::list).await?)))
}

/// Makes a token.
#[utoipa::path(
    post, path = "/api/tokens", tag = "people", request_body = TokenWish,
    responses((status = 201, body = NewlyMade), (status = 403), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(wish): Body<TokenWish>,
) -> Answer<(StatusCode, Json<NewlyMade>)> {
    caller.must_be(Role::Owner)?;
    let made = make(&app, caller.moment(&app), &wish.name, wish.role).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Makes a token, for the API and for the command line.
pub async fn make(app: &Shared, moment: Moment, name: &str, role: Role) -> Answer<NewlyMade> {
    let name = ask::name("name", name)?;
    // The prefix lets scanners find tokens that were published by mistake.
    let token = format!("rapport_{}", app.universe.token());
    let new = NewToken {
        name,
        role,
        hash: caller::hash(&token),
        by: moment.actor.user_id(),
    };
    let write = move |tx: &mut Tx| {
        let row = tokens::insert(tx, &new, moment.now)?;
        let name = new.name.clone();
        moment.record_for_company(tx, Event::TokenCreated { name, role })?;
        Ok::<_, Problem>(row)
    };
    let row = app.store.write(write).await?;
    Ok(NewlyMade { row, token })
}

/// Revokes a token: it is refused from now on.
#[utoipa::path(
    delete, path = "/api/tokens/{id}", tag = "people",
    responses((status = 204), (status = 403), (status = 404))
)]
async fn revoke(State(app): State<Shared>, caller: Caller, Path(id): Path<TokenId>) -> Answer<StatusCode> {
    caller.must_be(Role::Owner)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let revoked = tokens::revoke(tx, id, moment.now)?;
        let name = revoked.ok_or_else(|| Problem::not_found(format!("token {id}")))?;
        moment.record_for_company(tx, Event::TokenRevoked { name })?;
        Ok::<_, Problem>(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}
