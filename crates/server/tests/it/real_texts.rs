//! What real people texted, posted as signed webhooks: all of it is kept, none of it twice, every character as it was.

use std::{path::PathBuf, process::Command};

use futures::{StreamExt, stream};
use serde_json::Value;

use crate::{
    harness::on_each_database,
    hooks::{all_messages, furnish, inbound, post},
};

/// The first texts of a file of JSON lines, unpacked by the system's gzip.
fn texts(name: &str) -> Vec<String> {
    let folder = PathBuf::from(std::env::var_os("RAPPORT_SHARED_DATA").expect("RAPPORT_SHARED_DATA names the folder"));
    let unpacked = Command::new("gzip")
        .arg("-dc")
        .arg(folder.join(name))
        .output()
        .expect("gzip is there");
    assert!(unpacked.status.success(), "{name}");
    let lines = String::from_utf8(unpacked.stdout).expect("the file is UTF-8");
    let text = |line: &str| {
        serde_json::from_str::<Value>(line).ok()?["text"]
            .as_str()
            .map(str::to_owned)
    };
    lines.lines().filter_map(text).take(1_500).collect()
}

#[tokio::test]
async fn real_texts_are_all_kept_once_and_unchanged() {
    let mut sent = texts("nus-sms/en.jsonl.gz");
    sent.extend(texts("nus-sms/zh.jsonl.gz"));
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
