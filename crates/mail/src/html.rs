//! Between text and HTML: what is read when a mail has no text of its own, and text that stays one inside HTML.

use mail_parser::decoders::html::html_to_text;

/// Gives the text of some HTML, without the blank lines that its layout leaves behind.
pub fn text_of(html: &str) -> String {
    let text = html_to_text(html).replace("\r\n", "\n").replace('\u{a0}', " ");
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let is_blank = line.trim().is_empty();
        if is_blank && lines.last().is_none_or(|last| last.is_empty()) {
            continue;
        }
        lines.push(if is_blank { "" } else { line });
    }
    lines.join("\n").trim_end().to_owned()
}

/// Writes a text so that it stays one inside HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
