//! Full-text search on both databases: what is found however common its words are.

use domain::MessageId;
use store::{Tx, search, testing::each_database};

#[tokio::test]
async fn search_finds_a_rare_word_among_common_ones() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            for n in 1..=2_500 {
                let (word, day) = (if n % 1_000 == 0 { "museum" } else { "garden" }, n % 7);
                search::put_message(tx, MessageId(n), &format!("The {word} room, on day {day}"))?;
            }
            let rare: &[MessageId] = &[MessageId(2_000), MessageId(1_000)];
            let table: [(&str, &[MessageId]); 5] = [
                ("on museum the room d", rare),
                ("the room mus", rare),
                ("museum bedroom day", &[]),
                ("museum roo day", &[]),
                ("museum room day 6", &[MessageId(1_000)]),
            ];
            for (query, expected) in table {
                let found = search::messages(tx, query, MessageId(i64::MAX), 10)?;
                assert_eq!(found, expected, "{query}");
            }
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}
