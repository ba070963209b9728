//! The seam on both databases: what is written is durable or gone, in groups, in savepoints, side by side.

use std::{
    sync::{Arc, Barrier},
    time::Duration,
};

use domain::{Actor, Event, Time, event::Happening};
use store::{
    Dialect, Error, Options, Place, Store, Tx, events, params,
    testing::{TestStore, each_database},
};

fn happening(at: i64) -> Happening {
    let event = Event::ConversationClosed {};
    Happening {
        at: Time(at),
        customer: None,
        conversation: None,
        actor: Actor::SYSTEM,
        event,
    }
}

async fn count(store: &Store) -> i64 {
    store
        .read(|tx| tx.query_one("SELECT COUNT(*) FROM settings", params![])?.get(0))
        .await
        .expect("the store can be read")
}

fn put(tx: &mut Tx, key: &str) -> Result<u64, Error> {
    tx.execute("INSERT INTO settings (key, value) VALUES (?1, ?2)", params![key, "v"])
}

#[tokio::test]
async fn what_is_written_survives_a_restart() {
    for TestStore { store, options, .. } in &each_database() {
        store.write(|tx| put(tx, "a")).await.unwrap();
        let again = Store::open(options).unwrap();
        assert_eq!(count(&again).await, 1);
    }
}

#[tokio::test]
async fn a_failed_closure_leaves_nothing_and_does_not_harm_its_neighbours() {
    for test in &each_database() {
        let store = test.store.clone();
        let writes = (0..40).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        put(tx, &format!("key {n}"))?;
                        match n % 4 {
                            0 => Err(Error::NotFound),
                            1 => panic!("a bug"),
                            _ => Ok(()),
                        }
                    })
                    .await
            })
        });
        let mut failed = 0;
        for write in writes.collect::<Vec<_>>() {
            failed += usize::from(write.await.unwrap().is_err());
        }
        assert_eq!((failed, count(&store).await), (20, 20), "{:?}", test.dialect());
    }
}

#[tokio::test]
async fn a_savepoint_takes_back_its_part_only() {
    for test in &each_database() {
        let write = test.store.write(|tx| {
            put(tx, "kept")?;
            let part = tx.savepoint(|tx| {
                put(tx, "taken back")?;
                put(tx, "kept")
            });
            assert!(matches!(part, Err(Error::Conflict(_))), "{part:?}");
            put(tx, "also kept")
        });
        write.await.unwrap();
        assert_eq!(count(&test.store).await, 2);
    }
}

#[tokio::test]
async fn a_repeated_key_is_a_conflict_and_a_broken_check_is_not() {
    for test in &each_database() {
        let twice = test.store.write(|tx| {
            put(tx, "a")?;
            put(tx, "a")
        });
        assert!(matches!(twice.await, Err(Error::Conflict(_))));
        let wrong = test.store.write(|tx| {
            tx.execute(
                "INSERT INTO jobs (kind, payload, state, run_at, created_at) VALUES ('a', '', 'nonsense', 0, 0)",
                params![],
            )
        });
        assert!(matches!(wrong.await, Err(Error::Other(_))));
    }
}

#[tokio::test]
async fn two_writers_that_read_first_do_not_lose_a_step() {
    for test in &each_database() {
        test.store
            .write(|tx| tx.execute("INSERT INTO settings (key, value) VALUES ('n', '0')", params![]))
            .await
            .unwrap();
        let steps = (0..30).map(|_| {
            let store = test.store.clone();
            tokio::spawn(async move { store.write(|tx| step(tx, || ())).await })
        });
        for step in steps.collect::<Vec<_>>() {
            step.await.unwrap().unwrap();
        }
        let look = |tx: &mut Tx| {
            tx.query_one("SELECT value FROM settings WHERE key = 'n'", params![])?
                .get(0)
        };
        let n: String = test.store.read(look).await.unwrap();
        assert_eq!(n, "30", "{:?}", test.dialect());
    }
}

/// Reads a number, lets something happen meanwhile, and writes the next one.
fn step(tx: &mut Tx, meanwhile: impl FnOnce()) -> Result<(), Error> {
    let n: String = tx
        .query_one("SELECT value FROM settings WHERE key = 'n'", params![])?
        .get(0)?;
    meanwhile();
    let next = (n.parse::<i64>().expect("the count is a number") + 1).to_string();
    tx.execute("UPDATE settings SET value = ?1 WHERE key = 'n'", params![next])
        .map(drop)
}

#[tokio::test]
async fn a_slow_write_gets_its_turn_though_quick_ones_keep_overtaking_it() {
    for test in &each_database() {
        test.store
            .write(|tx| tx.execute("INSERT INTO settings (key, value) VALUES ('n', '0')", params![]))
            .await
            .unwrap();
        let (overtake, mut wanted) = tokio::sync::mpsc::unbounded_channel();
        let (overtaken, done) = std::sync::mpsc::channel();
        let quick_store = test.store.clone();
        let quick = tokio::spawn(async move {
            let mut quick_steps = 0;
            while wanted.recv().await.is_some() {
                quick_store.write(|tx| step(tx, || ())).await.unwrap();
                quick_steps += 1;
                let _ = overtaken.send(());
            }
            quick_steps
        });
        let slow = test.store.write(move |tx| {
            step(tx, || {
                overtake.send(()).unwrap();
                // Once it is alone nobody overtakes it, and it does not wait for ever.
                let _ = done.recv_timeout(Duration::from_millis(200));
            })
        });
        slow.await.unwrap();
        let steps = quick.await.unwrap() + 1;
        let look = |tx: &mut Tx| {
            tx.query_one("SELECT value FROM settings WHERE key = 'n'", params![])?
                .get(0)
        };
        let n: String = test.store.read(look).await.unwrap();
        assert_eq!(n, steps.to_string(), "{:?}", test.dialect());
    }
}

/// On PostgreSQL a lower id can commit after a higher one: a reader that goes by ids alone would pass it over.
#[tokio::test]
async fn a_follower_never_passes_an_event_that_is_still_being_written() {
    for test in &each_database() {
        let (inside, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let slow = {
            let (store, inside, go_on) = (test.store.clone(), inside.clone(), go_on.clone());
            let mut first = true;
            tokio::spawn(async move {
                store
                    .write(move |tx| {
                        let id = events::append(tx, &happening(1))?;
                        if std::mem::take(&mut first) {
                            inside.wait();
                            go_on.wait();
                        }
                        Ok::<_, Error>(id)
                    })
                    .await
            })
        };
        tokio::task::spawn_blocking({
            let inside = inside.clone();
            move || inside.wait()
        })
        .await
        .unwrap();
        // SQLite has one writer, so the second one waits there for the first.
        let store = test.store.clone();
        let quick = tokio::spawn(async move { store.write(|tx| events::append(tx, &happening(2))).await });
        let quick = if test.dialect() == store::Dialect::Postgres {
            Ok(quick.await.unwrap().unwrap())
        } else {
            Err(quick)
        };
        let seen = test
            .store
            .read(|tx| events::after(tx, events::Cursor::default(), 10))
            .await
            .unwrap();
        assert_eq!(
            seen.events.len(),
            0,
            "an event was shown although an older one may still come"
        );
        tokio::task::spawn_blocking(move || go_on.wait()).await.unwrap();
        let slow = slow.await.unwrap().unwrap();
        let quick = match quick {
            Ok(id) => id,
            Err(waiting) => waiting.await.unwrap().unwrap(),
        };
        let seen = tokio::time::timeout(Duration::from_secs(20), both_events(&test.store))
            .await
            .expect("both events are shown");
        let ids: Vec<_> = seen.iter().map(|(_, event)| event.id).collect();
        assert_eq!(ids, [slow, quick]);
        let rest = test
            .store
            .read(move |tx| events::after(tx, seen[0].0, 10))
            .await
            .unwrap();
        assert_eq!(rest.events.len(), 1);
    }
}

/// Asks until both events are shown: transactions of other tests on the same server may hold the view back for a moment.
async fn both_events(store: &Store) -> Vec<(events::Cursor, events::Recorded)> {
    loop {
        let seen = store
            .read(|tx| events::after(tx, events::Cursor::default(), 10))
            .await
            .expect("the store can be read");
        if seen.events.len() == 2 {
            return seen.events;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn followers_are_woken_by_a_commit_here_and_on_another_node() {
    for test in &each_database() {
        let mut here = test.store.changes();
        here.mark_unchanged();
        test.store.write(|tx| put(tx, "a")).await.unwrap();
        here.changed().await.unwrap();
        if test.dialect() == store::Dialect::Postgres {
            let other = Store::open(&test.options).unwrap();
            let mut there = other.changes();
            // The listener wakes once when it begins to listen; only what comes after that counts.
            there.changed().await.unwrap();
            there.mark_unchanged();
            test.store.write(|tx| put(tx, "b")).await.unwrap();
            there.changed().await.unwrap();
        }
    }
}

async fn backend(store: &Store, writes: bool) -> i64 {
    let pid = |tx: &mut Tx| {
        tx.query_one("SELECT CAST(pg_backend_pid() AS BIGINT)", params![])?
            .get(0)
    };
    let pid: Result<i64, Error> = if writes {
        store.write(pid).await
    } else {
        store.read(pid).await
    };
    pid.expect("the database answers")
}

#[tokio::test]
async fn a_connection_that_was_cut_while_idle_is_opened_anew() {
    for test in &each_database() {
        if test.dialect() != Dialect::Postgres {
            continue;
        }
        let alone = Options {
            connections: 1,
            ..test.options.clone()
        };
        let store = Store::open(&alone).unwrap();
        for pid in [backend(&store, true).await, backend(&store, false).await] {
            let cut = move |tx: &mut Tx| {
                let sql = "SELECT pg_terminate_backend(CAST(?1 AS INTEGER), 10000)";
                tx.query_one(sql, params![pid])?.get::<bool>(0)
            };
            assert!(test.store.read(cut).await.unwrap(), "the backend is gone");
        }
        store.write(|tx| put(tx, "after the cut")).await.unwrap();
        assert_eq!(count(&store).await, 1);
    }
}

#[tokio::test]
async fn a_connection_that_must_be_encrypted_never_goes_without_and_none_waits_for_ever() {
    for test in &each_database() {
        let Place::Postgres(url) = &test.options.place else {
            continue;
        };
        let place = Place::Postgres(format!("{url}&sslmode=require&sslrootcert=/nowhere/ca.pem"));
        let refused = Store::open(&Options {
            place,
            ..test.options.clone()
        });
        let error = refused
            .err()
            .expect("nobody can be trusted by no certificate")
            .to_string();
        assert!(error.contains("/nowhere/ca.pem"), "{error}");
        let limit = |tx: &mut Tx| {
            tx.query_one("SELECT current_setting('statement_timeout')", params![])?
                .get(0)
        };
        let limit: String = test.store.read(limit).await.unwrap();
        assert_eq!(limit, "1min");
    }
}
