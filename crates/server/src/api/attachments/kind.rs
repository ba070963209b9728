//! What a file is, by its first bytes and not by what is said of it; and names that are safe to save under.

/// How many bytes are looked at.
pub const HEAD_BYTES: usize = 8 * 1024;
/// The longest name that is kept, in characters.
const MAX_NAME: usize = 120;

/// Gives the media type of a file that begins so.
pub fn sniff(head: &[u8]) -> &'static str {
    match infer::get(head) {
        // A page is text here: nothing that a browser would run is called by a name that makes it run.
        Some(kind) if kind.matcher_type() == infer::MatcherType::Text => "text/plain",
        Some(kind) => kind.mime_type(),
        None if is_text(head) => "text/plain",
        None => "application/octet-stream",
    }
}

/// Gives the media type of an image that may be shown inside a page, or `None`.
pub fn image(head: &[u8]) -> Option<&'static str> {
    let kind = sniff(head);
    ["image/png", "image/jpeg", "image/gif", "image/webp"]
        .into_iter()
        .find(|image| *image == kind)
}

/// A cut in the middle of a character is no fault of the text.
fn is_text(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    valid && !head.contains(&0)
}

/// Gives a name without folders, control characters and what file systems and headers trip over.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .map(|c| {
            if c.is_control() || "<>:\"|?*;".contains(c) {
                '_'
            } else {
                c
            }
        })
        .filter(|c| !is_bidi_control(*c))
        .collect();
    let clean = clean.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let extra = clean.chars().count().saturating_sub(MAX_NAME);
    // The end holds the extension.
    let short: String = clean.chars().skip(extra).collect();
    if short.is_empty() { "file".to_owned() } else { short }
}

/// Such characters make `exe.gpj` look like `jpg.exe`.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}')
}

/// Gives the header that makes a browser save a file under its name (RFC 6266 with RFC 8187).
pub fn disposition(name: &str) -> String {
    let name = clean_name(name);
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let encoded: String = name
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_it_is() {
        let table: [(&[u8], &str); 9] = [
            (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
            (b"\xff\xd8\xff\xe0\0\0", "image/jpeg"),
            (b"GIF89a....", "image/gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"%PDF-1.7", "application/pdf"),
            (b"<!DOCTYPE html><script>alert(1)</script>", "text/plain"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain"),
            ("plain text, caf\u{e9}".as_bytes(), "text/plain"),
            (b"\0\x01\x02\x03", "application/octet-stream"),
        ];
        for (head, expected) in table {
            assert_eq!(sniff(head), expected, "{head:?}");
            assert_eq!(image(head).is_some(), expected.starts_with("image/"));
        }
        assert_eq!(
            sniff(&"é".as_bytes()[..1]),
            "text/plain",
            "cut in the middle of a character"
        );
    }

    #[test]
    fn names_are_safe() {
        let table = [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\photo.jpg", "photo.jpg"),
            ("a\r\nb\".txt", "a__b_.txt"),
            ("..", "file"),
            ("", "file"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("Zoë 房间.png", "Zoë 房间.png"),
        ];
        for (name, expected) in table {
            assert_eq!(clean_name(name), expected, "{name:?}");
        }
        let long = format!("{}.png", "x".repeat(500));
        assert!(clean_name(&long).ends_with(".png") && clean_name(&long).len() == MAX_NAME);
    }

    #[test]
    fn a_name_survives_the_header() {
        assert_eq!(
            disposition("Zoë \"1\".png"),
            "attachment; filename=\"Zo_ _1_.png\"; filename*=UTF-8''Zo%C3%AB%20_1_.png"
        );
    }
}
