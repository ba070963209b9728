//! The rows that a number is made of.

use std::collections::BTreeSet;

use domain::metrics::Measure;
use store::{
    customers,
    names::{self, Named, Names},
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
    /// The value in words.
    text: String,
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
        text: words(measure, &agents),
    });
    Ok(Page {
        items: items.collect(),
        next: page.next.clone(),
    })
}

fn words(measure: &Measure, agents: &Names) -> String {
    let agent = measure.agent.map_or("", |agent| agents.get(Named::User, agent.0));
    let by = if agent.is_empty() {
        String::new()
    } else {
        format!(" by {agent}")
    };
    match measure.key {
        Key::FirstResponse | Key::NextResponse => format!("Answered after {}{by}", length(measure.value)),
        Key::ResolutionFirst => format!("Closed after {}", length(measure.value)),
        Key::ResolutionFull => format!("Closed for good after {}", length(measure.value)),
        Key::Csat if agent.is_empty() => format!("Rated {} of 5", measure.value),
        Key::Csat => format!("Rated {} of 5; {agent} replied last", measure.value),
        Key::Containment if measure.value > 0.0 => "Needed no person".to_owned(),
        Key::Containment => "Needed a person".to_owned(),
        Key::ConversationsPerAgent if measure.value == 1.0 => format!("{agent} replied once"),
        Key::ConversationsPerAgent => format!("{agent} replied {} times", measure.value),
    }
}

/// Gives a time in its two largest units: "2 h 5 min".
fn length(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as i64;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_length_has_two_units() {
        let table = [
            (5.9, "5 s"),
            (65.0, "1 min 5 s"),
            (7_500.0, "2 h 5 min"),
            (90_000.0, "1 d 1 h"),
            (-1.0, "0 s"),
        ];
        for (seconds, expected) in table {
            assert_eq!(length(seconds), expected);
        }
    }
}
