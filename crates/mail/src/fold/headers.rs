//! The lines that mail programs put above what they repeat, in the languages of [`super::words`].

use std::sync::LazyLock;

use regex::Regex;

use super::{LINE_LIMIT, Line, labels, lines, words};

/// The most lines that one "On … wrote:" is broken into.
const WROTE_LINES: usize = 4;
/// How far the fields of a block lie apart: some are broken, and a blank line may stand between two.
const BLOCK_LINES: usize = 10;

fn expression(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

fn any_of(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| regex::escape(word))
        .collect::<Vec<_>>()
        .join("|")
}

/// A day or an hour: four digits of a year, `13.12.`, `01/03/11`, `2:10`.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    // Chinese and Japanese write a sign right behind the digits, which is part of a word elsewhere.
    expression(
        r"(?-u:\b)(19|20)\d\d(?-u:\b)|\d{1,2}[./-]\d{1,2}[./-]|(?-u:\b)\d{1,2}[:.h]\d\d(?-u:\b)|(?-u:\b)\d{1,2}(?-u:\b).*,",
    )
});
static HOUR: LazyLock<Regex> = LazyLock::new(|| expression(r"(?-u:\b)\d{1,2}[:.h]\d\d(?-u:\b)"));
static YEAR: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?-u:\b)(19|20)\d\d(?-u:\b)|\d{1,2}[./-]\d{1,2}[./-]\d\d(?-u:\b)"));
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| expression(r"[<(\[]\s*(mailto:\s*)?[^\s<>]+@[^\s<>]+\s*[>)\]]+"));
static ENDS_BY_VERB: LazyLock<Regex> = LazyLock::new(|| {
    let verbs = any_of(words::LAST_VERBS);
    expression(&format!(r"(?i)(^|[\s>\])])({verbs})\s*[:：]?$"))
});
static HAS_VERB: LazyLock<Regex> = LazyLock::new(|| {
    let verbs = any_of(words::MIDDLE_VERBS);
    expression(&format!(r"(?i)\s({verbs})\s.*[:：]$"))
});
static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
    expression(&format!(
        r"(?i)^[-–—*_\s]*(({})[\s,]|[在于])",
        any_of(words::BEGINNINGS)
    ))
});
static SPEAKS_OF_ITSELF: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?i)\b(I|we|you|they|he|she|ich|wir|j'ai|who|has|have)\s+(wrote|écrit|schrieb)"));
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    let from = any_of(labels::FROM);
    let other = any_of(labels::OTHER);
    expression(&format!(
        r"(?i)^[*_\s|]*(?:(?P<from>{from})|(?P<other>{other}))\s*[*_]*\s*[:：]"
    ))
});
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    let words = any_of(words::ORIGINAL);
    expression(&format!(r"(?i)^[-_=*]{{2,}}\s*({words})\s*[-_=*]{{2,}}$"))
});
static FORWARD: LazyLock<Regex> = LazyLock::new(|| {
    let words = any_of(words::FORWARDED);
    expression(&format!(
        r"(?i)^(>\s*)?([-_=*]{{2,}}\s*({words})\s*[:：]?\s*[-_=*]{{2,}}|({words})\s*[:：])$"
    ))
});
static RULE: LazyLock<Regex> = LazyLock::new(|| expression(r"^[-_=*]{4,}$"));
static SENT_FROM: LazyLock<Regex> =
    LazyLock::new(|| expression(&format!(r"(?i)^[-–—*_\s]*({})", any_of(words::SENT_FROM))));
static SENT_FROM_LAST: LazyLock<Regex> =
    LazyLock::new(|| expression(&format!(r"(?i)({})[.!]?$", any_of(words::SENT_FROM_LAST))));

/// Tells how many lines at the beginning of `lines` stand above old text; none when it is no such place.
pub fn length_at(lines: &[Line<'_>]) -> Option<usize> {
    let first = lines.first().filter(|line| !line.text.is_empty())?;
    if SEPARATOR.is_match(short(first.text)) {
        return Some(1);
    }
    if RULE.is_match(short(first.text)) {
        let blanks = lines[1..].iter().take_while(|line| line.text.is_empty()).count();
        return block(&lines[1 + blanks..]).map(|length| 1 + blanks + length);
    }
    wrote(lines).or_else(|| block(lines))
}

/// Says whether some text is nothing but what stands above old text.
pub fn is_header(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.len() <= LINE_LIMIT && is_wrote(&text)
}

/// Says whether some text begins with the fields of an old mail, or the line that stands above them.
pub fn is_block(text: &str) -> bool {
    let lines = lines(text);
    let first = lines
        .iter()
        .position(|line| !line.text.is_empty())
        .unwrap_or(lines.len());
    let is_separator = lines
        .get(first)
        .is_some_and(|line| SEPARATOR.is_match(short(line.text)));
    is_separator || block(&lines[first..]).is_some()
}

/// Says whether a line tells that a forwarded mail follows.
pub fn is_forward_mark(line: &str) -> bool {
    FORWARD.is_match(short(line))
}

/// Says whether a line is one that a telephone adds.
pub fn is_sent_from(line: &str) -> bool {
    let line = short(line);
    let is_sentence = line.split('<').next().unwrap_or_default().contains([',', ';']) || line.ends_with('.');
    let words = line.split_whitespace().count();
    words > 0 && words <= 12 && !is_sentence && (SENT_FROM.is_match(line) || SENT_FROM_LAST.is_match(line))
}

/// A rule need not look at a paragraph.
fn short(line: &str) -> &str {
    if line.len() > LINE_LIMIT { "" } else { line }
}

/// "On … wrote:", broken into lines as the program pleased.
fn wrote(lines: &[Line<'_>]) -> Option<usize> {
    let mut joined = String::new();
    for (at, line) in lines.iter().take(WROTE_LINES).enumerate() {
        if line.text.is_empty() || (at > 0 && line.text.starts_with('>') && line.text.len() > 3) {
            return None;
        }
        if joined.len() + line.text.len() > LINE_LIMIT {
            return None;
        }
        joined.push_str(line.text);
        if is_wrote(&joined) {
            return (!begins_below(&lines[..=at])).then_some(at + 1);
        }
        joined.push(' ');
    }
    None
}

/// The last lines of a person stand above a header without a blank line: only the header is one.
fn begins_below(lines: &[Line<'_>]) -> bool {
    let is_begun = BEGINS.is_match(lines[0].text) && lines[0].text.contains(|sign: char| sign.is_ascii_digit());
    (1..lines.len()).any(|from| {
        let joined: Vec<&str> = lines[from..].iter().map(|line| line.text).collect();
        is_wrote(&joined.join(" ")) && (!is_begun || BEGINS.is_match(lines[from].text))
    })
}

fn is_wrote(line: &str) -> bool {
    let ends = line.ends_with([':', '：']) || ENDS_BY_VERB.is_match(line);
    if !ends || !DATE.is_match(line) || SPEAKS_OF_ITSELF.is_match(line) {
        return false;
    }
    let has_address = ADDRESS.is_match(line);
    let begins = BEGINS.is_match(line) || line.starts_with(|sign: char| sign.is_ascii_digit());
    let is_dated = HOUR.is_match(line) && YEAR.is_match(line);
    if ENDS_BY_VERB.is_match(line) || HAS_VERB.is_match(line) {
        return begins || (has_address && is_dated);
    }
    // Many programs write no verb: a day, an hour, a name and an address tell it in every language.
    let ends_by_address = line.trim_end_matches([':', '：', ' ']).ends_with(['>', ')', ']']);
    has_address && is_dated && ends_by_address
}

/// "From: … Sent: … To: … Subject: …" in any order: at least three fields, and one tells who.
fn block(lines: &[Line<'_>]) -> Option<usize> {
    FIELD.captures(short(lines.first()?.text))?;
    let (mut count, mut has_from, mut length, mut blanks) = (0, false, 0, 0);
    for (at, line) in lines.iter().take(BLOCK_LINES).enumerate() {
        blanks = if line.text.is_empty() { blanks + 1 } else { 0 };
        if blanks > 1 {
            break;
        }
        let Some(field) = FIELD.captures(short(line.text)) else {
            continue;
        };
        // Two lines in a row may be told by one label, and a person's list has no address and no day.
        has_from |= field.name("from").is_some();
        count += 1;
        length = at + 1;
    }
    let is_told = |line: &Line<'_>| line.text.contains('@') || DATE.is_match(short(line.text));
    (has_from && count >= 3 && lines[..length].iter().any(is_told)).then_some(length)
}
