//! Writing mails, and reading them back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

use jiff::Timestamp;
use mail::{Address, Automatic, Draft, File, Mail, Nature, Why, compose, nature, parse, references};
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn address(name: &str, address: &str) -> Address {
    let name = Some(name.to_owned()).filter(|name| !name.is_empty());
    let address = address.to_owned();
    Address { name, address }
}

fn draft() -> Draft {
    Draft {
        message_id: "7.8.0123456789abcdef@desk.example".to_owned(),
        date: now(),
        from: address("Lamps, Ltd", "help@desk.example"),
        reply_to: Some(address("", "help+7.0123456789abcdef@desk.example")),
        to: vec![address("Ána Lima", "ana@example.org"), address("", "bo@example.org")],
        cc: Vec::new(),
        subject: "Your lamp — größer".to_owned(),
        text: "Hello Ána,\n\nit is on its way.\n".to_owned(),
        html: None,
        in_reply_to: None,
        references: Vec::new(),
        files: Vec::new(),
        automatic: None,
    }
}

fn file(name: &str, media_type: &str, content_id: Option<&str>) -> File {
    File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: b"a;PNG\r\n\n\r\0".repeat(20),
        content_id: content_id.map(str::to_owned),
    }
}

fn back(draft: Draft) -> Mail {
    parse(&compose(draft), now())
}

#[test]
fn what_is_written_is_read_back() {
    let mail = back(draft());
    assert_eq!(mail.message_id, draft().message_id);
    assert_eq!(mail.date, now());
    assert_eq!(mail.from.as_ref(), Some(&draft().from));
    assert_eq!(mail.reply_to, draft().reply_to);
    assert_eq!(mail.to, draft().to);
    assert_eq!(mail.subject, draft().subject);
    assert_eq!(mail.text.trim(), draft().text.trim());
    assert_eq!(mail.html, None);
    assert_eq!(nature(&mail), Nature::Person);
    assert_eq!(compose(draft()), compose(draft()));
}

#[test]
fn html_and_files_come_along() {
    let html = "<p>Hello <img src=\"cid:logo@x\"></p>".to_owned();
    let files = vec![
        file("logo.png", "image/png", Some("logo@x")),
        file("Rechnung größer.pdf", "application/pdf", None),
        file("old.eml", "message/rfc822", None),
        file("notes.txt", "text/plain", None),
    ];
    let (html, text) = (Some(html), String::new());
    let mail = back(Draft {
        html,
        text,
        files,
        ..draft()
    });
    assert_eq!(mail.text.trim(), "Hello");
    assert!(mail.html.as_ref().unwrap().contains("cid:logo@x"));
    let found: Vec<(&str, &str, bool)> = mail
        .attachments
        .iter()
        .map(|file| (file.name.as_str(), file.media_type.as_str(), file.is_inline))
        .collect();
    let expected = [
        ("logo.png", "image/png", true),
        ("Rechnung größer.pdf", "application/pdf", false),
        ("old.eml", "application/octet-stream", false),
        ("notes.txt", "text/plain", false),
    ];
    assert_eq!(found, expected);
    assert!(
        mail.attachments[..3]
            .iter()
            .all(|found| found.bytes == file("", "", None).bytes)
    );
}

#[test]
fn automatic_mail_says_so() {
    for (automatic, word) in [
        (Automatic::Replied, "auto-replied"),
        (Automatic::Generated, "auto-generated"),
    ] {
        let mail = back(Draft {
            automatic: Some(automatic),
            ..draft()
        });
        assert_eq!(mail.header("Auto-Submitted"), Some(word));
        assert_eq!(mail.header("X-Auto-Response-Suppress"), Some("All"));
        assert_eq!(nature(&mail), Nature::Automatic(Why::Loop));
    }
}

#[test]
fn references_keep_the_first_and_the_newest() {
    let ids = |range: std::ops::Range<usize>| range.map(|number| format!("{number}@x")).collect::<Vec<_>>();
    assert_eq!(references(&[], None), ids(0..0));
    assert_eq!(references(&ids(0..2), Some("2@x")), ids(0..3));
    assert_eq!(references(&ids(0..3), Some("<1@x>")), ["0@x", "2@x", "1@x"]);
    assert_eq!(
        references(&["a b".to_owned(), "<1@x>\r\nBcc: e@x".to_owned()], None),
        ids(0..0)
    );
    let long = references(&ids(0..50), Some("50@x"));
    assert_eq!(long[0], "0@x");
    assert_eq!(long[1..], ids(31..51));
    let mail = back(Draft {
        references: ids(0..50),
        in_reply_to: Some("50@x".to_owned()),
        ..draft()
    });
    assert_eq!(mail.references, long);
    assert_eq!(mail.in_reply_to, ["50@x"]);
}

proptest! {
    #[test]
    fn no_text_becomes_a_header(text in "[a-z<>@,:; \"\\\\\r\n\t\u{0}é=?-]{0,40}") {
        let evil = format!("{text}\r\nBcc: eve@example.org\r\n\r\n<b>x");
        let evil_address = address(&evil, &format!("a{evil}"));
        let files = vec![File { name: evil.clone(), media_type: evil.clone(), bytes: Vec::new(), content_id: Some(evil.clone()) },
            File { name: "a.txt".to_owned(), media_type: "text/plain".to_owned(), bytes: evil.clone().into_bytes(), content_id: None }];
        let raw = compose(Draft {
            message_id: evil.clone(),
            from: evil_address.clone(),
            reply_to: Some(evil_address.clone()),
            to: vec![evil_address.clone(), evil_address.clone()],
            cc: vec![evil_address],
            subject: evil.clone(),
            in_reply_to: Some(evil.clone()),
            references: vec![evil.clone()],
            text: evil.clone(),
            html: Some(evil.clone()),
            files,
            ..draft()
        });
        let mail = parse(&raw, now());
        let names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
        let allowed = ["Message-ID", "Date", "From", "Reply-To", "To", "Cc", "Subject", "MIME-Version", "Content-Type"];
        prop_assert!(names.iter().all(|name| allowed.contains(name)), "{:?}", names);
        prop_assert_eq!(mail.to.len(), 2);
        prop_assert_eq!(mail.attachments.len(), 2);
        // Every line of a mail ends as the standard says, or a server may read another mail in it.
        let text = String::from_utf8_lossy(&raw).replace("\r\n", "");
        prop_assert!(!text.contains(['\r', '\n', '\0']));
    }

    #[test]
    fn any_text_comes_back(text in "\\PC{0,200}", subject in "\\PC{0,80}") {
        let mail = back(Draft { text: text.clone(), subject: subject.clone(), ..draft() });
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assert_eq!(squeezed(&mail.text), squeezed(&text));
        prop_assert_eq!(squeezed(&mail.subject), squeezed(&subject));
    }
}
