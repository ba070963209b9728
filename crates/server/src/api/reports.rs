//! Reports: the numbers of the service, each with the rows it is made of.
//!
//! They are computed from the events when they are asked for. A period is read a day at a time, and no period is longer
//! than a year: that bounds the work and the memory. What happened more than 31 days after the period is not looked at.

use axum::{Json, extract::State};
use domain::{
    ChannelId, ConversationId, TeamId, Time, UserId,
    metrics::{Findings, Fold, KINDS, Key, Unit},
    settings::Settings,
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use store::{Tx, events};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shapes::Ref;
use crate::{
    app::Shared,
    http::{
        ask::{self, Path, Query},
        caller::Caller,
        page::{Page, PageQuery},
        problem::{Answer, Problem},
    },
};

mod narrow;
mod numbers;
mod rows;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(service))
        .routes(routes!(rows::rows))
        .routes(routes!(rows::table))
}

/// How many days are looked at where the question does not say.
const USUAL_DAYS: i64 = 30;
/// The longest period.
const MAX_DAYS: i64 = 366;
/// How long after the period is looked for the end of what began in it, and before it for the beginning of what ends in it.
const AFTER_SECONDS: i64 = 31 * 86_400;
/// How much is read at a time.
const SLICE_SECONDS: i64 = 86_400;

/// Which period, and whose numbers.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// The first day, `YYYY-MM-DD` in the company's zone [default: 29 days before the last].
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day [default: today]. At most 366 days with the first.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Only conversations in this team's queue.
    team: Option<TeamId>,
    /// Only what this agent replied, or replied last in.
    agent: Option<UserId>,
    /// Only conversations on this channel.
    channel: Option<ChannelId>,
}

/// The numbers of the service in a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceReport {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    to: Date,
    /// The zone that days are counted in.
    time_zone: String,
    /// The metrics.
    metrics: Vec<Metric>,
    /// The period day by day.
    by_day: Vec<Day>,
    /// Who replied, most conversations first.
    agents: Vec<Agent>,
}

/// A number. What exactly it measures stands beside it in the app, in the reader's language. Median and p90 are by nearest rank.
#[derive(Debug, Serialize, ToSchema)]
pub struct Metric {
    /// What is measured.
    key: Key,
    /// What its numbers count.
    unit: Unit,
    /// On how many it rests.
    n: usize,
    median: Option<f64>,
    p90: Option<f64>,
    mean: Option<f64>,
    /// The share, or the mean of a count.
    value: Option<f64>,
    /// The lower end of the 95 % interval of a share.
    low: Option<f64>,
    /// The upper end.
    high: Option<f64>,
    /// More numbers: `business_median` and `business_p90` count business hours only; `sent`, `answered` and
    /// `response_rate` are of the surveys sent in the period.
    extra: std::collections::BTreeMap<&'static str, f64>,
}

/// A day of the period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Day {
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// Conversations that were opened.
    opened: usize,
    /// Closings.
    closed: usize,
    /// Texts that came.
    received: usize,
    /// Texts that left, whoever wrote them.
    sent: usize,
    /// Of the first responses whose waiting began on the day.
    first_response_median_s: Option<f64>,
}

/// An agent in the period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agent {
    user: Ref,
    /// Conversations replied in.
    conversations: usize,
    replies: usize,
    first_response_median_s: Option<f64>,
    /// The share of ratings of 4 and 5 where this agent replied last.
    csat: Option<f64>,
}

/// Gives the numbers of the service in a period.
#[utoipa::path(get, path = "/api/reports/service", tag = "reports", params(ReportQuery),
    responses((status = 200, body = ServiceReport), (status = 422)))]
async fn service(
    State(app): State<Shared>,
    _: Caller,
    Query(query): Query<ReportQuery>,
) -> Answer<Json<ServiceReport>> {
    let period = period(&app, &query).await?;
    let findings = narrow::narrow(&app, &query, measure(&app, &period).await?).await?;
    Ok(Json(ServiceReport {
        metrics: numbers::metrics(&findings, &period.settings),
        by_day: numbers::by_day(&findings, &period),
        agents: numbers::agents(&app, &findings).await?,
        from: period.first,
        to: period.last,
        time_zone: period.settings.time_zone,
    }))
}

/// The days asked for, and the moments they begin and end at.
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Period {
    pub first: Date,
    pub last: Date,
    pub from: Time,
    pub to: Time,
    pub zone: TimeZone,
    settings: Settings,
}

async fn period(app: &Shared, query: &ReportQuery) -> Answer<Period> {
    period_of(app, (query.from, query.to), USUAL_DAYS).await
}

/// Gives the days from the first to the last; where those are not said, `usual` days up to today.
pub async fn period_of(app: &Shared, (first, last): (Option<Date>, Option<Date>), usual: i64) -> Answer<Period> {
    let settings = app.store.read(store::settings::get).await?;
    let zone = settings.zone();
    let today = app.universe.now().timestamp().to_zoned(zone.clone()).date();
    let last = last.unwrap_or(today);
    let first = first.unwrap_or_else(|| last.saturating_sub((usual - 1).days()));
    if last < first {
        return Err(Problem::invalid(
            "to",
            format!("is {last}, before 'from', which is {first}"),
        ));
    }
    if i64::from((last - first).get_days()) >= MAX_DAYS {
        return Err(Problem::invalid(
            "from",
            format!("must be at most {MAX_DAYS} days before the end of 'to'"),
        ));
    }
    Ok(Period {
        from: ask::start_of_day("from", first, &zone)?,
        to: ask::start_of_day("to", last.saturating_add(1.day()), &zone)?,
        first,
        last,
        zone,
        settings,
    })
}

/// Reads the events of a period a day at a time, and measures.
async fn measure(app: &Shared, period: &Period) -> Answer<Findings> {
    let mut fold = Fold::new(period.from, period.to);
    let end = period
        .to
        .plus_seconds(AFTER_SECONDS)
        .min(app.universe.now().plus_millis(1));
    // Who waited when it began, and what was written before to leave in it, is part of its numbers.
    let mut from = period.from.plus_seconds(-AFTER_SECONDS);
    while from < end {
        let to = from.plus_seconds(SLICE_SECONDS).min(end);
        let look = move |tx: &mut Tx| events::of_kinds(tx, &KINDS, from, to);
        for event in app.store.read(look).await? {
            fold.take(&event.happening);
        }
        from = to;
    }
    Ok(fold.finish())
}
