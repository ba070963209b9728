//! The designed journey: where one customer is in it, who leaves it and how, and a timeline that can be searched.

use domain::people::Role;
use serde_json::{Value, json};

use crate::{company::Company, harness::on_each_database, journeys::SEASON};

/// Draws: first the ad, if at all, then the rooms; booking within an hour after that.
async fn draw(company: &Company<'_>) -> [Value; 2] {
    let stages = company.stages(&["Discover", "Book"]).await;
    let [ad, rooms, booked] = company.numbers(["Ad", "Rooms", "Booked"]).await;
    let (discover, book) = (&stages[0], &stages[1]);
    for (touchpoint, design) in [
        (ad, json!({"stage": discover, "role": "optional"})),
        (
            rooms,
            json!({"stage": discover, "role": "required", "is_alongside": false}),
        ),
        (booked, json!({"stage": book, "role": "required"})),
    ] {
        company.change(touchpoint, design).await.expect(200);
    }
    let limit = json!({"within_hours": 1});
    let saved = company.mara.patch(&format!("/api/stages/{discover}"), limit).await;
    assert_eq!(saved.expect(200)["within_hours"], 1);
    [discover.clone(), book.clone()]
}

/// The id of the customer with this user id.
async fn customer(company: &Company<'_>, user: &str) -> i64 {
    let found = company
        .mara
        .get(&format!("/api/customers?identity=user_id:{user}"))
        .await;
    found.expect(200)["items"][0]["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_customer_is_where_their_own_way_has_come_to() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let ana = customer(&company, "ana").await;
        let path = format!("/api/customers/{ana}/journey");
        let before = company.mara.get(&path).await.expect(200);
        assert_eq!((&before["stages"], &before["stage"]), (&json!([]), &Value::Null));
        assert_eq!(before["meetings"], 3);

        draw(&company).await;
        let there = company.mara.get(&path).await.expect(200);
        assert_eq!(there["stage"]["name"], "Book");
        assert_eq!(there["last"]["touchpoint"]["name"], "Booked");
        let bo = customer(&company, "bo").await;
        let viewer = desk.sign_in("Vic", Role::Viewer).await;
        let begun = viewer.get(&format!("/api/customers/{bo}/journey")).await.expect(200);
        assert_eq!(begun["stage"]["name"], "Discover");
        let due = ("2026-03-04T09:30:00.000000Z", "2026-03-04T10:30:00.000000Z");
        assert_eq!((&begun["since"], &begun["due"]), (&json!(due.0), &json!(due.1)));
        let states = |stage: usize| -> Vec<Value> {
            let steps = begun["stages"][stage]["steps"].as_array().unwrap();
            steps.iter().map(|step| step["state"].clone()).collect()
        };
        assert_eq!(
            (states(0), states(1)),
            (vec![json!("met"), json!("met")], vec![json!("ahead")])
        );
        viewer.get("/api/customers/99/journey").await.refused(404, "not_found");
    })
    .await;
}

#[tokio::test]
async fn those_who_leave_the_design_can_be_met() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        let slow = |what: &str, at: &str| json!({"type": "track", "event": what, "messageId": at, "userId": "dov", "timestamp": at});
        company
            .batch(json!([slow("Rooms", "2026-01-04T09:00:00Z"), slow("Ad", "2026-01-04T09:30:00Z"), slow("Booked", "2026-01-04T10:01:00Z")]))
            .await;
        company.reaches(11).await;
        let [discover, _] = draw(&company).await;
        let [ad, rooms, booked] = company.numbers(["Ad", "Rooms", "Booked"]).await;
        let named = async |question: String| -> Vec<(String, String)> {
            let people = company.ask(&question).await;
            let items = people["items"].as_array().unwrap().clone();
            assert_eq!(people["total"], items.len(), "{question}");
            let mut named = Vec::new();
            for person in items {
                let file = format!("/api/customers/{}", person["customer"]["id"]);
                let file = company.mara.get(&file).await.expect(200);
                let who = file["identities"][0]["value"].as_str().unwrap().to_owned();
                named.push((who, person["at"].as_str().unwrap()[..16].to_owned()));
            }
            named
        };
        let one = |who: &str, at: &str| vec![(who.to_owned(), at.to_owned())];
        assert_eq!(named(format!("people?deviation=repeated-{rooms}")).await, one("bo", "2026-03-04T09:32"));
        assert_eq!(named(format!("people?deviation=out_of_order-{ad}")).await, one("dov", "2026-01-04T09:30"));
        assert_eq!(named(format!("people?deviation=late-{discover}")).await, one("dov", "2026-01-04T10:00"));
        assert_eq!(named(format!("people?variant={ad},{rooms},{booked}")).await, one("ana", "2026-03-04T09:30"));
        let collapsed = format!("people?variant={ad},{rooms}&collapse=true");
        assert_eq!(named(collapsed).await, one("bo", "2026-03-04T09:30"));

        let fits = company.ask("conformance").await;
        let late = fits["deviations"].as_array().unwrap().iter().find(|one| one["kind"] == "late").unwrap();
        assert_eq!((&late["stage"], &late["customers"]), (&json!(0), &json!(1)));
        assert_eq!(late["weeks"].as_array().unwrap().len(), 1);
        for wrong in [0, 9_000] {
            let limit = company.mara.patch(&format!("/api/stages/{discover}"), json!({"within_hours": wrong})).await;
            limit.refused(422, "invalid");
        }
        let none = company.mara.patch(&format!("/api/stages/{discover}"), json!({"within_hours": null})).await;
        assert_eq!(none.expect(200)["within_hours"], Value::Null);
        assert_eq!(company.ask(&format!("people?deviation=late-{discover}")).await["total"], 0);
    })
    .await;
}

#[tokio::test]
async fn days_a_stage_and_a_channel_choose_what_is_counted_and_cut_no_way() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        let told = |what: &str, at: &str| json!({"type": "track", "event": what, "messageId": at, "userId": "eve", "timestamp": at});
        company
            .batch(json!([told("Ad", "2026-03-03T09:00:00Z"), told("Rooms", "2026-03-03T09:30:00Z"), told("Booked", "2026-03-04T09:00:00Z")]))
            .await;
        company.reaches(11).await;
        let [discover, book] = draw(&company).await;
        let [ad, booked] = company.numbers(["Ad", "Booked"]).await;
        let left = async |question: String| -> (Value, Vec<String>) {
            let fits = company.ask(&question).await;
            let deviations = fits["deviations"].as_array().unwrap().iter();
            let kinds = deviations.map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
            (fits["all"]["ways"].clone(), kinds)
        };
        let (late, repeated) = ("late".to_owned(), "repeated".to_owned());
        assert_eq!(left("conformance".into()).await, (json!(4), vec![repeated.clone(), late.clone()]));
        assert_eq!(left(format!("conformance?stage={discover}")).await, (json!(4), vec![repeated.clone(), late]));
        assert_eq!(left(format!("conformance?stage={book}")).await, (json!(4), vec![]));
        assert_eq!(left("conformance?channel=nowhere".into()).await, (json!(4), vec![]));
        // Eve's way began the day before, and is not a way of one booking that skipped all that comes first.
        assert_eq!(left("conformance?from=2026-03-04".into()).await, (json!(3), vec![repeated]));

        let owed = company.ask(&format!("attribution?conversions={booked}&from=2026-03-04")).await;
        assert_eq!((&owed["conversions"], &owed["direct"]), (&json!(3), &json!(0)));
        let of_ads = owed["touchpoints"].as_array().unwrap().iter().find(|one| one["touchpoint"] == ad);
        assert_eq!(of_ads.unwrap()["converting"], 2, "an ad of the day before counts for what is booked today");
        let new = async |question: &str| {
            let lived = company.ask(&format!("activity?period=day&periods=7&{question}")).await;
            let periods = lived["lifecycle"]["periods"].as_array().unwrap().clone();
            (periods.len(), periods.last().unwrap()["new"].clone(), periods.last().unwrap()["returning"].clone())
        };
        assert_eq!(new("").await, (7, json!(3), json!(1)));
        assert_eq!(new("from=2026-03-04").await, (1, json!(3), json!(1)), "Eve is no new customer of today");
        let began = company.ask("retention?period=day&periods=7&from=2026-03-04").await;
        assert_eq!((began["cohorts"].as_array().unwrap().len(), &began["cohorts"][0]["customers"]), (1, &json!(3)));
        company.change(booked, json!({"channel": "till"})).await.expect(200);
        let by_channel = company.ask(&format!("attribution?conversions={booked}&channel=website")).await;
        assert_eq!(by_channel["conversions"], 3, "what is bought is bought on whatever channel");
    })
    .await;
}

#[tokio::test]
async fn the_step_matrix_counts_everybody_at_each_step() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        company.reaches(8).await;
        let rooms = company.number("Rooms").await;
        let found = company.ask(&format!("step-matrix?steps=3&touchpoint={rooms}")).await;
        assert_eq!((&found["customers"], &found["longer"]), (&json!(3), &json!(0)));
        let all = company.ask("step-matrix").await;
        assert_eq!(all["ended"].as_array().unwrap().len(), 8);
    })
    .await;
}

#[tokio::test]
async fn a_timeline_is_searched_in_what_was_said_and_in_names() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SEASON).await;
        let bo = customer(&company, "bo").await;
        let look = async |query: &str| -> (usize, Value) {
            let path = format!("/api/customers/{bo}/timeline?{query}");
            let page = company.mara.get(&path).await.expect(200);
            (page["items"].as_array().unwrap().len(), page["next"].clone())
        };
        assert_eq!(look("q=ROOM").await, (2, Value::Null));
        assert_eq!(look("q=room%20website").await.0, 2);
        assert_eq!(look("q=room%20elsewhere").await.0, 0);
        // Keys are not what anybody said.
        assert_eq!(look("q=messageId").await.0, 0);
        assert_eq!(look("q=room&kinds=page_viewed").await.0, 0);
        let (first, next) = look("q=room&limit=1").await;
        assert_eq!(first, 1);
        assert_eq!(
            look(&format!("q=room&limit=1&cursor={}", next.as_str().unwrap())).await,
            (1, Value::Null)
        );
        let long = format!("/api/customers/{bo}/timeline?q={}", "x".repeat(201));
        company.mara.get(&long).await.refused(422, "invalid");
    })
    .await;
}
