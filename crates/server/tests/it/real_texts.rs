//! What real people texted, posted as signed webhooks: all of it is kept, none of it twice, every character as it was.

use std::{collections::BTreeMap, path::PathBuf, process::Command};

use futures::{StreamExt, stream};
use serde_json::Value;

use crate::{
    harness::on_each_database,
    hooks::{all_messages, furnish, inbound, post},
};

/// The file of this name in the shared data.
fn file(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("RAPPORT_SHARED_DATA").expect("RAPPORT_SHARED_DATA names the folder")).join(name)
}

/// A file of JSON lines, unpacked by the system's gzip.
fn lines(name: &str) -> Vec<Value> {
    let unpacked = Command::new("gzip").arg("-dc").arg(file(name)).output();
    let unpacked = unpacked.expect("gzip is there");
    assert!(unpacked.status.success(), "{name}");
    let lines = String::from_utf8(unpacked.stdout).expect("the file is UTF-8");
    let line = |line: &str| serde_json::from_str(line).expect("each line is JSON");
    lines.lines().map(line).collect()
}

/// The second of each pair such as `[3, "wait"]`, of those that `is_theirs` lets through.
fn turns(dialogue: &Value, is_theirs: impl Fn(&Value) -> bool) -> Vec<String> {
    let turns = dialogue.as_array().expect("a dialogue has turns").iter();
    let theirs = turns.filter(|turn| is_theirs(&turn[0]));
    theirs
        .map(|turn| turn[1].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// What the customers of every dialogue said, a list for each.
fn dialogues() -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for domain in ["airline", "fastfood", "finance", "insurance", "media", "software"] {
        let domain = lines(&format!("multidogo/{domain}.jsonl.gz"));
        found.extend(
            domain
                .iter()
                .map(|dialogue| turns(&dialogue["customer_turns"], |_| true)),
        );
    }
    let sample = std::fs::read(file("abcd/abcd_sample.json")).expect("the sample is there");
    let sample: Vec<Value> = serde_json::from_slice(&sample).expect("it is JSON");
    found.extend(
        sample
            .iter()
            .map(|dialogue| turns(&dialogue["original"], |who| who == "customer")),
    );
    found
}

#[tokio::test]
async fn real_texts_are_all_kept_once_and_unchanged() {
    let mut sent = lines("nus-sms/en.jsonl.gz");
    sent.extend(lines("nus-sms/zh.jsonl.gz"));
    let text = |line: &Value| line["text"].as_str().expect("a line has a text").to_owned();
    let sent: Vec<String> = sent.iter().map(text).collect();
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let posts = sent.iter().enumerate().flat_map(|(n, text)| {
            // A provider that is unsure posts again: every fifth text comes twice.
            let times = if n % 5 == 0 { 2 } else { 1 };
            std::iter::repeat_n((n, text), times)
        });
        let answers = stream::iter(posts)
            .map(async |(n, text)| {
                let mut params = inbound(&format!("SM{n}"), text);
                // A thousand customers, some of whom text at the same time.
                params[2].1 = format!("+1415{:07}", n % 1_000);
                post(desk, &params).await.status
            })
            .buffer_unordered(24)
            .collect::<Vec<u16>>();
        assert!(answers.await.iter().all(|status| *status == 200));
        let kept = all_messages(desk).await;
        let kept = kept
            .into_iter()
            .filter(|message| message.provider_id.as_ref().is_some_and(|id| id.starts_with("SM")));
        let mut bodies: Vec<(usize, String)> = kept
            .map(|message| (message.provider_id.unwrap()[2..].parse().unwrap(), message.body))
            .collect();
        bodies.sort();
        let expected: Vec<(usize, String)> = sent.iter().cloned().enumerate().collect();
        assert_eq!(bodies.len(), expected.len());
        for (kept, sent) in bodies.iter().zip(&expected) {
            assert_eq!(kept, sent);
        }
    })
    .await;
}

#[tokio::test]
async fn real_dialogues_are_kept_in_the_order_they_were_told() {
    let dialogues = dialogues();
    assert!(dialogues.len() > 300, "{}", dialogues.len());
    on_each_database(async |desk| {
        furnish(desk, "http://127.0.0.1:9").await;
        let told = stream::iter(dialogues.iter().enumerate()).map(async |(who, said)| {
            for (turn, text) in said.iter().enumerate() {
                let mut params = inbound(&format!("SM{who:04}{turn:04}"), text);
                params[2].1 = format!("+1415{:07}", who);
                assert_eq!(post(desk, &params).await.status, 200, "{text}");
            }
        });
        told.buffer_unordered(24).collect::<Vec<()>>().await;
        let mut kept: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for message in all_messages(desk).await {
            let sid = message.provider_id.filter(|id| id.starts_with("SM"));
            let Some(sid) = sid else { continue };
            kept.entry(sid[2..6].parse().unwrap()).or_default().push(message.body);
        }
        assert_eq!(kept.into_values().collect::<Vec<_>>(), dialogues);
    })
    .await;
}
