//! The first start: naming the company and its first owner.

use axum::{extract::State, response::Response};
use domain::{
    Actor, Event, UserId,
    event::Change,
    people::{Role, clean_email, password_problem},
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    people::users::{self, NewUser},
    settings,
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    desk::Moment,
    http::{
        ask::{Body, MAX_NAME},
        problem::{Answer, Problem},
        visitor::Visitor,
    },
    people::entry,
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(show, set_up))
}

/// Whether the first owner is still to come.
#[derive(Debug, Serialize, ToSchema)]
struct Setup {
    /// Whether there is no owner yet.
    needed: bool,
    /// Whether this is the demo.
    demo: bool,
    /// The company's name.
    company: String,
    /// Who may sign in with what; in the demo only.
    sign_ins: Option<Vec<DemoSignIn>>,
}

/// Someone of the demo company.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct DemoSignIn {
    email: String,
    password: String,
    role: Role,
}

/// What `demo.json` says of the demo's people.
#[derive(Deserialize)]
struct Demo {
    users: Vec<DemoSignIn>,
}

/// The company and its first owner.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct FirstOwner {
    /// The company's name, as customers know it.
    company: String,
    /// The owner's name.
    name: String,
    /// What the owner signs in with.
    email: String,
    /// At least 10 characters.
    password: String,
}

/// Says whether the first owner is still to come.
#[utoipa::path(get, path = "/api/setup", tag = "people", responses((status = 200, body = Setup)))]
async fn show(State(app): State<Shared>) -> Answer<axum::Json<Setup>> {
    let look = |tx: &mut Tx| Ok::<_, Problem>((users::owners(tx)? == 0, settings::get(tx)?.company));
    let (needed, company) = app.store.read(look).await?;
    let demo = app.config.demo;
    let sign_ins = if demo { demo_sign_ins(&app).await } else { None };
    Ok(axum::Json(Setup {
        needed,
        demo,
        company,
        sign_ins,
    }))
}

async fn demo_sign_ins(app: &Shared) -> Option<Vec<DemoSignIn>> {
    let text = tokio::fs::read(app.config.data.join("demo.json")).await.ok()?;
    let demo: Demo = serde_json::from_slice(&text).ok()?;
    Some(demo.users)
}

/// Names the company, makes its first owner and signs the owner in.
#[utoipa::path(
    post, path = "/api/setup", tag = "people", request_body = FirstOwner,
    responses((status = 201, body = domain::people::User), (status = 409, description = "an owner exists"), (status = 422))
)]
async fn set_up(State(app): State<Shared>, visitor: Visitor, Body(mut form): Body<FirstOwner>) -> Answer<Response> {
    check(&mut form)?;
    // Looked at first, so that nobody can make a finished server hash passwords; the transaction looks again.
    app.store.read(must_be_first).await?;
    let turn = app.passwords.turn().await;
    let password_hash = turn.hash(form.password.clone()).await?;
    drop(turn);
    entry::enter(&app, visitor, move |tx, now| {
        must_be_first(tx)?;
        let id = add_owner(tx, &form, &password_hash, now)?;
        let moment = Moment {
            now,
            actor: Actor::user(id),
        };
        let event = Event::UserJoined {
            name: form.name.clone(),
            role: Role::Owner,
        };
        moment.record_for_company(tx, event)?;
        name_company(tx, moment, &form.company)?;
        Ok(id)
    })
    .await
}

fn check(form: &mut FirstOwner) -> Answer<()> {
    form.company = form.company.trim().to_owned();
    form.name = form.name.trim().to_owned();
    let mut wrong = Vec::new();
    for (field, text) in [("company", &form.company), ("name", &form.name)] {
        if text.is_empty() {
            wrong.push((field.to_owned(), "must not be empty".to_owned()));
        }
        if text.chars().count() > MAX_NAME {
            let message = format!("must not be longer than {MAX_NAME} characters");
            wrong.push((field.to_owned(), message));
        }
    }
    match clean_email(&form.email) {
        Some(email) => form.email = email,
        None => wrong.push(("email".to_owned(), "is not an email address".to_owned())),
    }
    if let Some(problem) = password_problem(&form.password, &form.email, &form.company) {
        wrong.push(("password".to_owned(), problem.to_owned()));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Problem::fields(wrong))
    }
}

fn must_be_first(tx: &mut Tx) -> Answer<()> {
    if users::owners(tx)? == 0 {
        return Ok(());
    }
    Err(Problem::conflict("already_set_up", "this server has an owner: sign in"))
}

fn add_owner(tx: &mut Tx, form: &FirstOwner, password_hash: &str, now: domain::Time) -> Answer<UserId> {
    let user = NewUser {
        email: form.email.clone(),
        name: form.name.clone(),
        role: Role::Owner,
        password_hash: password_hash.to_owned(),
        locale: settings::get(tx)?.locale,
    };
    users::insert(tx, &user, now)?.ok_or_else(|| Problem::conflict("conflict", "a user has this email address already"))
}

fn name_company(tx: &mut Tx, moment: Moment, company: &str) -> store::Result<()> {
    let mut settings = settings::get(tx)?;
    let change = Change {
        what: "company".to_owned(),
        from: std::mem::replace(&mut settings.company, company.to_owned()),
        to: company.to_owned(),
    };
    settings::put(tx, &settings)?;
    moment.record_for_company(tx, Event::SettingsChanged { changes: vec![change] })?;
    Ok(())
}
