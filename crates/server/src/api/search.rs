//! One search over everything that was said and everyone it was said to.

use std::collections::{BTreeSet, HashMap};

use axum::{Json, extract::State};
use domain::{ConversationId, CustomerId, MessageId, Time, search::snippet, words};
use serde::{Deserialize, Serialize};
use store::{
    Tx, customer_list, messages,
    names::{self, Named},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    customers::{self, Customer},
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
    SearchKind { All = "all", Messages = "messages", Customers = "customers" }
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
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SearchAnswer {
    /// Newest first.
    messages: Vec<Found>,
    /// Newest first.
    customers: Vec<Customer>,
    /// Whether there are more messages than these.
    more_messages: bool,
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

/// The longest query that is read.
const MAX_QUERY: usize = 200;

/// Searches messages and customers.
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
        let mut answer = SearchAnswer {
            messages: Vec::new(),
            customers: Vec::new(),
            more_messages: false,
            more_customers: false,
            next: None,
        };
        if kind != SearchKind::Customers {
            let page = find_messages(tx, &text, MessageId(before), limit)?;
            answer.more_messages = page.next.is_some();
            (answer.messages, answer.next) = (page.items, page.next);
        }
        if kind != SearchKind::Messages {
            let filter = customer_list::Filter {
                text: Some(text.clone()),
                tag: None,
                is_known: None,
            };
            let found = customer_list::page(tx, &filter, CustomerId(before), limit + 1)?;
            let page = Page::cut(found, limit, |id| [id.0]);
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
