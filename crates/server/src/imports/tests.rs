//! Files as they come: whole, cut off, too long, of another kind.

use std::io::Write;

use domain::importing::{FileFormat, SkipReason};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::*;

fn file(content: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file.rewind().unwrap();
    file
}

/// What the rows say, or why they are skipped.
fn rows(content: &[u8]) -> Vec<Value> {
    let (reader, _) = open(file(content)).unwrap();
    let told = |row: io::Result<Told>| match row.unwrap() {
        Ok(row) => Value::Object(row),
        Err((reason, _)) => json!(reason),
    };
    reader.map(told).collect()
}

#[test]
fn separated_values_are_read_as_spreadsheets_write_them() {
    let table: [(&[u8], Value); 8] = [
        (b"a,b\n1,2\n", json!([{"a": "1", "b": "2"}])),
        (
            b"\xef\xbb\xbfa;b\r\n\"1;\r\n\"\"x\"\"\";\r\n\r\n3;4",
            json!([{"a": "1;\r\n\"x\"", "b": ""}, {"a": "3", "b": "4"}]),
        ),
        (b"a\tb\n1\t2,5\n", json!([{"a": "1", "b": "2,5"}])),
        (b",a,a\n0,1,2\n", json!([{"column 1": "0", "a": "1", "a (2)": "2"}])),
        (
            b"a,b\n1\n1,2,3\n\xff,2\n1,2\n",
            json!(["wrong_length", "wrong_length", "not_utf8", {"a": "1", "b": "2"}]),
        ),
        (b"a,b\n1,2\n3", json!([{"a": "1", "b": "2"}, "cut_off"])),
        (b"a,b\n1,\"2\n3,4\n", json!(["cut_off"])),
        (b"a,b\n", json!([])),
    ];
    for (content, expected) in table {
        assert_eq!(json!(rows(content)), expected, "{}", String::from_utf8_lossy(content));
    }
}

#[test]
fn a_row_without_end_is_passed_over() {
    let long = "x".repeat(MAX_ROW);
    let csv = format!("a,b\n1,2\n\"{long}\n{long}\",2\n3,4\n");
    let expected = json!([{"a": "1", "b": "2"}, "too_large", {"a": "3", "b": "4"}]);
    assert_eq!(json!(rows(csv.as_bytes())), expected);
    let lines = format!("{{\"a\": 1}}\n{{\"a\": \"{long}\"}}\n{{\"a\": 2}}\n");
    assert_eq!(json!(rows(lines.as_bytes())), json!([{"a": 1}, "too_large", {"a": 2}]));
}

#[test]
fn json_lines_are_objects() {
    let lines =
        b"{\"a\": 1}\n\n[1]\n{\"a\": \xff}\n{nonsense}\n{\"a\": {\"b\": 2}}\r\n{\"a\": NaN, \"b\": -Infinity}\n{\"a\":";
    let expected = json!([{"a": 1}, "not_an_object", "not_utf8", "unreadable", {"a": {"b": 2}}, {"a": null, "b": null}, "cut_off"]);
    assert_eq!(json!(rows(lines)), expected);
}

const LOG: &str = r#"<?xml version="1.0"?>
<log xes.version="1.0"><string key="creator" value="x"/>
  <global scope="event"><string key="concept:name" value="name"/></global>
  <trace><string key="concept:name" value="Case &amp; 1"><string key="inner" value="no"/></string>
    <event><string key="concept:name" value="A"/><date key="time:timestamp" value="2026-01-02T03:04:05+01:00"/>
      <int key="cost" value="5"/><float key="share" value="0.5"/><boolean key="first" value="true"/>
      <list key="tags"><values><string key="tag" value="no"/></values></list></event>
    <event/>
  </trace>
</log>"#;

#[test]
fn each_event_of_a_log_is_a_row() {
    let case = "Case & 1";
    let first = json!({
        "concept:name": "A", "time:timestamp": "2026-01-02T03:04:05+01:00", "cost": 5, "share": 0.5, "first": true,
        "case:concept:name": case,
    });
    let expected = json!([first, {"case:concept:name": case}]);
    assert_eq!(json!(rows(LOG.as_bytes())), expected);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(LOG.as_bytes()).unwrap();
    assert_eq!(json!(rows(&packed.finish().unwrap())), expected);
    for end in [
        LOG.find("<event/>").unwrap(),
        LOG.find("</trace>").unwrap() + 4,
        LOG.find("</log>").unwrap(),
    ] {
        let cut = rows(&LOG.as_bytes()[..end]);
        assert_eq!(cut.last(), Some(&json!(SkipReason::CutOff)), "{end}");
        assert_eq!(cut[0], first);
    }
}

#[test]
fn a_file_that_is_no_table_is_told_why() {
    let table: [(&[u8], &str); 5] = [
        (b"", "the file is empty"),
        (b" \n ", "the file is empty"),
        (b"\xff\xfea\0,\0b\0\n\0", "the file is not UTF-8: save it as UTF-8"),
        (
            b"PK\x03\x04....",
            "this is neither CSV nor JSON lines nor XES nor unpacked Parquet",
        ),
        (b"<html><body>", "this is not an event log"),
    ];
    for (content, expected) in table {
        let rows = open(file(content)).and_then(|(reader, _)| reader.collect::<io::Result<Vec<Told>>>());
        assert_eq!(
            rows.map(drop).map_err(|error| error.to_string()),
            Err(expected.to_owned())
        );
    }
}

#[test]
fn the_first_rows_tell_what_a_file_is() {
    let lines: String = (0..50)
        .map(|n| format!("{{\"a\": {n}, \"b{}\": 1}}\n", n % 2))
        .collect();
    let sample = open(file(lines.as_bytes())).unwrap().0.sample().unwrap();
    assert_eq!((sample.format, sample.rows.len()), (FileFormat::Jsonl, 20));
    assert_eq!(sample.columns(), ["a", "b0", "b1"]);
    let sample = open(file(b"x,y\n1,2\n")).unwrap().0.sample().unwrap();
    assert_eq!(
        (sample.format, sample.columns()),
        (FileFormat::Csv, vec!["x".to_owned(), "y".to_owned()])
    );
}
