//! Words as they are compared: without case, accents, width and punctuation, but with emoji.

/// Gives the words of a text as they are compared. An emoji that stands alone counts as a word; its skin tone does not.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().flat_map(token).collect()
}

/// Gives the text folded to one line of compared words.
pub(crate) fn line(text: &str) -> String {
    words(text).join(" ")
}

fn token(token: &str) -> Vec<String> {
    let folded = domain::search::words(token);
    if !folded.is_empty() {
        return folded.split(' ').map(str::to_owned).collect();
    }
    let signs: String = token.chars().filter(|sign| is_picture(*sign)).collect();
    if signs.is_empty() { Vec::new() } else { vec![signs] }
}

fn is_picture(sign: char) -> bool {
    let punctuation = matches!(sign as u32, 0..=0xBF | 0x2000..=0x206F | 0x3000..=0x303F | 0xFF00..=0xFFEF);
    let modifier = matches!(sign as u32, 0x300..=0x36F | 0xFE00..=0xFE0F | 0x1F3FB..=0x1F3FF);
    !punctuation && !modifier
}

/// Words that end or restart all texts of a company, or ask for help: they are answered by law before any flow sees them.
const COMPLIANCE: [&str; 14] = [
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "optout",
    "opt out",
    "revoke",
    "start",
    "unstop",
    "yes",
    "help",
    "info",
];

/// Says whether a text is one that the law gives a meaning, so that no flow can have it.
pub(crate) fn is_compliance(text: &str) -> bool {
    COMPLIANCE.contains(&line(text).as_str())
}

/// Says whether a text, sent alone, opts the customer out of all texts.
pub(crate) fn is_stop(text: &str) -> bool {
    COMPLIANCE[..9].contains(&line(text).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_their_dress() {
        let table = [
            ("  Réquest! ", "request"),
            ("ＲＯＯＭ", "room"),
            ("👍🏽", "👍"),
            ("\"hi\", there", "hi there"),
            ("...", ""),
            ("❤️", "❤"),
        ];
        for (text, expected) in table {
            assert_eq!(line(text), expected, "{text}");
        }
        assert!(
            is_stop("Opt-Out") && is_stop("STOP.") && !is_stop("stop it") && is_compliance("Help") && !is_stop("help")
        );
    }
}
