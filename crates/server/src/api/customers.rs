//! Customers: who they are, what is on their files, whether they may be texted.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use domain::{CustomerId, IdentityId, Time, people::Role};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    customer_list::{self, File, Filter},
    customers as rows,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::consent::standing::{Consent, MayText, Reach, may_text};
use crate::{
    app::Shared,
    desk::{
        customer_file::{self, Changes, New},
        find,
    },
    http::{
        ask::{Body, Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, post))
        .routes(routes!(get, patch))
        .routes(routes!(add_identity))
        .routes(routes!(remove_identity))
}

/// A customer with the file.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Customer {
    pub id: CustomerId,
    /// Empty when it is not known.
    pub name: String,
    pub locale: String,
    /// Name of the zone, such as America/New_York.
    pub time_zone: String,
    /// The wall clock there, such as 2026-03-04T05:06; null when the zone is not known.
    pub local_time: Option<String>,
    pub created_at: Time,
    pub identities: Vec<Identity>,
    pub traits: BTreeMap<String, String>,
    pub tags: Vec<String>,
    /// What holds for each phone number, and for each channel where that is not the same.
    pub consent: Vec<Consent>,
    pub may_text: MayText,
}

/// An address or id of a customer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Identity {
    id: IdentityId,
    kind: String,
    value: String,
    verified: bool,
}

/// Gives customers as they are shown, in the order of `ids`.
pub fn views(tx: &mut Tx, ids: &[CustomerId], now: Time) -> store::Result<Vec<Customer>> {
    let reach = Reach::read(tx)?;
    Ok(customer_list::files(tx, ids)?
        .into_iter()
        .map(|file| view(file, &reach, now))
        .collect())
}

/// Gives a customer as it is shown.
pub fn one(tx: &mut Tx, id: CustomerId, now: Time) -> Answer<Customer> {
    find::customer(tx, id)?;
    let found = views(tx, &[id], now)?.pop();
    found.ok_or_else(|| Problem::not_found(format!("customer {id}")))
}

fn view(file: File, reach: &Reach, now: Time) -> Customer {
    let phones = file.identities.iter().filter(|identity| identity.kind == "phone");
    let consent = reach.consent(phones.map(|phone| phone.value.as_str()), &file.consent);
    Customer {
        id: file.customer.id,
        name: file.customer.name,
        local_time: local_time(&file.customer.time_zone, now),
        locale: file.customer.locale,
        time_zone: file.customer.time_zone,
        created_at: file.customer.created_at,
        may_text: may_text(&consent),
        consent,
        identities: file.identities.into_iter().map(identity_view).collect(),
        traits: file.traits,
        tags: file.tags,
    }
}

fn identity_view(identity: rows::Identity) -> Identity {
    Identity {
        id: identity.id,
        kind: identity.kind,
        value: identity.value,
        verified: identity.verified,
    }
}

fn local_time(zone: &str, now: Time) -> Option<String> {
    let zone = jiff::tz::TimeZone::get(zone).ok().filter(|_| !zone.is_empty())?;
    Some(now.timestamp().to_zoned(zone).strftime("%Y-%m-%dT%H:%M").to_string())
}

/// Which customers are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CustomersQuery {
    /// The one with this identity, such as `phone:+12025550143`.
    identity: Option<String>,
    /// With these words on the file.
    q: Option<String>,
    /// With this tag.
    tag: Option<String>,
    /// Whether the company knows them by more than a browser.
    known: Option<bool>,
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists customers, newest first.
#[utoipa::path(get, path = "/api/customers", tag = "customers", params(CustomersQuery), responses((status = 200, body = Page<Customer>)))]
async fn list(
    State(app): State<Shared>,
    _caller: Caller,
    Query(query): Query<CustomersQuery>,
) -> Answer<Json<Page<Customer>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, cursor) = (paging.limit()?, paging.cursor::<1>()?);
    let before = CustomerId(cursor.map_or(i64::MAX, |[id]| id));
    let now = app.universe.now();
    let filter = Filter {
        text: query.q.filter(|text| !text.trim().is_empty()),
        tag: query.tag,
        is_known: query.known,
    };
    let look = move |tx: &mut Tx| {
        let page = match &query.identity {
            Some(identity) => Page::whole(by_identity(tx, identity)?.into_iter().collect()),
            None => Page::cut(customer_list::page(tx, &filter, before, limit + 1)?, limit, |id| [id.0]),
        };
        let items = views(tx, &page.items, now)?;
        Ok::<_, Problem>(Page { items, next: page.next })
    };
    Ok(Json(app.store.read(look).await?))
}

fn by_identity(tx: &mut Tx, identity: &str) -> Answer<Option<CustomerId>> {
    let parts = identity.split_once(':');
    let (kind, value) =
        parts.ok_or_else(|| Problem::invalid("identity", "must be a kind and a value, such as phone:+12025550143"))?;
    // A plus that is not encoded arrives as a space.
    let value = match value.strip_prefix(' ') {
        Some(digits) if kind == "phone" => format!("+{digits}"),
        _ => value.to_owned(),
    };
    let settings = store::settings::get(tx)?;
    match customer_file::spell(kind, &value, &settings) {
        Ok((kind, value)) => Ok(rows::by_identity(tx, &kind, &value)?),
        Err(_) => Ok(None),
    }
}

/// Gives a customer.
#[utoipa::path(get, path = "/api/customers/{id}", tag = "customers", responses((status = 200, body = Customer), (status = 404)))]
async fn get(State(app): State<Shared>, _caller: Caller, Path(id): Path<CustomerId>) -> Answer<Json<Customer>> {
    let now = app.universe.now();
    Ok(Json(app.store.read(move |tx| one(tx, id, now)).await?))
}

/// A customer to be made.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
pub struct NewCustomer {
    #[serde(default)]
    name: String,
    #[serde(default)]
    identities: Vec<NewIdentity>,
    #[serde(default)]
    traits: BTreeMap<String, String>,
}

/// An identity to be put on a file.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewIdentity {
    /// `phone`, `email`, `user_id` or another word.
    kind: String,
    value: String,
}

/// Makes a customer.
#[utoipa::path(post, path = "/api/customers", tag = "customers", request_body = NewCustomer,
    responses((status = 201, body = Customer), (status = 409, description = "identity_taken"), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Body(new): Body<NewCustomer>,
) -> Answer<(StatusCode, Json<Customer>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let new = New {
        name: new.name,
        identities: new
            .identities
            .into_iter()
            .map(|identity| (identity.kind, identity.value))
            .collect(),
        traits: new.traits,
    };
    let write = move |tx: &mut Tx| {
        let settings = store::settings::get(tx)?;
        let id = customer_file::create(tx, &moment, &settings, &new)?;
        one(tx, id, moment.now)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// What is to change on a file; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
pub struct CustomerChange {
    name: Option<String>,
    locale: Option<String>,
    time_zone: Option<String>,
    /// Only those that change; null takes one away.
    #[serde(default)]
    traits: BTreeMap<String, Option<String>>,
    tags: Option<Vec<String>>,
}

/// Changes a customer's file.
#[utoipa::path(patch, path = "/api/customers/{id}", tag = "customers", request_body = CustomerChange,
    responses((status = 200, body = Customer), (status = 404), (status = 422)))]
async fn patch(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Body(change): Body<CustomerChange>,
) -> Answer<Json<Customer>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let changes = Changes {
        name: change.name,
        locale: change.locale,
        time_zone: change.time_zone,
        traits: change.traits,
        tags: change.tags,
    };
    let write = move |tx: &mut Tx| {
        customer_file::change(tx, &moment, id, &changes)?;
        one(tx, id, moment.now)
    };
    Ok(Json(app.store.write(write).await?))
}

/// Puts an identity on a customer's file.
#[utoipa::path(post, path = "/api/customers/{id}/identities", tag = "customers", request_body = NewIdentity,
    responses((status = 201, body = Customer), (status = 409, description = "identity_taken"), (status = 422)))]
async fn add_identity(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Body(new): Body<NewIdentity>,
) -> Answer<(StatusCode, Json<Customer>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        let settings = store::settings::get(tx)?;
        customer_file::add_identity(tx, &moment, &settings, id, (&new.kind, &new.value))?;
        one(tx, id, moment.now)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Takes an identity from a customer's file.
#[utoipa::path(delete, path = "/api/customers/{id}/identities/{identity_id}", tag = "customers",
    responses((status = 204), (status = 404)))]
async fn remove_identity(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, identity)): Path<(CustomerId, IdentityId)>,
) -> Answer<StatusCode> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    app.store
        .write(move |tx| customer_file::remove_identity(tx, &moment, id, identity))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
