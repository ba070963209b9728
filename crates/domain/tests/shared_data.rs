//! Runs over what real people wrote to companies and to each other; `cargo xtask test` starts it where that data is there.
//!
//! None of these texts was written to hear no more from a company, so every reading of such a wish is a false alarm.

use std::path::{Path, PathBuf};
use std::process::Command;

use domain::consent::{Reading, read};
use domain::segments::{Encoding, segments};

/// Texts of one collection.
struct Collection {
    name: &'static str,
    texts: Vec<String>,
}

fn collections() -> Vec<Collection> {
    let folder = PathBuf::from(std::env::var_os("RAPPORT_SHARED_DATA").expect("RAPPORT_SHARED_DATA names the folder"));
    let json = |path: &str, at: &str| json_texts(&folder.join(path), at);
    let csv = |path: &str| csv_texts(&folder.join(path));
    vec![
        Collection {
            name: "texts to friends, English",
            texts: json("nus-sms/en.jsonl.gz", "/text"),
        },
        Collection {
            name: "texts to friends, Chinese",
            texts: json("nus-sms/zh.jsonl.gz", "/text"),
        },
        Collection {
            name: "questions to an assistant",
            texts: json("clinc150/train.jsonl.gz", "/0"),
        },
        Collection {
            name: "messages to a bank",
            texts: csv("banking77/train.csv"),
        },
        Collection {
            name: "messages to a health shop",
            texts: csv("hint3/curekart_train.csv"),
        },
        Collection {
            name: "messages to a sports game",
            texts: csv("hint3/powerplay11_train.csv"),
        },
        Collection {
            name: "messages to a mattress shop",
            texts: csv("hint3/sofmattress_train.csv"),
        },
    ]
}

/// One text a line of compressed JSON, at a pointer.
fn json_texts(file: &Path, pointer: &str) -> Vec<String> {
    let unpacked = Command::new("gzip")
        .arg("-dc")
        .arg(file)
        .output()
        .expect("gzip is there");
    assert!(unpacked.status.success(), "{}", file.display());
    let lines = String::from_utf8(unpacked.stdout).expect("the data is UTF-8");
    let text = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        value
            .pointer(pointer)
            .and_then(|text| text.as_str())
            .expect("a line has a text")
            .to_owned()
    };
    lines.lines().map(text).collect()
}

/// The first column of a table, without its heading.
fn csv_texts(file: &Path) -> Vec<String> {
    let table = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut texts = Vec::new();
    let mut rest = table.split_once('\n').map_or("", |(_, rows)| rows);
    while !rest.is_empty() {
        let (text, after) = first_field(rest);
        texts.push(text);
        // No other column of these tables holds a line break.
        rest = after.split_once('\n').map_or("", |(_, rows)| rows);
    }
    texts
}

fn first_field(row: &str) -> (String, &str) {
    let Some(mut quoted) = row.strip_prefix('"') else {
        let end = row.find([',', '\n']).unwrap_or(row.len());
        return (row[..end].to_owned(), &row[end..]);
    };
    let mut text = String::new();
    loop {
        let (part, after) = quoted.split_once('"').expect("a quoted field ends");
        text.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                quoted = more;
            }
            None => return (text, after),
        }
    }
}

#[test]
fn ordinary_texts_are_not_taken_for_a_wish_to_hear_no_more() {
    let (mut read_texts, mut alarms) = (0, Vec::new());
    for Collection { name, texts } in collections() {
        read_texts += texts.len();
        let alarming = |text: &String| read(text, false) != Reading::Nothing;
        alarms.extend(texts.into_iter().filter(alarming).map(|text| format!("{name}: {text}")));
    }
    println!(
        "{} of {read_texts} texts would be obeyed or shown to a person",
        alarms.len()
    );
    // Measured: 1 in 3,600, half of them a bare "stop", "quit" or "cancel" that was meant for a machine.
    assert!(
        read_texts > 0 && alarms.len() * 2_000 < read_texts,
        "{}",
        alarms.join("\n")
    );
}

#[test]
fn every_text_is_counted_as_the_network_counts_it() {
    for Collection { name, texts } in collections() {
        for text in texts {
            let counted = segments(&text);
            let (one, each) = match counted.encoding {
                Encoding::Gsm7 => (160, 153),
                Encoding::Ucs2 => (70, 67),
            };
            if counted.encoding == Encoding::Ucs2 {
                assert_eq!(counted.units, text.encode_utf16().count(), "{name}: {text}");
            }
            let least = if counted.units <= one {
                counted.units.min(1)
            } else {
                counted.units.div_ceil(each)
            };
            // A character of two units is never cut: a part may stay one unit short.
            let most = if counted.units <= one {
                least
            } else {
                counted.units.div_ceil(each - 1)
            };
            assert!((least..=most).contains(&counted.parts), "{name}: {text}: {counted:?}");
        }
    }
}
