//! Surveys: reading an answer out of a text.

/// The scores as words, in English and German.
const WORDS: [(&str, i64); 11] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("eins", 1),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("fünf", 5),
    ("fuenf", 5),
];

/// Reads the answer to "from 1 to 5": a score alone, as a digit or a word, or with a comment set off by punctuation.
///
/// `None` when the text is not clearly a score: "3 nights please", "10", "1.5", "3-4" and "5th floor" are none.
pub fn read_answer(text: &str) -> Option<(i64, String)> {
    let text = text.trim();
    let first = text.split(|c: char| !c.is_alphanumeric()).next()?;
    let word = WORDS.iter().find(|(word, _)| first.to_lowercase() == *word);
    let score = match word {
        Some((_, score)) => *score,
        None => first
            .parse()
            .ok()
            .filter(|score| first.len() == 1 && (1..=5).contains(score))?,
    };
    let rest = text[first.len()..].trim_start();
    let rest = ["/5", "out of 5", "of 5", "stars", "star", "von 5", "sterne", "stern"]
        .iter()
        .find(|scale| {
            rest.get(..scale.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(scale))
        })
        .map(|scale| &rest[scale.len()..])
        .unwrap_or(rest)
        .trim_start();
    let comment = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    let set_off = !rest.starts_with(char::is_alphanumeric) && !comment.starts_with(|c: char| c.is_ascii_digit());
    set_off.then(|| (score, comment.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::read_answer;

    #[test]
    fn a_score_is_read_with_its_comment() {
        let table = [
            ("4", Some((4, ""))),
            (" 5! ", Some((5, ""))),
            ("5, great help", Some((5, "great help"))),
            ("4 - great", Some((4, "great"))),
            ("4, thanks", Some((4, "thanks"))),
            ("3/5", Some((3, ""))),
            ("4 out of 5, thanks", Some((4, "thanks"))),
            ("5 stars", Some((5, ""))),
            ("Five!", Some((5, ""))),
            ("four, thanks", Some((4, "thanks"))),
            ("1 - too slow", Some((1, "too slow"))),
            ("4.", Some((4, ""))),
            ("5 \u{1f600}", Some((5, ""))),
            ("10", None),
            ("0", None),
            ("6", None),
            ("1.5", None),
            ("3-4", None),
            ("3:30", None),
            ("5th floor", None),
            ("3 nights please", None),
            ("two beds", None),
            ("one", Some((1, ""))),
            ("Fünf! Sehr nett", Some((5, "Sehr nett"))),
            ("4 von 5", Some((4, ""))),
            ("vier Sterne", Some((4, ""))),
            ("drei Betten", None),
            ("great", None),
            ("", None),
        ];
        for (text, expected) in table {
            let read = read_answer(text);
            assert_eq!(
                read.as_ref().map(|(score, comment)| (*score, comment.as_str())),
                expected,
                "{text}"
            );
        }
    }
}
