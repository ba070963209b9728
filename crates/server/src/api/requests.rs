//! Requests: what customers asked for, and how far it has come.

use std::collections::BTreeSet;

use axum::{Json, extract::State, http::StatusCode};
use domain::{ConversationId, CustomerId, Event, PartnerId, RequestId, Time, people::Role, request::RequestStatus};
use serde::{Deserialize, Serialize};
use store::{
    Tx, conversations,
    jobs::{self, NewJob},
    names::{self, Named},
    requests as rows,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::Ref;
use crate::{
    app::Shared,
    desk::{
        Moment, find, request_status,
        requests::{SUBMIT, SubmitRequest},
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
        .routes(routes!(of_customer, post))
        .routes(routes!(list))
        .routes(routes!(patch))
}

/// Something a customer asked for.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = CustomerRequest)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Request {
    pub id: RequestId,
    #[schema(inline)]
    pub customer: Ref,
    pub conversation_id: Option<ConversationId>,
    pub kind: String,
    pub summary: String,
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    pub status: RequestStatus,
    pub status_note: String,
    #[schema(inline)]
    pub partner: Option<Ref>,
    /// The partner's own number for it.
    pub reference: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// Gives requests as they are shown, in the same order.
pub fn views(tx: &mut Tx, requests: Vec<rows::Request>) -> store::Result<Vec<Request>> {
    let mut wanted = BTreeSet::new();
    for request in &requests {
        wanted.insert((Named::Customer, request.customer_id.0));
        wanted.extend(request.partner_id.map(|id| (Named::Partner, id.0)));
    }
    let names = names::get(tx, &wanted)?;
    let view = |row: rows::Request| Request {
        id: row.id,
        customer: Ref::new(row.customer_id.0, names.get(Named::Customer, row.customer_id.0)),
        conversation_id: row.conversation_id,
        kind: row.kind,
        summary: row.summary,
        details: row.details,
        status: row.status,
        status_note: row.status_note,
        partner: row.partner_id.map(|id| Ref::new(id.0, names.get(Named::Partner, id.0))),
        reference: row.partner_ref,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(requests.into_iter().map(view).collect())
}

fn one(tx: &mut Tx, row: rows::Request) -> Answer<Request> {
    views(tx, vec![row])?.pop().ok_or_else(|| Problem::not_found("request"))
}

/// Which requests are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RequestsQuery {
    /// In this status.
    status: Option<RequestStatus>,
    /// How many items, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists everyone's requests, newest first.
#[utoipa::path(get, path = "/api/requests", tag = "customers", params(RequestsQuery), responses((status = 200, body = Page<Request>)))]
async fn list(
    State(app): State<Shared>,
    _caller: Caller,
    Query(query): Query<RequestsQuery>,
) -> Answer<Json<Page<Request>>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, cursor) = (paging.limit()?, paging.cursor::<1>()?);
    let before = RequestId(cursor.map_or(i64::MAX, |[id]| id));
    let look = move |tx: &mut Tx| page(tx, limit, |tx| rows::list(tx, query.status, before, limit + 1));
    Ok(Json(app.store.read(look).await?))
}

/// Lists a customer's requests, newest first.
#[utoipa::path(get, path = "/api/customers/{id}/requests", tag = "customers", params(PageQuery),
    responses((status = 200, body = Page<Request>), (status = 404)))]
async fn of_customer(
    State(app): State<Shared>,
    _caller: Caller,
    Path(id): Path<CustomerId>,
    Query(paging): Query<PageQuery>,
) -> Answer<Json<Page<Request>>> {
    let (limit, cursor) = (paging.limit()?, paging.cursor::<1>()?);
    let before = RequestId(cursor.map_or(i64::MAX, |[id]| id));
    let look = move |tx: &mut Tx| {
        find::customer(tx, id)?;
        Ok::<_, Problem>(page(tx, limit, |tx| rows::of_customer(tx, id, before, limit + 1))?)
    };
    Ok(Json(app.store.read(look).await?))
}

fn page(
    tx: &mut Tx,
    limit: i64,
    look: impl FnOnce(&mut Tx) -> store::Result<Vec<rows::Request>>,
) -> store::Result<Page<Request>> {
    let page = Page::cut(look(tx)?, limit, |request| [request.id.0]);
    Ok(Page {
        items: views(tx, page.items)?,
        next: page.next,
    })
}

/// A request to be filed.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct NewRequest {
    /// In one word, such as `room`.
    kind: String,
    summary: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    details: serde_json::Map<String, serde_json::Value>,
    /// Where it was asked; the customer's newest conversation when it is left out.
    conversation_id: Option<ConversationId>,
    /// Whom it is submitted to.
    partner_id: Option<PartnerId>,
}

/// Files a request; with a partner it is submitted at once.
#[utoipa::path(post, path = "/api/customers/{id}/requests", tag = "customers", request_body = NewRequest,
    responses((status = 201, body = Request), (status = 404), (status = 422)))]
async fn post(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<CustomerId>,
    Body(new): Body<NewRequest>,
) -> Answer<(StatusCode, Json<Request>)> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    for (field, text, most) in [("kind", &new.kind, 60), ("summary", &new.summary, 500)] {
        if text.trim().is_empty() || text.chars().count() > most {
            return Err(Problem::invalid(field, format!("must have 1 to {most} characters")));
        }
    }
    let write = move |tx: &mut Tx| {
        let row = file(tx, &moment, id, &new)?;
        one(tx, row)
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

fn file(tx: &mut Tx, moment: &Moment, customer: CustomerId, new: &NewRequest) -> Answer<rows::Request> {
    find::customer(tx, customer)?;
    let conversation = match new.conversation_id {
        Some(id) if find::conversation(tx, id).is_ok_and(|found| found.customer_id == customer) => Some(id),
        Some(_) => {
            return Err(Problem::invalid(
                "conversation_id",
                "is not a conversation with this customer",
            ));
        }
        None => conversations::newest_of_customer(tx, customer)?,
    };
    if let Some(partner) = new.partner_id
        && rows::partner(tx, partner)?.is_none()
    {
        return Err(Problem::invalid("partner_id", "is not a partner"));
    }
    let mut row = rows::Request {
        id: RequestId(0),
        customer_id: customer,
        conversation_id: conversation,
        session_id: None,
        kind: new.kind.trim().to_owned(),
        summary: new.summary.trim().to_owned(),
        details: new.details.clone().into(),
        status: RequestStatus::Filed,
        status_note: String::new(),
        partner_id: new.partner_id,
        partner_ref: None,
        answer_token_hash: None,
        created_at: moment.now,
        updated_at: moment.now,
    };
    row.id = rows::insert(tx, &row)?;
    let event = Event::RequestFiled {
        request: row.id,
        request_kind: row.kind.clone(),
        summary: row.summary.clone(),
    };
    request_status::record(tx, moment, &row, event)?;
    if row.partner_id.is_some() {
        let job = NewJob::now(SUBMIT, &SubmitRequest { request: row.id }, moment.now);
        jobs::add(tx, &job.errand().once(format!("submit:{}", row.id)), moment.now)?;
    }
    Ok(row)
}

/// How far a request has come.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
pub struct RequestChange {
    status: RequestStatus,
    /// For the customer, too; what it was when it is left out and the status stays.
    status_note: Option<String>,
    /// Whether the customer is texted [default: true].
    tell_customer: Option<bool>,
}

/// Moves a request on and tells the customer. What is done or cancelled stays so.
#[utoipa::path(patch, path = "/api/requests/{id}", tag = "customers", request_body = RequestChange,
    responses((status = 200, body = Request), (status = 404), (status = 409, description = "request_ended")))]
async fn patch(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<RequestId>,
    Body(change): Body<RequestChange>,
) -> Answer<Json<Request>> {
    caller.must_be(Role::Agent)?;
    let moment = caller.moment(&app);
    let write = move |tx: &mut Tx| {
        let mut row = rows::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("request {id}")))?;
        let stays = if change.status == row.status {
            row.status_note.clone()
        } else {
            String::new()
        };
        let note = change.status_note.clone().unwrap_or(stays);
        let tell = change.tell_customer.unwrap_or(true);
        request_status::change(tx, &moment, &mut row, (change.status, &note), tell)?;
        one(tx, row)
    };
    Ok(Json(app.store.write(write).await?))
}
