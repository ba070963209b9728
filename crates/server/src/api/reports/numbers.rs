//! From what was measured to the numbers on the page.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::metrics::{Measure, Tick, business_seconds, interval, summary};
use store::names::{self, Named};

use super::*;

/// Gives every metric, also those of which there is nothing.
pub(super) fn metrics(findings: &Findings, settings: &Settings) -> Vec<Metric> {
    let of = |key| findings.measures.iter().filter(move |measure| measure.key == key);
    Key::ALL
        .iter()
        .map(|key| {
            let measures: Vec<&Measure> = of(*key).collect();
            match key {
                Key::FirstResponse | Key::NextResponse | Key::ResolutionFirst | Key::ResolutionFull => {
                    times(*key, &measures, settings)
                }
                Key::Csat => satisfaction(&measures, findings),
                Key::Containment => share(*key, &measures, |measure| measure.value > 0.0),
                Key::ConversationsPerAgent => per_agent(&measures),
            }
        })
        .collect()
}

fn blank(key: Key, unit: Unit, n: usize) -> Metric {
    Metric {
        key,
        unit,
        n,
        median: None,
        p90: None,
        mean: None,
        value: None,
        low: None,
        high: None,
        extra: BTreeMap::new(),
    }
}

fn times(key: Key, measures: &[&Measure], settings: &Settings) -> Metric {
    let mut metric = blank(key, Unit::Seconds, measures.len());
    if let Some(summary) = summary(measures.iter().map(|measure| measure.value).collect()) {
        metric.median = Some(summary.median);
        metric.p90 = Some(summary.p90);
        metric.mean = Some(summary.mean);
    }
    let business = measures
        .iter()
        .map(|measure| business_seconds(settings, measure.at, measure.until));
    if let Some(summary) = summary(business.collect()) {
        metric.extra.insert("business_median", summary.median);
        metric.extra.insert("business_p90", summary.p90);
    }
    metric
}

fn share(key: Key, measures: &[&Measure], is: fn(&Measure) -> bool) -> Metric {
    let mut metric = blank(key, Unit::Share, measures.len());
    let yes = measures.iter().filter(|measure| is(measure)).count();
    if let Some(interval) = interval(yes, measures.len()) {
        metric.value = Some(interval.share);
        metric.low = Some(interval.low);
        metric.high = Some(interval.high);
    }
    metric
}

fn satisfaction(measures: &[&Measure], findings: &Findings) -> Metric {
    let mut metric = share(Key::Csat, measures, |measure| measure.value >= 4.0);
    metric.mean = summary(measures.iter().map(|measure| measure.value).collect()).map(|summary| summary.mean);
    let count = |tick| findings.ticks.iter().filter(|(which, ..)| *which == tick).count() as f64;
    let (sent, answered) = (count(Tick::SurveySent), count(Tick::SurveyAnswered));
    metric.extra.insert("sent", sent);
    metric.extra.insert("answered", answered);
    if sent > 0.0 {
        metric.extra.insert("response_rate", answered / sent);
    }
    metric
}

fn per_agent(measures: &[&Measure]) -> Metric {
    let mut counts: HashMap<UserId, f64> = HashMap::new();
    for agent in measures.iter().filter_map(|measure| measure.agent) {
        *counts.entry(agent).or_default() += 1.0;
    }
    let mut metric = blank(Key::ConversationsPerAgent, Unit::Count, counts.len());
    if let Some(summary) = summary(counts.into_values().collect()) {
        metric.median = Some(summary.median);
        metric.p90 = Some(summary.p90);
        metric.mean = Some(summary.mean);
        metric.value = Some(summary.mean);
    }
    metric
}

/// Gives each day of the period, also the empty ones.
pub(super) fn by_day(findings: &Findings, period: &Period) -> Vec<Day> {
    let day_of = |at: Time| at.timestamp().to_zoned(period.zone.clone()).date();
    let mut counts: HashMap<(Date, Tick), usize> = HashMap::new();
    for (tick, _, at) in &findings.ticks {
        *counts.entry((day_of(*at), *tick)).or_default() += 1;
    }
    let mut waits: HashMap<Date, Vec<f64>> = HashMap::new();
    for measure in findings
        .measures
        .iter()
        .filter(|measure| measure.key == Key::FirstResponse)
    {
        waits.entry(day_of(measure.at)).or_default().push(measure.value);
    }
    let days = std::iter::successors(Some(period.first), |day| day.tomorrow().ok());
    days.take_while(|day| *day <= period.last)
        .map(|day| {
            let count = |tick| counts.get(&(day, tick)).copied().unwrap_or_default();
            Day {
                day,
                opened: count(Tick::Opened),
                closed: count(Tick::Closed),
                received: count(Tick::Received),
                sent: count(Tick::Sent),
                first_response_median_s: waits.remove(&day).and_then(summary).map(|summary| summary.median),
            }
        })
        .collect()
}

/// Gives those who replied, most conversations first.
pub(super) async fn agents(app: &Shared, findings: &Findings) -> Answer<Vec<Agent>> {
    let ids: BTreeSet<UserId> = findings.replies.iter().filter_map(|reply| reply.agent).collect();
    let wanted: BTreeSet<_> = ids.iter().map(|id| (Named::User, id.0)).collect();
    let names = app.store.read(move |tx| names::get(tx, &wanted)).await?;
    let mut agents: Vec<Agent> = ids
        .into_iter()
        .map(|id| agent(id, names.get(Named::User, id.0), findings))
        .collect();
    agents.sort_by(|a, b| (b.conversations, &a.user.name).cmp(&(a.conversations, &b.user.name)));
    Ok(agents)
}

fn agent(id: UserId, name: &str, findings: &Findings) -> Agent {
    let values = |key: Key| -> Vec<f64> {
        let own = findings.measures.iter();
        own.filter(|measure| measure.key == key && measure.agent == Some(id))
            .map(|measure| measure.value)
            .collect()
    };
    let ratings = values(Key::Csat);
    let good = ratings.iter().filter(|score| **score >= 4.0).count();
    Agent {
        user: Ref::new(id.0, name),
        conversations: values(Key::ConversationsPerAgent).len(),
        replies: findings.replies.iter().filter(|reply| reply.agent == Some(id)).count(),
        first_response_median_s: summary(values(Key::FirstResponse)).map(|summary| summary.median),
        csat: interval(good, ratings.len()).map(|interval| interval.share),
    }
}
