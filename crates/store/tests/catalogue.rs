//! The catalogue on both databases: every sort of meeting gets a touchpoint once, as long as there is room.

use domain::{
    Time, TouchpointId,
    touchpoint::{MAX_TOUCHPOINTS, Meeting, OTHER},
};
use store::{Tx, testing::each_database, touchpoints};

fn meeting(signature: &str) -> Meeting {
    Meeting {
        signature: signature.to_owned(),
        name: signature.to_owned(),
        ..Meeting::other()
    }
}

#[tokio::test]
async fn what_is_met_has_a_touchpoint_once_and_the_last_is_for_everything_else() {
    for test in &each_database() {
        let ensure = |names: Vec<String>| {
            let meetings: Vec<Meeting> = names.iter().map(|name| meeting(name)).collect();
            test.store.write(move |tx: &mut Tx| {
                touchpoints::ensure(tx, &meetings)?;
                touchpoints::list(tx)
            })
        };
        let first = ensure(vec!["b".to_owned(), "a".to_owned(), "b".to_owned()])
            .await
            .unwrap();
        let signatures: Vec<(i64, Option<&str>)> =
            first.iter().map(|row| (row.id.0, row.signature.as_deref())).collect();
        assert_eq!(signatures, [(0, Some("b")), (1, Some("a"))]);

        let many = (0..MAX_TOUCHPOINTS + 5).map(|n| format!("n{n}")).collect();
        let all = ensure(many).await.unwrap();
        assert_eq!(all.len(), MAX_TOUCHPOINTS);
        assert_eq!(all.last().unwrap().signature.as_deref(), Some(OTHER));
        assert_eq!(ensure(vec!["late".to_owned()]).await.unwrap(), all);
    }
}

#[tokio::test]
async fn a_number_is_another_s_only_when_no_unused_one_is_left() {
    for test in &each_database() {
        let write = |tx: &mut Tx| {
            touchpoints::ensure(tx, &[meeting("a"), meeting("b"), meeting("c")])?;
            touchpoints::remove(tx, TouchpointId(2), Time(1))?;
            touchpoints::remove(tx, TouchpointId(0), Time(2))?;
            assert_eq!(touchpoints::free_id(tx)?, Some(TouchpointId(3)));
            let many: Vec<Meeting> = (0..MAX_TOUCHPOINTS - 3).map(|n| meeting(&format!("n{n}"))).collect();
            touchpoints::ensure(tx, &many)?;
            assert_eq!(
                touchpoints::free_id(tx)?,
                Some(TouchpointId(2)),
                "it is free the longest"
            );
            touchpoints::ensure(tx, &[meeting("d")])?;
            assert_eq!(touchpoints::free_id(tx)?, None, "the last place is kept");
            touchpoints::ensure(tx, &[meeting("e"), meeting("f")])?;
            let last: Vec<(i64, Option<String>)> = touchpoints::list(tx)?
                .into_iter()
                .rev()
                .take(2)
                .map(|row| (row.id.0, row.signature))
                .collect();
            let named = |id, signature: &str| (id, Some(signature.to_owned()));
            assert_eq!(last, [named(0, OTHER), named(2, "d")]);
            touchpoints::remove(tx, TouchpointId(7), Time(3))?;
            assert_eq!(touchpoints::free_id(tx)?, Some(TouchpointId(7)), "there is room again");
            Ok::<_, store::Error>(())
        };
        test.store.write(write).await.unwrap();
    }
}
