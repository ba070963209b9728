//! Tests of the log on disk: it comes back as it was, and what is not as it was written is refused.

use proptest::prelude::*;
use tempfile::TempDir;

use super::super::tests::trails;
use super::*;
use crate::testing::{Event, customers, events, log, log_of, ways};
use crate::{Filter, Touchpoint};
use domain::CustomerId;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Saves a log and takes note of it.
fn keep(log: &mut Log, folder: &TempDir) -> Saved {
    let saved = log.save(folder.path()).unwrap();
    log.note(&saved);
    saved
}

#[test]
fn a_file_that_is_not_as_it_was_written_is_refused() {
    let folder = folder();
    let saved = keep(&mut log(&[(1, 0, 1), (1, 9, 2)]), &folder);
    let file = folder.path().join(&saved.buckets[1].name);
    let whole = fs::read(&file).unwrap();
    let open = || Log::open(folder.path(), &saved, usize::MAX);
    assert_eq!(open().unwrap().len(), 2);
    for length in 0..whole.len() {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(matches!(open(), Err(BucketError::Checksum)), "cut at {length}");
    }
    fs::remove_file(&file).unwrap();
    assert!(matches!(open(), Err(BucketError::File(_))));
}

#[test]
fn a_list_of_files_that_is_of_another_log_is_refused() {
    let folder = folder();
    let saved = keep(&mut log(&[(1, 0, 1), (1, 9, 2), (2, 1, 1)]), &folder);
    let open = |change: &dyn Fn(&mut Saved)| {
        let mut other = saved.clone();
        change(&mut other);
        Log::open(folder.path(), &other, usize::MAX).map(drop).unwrap_err()
    };
    assert!(matches!(open(&|saved| saved.touchpoints = 9), BucketError::Row(1)));
    assert!(matches!(open(&|saved| saved.buckets.swap(1, 2)), BucketError::Row(0)));
    assert!(matches!(
        open(&|saved| saved.buckets[1].events = 3),
        BucketError::Checksum
    ));
    assert!(matches!(open(&|saved| saved.buckets.truncate(9)), BucketError::Buckets));
    assert!(matches!(open(&|saved| saved.touchpoints = 1_001), BucketError::Buckets));
}

#[test]
fn only_what_has_changed_is_written_again() {
    let folder = folder();
    let mut log = log(&[(1, 0, 1), (2, 1, 2)]);
    let first = keep(&mut log, &folder);
    log.add(&[(CustomerId(1), Touchpoint(3), 9)]);
    let second = log.save(folder.path()).unwrap();
    let names = first.files().zip(second.files());
    let changed: Vec<usize> = names
        .enumerate()
        .filter(|(_, (old, new))| old != new)
        .map(|(at, _)| at)
        .collect();
    assert_eq!(changed, [1]);
}

#[test]
fn what_came_while_it_was_saved_is_neither_lost_nor_let_go_of() {
    let folder = folder();
    let mut log = log(&[(1, 0, 1), (2, 1, 2)]);
    let copy = log.clone();
    log.add(&[(CustomerId(1), Touchpoint(3), 9)]);
    let saved = copy.save(folder.path()).unwrap();
    log.note(&saved);
    log.fit(0);
    assert_eq!(
        (log.len(), log.size() > 0),
        (3, true),
        "the bucket that has changed stays in memory"
    );
    assert_eq!(Log::open(folder.path(), &saved, 0).unwrap().len(), 2);
}

#[test]
fn closing_saves_memory_and_changes_nothing() {
    let events: Vec<Event> = (0..200_000)
        .map(|n| (CustomerId(n % 640), Touchpoint((n * 7 % 30) as u16), n * 9_000 + n % 77))
        .collect();
    let (folder, mut log) = (folder(), Log::new(30));
    log.add(&events);
    log.settle();
    let (open, before) = (trails(&log, &Filter::default()), log.size());
    log.fit(0);
    assert_eq!(log.size(), before, "what is in no file stays in memory");
    let saved = keep(&mut log, &folder);
    log.fit(before * 3 / 4);
    let some = log.size();
    assert!(some <= before * 3 / 4 && some > before / 2, "{some} of {before}");
    log.fit(0);
    assert_eq!((log.size(), log.len(), log.customers()), (0, 200_000, 640));
    // A newer file may have taken its place since.
    saved
        .files()
        .for_each(|name| fs::remove_file(folder.path().join(name)).unwrap());
    assert_eq!(trails(&log, &Filter::default()), open);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_log_comes_back_from_its_files(events in events(), room in prop::sample::select(vec![0, 100, usize::MAX])) {
        let folder = folder();
        let saved = log_of(&events).save(folder.path()).unwrap();
        let told = serde_json::from_str(&serde_json::to_string(&saved).unwrap()).unwrap();
        let back = Log::open(folder.path(), &told, room).unwrap();
        prop_assert!(back.size() <= room);
        prop_assert_eq!(back.len(), events.len());
        prop_assert_eq!(trails(&back, &Filter::default()), ways(&events, &Filter::default()));
    }

    #[test]
    fn a_closed_log_takes_events_and_erasures(events in events(), gone in customers()) {
        let folder = folder();
        let (old, new) = events.split_at(events.len() / 2);
        let mut log = log_of(old);
        keep(&mut log, &folder);
        log.fit(0);
        log.add(new);
        log.erase(gone);
        let left: Vec<Event> = events.iter().copied().filter(|event| event.0 != gone).collect();
        prop_assert_eq!(trails(&log, &Filter::default()), ways(&left, &Filter::default()));
        let again = keep(&mut log, &folder);
        let back = Log::open(folder.path(), &again, 0).unwrap();
        prop_assert_eq!(trails(&back, &Filter::default()), ways(&left, &Filter::default()));
        prop_assert_eq!((log.len(), back.len()), (left.len(), left.len()));
    }
}
