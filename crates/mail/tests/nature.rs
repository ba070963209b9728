//! Who speaks in a mail, by what its headers and parts tell.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

use mail::{Bounce, Nature, Why, nature, parse};

fn of(raw: &str) -> Nature {
    let received_at = "2026-03-01T12:00:00Z".parse().unwrap();
    nature(&parse(raw.replace('\n', "\r\n").as_bytes(), received_at))
}

#[test]
fn a_header_tells_a_program() {
    let cases = [
        ("", None),
        ("Auto-Submitted: no\n", None),
        ("Return-Path: <ana@example.org>\n", None),
        ("X-Auto-Response-Suppress: DR, RN\n", None),
        ("X-Spam-Status: No, score=-1\n", None),
        ("Precedence: first-class\n", None),
        ("Auto-Submitted: auto-replied\n", Some(Why::AutoSubmitted)),
        ("auto-submitted: auto-generated; x=y\n", Some(Why::AutoSubmitted)),
        (
            "Auto-Submitted: auto-replied\nSubject: Automatic reply: Hi\n",
            Some(Why::OutOfOffice),
        ),
        ("X-Autoreply: yes\n", Some(Why::AutoReply)),
        ("X-Autorespond: x\n", Some(Why::AutoReply)),
        ("X-Autoresponder: x\n", Some(Why::AutoReply)),
        ("Precedence: auto_reply\n", Some(Why::AutoReply)),
        ("Precedence: bulk\n", Some(Why::Bulk)),
        ("Precedence: JUNK\n", Some(Why::Bulk)),
        ("X-Auto-Response-Suppress: All\n", Some(Why::SuppressesReplies)),
        ("X-Auto-Response-Suppress: DR, OOF\n", Some(Why::SuppressesReplies)),
        ("List-Id: <news.example.org>\n", Some(Why::List)),
        ("List-Unsubscribe: <https://example.org/u>\n", Some(Why::List)),
        ("Return-Path: <>\n", Some(Why::EmptyReturnPath)),
        ("X-Spam-Flag: YES\n", Some(Why::Spam)),
        ("X-Rapport-Loop: desk\n", Some(Why::Loop)),
    ];
    for (headers, why) in cases {
        let expected = why.map_or(Nature::Person, Nature::Automatic);
        assert_eq!(
            of(&format!("{headers}From: ana@example.org\n\nHello")),
            expected,
            "{headers:?}"
        );
    }
}

#[test]
fn an_address_tells_a_program() {
    let cases = [
        ("ana@example.org", false),
        ("noreen@example.org", false),
        ("noreply@example.org", true),
        ("No-Reply+12@example.org", true),
        ("do_not_reply@example.org", true),
        ("postmaster@example.org", true),
    ];
    for (from, is_automatic) in cases {
        let expected = if is_automatic {
            Nature::Automatic(Why::NoReply)
        } else {
            Nature::Person
        };
        assert_eq!(of(&format!("From: {from}\n\nHello")), expected, "{from}");
    }
}

fn dsn(fields: &str) -> Nature {
    of(&format!(
        "From: MAILER-DAEMON@mx.example.org\nTo: help@desk.example\nReturn-Path: <>\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\n\nYour mail was not delivered.\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.example.org\n\n{fields}\n\
         --b\nContent-Type: message/rfc822\n\nMessage-ID: <ours@desk.example>\nSubject: x\n\nhello\n--b--\n"
    ))
}

fn bounce(is_hard: bool, status: &str, diagnostic: Option<&str>) -> Bounce {
    Bounce {
        recipient: Some("ana@example.org".to_owned()),
        is_hard,
        is_delay: false,
        status: Some(status.to_owned()),
        diagnostic: diagnostic.map(str::to_owned),
        original_message_id: Some("ours@desk.example".to_owned()),
    }
}

#[test]
fn a_report_by_the_standard_is_read() {
    let to = "Final-Recipient: rfc822; ana@example.org\n";
    let hard = dsn(&format!(
        "{to}Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n User unknown\n"
    ));
    assert_eq!(
        hard,
        Nature::Bounce(bounce(true, "5.1.1", Some("550 5.1.1 User unknown")))
    );
    let full = dsn(&format!("{to}Action: failed\nStatus: 5.2.2\n"));
    assert_eq!(full, Nature::Bounce(bounce(false, "5.2.2", None)));
    let soft = dsn(&format!("{to}Action: failed\nStatus: 4.4.1 (no answer)\n"));
    assert_eq!(soft, Nature::Bounce(bounce(false, "4.4.1", None)));
    let delayed = dsn(&format!("{to}Action: delayed\nStatus: 4.4.1\n"));
    let expected = Bounce {
        is_delay: true,
        ..bounce(false, "4.4.1", None)
    };
    assert_eq!(delayed, Nature::Bounce(expected));
    let delivered = dsn(&format!("{to}Action: delivered\nStatus: 2.0.0\n"));
    assert_eq!(delivered, Nature::Automatic(Why::Receipt));
    let second = dsn(&format!(
        "Final-Recipient: rfc822; bo@example.org\nAction: delivered\nStatus: 2.0.0\n\n{to}Action: failed\nStatus: 5.1.1\n"
    ));
    assert_eq!(second, Nature::Bounce(bounce(true, "5.1.1", None)));
}

#[test]
fn a_report_in_words_is_read() {
    let nature = of(
        "From: Mail Delivery <mailer-daemon@mx.example.org>\nTo: help@desk.example\nSubject: failure notice\n\n\
        Hi. I could not deliver your mail.\n\n<ana@example.org>:\n550 5.1.1 No such user here\n\n\
        --- Below this line is a copy of the mail.\n\nMessage-ID: <ours@desk.example>\nTo: ana@example.org\n",
    );
    assert_eq!(
        nature,
        Nature::Bounce(bounce(true, "5.1.1", Some("550 5.1.1 No such user here")))
    );
}

#[test]
fn a_bounce_that_somebody_quotes_is_no_bounce() {
    let nature = of("From: bo@example.org\nSubject: Fwd: failure notice\n\nI got this: 550 5.1.1 No such user\n");
    assert_eq!(nature, Nature::Person);
}

#[test]
fn a_notice_that_a_mail_was_opened_is_a_receipt() {
    let nature = of(
        "From: ana@example.org\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n\
         --b\n\nopened\n--b\nContent-Type: message/disposition-notification\n\nDisposition: x; displayed\n--b--\n",
    );
    assert_eq!(nature, Nature::Automatic(Why::Receipt));
}
