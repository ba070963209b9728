//! What the funnel's rules say of one customer, by trying everything.

use std::cmp::Reverse;

use super::{FunnelOrder, FunnelQuery, Pass, Touchpoint};

/// An event: when, the steps it does, and where.
#[derive(Clone)]
struct Event {
    time: i64,
    does: Vec<usize>,
    touchpoint: Touchpoint,
}

/// A chain: which step was passed by which event, by their places among the sorted events.
type Chain = Vec<(usize, usize)>;

/// Gives how the customer passed each step; `None` when they are excluded.
pub fn passes(query: &FunnelQuery, way: &[(i64, Touchpoint)]) -> Option<Vec<Option<Pass>>> {
    let does = |touchpoint| {
        (0..query.steps.len())
            .filter(|step| query.steps[*step].touchpoints.contains(touchpoint))
            .collect()
    };
    let event = |(time, touchpoint): &(i64, Touchpoint)| Event {
        time: *time,
        does: does(*touchpoint),
        touchpoint: *touchpoint,
    };
    let mut events: Vec<Event> = way.iter().map(event).collect();
    let run = match query.order {
        FunnelOrder::Unordered => unordered,
        FunnelOrder::Ordered | FunnelOrder::Strict => {
            events.sort_by_key(|event| (event.time, event.does.first().copied().unwrap_or(99)));
            ordered
        }
    };
    let any = run(query, &events, false);
    let clean = run(query, &events, true);
    let deepest = |passes: &[Option<Pass>]| passes.iter().rposition(Option::is_some);
    (deepest(&any) == deepest(&clean)).then_some(clean)
}

fn ordered(query: &FunnelQuery, events: &[Event], with_exclusions: bool) -> Vec<Option<Pass>> {
    let mut best: Option<Chain> = None;
    let mut chain = Chain::new();
    search(query, events, with_exclusions, &mut chain, &mut best);
    let mut passes = vec![None; query.steps.len()];
    let best = best.unwrap_or_default();
    for (number, (step, event)) in best.iter().enumerate() {
        let time = |at: usize| events[best[at].1].time;
        passes[*step] = Some(Pass {
            touchpoint: events[*event].touchpoint,
            since_start: time(number) - time(0),
            since_previous: number.checked_sub(1).map(|before| time(number) - time(before)),
        });
    }
    passes
}

fn search(query: &FunnelQuery, events: &[Event], with_exclusions: bool, chain: &mut Chain, best: &mut Option<Chain>) {
    if !chain.is_empty() && best.as_ref().is_none_or(|best| is_better(events, chain, best)) {
        *best = Some(chain.clone());
    }
    let last = query.steps.len() - 1;
    let first_event = chain.last().map_or(0, |(_, event)| event + 1);
    for event in first_event..events.len() {
        for step in &events[event].does {
            let may_follow = match chain.last() {
                None => *step == 0,
                Some((before, from)) => {
                    let left_out =
                        (before + 1..*step).all(|between| between < last && query.steps[between].is_optional);
                    let in_window = events[event].time - events[chain[0].1].time <= query.window_ms;
                    let clean = !is_spoilt(query, events, with_exclusions, *before, (*from, event));
                    before < step && left_out && in_window && clean
                }
            };
            if may_follow {
                chain.push((*step, event));
                search(query, events, with_exclusions, chain, best);
                chain.pop();
            }
        }
    }
}

/// Whether something at a time between two events breaks a chain that waits at this step.
fn is_spoilt(
    query: &FunnelQuery,
    events: &[Event],
    with_exclusions: bool,
    step: usize,
    (from, to): (usize, usize),
) -> bool {
    let between = events
        .iter()
        .filter(|event| events[from].time < event.time && event.time < events[to].time);
    between.into_iter().any(|event| {
        let is_excluded = query.exclusions.iter().any(|exclusion| {
            exclusion.touchpoints.contains(event.touchpoint) && exclusion.from <= step && step < exclusion.to
        });
        let is_foreign = query.order == FunnelOrder::Strict && !event.does.contains(&step);
        is_foreign || with_exclusions && is_excluded
    })
}

/// Deeper, then earlier there, then begun later; then the step before: the later step, passed earlier; and so on back.
fn is_better(events: &[Event], chain: &Chain, other: &Chain) -> bool {
    let key = |chain: &Chain| {
        let (step, event) = chain[chain.len() - 1];
        let back: Vec<_> = chain
            .iter()
            .rev()
            .map(|(step, event)| (Reverse(*step), *event))
            .collect();
        (Reverse(step), event, Reverse(events[chain[0].1].time), back)
    };
    key(chain) < key(other)
}

fn unordered(query: &FunnelQuery, events: &[Event], with_exclusions: bool) -> Vec<Option<Pass>> {
    let mut passes = Vec::new();
    let is_excluded = |event: &Event| {
        with_exclusions
            && query
                .exclusions
                .iter()
                .any(|exclusion| exclusion.touchpoints.contains(event.touchpoint))
    };
    for (now, event) in events.iter().enumerate() {
        let mut since: Vec<i64> = events[..=now].iter().map(|event| event.time).collect();
        since.sort_by_key(|time| Reverse(*time));
        since.retain(|since| event.time - since <= query.window_ms);
        since.retain(|since| {
            !events
                .iter()
                .any(|x| is_excluded(x) && *since < x.time && x.time < event.time)
        });
        let wanted = passes.len() + 1;
        let enough = |since: &&i64| {
            let within: Vec<&Event> = events[..=now].iter().filter(|event| event.time >= **since).collect();
            most_served(&within, query.steps.len(), &mut Vec::new()) >= wanted
        };
        if let Some(since) = since.iter().find(enough) {
            passes.push(Some(Pass {
                touchpoint: event.touchpoint,
                since_start: event.time - since,
                since_previous: None,
            }));
        }
    }
    passes.resize(query.steps.len(), None);
    passes
}

/// The most steps that the events can serve, each event one step, by trying every choice.
fn most_served(events: &[&Event], steps: usize, taken: &mut Vec<usize>) -> usize {
    let Some((event, rest)) = events.split_first() else {
        return taken.len();
    };
    let mut most = most_served(rest, steps, taken);
    for step in &event.does {
        if most < steps && !taken.contains(step) {
            taken.push(*step);
            most = most.max(most_served(rest, steps, taken));
            taken.pop();
        }
    }
    most
}
