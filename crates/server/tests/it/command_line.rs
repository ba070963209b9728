//! The commands beside `serve`, run as the program that people run.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

use domain::{AttachmentId, people::Role};
use object_store::ObjectStoreExt;
use rapport::{app::App, config::ServeArgs, universe::Universe};
use serde_json::json;
use store::{
    Place,
    messages::{self, Attachment},
    testing,
};

use crate::harness::{Desk, on_each_database};

/// Gives the command line of `rapport` for a desk's data.
fn rapport(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
    command.args(arguments).env("RUST_LOG", "warn");
    match desk.place() {
        Place::Folder(folder) => command.arg("--data").arg(folder),
        Place::Postgres(url) => command
            .arg("--data")
            .arg(&desk.app.config.data)
            .args(["--database", url]),
    };
    command
}

#[track_caller]
fn said(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_token_from_the_command_line_is_good_at_once() {
    on_each_database(async |desk| {
        let output = rapport(desk, &["token", "create", "Booking", "--role", "viewer"])
            .output()
            .unwrap();
        let text = said(&output);
        let token = text.strip_suffix('\n').expect("it ends its line");
        assert!(!token.contains(char::is_whitespace), "the token stands alone: {text}");
        desk.program(token).get("/api/users").await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn a_user_is_invited_or_added_with_a_password() {
    on_each_database(async |desk| {
        let add = ["user", "add", "Mara@example.com", "--role", "manager"];
        let text = said(
            &rapport(desk, &add)
                .args(["--public-url", "https://desk.example.com"])
                .output()
                .unwrap(),
        );
        let token = text
            .trim()
            .strip_prefix("https://desk.example.com/join/")
            .expect("it is a link");
        let path = format!("/api/invitations/by-token/{token}");
        assert_eq!(desk.nobody().get(&path).await.expect(200)["email"], "mara@example.com");

        let mut add = rapport(
            desk,
            &[
                "user",
                "add",
                "Olive@example.com",
                "--role",
                "owner",
                "--password-stdin",
            ],
        );
        let mut child = add.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(b"correct horse battery\n")
            .unwrap();
        said(&child.wait_with_output().unwrap());
        let form = json!({"email": "olive@example.com", "password": "correct horse battery"});
        desk.nobody().post("/api/session", form).await.expect(201);

        let wrong = rapport(desk, &["user", "add", "nobody", "--role", "owner"])
            .output()
            .unwrap();
        assert!(!wrong.status.success());
        assert!(String::from_utf8_lossy(&wrong.stderr).contains("is not an email address"));
    })
    .await;
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong_and_nothing_else() {
    on_each_database(async |desk| {
        let well = rapport(desk, &["doctor"]).output().unwrap();
        let text = said(&well);
        assert!(text.contains("ok     the database opens"), "{text}");
        let break_it = |tx: &mut store::Tx| {
            let job = "INSERT INTO jobs (kind, payload, state, run_at, created_at) VALUES ('send', '{}', 'dead', 0, 0)";
            tx.execute(job, &[])?;
            let channel = "INSERT INTO channels (name, kind, address, hook, created_at)
                           VALUES ('Texts', 'twilio', '+15550100', 'abc', 0)";
            tx.execute(channel, &[])
        };
        desk.app.store.write(break_it).await.unwrap();
        let ill = rapport(desk, &["doctor"]).output().unwrap();
        assert_eq!(ill.status.code(), Some(1));
        let text = String::from_utf8_lossy(&ill.stdout);
        for wrong in [
            "1 jobs were given up",
            "channel Texts has no auth token",
            "no public URL is set",
        ] {
            assert!(text.contains(wrong), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_backup_made_while_the_server_runs_restores_to_the_same_data() {
    on_each_database(async |desk| {
        let Place::Folder(folder) = desk.place() else {
            return;
        };
        let manager = desk.sign_in_as(Role::Manager).await;
        manager.post("/api/teams", json!({"name": "Rooms"})).await.expect(201);
        std::fs::create_dir_all(folder.join("files/ab")).unwrap();
        std::fs::write(folder.join("files/ab/picture.png"), b"a picture").unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let file = elsewhere.path().join("backup.tar");
        said(&rapport(desk, &["backup", file.to_str().unwrap()]).output().unwrap());
        assert!(
            !rapport(desk, &["backup", file.to_str().unwrap()])
                .output()
                .unwrap()
                .status
                .success()
        );
        let left: Vec<_> = std::fs::read_dir(elsewhere.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half done is left: {left:?}");

        let restored = elsewhere.path().join("data");
        let restore = |to: &Path| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
            command
                .arg("restore")
                .arg(&file)
                .arg("--data")
                .arg(to)
                .output()
                .unwrap()
        };
        said(&restore(&restored));
        assert_eq!(
            std::fs::read(restored.join("files/ab/picture.png")).unwrap(),
            b"a picture"
        );
        let options = store::Options {
            place: Place::Folder(restored.clone()),
            connections: 1,
        };
        let store = store::Store::open(&options).unwrap();
        let teams = store.read(store::people::teams::list).await.unwrap();
        assert_eq!(teams[0].name, "Rooms");
        let again = restore(&restored);
        assert!(!again.status.success());
        assert!(String::from_utf8_lossy(&again.stderr).contains("is not empty"));
    })
    .await;
}

#[tokio::test]
async fn a_backup_of_postgresql_brings_back_the_data_and_the_files() {
    // A dump is of a whole database: this takes one of its own, and another to restore into.
    let (Some(old), Some(new)) = (testing::database(), testing::database()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (data, restored, file) = (
        folder.path().join("data"),
        folder.path().join("restored"),
        folder.path().join("backup.tar"),
    );
    let run = |arguments: &[&str], data: &Path, database: &testing::TestDatabase| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.args(arguments).arg("--data").arg(data);
        command
            .args(["--database", &database.url])
            .env("RUST_LOG", "warn")
            .output()
            .unwrap()
    };
    let open = |data: &Path, database: &testing::TestDatabase| {
        let args = ServeArgs {
            data: Some(data.to_owned()),
            database: Some(database.url.clone()),
            ..ServeArgs::default()
        };
        App::open(args.settle(false).unwrap(), Universe::system()).unwrap()
    };
    said(&run(&["token", "create", "Booking", "--role", "viewer"], &data, &old));
    let app = open(&data, &old);
    let key = "2026-03-04/bill";
    app.files.put(&key.into(), "the bill".into()).await.unwrap();
    let bill = Attachment {
        id: AttachmentId(0),
        message_id: None,
        name: "bill.txt".to_owned(),
        content_type: "text/plain".to_owned(),
        size_bytes: 8,
        object_key: Some(key.to_owned()),
        source_url: None,
        public_token: "token".to_owned(),
        uploaded_by: None,
        created_at: app.universe.now(),
        error: None,
    };
    let write = move |tx: &mut store::Tx| messages::insert_attachment(tx, &bill);
    let id = app.store.write(write).await.unwrap();

    // The server runs while it is backed up.
    said(&run(&["backup", file.to_str().unwrap()], &data, &old));
    said(&run(&["restore", file.to_str().unwrap()], &restored, &new));
    assert!(!restored.join("rapport.dump").exists(), "it is in the database");
    let app = open(&restored, &new);
    let look = move |tx: &mut store::Tx| {
        let tokens = store::people::tokens::list(tx)?;
        Ok::<_, store::Error>((tokens, messages::attachment(tx, id)?))
    };
    let (tokens, bill) = app.store.read(look).await.unwrap();
    assert_eq!(tokens[0].name, "Booking");
    let key = bill.unwrap().object_key.unwrap();
    let bytes = app.files.get(&key.into()).await.unwrap().bytes().await.unwrap();
    assert_eq!(&bytes[..], b"the bill");
    let again = run(&["restore", file.to_str().unwrap()], &folder.path().join("third"), &new);
    assert!(
        !again.status.success(),
        "a database that holds something is not written over"
    );
}

#[tokio::test]
async fn a_backup_of_postgresql_says_what_it_needs() {
    on_each_database(async |desk| {
        if let Place::Postgres(_) = desk.place() {
            says_what_to_do_without_pg_dump(desk);
        }
    })
    .await;
}

fn says_what_to_do_without_pg_dump(desk: &Desk) {
    let file = desk.app.config.data.join("backup.tar");
    let output = rapport(desk, &["backup", file.to_str().expect("it is UTF-8")])
        .env("PATH", "")
        .output()
        .expect("it runs");
    assert!(!output.status.success());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("pg_dump is not installed"), "{error}");
    assert!(!file.exists());
}

#[test]
fn a_second_server_keeps_out_of_the_first_one_s_folder() {
    let folder = tempfile::tempdir().unwrap();
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.args(arguments).arg("--data").arg(folder.path());
        command.env("RUST_LOG", "info").stderr(Stdio::piped());
        command
    };
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let mut first = program(&serve).spawn().unwrap();
    let mut lines = BufReader::new(first.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let up = lines.any(|line| line.contains("listening"));
    let second = program(&serve).output().unwrap();
    let token = program(&["token", "create", "Booking", "--role", "viewer"])
        .output()
        .unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(up, "the first one serves");
    assert!(!second.status.success());
    let error = String::from_utf8_lossy(&second.stderr);
    assert!(error.contains("another server works with"), "{error}");
    said(&token);
}
