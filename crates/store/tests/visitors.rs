//! The list of customers on both databases: visitors of whom only the browser is known stand apart.

use domain::{CustomerId, Time};
use store::{Tx, customer_list, customers, testing::each_database};

#[tokio::test]
async fn visitors_of_whom_only_the_browser_is_known_are_listed_apart() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let mut ids = Vec::new();
            for (name, kind) in [
                ("", "anonymous_id"),
                ("Zoë", "anonymous_id"),
                ("", "user_id"),
                ("", "phone"),
            ] {
                let id = customers::insert(tx, name, Time(1))?;
                customers::add_identity(tx, id, (kind, &format!("{kind} {id}")), true, Time(1))?;
                customers::index(tx, id)?;
                ids.push(id);
            }
            let mut list = |is_known, text: Option<&str>| {
                let filter = customer_list::Filter {
                    text: text.map(str::to_owned),
                    tag: None,
                    is_known,
                };
                customer_list::page(tx, &filter, CustomerId(i64::MAX), 10)
            };
            assert_eq!(list(Some(true), None)?, [ids[3], ids[2], ids[1]]);
            assert_eq!(list(Some(false), None)?, [ids[0]]);
            assert_eq!(list(Some(true), Some("zoe"))?, [ids[1]]);
            assert_eq!(list(Some(false), Some("zoe"))?, []);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}
