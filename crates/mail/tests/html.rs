//! What is shown of a mail's HTML, and what of that is folded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops, and says where")]

use std::collections::BTreeMap;

use mail::{Images, PartKind, fold_html, safe_html};
use proptest::prelude::*;

fn safe(html: &str, images: Images) -> (String, usize) {
    let files = BTreeMap::from([("logo@x".to_owned(), "/files/7".to_owned())]);
    let safe = safe_html(html, &files, images);
    (safe.html, safe.held_back)
}

#[test]
fn nothing_that_acts_passes() {
    let cases = [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>"),
        ("<svg onload=alert(1)><a>x</a></svg>b", "b"),
        ("<style>p{color:red}</style>b", "b"),
        ("<iframe src='https://e.example'></iframe>b", "b"),
        ("<form action='https://e.example'><input name=a>b</form>", "b"),
        ("<meta http-equiv=refresh content='0;url=https://e.example'>b", "b"),
        ("<base href='https://e.example'>b", "b"),
        ("<link rel=stylesheet href='https://e.example'>b", "b"),
        ("<object data=x></object><embed src=x>b", "b"),
        ("<p onclick=alert(1) onmouseover=x>b</p>", "<p>b</p>"),
        (
            "<div id=app class='btn gmail_quote'>b</div>",
            "<div class=\"gmail_quote\">b</div>",
        ),
        ("<!-- <b> -->b", "b"),
        ("<title>t</title>b", "b"),
    ];
    for (html, expected) in cases {
        assert_eq!(safe(html, Images::Shown), (expected.to_owned(), 0), "{html}");
    }
}

#[test]
fn links_lead_out_or_nowhere() {
    let link = |href: &str| safe(&format!("<a href=\"{href}\">x</a>"), Images::Shown).0;
    let rest = "rel=\"noopener noreferrer nofollow\"";
    for href in [
        "https://e.example/a?b=c",
        "http://e.example",
        "mailto:a@e.example",
        "tel:+1",
    ] {
        let html = link(href);
        assert!(
            html.contains(&format!("href=\"{href}\"")) && html.contains(rest) && html.contains("target=\"_blank\""),
            "{html}"
        );
    }
    let refused = [
        "javascript:alert(1)",
        " jAvascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "/inbox",
        "//e.example",
        "#x",
        "cid:logo@x",
        "file:///etc/passwd",
        "&#106;avascript:alert(1)",
    ];
    for href in refused {
        assert!(!link(href).contains("href"), "{href}: {}", link(href));
    }
}

#[test]
fn images_from_afar_wait_to_be_asked_for() {
    // What is held back, how many, and whether they come when they are asked for.
    let cases = [
        ("<img src='https://e.example/a.png'>", 1, true),
        ("<img src='//e.example/a.png'>", 1, false),
        (
            "<img srcset='https://e.example/a.png 1x, https://e.example/b.png 2x'>",
            1,
            true,
        ),
        ("<img srcset='https://e.example/a.png 1x, javascript:x 2x'>", 1, false),
        ("<table background='https://e.example/a.png'></table>", 1, true),
        (
            "<div style=\"background:url('https://e.example/a.png')\">x</div>",
            1,
            true,
        ),
        (
            "<div style='background-image: URL(https://e.example/a.png)'>x</div>",
            1,
            true,
        ),
        (
            "<div style='list-style-image: url(https://e.example/a.png)'>x</div>",
            1,
            false,
        ),
        (
            "<div style='background: \\75rl(https://e.example/a.png)'>x</div>",
            1,
            false,
        ),
        (
            "<div style='width: image-set(\"https://e.example/a.png\" 1x)'>x</div>",
            1,
            false,
        ),
        (
            "<div style='color: red;; background: url(https://e.example/a.png'>x</div>",
            1,
            false,
        ),
        ("<img src='data:image/png;base64,AAAA'>", 0, false),
        ("<img src='javascript:alert(1)'>", 0, false),
    ];
    for (html, count, comes) in cases {
        let (held, held_back) = safe(html, Images::Held);
        assert!(
            !held.contains("e.example") && !held.contains("data:") && !held.contains("javascript"),
            "{held}"
        );
        assert_eq!(held_back, count, "{html}");
        let (shown, held_back) = safe(html, Images::Shown);
        assert_eq!((shown.contains("e.example"), held_back), (comes, 0), "{html}: {shown}");
    }
}

#[test]
fn its_own_images_come_from_our_files() {
    let cases = [
        ("<img src='cid:logo@x'>", "<img src=\"/files/7\">"),
        (
            "<img src='CID:logo%40x' alt='Logo'>",
            "<img src=\"/files/7\" alt=\"Logo\">",
        ),
        ("<img src='cid:other'>", "<img>"),
        ("<img src='/files/8'>", "<img>"),
    ];
    for (html, expected) in cases {
        assert_eq!(safe(html, Images::Shown).0, expected, "{html}");
    }
}

#[test]
fn styles_stay_in_their_box() {
    let cases = [
        ("color: red; font-size: 12px", "color:red;font-size:12px"),
        ("background: #fff", "background-color:#fff"),
        ("position: fixed; top: 0; color: red", "color:red"),
        ("margin-left: -900px; z-index: 9; transform: scale(9)", ""),
        ("width: expression(alert(1))", ""),
        ("color: rgb(1, 2, 3)", "color:rgb(1, 2, 3)"),
        ("color: var(--x)", ""),
    ];
    for (style, expected) in cases {
        let (html, _) = safe(&format!("<p style=\"{style}\">x</p>"), Images::Held);
        let found = html
            .split_once("style=\"")
            .map_or("", |(_, rest)| rest.split_once('"').unwrap().0);
        let squeezed = |text: &str| text.replace(' ', "");
        assert_eq!(squeezed(found), squeezed(expected), "{style}");
    }
}

fn shown(html: &str, is_forward: bool) -> String {
    let html = safe(html, Images::Shown).0;
    let parts = fold_html(&html, is_forward);
    let shown = parts.iter().filter(|part| part.kind == PartKind::Visible);
    shown.map(|part| &html[part.range.clone()]).collect()
}

const OUTLOOK: &str = "<div><p>New</p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0 0 0'>\
    <p><b>From:</b> Help &lt;help@desk.example&gt;<br><b>Sent:</b> Tuesday<br><b>To:</b> Ana<br><b>Subject:</b> x</p></div></div>\
    <p>Old</p></div>";

#[test]
fn the_marks_of_mail_programs_tell_old_text() {
    let htmls = [
        "<p>New</p><div class='gmail_quote'><div class='gmail_attr'>On x wrote:</div><blockquote class='gmail_quote'>Old</blockquote></div>",
        "<p>New</p><div class='gmail_quote gmail_quote_container'>Old</div>",
        "<p>New</p><blockquote type='cite'>Old</blockquote>",
        "<p>New</p><div>On 3 Mar 2026, at 10:02, Help &lt;h@d.example&gt; wrote:</div><br><blockquote type='cite'>Old</blockquote>",
        "<p>New</p><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'>From: Old</div><div>Old</div>",
        "<div><p>New</p><hr><div id='divRplyFwdMsg'>From: Old</div></div>",
        "<p>New</p><div class='yahoo_quoted'>Old</div>",
        "<p>New</p><div class='protonmail_quote'>Old</div>",
        "<p>New</p><div class='moz-cite-prefix'>Old wrote:</div><blockquote type='cite'>Old</blockquote>",
        "<p>New</p><div class='gmail_signature'>Old</div>",
        OUTLOOK,
        "<p>New</p>Thu, 26 Jun 2014 14:00:51 +0400 от Help &lt;h@d.example&gt;:<br><blockquote>Old</blockquote>",
        "<p>New</p><p>On 3 Mar 2026, at 10:02, Help wrote:</p><p>Old</p>",
        "<font>New<br><div>-----Original Message-----<br>From: h@d.example<br>Old</div></font>",
        "<div>New<br><hr id='zwchr'><b>From: </b>h@d.example<br>Old</div>",
    ];
    for html in htmls {
        let shown = shown(html, false);
        assert!(
            shown.contains("New") && !shown.contains("Old") && !shown.contains("wrote"),
            "{html}\n{shown}"
        );
    }
}

#[test]
fn answers_forwards_and_lone_quotes_stay() {
    let answered = "<div class='gmail_quote'><div class='gmail_attr'>On x wrote:</div><blockquote class='gmail_quote' type='cite'>Old</blockquote>\
        <div>Red</div><blockquote class='gmail_quote' type='cite'>Old</blockquote><div>Two</div></div>";
    let shown_answers = shown(answered, false);
    assert!(
        shown_answers.contains("Red") && shown_answers.contains("Two") && !shown_answers.contains("Old"),
        "{shown_answers}"
    );
    let below = "<p>New</p><p>On 3 Mar 2026, at 10:02, Help wrote:</p><blockquote>Old</blockquote><p>Red</p>";
    assert_eq!(shown(below, false), "<p>New</p><p>Red</p>");
    assert_eq!(
        shown("<p>He said:</p><blockquote>Old</blockquote>", false),
        "<p>He said:</p><blockquote>Old</blockquote>"
    );
    let forward = "<p>New</p><div class='gmail_quote'><div class='gmail_attr'>---------- Forwarded message ---------<br>From: Bo</div>Old</div>";
    assert!(shown(forward, false).contains("Old"));
    assert!(shown(OUTLOOK, true).contains("Old"));
    assert!(shown("<blockquote type='cite'>Old</blockquote>", false).contains("Old"));
}

#[test]
fn deep_html_does_no_harm() {
    let html = format!("<p>New</p>{}x", "<div class='gmail_quote'>".repeat(10_000));
    shown(&html, false);
    shown(&"<blockquote type=cite>a</blockquote>b".repeat(4_000), false);
}

/// Pieces that are likely to be taken for something.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "<div class='gmail_quote'>",
        "</div>",
        "<blockquote type=cite>",
        "</blockquote>",
        "<p>",
        "a > b \" c",
        "<img src=cid:logo@x>",
        "<img src=https://e.example/a>",
        "<div id=appendonsend>",
        "<b title='\"><script>'>",
        "<svg><style>",
        "<table><td>",
        "<a href=javascript:x>",
        "<div style='background:url(https://e.example)'>",
        "&lt;script&gt;",
        "<!--",
        "-->",
        "<math><mi>",
        "<div class=gmail_signature>",
    ];
    prop_oneof![
        proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        "\\PC{0,12}"
    ]
}

proptest! {
    #[test]
    fn any_html_becomes_safe_and_its_parts_are_the_whole(pieces in proptest::collection::vec(piece(), 0..16)) {
        let html = pieces.concat();
        let (held, _) = safe(&html, Images::Held);
        let elements = held.to_lowercase();
        prop_assert!(!elements.contains("<script") && !elements.contains("<svg") && !elements.contains("<style"));
        prop_assert!(!elements.contains("src=\"http") && !elements.contains("url(") && !elements.contains("href=\"j"));
        let parts = fold_html(&held, false);
        let whole: String = parts.iter().map(|part| &held[part.range.clone()]).collect();
        prop_assert_eq!(&whole, &held);
        // What is left when the folded parts are taken out nests: reading it changes nothing.
        let left: String = parts.iter().filter(|part| part.kind == PartKind::Visible).map(|part| &held[part.range.clone()]).collect();
        prop_assert_eq!(left.matches("<div").count(), left.matches("</div").count());
    }
}
