//! A full catalogue: nothing that happens is left out, and there is room again when a manager makes some.

use std::time::Duration;

use domain::touchpoint::{MAX_TOUCHPOINTS, Meeting, OTHER};
use serde_json::{Value, json};
use store::{Tx, touchpoints};

use crate::{
    company::Company,
    harness::{Desk, on_each_database},
};

/// Fills the catalogue with what nobody is met at, but for so many places.
async fn fill(desk: &Desk, left: usize) {
    let meeting = |n: usize| Meeting {
        signature: format!("track:n{n}"),
        name: format!("n{n}"),
        ..Meeting::other()
    };
    let all: Vec<Meeting> = (0..MAX_TOUCHPOINTS - 1 - left).map(meeting).collect();
    let write = move |tx: &mut Tx| touchpoints::ensure(tx, &all);
    desk.app.store.write(write).await.unwrap();
}

/// Waits until customers were met at these touchpoints, each so often. Events are sorted anew beside what goes on.
async fn awaits(company: &Company<'_>, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(at, events)| ((*at).to_owned(), *events))
        .collect();
    let right = async { while met(company).await != expected {} };
    let found = tokio::time::timeout(Duration::from_secs(60), right).await;
    assert!(found.is_ok(), "{expected:?}: {:?}", met(company).await);
}

async fn met(company: &Company<'_>) -> Vec<(String, u64)> {
    let rows = company.catalogue().await;
    let met = rows.iter().filter(|row| row["events"] != 0);
    let mut met: Vec<_> = met.map(|row| (named(row), row["events"].as_u64().unwrap())).collect();
    met.sort();
    met
}

fn named(row: &Value) -> String {
    row["signature"].as_str().unwrap_or("a rule's").to_owned()
}

async fn id(company: &Company<'_>, signature: &str) -> String {
    let rows = company.catalogue().await;
    let row = rows.iter().find(|row| row["signature"] == signature);
    format!("/api/touchpoints/{}", row.expect("it is there")["id"])
}

#[tokio::test]
async fn what_there_is_no_room_for_counts_as_everything_else_until_there_is() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let mara = &company.mara;
        fill(desk, 1).await;
        company.tell(&[("ana", "Ad", 30)]).await;
        company.reaches(1).await;
        let rule = json!({"name": "All", "rule": "name == 'Ad'"});
        mara.post("/api/touchpoints", rule.clone())
            .await
            .refused(409, "conflict");
        company.tell(&[("ana", "Booked", 20), ("bo", "Rooms", 10)]).await;
        awaits(&company, &[(OTHER, 2), ("track:Ad", 1)]).await;

        // Whom somebody met stays; who makes room lets the next one in.
        mara.delete(&id(&company, "track:Ad").await)
            .await
            .refused(409, "conflict");
        mara.delete(&id(&company, "track:n5").await).await.expect(204);
        awaits(&company, &[(OTHER, 1), ("track:Ad", 1), ("track:Booked", 1)]).await;
        mara.delete(&id(&company, "track:n6").await).await.expect(204);
        mara.delete(&id(&company, "track:n7").await).await.expect(204);
        mara.post("/api/touchpoints", rule).await.expect(201);
        awaits(&company, &[("a rule's", 1), ("track:Booked", 1), ("track:Rooms", 1)]).await;
        // What the rule took from it is there no more, nor is anything else left over.
        mara.delete(&id(&company, "track:Ad").await).await.expect(204);
        mara.delete(&id(&company, OTHER).await).await.expect(204);
    })
    .await;
}
