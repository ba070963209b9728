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

/// How much of a text is shown around what was found, in characters.
const SNIPPET: usize = 120;

/// Cuts out the part of a text around the first word that a query asks for; the beginning when there is none.
///
/// White space is folded, and `…` stands where something was left out.
pub fn snippet(text: &str, query: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= SNIPPET {
        return text;
    }
    let asked = words(query);
    let found = |at: usize| {
        let begins = at == 0 || !chars[at - 1].is_alphanumeric() || is_unspaced(chars[at]);
        let rest = words(&chars[at..chars.len().min(at + 40)].iter().collect::<String>());
        begins && asked.split(' ').any(|word| !word.is_empty() && rest.starts_with(word))
    };
    let at = (0..chars.len())
        .find(|at| chars[*at].is_alphanumeric() && found(*at))
        .unwrap_or(0);
    let from = at.saturating_sub(SNIPPET / 3).min(chars.len() - SNIPPET);
    let until = from + SNIPPET;
    let mut out: String = chars[from..until].iter().collect();
    if from > 0 {
        out = format!("…{}", out.trim_start());
    }
    if until < chars.len() {
        out = format!("{}…", out.trim_end());
    }
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
    use super::{snippet, words};

    #[test]
    fn a_snippet_shows_what_was_found() {
        let long = format!("{} the Océan view {}", "before ".repeat(60), "after ".repeat(60));
        let cut = snippet(&long, "ocean");
        assert!(
            cut.starts_with('…') && cut.ends_with('…') && cut.contains("Océan"),
            "{cut}"
        );
        assert!((110..=122).contains(&cut.chars().count()), "{cut}");
        assert!(snippet(&long, "nothing").starts_with("before before"));
        assert!(
            snippet(&long, "cean").starts_with("before"),
            "the middle of a word is no word"
        );
        assert!(snippet(&format!("{}我要订房", "x ".repeat(90)), "订房").contains("我要订房"));
        assert_eq!(snippet("short\n text", "text"), "short text");
    }

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
