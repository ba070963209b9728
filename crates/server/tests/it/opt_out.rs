//! Opting out: once in the ledger, told once, and not to be undone by anyone but the customer.

use domain::{message::Direction, people::Role};
use serde_json::json;

use crate::{
    harness::{Desk, on_each_database},
    hooks,
    scene::{self, ZOE, text},
};

/// Gives the ledger, oldest first: each change with its source.
async fn ledger(desk: &Desk) -> Vec<String> {
    let look = |tx: &mut store::Tx| store::consent::ledger(tx, domain::ConsentId(0), 100);
    let rows = desk.app.store.read(look).await.unwrap().into_iter();
    rows.map(|row| format!("{} by {}", row.change, row.source)).collect()
}

/// Says how many texts of ours there are.
async fn said(desk: &Desk) -> usize {
    let all = hooks::all_messages(desk).await.into_iter();
    all.filter(|message| message.direction == Direction::Out).count()
}

#[tokio::test]
async fn a_second_stop_is_heard_and_neither_confirmed_nor_recorded() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        text(desk, ZOE, "STOP").await;
        for again in ["Stop.", "unsubscribe"] {
            desk.advance(3_600);
            text(desk, ZOE, again).await;
        }
        assert_eq!(said(desk).await, 1, "one confirmation");
        assert_eq!(ledger(desk).await, ["opted_out by keyword"]);
        let heard = hooks::all_messages(desk).await.into_iter();
        assert_eq!(heard.filter(|message| message.direction == Direction::In).count(), 3);

        text(desk, ZOE, "START").await;
        text(desk, ZOE, "STOP").await;
        assert_eq!(said(desk).await, 3, "who came back is told again");
        assert_eq!(
            ledger(desk).await,
            ["opted_out by keyword", "opted_in by keyword", "opted_out by keyword"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_colleagues_opt_out_neither_hides_the_customers_nor_weakens_it() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        text(desk, ZOE, "Two beds?").await;
        let out = json!({"address": ZOE, "change": "opted_out", "wording": "asked on the phone"});
        let back = json!({"address": ZOE, "change": "opted_in", "wording": "asked again"});
        let path = "/api/customers/1/consent";
        ada.post(path, out.clone()).await.expect(201);
        text(desk, ZOE, "STOP").await;
        assert_eq!(said(desk).await, 1, "her own word is the first that is confirmed");
        ada.post(path, out).await.expect(201);
        let all = [
            "opted_in by first_message",
            "opted_out by agent",
            "opted_out by keyword",
        ];
        assert_eq!(ledger(desk).await, all);
        ada.post(path, back).await.refused(409, "customer_opted_out");
    })
    .await;
}

#[tokio::test]
async fn a_stop_on_one_number_is_new_where_the_company_means_all() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        for scope in [
            domain::settings::OptOutScope::Channel,
            domain::settings::OptOutScope::Company,
        ] {
            let write = move |tx: &mut store::Tx| {
                let mut settings = store::settings::get(tx)?;
                settings.opt_out_scope = scope;
                store::settings::put(tx, &settings)
            };
            desk.app.store.write(write).await.unwrap();
            desk.advance(60);
            text(desk, ZOE, "STOP").await;
        }
        assert_eq!(
            ledger(desk).await,
            ["opted_out by keyword", "opted_out by keyword"],
            "the second reaches further"
        );
    })
    .await;
}
