//! One search over everything that was said and everyone it was said to.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
};

use axum::{Json, extract::State};
use domain::{ConversationId, CustomerId, MessageId, NoteId, RequestId, Time, search::snippet, words};
use serde::{Deserialize, Serialize};
use store::{
    Tx, customer_list, messages,
    names::{self, Named},
    notes,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    customers::{self, Customer},
    requests::{self, Request},
    shapes::Ref,
};
use crate::{
    app::Shared,
    http::{
        ask::Query,
        caller::Caller,
        page::{Page, PageQuery},
        problem::Answer,
    },
};

/// Gives the routes of this noun.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(search))
}

words! {
    /// What is searched.
    SearchKind { All = "all", Messages = "messages", Notes = "notes", Requests = "requests", Customers = "customers" }
}

/// What is searched for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words that must all be there, in any order; the last one may be the beginning of a word.
    q: Option<String>,
    /// What is searched [default: all].
    #[param(inline)]
    kind: Option<SearchKind>,
    /// How many items of each kind, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before; only where one kind is searched.
    cursor: Option<String>,
}

/// What was found.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct SearchAnswer {
    /// Newest first.
    messages: Vec<Found>,
    /// Newest first.
    notes: Vec<FoundNote>,
    /// Newest first.
    requests: Vec<Request>,
    /// Newest first.
    customers: Vec<Customer>,
    /// Whether there are more messages than these.
    more_messages: bool,
    /// Whether there are more notes than these.
    more_notes: bool,
    /// Whether there are more requests than these.
    more_requests: bool,
    /// Whether there are more customers than these.
    more_customers: bool,
    /// What to ask for as `cursor` to get the next page of the one kind that is searched.
    next: Option<String>,
}

/// A message that was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FoundMessage)]
pub struct Found {
    conversation_id: ConversationId,
    message_id: MessageId,
    #[schema(inline)]
    customer: Ref,
    /// The customer's address: what a customer without a name is called by.
    address: String,
    /// The part of the message around what was found.
    snippet: String,
    at: Time,
}

/// A note that was found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct FoundNote {
    conversation_id: ConversationId,
    note_id: NoteId,
    #[schema(inline)]
    customer: Ref,
    /// The part of the note around what was found.
    snippet: String,
    at: Time,
}

/// The longest query that is read.
const MAX_QUERY: usize = 200;

/// Searches messages, notes, requests and customers.
#[utoipa::path(get, path = "/api/search", tag = "conversations", params(SearchQuery), responses((status = 200, body = SearchAnswer)))]
async fn search(
    State(app): State<Shared>,
    _caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<Json<SearchAnswer>> {
    let paging = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, cursor) = (paging.limit()?, paging.cursor::<1>()?);
    let before = cursor.map_or(i64::MAX, |[id]| id);
    let kind = query.kind.unwrap_or(SearchKind::All);
    let text: String = query.q.unwrap_or_default().chars().take(MAX_QUERY).collect();
    let now = app.universe.now();
    let look = move |tx: &mut Tx| {
        let mut answer = SearchAnswer::default();
        let is_asked = |one| kind == SearchKind::All || kind == one;
        if is_asked(SearchKind::Messages) {
            let page = find_messages(tx, &text, MessageId(before), limit)?;
            answer.more_messages = page.next.is_some();
            (answer.messages, answer.next) = (page.items, page.next);
        }
        if is_asked(SearchKind::Notes) {
            let page = find_notes(tx, &text, NoteId(before), limit)?;
            answer.more_notes = page.next.is_some();
            (answer.notes, answer.next) = (page.items, page.next);
        }
        if is_asked(SearchKind::Requests) {
            let page = find_requests(tx, &text, RequestId(before), limit)?;
            answer.more_requests = page.next.is_some();
            (answer.requests, answer.next) = (page.items, page.next);
        }
        if is_asked(SearchKind::Customers) {
            let page = find_customers(tx, &text, CustomerId(before), limit)?;
            answer.more_customers = page.next.is_some();
            (answer.customers, answer.next) = (customers::views(tx, &page.items, now)?, page.next);
        }
        if kind == SearchKind::All {
            answer.next = None;
        }
        Ok::<_, store::Error>(answer)
    };
    Ok(Json(app.store.read(look).await?))
}

fn find_customers(tx: &mut Tx, text: &str, before: CustomerId, limit: i64) -> store::Result<Page<CustomerId>> {
    let filter = customer_list::Filter {
        text: Some(text.to_owned()),
        tag: None,
        is_known: None,
    };
    let found = customer_list::page(tx, &filter, before, limit + 1)?;
    Ok(Page::cut(found, limit, |id| [id.0]))
}

fn find_notes(tx: &mut Tx, text: &str, before: NoteId, limit: i64) -> store::Result<Page<FoundNote>> {
    let ids = store::search::notes(tx, text, before, limit + 1)?;
    let page = Page::cut(ids, limit, |id| [id.0]);
    let mut rows = notes::get_all(tx, &page.items)?;
    rows.sort_by_key(|row| Reverse(row.id));
    let wanted: BTreeSet<_> = rows.iter().map(|row| (Named::Customer, row.customer_id.0)).collect();
    let names = names::get(tx, &wanted)?;
    let found = rows.into_iter().map(|row| FoundNote {
        conversation_id: row.conversation_id,
        note_id: row.id,
        customer: Ref::new(row.customer_id.0, names.get(Named::Customer, row.customer_id.0)),
        snippet: snippet(&row.body, text),
        at: row.at,
    });
    Ok(Page {
        items: found.collect(),
        next: page.next,
    })
}

fn find_requests(tx: &mut Tx, text: &str, before: RequestId, limit: i64) -> store::Result<Page<Request>> {
    let ids = store::search::requests(tx, text, before, limit + 1)?;
    let page = Page::cut(ids, limit, |id| [id.0]);
    let mut rows = store::requests::get_all(tx, &page.items)?;
    rows.sort_by_key(|row| Reverse(row.id));
    Ok(Page {
        items: requests::views(tx, rows)?,
        next: page.next,
    })
}

fn find_messages(tx: &mut Tx, text: &str, before: MessageId, limit: i64) -> store::Result<Page<Found>> {
    let ids = store::search::messages(tx, text, before, limit + 1)?;
    let page = Page::cut(ids, limit, |id| [id.0]);
    let mut rows: HashMap<MessageId, messages::Message> = messages::get_all(tx, &page.items)?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let wanted: BTreeSet<_> = rows.values().map(|row| (Named::Customer, row.customer_id.0)).collect();
    let names = names::get(tx, &wanted)?;
    let found = page.items.iter().filter_map(|id| rows.remove(id)).map(|row| Found {
        conversation_id: row.conversation_id,
        message_id: row.id,
        customer: Ref::new(row.customer_id.0, names.get(Named::Customer, row.customer_id.0)),
        address: row.address,
        snippet: snippet(&row.body, text),
        at: row.at,
    });
    Ok(Page {
        items: found.collect(),
        next: page.next,
    })
}
