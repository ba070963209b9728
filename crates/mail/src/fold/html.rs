//! Folding HTML that is already safe: by the marks of the mail programs, which [`crate::safe_html`] lets through.
//!
//! Every part is a whole number of elements, so what is left when one is taken out still nests.

use std::ops::Range;

use super::{Part, PartKind, headers};
use crate::html::text_of;

/// Marks of an element that holds old text.
const QUOTES: &[&str] = &[
    "gmail_quote",
    "gmail_quote_container",
    "gmail_attr",
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "moz-cite-prefix",
    "moz-email-headers-table",
    "OLK_SRC_BODY_SECTION",
    "isReplyContent",
    "ntes_quote",
    "mail-editor-reference-message-container",
    "skiptranslate_quote",
    "hmquote",
    "front-blockquote",
    "quoted-plain-text",
    "gmx_quote",
    "WordSection1_quote",
    "ms-outlook-quote",
];
/// Marks of an element from which on all is old.
const FROM_HERE: &[&str] = &[
    "divRplyFwdMsg",
    "appendonsend",
    "OutlookMessageHeader",
    "stopSpelling",
    "zwchr",
    "x_divRplyFwdMsg",
];
/// Marks of a signature.
const SIGNATURES: &[&str] = &[
    "gmail_signature",
    "gmail_signature_prefix",
    "moz-signature",
    "protonmail_signature_block",
    "AppleMailSignature",
    "ms-outlook-mobile-signature",
    "Signature",
    "iPhoneSignature",
];
/// How much of an element is read for what stands above old text, in characters.
const HEAD_LIMIT: usize = 2_000;
/// More elements are no letter, and each is compared with the others.
const ELEMENTS_LIMIT: usize = 20_000;
const VOID: &[&str] = &["br", "col", "hr", "img", "wbr"];

/// Says whether a class or an id tells a quote or a signature.
pub fn is_marker(word: &str) -> bool {
    [QUOTES, FROM_HERE, SIGNATURES]
        .iter()
        .any(|words| words.contains(&word))
}

/// Tells the parts of safe HTML, in order and without a gap. A forward's old text is new to who reads it.
pub fn fold_html(html: &str, is_forward: bool) -> Vec<Part> {
    let elements = Some(elements(html))
        .filter(|all| all.len() <= ELEMENTS_LIMIT)
        .unwrap_or_default();
    let mut folds: Vec<(Range<usize>, PartKind)> = Vec::new();
    for element in &elements {
        let is_inside = folds.last().is_some_and(|(range, _)| element.start < range.end);
        if is_inside {
            continue;
        }
        let kind = if has(element, SIGNATURES) {
            PartKind::Signature
        } else {
            PartKind::Quote
        };
        let found = match kind {
            PartKind::Signature => Some(element.start..element.end),
            _ if is_forward => None,
            _ => quote(html, &elements, element),
        };
        // A step up or back may reach over an older part, which then belongs to this one.
        if let Some(range) = found {
            folds.retain(|(older, _)| older.end <= range.start);
            folds.push((range, kind));
        }
    }
    if !shows_something(html, &folds) {
        folds.clear();
    }
    parts(html.len(), &folds)
}

fn quote(html: &str, elements: &[Element<'_>], element: &Element<'_>) -> Option<Range<usize>> {
    if has(element, FROM_HERE) || begins_old(html, elements, element) {
        let range = from_here(html, elements, element);
        return (!is_forwarded(&html[range.clone()])).then_some(range);
    }
    let header = header_before(html, elements, element);
    let is_quote = element.name == "blockquote" && (element.attributes.contains("type=\"cite\"") || header.is_some());
    if !is_quote && !has(element, QUOTES) || is_forwarded(&html[element.start..element.end]) {
        return None;
    }
    if element.name != "blockquote" && is_answered(html, elements, element) {
        return None;
    }
    Some(header.unwrap_or(element.start)..element.end)
}

/// Word and others put "From: … Sent: …" into an element without a name, and some do so with "On … wrote:".
fn begins_old(html: &str, elements: &[Element<'_>], element: &Element<'_>) -> bool {
    if !["div", "p"].contains(&element.name) || has(element, QUOTES) {
        return false;
    }
    let text = text_of(head(&html[element.content.clone()]));
    if headers::is_block(&text) {
        return true;
    }
    if !headers::is_header(&text) {
        return false;
    }
    // A quote that is marked ends somewhere, and what follows it may be new.
    let first = elements.partition_point(|other| other.start < element.end);
    let mut after = elements[first..].iter();
    let next = after.find(|other| other.name == "blockquote" || says(&html[other.start..other.end]));
    next.is_none_or(|next| next.name != "blockquote" && !has(next, QUOTES))
}

/// Gmail puts an answer between the quotes into the element that holds them all.
fn is_answered(html: &str, elements: &[Element<'_>], element: &Element<'_>) -> bool {
    let is_within = |other: &&Element<'_>| other.start > element.start && other.end <= element.end;
    let quotes = elements
        .iter()
        .filter(is_within)
        .filter(|other| other.name == "blockquote");
    let mut after: Option<usize> = None;
    for quote in quotes {
        match after {
            Some(end) if quote.start < end => continue,
            Some(end) if says(&html[end..quote.start]) => return true,
            _ => after = Some(quote.end),
        }
    }
    after.is_some_and(|end| says(&html[end..element.content.end]))
}

/// Goes up as long as nothing was said before, then takes all to the end of what holds it.
fn from_here(html: &str, elements: &[Element<'_>], element: &Element<'_>) -> Range<usize> {
    let mut top = element;
    while let Some(parent) = top.parent.map(|parent| &elements[parent]) {
        if says(&html[parent.content.start..top.start]) {
            return top.start..parent.content.end;
        }
        top = parent;
    }
    top.start..html.len()
}

/// Finds where "On … wrote:" begins right before a quote: as an element, or as a line between two.
fn header_before(html: &str, elements: &[Element<'_>], element: &Element<'_>) -> Option<usize> {
    if element.name != "blockquote" && !has(element, QUOTES) {
        return None;
    }
    let mut siblings = std::iter::successors(element.before, |at| elements[*at].before).map(|at| &elements[at]);
    let before = siblings.find(|other| says(&html[other.start..other.end]));
    if let Some(before) = before
        && !says(&html[before.end..element.start])
    {
        let is_header = headers::is_header(&text_of(head(&html[before.content.clone()])));
        return is_header.then_some(before.start);
    }
    let above = element.parent.map_or(0, |parent| elements[parent].content.start);
    let from = before.map_or(above, |before| before.end);
    let here = elements.partition_point(|other| other.start < element.start);
    let between = elements[..here].iter().rev().take_while(|other| other.start >= from);
    let is_header = |start: &usize| headers::is_header(&text_of(head(&html[*start..element.start])));
    // Only line ends stand between: a few of them, or it is no header.
    between.map(|other| other.end).chain([from]).take(8).find(is_header)
}

fn is_forwarded(html: &str) -> bool {
    // The mark stands at the top; a forward deep in an old thread is old like the rest.
    let text = text_of(head(html));
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .take(3)
        .any(|line| headers::is_forward_mark(line.trim()))
}

/// What stands above old text stands at the beginning, and a mail may be long.
fn head(html: &str) -> &str {
    let end = html.char_indices().map(|(at, _)| at).nth(HEAD_LIMIT);
    &html[..end.unwrap_or(html.len())]
}

/// Says whether safe HTML holds a picture or a word; it stops at the first.
fn says(html: &str) -> bool {
    let mut rest = html;
    while let Some(sign) = rest.chars().next() {
        let length = match sign {
            '<' if rest.starts_with("<img") => return true,
            '<' => tag_end(rest, 0),
            '&' if rest.starts_with("&nbsp;") => "&nbsp;".len(),
            sign if sign.is_whitespace() || sign == '\u{feff}' || sign == '\u{200b}' => sign.len_utf8(),
            _ => return true,
        };
        rest = &rest[length..];
    }
    false
}

fn shows_something(html: &str, folds: &[(Range<usize>, PartKind)]) -> bool {
    let kept = parts(html.len(), folds)
        .into_iter()
        .filter(|part| part.kind == PartKind::Visible);
    let kept: String = kept.map(|part| &html[part.range]).collect();
    says(&kept)
}

fn parts(length: usize, folds: &[(Range<usize>, PartKind)]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut add = |range: Range<usize>, kind: PartKind| match parts.last_mut() {
        _ if range.is_empty() => {}
        Some(last) if last.kind == kind => last.range.end = range.end,
        _ => parts.push(Part { kind, range }),
    };
    let mut at = 0;
    for (range, kind) in folds {
        add(at..range.start, PartKind::Visible);
        add(range.clone(), *kind);
        at = range.end;
    }
    add(at..length, PartKind::Visible);
    parts
}

/// An element by its bytes: with its tags, and between them.
struct Element<'a> {
    name: &'a str,
    attributes: &'a str,
    start: usize,
    end: usize,
    content: Range<usize>,
    parent: Option<usize>,
    /// The element before it in the same parent.
    before: Option<usize>,
}

fn has(element: &Element<'_>, words: &[&str]) -> bool {
    ["class=\"", "id=\""].iter().any(|name| {
        let value = element
            .attributes
            .split_once(name)
            .and_then(|(_, rest)| rest.split_once('"'));
        value.is_some_and(|(value, _)| value.split(' ').any(|word| words.contains(&word)))
    })
}

/// Reads the tags of safe HTML, whose elements are all closed and whose values all stand in quotation marks.
fn elements(html: &str) -> Vec<Element<'_>> {
    let mut elements: Vec<Element<'_>> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    // The last element that was closed, which is the one before the next unless a parent was opened since.
    let mut closed: Option<usize> = None;
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        let start = at + found;
        let end = tag_end(html, start);
        let tag = html[start + 1..end].trim_end_matches('>');
        at = end;
        if tag.starts_with('/') {
            if let Some(index) = open.pop() {
                elements[index].content.end = start;
                elements[index].end = end;
                closed = Some(index);
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        elements.push(Element {
            name,
            attributes,
            start,
            end: if VOID.contains(&name) { end } else { html.len() },
            content: end..if VOID.contains(&name) { end } else { html.len() },
            parent: open.last().copied(),
            before: closed,
        });
        closed = VOID.contains(&name).then_some(elements.len() - 1);
        if closed.is_none() {
            open.push(elements.len() - 1);
        }
    }
    elements
}

fn tag_end(html: &str, start: usize) -> usize {
    let mut is_quoted = false;
    for (at, byte) in html.bytes().enumerate().skip(start) {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}
