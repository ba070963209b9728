//! The rows that a number is made of.

use std::collections::BTreeSet;

use domain::metrics::Measure;
use store::{
    customers,
    names::{self, Named},
};

use super::*;

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
    let found = narrow::narrow(&app, &query, measure(&app, &period).await?).await?;
    let mut measures = found.measures;
    measures.retain(|measure| measure.key == key && before.is_none_or(|before| place(measure) < before));
    measures.sort_by_key(|measure| std::cmp::Reverse(place(measure)));
    measures.truncate(usize::try_from(limit + 1).unwrap_or(0));
    let page = Page::cut(measures, limit, place);
    let look = move |tx: &mut Tx| tell(tx, &page);
    Ok(Json(app.store.read(look).await?))
}

fn place(measure: &Measure) -> [i64; 3] {
    [
        measure.at.0,
        measure.conversation.0,
        measure.agent.map_or(0, |agent| agent.0),
    ]
}

fn tell(tx: &mut Tx, page: &Page<Measure>) -> store::Result<Page<ReportRow>> {
    let ids: Vec<_> = page.items.iter().map(|measure| measure.customer).collect();
    let customers = customers::called(tx, &ids)?;
    let agents: BTreeSet<_> = page.items.iter().filter_map(|measure| measure.agent).collect();
    let agents = names::get(tx, &agents.into_iter().map(|id| (Named::User, id.0)).collect())?;
    let items = page.items.iter().map(|measure| ReportRow {
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
    Ok(Page {
        items: items.collect(),
        next: page.next.clone(),
    })
}
