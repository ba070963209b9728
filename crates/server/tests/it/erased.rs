//! Erasing a customer: nothing by which they could be told is left in any table, in a file or in the journey log.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use domain::people::Role;
use journey::MapQuery;
use rapport::demo;
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use store::{Dialect, Tx, params};

use crate::{
    collect::Site,
    company::Company,
    harness::{Caller, Desk, Reply, on_each_database},
    identity::{call, customer},
    scene::{self, ZOE, text},
};

/// A word that nobody but Zoe said, was called, or was told of.
const HERS: &str = "zebrafinch";

/// Gives each row of each table as text, with the table's name.
async fn rows(desk: &Desk) -> Vec<(String, String)> {
    let read = |tx: &mut Tx| {
        let is_postgres = tx.dialect() == Dialect::Postgres;
        let tables = if is_postgres {
            "SELECT table_name, column_name, data_type FROM information_schema.columns
             WHERE table_schema = current_schema()"
        } else {
            "SELECT t.name, c.name, '' FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
             WHERE t.schema = 'main' AND t.type <> 'virtual'"
        };
        let mut all = Vec::new();
        for column in tx.query(tables, params![])? {
            let (table, column, kind): (String, String, String) = (column.get(0)?, column.get(1)?, column.get(2)?);
            let value = match kind.as_str() {
                "bytea" => format!("upper(encode(\"{column}\", 'hex'))"),
                "" => format!(
                    "CASE typeof(\"{column}\") WHEN 'blob' THEN hex(\"{column}\") ELSE CAST(\"{column}\" AS TEXT) END"
                ),
                _ => format!("CAST(\"{column}\" AS TEXT)"),
            };
            let sql = format!("SELECT {value} FROM {table} WHERE \"{column}\" IS NOT NULL");
            for row in tx.query(&sql, params![])? {
                all.push((format!("{table}.{column}"), row.get::<String>(0).unwrap_or_default()));
            }
        }
        Ok::<_, store::Error>(all)
    };
    desk.app.store.read(read).await.unwrap()
}

/// Says where something is still told, be it in a text or among bytes.
async fn told(desk: &Desk, what: &str) -> Vec<String> {
    told_in(&rows(desk).await, what)
}

fn told_in(rows: &[(String, String)], what: &str) -> Vec<String> {
    let bytes: String = what.bytes().map(|byte| format!("{byte:02X}")).collect();
    let told = rows
        .iter()
        .filter(|(_, row)| row.contains(what) || row.contains(&bytes));
    let places: BTreeSet<String> = told.map(|(place, _)| place.clone()).collect();
    places.into_iter().collect()
}

/// Where a customer is named by the id.
fn pointed_to(rows: &[(String, String)], customer: i64) -> Vec<String> {
    let names = [
        "customer_id",
        "profile_id",
        "merged_into",
        "one_id",
        "other_id",
        "from_id",
    ];
    let is_name = |place: &str| names.iter().any(|name| place.ends_with(&format!(".{name}")));
    let id = customer.to_string();
    let found = rows.iter().filter(|(place, row)| *row == id && is_name(place));
    found.map(|(place, _)| place.clone()).collect()
}

async fn upload(caller: &Caller, bytes: &str) -> Value {
    let part = multipart::Part::bytes(bytes.as_bytes().to_vec()).file_name(format!("{HERS}.txt"));
    let form = multipart::Form::new().part("file", part);
    Reply::to(caller.request(Method::POST, "/api/attachments").multipart(form))
        .await
        .expect(201)
}

/// Zoe writes, is answered, is on file in every way that there is; gives her customer's id.
async fn a_life(desk: &Desk, site: &Site) -> i64 {
    let mara = &site.mara;
    let (conversation, _) = text(desk, ZOE, &format!("This is {HERS}")).await;
    let zoe = customer(mara, &format!("phone:{ZOE}")).await;
    let file = upload(mara, HERS).await;
    let reply = json!({"body": format!("Dear {HERS}"), "attachment_ids": [file["id"]]});
    mara.post(&format!("/api/conversations/{conversation}/messages"), reply)
        .await
        .expect(201);
    let later = json!({"body": format!("Later, {HERS}"), "send_at": "2026-03-09T10:00:00Z"});
    mara.post(&format!("/api/conversations/{conversation}/messages"), later)
        .await
        .expect(201);
    let notes = format!("/api/conversations/{conversation}/notes");
    mara.post(&notes, json!({"body": format!("{HERS} called")}))
        .await
        .expect(201);
    let demand = format!("/api/conversations/{conversation}/demand");
    mara.put(&demand, json!({"demand": "failure"})).await.expect(200);
    let change = json!({"name": HERS, "traits": {"nick": HERS}, "tags": [HERS]});
    mara.patch(&format!("/api/customers/{zoe}"), change).await.expect(200);
    let request = json!({"kind": "room", "summary": format!("A room for {HERS}")});
    mara.post(&format!("/api/customers/{zoe}/requests"), request)
        .await
        .expect(201);
    // She signs in where she is told of by another id, and both files become one.
    site.batch(
        desk,
        json!([
            call("Saw an ad", None, Some(HERS)),
            {"type": "identify", "userId": HERS, "messageId": "i", "traits": {"email": format!("{HERS}@example.com")}},
            call("Signed in", Some(HERS), Some(HERS)),
            {"type": "identify", "userId": HERS, "messageId": "no", "timestamp": "never", "traits": {"a": HERS}},
        ]),
    )
    .await;
    let other = customer(mara, &format!("user_id:{HERS}")).await;
    mara.post(&format!("/api/customers/{zoe}/joins"), json!({"other_id": other}))
        .await
        .expect(200);
    zoe
}

#[tokio::test]
async fn nothing_by_which_an_erased_customer_could_be_told_is_left() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let site = Site::open(desk).await;
        let zoe = a_life(desk, &site).await;
        let (other, _) = text(desk, "+12025550144", "I am somebody else").await;
        assert!(told(desk, HERS).await.len() > 12, "{:?}", told(desk, HERS).await);

        let path = format!("/api/customers/{zoe}");
        let ada = desk.sign_in_as(Role::Agent).await;
        ada.delete(&path).await.refused(403, "forbidden");
        let known = site.mara.get(&format!("{path}/erasure")).await.expect(200);
        assert_eq!(
            (&known["conversations"], &known["messages"], &known["requests"]),
            (&json!(1), &json!(3), &json!(1))
        );
        site.mara.delete(&path).await.expect(204);
        site.mara.get(&path).await.refused(404, "not_found");
        site.mara.delete(&path).await.refused(404, "not_found");

        rapport::jobs::work_off(&desk.app).await.unwrap();
        // What a source called its call by is known for a while, so that one that comes again changes nothing.
        assert_eq!(told(desk, HERS).await, ["collected.message_id"]);
        assert_eq!(told(desk, ZOE.trim_start_matches('+')).await, Vec::<String>::new());
        assert_eq!(pointed_to(&rows(desk).await, zoe), Vec::<String>::new());
        assert_eq!(
            files_in(&desk.app.config.data.join("files")),
            0,
            "her attachment is gone"
        );
        ada.get(&format!("/api/conversations/{other}")).await.expect(200);
        let found = ada.get(&format!("/api/search?q={HERS}")).await.expect(200);
        assert!(!found.to_string().contains("\"id\""), "{found}");

        // Who writes again is somebody new.
        text(desk, ZOE, "Hello").await;
        let again = customer(&site.mara, &format!("phone:{ZOE}")).await;
        assert!(again > zoe, "no id is given twice");
    })
    .await;
}

fn files_in(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { files_in(&path) } else { 1 })
        .sum()
}

#[tokio::test]
async fn what_was_refused_of_an_erased_customer_goes_by_a_short_id_and_by_an_email_too() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let email = "secret.person@example.com";
        let calls = json!([
            {"type": "identify", "userId": "4711", "messageId": "a", "traits": {"email": email}},
            // Refused: they lack a name, or say not who it was.
            {"type": "track", "userId": "4711", "messageId": "b"},
            {"type": "track", "event": "Paid", "messageId": "c", "properties": {"to": "Secret.Person@Example.com"}},
            // Somebody else's.
            {"type": "track", "userId": "14711", "messageId": "d"},
        ]);
        site.batch(desk, calls).await;
        assert_eq!(site.refusals().await.len(), 3);
        let person = customer(&site.mara, "user_id:4711").await;
        site.mara.delete(&format!("/api/customers/{person}")).await.expect(204);
        assert_eq!(site.refusals().await.len(), 1);
        assert_eq!(told(desk, "\"4711\"").await, Vec::<String>::new());
        assert_eq!(told(desk, "14711").await, ["source_refusals.body"]);
    })
    .await;
}

#[tokio::test]
async fn who_opted_out_is_never_texted_again() {
    on_each_database(async |desk| {
        scene::channel(desk).await;
        let mara = desk.sign_in_as(Role::Manager).await;
        text(desk, ZOE, "STOP").await;
        let zoe = customer(&mara, &format!("phone:{ZOE}")).await;
        mara.delete(&format!("/api/customers/{zoe}")).await.expect(204);
        assert_eq!(told(desk, ZOE).await, ["consent.address"]);

        let new = json!({"name": "Zoe", "identities": [{"kind": "phone", "value": ZOE}]});
        let new = mara.post("/api/customers", new).await.expect(201);
        assert_eq!(new["may_text"], json!({"ok": false, "reason": "opted_out"}));
        // She may say that she wants to be texted again.
        text(desk, ZOE, "START").await;
        let file = mara.get(&format!("/api/customers/{}", new["id"])).await.expect(200);
        assert_eq!(file["may_text"]["ok"], true);
    })
    .await;
}

#[tokio::test]
async fn what_other_files_say_of_an_erased_one_names_nobody() {
    on_each_database(async |desk| {
        let site = Site::open(desk).await;
        let calls = json!([
            call("Saw an ad", None, Some(HERS)),
            {"type": "identify", "anonymousId": HERS, "messageId": "n", "traits": {"name": HERS}},
            call("Signed in", Some("ada"), Some(HERS)),
        ]);
        site.batch(desk, calls).await;
        let ada = customer(&site.mara, "user_id:ada").await;
        let joins = site.mara.get(&format!("/api/customers/{ada}/joins")).await.expect(200);
        site.mara
            .delete(&format!("/api/joins/{}", joins["items"][0]["id"]))
            .await
            .expect(204);
        let visitor = customer(&site.mara, &format!("anonymous_id:{HERS}")).await;
        site.mara.delete(&format!("/api/customers/{visitor}")).await.expect(204);
        assert_eq!(
            told(desk, HERS).await,
            ["collected.message_id"],
            "only the id that a source gave to a call"
        );
        let ada = customer(&site.mara, "user_id:ada").await;
        let timeline = site
            .mara
            .get(&format!("/api/customers/{ada}/timeline"))
            .await
            .expect(200);
        assert!(
            timeline.to_string().contains("customer_separated"),
            "that it was separated stays"
        );
    })
    .await;
}

/// How many meetings are in the log that was saved last.
fn saved(desk: &Desk) -> Option<usize> {
    let folder = desk.app.config.data.join("journey/1");
    let list: Value = serde_json::from_slice(&fs::read(folder.join("log.json")).ok()?).ok()?;
    let saved: journey::Saved = serde_json::from_value(list["log"].clone()).ok()?;
    Some(journey::Log::open(&folder, &saved, usize::MAX).ok()?.len())
}

#[tokio::test]
async fn the_journey_log_forgets_in_memory_and_on_the_disk() {
    on_each_database(async |desk| {
        let mut company = Company::open(desk).await;
        company
            .tell(&[("ana", "Cart", 30), ("ben", "Cart", 50), ("ben", "Paid", 40)])
            .await;
        company.reaches(3).await;
        company.stop().await;
        assert_eq!(saved(desk), Some(3));

        let next = company.start().await;
        let ben = customer(&company.mara, "user_id:ben").await;
        company.mara.delete(&format!("/api/customers/{ben}")).await.expect(204);
        let gone = async {
            while next.journeys.status().events != 1 || saved(desk) != Some(1) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), gone)
            .await
            .expect("the log forgets, and is saved again though it has hardly changed");
        let map = next.journeys.ask(|log| journey::map(log, &MapQuery::default()));
        assert!(map.await.unwrap().edges.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_busiest_customer_of_the_demo_can_be_erased() {
    on_each_database(async |desk| {
        demo::open(&desk.app).await.unwrap();
        let busiest = |tx: &mut Tx| {
            let sql =
                "SELECT customer_id FROM surveys GROUP BY customer_id ORDER BY COUNT(*) DESC, customer_id LIMIT 1";
            tx.query_one(sql, params![])?.get::<i64>(0)
        };
        let id = desk.app.store.read(busiest).await.unwrap();
        let owner = desk.app.config.data.join("demo.json");
        let card: Value = serde_json::from_str(&fs::read_to_string(owner).unwrap()).unwrap();
        let owner = desk.program(card["token"].as_str().unwrap());
        let file = owner.get(&format!("/api/customers/{id}")).await.expect(200);
        owner.delete(&format!("/api/customers/{id}")).await.expect(204);
        let left = rows(desk).await;
        assert_eq!(pointed_to(&left, id), Vec::<String>::new());
        for identity in file["identities"].as_array().unwrap() {
            let value = identity["value"].as_str().unwrap();
            assert_eq!(told_in(&left, value), Vec::<String>::new(), "{value}");
        }
    })
    .await;
}
