//! Writing a mail. Whatever a draft holds stands where it belongs: no text of it becomes a header or a part of its own.

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use sha2::{Digest, Sha256};

use crate::html::text_of;
use crate::mail::Address;
use crate::nature::LOOP_HEADER;
use crate::parse::{file_name, one_line};

/// How many of a thread's newest ids are named; the first is kept besides, since programs gather a thread under it.
const REFERENCES_LIMIT: usize = 20;
/// The longest id that is named: a header's line has 998 signs at most (RFC 5322 §2.1.1).
const ID_LIMIT: usize = 900;

/// A mail to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its Message-ID, as [`crate::ids::Signer::message_id`] makes it.
    pub message_id: String,
    /// When it is written.
    pub date: Timestamp,
    /// Who writes.
    pub from: Address,
    /// Where answers should go, as [`crate::ids::Signer::reply_address`] makes it.
    pub reply_to: Option<Address>,
    /// Whom it is written to.
    pub to: Vec<Address>,
    /// Who gets a copy.
    pub cc: Vec<Address>,
    /// What it is about.
    pub subject: String,
    /// What it says; derived from the HTML when it is empty.
    pub text: String,
    /// What it says as HTML, as it should be shown.
    pub html: Option<String>,
    /// The id of the mail that it answers.
    pub in_reply_to: Option<String>,
    /// The ids that the answered mail names, oldest first.
    pub references: Vec<String>,
    /// What it brings.
    pub files: Vec<File>,
    /// A program writes, and how; none when a person does.
    pub automatic: Option<Automatic>,
}

/// A file that a draft brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it is, as in `image/png`.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What the HTML names it by, when the HTML shows it.
    pub content_id: Option<String>,
}

/// Why a program writes (RFC 3834).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Automatic {
    /// It answers a mail.
    Replied,
    /// Something happened.
    Generated,
}

/// Writes a mail. The same draft gives the same bytes, so a mail that is tried again is the same mail.
pub fn compose(draft: Draft) -> Vec<u8> {
    let references = references(&draft.references, draft.in_reply_to.as_deref());
    let mut mail = MessageBuilder::new()
        .message_id(id(&draft.message_id).unwrap_or_else(|| "without-id@invalid".to_owned()))
        .date(draft.date.as_second())
        .from(mailbox(&draft.from))
        .subject(one_line(&draft.subject));
    if let Some(reply_to) = &draft.reply_to {
        mail = mail.reply_to(mailbox(reply_to));
    }
    for (name, list) in [("To", &draft.to), ("Cc", &draft.cc)] {
        if !list.is_empty() {
            mail = mail.header(name, Mailbox::new_list(list.iter().map(mailbox).collect()));
        }
    }
    if let Some(id) = draft.in_reply_to.as_deref().and_then(id) {
        mail = mail.in_reply_to(id);
    }
    if !references.is_empty() {
        mail = mail.header("References", MessageId::new_list(references.into_iter()));
    }
    if let Some(automatic) = draft.automatic {
        mail = marked(mail, automatic);
    }
    let mut bytes = Vec::new();
    mail.body(body(draft)).serialize(&mut bytes);
    bytes
}

/// Gives the ids that an answer names (RFC 5322 §3.6.4): those of the mail that it answers and that mail itself, the
/// first of all and the newest.
pub fn references(of_answered: &[String], answered: Option<&str>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for found in of_answered.iter().map(String::as_str).chain(answered).filter_map(id) {
        // The mail that is answered stands last, even where a program named it before.
        let is_answered = answered.and_then(id).as_ref() == Some(&found);
        if is_answered {
            ids.retain(|known| *known != found);
        }
        if !ids.contains(&found) {
            ids.push(found);
        }
    }
    let excess = ids.len().saturating_sub(REFERENCES_LIMIT + 1);
    if excess > 0 {
        ids.drain(1..=excess);
    }
    ids
}

/// Keeps of an id what may stand between angle brackets; nothing that is no id.
fn id(id: &str) -> Option<String> {
    let id = id.trim().trim_matches(['<', '>']);
    let is_clean = id
        .chars()
        .all(|sign| sign.is_ascii_graphic() && sign != '<' && sign != '>');
    (is_clean && !id.is_empty() && id.len() <= ID_LIMIT).then(|| id.to_owned())
}

fn mailbox(address: &Address) -> Mailbox<'static> {
    let is_clean = |sign: &char| !sign.is_whitespace() && !sign.is_control() && !"<>,;".contains(*sign);
    let clean: String = address.address.chars().filter(is_clean).collect();
    let name = address.name.as_deref().map(one_line).filter(|name| !name.is_empty());
    Mailbox::new_address(name, clean)
}

/// Says that no program should answer, in the words of the standard, of Outlook and of our own.
fn marked(mail: MessageBuilder<'_>, automatic: Automatic) -> MessageBuilder<'_> {
    let word = match automatic {
        Automatic::Replied => "auto-replied",
        Automatic::Generated => "auto-generated",
    };
    mail.header("Auto-Submitted", Raw::new(word))
        .header("X-Auto-Response-Suppress", Raw::new("All"))
        .header(LOOP_HEADER, Raw::new("yes"))
}

/// Puts together what a mail shows, what that shows in turn, and what comes along.
fn body(draft: Draft) -> MimePart<'static> {
    let Draft {
        message_id,
        text,
        html,
        files,
        ..
    } = draft;
    let boundary = boundary(&message_id);
    let multipart = |kind: &'static str, parts: Vec<MimePart<'static>>| {
        let content_type = ContentType::new(kind).attribute("boundary", format!("{boundary}-{}", &kind[10..13]));
        MimePart::new(content_type, parts)
    };
    let (inline, attached): (Vec<File>, Vec<File>) = files
        .into_iter()
        .partition(|file| html.is_some() && file.content_id.as_deref().and_then(id).is_some());
    let text = match &html {
        Some(html) if text.trim().is_empty() => text_of(html),
        _ => text,
    };
    let mut body = MimePart::new("text/plain", lines(&text));
    if let Some(html) = html {
        let mut shown = MimePart::new("text/html", lines(&html));
        if !inline.is_empty() {
            let parts = std::iter::once(shown).chain(inline.into_iter().map(part));
            shown = multipart("multipart/related", parts.collect());
        }
        body = multipart("multipart/alternative", vec![body, shown]);
    }
    if attached.is_empty() {
        return body;
    }
    let parts = std::iter::once(body).chain(attached.into_iter().map(part));
    multipart("multipart/mixed", parts.collect())
}

/// Ends every line in one way: a lone sign in the middle of a mail is an end to some servers and none to others.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

/// Nobody can write this into a text beforehand: the Message-ID is signed, and its hash is known only when it is sent.
fn boundary(message_id: &str) -> String {
    let hash = Sha256::digest(message_id.as_bytes());
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("={digits}")
}

fn part(file: File) -> MimePart<'static> {
    let name = Some(file_name(&file.name)).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "file".to_owned());
    let mut content_type = ContentType::new(media_type(&file.media_type)).attribute("name", name.clone());
    if content_type.c_type.starts_with("text/") && std::str::from_utf8(&file.bytes).is_ok() {
        content_type = content_type.attribute("charset", "utf-8");
    }
    let content_id = file.content_id.as_deref().and_then(id);
    let disposition = if content_id.is_some() { "inline" } else { "attachment" };
    let part = MimePart::new(content_type, base64(&file.bytes))
        .transfer_encoding("base64")
        .header(
            "Content-Disposition",
            ContentType::new(disposition).attribute("filename", name),
        );
    match content_id {
        Some(id) => part.cid(id),
        None => part,
    }
}

/// Base64 in lines of 76 (RFC 2045 §6.8) for every file: a text that is written as one comes out with other line ends.
fn base64(bytes: &[u8]) -> Vec<u8> {
    // 57 bytes are 76 signs, and no rest is left between two lines.
    let lines = bytes.chunks(57).map(|line| BASE64_STANDARD.encode(line));
    lines.collect::<Vec<_>>().join("\r\n").into_bytes()
}

/// A type that is none, and one that may not be carried in base64 (RFC 2046 §5.2.1), is told as bytes.
fn media_type(claimed: &str) -> String {
    let claimed = claimed.trim().to_ascii_lowercase();
    let is_word = |word: &str| {
        let is_clean = word
            .chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "+-._".contains(sign));
        is_clean && !word.is_empty() && word.len() <= 100
    };
    let is_type = claimed
        .split_once('/')
        .is_some_and(|(kind, rest)| is_word(kind) && is_word(rest));
    let is_whole = ["message/", "multipart/"].iter().any(|kind| claimed.starts_with(kind));
    if is_type && !is_whole {
        claimed
    } else {
        "application/octet-stream".to_owned()
    }
}
