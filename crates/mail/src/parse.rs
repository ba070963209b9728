//! Reading a mail. What is broken is read as far as it can be: a mail that is hardly one still gives a [`Mail`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use mail_parser::{Addr, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use sha2::{Digest, Sha256};

use crate::html::{escaped, text_of};
use crate::mail::{Address, Attachment, Mail};

/// The longest file name that is kept, in characters: what file systems take.
const NAME_LIMIT: usize = 120;
/// The most ids that are read of one header: no honest thread is longer, and each is looked up.
const ID_LIMIT: usize = 200;

/// Reads a mail as it came over the wire.
pub fn parse(raw: &[u8], received_at: Timestamp) -> Mail {
    // A library's fault with one strange mail must not stop the queue behind it.
    let read = catch_unwind(AssertUnwindSafe(|| {
        MessageParser::default()
            .parse(raw)
            .map(|message| mail_of(&message, raw, received_at))
    }));
    match read {
        Ok(Some(mail)) => mail,
        _ => unreadable(raw, received_at),
    }
}

fn unreadable(raw: &[u8], received_at: Timestamp) -> Mail {
    Mail {
        message_id: derived_id(raw),
        is_id_derived: true,
        in_reply_to: Vec::new(),
        references: Vec::new(),
        thread_index: None,
        subject: String::new(),
        from: None,
        reply_to: None,
        to: Vec::new(),
        cc: Vec::new(),
        return_path: None,
        date: received_at,
        text: String::from_utf8_lossy(raw).into_owned(),
        is_text_derived: false,
        html: None,
        attachments: Vec::new(),
        headers: Vec::new(),
    }
}

fn mail_of(message: &Message<'_>, raw: &[u8], received_at: Timestamp) -> Mail {
    let headers = headers(message);
    let value = |name: &str| {
        let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    let message_id = value("Message-ID").and_then(|value| ids(value).into_iter().next());
    let (text, is_text_derived) = text(message);
    let html = html(message);
    let attachments = attachments(message, html.as_deref().unwrap_or_default());
    Mail {
        is_id_derived: message_id.is_none(),
        message_id: message_id.unwrap_or_else(|| derived_id(raw)),
        in_reply_to: value("In-Reply-To").map(ids).unwrap_or_default(),
        references: value("References").map(ids).unwrap_or_default(),
        thread_index: value("Thread-Index").map(|value| value.split_whitespace().collect()),
        subject: one_line(message.subject().unwrap_or_default()),
        from: message.from().into_iter().flat_map(addresses).next(),
        reply_to: message.reply_to().into_iter().flat_map(addresses).next(),
        to: message.all_to().flat_map(addresses).collect(),
        cc: message.all_cc().flat_map(addresses).collect(),
        return_path: value("Return-Path").map(|value| value.trim().trim_matches(['<', '>']).trim().to_owned()),
        date: date(message, received_at),
        text,
        is_text_derived,
        html,
        attachments,
        headers,
    }
}

/// The headers without the mail's folding, so that a rule sees one line.
fn headers(message: &Message<'_>) -> Vec<(String, String)> {
    let raw = message.raw_message();
    let value = |start: u32, end: u32| {
        let bytes = raw.get(start as usize..end as usize).unwrap_or_default();
        one_line(&String::from_utf8_lossy(bytes))
    };
    message
        .headers()
        .iter()
        .map(|header| {
            (
                header.name.as_str().to_owned(),
                value(header.offset_start, header.offset_end),
            )
        })
        .collect()
}

/// Takes the line ends and control signs out, each run of them for one blank.
pub fn one_line(text: &str) -> String {
    text.split(|sign: char| sign.is_control() || sign == ' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads the ids of a header. What stands in angle brackets is an id; of a header without any, each word that has an @.
pub fn ids(value: &str) -> Vec<String> {
    let whole = |id: &str| id.split_whitespace().collect::<String>();
    let bracketed = value.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    let mut ids: Vec<String> = bracketed.map(|(id, _)| whole(id)).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        let words = value.split([' ', '\t', ',', '<', '>']);
        ids = words.filter(|word| word.contains('@')).map(whole).collect();
    }
    ids.truncate(ID_LIMIT);
    ids
}

/// Two copies of one mail without an id get the same one.
fn derived_id(raw: &[u8]) -> String {
    let hash: String = Sha256::digest(raw)
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{hash}@without-id.invalid")
}

fn addresses(list: &mail_parser::Address<'_>) -> Vec<Address> {
    list.iter().filter_map(address).collect()
}

fn address(addr: &Addr<'_>) -> Option<Address> {
    let address: String = addr.address.as_deref()?.split_whitespace().collect();
    let address: String = address.chars().filter(|sign| !sign.is_control()).collect();
    let name = addr
        .name
        .as_deref()
        .map(one_line)
        .filter(|name| !name.is_empty() && *name != address);
    (!address.is_empty()).then_some(Address { name, address })
}

fn date(message: &Message<'_>, received_at: Timestamp) -> Timestamp {
    let written = message.date().filter(|date| date.is_valid());
    written
        .and_then(|date| Timestamp::from_second(date.to_timestamp()).ok())
        .map_or(received_at, |written| written.min(received_at))
}

/// Every text that belongs to the body: a mailing list adds its footer as a text of its own.
fn text(message: &Message<'_>) -> (String, bool) {
    let bodies: Vec<(String, bool)> = message
        .text_bodies()
        .filter_map(|part| match &part.body {
            PartType::Text(text) => Some((text.replace("\r\n", "\n"), false)),
            PartType::Html(html) => Some((text_of(html), true)),
            _ => None,
        })
        .collect();
    let is_derived = !bodies.is_empty() && bodies.iter().all(|(_, is_derived)| *is_derived);
    let texts: Vec<&str> = bodies.iter().map(|(text, _)| text.as_str()).collect();
    // Some programs send an empty text beside the HTML that says it all.
    if texts.iter().all(|text| text.trim().is_empty())
        && let Some(html) = html(message)
    {
        return (text_of(&html), true);
    }
    (texts.join("\n"), is_derived)
}

fn html(message: &Message<'_>) -> Option<String> {
    let is_html = |part: &MessagePart<'_>| matches!(part.body, PartType::Html(_));
    if !message.html_bodies().any(is_html) {
        return None;
    }
    let bodies = message.html_bodies().filter_map(|part| match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        PartType::Text(text) => Some(format!("<pre>{}</pre>", escaped(text))),
        _ => None,
    });
    Some(bodies.collect::<Vec<_>>().join("\n"))
}

fn attachments(message: &Message<'_>, html: &str) -> Vec<Attachment> {
    let parts = message.attachments().enumerate();
    parts.map(|(index, part)| attachment(part, index, html)).collect()
}

fn attachment(part: &MessagePart<'_>, index: usize, html: &str) -> Attachment {
    let media_type = media_type(part);
    let content_id = part
        .content_id()
        .map(|id| id.trim().trim_matches(['<', '>']).to_owned())
        .filter(|id| !id.is_empty());
    let is_inline = content_id
        .as_ref()
        .is_some_and(|id| html.contains(&format!("cid:{id}")) || html.contains(&format!("cid:{}", encoded(id))));
    Attachment {
        name: name(part, index, &media_type),
        media_type,
        bytes: match &part.body {
            PartType::Message(nested) => nested.raw_message().to_vec(),
            _ => part.contents().to_vec(),
        },
        content_id,
        is_inline,
    }
}

/// An id as it stands in an address (RFC 2392): the signs that a URL cannot hold are escaped.
fn encoded(id: &str) -> String {
    id.chars()
        .map(|sign| match sign {
            '%' | ' ' | '"' | '+' | '/' | '?' | '#' | '$' => format!("%{:02X}", u32::from(sign)),
            _ => sign.to_string(),
        })
        .collect()
}

fn media_type(part: &MessagePart<'_>) -> String {
    if let Some(known) = part.content_type()
        && let Some(subtype) = known.subtype()
    {
        let media_type = format!("{}/{subtype}", known.ctype()).to_ascii_lowercase();
        if media_type
            .chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "/+-._".contains(sign))
        {
            return media_type;
        }
    }
    match &part.body {
        PartType::Text(_) => "text/plain",
        PartType::Html(_) => "text/html",
        PartType::Message(_) => "message/rfc822",
        _ => "application/octet-stream",
    }
    .to_owned()
}

fn name(part: &MessagePart<'_>, index: usize, media_type: &str) -> String {
    let subject = part.message().and_then(|nested| nested.subject());
    let given = part.attachment_name().map(file_name).filter(|name| !name.is_empty());
    given.unwrap_or_else(|| match (subject, media_type) {
        (Some(subject), _) if !file_name(subject).is_empty() => {
            format!("{}.eml", file_name(&subject.replace('/', "-")))
        }
        (_, "message/rfc822") => format!("mail-{}.eml", index + 1),
        (_, "text/plain" | "message/delivery-status") => format!("file-{}.txt", index + 1),
        (_, "text/html") => format!("file-{}.html", index + 1),
        _ => format!("file-{}", index + 1),
    })
}

/// Keeps of a name what names a file: no folder, and no sign that turns the reading order to hide an ending.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_seen = |sign: &char| {
        !sign.is_control()
            && !matches!(sign, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let seen: String = last.chars().filter(is_seen).collect();
    let name: String = seen.trim().trim_start_matches('.').chars().collect();
    let excess = name.chars().count().saturating_sub(NAME_LIMIT);
    // The ending tells what opens it, so the beginning is cut.
    name.chars().skip(excess).collect()
}
