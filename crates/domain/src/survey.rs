//! Surveys: reading an answer out of a text.

/// Reads the answer to "from 1 to 5": a number alone, or at the beginning with a comment after it.
///
/// `None` when the text does not clearly begin with a score: "2 beds please" in a new conversation is read as a score too,
/// so the caller asks only while a survey is open. "10", "1.5" and "5th floor" are no scores.
pub fn read_answer(text: &str) -> Option<(i64, String)> {
    let text = text.trim();
    let mut chars = text.chars();
    let score = i64::from(chars.next()?.to_digit(10)?);
    if !(1..=5).contains(&score) {
        return None;
    }
    let rest = chars.as_str().strip_prefix("/5").unwrap_or(chars.as_str());
    let ends = match rest.chars().next() {
        None => true,
        Some('.' | ',') => !rest.chars().nth(1).is_some_and(|next| next.is_ascii_digit()),
        Some(next) => !next.is_alphanumeric(),
    };
    let comment = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
    ends.then(|| (score, comment.to_owned()))
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
            ("3/5", Some((3, ""))),
            ("1 - too slow", Some((1, "too slow"))),
            ("4.", Some((4, ""))),
            ("10", None),
            ("0", None),
            ("6", None),
            ("1.5", None),
            ("5th floor", None),
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
