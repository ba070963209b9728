//! Who is who: files are joined with evidence, suggested with reasons, and separated again with nothing lost.

use std::{collections::BTreeMap, time::Duration};

use domain::people::Role;
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use rapport::app::App;
use serde_json::{Value, json};

use crate::{
    collect::Site,
    harness::{Caller, Desk, on_each_database},
    scene::{self, ZOE, text},
};

/// Finds the customer with an identity.
pub async fn customer(mara: &Caller, identity: &str) -> i64 {
    let found = mara
        .get(&format!("/api/customers?identity={}", identity.replace('+', "%2B")))
        .await
        .expect(200);
    found["items"][0]["id"]
        .as_i64()
        .unwrap_or_else(|| panic!("nobody has {identity}"))
}

/// The joins on a customer's file: reason, ids, and whether it holds.
pub async fn joins(mara: &Caller, customer: i64) -> Vec<(String, String, bool)> {
    let list = mara.get(&format!("/api/customers/{customer}/joins")).await.expect(200);
    let of = |join: &Value| {
        let ids = join["ids"].as_array().unwrap().iter();
        let ids: Vec<&str> = ids.map(|id| id["value"].as_str().unwrap()).collect();
        (
            join["reason"].as_str().unwrap().to_owned(),
            ids.join(" "),
            join["ended"].is_null(),
        )
    };
    list["items"].as_array().unwrap().iter().map(of).collect()
}

async fn newest_join(mara: &Caller, customer: i64) -> i64 {
    let list = mara.get(&format!("/api/customers/{customer}/joins")).await.expect(200);
    list["items"][0]["id"].as_i64().expect("there is a join")
}

/// A call of a source.
pub fn call(name: &str, user: Option<&str>, browser: Option<&str>) -> Value {
    let mut call = json!({"type": "track", "event": name, "messageId": format!("{name} {user:?} {browser:?}")});
    for (key, id) in [("userId", user), ("anonymousId", browser)] {
        if let Some(id) = id {
            call[key] = json!(id);
        }
    }
    call
}

/// Ada signs in at a browser in which somebody saw an ad; gives her file.
async fn sign_in_at_the_browser(desk: &Desk, site: &Site) -> i64 {
    let identify =
        |who: &str, id: &str, traits: Value| json!({"type": "identify", who: id, "messageId": who, "traits": traits});
    let calls = json!([
        call("Saw an ad", None, Some("b")),
        identify("userId", "ada", json!({"name": "Ada", "plan": "gold"})),
        identify("anonymousId", "b", json!({"name": "A.", "size": "M"})),
        call("Signed in", Some("ada"), Some("b")),
    ]);
    site.batch(desk, calls).await;
    customer(&site.mara, "user_id:ada").await
}

#[tokio::test]
async fn a_join_says_why_and_is_undone_in_one_click() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let mara = &site.mara;
        let ada = sign_in_at_the_browser(desk, &site).await;
        assert_eq!(customer(mara, "anonymous_id:b").await, ada);
        assert_eq!(
            joins(mara, ada).await,
            [("told_together".to_owned(), "ada b".to_owned(), true)]
        );
        let file = mara.get(&format!("/api/customers/{ada}")).await.expect(200);
        assert_eq!(file["traits"], json!({"plan": "gold", "size": "M", "name": "Ada"}));
        let join = newest_join(mara, ada).await;
        let vic = desk.sign_in_as(Role::Viewer).await;
        vic.delete(&format!("/api/joins/{join}"))
            .await
            .refused(403, "forbidden");
        mara.delete("/api/joins/999").await.refused(404, "not_found");

        // Twice is the same as once.
        for _ in 0..2 {
            mara.delete(&format!("/api/joins/{join}")).await.expect(204);
        }
        let visitor = customer(mara, "anonymous_id:b").await;
        assert_ne!(visitor, ada);
        assert_eq!(site.done_by("anonymous_id:b").await, ["Saw an ad"]);
        assert_eq!(site.done_by("user_id:ada").await, ["Signed in"]);
        let file = mara.get(&format!("/api/customers/{ada}")).await.expect(200);
        assert_eq!(
            (&file["name"], &file["traits"]),
            (&json!("Ada"), &json!({"plan": "gold", "name": "Ada"}))
        );
        let file = mara.get(&format!("/api/customers/{visitor}")).await.expect(200);
        assert_eq!(
            (&file["name"], &file["traits"]),
            (&json!("A."), &json!({"size": "M", "name": "A."}))
        );
        for of in [ada, visitor] {
            let newest = mara
                .get(&format!("/api/customers/{of}/timeline?limit=1"))
                .await
                .expect(200);
            let event = &newest["items"][0];
            assert_eq!(
                (&event["kind"], &event["actor"]["name"]),
                (&json!("customer_separated"), &json!("Mara"))
            );
            assert!(!joins(mara, of).await[0].2, "the log keeps what was undone");
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_separated_is_joined_by_nobody_but_a_person() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let mara = &site.mara;
        let ada = sign_in_at_the_browser(desk, &site).await;
        mara.delete(&format!("/api/joins/{}", newest_join(mara, ada).await))
            .await
            .expect(204);
        let visitor = customer(mara, "anonymous_id:b").await;
        // The same evidence joins them no more; another browser of hers is hers all the same.
        site.batch(
            desk,
            json!([
                call("Back", Some("ada"), Some("b")),
                call("Elsewhere", Some("ada"), Some("c"))
            ]),
        )
        .await;
        assert_eq!(customer(mara, "anonymous_id:b").await, visitor);
        assert_eq!(customer(mara, "anonymous_id:c").await, ada);
        // A person may join them again.
        let path = format!("/api/customers/{ada}/joins");
        let whole = mara.post(&path, json!({"other_id": visitor})).await.expect(200);
        assert_eq!(whole["id"], ada);
        assert!(site.done_by("user_id:ada").await.contains(&"Saw an ad".to_owned()));
        mara.post(&path, json!({"other_id": ada})).await.refused(422, "invalid");
        mara.post(&path, json!({"other_id": visitor}))
            .await
            .refused(422, "invalid");
        let all = mara.get("/api/joins").await.expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all:#}");
    })
    .await;
}

/// Answers a conversation; gives whose it is and at which number that is.
async fn answered_at(desk: &Desk, agent: &Caller, conversation: i64) -> (i64, String) {
    let path = format!("/api/conversations/{conversation}");
    let shown = agent.get(&path).await.expect(200);
    let body = json!({"body": "Hello", "last_seen_message_id": shown["last_message_id"]});
    let sent = agent.post(&format!("{path}/messages"), body).await.expect(201);
    let id = domain::MessageId(sent["id"].as_i64().unwrap());
    let message = desk.app.store.read(move |tx| store::messages::get(tx, id)).await;
    (
        shown["customer"]["id"].as_i64().unwrap(),
        message.unwrap().unwrap().address,
    )
}

/// How many conversations and requests a customer has.
async fn held(agent: &Caller, customer: i64) -> (usize, usize) {
    let count = async |path: String| agent.get(&path).await.expect(200)["items"].as_array().unwrap().len();
    let conversations = count(format!("/api/conversations?customer={customer}")).await;
    (
        conversations,
        count(format!("/api/customers/{customer}/requests")).await,
    )
}

#[tokio::test]
async fn two_who_text_are_joined_keep_a_thread_each_and_get_them_back() {
    on_each_database(async |desk| {
        let other = "+12025550199";
        scene::channel(desk).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        let (first, _) = text(desk, ZOE, "Two beds?").await;
        let (second, _) = text(desk, other, "It is me, too").await;
        let (zoe, too) = (
            customer(&ada, &format!("phone:{ZOE}")).await,
            customer(&ada, &format!("phone:{other}")).await,
        );
        let request = json!({"kind": "towels", "summary": "Two towels", "conversation_id": second});
        ada.post(&format!("/api/customers/{too}/requests"), request)
            .await
            .expect(201);
        ada.patch(
            &format!("/api/customers/{too}"),
            json!({"tags": ["vip"], "name": "Zoë"}),
        )
        .await
        .expect(200);
        let whole = ada
            .post(&format!("/api/customers/{zoe}/joins"), json!({"other_id": too}))
            .await
            .expect(200);
        assert_eq!(
            (&whole["id"], &whole["name"], &whole["tags"]),
            (&json!(zoe), &json!("Zoë"), &json!(["vip"]))
        );
        ada.get(&format!("/api/customers/{too}")).await.refused(409, "merged");

        // Each number goes on in its own thread, and is answered at its own number.
        desk.advance(60);
        assert_eq!(text(desk, other, "Still me").await.0, second);
        assert_eq!(text(desk, ZOE, "And me").await.0, first);
        for (conversation, number) in [(first, ZOE), (second, other)] {
            assert_eq!(answered_at(desk, &ada, conversation).await, (zoe, number.to_owned()));
        }
        assert_eq!(held(&ada, zoe).await, (2, 1));

        ada.delete(&format!("/api/joins/{}", newest_join(&ada, zoe).await))
            .await
            .expect(204);
        for (of, requests) in [(zoe, 0), (too, 1)] {
            assert_eq!(held(&ada, of).await, (1, requests));
        }
        let file = ada.get(&format!("/api/customers/{zoe}")).await.expect(200);
        assert_eq!((&file["name"], &file["tags"]), (&json!(""), &json!([])));
        let said = ada
            .get(&format!("/api/customers/{too}/timeline?kinds=message_received"))
            .await
            .expect(200);
        assert_eq!(
            said["items"].as_array().unwrap().len(),
            2,
            "what came while they were joined went along"
        );
        assert_eq!(text(desk, other, "Me again").await.0, second);
    })
    .await;
}

#[tokio::test]
async fn the_same_address_is_suggested_and_never_joined_silently() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let mara = &site.mara;
        scene::channel(desk).await;
        let identify = |user: &str, traits: Value| json!({"type": "identify", "userId": user, "messageId": format!("{user}{traits}"), "traits": traits});
        text(desk, ZOE, "Hello").await;
        let zoe = customer(mara, &format!("phone:{ZOE}")).await;
        site.batch(desk, json!([identify("zoe", json!({"phone": "(202) 555-0143"})), identify("eve", json!({"email": "Eve@Example.com"}))])).await;
        let user = customer(mara, "user_id:zoe").await;
        assert_ne!(user, zoe);
        let suggested = async |of: i64| mara.get(&format!("/api/customers/{of}/suggestions")).await.expect(200)["items"].clone();
        let found = suggested(zoe).await;
        assert_eq!((&found[0]["reason"], &found[0]["other"]["id"]), (&json!("same_phone"), &json!(user)));
        assert_eq!(suggested(user).await[0]["other"]["id"], zoe);
        let agent = desk.sign_in_as(Role::Agent).await;
        agent.get("/api/suggestions").await.refused(403, "forbidden");
        let all = mara.get("/api/suggestions").await.expect(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 1, "{all:#}");

        // Accepted: the reason and who decided are on the file.
        let body = json!({"other_id": user, "suggestion_id": found[0]["id"]});
        agent.post(&format!("/api/customers/{zoe}/joins"), body).await.expect(200);
        let newest = mara.get(&format!("/api/customers/{zoe}/timeline?kinds=customer_merged")).await.expect(200);
        let event = &newest["items"][0];
        assert_eq!((&event["data"]["because"], &event["actor"]["name"]), (&json!("same_phone"), &json!("Ada")));
        assert_eq!(suggested(zoe).await, json!([]));

        // Dismissed: nobody is asked again, whoever tells it another time.
        let eve = customer(mara, "user_id:eve").await;
        let new = json!({"name": "Eve", "identities": [{"kind": "email", "value": "eve@example.com"}]});
        let mailed = mara.post("/api/customers", new).await.expect(201)["id"].as_i64().unwrap();
        let id = suggested(eve).await[0]["id"].clone();
        for _ in 0..2 {
            agent.put(&format!("/api/suggestions/{id}/dismissal"), json!({})).await.expect(204);
        }
        assert_eq!((suggested(eve).await, suggested(mailed).await), (json!([]), json!([])));
        site.batch(desk, json!([identify("eve", json!({"email": "eve@example.com", "again": true}))])).await;
        assert_eq!(suggested(eve).await, json!([]));
        let told = mara.get(&format!("/api/customers/{eve}/timeline?kinds=customer_told_apart")).await.expect(200);
        assert_eq!(told["items"].as_array().unwrap().len(), 1);

        // An address that many have points to nobody; nor are two who both sign in one.
        let many: Vec<Value> = (0..7)
            .map(|n| json!({"type": "identify", "anonymousId": format!("v{n}"), "messageId": format!("v{n}"), "traits": {"email": "info@hotel.example"}}))
            .collect();
        site.batch(desk, json!(many)).await;
        let visitor = customer(mara, "anonymous_id:v0").await;
        assert_eq!(suggested(visitor).await, json!([]));
        mara.post(&format!("/api/customers/{eve}/joins"), json!({"other_id": zoe})).await.refused(409, "two_users");
    })
    .await;
}

/// All people as their ids, each with the traits and the name.
async fn people(mara: &Caller) -> BTreeMap<Vec<String>, Value> {
    let list = mara.get("/api/customers?limit=200").await.expect(200);
    let of = |file: &Value| {
        let ids = file["identities"].as_array().unwrap().iter();
        let mut ids: Vec<String> = ids.map(|id| id["value"].as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        (ids, json!([file["name"], file["traits"]]))
    };
    list["items"].as_array().unwrap().iter().map(of).collect()
}

/// Calls of three users at four browsers, some of them shared, with traits that change and go away.
fn calls(rng: &mut StdRng) -> Vec<Value> {
    use rand::Rng;
    let one = |n: usize, rng: &mut StdRng| {
        let (user, browser) = (rng.random_range(0..4), rng.random_range(0..5));
        let mut call = json!({
            "type": "identify", "messageId": format!("m{n}"),
            "timestamp": format!("2026-03-04T09:{:02}:00Z", rng.random_range(0..6)),
            "traits": {"name": format!("N{n}"), format!("k{}", n % 2): if n.is_multiple_of(5) { Value::Null } else { json!(n) }},
        });
        if user > 0 || browser == 0 {
            call["userId"] = json!(format!("u{user}"));
        }
        if browser > 0 {
            call["anonymousId"] = json!(format!("b{browser}"));
        }
        call
    };
    (0..14).map(|n| one(n, rng)).collect()
}

#[tokio::test]
async fn a_user_who_is_said_to_be_another_one_gives_nobody_a_false_id() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let mara = &site.mara;
        let alias = |new: &str| json!({"type": "alias", "previousId": "old", "userId": new, "messageId": new});
        site.batch(
            desk,
            json!([call("Booked", Some("old"), None), alias("new"), alias("old")]),
        )
        .await;
        assert_eq!(site.tally().await, [3, 0, 0]);
        let (old, new) = (customer(mara, "user_id:old").await, customer(mara, "user_id:new").await);
        assert_ne!(old, new);
        let nobody = mara.get("/api/customers?identity=anonymous_id:old").await.expect(200);
        assert_eq!(nobody["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_order_of_arrival_does_not_matter() {
    for seed in 0..4 {
        let expected = std::cell::RefCell::new(None);
        for order in 0..2 {
            on_each_database(async |desk: &Desk| {
                let site = Site::open(desk).await;
                let mut calls = calls(&mut StdRng::seed_from_u64(seed));
                calls.shuffle(&mut StdRng::seed_from_u64(1_000 * seed + order));
                for part in calls.chunks(5) {
                    site.batch(desk, json!(part)).await;
                }
                let people = people(&site.mara).await;
                let expected = expected.borrow_mut().get_or_insert_with(|| people.clone()).clone();
                assert_eq!(people, expected, "seed {seed}, order {order}");
            })
            .await;
        }
    }
}

#[tokio::test]
async fn the_journey_log_follows_a_join_and_its_undoing_and_one_built_later_says_the_same() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        tokio::spawn(rapport::journeys::follow(
            desk.app.clone(),
            desk.app.stopping.subscribe(),
        ));
        site.batch(
            desk,
            json!([call("Ad", None, Some("b")), call("Booked", Some("ada"), None)]),
        )
        .await;
        // Another test's transaction may hold events back on PostgreSQL.
        let reach = async |app: &App, customers: usize, events: usize| {
            let reach = async {
                loop {
                    let status = app.journeys.status();
                    if (status.customers, status.events, status.is_rebuilding) == (customers, events, false) {
                        return app
                            .journeys
                            .ask(|log| journey::map(log, &journey::MapQuery::default()))
                            .await
                            .unwrap();
                    }
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(Duration::from_secs(60), reach)
                .await
                .expect("the log follows")
        };
        reach(&desk.app, 2, 2).await;
        site.batch(desk, json!([call("Signed in", Some("ada"), Some("b"))]))
            .await;
        reach(&desk.app, 1, 3).await;
        let ada = customer(&site.mara, "user_id:ada").await;
        let join = newest_join(&site.mara, ada).await;
        site.mara.delete(&format!("/api/joins/{join}")).await.expect(204);
        let now = reach(&desk.app, 2, 3).await;
        let later = App::new(
            desk.app.config.clone(),
            desk.app.universe.clone(),
            desk.app.store.clone(),
        )
        .unwrap();
        tokio::spawn(rapport::journeys::follow(later.clone(), later.stopping.subscribe()));
        assert_eq!(reach(&later, 2, 3).await, now);
        later.stopping.send_replace(true);
    })
    .await;
}
