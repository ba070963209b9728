//! Imports: each row of a file is on a timeline once or is accounted for, whatever happens in between.

use std::{path::Path, process::Command};

use domain::{ImportId, importing::ImportState, people::Role};
use rapport::jobs;
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use store::{
    Place,
    imports::{self, Import},
};

use crate::harness::{Caller, Desk, Reply, on_each_database};

/// A file of so many visits, one of ten people after the other.
fn visits(rows: usize) -> String {
    let mut text = "guest,what,when,shop\n".to_owned();
    for n in 0..rows {
        let (day, minute) = (1 + n / 1_440 % 28, n % 1_440);
        let when = format!("2026-01-{day:02} {:02}:{:02}", minute / 60, minute % 60);
        text += &format!("guest-{},Visit,{when},Rome\n", n % 10);
    }
    text
}

fn map() -> Value {
    json!({"customer": "guest", "event": "what", "time": "when"})
}

async fn upload(caller: &Caller, name: &str, content: impl Into<Vec<u8>>) -> Reply {
    let part = multipart::Part::bytes(content.into()).file_name(name.to_owned());
    let form = multipart::Form::new().part("file", part);
    Reply::to(caller.request(Method::POST, "/api/imports").multipart(form)).await
}

/// Uploads a file and starts to import it; gives its address.
async fn start(caller: &Caller, content: impl Into<Vec<u8>>, map: Value) -> String {
    let uploaded = upload(caller, "visits.csv", content).await.expect(201);
    let path = format!("/api/imports/{}", uploaded["import"]["id"]);
    caller
        .put(&format!("{path}/run"), json!({"map": map}))
        .await
        .expect(202);
    path
}

/// How an import stands: read, taken, doubled, skipped.
async fn counts(caller: &Caller, path: &str) -> (String, [i64; 4]) {
    let import = caller.get(path).await.expect(200);
    let state = import["state"].as_str().unwrap().to_owned();
    let counts = ["read_rows", "taken", "doubled", "skipped"].map(|what| import[what].as_i64().unwrap());
    assert_eq!(counts[0], counts[1..].iter().sum::<i64>(), "every row is accounted for");
    (state, counts)
}

/// How many actions are on timelines.
async fn tracked(desk: &Desk) -> usize {
    let events = desk.events().await;
    let is_action = |event: &&domain::event::Happening| matches!(event.event, domain::Event::ActionTracked { .. });
    events.iter().filter(is_action).count()
}

/// Rows of which four can be taken.
const ROWS: [&str; 11] = [
    "user_id,event,time,shop",
    "ada,Visit,2026-01-02 10:00,Rome",
    "bob,Visit,2026-01-02 10:00,Rome",
    "bob,Visit,2026-01-02 10:00,Rome",
    ",Visit,2026-01-02 10:00,Rome",
    "ada,Visit,NaN,Rome",
    "ada,Visit,1900-01-02,Rome",
    "ada,Visit,2200-01-02,Rome",
    "ada,Visit,2026-01-03",
    "ada,Left,2026-01-03 10:00,",
    "ada,Vis",
];

#[tokio::test]
async fn a_file_is_looked_at_and_imported_and_accounted_for() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let uploaded = upload(&mara, "visits.csv", ROWS.join("\n")).await.expect(201);
        assert_eq!(uploaded["columns"], json!(["user_id", "event", "time", "shop"]));
        let path = format!("/api/imports/{}", uploaded["import"]["id"]);
        let preview = mara
            .post(&format!("{path}/preview"), uploaded["guess"].clone())
            .await
            .expect(200);
        let reasons: Vec<&Value> = preview["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["reason"])
            .collect();
        let expected = json!([
            null,
            null,
            null,
            "no_customer",
            "bad_time",
            "too_early",
            "in_future",
            "wrong_length",
            null,
            "cut_off"
        ]);
        assert_eq!(json!(reasons), expected);
        assert_eq!(preview["map"]["time_format"], "local");
        assert_eq!(tracked(desk).await, 0, "nothing is kept of a look");

        let run = json!({"map": uploaded["guess"], "source": "Till"});
        mara.put(&format!("{path}/run"), run.clone()).await.expect(202);
        mara.put(&format!("{path}/run"), run).await.refused(409, "has_begun");
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(counts(&mara, &path).await, ("done".to_owned(), [10, 4, 0, 6]));
        let skipped = mara.get(&format!("{path}/skipped.csv")).await.expect(200);
        let skipped: Vec<&str> = skipped.as_str().unwrap().lines().collect();
        assert_eq!(skipped[0], "row,reason,content");
        assert!(skipped[1].starts_with("4,no_customer,"), "{skipped:?}");
        assert_eq!((skipped.len(), skipped[6]), (7, "10,cut_off,\"ada,Vis\""));
        let sources = mara.get("/api/sources").await.expect(200);
        assert_eq!(
            (&sources["items"][0]["name"], &sources["items"][0]["hour"]["taken"]),
            (&json!("Till"), &json!(4))
        );
        let ada = mara.get("/api/customers?identity=user_id:ada").await.expect(200);
        let timeline = format!("/api/customers/{}/timeline", ada["items"][0]["id"]);
        let timeline = mara.get(&timeline).await.expect(200);
        let left = &timeline["items"][0];
        assert_eq!(
            (&left["data"]["name"], &left["data"]["properties"]),
            (&json!("Left"), &json!({}))
        );
        assert_eq!(left["data"]["context"], json!({"import": {"id": 1, "row": 9}}));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_was_cut_in_half_is_imported_again_without_doubling() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let whole = visits(1_300);
        let half = whole.split_at(whole.len() / 2).0.rsplit_once(',').unwrap().0;
        let first = start(&mara, half, map()).await;
        jobs::work_off(&desk.app).await.unwrap();
        let (_, [read, taken, doubled, skipped]) = counts(&mara, &first).await;
        assert_eq!(
            (taken, doubled, skipped),
            (read - 1, 0, 1),
            "the row that was cut off is skipped"
        );
        let second = start(&mara, whole.clone(), map()).await;
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(
            counts(&mara, &second).await,
            ("done".to_owned(), [1_300, 1_300 - taken, taken, 0])
        );
        assert_eq!(tracked(desk).await, 1_300);
        // Read in another way, it is told and nothing is doubled.
        let mut other = map();
        other["time_zone"] = json!("Asia/Tokyo");
        let third = start(&mara, whole, other).await;
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(counts(&mara, &third).await.1, [1_300, 0, 0, 1_300]);
    })
    .await;
}

#[tokio::test]
async fn an_import_goes_on_where_the_server_stopped() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let path = start(&mara, visits(1_300), map()).await;
        let import = only(desk).await;
        // One part is on disk; the server went down before it could do another.
        let file = rapport::imports::file(&desk.app, import.object_key.as_deref().unwrap())
            .await
            .unwrap();
        let rules = rules(desk, &import).await;
        let (reader, _) = rapport::imports::read::open(file).unwrap();
        let rows = (1..)
            .zip(reader.take(500))
            .map(|(number, told)| rules.read(number, told.unwrap()));
        let part = rapport::imports::take::Part {
            rows: rows.collect(),
            read_bytes: 0,
        };
        let (now, part) = (desk.app.universe.now(), std::sync::Arc::new(part));
        for expected in [true, false] {
            let (import, part) = (import.clone(), part.clone());
            let taken = desk
                .app
                .store
                .write(move |tx| rapport::imports::take::part(tx, &import, 0, &part, now));
            assert_eq!(
                taken.await.unwrap(),
                expected,
                "a part is taken once, whoever comes with it"
            );
        }
        assert_eq!(counts(&mara, &path).await, ("running".to_owned(), [500, 500, 0, 0]));
        // It answers no more from here on, and what is on disk is looked at itself.
        desk.app.stopping.send_replace(true);
        jobs_once(desk).await;
        let progress = only(desk).await.progress;
        assert_eq!(progress.read_rows, 500, "a server that stops takes no more");
        desk.app.stopping.send_replace(false);
        jobs::work_off(&desk.app).await.unwrap();
        let import = only(desk).await;
        assert_eq!(import.state, ImportState::Done);
        let progress = import.progress;
        assert_eq!(
            (progress.read_rows, progress.taken, progress.doubled),
            (1_300, 1_300, 0)
        );
        assert_eq!(tracked(desk).await, 1_300);
    })
    .await;
}

/// Has the one job that waits tried once.
async fn jobs_once(desk: &Desk) {
    let now = desk.app.universe.now();
    let lease =
        move |tx: &mut store::Tx| store::jobs::lease(tx, "test", now, now.plus_seconds(60), store::jobs::Room::any(1));
    let leased = desk.app.store.write(lease).await.unwrap();
    assert_eq!(leased.len(), 1);
    for job in leased {
        jobs::run(&desk.app, "test", job).await;
    }
}

async fn only(desk: &Desk) -> Import {
    let import = desk.app.store.read(|tx| imports::get(tx, ImportId(1))).await.unwrap();
    import.expect("it is there")
}

async fn rules(desk: &Desk, import: &Import) -> rapport::imports::take::Rules {
    let settings = desk.app.store.read(store::settings::get).await.unwrap();
    let map = import.map.clone().unwrap();
    rapport::imports::take::Rules {
        reading: map.settle(&[], &[], &settings.time_zone).unwrap(),
        settings,
        now: desk.app.universe.now(),
    }
}

/// How many files that were uploaded there are.
fn uploads(desk: &Desk) -> usize {
    let days = std::fs::read_dir(desk.app.config.data.join("files/imports")).unwrap();
    let files = days.map(|day| std::fs::read_dir(day.unwrap().path()).unwrap().count());
    files.sum()
}

#[tokio::test]
async fn a_file_that_nobody_imports_is_gone_after_a_week_and_one_that_was_imported_at_once() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let done = start(
            &mara,
            ROWS.join("\n"),
            json!({"customer": "user_id", "event": "event", "time": "time"}),
        )
        .await;
        let left = upload(&mara, "visits.csv", visits(3)).await.expect(201);
        let left = format!("/api/imports/{}", left["import"]["id"]);
        // A crash between the file and its row leaves nothing that tells of it.
        let lost = desk.app.config.data.join("files/imports/2026-02-01");
        std::fs::create_dir_all(&lost).unwrap();
        std::fs::write(lost.join("lost"), "guest,what,when").unwrap();
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(uploads(desk), 2);
        desk.advance(6 * 86_400);
        rapport::imports::forget_uploads(&desk.app).await.unwrap();
        assert_eq!(uploads(desk), 1);
        assert_eq!(counts(&mara, &left).await.0, "uploaded");

        desk.advance(2 * 86_400);
        rapport::imports::forget_uploads(&desk.app).await.unwrap();
        assert_eq!(uploads(desk), 0);
        let import = mara.get(&left).await.expect(200);
        assert_eq!(
            (&import["state"], &import["error"]),
            (&json!("cancelled"), &json!("not_begun"))
        );
        mara.put(&format!("{left}/run"), json!({"map": map()}))
            .await
            .refused(409, "file_gone");
        // What was skipped of the other one can still be looked at.
        let skipped = mara.get(&format!("{done}/skipped.csv")).await.expect(200);
        assert!(skipped.as_str().unwrap().contains("too_early"), "{skipped}");
    })
    .await;
}

#[tokio::test]
async fn an_import_that_is_cancelled_takes_no_more() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let path = start(&mara, visits(20), map()).await;
        let cancelled = mara.delete(&format!("{path}/run")).await.expect(200);
        assert_eq!(cancelled["state"], "cancelled");
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(counts(&mara, &path).await, ("cancelled".to_owned(), [0, 0, 0, 0]));
        assert_eq!(tracked(desk).await, 0);
        let left = desk.app.config.data.join("files/imports/2026-03-04");
        assert_eq!(std::fs::read_dir(left).unwrap().count(), 0, "its file is gone");
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_their_addresses() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let zoe = json!({"name": "Zoë", "identities": [{"kind": "phone", "value": "+12025550143"}]});
        mara.post("/api/customers", zoe).await.expect(201);
        let calls = "phone,time,about\n(202) 555-0143,2026-01-02,Late check-in\n12,2026-01-02,x\n";
        let map = json!({"customer": "phone", "customer_kind": "phone", "event_name": "Called", "time": "time"});
        let path = start(&mara, calls, map).await;
        jobs::work_off(&desk.app).await.unwrap();
        assert_eq!(counts(&mara, &path).await.1, [2, 1, 0, 1]);
        let timeline = mara.get("/api/customers/1/timeline").await.expect(200);
        let told = timeline["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|event| event["data"]["name"] == "Called");
        assert_eq!(told.unwrap()["data"]["properties"], json!({"about": "Late check-in"}));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_imported_is_told_why() {
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        let ada = desk.sign_in_as(Role::Agent).await;
        upload(&ada, "visits.csv", visits(1)).await.refused(403, "forbidden");
        ada.get("/api/imports").await.refused(403, "forbidden");
        upload(&mara, "empty.csv", "").await.refused(422, "invalid");
        upload(&mara, "table.parquet", "PAR1").await.refused(422, "invalid");
        let uploaded = upload(&mara, "visits.csv", visits(1)).await.expect(201);
        let path = format!("/api/imports/{}", uploaded["import"]["id"]);
        let mut wrong = map();
        wrong["customer"] = json!("nobody");
        let refusal = mara
            .post(&format!("{path}/preview"), wrong.clone())
            .await
            .refused(422, "invalid");
        assert!(refusal["fields"]["customer"].is_string(), "{refusal}");
        mara.put(&format!("{path}/run"), json!({"map": wrong}))
            .await
            .refused(422, "invalid");
        mara.get("/api/imports/99").await.refused(404, "not_found");
        let list = mara.get("/api/imports").await.expect(200);
        assert_eq!(
            list["items"].as_array().unwrap().len(),
            1,
            "what was refused is not kept"
        );
        upload(&mara, "visits.csv", visits(2)).await.expect(201);
        let newest = mara.get("/api/imports?limit=1").await.expect(200);
        assert_eq!((&newest["items"][0]["id"], &newest["total"]), (&json!(2), &json!(2)));
        let cursor = newest["next"].as_str().unwrap();
        let older = mara
            .get(&format!("/api/imports?limit=1&cursor={cursor}"))
            .await
            .expect(200);
        assert_eq!((&older["items"][0]["id"], &older["next"]), (&json!(1), &Value::Null));
    })
    .await;
}

/// Gives `rapport import events` for a desk's data.
fn command(desk: &Desk, file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.args(["import", "events"]).arg(file).env("RUST_LOG", "warn");
    match desk.place() {
        Place::Folder(folder) => command.arg("--data").arg(folder),
        Place::Postgres(url) => command
            .arg("--data")
            .arg(&desk.app.config.data)
            .args(["--database", url]),
    };
    command
}

/// The command of the guide, with the file that it is about.
const GUIDE: &str = include_str!("../../../../docs/imports.md");

#[tokio::test]
async fn the_command_of_the_guide_imports_beside_a_running_server() {
    let line = GUIDE
        .lines()
        .find_map(|line| line.strip_prefix("rapport import events visits.csv "));
    let arguments: Vec<&str> = line.expect("the guide has it").split(' ').collect();
    on_each_database(async |desk| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("visits.csv");
        std::fs::write(&file, visits(600) + "\n,Visit,2026-01-02 10:00,Rome\n").unwrap();
        let run = || command(desk, &file).args(&arguments).output().unwrap();
        let first = run();
        let said = String::from_utf8_lossy(&first.stdout).into_owned();
        assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
        assert_eq!(said, "601 rows read = 600 taken + 0 taken before + 1 skipped\n");
        assert!(String::from_utf8_lossy(&first.stderr).contains("row 601 skipped: no_customer"));
        let again = String::from_utf8_lossy(&run().stdout).into_owned();
        assert_eq!(again, "601 rows read = 0 taken + 600 taken before + 1 skipped\n");
        assert_eq!(tracked(desk).await, 600);

        std::fs::write(&file, "guest,what,when\n,Visit,2026-01-02 10:00\n").unwrap();
        let nothing = run();
        assert!(!nothing.status.success());
        assert!(String::from_utf8_lossy(&nothing.stderr).contains("nothing was taken"));
        std::fs::write(&file, "a,b,c\n1,2,3\n").unwrap();
        let wrong = run();
        assert!(!wrong.status.success());
        assert!(String::from_utf8_lossy(&wrong.stderr).contains("'guest' is not in the file"));
    })
    .await;
}
