//! The styles that a mail may keep: how its letters and boxes look, never where they stand on our page.

use std::collections::HashSet;

use super::{Images, is_far};

const PROPERTIES: &[&str] = &[
    "background-color",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "color",
    "direction",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
];
/// Properties that fetch an image; they pass only when images are shown.
const PICTURES: &[&str] = &["background", "background-image"];
const FUNCTIONS: &[&str] = &["rgb", "rgba", "hsl", "hsla"];

/// The properties that may pass, whatever the declarations are cut into.
pub fn properties(images: Images) -> HashSet<&'static str> {
    let pictures = if images == Images::Shown { PICTURES } else { &[] };
    PROPERTIES.iter().chain(pictures).copied().collect()
}

/// Gives what stays of a style, and how many images from afar it wanted.
pub fn kept(style: &str, images: Images) -> (String, usize) {
    let mut far = 0;
    let mut kept: Vec<String> = Vec::new();
    for declaration in declarations(style) {
        let lower = declaration.to_ascii_lowercase();
        // Escapes and comments in a style serve only to hide what it does.
        let is_hidden = declaration.contains('\\') || declaration.contains("/*");
        let wants_image = ["url", "image", "//"].iter().any(|sign| lower.contains(sign)) && lower.contains('(');
        far += usize::from(wants_image);
        let Some((name, value)) = lower.split_once(':').filter(|_| !is_hidden) else {
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        if PICTURES.contains(&name) {
            // The address keeps its capital letters.
            let value = declaration.split_once(':').map_or("", |(_, value)| value.trim());
            kept.extend(picture(value, images));
        } else if PROPERTIES.contains(&name) && is_plain(value) {
            kept.push(format!("{name}:{value}"));
        }
    }
    (kept.join(";"), far)
}

/// A colour is kept as one; an image only when images are shown, and only by its address.
fn picture(value: &str, images: Images) -> Option<String> {
    let is_color = !value.contains("url") && value.split_whitespace().count() == 1;
    if is_color && is_plain(value) {
        return Some(format!("background-color:{value}"));
    }
    let lower = value.to_ascii_lowercase();
    let start = lower.find("url(").filter(|_| images == Images::Shown)? + "url(".len();
    let end = start + value.get(start..)?.find(')')?;
    let url = value.get(start..end)?.trim().trim_matches(['"', '\'']);
    let is_clean = !url.contains(['"', '\'', '(', ')', ';', '<', '>']) && !url.contains(char::is_whitespace);
    (is_far(url) && is_clean).then(|| format!("background-image:url(\"{url}\")"))
}

/// Says whether a value calls nothing but a colour, and draws nothing out of its box.
fn is_plain(value: &str) -> bool {
    let calls = value.split('(').rev().skip(1);
    let is_color = |before: &str| FUNCTIONS.iter().any(|name| before.trim_end().ends_with(name));
    let is_negative = value
        .split([' ', ',', '('])
        .any(|word| word.starts_with('-') && word.len() > 1);
    calls.into_iter().all(is_color) && !is_negative && !value.contains(['<', '>', '@', '{', '}'])
}

/// Cuts a style at the semicolons that stand in no bracket and no quotation.
fn declarations(style: &str) -> Vec<&str> {
    let (mut start, mut depth, mut quote) = (0, 0usize, None);
    let mut found = Vec::new();
    for (at, sign) in style.char_indices() {
        match (quote, sign) {
            (Some(open), _) if open == sign => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(sign),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ';') if depth == 0 => {
                found.push(&style[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&style[start..]);
    found
}
