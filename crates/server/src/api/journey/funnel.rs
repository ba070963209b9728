//! The funnel: how many customers go through steps that the reader chose.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use axum::{Json, extract::State};
use domain::{CustomerId, SegmentId};
use journey::{
    CustomerSet, FUNNEL_STEPS, Filter, FunnelBreakdown, FunnelCount, FunnelExclusion, FunnelOrder, FunnelQuery,
    FunnelResult, FunnelStep, Log, Touchpoint, TouchpointSet,
};
use serde::{Deserialize, Serialize};
use store::{Tx, segments};
use utoipa::ToSchema;

use super::scope::{DAY_MS, Scope, question, within};
use crate::{
    app::Shared,
    http::{
        ask::Query,
        caller::Caller,
        page::{PageQuery, Stretch},
        problem::{Answer, Problem},
    },
    journeys,
};

/// The most segments that a funnel tells apart: for each of them it is gone through once more.
const SEGMENTS: usize = 8;

/// How the steps of a funnel must follow each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// One after the other, with anything in between.
    #[default]
    Ordered,
    /// One after the other, with nothing in between.
    Strict,
    /// In any order.
    Unordered,
}

question! {
    /// What a funnel is asked.
    FunnelParams {
        /// The steps, such as `3,5|6,9?`: 3, then 5 or 6, then perhaps 9. At least two.
        steps: String,
        /// How they must follow each other [default: ordered].
        #[param(inline)]
        order: Option<Order>,
        /// How long a customer may take, in days, 1 to 366 [default: 14].
        window_days: Option<i64>,
        /// What must not come on the way, such as `7|8:1-2,9`: neither 7 nor 8 between the first step and the second, and 9
        /// nowhere between the first and the last. Who got to their deepest step only past it is counted in none.
        exclude: Option<String>,
        /// What customers are split by: `first`, the touchpoint their way begins with; the number of a step, from 1, for the
        /// touchpoint they passed it by; `channel`, that of the touchpoint they passed the first step by; or up to eight
        /// segments, such as `segments:4,7`, with those in none of them.
        breakdown: Option<String>,
    }
}

/// What the kernel does not tell customers apart by itself.
enum Split {
    Nothing,
    Channels,
    Segments(Vec<SegmentId>),
}

impl FunnelParams {
    /// Puts the question together.
    pub fn query(&self, scope: &Scope) -> Answer<FunnelQuery> {
        let steps: Vec<FunnelStep> = self
            .steps
            .split(',')
            .map(|step| funnel_step(scope, step))
            .collect::<Answer<_>>()?;
        if !(2..=FUNNEL_STEPS).contains(&steps.len()) {
            return Err(Problem::invalid("steps", format!("must be from 2 to {FUNNEL_STEPS}")));
        }
        let order = match self.order.unwrap_or_default() {
            Order::Ordered => FunnelOrder::Ordered,
            Order::Strict => FunnelOrder::Strict,
            Order::Unordered => FunnelOrder::Unordered,
        };
        let exclusions = self.exclude.iter().flat_map(|list| list.split(','));
        Ok(FunnelQuery {
            filter: scope.filter.clone(),
            window_ms: within("window_days", self.window_days.unwrap_or(14), (1, 366))? * DAY_MS,
            exclusions: exclusions
                .map(|text| exclusion(scope, text, (steps.len(), order)))
                .collect::<Answer<_>>()?,
            order,
            breakdown: FunnelBreakdown::None,
            durations: true,
            steps,
        })
    }

    /// Reads what customers are split by: what the kernel does, and what is left to do.
    fn split(&self, steps: usize) -> Answer<(FunnelBreakdown, Split)> {
        let refused = || {
            let words = "must be 'first', the number of a step, 'channel', or segments such as 'segments:4,7'";
            Problem::invalid("breakdown", words)
        };
        let Some(text) = self.breakdown.as_deref() else {
            return Ok((FunnelBreakdown::None, Split::Nothing));
        };
        if let Some(list) = text.strip_prefix("segments:") {
            let ids: Result<Vec<SegmentId>, _> = list.split(',').map(str::parse).collect();
            let ids = ids.map_err(|_| refused())?;
            within("breakdown", ids.len(), (1, SEGMENTS))?;
            return Ok((FunnelBreakdown::None, Split::Segments(ids)));
        }
        match text {
            "first" => Ok((FunnelBreakdown::FirstTouchpoint, Split::Nothing)),
            "channel" => Ok((FunnelBreakdown::Step(0), Split::Channels)),
            text => {
                let step = place(text, steps).ok_or_else(refused)?;
                Ok((FunnelBreakdown::Step(step), Split::Nothing))
            }
        }
    }
}

/// Reads the number of a step, from 1, as its place.
fn place(text: &str, steps: usize) -> Option<usize> {
    let number: usize = text.parse().ok()?;
    (1..=steps).contains(&number).then(|| number - 1)
}

/// Reads what must not come between two steps, such as `7|8:1-2`.
fn exclusion(scope: &Scope, text: &str, (steps, order): (usize, FunnelOrder)) -> Answer<FunnelExclusion> {
    let (touchpoints, between) = match text.split_once(':') {
        Some((touchpoints, between)) => (touchpoints, Some(between)),
        None => (text, None),
    };
    if between.is_some() && order == FunnelOrder::Unordered {
        let words = "can name no steps where the steps come in any order";
        return Err(Problem::invalid("exclude", words));
    }
    let refused = || {
        let words = format!("must name two steps, the earlier one first, such as 7:1-{steps}");
        Problem::invalid("exclude", words)
    };
    let read = |between: &str| -> Option<Range<usize>> {
        let (from, to) = between.split_once('-')?;
        let between = place(from, steps)?..place(to, steps)?;
        (!between.is_empty()).then_some(between)
    };
    let Range { start, end } = between.map_or(Some(0..steps - 1), read).ok_or_else(refused)?;
    let touchpoints = touchpoints.split('|').map(|id| scope.touchpoint("exclude", id));
    Ok(FunnelExclusion {
        touchpoints: touchpoints.collect::<Answer<TouchpointSet>>()?,
        from: start,
        to: end,
    })
}

/// A funnel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Funnel {
    /// All customers that were looked at.
    customers: u64,
    /// Those who got to their deepest step only past what is excluded; no step counts them.
    excluded: u64,
    /// The steps.
    steps: Vec<FunnelCount>,
    /// The same figures for each part of the customers. They add up to the steps, but for segments: who is in several of them is
    /// counted in each.
    groups: Vec<FunnelPart>,
}

/// A part of a funnel's customers, named by what they were split by; by nothing where they have none of it.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct FunnelPart {
    /// What their way begins with, or they passed the step by.
    touchpoint: Option<Touchpoint>,
    /// Where they passed the first step.
    channel: Option<String>,
    /// What they belong to now.
    segment: Option<SegmentId>,
    /// How many passed each step.
    steps: Vec<u64>,
}

impl From<FunnelResult> for Funnel {
    fn from(result: FunnelResult) -> Funnel {
        let part = |group: journey::FunnelGroup| FunnelPart {
            touchpoint: group.touchpoint,
            steps: group.steps,
            ..FunnelPart::default()
        };
        Funnel {
            customers: result.customers,
            excluded: result.excluded,
            steps: result.steps,
            groups: result.groups.into_iter().map(part).collect(),
        }
    }
}

fn funnel_step(scope: &Scope, text: &str) -> Answer<FunnelStep> {
    let (text, is_optional) = match text.strip_suffix('?') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let touchpoints = text.split('|').map(|id| scope.touchpoint("steps", id));
    Ok(FunnelStep {
        touchpoints: touchpoints.collect::<Answer<TouchpointSet>>()?,
        is_optional,
    })
}

/// Gives how many customers pass each step of a funnel.
#[utoipa::path(get, path = "/api/journey/funnel", tag = "experience", params(FunnelParams),
    responses((status = 200, body = Funnel), (status = 422)))]
pub async fn funnel(State(app): State<Shared>, _: Caller, Query(params): Query<FunnelParams>) -> Answer<Json<Funnel>> {
    let scope = params.scope(&app).await?;
    let mut query = params.query(&scope)?;
    let (breakdown, split) = params.split(query.steps.len())?;
    query.breakdown = breakdown;
    let members = match &split {
        Split::Segments(ids) => {
            let ids = ids.clone();
            app.store.read(move |tx: &mut Tx| members(tx, &ids)).await?
        }
        Split::Nothing | Split::Channels => Vec::new(),
    };
    let question = move |log: &Log| {
        let mut funnel = Funnel::from(journey::funnel(log, &query));
        if !members.is_empty() {
            funnel.groups = by_segment(log, &query, &members, &funnel.steps);
        }
        funnel
    };
    let mut funnel = app.journeys.ask(question).await?;
    if let Split::Channels = split {
        funnel.groups = by_channel(&scope, funnel.groups);
    }
    Ok(Json(funnel))
}

/// Gives who belongs to each of some segments.
fn members(tx: &mut Tx, ids: &[SegmentId]) -> Answer<Vec<(SegmentId, Vec<CustomerId>)>> {
    let known = segments::list(tx)?;
    let of = |id: &SegmentId| {
        if known.iter().all(|segment| segment.id != *id) {
            return Err(Problem::invalid("breakdown", "must name segments that are there"));
        }
        Ok((*id, segments::all_members(tx, *id)?))
    };
    ids.iter().map(of).collect()
}

/// Goes through the funnel with each segment, and with who is in none of them.
fn by_segment(
    log: &Log,
    query: &FunnelQuery,
    members: &[(SegmentId, Vec<CustomerId>)],
    all: &[FunnelCount],
) -> Vec<FunnelPart> {
    let passed = |who: &mut dyn Iterator<Item = CustomerId>| -> Vec<u64> {
        let asked = query.filter.customers.as_deref();
        let who: CustomerSet = who.filter(|one| asked.is_none_or(|set| set.contains(*one))).collect();
        let query = FunnelQuery {
            filter: Filter {
                customers: Some(Arc::new(who)),
                ..query.filter.clone()
            },
            durations: false,
            ..query.clone()
        };
        let result = journey::funnel(log, &query);
        result.steps.iter().map(|step| step.customers).collect()
    };
    let part = |(segment, who): &(SegmentId, Vec<CustomerId>)| FunnelPart {
        segment: Some(*segment),
        steps: passed(&mut who.iter().copied()),
        ..FunnelPart::default()
    };
    let mut parts: Vec<FunnelPart> = members.iter().map(part).collect();
    // What becomes of a customer depends on nobody else: who is in none is what is left of all.
    let in_any = passed(&mut members.iter().flat_map(|(_, who)| who.iter().copied()));
    parts.push(FunnelPart {
        steps: all.iter().zip(in_any).map(|(all, any)| all.customers - any).collect(),
        ..FunnelPart::default()
    });
    parts
}

/// Adds up the touchpoints of each channel: everybody passed the first step by one of them.
fn by_channel(scope: &Scope, groups: Vec<FunnelPart>) -> Vec<FunnelPart> {
    let channel = |touchpoint: Touchpoint| {
        let row = scope
            .catalogue
            .iter()
            .find(|row| journeys::number(row.id) == touchpoint)?;
        (!row.channel.is_empty()).then(|| row.channel.clone())
    };
    let mut channels: BTreeMap<Option<String>, Vec<u64>> = BTreeMap::new();
    for group in groups {
        let into = channels.entry(group.touchpoint.and_then(channel));
        let into = into.or_insert_with(|| vec![0; group.steps.len()]);
        into.iter_mut().zip(group.steps).for_each(|(into, from)| *into += from);
    }
    let part = |(channel, steps)| FunnelPart {
        channel,
        steps,
        ..FunnelPart::default()
    };
    channels.into_iter().map(part).collect()
}

question! {
    /// Who of a funnel is asked for.
    FunnelPeopleParams {
        /// The steps, as the funnel has them.
        steps: String,
        /// How they must follow each other [default: ordered].
        #[param(inline)]
        order: Option<Order>,
        /// How long a customer may take, in days, 1 to 366 [default: 14].
        window_days: Option<i64>,
        /// What must not come on the way, as the funnel has it.
        exclude: Option<String>,
        /// The step that they passed, from 1.
        step: usize,
        /// Whether only those are wanted who were lost after it [default: false].
        is_lost: Option<bool>,
        /// How many people are named, 1 to 200 [default: 50].
        limit: Option<i64>,
        /// The `next` of those that were named before.
        cursor: Option<String>,
    }
}

impl FunnelPeopleParams {
    /// Puts the question together: the funnel, and the place of the step in it.
    pub fn query(&self, scope: &Scope) -> Answer<(FunnelQuery, usize)> {
        let funnel = FunnelParams {
            from: self.from,
            to: self.to,
            stage: self.stage,
            channel: self.channel.clone(),
            segment: self.segment,
            steps: self.steps.clone(),
            order: self.order,
            window_days: self.window_days,
            exclude: self.exclude.clone(),
            breakdown: None,
        };
        let query = funnel.query(scope)?;
        let step = within("step", self.step, (1, query.steps.len()))? - 1;
        Ok((query, step))
    }

    /// Gives whether only the lost are wanted, and which of them are to be named.
    pub fn wanted(self) -> Answer<(bool, Stretch)> {
        let paging = PageQuery {
            limit: self.limit,
            cursor: self.cursor,
        };
        Ok((self.is_lost.unwrap_or(false), paging.stretch()?))
    }
}
