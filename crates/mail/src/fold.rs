//! Folding: which part of a mail is new, and which only repeats what was said before or who says it. Nothing is taken
//! away: the parts, laid end to end, are the whole.

mod headers;
mod html;
mod labels;
mod words;

use std::ops::Range;

pub use html::{fold_html, is_marker};

use crate::mail::Mail;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Which bytes of the whole it is.
    pub range: Range<usize>,
}

/// What a part of a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// What is new: it is shown.
    Visible,
    /// What was said before.
    Quote,
    /// Who says it, or with which program.
    Signature,
}

/// The longest line that a rule looks at: what is longer is a paragraph, and nobody's header.
const LINE_LIMIT: usize = 400;
/// The most lines of a signature under two dashes that lack their blank, which people write for other reasons too.
const SIGNATURE_LINES: usize = 12;

/// Tells the parts of a text, in order and without a gap.
pub fn fold(text: &str) -> Vec<Part> {
    fold_lines(text, false)
}

/// Tells the parts of a mail's text: what a forward brings along is new to who reads it.
pub fn fold_mail(mail: &Mail) -> Vec<Part> {
    fold_lines(&mail.text, is_forward(&mail.subject))
}

/// Gives what is shown of a text, without the blank lines at its ends.
pub fn visible(text: &str, parts: &[Part]) -> String {
    let shown = parts.iter().filter(|part| part.kind == PartKind::Visible);
    let shown: String = shown.filter_map(|part| text.get(part.range.clone())).collect();
    shown.trim_matches(['\n', '\r']).trim_end().to_owned()
}

/// Says whether a subject tells that a mail is forwarded.
pub fn is_forward(subject: &str) -> bool {
    let subject = subject.trim_start().to_lowercase();
    words::FORWARD_SUBJECTS.iter().any(|word| {
        let rest = subject.strip_prefix(word);
        rest.is_some_and(|rest| rest.trim_start().starts_with([':', '：']))
    })
}

fn fold_lines(text: &str, is_forward: bool) -> Vec<Part> {
    let lines = lines(text);
    let mut kinds = vec![PartKind::Visible; lines.len()];
    let end = forwarded_from(&lines).unwrap_or(lines.len());
    if !is_forward {
        mark_quotes(&lines[..end], &mut kinds);
    }
    mark_signatures(&lines[..end], &mut kinds);
    fill_blanks(&lines, &mut kinds);
    show_something(&lines, &mut kinds);
    parts(&lines, &kinds)
}

/// A line with where it lies, its line end included.
pub(crate) struct Line<'a> {
    pub(crate) text: &'a str,
    range: Range<usize>,
}

impl Line<'_> {
    fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    fn is_quoted(&self) -> bool {
        self.text.starts_with('>')
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.len();
            start = range.end;
            // The blank that Gmail and Word put in a header is none that splits words.
            let text = line.trim_matches(|sign: char| sign.is_whitespace() || sign == '\u{feff}');
            Line { text, range }
        })
        .collect()
}

/// Where a forwarded mail begins: all from there on is new to the reader, its own quotes too.
fn forwarded_from(lines: &[Line<'_>]) -> Option<usize> {
    lines.iter().position(|line| headers::is_forward_mark(line.text))
}

fn mark_quotes(lines: &[Line<'_>], kinds: &mut [PartKind]) {
    let mut at = 0;
    while at < lines.len() {
        if lines[at].is_quoted() {
            kinds[at] = PartKind::Quote;
            at += 1;
            continue;
        }
        let Some(length) = headers::length_at(&lines[at..]) else {
            at += 1;
            continue;
        };
        kinds[at..at + length].fill(PartKind::Quote);
        let next = lines[at + length..].iter().find(|line| !line.is_blank());
        // Without marks nothing tells where the old text ends, and it is the last thing in the mail.
        if next.is_none_or(|next| !next.is_quoted()) {
            kinds[at..lines.len()].fill(PartKind::Quote);
            return;
        }
        at += length;
    }
}

/// A signature ends where a quote begins, or the text does.
fn mark_signatures(lines: &[Line<'_>], kinds: &mut [PartKind]) {
    let mut at = 0;
    while at < lines.len() {
        if kinds[at] != PartKind::Visible {
            at += 1;
            continue;
        }
        let run = kinds[at..lines.len()]
            .iter()
            .take_while(|kind| **kind == PartKind::Visible);
        let end = at + run.count();
        mark_signature(&lines[at..end], &mut kinds[at..end]);
        at = end;
    }
}

fn mark_signature(lines: &[Line<'_>], kinds: &mut [PartKind]) {
    let said = |from: usize| lines[from..].iter().filter(|line| !line.is_blank()).count();
    for (at, line) in lines.iter().enumerate() {
        let is_rule = line.text.len() >= 2 && line.text.bytes().all(|byte| byte == b'_');
        if (line.text == "--" || is_rule) && said(at) <= SIGNATURE_LINES + 1 {
            kinds[at..].fill(PartKind::Signature);
            return;
        }
        if headers::is_sent_from(line.text) && is_alone(lines, at) {
            kinds[at] = PartKind::Signature;
        }
    }
}

/// A sentence of somebody's own may begin like a program's line, but goes on.
fn is_alone(lines: &[Line<'_>], at: usize) -> bool {
    let is_open = |line: Option<&Line<'_>>| line.is_none_or(|line| line.is_blank() || line.text.starts_with("--"));
    let before = at == 0 || is_open(lines.get(at - 1));
    before && is_open(lines.get(at + 1)) || lines[at + 1..].iter().all(Line::is_blank)
}

/// A blank line between two folded lines is folded with them.
fn fill_blanks(lines: &[Line<'_>], kinds: &mut [PartKind]) {
    let mut folded: Option<usize> = None;
    for at in 0..lines.len() {
        if kinds[at] != PartKind::Visible {
            if let Some(last) = folded {
                let kind = kinds[last];
                kinds[last..at].fill(kind);
            }
            folded = Some(at);
        } else if !lines[at].is_blank() {
            folded = None;
        }
    }
}

/// A mail that only repeats something shows that: an empty bubble would say less.
fn show_something(lines: &[Line<'_>], kinds: &mut [PartKind]) {
    for hidden in [PartKind::Quote, PartKind::Signature] {
        let says = |(line, kind): (&Line<'_>, &PartKind)| *kind == PartKind::Visible && !line.is_blank();
        if lines.iter().zip(kinds.iter()).any(says) {
            return;
        }
        let hides = kinds.iter_mut().filter(|kind| **kind == hidden);
        hides.for_each(|kind| *kind = PartKind::Visible);
    }
}

fn parts(lines: &[Line<'_>], kinds: &[PartKind]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (line, kind) in lines.iter().zip(kinds) {
        match parts.last_mut() {
            Some(last) if last.kind == *kind => last.range.end = line.range.end,
            _ => parts.push(Part {
                kind: *kind,
                range: line.range.clone(),
            }),
        }
    }
    parts
}
