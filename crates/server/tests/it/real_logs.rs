//! Event logs of real companies: as many rows are imported as an independent count finds.

use std::{path::PathBuf, process::Command};

use domain::people::Role;
use rapport::jobs;
use reqwest::{Method, multipart};
use serde_json::json;

use crate::harness::{Reply, on_each_database};

/// Counts with the system's tools, which know nothing of our readers.
fn count(script: &str, file: &PathBuf) -> i64 {
    let output = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim().parse().expect("it counts")
}

#[tokio::test]
async fn every_row_of_a_real_log_is_imported() {
    let shared = std::env::var_os("RAPPORT_SHARED_DATA").expect("RAPPORT_SHARED_DATA names the folder");
    let folder = PathBuf::from(shared).join("event-logs");
    const EVENTS: &str = "gzip -dc \"$1\" | grep -o '<event>' | wc -l";
    const LINES: &str = "tail -n +2 \"$1\" | grep -c .";
    let logs = [
        ("helpdesk.xes.gz", EVENTS),
        ("running-example.xes.gz", EVENTS),
        ("running-example.csv", LINES),
    ];
    on_each_database(async |desk| {
        let mara = desk.sign_in_as(Role::Manager).await;
        for (name, script) in logs {
            let file = folder.join(name);
            let part = multipart::Part::bytes(std::fs::read(&file).unwrap()).file_name(name);
            let form = multipart::Form::new().part("file", part);
            let uploaded = Reply::to(mara.request(Method::POST, "/api/imports").multipart(form)).await;
            let uploaded = uploaded.expect(201);
            let path = format!("/api/imports/{}", uploaded["import"]["id"]);
            let run = json!({"map": uploaded["guess"], "source": name});
            mara.put(&format!("{path}/run"), run).await.expect(202);
            jobs::work_off(&desk.app).await.unwrap();
            let import = mara.get(&path).await.expect(200);
            let told = [&import["state"], &import["read_rows"], &import["taken"]];
            let rows = json!(count(script, &file));
            assert_eq!(told, [&json!("done"), &rows, &rows], "{name}");
        }
    })
    .await;
}
