//! Partners: the companies that requests are submitted to, by mail or by webhook.

use axum::{Json, extract::State, http::StatusCode};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use domain::{
    Event, PartnerId,
    people::{Role, clean_email},
    request::PartnerWay,
};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    requests::{self, Partner},
};
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

/// A company that requests are submitted to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Partner)]
struct PartnerView {
    /// The id.
    id: PartnerId,
    /// The name, different from every other partner's.
    name: String,
    /// How it is told of a request.
    way: PartnerWay,
    /// A mail address or a URL.
    address: String,
    /// What calls to its webhook are signed with; shown when it was just made.
    secret: Option<String>,
}

/// A partner that is to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct NewPartner {
    name: String,
    way: PartnerWay,
    address: String,
}

/// What may change of a partner; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct PartnerChange {
    name: Option<String>,
    way: Option<PartnerWay>,
    address: Option<String>,
    /// Makes a new secret, which the answer shows.
    #[serde(default)]
    new_secret: bool,
}

/// Lists the partners by name.
#[utoipa::path(get, path = "/api/partners", tag = "customers", responses((status = 200, body = Page<PartnerView>)))]
async fn list(State(app): State<Shared>, _: Caller) -> Answer<Json<Page<PartnerView>>> {
    let partners = app.store.read(requests::partners).await?;
    Ok(Json(Page::whole(partners.into_iter().map(view).collect())))
}

/// Adds a partner.
#[utoipa::path(
    post, path = "/api/partners", tag = "customers", request_body = NewPartner,
    responses((status = 201, body = PartnerView), (status = 403), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewPartner>,
) -> Answer<(StatusCode, Json<PartnerView>)> {
    caller.must_be(Role::Manager)?;
    let partner = Partner {
        id: PartnerId(0),
        name: new.name.trim().to_owned(),
        way: new.way,
        address: new.address.trim().to_owned(),
        secret: secret(&app),
    };
    check(&app, &partner)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        must_be_free(tx, &partner)?;
        let id = requests::insert_partner(tx, &partner, moment.now)?;
        saved(tx, moment, Partner { id, ..partner.clone() })
    };
    let partner = app.store.write(write).await?;
    Ok((StatusCode::CREATED, Json(with_secret(partner))))
}

/// Changes a partner.
#[utoipa::path(
    patch, path = "/api/partners/{id}", tag = "customers", request_body = PartnerChange,
    responses((status = 200, body = PartnerView), (status = 403), (status = 404), (status = 409, description = "the name is taken"), (status = 422))
)]
async fn change(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<PartnerId>,
    Body(change): Body<PartnerChange>,
) -> Answer<Json<PartnerView>> {
    caller.must_be(Role::Manager)?;
    let new_secret = change.new_secret.then(|| secret(&app));
    let shows_secret = new_secret.is_some();
    let moment = caller.moment(&app);
    let app_in = app.clone();
    let write = move |tx: &mut Tx| {
        let before = requests::partner(tx, id)?.ok_or_else(|| not_found(id))?;
        let change = change.clone();
        let partner = Partner {
            id,
            name: change.name.map_or(before.name, |name| name.trim().to_owned()),
            way: change.way.unwrap_or(before.way),
            address: change
                .address
                .map_or(before.address, |address| address.trim().to_owned()),
            secret: new_secret.clone().unwrap_or(before.secret),
        };
        check(&app_in, &partner)?;
        must_be_free(tx, &partner)?;
        requests::update_partner(tx, &partner)?;
        saved(tx, moment, partner)
    };
    let partner = app.store.write(write).await?;
    Ok(Json(if shows_secret {
        with_secret(partner)
    } else {
        view(partner)
    }))
}

/// Removes a partner that no request names.
#[utoipa::path(
    delete, path = "/api/partners/{id}", tag = "customers",
    responses((status = 204), (status = 403), (status = 404), (status = 409, description = "requests name it"))
)]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<PartnerId>) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let name = requests::partner(tx, id)?.ok_or_else(|| not_found(id))?.name;
        if !requests::remove_partner(tx, id)? {
            return Err(Problem::conflict(
                "conflict",
                format!("requests name {name}: it stays on file"),
            ));
        }
        moment.record_for_company(tx, Event::PartnerRemoved { partner: id, name })?;
        Ok(())
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

const MAX_ADDRESS: usize = 2_000;

fn check(app: &Shared, partner: &Partner) -> Answer<()> {
    ask::name("name", &partner.name)?;
    ask::must_fit("address", &partner.address, MAX_ADDRESS)?;
    match partner.way {
        PartnerWay::Mail if clean_email(&partner.address).is_none() => {
            Err(Problem::invalid("address", "is not an email address"))
        }
        PartnerWay::Mail => Ok(()),
        PartnerWay::Webhook => check_url(app, &partner.address),
    }
}

fn check_url(app: &Shared, address: &str) -> Answer<()> {
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"));
    let url = url.ok_or_else(|| Problem::invalid("address", "must be a URL that starts with https:// or http://"))?;
    app.outside.allow(&url).map_err(|_| {
        let words = "leads into this server's own network; where that is meant, set allow_private_addresses";
        Problem::invalid("address", words)
    })
}

fn must_be_free(tx: &mut Tx, partner: &Partner) -> Answer<()> {
    match requests::partner_by_name(tx, &partner.name)? {
        Some(other) if other.id != partner.id => Err(Problem::conflict("conflict", "another partner has this name")),
        _ => Ok(()),
    }
}

fn saved(tx: &mut Tx, moment: Moment, partner: Partner) -> Answer<Partner> {
    let name = partner.name.clone();
    moment.record_for_company(
        tx,
        Event::PartnerSaved {
            partner: partner.id,
            name,
        },
    )?;
    Ok(partner)
}

/// Gives a secret in the form that Standard Webhooks names.
fn secret(app: &Shared) -> String {
    let key = URL_SAFE_NO_PAD.decode(app.universe.token());
    let key = key.expect("a token is made of URL-safe base64");
    format!("whsec_{}", STANDARD.encode(key))
}

fn view(partner: Partner) -> PartnerView {
    PartnerView {
        id: partner.id,
        name: partner.name,
        way: partner.way,
        address: partner.address,
        secret: None,
    }
}

fn with_secret(partner: Partner) -> PartnerView {
    let secret = Some(partner.secret.clone());
    PartnerView {
        secret,
        ..view(partner)
    }
}

fn not_found(id: PartnerId) -> Problem {
    Problem::not_found(format!("partner {id}"))
}
