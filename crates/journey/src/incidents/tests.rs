//! Incidents that were planted, and months without any.

use proptest::prelude::*;

use super::*;
use crate::stats::Chance;
use crate::testing::{events, log, log_of};

const DAY: i64 = 86_400_000;
const CALL: u16 = 3;
/// Breaks on day 12 and is repaired on day 16.
const BROKEN: u16 = 0;
/// Is met right before or after the broken one, most of the time.
const BESIDE: u16 = 1;
const OTHER: u16 = 2;

fn query() -> IncidentQuery {
    IncidentQuery {
        filter: Filter::default(),
        contacts: [Touchpoint(CALL)].into_iter().collect(),
        from: 0,
        until: 31 * DAY,
        slice_ms: DAY,
        horizon_ms: DAY,
        gap_ms: 3 * DAY,
        false_share: 0.05,
        rounds: 199,
        seed: 1,
        people: 5,
    }
}

/// 60 customers a day for 30 days; a third meets the broken touchpoint.
fn month(seed: u64, breaks: bool) -> Vec<(i64, u16, i64)> {
    let mut chance = Chance::new(seed);
    let mut events = Vec::new();
    for who in 0..1_800 {
        let (day, third) = (who / 60, who % 3);
        let time = day * DAY + (chance.share() * 0.8 * DAY as f64) as i64;
        let met: &[u16] = match third {
            0 => &[BROKEN, BESIDE],
            1 => &[BESIDE, OTHER],
            _ => &[OTHER],
        };
        let met = if third == 0 && who % 5 == 0 { &[BROKEN][..] } else { met };
        events.extend(
            met.iter()
                .enumerate()
                .map(|(step, touchpoint)| (who, *touchpoint, time + step as i64 * 1_000)),
        );
        let is_down = breaks && third == 0 && (12..16).contains(&day);
        if chance.share() < if is_down { 0.5 } else { 0.06 } {
            events.push((who, CALL, time + 60_000 + (chance.share() * 0.5 * DAY as f64) as i64));
        }
    }
    events
}

#[test]
fn a_surge_is_dated_and_linked_to_its_touchpoint() {
    let (mut dated, mut others) = (0, 0);
    for seed in 0..10 {
        let found = incidents(&log(&month(seed, true)), &query());
        let incident = &found[0];
        others += found.len() - 1;
        assert_eq!(incident.touchpoint, Touchpoint(BROKEN), "seed {seed}");
        assert!(
            incident.contacts as f64 > 3.0 * incident.expected && !incident.is_open,
            "{incident:?}"
        );
        assert_eq!(incident.people.len(), 5);
        let days = (incident.start / DAY, incident.end / DAY);
        dated += usize::from((11..=13).contains(&days.0) && (15..=17).contains(&days.1));
    }
    assert!(dated >= 9, "{dated} of 10 dated within a day");
    // At 5 % of false discoveries one more may come by chance.
    assert!(others <= 1, "{others} more");
}

#[test]
fn one_surge_among_many_touchpoints_stands_out() {
    let aside =
        |(who, what, at): &(i64, u16, i64)| (*what != CALL).then_some((*who, 4 + (who % 12) as u16, at + 2_000));
    let mut events = month(1, true);
    events.extend(events.clone().iter().filter_map(aside));
    let found = incidents(&log(&events), &query());
    let found: Vec<Touchpoint> = found.iter().map(|incident| incident.touchpoint).collect();
    assert_eq!(found, [Touchpoint(BROKEN)]);
}

#[test]
fn a_quiet_month_has_no_incident() {
    let alarms: usize = (0..20)
        .map(|seed| incidents(&log(&month(100 + seed, false)), &query()).len())
        .sum();
    assert!(alarms <= 2, "{alarms} in 20 months");
}

#[test]
fn an_incident_that_still_goes_on_is_open() {
    let query = IncidentQuery {
        until: 16 * DAY,
        ..query()
    };
    let now: Vec<(i64, u16, i64)> = month(1, true).into_iter().filter(|(_, _, at)| *at < 16 * DAY).collect();
    let found = incidents(&log(&now), &query);
    assert_eq!(
        (found[0].touchpoint, found[0].is_open, found[0].end),
        (Touchpoint(BROKEN), true, 16 * DAY),
        "{found:?}"
    );
}

proptest! {
    #[test]
    fn meetings_and_contacts_are_those_of_friction(events in events(), horizon in 1i64..10) {
        let query = IncidentQuery { from: -20, until: 40, slice_ms: 4, horizon_ms: horizon, gap_ms: 5, ..query() };
        let slices = ((60 - horizon) / 4) as usize;
        let log = log_of(&events);
        let counts = count(&log, &query, slices, &[]);
        for (touchpoint, counts) in &counts {
            let end = query.from + slices as i64 * 4;
            let asked = FrictionQuery { horizon_ms: horizon, gap_ms: 5, ..FrictionQuery::new(query.contacts.clone(), Vec::new(), 40) };
            let helped = crate::helped(&log, &asked, *touchpoint, 1_000);
            let expected = helped.customers.iter().filter(|helped| helped.met_at < end).count();
            prop_assert_eq!(counts.slices.iter().map(|slice| slice.contacts).sum::<u64>(), expected as u64);
            prop_assert_eq!(counts.people.len(), expected);
            prop_assert!(counts.slices.iter().all(|slice| slice.contacts <= slice.meetings));
        }
    }
}
