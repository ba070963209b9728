//! Events that were not written here and now: by a later version, in another cluster.

use std::time::Duration;

use domain::{Actor, Event, Time, event::Happening};

use super::{Cursor, Recorded, Stretch, adopt, after, append};
use crate::{Dialect, Store, Tx, params, testing::each_database};

fn happening(at: i64) -> Happening {
    Happening {
        at: Time(at),
        customer: None,
        conversation: None,
        actor: Actor::SYSTEM,
        event: Event::ConversationClosed {},
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_holds_up_none_after_it() {
    for test in &each_database() {
        let write = |tx: &mut Tx| {
            let strange = append(tx, &happening(1))?;
            append(tx, &happening(2))?;
            let sql = "UPDATE events SET kind = 'from_the_future' WHERE id = ?1";
            tx.execute(sql, params![strange])
        };
        test.store.write(write).await.unwrap();
        let seen = tokio::time::timeout(Duration::from_secs(20), next_readable(&test.store, Cursor::default())).await;
        let seen = seen.expect("the events are shown");
        assert_eq!(seen.events.len(), 1);
        assert_eq!(seen.events[0].1.happening.at, Time(2));
        let end = seen.end;
        let rest = test.store.read(move |tx| after(tx, end, 1)).await.unwrap();
        assert!(rest.events.is_empty() && !rest.more);
    }
}

/// Gives the next event that can be read: transactions of other tests may hold the view back for a moment.
async fn next_readable(store: &Store, mut from: Cursor) -> Stretch {
    loop {
        let seen = store.read(move |tx| after(tx, from, 1)).await;
        let seen = seen.expect("the store can be read");
        if !seen.events.is_empty() {
            return seen;
        }
        from = seen.end;
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn events_from_another_cluster_are_seen_and_come_before_new_ones() {
    for test in &each_database() {
        if test.dialect() != Dialect::Postgres {
            continue;
        }
        let restored = |tx: &mut Tx| {
            for at in 1..=2 {
                append(tx, &happening(at))?;
            }
            tx.execute("UPDATE events SET tx = 4000000000000000 - id", params![])
        };
        test.store.write(restored).await.unwrap();
        assert_eq!(test.store.write(adopt).await.unwrap(), 2);
        assert_eq!(test.store.write(adopt).await.unwrap(), 0, "once is enough");
        let mut seen = Vec::new();
        for _ in 0..2 {
            let from = seen.last().map_or_else(Cursor::default, |(cursor, _)| *cursor);
            let next = tokio::time::timeout(Duration::from_secs(20), next_readable(&test.store, from)).await;
            seen.extend(next.expect("the event is shown").events);
        }
        let times = seen.iter().map(|(_, event): &(Cursor, Recorded)| event.happening.at.0);
        assert_eq!(times.collect::<Vec<_>>(), [1, 2]);
        let new = test.store.write(|tx| append(tx, &happening(3))).await.unwrap();
        let newest = "SELECT id FROM events ORDER BY tx DESC, id DESC LIMIT 1";
        let last = test.store.read(move |tx| tx.query_one(newest, params![])?.get(0)).await;
        let last: domain::EventId = last.expect("there are events");
        assert_eq!(last, new);
    }
}
