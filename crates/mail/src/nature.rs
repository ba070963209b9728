//! Who or what speaks in a mail: a person, a program, or a report that a mail of ours did not arrive.

use crate::mail::{Attachment, Mail};
use crate::parse::ids;

/// The header that marks what we send, so that a mail of ours that comes back is known as one.
pub const LOOP_HEADER: &str = "X-Rapport-Loop";

/// Who or what speaks in a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nature {
    /// A person, as far as can be seen: it may be answered.
    Person,
    /// A program: it is kept, and never answered by another.
    Automatic(Why),
    /// A mail server's report that a mail was not delivered, or not yet.
    Bounce(Bounce),
}

/// By what a mail shows that a program wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It bears the mark of what we send ourselves.
    Loop,
    /// It says so: Auto-Submitted (RFC 3834).
    AutoSubmitted,
    /// It answers for somebody who is away.
    OutOfOffice,
    /// It says so in the way of one mail program, as `X-Autoreply`.
    AutoReply,
    /// It asks to be answered by no program.
    SuppressesReplies,
    /// It went to many: Precedence.
    Bulk,
    /// It came over a list, or can be unsubscribed from.
    List,
    /// Failures of it are reported to nobody: an empty Return-Path.
    EmptyReturnPath,
    /// Its address belongs to no person, as `noreply@`.
    NoReply,
    /// A filter on its way calls it spam.
    Spam,
    /// A mail server's report that a mail did arrive, or a program's that it was opened.
    Receipt,
}

/// A mail that was not delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounce {
    /// Whom it should have reached.
    pub recipient: Option<String>,
    /// No other try makes sense.
    pub is_hard: bool,
    /// The server is still trying: nothing has failed yet.
    pub is_delay: bool,
    /// The code, as in `5.1.1` (RFC 3463).
    pub status: Option<String>,
    /// What the other server said.
    pub diagnostic: Option<String>,
    /// The Message-ID of the mail that was not delivered.
    pub original_message_id: Option<String>,
}

/// Tells who or what speaks in a mail.
pub fn nature(mail: &Mail) -> Nature {
    match report(mail) {
        Some(Report::Delivered) => return Nature::Automatic(Why::Receipt),
        Some(Report::Failed(bounce)) => return Nature::Bounce(bounce),
        None => {}
    }
    match automatic(mail) {
        Some(why) => Nature::Automatic(why),
        None => Nature::Person,
    }
}

enum Report {
    Delivered,
    Failed(Bounce),
}

fn report(mail: &Mail) -> Option<Report> {
    let content_type = mail.header("Content-Type").unwrap_or_default().to_ascii_lowercase();
    let part = |media_type: &str| mail.attachments.iter().find(|file| file.media_type == media_type);
    let opened = ["message/disposition-notification", "message/mdn"];
    if content_type.contains("disposition-notification") || opened.iter().any(|kind| part(kind).is_some()) {
        return Some(Report::Delivered);
    }
    let is_status = |file: &&Attachment| STATUS.contains(&file.media_type.as_str());
    let statuses: Vec<String> = mail.attachments.iter().filter(is_status).map(text_of).collect();
    if !statuses.is_empty() {
        return Some(of_status(mail, &statuses.join("\n\n")));
    }
    // Somebody may forward a bounce by hand, so a body that looks like one is believed only from a mail server.
    let is_report = content_type.starts_with("multipart/report") && content_type.contains("delivery-status");
    (is_report || is_from_server(mail)).then(|| of_words(mail))
}

fn text_of(file: &Attachment) -> String {
    String::from_utf8_lossy(&file.bytes).replace("\r\n", "\n")
}

/// Reads the fields of a delivery status (RFC 3464): a block for the mail, then one for each recipient. The first that
/// failed is told, since a mail of ours has one.
fn of_status(mail: &Mail, status: &str) -> Report {
    let unfolded = status.replace("\n ", " ").replace("\n\t", " ");
    let blocks: Vec<&str> = unfolded.split("\n\n").collect();
    let action = |block: &&&str| field(block, "Action").unwrap_or_default().to_ascii_lowercase();
    let told = |wanted: &str| blocks.iter().find(|block| action(block).starts_with(wanted));
    let arrived = ["delivered", "relayed", "expanded"];
    let block = told("failed").or_else(|| told("delayed"));
    if block.is_none() && arrived.iter().any(|word| told(word).is_some()) {
        return Report::Delivered;
    }
    let whole = unfolded.as_str();
    let block = block.copied().unwrap_or(whole);
    let after_type = |value: &str| value.split_once(';').map_or(value, |(_, rest)| rest).trim().to_owned();
    let diagnostic = field(block, "Diagnostic-Code").map(after_type);
    let status = field(block, "Status")
        .and_then(enhanced)
        .or_else(|| diagnostic.as_deref().and_then(enhanced));
    let is_delay = action(&&block).starts_with("delayed");
    Report::Failed(Bounce {
        recipient: field(block, "Original-Recipient")
            .or_else(|| field(block, "Final-Recipient"))
            .map(after_type)
            .and_then(|text| address_in(&text))
            .or_else(|| failed_recipients(mail)),
        is_hard: !is_delay && is_hard(status.as_deref(), diagnostic.as_deref().unwrap_or_default()),
        is_delay,
        status,
        diagnostic,
        original_message_id: original_id(mail),
    })
}

/// Reads a report that has no fields: old servers write to people.
fn of_words(mail: &Mail) -> Report {
    let lines = || mail.text.lines().map(str::trim);
    let says_code = |line: &&str| enhanced(line).is_some() || line.split([' ', ':', '-']).any(is_reply_code);
    let diagnostic = lines().find(says_code).map(str::to_owned);
    let status = diagnostic.as_deref().and_then(enhanced);
    let recipient = failed_recipients(mail).or_else(|| {
        let own = mail.to.first().map(|to| to.address.to_lowercase());
        lines()
            .filter_map(address_in)
            .find(|found| Some(found.to_lowercase()) != own && !is_server(found))
    });
    let words = format!("{} {}", mail.subject, mail.text.chars().take(2000).collect::<String>()).to_lowercase();
    let is_delay = ["delayed", "warning: could not send", "will be retried", "still trying"]
        .iter()
        .any(|word| words.contains(word));
    Report::Failed(Bounce {
        recipient,
        is_hard: !is_delay && is_hard(status.as_deref(), &words),
        is_delay,
        status,
        diagnostic,
        original_message_id: original_id(mail),
    })
}

/// Says whether another try makes no sense: class 5 (RFC 3463), but a full box or a size is not the address's fault.
fn is_hard(status: Option<&str>, words: &str) -> bool {
    let words = words.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let Some(status) = status else {
        let gone = [
            "user unknown",
            "no such user",
            "does not exist",
            "unknown user",
            "mailbox unavailable",
            "550 ",
        ];
        return says(&gone) && !says(&["quota", "mailbox full", "mailbox is full"]);
    };
    // 5.2.2 is a full box, 5.2.3 and 5.3.4 a size, 5.7.x a policy: the address itself may be good.
    let is_passing = ["5.2.2", "5.2.3", "5.3.4"].contains(&status) || status.starts_with("5.7.");
    status.starts_with("5.") && !is_passing
}

fn field<'a>(block: &'a str, name: &str) -> Option<&'a str> {
    block.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Finds a code as `5.1.1` that stands alone in a text.
fn enhanced(text: &str) -> Option<String> {
    let words = text.split(|sign: char| !sign.is_ascii_digit() && sign != '.');
    words
        .map(|word| word.trim_matches('.'))
        .find(|word| {
            let parts: Vec<&str> = word.split('.').collect();
            let is_short = |part: &&str| (1..=3).contains(&part.len());
            parts.len() == 3 && ["2", "4", "5"].contains(&parts[0]) && parts.iter().all(is_short)
        })
        .map(str::to_owned)
}

fn is_reply_code(word: &str) -> bool {
    word.len() == 3
        && word.starts_with(['4', '5'])
        && word.bytes().all(|byte| byte.is_ascii_digit())
        && &word[1..2] <= "5"
}

fn address_in(text: &str) -> Option<String> {
    let words = text.split(|sign: char| sign.is_whitespace() || "<>()[]\"',;:".contains(sign));
    words
        .map(|word| word.trim_end_matches('.'))
        .find(|word| {
            word.split_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        })
        .map(str::to_owned)
}

fn failed_recipients(mail: &Mail) -> Option<String> {
    mail.header("X-Failed-Recipients").and_then(address_in)
}

/// The id of our mail: from the copy that the report brings, else from the thread that it answers.
fn original_id(mail: &Mail) -> Option<String> {
    let copies = [
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
    ];
    let copied = mail
        .attachments
        .iter()
        .filter(|file| copies.contains(&file.media_type.as_str()))
        .find_map(|file| id_line(&text_of(file)));
    copied
        .or_else(|| mail.in_reply_to.first().cloned())
        .or_else(|| mail.references.last().cloned())
        .or_else(|| id_line(&mail.text))
}

fn id_line(text: &str) -> Option<String> {
    let unfolded = text.replace("\n ", " ").replace("\n\t", " ");
    let line = unfolded.lines().find_map(|line| {
        let (name, value) = line.trim_start_matches(['>', ' ']).split_once(':')?;
        name.eq_ignore_ascii_case("Message-ID").then(|| value.to_owned())
    })?;
    ids(&line).into_iter().next()
}

fn is_from_server(mail: &Mail) -> bool {
    mail.from.as_ref().is_some_and(|from| is_server(&from.address))
}

fn is_server(address: &str) -> bool {
    local_part(address).starts_with("mailer-daemon")
}

fn local_part(address: &str) -> String {
    address.split('@').next().unwrap_or_default().to_lowercase()
}

fn automatic(mail: &Mail) -> Option<Why> {
    let value = |name: &str| mail.header(name).map(|value| value.trim().to_ascii_lowercase());
    let has = |name: &str| mail.header(name).is_some();
    let is_any = |name: &str, words: &[&str]| {
        let value = value(name).unwrap_or_default();
        value.split([',', ' ', ';']).any(|word| words.contains(&word))
    };
    let auto_submitted = value("Auto-Submitted").unwrap_or_default();
    let says_auto = !auto_submitted.is_empty() && !auto_submitted.starts_with("no");
    let from = mail
        .from
        .as_ref()
        .map(|from| local_part(&from.address))
        .unwrap_or_default();
    let plain: String = from.chars().filter(|sign| sign.is_ascii_alphanumeric()).collect();
    let rules = [
        (has(LOOP_HEADER), Why::Loop),
        (says_auto && is_away(mail), Why::OutOfOffice),
        (says_auto, Why::AutoSubmitted),
        (AUTO_REPLY.iter().any(|name| has(name)), Why::AutoReply),
        (is_any("Precedence", &["auto_reply", "auto-reply"]), Why::AutoReply),
        (is_any("Precedence", &["bulk", "list", "junk"]), Why::Bulk),
        (
            is_any("X-Auto-Response-Suppress", &["all", "oof", "autoreply"]),
            Why::SuppressesReplies,
        ),
        (LIST.iter().any(|name| has(name)), Why::List),
        (mail.return_path.as_deref() == Some(""), Why::EmptyReturnPath),
        (
            NO_REPLY.iter().any(|name| plain.starts_with(name)) || from == "postmaster",
            Why::NoReply,
        ),
        (
            is_any("X-Spam-Flag", &["yes"]) || is_any("X-Spam-Status", &["yes"]),
            Why::Spam,
        ),
    ];
    rules.into_iter().find(|(holds, _)| *holds).map(|(_, why)| why)
}

const STATUS: &[&str] = &["message/delivery-status", "message/global-delivery-status"];
const AUTO_REPLY: &[&str] = &["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Mail-Autoreply"];
const LIST: &[&str] = &["List-Id", "List-Unsubscribe"];
const NO_REPLY: &[&str] = &[
    "noreply",
    "donotreply",
    "nepasrepondre",
    "nichtantworten",
    "noresponder",
    "mailerdaemon",
];

/// Subjects by which the large mail programs say that somebody is away, in small letters.
const AWAY: &[&str] = &[
    "out of office",
    "out of the office",
    "automatic reply",
    "auto reply",
    "autoreply",
    "automatische antwort",
    "abwesenheit",
    "abwesend",
    "réponse automatique",
    "absence",
    "respuesta automática",
    "fuera de la oficina",
    "risposta automatica",
    "fuori sede",
    "resposta automática",
    "automatisch antwoord",
    "afwezig",
    "autosvar",
    "frånvaro",
    "automaattinen vastaus",
    "odpowiedź automatyczna",
    "автоответ",
    "自動返信",
    "自动回复",
];

fn is_away(mail: &Mail) -> bool {
    let subject = mail.subject.to_lowercase();
    AWAY.iter().any(|words| subject.contains(words))
}
