//! The rows that a number is made of.

use std::collections::BTreeSet;

use axum::response::Response;
use domain::metrics::Measure;
use futures::{StreamExt, stream};
use store::{
    customers,
    names::{self, Named},
};

use super::*;
use crate::http::csv;

/// One of the things that a number is made of.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportRow {
    conversation_id: ConversationId,
    customer: Ref,
    /// When it began.
    at: Time,
    /// Seconds, the rating, 1 for contained and 0 for not, or how often the agent replied.
    value: f64,
    /// Who replied, or replied last; null when nobody did.
    agent: Option<Ref>,
}

/// Which rows.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RowsQuery {
    /// The first day, `YYYY-MM-DD` in the company's zone [default: 29 days before the last].
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day [default: today].
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Only conversations in this team's queue.
    team: Option<TeamId>,
    /// Only what this agent replied, or replied last in.
    agent: Option<UserId>,
    /// Only conversations on this channel.
    channel: Option<ChannelId>,
    /// How many rows, 1 to 200 [default: 50].
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists what a number is made of, newest first.
#[utoipa::path(
    get, path = "/api/reports/service/{key}/rows", tag = "reports", params(("key" = Key, Path), RowsQuery),
    responses((status = 200, body = Page<ReportRow>), (status = 404), (status = 422))
)]
pub async fn rows(
    State(app): State<Shared>,
    _: Caller,
    Path(key): Path<Key>,
    Query(query): Query<RowsQuery>,
) -> Answer<Json<Page<ReportRow>>> {
    let page = PageQuery {
        limit: query.limit,
        cursor: query.cursor,
    };
    let (limit, before) = (page.limit()?, page.cursor::<3>()?);
    let query = ReportQuery {
        from: query.from,
        to: query.to,
        team: query.team,
        agent: query.agent,
        channel: query.channel,
    };
    let period = period(&app, &query).await?;
    let mut measures = found(&app, key, &query, &period).await?;
    measures.retain(|measure| before.is_none_or(|before| place(measure) < before));
    measures.truncate(usize::try_from(limit + 1).unwrap_or(0));
    let page = Page::cut(measures, limit, place);
    let next = page.next;
    let items = app.store.read(move |tx| tell(tx, &page.items)).await?;
    Ok(Json(Page { items, next }))
}

/// How many rows of a table are told at a time.
const PART: usize = 500;
/// The mark in front tells spreadsheets that it is UTF-8.
const HEAD: &str = "\u{feff}at,conversation_id,customer_id,customer,value,agent\r\n";

/// Gives all that a number is made of as a table, newest first.
#[utoipa::path(
    get, path = "/api/reports/service/{key}/rows.csv", tag = "reports", params(("key" = Key, Path), ReportQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = 404), (status = 422))
)]
pub async fn table(
    State(app): State<Shared>,
    _: Caller,
    Path(key): Path<Key>,
    Query(query): Query<ReportQuery>,
) -> Answer<Response> {
    let period = period(&app, &query).await?;
    let measures = found(&app, key, &query, &period).await?;
    let name = format!("{key}-{}-{}.csv", period.first, period.last);
    let parts: Vec<Vec<Measure>> = measures.chunks(PART).map(<[Measure]>::to_vec).collect();
    let rows = stream::iter(parts).then(move |part| {
        let app = app.clone();
        async move {
            let rows = app.store.read(move |tx| tell(tx, &part)).await?;
            Ok(rows.into_iter().map(line).collect())
        }
    });
    let head = stream::once(async { Ok(HEAD.to_owned()) });
    Ok(csv::download(&name, head.chain(rows)))
}

fn line(row: ReportRow) -> String {
    csv::line([
        row.at.to_string(),
        row.conversation_id.to_string(),
        row.customer.id.to_string(),
        row.customer.name,
        row.value.to_string(),
        row.agent.map_or_else(String::new, |agent| agent.name),
    ])
}

/// Measures a period once, and gives what one number is made of, newest first.
async fn found(app: &Shared, key: Key, query: &ReportQuery, period: &Period) -> Answer<Vec<Measure>> {
    let found = narrow::narrow(app, query, measure(app, period).await?).await?;
    let mut measures = found.measures;
    measures.retain(|measure| measure.key == key);
    measures.sort_by_key(|measure| std::cmp::Reverse(place(measure)));
    Ok(measures)
}

fn place(measure: &Measure) -> [i64; 3] {
    [
        measure.at.0,
        measure.conversation.0,
        measure.agent.map_or(0, |agent| agent.0),
    ]
}

fn tell(tx: &mut Tx, measures: &[Measure]) -> store::Result<Vec<ReportRow>> {
    let ids: Vec<_> = measures.iter().map(|measure| measure.customer).collect();
    let customers = customers::called(tx, &ids)?;
    let agents: BTreeSet<_> = measures.iter().filter_map(|measure| measure.agent).collect();
    let agents = names::get(tx, &agents.into_iter().map(|id| (Named::User, id.0)).collect())?;
    let rows = measures.iter().map(|measure| ReportRow {
        conversation_id: measure.conversation,
        customer: Ref::new(
            measure.customer.0,
            customers.get(&measure.customer).cloned().unwrap_or_default(),
        ),
        at: measure.at,
        value: measure.value,
        agent: measure
            .agent
            .map(|agent| Ref::new(agent.0, agents.get(Named::User, agent.0))),
    });
    Ok(rows.collect())
}
