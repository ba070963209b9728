//! Words to search by. Both databases index what this gives, so both find the same.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Splits text into the words it is found by: lower case, without accents, joined by single spaces.
///
/// Scripts written without spaces (Chinese, Japanese, Thai …) become one word a character, so that any part is found.
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text
        .nfkd()
        .filter(|ch| !is_combining_mark(*ch))
        .flat_map(char::to_lowercase)
    {
        if is_unspaced(ch) {
            push_space(&mut out);
            out.push(ch);
            out.push(' ');
        } else if ch.is_alphanumeric() {
            out.push(ch);
        } else {
            push_space(&mut out);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn is_unspaced(ch: char) -> bool {
    matches!(ch as u32, 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_folded_and_split() {
        let table = [
            ("Café au lait, s'il vous plaît!", "cafe au lait s il vous plait"),
            ("+1 (202) 555-0143", "1 202 555 0143"),
            ("我要订房 2 beds", "我 要 订 房 2 beds"),
            ("ＦＵＬＬ width", "full width"),
            ("  \n ", ""),
            ("👍🏽 ok", "ok"),
        ];
        for (text, expected) in table {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
