//! Files that were joined one after the other: whichever join is taken back, each side has exactly its own again.

use std::time::Duration;

use domain::people::Role;
use serde_json::{Value, json};
use store::params;

use crate::{
    collect::Site,
    harness::{Caller, Desk, on_each_database},
    identity::{call, customer},
    scene::{self, ids, text},
};

/// Adds a customer whom nobody has served yet, with tags.
async fn add(agent: &Caller, name: &str, tags: &[&str]) -> i64 {
    let email = format!("{name}@wander.example").to_lowercase();
    let new = json!({"name": name, "identities": [{"kind": "email", "value": email}]});
    let id = agent.post("/api/customers", new).await.expect(201)["id"]
        .as_i64()
        .unwrap();
    tag(agent, id, tags).await;
    id
}

async fn tag(agent: &Caller, id: i64, tags: &[&str]) {
    let path = format!("/api/customers/{id}");
    agent.patch(&path, json!({"tags": tags})).await.expect(200);
}

async fn tags(agent: &Caller, id: i64) -> Value {
    agent.get(&format!("/api/customers/{id}")).await.expect(200)["tags"].clone()
}

/// Joins two by hand; gives the join.
async fn join(agent: &Caller, one: i64, other: i64) -> i64 {
    let path = format!("/api/customers/{one}/joins");
    let whole = agent.post(&path, json!({"other_id": other})).await.expect(200);
    newest_join(agent, whole["id"].as_i64().unwrap()).await
}

async fn newest_join(agent: &Caller, of: i64) -> i64 {
    ids(agent, &format!("/api/customers/{of}/joins")).await[0]
}

async fn separate(agent: &Caller, join: i64) {
    agent.delete(&format!("/api/joins/{join}")).await.expect(204);
}

#[tokio::test]
async fn who_leaves_a_chain_takes_their_own_tags_and_no_other() {
    on_each_database(async |desk| {
        let agent = desk.sign_in_as(Role::Agent).await;
        let ada = add(&agent, "Ada", &["early", "vip"]).await;
        let bea = add(&agent, "Bea", &["late", "vip"]).await;
        let cat = add(&agent, "Cat", &["early", "late", "quiet"]).await;
        let first = join(&agent, ada, bea).await;
        let second = join(&agent, ada, cat).await;
        assert_eq!(tags(&agent, ada).await, json!(["early", "late", "quiet", "vip"]));
        let late = agent.get("/api/customers?tag=late").await.expect(200);
        assert_eq!(late["items"].as_array().unwrap().len(), 1, "a file is listed once");
        assert_eq!(late["items"][0]["tags"], json!(["early", "late", "quiet", "vip"]));
        // What is put on the whole stays where it was put; what is taken off is off.
        tag(&agent, ada, &["early", "late", "loud", "vip"]).await;
        separate(&agent, first).await;
        assert_eq!(tags(&agent, bea).await, json!(["late", "vip"]));
        assert_eq!(tags(&agent, ada).await, json!(["early", "late", "loud", "vip"]));
        separate(&agent, second).await;
        assert_eq!(tags(&agent, cat).await, json!(["early", "late"]));
        assert_eq!(tags(&agent, ada).await, json!(["early", "loud", "vip"]));
        assert_eq!(tags(&agent, bea).await, json!(["late", "vip"]));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_others_went_into_goes_on_without_them() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let ada = add(&agent, "Ada", &["early"]).await;
        let bea = add(&agent, "Bea", &["vip"]).await;
        let first = join(&agent, ada, bea).await;
        // Who texts is served: the file that the other went into goes away itself.
        text(desk, "+12025550199", "Hello").await;
        let cat = customer(&agent, "phone:+12025550199").await;
        tag(&agent, cat, &["vip"]).await;
        let second = join(&agent, ada, cat).await;
        assert_eq!(tags(&agent, cat).await, json!(["early", "vip"]));
        separate(&agent, first).await;
        assert_eq!(tags(&agent, bea).await, json!(["vip"]));
        assert_eq!(tags(&agent, cat).await, json!(["early", "vip"]));
        separate(&agent, second).await;
        assert_eq!(tags(&agent, ada).await, json!(["early"]));
        assert_eq!(tags(&agent, cat).await, json!(["vip"]));
        let names = async |id: i64| agent.get(&format!("/api/customers/{id}")).await.expect(200)["name"].clone();
        let name = (names(ada).await, names(bea).await, names(cat).await);
        assert_eq!(name, (json!("Ada"), json!("Bea"), json!("")));
    })
    .await;
}

/// Who texted and came by a link in the browser of somebody who signed in, on three files that have become one.
struct Linked {
    ada: i64,
    /// The join of Ada and the browser.
    signed_in: i64,
    texting: i64,
    conversation: i64,
}

const NUMBER: &str = "+12025550199";

/// Ada, at first a browser, signs in at a second one; and there a link is opened that was texted to a number.
async fn linked(desk: &Desk, site: &Site) -> Linked {
    let mara = &site.mara;
    scene::channel(desk).await;
    site.batch(desk, json!([call("Saw an ad", None, Some("old"))])).await;
    site.batch(desk, json!([call("Booked", Some("ada"), None)])).await;
    site.batch(desk, json!([call("Signed in", Some("ada"), Some("old"))]))
        .await;
    let ada = customer(mara, "user_id:ada").await;
    tag(mara, ada, &["ours"]).await;
    site.batch(desk, json!([call("Compared", None, Some("new"))])).await;
    let visitor = customer(mara, "anonymous_id:new").await;
    tag(mara, visitor, &["visitor"]).await;
    site.batch(desk, json!([call("Came back", Some("ada"), Some("new"))]))
        .await;
    let signed_in = newest_join(mara, ada).await;

    let origins = json!({"origins": ["https://wander.example"]});
    mara.patch("/api/sources/1", origins).await.expect(200);
    let (conversation, _) = text(desk, NUMBER, "Which rooms?").await;
    let texting = customer(mara, &format!("phone:{NUMBER}")).await;
    tag(mara, texting, &["texts"]).await;
    let path = format!("/api/conversations/{conversation}/links");
    let link = mara.post(&path, json!({"url": "https://wander.example/rooms"})).await;
    let url = link.expect(201)["url"].as_str().unwrap().to_owned();
    let token = url.strip_prefix("https://desk.example.com/l/").unwrap();
    let page = json!({"type": "page", "anonymousId": "new", "messageId": "page", "name": "Rooms",
        "context": {"userAgent": "Mozilla/5.0 Safari/604.1", "page": {"search": format!("?rapport_link={token}")}}});
    site.batch(desk, json!([page])).await;
    assert_eq!(customer(mara, "user_id:ada").await, texting, "all are one");
    assert_eq!(tags(mara, texting).await, json!(["ours", "texts", "visitor"]));
    Linked {
        ada,
        signed_in,
        texting,
        conversation,
    }
}

#[tokio::test]
async fn what_was_joined_by_the_side_that_leaves_goes_along() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let linked = linked(desk, &site).await;
        let mara = &site.mara;
        let request = json!({"kind": "towels", "summary": "Two towels", "conversation_id": linked.conversation});
        let requests = format!("/api/customers/{}/requests", linked.texting);
        mara.post(&requests, request).await.expect(201);
        separate(mara, linked.signed_in).await;

        // Ada's file is the one that it was, with the browser that she had before.
        assert_eq!(customer(mara, "user_id:ada").await, linked.ada);
        assert_eq!(customer(mara, "anonymous_id:old").await, linked.ada);
        assert_eq!(tags(mara, linked.ada).await, json!(["ours"]));
        assert_eq!(
            site.done_by("user_id:ada").await,
            ["Saw an ad", "Booked", "Signed in", "Came back"]
        );
        // The number keeps the browser that came by its link, and all that is the number's.
        assert_eq!(customer(mara, "anonymous_id:new").await, linked.texting);
        assert_eq!(tags(mara, linked.texting).await, json!(["texts", "visitor"]));
        assert_eq!(site.done_by("anonymous_id:new").await, ["Compared", "Rooms"]);
        assert_eq!(ids(mara, &requests).await.len(), 1);
        let of = |id: i64| format!("/api/conversations?customer={id}");
        assert_eq!(ids(mara, &of(linked.texting)).await, [linked.conversation]);
        assert_eq!(ids(mara, &of(linked.ada)).await, [0; 0]);
    })
    .await;
}

/// Whose everything is that was there up to a row of each table: the customers, in the order of the rows.
async fn whose(desk: &Desk, tables: &'static [(&str, i64)]) -> Vec<(&'static str, Vec<i64>)> {
    let read = move |tx: &mut store::Tx| {
        let of = |(table, up_to): &(&'static str, i64)| {
            let sql = format!("SELECT customer_id FROM {table} WHERE customer_id IS NOT NULL ORDER BY id LIMIT ?1");
            let rows = tx.query(&sql, params![*up_to])?;
            let ids = rows.iter().map(|row| row.get(0)).collect::<Result<_, store::Error>>()?;
            Ok::<_, store::Error>((*table, ids))
        };
        tables.iter().map(of).collect::<Result<Vec<_>, _>>()
    };
    desk.app.store.read(read).await.unwrap()
}

#[tokio::test]
async fn everything_goes_back_to_whom_it_was_of() {
    on_each_database(async |desk| {
        const TABLES: &[(&str, i64)] = &[
            ("conversations", 3),
            ("messages", 6),
            ("notes", 3),
            ("requests", 3),
            ("consent", 3),
            ("identities", 3),
            ("events", 24),
        ];
        scene::channel(desk).await;
        let agent = desk.sign_in_as(Role::Agent).await;
        let mut people = Vec::new();
        for (n, number) in ["+12025550143", "+12025550199", "+12025550150"].iter().enumerate() {
            let (conversation, _) = text(desk, number, "Hello").await;
            let id = customer(&agent, &format!("phone:{number}")).await;
            let path = format!("/api/conversations/{conversation}/notes");
            agent.post(&path, json!({"body": "Called back"})).await.expect(201);
            let request = json!({"kind": "towels", "summary": "Towels", "conversation_id": conversation});
            let path = format!("/api/customers/{id}/requests");
            agent.post(&path, request).await.expect(201);
            let file = json!({"name": format!("N{n}"), "traits": {"room": format!("{n}"), format!("k{n}"): "x"}});
            agent.patch(&format!("/api/customers/{id}"), file).await.expect(200);
            text(desk, number, "STOP").await;
            people.push(id);
        }
        let files = async || {
            let mut files = Vec::new();
            for id in &people {
                let file = agent.get(&format!("/api/customers/{id}")).await.expect(200);
                files.push((file["name"].clone(), file["traits"].clone()));
            }
            files
        };
        let before = (whose(desk, TABLES).await, files().await);
        for order in [[0, 1], [1, 0]] {
            let joins = [
                join(&agent, people[0], people[1]).await,
                join(&agent, people[0], people[2]).await,
            ];
            let (_, whole) = whose(desk, TABLES).await.remove(0);
            assert_eq!(whole, [people[0]; 3]);
            for nth in order {
                separate(&agent, joins[nth]).await;
            }
            assert_eq!((whose(desk, TABLES).await, files().await), before, "{order:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn segments_follow_who_leaves_a_chain() {
    on_each_database(async |desk| {
        let manager = desk.sign_in_as(Role::Manager).await;
        let stopping = || desk.app.stopping.subscribe();
        tokio::spawn(rapport::journeys::follow(desk.app.clone(), stopping()));
        tokio::spawn(rapport::segments::follow(desk.app.clone(), stopping()));
        let ada = add(&manager, "Ada", &["early"]).await;
        let bea = add(&manager, "Bea", &["vip"]).await;
        let cat = add(&manager, "Cat", &["vip"]).await;
        let rule = json!({"name": "Very important", "rule": r#""vip" in customer.tags"#});
        let segment = manager.post("/api/segments", rule).await.expect(201)["id"].clone();
        let path = format!("/api/segments/{segment}/customers");
        let belong = async |wanted: &[i64]| {
            let right = async {
                while {
                    let mut found = ids(&manager, &path).await;
                    found.sort_unstable();
                    found != wanted
                } {}
            };
            let found = tokio::time::timeout(Duration::from_secs(60), right).await;
            assert!(found.is_ok(), "{wanted:?}: {:?}", ids(&manager, &path).await);
        };
        belong(&[bea, cat]).await;
        let first = join(&manager, ada, bea).await;
        let second = join(&manager, ada, cat).await;
        belong(&[ada]).await;
        separate(&manager, first).await;
        belong(&[ada, bea]).await;
        separate(&manager, second).await;
        belong(&[bea, cat]).await;
    })
    .await;
}
