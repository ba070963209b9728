//! Reading mails: whole ones, broken ones and any bytes at all.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

use jiff::Timestamp;
use mail::{Mail, parse};
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn read(raw: &str) -> Mail {
    parse(raw.replace('\n', "\r\n").as_bytes(), now())
}

const WHOLE: &str = r#"Return-Path: <ana@example.org>
Message-ID: <one@example.org>
In-Reply-To: <zero@desk.example>
References: <first@desk.example>
 <zero@desk.example>
Thread-Index: AQHabc
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= aus
 Wien
From: "Ana Lima" <ana@example.org>
Reply-To: ana@home.example
To: Desk <help@desk.example>, team: bo@desk.example, cy@desk.example;
Cc: dee@example.org
Date: Sun, 1 Mar 2026 10:00:00 +0100
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Caf=E9
--a
Content-Type: text/html

<p>Caf&eacute; <img src="cid:logo@x"></p>
--a--
--r
Content-Type: image/png; name="logo.png"
Content-ID: <logo@x>
Content-Disposition: inline
Content-Transfer-Encoding: base64

iVBORw==
--r--
--m
Content-Type: message/rfc822

Subject: inside
From: eve@example.org

hello
--m
Content-Type: application/ms-tnef; name="../winmail.dat"
Content-Transfer-Encoding: base64

AAEC
--m--
"#;

#[test]
fn a_whole_mail_is_read() {
    let mail = read(WHOLE);
    assert_eq!(mail.message_id, "one@example.org");
    assert!(!mail.is_id_derived);
    assert_eq!(mail.in_reply_to, ["zero@desk.example"]);
    assert_eq!(mail.references, ["first@desk.example", "zero@desk.example"]);
    assert_eq!(mail.thread_index.as_deref(), Some("AQHabc"));
    assert_eq!(mail.subject, "Grüße aus Wien");
    assert_eq!(mail.customer().unwrap().address, "ana@home.example");
    assert_eq!(mail.from.as_ref().unwrap().name.as_deref(), Some("Ana Lima"));
    let to: Vec<&str> = mail.to.iter().map(|address| address.address.as_str()).collect();
    assert_eq!(to, ["help@desk.example", "bo@desk.example", "cy@desk.example"]);
    assert_eq!(mail.cc[0].address, "dee@example.org");
    assert_eq!(mail.return_path.as_deref(), Some("ana@example.org"));
    assert_eq!(mail.date, "2026-03-01T09:00:00Z".parse().unwrap());
    assert_eq!(mail.text.trim(), "Café");
    assert!(!mail.is_text_derived);
    assert!(mail.html.as_ref().unwrap().contains("cid:logo@x"));
    assert_eq!(mail.header("subject"), Some("=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus Wien"));
}

#[test]
fn its_files_are_read() {
    let files = read(WHOLE).attachments;
    let names: Vec<(&str, &str, bool)> = files
        .iter()
        .map(|file| (file.name.as_str(), file.media_type.as_str(), file.is_inline))
        .collect();
    let expected = [
        ("logo.png", "image/png", true),
        ("inside.eml", "message/rfc822", false),
        ("winmail.dat", "application/ms-tnef", false),
    ];
    assert_eq!(names, expected);
    assert_eq!(files[0].bytes, b"\x89PNG");
    assert_eq!(files[0].content_id.as_deref(), Some("logo@x"));
    assert!(files[1].bytes.starts_with(b"Subject: inside\r\n"));
    assert_eq!(files[2].bytes, [0, 1, 2]);
}

#[test]
fn a_mail_without_an_id_gets_the_same_one_each_time() {
    for header in ["", "Message-ID:\n", "Message-ID: <>\n", "Message-ID: < >\n"] {
        let mail = read(&format!("{header}Subject: x\n\nhello"));
        assert!(mail.is_id_derived, "{header:?}");
        assert_eq!(
            mail.message_id,
            read(&format!("{header}Subject: x\n\nhello")).message_id
        );
        assert_ne!(
            mail.message_id,
            read(&format!("{header}Subject: x\n\nhello!")).message_id
        );
        assert!(mail.message_id.ends_with("@without-id.invalid"));
    }
}

#[test]
fn ids_are_read_as_programs_write_them() {
    let cases: &[(&str, &[&str])] = &[
        ("<a@x> <b@x>", &["a@x", "b@x"]),
        ("<a@x><b@x>", &["a@x", "b@x"]),
        ("a@x b@x", &["a@x", "b@x"]),
        ("<a@x>,\n <b@x>", &["a@x", "b@x"]),
        ("Your message of today <a@x> (Ana)", &["a@x"]),
        ("<long\n @x>", &["long@x"]),
        ("none", &[]),
        ("<broken@x", &["broken@x"]),
    ];
    for (header, ids) in cases {
        assert_eq!(read(&format!("References: {header}\n\n")).references, *ids, "{header}");
    }
}

#[test]
fn dates_never_lie_ahead() {
    let cases = [
        ("Mon, 1 Jan 2040 00:00:00 +0000", "2026-03-01T12:00:00Z"),
        ("Sun, 1 Mar 2026 11:59:59 +0000", "2026-03-01T11:59:59Z"),
        ("Sun, 1 Mar 2026 23:59:59 +1200", "2026-03-01T11:59:59Z"),
        ("yesterday", "2026-03-01T12:00:00Z"),
        ("Sun, 99 Foo 99999 11:99:59 +9900", "2026-03-01T12:00:00Z"),
    ];
    for (date, expected) in cases {
        assert_eq!(read(&format!("Date: {date}\n\n")).date.to_string(), expected, "{date}");
    }
}

#[test]
fn a_mail_of_html_alone_gets_a_text() {
    let html = "<html><head><title>t</title><style>p{}</style></head><body><p>Hello&nbsp;you</p><p></p><p></p>\
        <ul><li>one</li><li>two</li></ul>Line<br>next</body></html>";
    let mail = read(&format!("Content-Type: text/html\n\n{html}"));
    assert!(mail.is_text_derived);
    assert_eq!(mail.html.as_deref(), Some(html));
    for word in ["Hello you", "one", "two", "Line\nnext"] {
        assert!(mail.text.contains(word), "{word} in {:?}", mail.text);
    }
    assert!(!mail.text.contains("p{}"));
}

#[test]
fn names_of_files_name_no_folder_and_hide_no_ending() {
    let cases = [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\\\x\\\\y.doc", "y.doc"),
        (".bashrc", "bashrc"),
        ("a\u{202e}fdp.exe", "afdp.exe"),
        ("..", "file-1"),
    ];
    for (name, expected) in cases {
        let raw = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: application/x-y\n\
             Content-Disposition: attachment; filename=\"{name}\"\n\nx\n--b--\n"
        );
        assert_eq!(read(&raw).attachments[0].name, expected, "{name}");
    }
}

#[test]
fn what_is_hardly_a_mail_is_kept() {
    assert!(parse(b"", now()).is_id_derived);
    assert!(read("just words").text.contains("just words") || read("just words").subject.is_empty());
    let mail = read("Subject: x\nContent-Type: text/plain; charset=no-such-charset\n\nhello");
    assert_eq!(mail.text, "hello");
    let mail = read("From: \"no address\"\nSubject: x\n\nhello");
    assert_eq!(mail.text, "hello");
}

#[test]
fn deep_nests_do_no_harm() {
    let part = "Content-Type: message/rfc822\n\n";
    read(&part.repeat(20_000));
    let mut raw = String::new();
    for level in 0..5_000 {
        raw.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        ));
    }
    read(&raw);
}

proptest! {
    #[test]
    fn any_bytes_are_read(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mail = parse(&raw, now());
        prop_assert!(!mail.message_id.is_empty() && mail.date <= now());
    }

    #[test]
    fn any_damage_to_a_mail_is_read(at in 0..WHOLE.len(), length in 0..80usize, with in "[ -~\\n]{0,12}") {
        let mut raw = WHOLE.as_bytes().to_vec();
        let end = (at + length).min(raw.len());
        raw.splice(at..end, with.bytes());
        let mail = parse(&raw, now());
        prop_assert!(!mail.message_id.is_empty() && mail.date <= now());
        prop_assert!(mail.attachments.iter().all(|file| !file.name.is_empty() && !file.name.contains('/')));
    }
}
