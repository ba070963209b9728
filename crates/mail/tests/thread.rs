//! Signed ids, and which conversation a mail belongs to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

use std::collections::BTreeSet;

use mail::ids::{MessageRef, Signer};
use mail::{Known, Sign, parse, signs, thread};
use proptest::prelude::*;

const OURS: MessageRef = MessageRef {
    conversation: 12,
    message: 345,
};

fn signer() -> Signer {
    Signer::new(b"key", &[]).unwrap()
}

#[test]
fn our_ids_are_known_again() {
    let id = signer().message_id(OURS, "Desk.Example");
    assert!(id.starts_with("12.345.") && id.ends_with("@desk.example"), "{id}");
    assert_eq!(signer().read_message_id(&id), Some(OURS));
    assert_eq!(signer().read_message_id(&format!("<{id}>")), Some(OURS));
    let address = signer().reply_address(12, "help+x@desk.example").unwrap();
    assert!(
        address.starts_with("help+12.") && address.ends_with("@desk.example"),
        "{address}"
    );
    assert_eq!(signer().read_reply_address(&address), Some(12));
    assert_eq!(signer().read_reply_address(&address.to_uppercase()), Some(12));
    assert_eq!(signer().reply_address(12, "help"), None);
}

#[test]
fn a_key_may_be_changed() {
    let id = signer().message_id(OURS, "desk.example");
    let newer = Signer::new(b"new", &[b"key", b""]).unwrap();
    assert_eq!(newer.read_message_id(&id), Some(OURS));
    assert_ne!(newer.message_id(OURS, "desk.example"), id);
    assert_eq!(Signer::new(b"new", &[]).unwrap().read_message_id(&id), None);
    assert!(Signer::new(b"", &[b"key"]).is_none());
    assert!(!format!("{newer:?}").contains("key\""));
}

#[test]
fn no_other_id_is_ours() {
    let id = signer().message_id(OURS, "desk.example");
    let (said, domain) = id.split_once('@').unwrap();
    let signature = said.rsplit_once('.').unwrap().1;
    let forged = [
        format!("13.345.{signature}@desk.example"),
        format!("012.345.{signature}@desk.example"),
        format!("+12.345.{signature}@desk.example"),
        format!("12.345.{signature}@other.example"),
        format!("12.345.{}@desk.example", &signature[..15]),
        format!("12.345.{signature}0@desk.example"),
        format!("12.345.@{domain}"),
        "12.345@desk.example".to_owned(),
        String::new(),
    ];
    for id in forged {
        assert_eq!(signer().read_message_id(&id), None, "{id}");
    }
    let address = signer().reply_address(12, "help@desk.example").unwrap();
    let moved = [
        address.replace("+12.", "+13."),
        address.replace("help+", "sales+"),
        address.replace("desk", "other"),
    ];
    for address in moved {
        assert_eq!(signer().read_reply_address(&address), None, "{address}");
    }
    // What signs a message does not open an address, and the other way around.
    assert_eq!(
        signer().read_reply_address(&format!("help+12.{signature}@desk.example")),
        None
    );
}

proptest! {
    #[test]
    fn every_id_comes_back_and_no_changed_one(conversation in 0..i64::MAX, message in 0..i64::MAX, at in 0..60usize, to in "[0-9a-f.]") {
        let said = MessageRef { conversation, message };
        let id = signer().message_id(said, "desk.example");
        prop_assert_eq!(signer().read_message_id(&id), Some(said));
        let mut changed = id.clone();
        let local = id.find('@').unwrap();
        changed.replace_range(at % local..at % local + 1, &to);
        prop_assert_eq!(signer().read_message_id(&changed).is_some(), changed == id);
        let address = signer().reply_address(conversation, "help@desk.example").unwrap();
        prop_assert!(address.find('@').unwrap() <= 64);
        prop_assert_eq!(signer().read_reply_address(&address), Some(conversation));
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}") {
        prop_assert_eq!(signer().read_message_id(&text), None);
        prop_assert_eq!(signer().read_reply_address(&text), None);
    }
}

fn mail(headers: &str) -> mail::Mail {
    let raw = format!("{headers}\n\nHello").replace('\n', "\r\n");
    parse(raw.as_bytes(), "2026-03-01T12:00:00Z".parse().unwrap())
}

#[test]
fn the_strongest_sign_comes_first() {
    let (id, address) = (
        signer().message_id(OURS, "desk.example"),
        signer().reply_address(7, "help@desk.example").unwrap(),
    );
    let mail = mail(&format!(
        "Subject: Re: [#99] order 2026\nTo: {address}\nIn-Reply-To: <theirs@example.org>\n\
         References: <first@example.org> <{id}>\nThread-Index: AQHabcdefghijklmnopqrstuvwxyz0123456789"
    ));
    let expected = [
        Sign::ReplyAddress {
            conversation: 7,
            address,
        },
        Sign::OurMessage {
            message: OURS,
            message_id: id.clone(),
        },
        Sign::Reference("theirs@example.org".to_owned()),
        Sign::Reference(id),
        Sign::Reference("first@example.org".to_owned()),
        Sign::ThreadIndex("AQHabcdefghijklmnopqrstuvwxyz".to_owned()),
        Sign::TicketNumber(99),
    ];
    assert_eq!(signs(&mail, &signer()), expected);
}

#[test]
fn a_mail_without_signs_has_none() {
    for headers in [
        "Subject: Re: Hello",
        "Subject: Invoice 99 of 2026",
        "Subject: #hash",
        "Thread-Index: AQ",
    ] {
        assert_eq!(signs(&mail(headers), &signer()), [], "{headers}");
    }
}

#[test]
fn who_is_unknown_joins_only_by_what_is_signed() {
    let known = Known {
        conversation: 7,
        participants: BTreeSet::from(["ana@example.org".to_owned()]),
    };
    let signed = Sign::ReplyAddress {
        conversation: 7,
        address: "x".to_owned(),
    };
    let claimed = Sign::Reference("x".to_owned());
    // Who writes, by what sign; the conversation, the related one, whether the sender joins.
    let cases = [
        ("Ana@Example.org", &signed, Some(7), None, false),
        ("eve@example.org", &signed, Some(7), None, true),
        ("ana@example.org", &claimed, Some(7), None, false),
        ("eve@example.org", &claimed, None, Some(7), false),
        ("ana@example.org", &Sign::TicketNumber(9), Some(7), None, false),
        ("eve@example.org", &Sign::TicketNumber(9), None, Some(7), false),
    ];
    for (from, sign, conversation, looks_related, joins) in cases {
        // An answer address proves nothing about who writes.
        let mail = mail(&format!("From: {from}\nReply-To: ana@example.org"));
        let threading = thread(&mail, Some((sign.clone(), known.clone())));
        let found = (threading.conversation, threading.looks_related, threading.joins);
        assert_eq!(found, (conversation, looks_related, joins), "{from} {sign:?}");
        assert_eq!(threading.because.as_ref(), Some(sign));
    }
    assert_eq!(thread(&mail("From: ana@example.org"), None).conversation, None);
}
