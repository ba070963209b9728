//! Making the HTML of a mail safe to show: only what is listed here passes, and nothing is fetched from afar until
//! somebody asks for it, since fetching tells the sender who reads.

mod style;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ammonia::{Builder, UrlRelative};

use crate::fold::is_marker;
use crate::html::{escaped, text_of};

/// Whether images from afar are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Images {
    /// They are left out and counted.
    Held,
    /// They are fetched by whoever looks at the mail.
    Shown,
}

/// The HTML of a mail that can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeHtml {
    /// What to show.
    pub html: String,
    /// How many images were left out.
    pub held_back: usize,
}

/// Elements that go with all that is in them; of every other that is not allowed the content stays.
const GONE: &[&str] = &[
    "script", "style", "title", "svg", "math", "iframe", "frameset", "object", "embed", "applet", "noscript",
    "template", "textarea", "select", "noembed", "noframes", "xmp", "audio", "video", "canvas", "map",
];
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
];
/// Attributes that every element may have; `class` and `id` keep only the words that tell a quote.
const ATTRIBUTES: &[&str] = &[
    "align",
    "background",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "class",
    "color",
    "colspan",
    "dir",
    "face",
    "height",
    "id",
    "lang",
    "rowspan",
    "size",
    "span",
    "start",
    "style",
    "title",
    "type",
    "valign",
    "width",
];
/// `cid` is turned into an address before anybody sees it.
const SCHEMES: &[&str] = &["http", "https", "mailto", "tel", "cid"];

/// Makes the HTML of a mail safe. `files` gives the address of each file by the content id that the HTML names it with.
pub fn safe_html(html: &str, files: &BTreeMap<String, String>, images: Images) -> SafeHtml {
    let held_back = Arc::new(AtomicUsize::new(0));
    let filter = Filter {
        files: files.clone(),
        images,
        held_back: Arc::clone(&held_back),
    };
    // A library's fault with strange HTML leaves its text.
    let clean = catch_unwind(AssertUnwindSafe(|| builder(filter).clean(html).to_string()));
    SafeHtml {
        html: clean.unwrap_or_else(|_| format!("<pre>{}</pre>", escaped(&text_of(html)))),
        held_back: held_back.load(Ordering::Relaxed),
    }
}

fn builder(filter: Filter) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .clean_content_tags(GONE.iter().copied().collect())
        .generic_attributes(ATTRIBUTES.iter().copied().collect())
        .tag_attributes(
            [
                ("a", HashSet::from(["href"])),
                ("img", HashSet::from(["src", "srcset", "alt"])),
            ]
            .into(),
        )
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(SCHEMES.iter().copied().collect())
        .url_relative(UrlRelative::PassThrough)
        .strip_comments(true)
        .filter_style_properties(style::properties(filter.images))
        .attribute_filter(move |element, attribute, value| filter.value(element, attribute, value));
    builder
}

struct Filter {
    files: BTreeMap<String, String>,
    images: Images,
    held_back: Arc<AtomicUsize>,
}

impl Filter {
    /// Gives what stays of an attribute.
    fn value<'a>(&self, element: &str, attribute: &str, value: &'a str) -> Option<Cow<'a, str>> {
        match (element, attribute) {
            ("a", "href") => is_link(value).then_some(Cow::Borrowed(value)),
            ("img", "src") => self.source(value).map(Cow::Owned),
            ("img", "srcset") => {
                let mut sources = value
                    .split(',')
                    .map(|part| part.split_whitespace().next().unwrap_or_default());
                (self.shows_far(value) && sources.all(is_far)).then_some(Cow::Borrowed(value))
            }
            (_, "background") => (self.shows_far(value) && is_far(value)).then_some(Cow::Borrowed(value)),
            (_, "style") => {
                let (style, far) = style::kept(value, self.images);
                if self.images == Images::Held {
                    self.held_back.fetch_add(far, Ordering::Relaxed);
                }
                (!style.is_empty()).then_some(Cow::Owned(style))
            }
            ("blockquote", "type") => (value == "cite").then_some(Cow::Borrowed(value)),
            ("ol" | "ul" | "li", "type") => Some(Cow::Borrowed(value)),
            (_, "type") => None,
            (_, "class" | "id") => {
                let words: Vec<&str> = value.split_whitespace().filter(|word| is_marker(word)).collect();
                (!words.is_empty()).then(|| Cow::Owned(words.join(" ")))
            }
            _ => Some(Cow::Borrowed(value)),
        }
    }

    fn source(&self, value: &str) -> Option<String> {
        if let Some(id) = value.trim().get(..4).filter(|start| start.eq_ignore_ascii_case("cid:")) {
            let id = &value.trim()[id.len()..];
            return self.files.get(id).or_else(|| self.files.get(&decoded(id))).cloned();
        }
        (self.shows_far(value) && is_far(value)).then(|| value.trim().to_owned())
    }

    /// Says whether an image from afar is shown, and counts it when it is not.
    fn shows_far(&self, value: &str) -> bool {
        if self.images == Images::Held && !value.trim().is_empty() {
            self.held_back.fetch_add(1, Ordering::Relaxed);
        }
        self.images == Images::Shown
    }
}

fn begins_with(value: &str, schemes: &[&str]) -> bool {
    let value = value.trim();
    let is_one = |scheme: &str| {
        let start = value.get(..scheme.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    schemes.iter().any(|scheme| is_one(scheme))
}

/// A mail has no place of its own, so an address without a host would lead into ours.
fn is_far(value: &str) -> bool {
    begins_with(value, &["http://", "https://"])
}

fn is_link(value: &str) -> bool {
    is_far(value) || begins_with(value, &["mailto:", "tel:"])
}

/// Turns `%40` back into `@`: a content id stands escaped in an address (RFC 2392).
fn decoded(id: &str) -> String {
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let [first, tail @ ..] = rest {
        let byte = match (first, tail) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
