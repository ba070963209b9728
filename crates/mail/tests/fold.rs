//! What is folded of a mail's text, and what never is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

use mail::{PartKind, fold, fold_mail, parse, visible};
use proptest::prelude::*;

fn shown(text: &str) -> String {
    visible(text, &fold(text))
}

#[test]
fn what_programs_put_above_old_text_is_folded() {
    let headers = [
        "On Tue, 3 Mar 2026 at 10:02, Help Desk <help@desk.example> wrote:",
        "On Tue, 3 Mar 2026 at 10:02, Help Desk <\nhelp@desk.example> wrote:",
        "On 03/03/26 10:02, Help wrote:",
        "Am 03.03.2026 um 10:02 schrieb Hilfe <help@desk.example>:",
        "Am Di., 3. März 2026 um 10:02 Uhr schrieb Hilfe <help@desk.example>:",
        "Le mar. 3 mars 2026 à 10:02, Aide <help@desk.example> a écrit :",
        "Le 3 mars 2026 à 10:02, Aide\n<help@desk.example> a écrit\u{a0}:",
        "El mar, 3 mar 2026 a las 10:02, Ayuda (<help@desk.example>) escribió:",
        "Il giorno mar 3 mar 2026 alle ore 10:02 Aiuto <help@desk.example> ha scritto:",
        "Em ter., 3 de mar. de 2026 às 10:02, Ajuda <help@desk.example> escreveu:",
        "Op di 3 mrt 2026 om 10:02 schreef Hulp <help@desk.example>:",
        "Den tis 3 mars 2026 kl 10:02 skrev Hjälp <help@desk.example>:",
        "tir. 3. mar. 2026 kl. 10:02 skrev Hjelp <help@desk.example>:",
        "ti 3. maalisk. 2026 klo 10.02 Apu (help@desk.example) kirjoitti:",
        "wt., 3 mar 2026 o 10:02 Pomoc <help@desk.example> napisał(a):",
        "út 3. 3. 2026 v 10:02 odesílatel Pomoc <help@desk.example> napsal:",
        "вт, 3 мар. 2026 г. в 10:02, Помощь <help@desk.example>:",
        "3 Mart 2026 Sal 10:02 tarihinde Destek <help@desk.example> şunları yazdı:",
        "在 2026年3月3日 10:02，Help <help@desk.example> 写道：",
        "2026年3月3日(火) 10:02 Help <help@desk.example>:",
        "-----Original Message-----",
        "----- Ursprüngliche Nachricht -----",
        "-------- Message d'origine --------",
        "From: Help <help@desk.example>\nSent: Tuesday, March 3, 2026 10:02\nTo: Ana\nSubject: Hello",
        "________________________________\nFrom: Help <help@desk.example>\nSent: Tuesday\nTo: Ana\nSubject: Hello",
        "*Von:* Hilfe <help@desk.example>\n*Gesendet:* Dienstag\n*An:* Ana\n*Betreff:* Hallo",
        "De : Aide <help@desk.example>\nEnvoyé : mardi\nÀ : Ana\nObjet : Bonjour",
        "发件人: Help <help@desk.example>\n发送时间: 2026年3月3日\n收件人: Ana\n主题: 你好",
    ];
    for header in headers {
        assert_eq!(
            shown(&format!("It works.\n\n{header}\n\nWe said so.\n")),
            "It works.",
            "{header}"
        );
        let marked = format!("It works.\n\n{header}\n> We said so.\n\nBye\n");
        let words: Vec<String> = shown(&marked).split_whitespace().map(str::to_owned).collect();
        assert_eq!(words.join(" "), "It works. Bye", "{header}");
    }
}

#[test]
fn what_people_write_themselves_is_shown() {
    let texts = [
        "On Monday I called, and your colleague wrote:\nnothing at all.",
        "On 3 March 2026 I wrote:\nplease send it.",
        "From: the shop\nI bought a lamp.",
        "From: Vienna\nTo: Paris\nplease book this.",
        "My order:\n- 2 lamps\n- 3 chairs at 10:30, 2026:",
        "I got this sent from my brother, who lives in Rome, and it broke.",
        "Sent from my desk, is much easier than my telephone.",
        "The price is -- as I said -- too high.",
        "Options:\n--\nOne\nTwo\nThree\nFour\nFive\nSix\nSeven\nEight\nNine\nTen\nEleven\nTwelve\nThirteen",
        "Is 5 > 3?",
    ];
    for text in texts {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn a_header_right_below_a_sentence_takes_no_line_of_it() {
    let header = "On 3 Mar 2026 10:02, Help <help@desk.example> wrote:\n\n> We said so.";
    assert_eq!(
        shown(&format!("I will try\nas soon as I am back.\n{header}")),
        "I will try\nas soon as I am back."
    );
    assert_eq!(shown(&format!("On 2 March I came.\n{header}")), "On 2 March I came.");
}

#[test]
fn signatures_are_folded() {
    let cases = [
        ("Yes.\n\n-- \nAna Lima\nLamps Ltd", "Yes."),
        ("Yes.\n\nSent from my iPhone\n", "Yes."),
        ("Ja.\n\nVon meinem iPhone gesendet", "Ja."),
        ("Oui.\n\nEnvoyé de mon iPhone", "Oui."),
        ("Yes.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "Yes."),
        ("はい。\n\niPhoneから送信", "はい。"),
        ("Yes.\n______________\nlamps mailing list\nlamps@example.org", "Yes."),
        ("> Shall we?\n\nYes.\n\n-- \nAna", "Yes."),
        ("Yes.\n\n-- \nAna\n\n> Shall we?\n", "Yes."),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text:?}");
    }
    let kinds = |text| fold(text).iter().map(|part| part.kind).collect::<Vec<_>>();
    let expected = [PartKind::Visible, PartKind::Signature, PartKind::Quote];
    assert_eq!(kinds("Yes.\n-- \nAna\n\n> Shall we?\n"), expected);
}

#[test]
fn answers_between_quotes_stay() {
    let text = "Hi,\n\nOn 3 Mar 2026, at 10:02, Help <help@desk.example> wrote:\n> Which colour?\n\nRed.\n\n> How many?\n\nTwo.\n";
    assert_eq!(
        shown(text).split_whitespace().collect::<Vec<_>>(),
        ["Hi,", "Red.", "Two."]
    );
}

#[test]
fn a_mail_of_quotes_alone_shows_them() {
    for text in [
        "> We said so.\n> Twice.\n",
        "On 3 Mar 2026 10:02, Help <h@d.example> wrote:\n\nWe said so.",
        "-- \nAna",
    ] {
        assert_eq!(shown(text), text.trim_end());
    }
}

#[test]
fn a_forward_shows_what_it_brings() {
    let marks = [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "Début du message réexpédié :",
    ];
    for mark in marks {
        let text = format!(
            "See below.\n\n{mark}\nFrom: Bo <bo@example.org>\nDate: 3 Mar 2026\nTo: Ana\nSubject: x\n\n> old\nnew"
        );
        assert_eq!(shown(&text), text);
    }
    let block = "See below.\n\nFrom: Bo <bo@example.org>\nSent: 3 Mar 2026\nTo: Ana\nSubject: x\n\nThe lamp is broken.";
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let read = |subject: &str| parse(format!("Subject: {subject}\n\n{block}").as_bytes(), now);
    for (subject, is_whole) in [
        ("FW: x", true),
        ("WG: x", true),
        ("TR : x", true),
        ("RE: x", false),
        ("fwd news", false),
    ] {
        let mail = read(subject);
        let shown = visible(&mail.text, &fold_mail(&mail));
        assert_eq!(shown.contains("The lamp is broken."), is_whole, "{subject}");
    }
}

/// Lines that are likely to be taken for something.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("-- ".to_owned()),
        Just("____".to_owned()),
        Just("Sent from my iPhone".to_owned()),
        Just("-----Original Message-----".to_owned()),
        Just("Begin forwarded message:".to_owned()),
        Just("On 3 Mar 2026 10:02, Help <help@desk.example> wrote:".to_owned()),
        Just("From: Ana <ana@example.org>".to_owned()),
        Just("To: x".to_owned()),
        Just("Date: 3 Mar 2026".to_owned()),
        ">{1,3} ?[a-z]{0,5}",
        "\\PC{0,30}",
    ]
}

proptest! {
    #[test]
    fn the_parts_are_the_whole(lines in proptest::collection::vec(line(), 0..14), end in "(\n|\r\n)") {
        let text = lines.join(&end);
        let parts = fold(&text);
        let whole: String = parts.iter().map(|part| &text[part.range.clone()]).collect();
        prop_assert_eq!(&whole, &text);
        prop_assert!(parts.iter().all(|part| !part.range.is_empty()));
        prop_assert!(parts.windows(2).all(|two| two[0].kind != two[1].kind));
        prop_assert_eq!(shown(&text).trim().is_empty(), text.trim().is_empty());
    }
}
