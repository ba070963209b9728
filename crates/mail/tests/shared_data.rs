//! Runs over real mails that are not part of the repository: `RAPPORT_SHARED_DATA` names their folder.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mail::{Images, PartKind, fold, fold_html, nature, parse, safe_html, visible};

fn folder() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    std::env::var_os("RAPPORT_SHARED_DATA").map_or(beside, PathBuf::from)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

#[test]
fn every_real_mail_is_read() {
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let (mut count, mut silent, mut bounces, mut automatic) = (0, Vec::new(), 0, 0);
    for path in files(&folder().join("email-mime")) {
        if path
            .extension()
            .is_some_and(|ending| ending == "json" || ending == "md")
        {
            continue;
        }
        let mail = parse(&fs::read(&path).unwrap(), now);
        assert!(!mail.message_id.is_empty() && mail.date <= now, "{}", path.display());
        check_html(mail.html.as_deref().unwrap_or_default());
        match nature(&mail) {
            mail::Nature::Bounce(bounce) => {
                bounces += 1;
                println!("{}: {bounce:?}", path.display());
            }
            mail::Nature::Automatic(_) => automatic += 1,
            mail::Nature::Person => {}
        }
        count += 1;
        if mail.text.trim().is_empty() && mail.attachments.is_empty() {
            silent.push(path);
        }
    }
    println!(
        "{count} mails, {bounces} bounces, {automatic} automatic, {} without words or files: {silent:#?}",
        silent.len()
    );
    assert!(count > 0);
}

#[test]
fn the_new_part_of_real_replies_is_mostly_what_a_peer_shows() {
    let folder = folder().join("email-replies");
    let peer = fs::read_to_string(folder.join("crisp_visible.json")).unwrap();
    let peer: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&peer).unwrap();
    let (mut agreed, mut count) = (0, 0);
    for (name, theirs) in &peer {
        let text = String::from_utf8_lossy(&fs::read(folder.join(name)).unwrap()).replace("\r\n", "\n");
        let parts = fold(&text);
        let whole: String = parts.iter().map(|part| &text[part.range.clone()]).collect();
        assert_eq!(whole, text, "{name}");
        let (ours, theirs) = (words(&visible(&text, &parts)), words(theirs.as_str().unwrap()));
        count += 1;
        if ours == theirs {
            agreed += 1;
        } else {
            let kinds: Vec<PartKind> = parts.iter().map(|part| part.kind).collect();
            println!(
                "{name}: {kinds:?}\n  ours   …{}\n  theirs …{}",
                tail(&ours),
                tail(&theirs)
            );
        }
    }
    println!("{agreed} of {count} agree ({} %)", 100 * agreed / count);
    assert!(agreed * 100 >= count * 80);
}

#[test]
fn real_replies_in_html_are_folded() {
    for path in files(&folder().join("email-replies/mailgun")) {
        let raw = fs::read(&path).unwrap();
        let html = match path.extension().and_then(|ending| ending.to_str()) {
            Some("html") => String::from_utf8_lossy(&raw).into_owned(),
            _ => parse(&raw, "2026-03-01T12:00:00Z".parse().unwrap())
                .html
                .unwrap_or_default(),
        };
        if !html.is_empty() {
            let shown = check_html(&html);
            println!("{}: {} of {} bytes shown", path.display(), shown, html.len());
        }
    }
}

/// Checks that HTML becomes safe and that its parts are the whole; gives how much is shown.
fn check_html(html: &str) -> usize {
    let safe = safe_html(html, &BTreeMap::new(), Images::Held).html;
    assert!(!safe.contains("<script") && !safe.contains("src=\"http"));
    let parts = fold_html(&safe, false);
    let whole: String = parts.iter().map(|part| &safe[part.range.clone()]).collect();
    assert_eq!(whole, safe);
    let shown = parts.iter().filter(|part| part.kind == PartKind::Visible);
    shown.map(|part| part.range.len()).sum()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn tail(text: &str) -> String {
    let count = text.chars().count();
    text.chars().skip(count.saturating_sub(110)).collect()
}
