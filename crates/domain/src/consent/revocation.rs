//! Wishes to hear no more, in a customer's own words: plain patterns over folded words, no model, so that every hit can
//! be explained by the words that made it.
//!
//! A person decides about each hit, so a doubtful text is better shown than missed; but everyday sentences ("stop by at
//! five", "can I cancel my booking") must stay out, or nobody looks any more.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use super::{
    fold, is_combining_mark,
    wishes::{AFTER_STOP, BEFORE_STOP, CURT, FIRM, NOT, SMALL, STOP, WISHES},
};

/// How many words `*` stands for at most.
const GAP: usize = 3;

/// A word: where it stands in the text, and as it is compared.
struct Word {
    span: Range<usize>,
    folded: String,
}

/// What stands for one word of a wish.
enum Slot {
    /// Up to [`GAP`] words of any kind.
    Any,
    /// One of these words.
    Of(Vec<&'static str>),
}

/// The rest of each wish, by the word it begins with: every text of a customer is held against them.
static BY_FIRST: LazyLock<HashMap<&str, Vec<Vec<Slot>>>> = LazyLock::new(|| {
    let mut wishes: HashMap<&str, Vec<Vec<Slot>>> = HashMap::new();
    for wish in WISHES {
        let (first, rest) = wish.split_once(' ').unwrap_or((wish, ""));
        for first in first.split('|') {
            let slots = rest.split_whitespace().map(slot).collect();
            wishes.entry(first).or_default().push(slots);
        }
    }
    wishes
});

fn slot(written: &'static str) -> Slot {
    match written {
        "*" => Slot::Any,
        choices => Slot::Of(choices.split('|').collect()),
    }
}

/// Finds a wish to hear no more and gives the words that say it, as they were written.
pub(super) fn find(text: &str) -> Option<String> {
    let words = words(text);
    let wish = |start: usize| {
        let begun = BY_FIRST.get(words[start].folded.as_str())?;
        let ends = begun.iter().filter_map(|rest| matched(&words[start + 1..], rest));
        let length = ends.max().filter(|_| !is_turned_round(&words, start))?;
        let (first, last) = (&words[start], &words[start + length]);
        Some(text[first.span.start..last.span.end].to_owned())
    };
    let whole =
        || (is_curt(&words) || is_bare_stop(&words) || has_stop_sentence(text, &words)).then(|| text.trim().to_owned());
    (0..words.len()).find_map(wish).or_else(whole)
}

/// Splits a text into words. An apostrophe belongs to its word, except after the one letter of a French elision
/// ("m'écrivez"); "do not" is one word, "dont".
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut start = 0;
    for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
        let elides = is_apostrophe(character) && matches!(&text[start..at], "m" | "M" | "d" | "D" | "n" | "N");
        if (character.is_alphanumeric() || is_combining_mark(character) || is_apostrophe(character)) && !elides {
            continue;
        }
        push_word(&mut words, text, start..at);
        start = at + character.len_utf8();
    }
    words
}

fn push_word(words: &mut Vec<Word>, text: &str, span: Range<usize>) {
    let folded: String = fold(&text[span.clone()]).filter(|c| c.is_alphanumeric()).collect();
    match words.last_mut() {
        _ if folded.is_empty() => {}
        Some(last) if folded == "not" && last.folded == "do" => {
            last.folded = "dont".to_owned();
            last.span.end = span.end;
        }
        _ => words.push(Word { span, folded }),
    }
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '\u{2019}' | '\u{2018}' | '`' | '\u{b4}' | '\u{2bc}')
}

/// Says whether the text is one of the whole texts that say it in a word or two.
fn is_curt(words: &[Word]) -> bool {
    let whole: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    CURT.contains(&whole.join(" ").as_str())
}

/// Says whether nothing but a stop word, small words and, after STOP itself, numbers are there.
fn is_bare_stop(words: &[Word]) -> bool {
    let is = |set: &[&str], word: &Word| set.contains(&word.folded.as_str());
    let is_number = |word: &Word| word.folded.chars().all(|c| c.is_ascii_digit());
    let is_firm = words
        .iter()
        .any(|word| is(&["stop", "stopall", "unsubscribe", "optout"], word));
    let stops = words.iter().any(|word| is(STOP, word));
    stops
        && words
            .iter()
            .all(|word| is(STOP, word) || is(SMALL, word) || (is_firm && is_number(word)))
        && !(words.iter().enumerate()).any(|(at, word)| is(STOP, word) && is_turned_round(words, at))
}

/// Says whether STOP is a sentence of its own among others ("STOP! I asked before").
fn has_stop_sentence(text: &str, words: &[Word]) -> bool {
    let ends = |between: &str| between.contains(['.', '!', '?', '\n']);
    words.iter().enumerate().any(|(at, word)| {
        let before = at
            .checked_sub(1)
            .is_none_or(|last| ends(&text[words[last].span.end..word.span.start]));
        let after = words
            .get(at + 1)
            .is_none_or(|next| ends(&text[word.span.end..next.span.start]));
        before && after && FIRM.contains(&word.folded.as_str())
    })
}

/// Gives how many words from the start `slots` take, or `None` when the words do not say it.
fn matched(words: &[Word], slots: &[Slot]) -> Option<usize> {
    match slots {
        [] => Some(0),
        [Slot::Any, rest @ ..] => {
            (0..=GAP.min(words.len())).find_map(|skip| Some(skip + matched(&words[skip..], rest)?))
        }
        [Slot::Of(choices), rest @ ..] => {
            words.first().filter(|word| choices.contains(&word.folded.as_str()))?;
            Some(1 + matched(&words[1..], rest)?)
        }
    }
}

/// Says whether what stands around the word at `at` makes it the contrary or another matter.
fn is_turned_round(words: &[Word], at: usize) -> bool {
    let folded = |index: Option<usize>| index.and_then(|i| words.get(i)).map_or("", |word| word.folded.as_str());
    let (two, one, next) = (
        folded(at.checked_sub(2)),
        folded(at.checked_sub(1)),
        folded(Some(at + 1)),
    );
    let three = folded(at.checked_sub(3));
    let four = folded(at.checked_sub(4));
    let wanted = ["want", "need", "ask", "asked", "asking", "mean"];
    // "don't want you to stop", "do not ask to be removed"
    let wish_not = one == "to"
        && ((NOT.contains(&three) && wanted.contains(&two)) || (NOT.contains(&four) && wanted.contains(&three)));
    let asked_why = one == "you" && matches!(two, "did" | "have");
    let place = matches!(words[at].folded.as_str(), "stop" | "end")
        && (BEFORE_STOP.contains(&one) || AFTER_STOP.contains(&next));
    NOT.contains(&one) || wish_not || asked_why || place
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn wishes_are_seen() {
        let lines = include_str!("../../testdata/revocations.txt").lines();
        let missed: Vec<&str> = lines.filter(|line| find(line).is_none()).collect();
        assert_eq!(missed, [""; 0]);
    }

    #[test]
    fn everyday_sentences_are_left_alone() {
        let lines = include_str!("../../testdata/innocents.txt").lines();
        let asked: Vec<_> = lines.filter_map(|line| Some((line, find(line)?))).collect();
        assert_eq!(asked, []);
    }

    #[test]
    fn the_reason_is_in_the_customers_words() {
        let table = [
            ("Hi, PLEASE stop texting me. Thanks", "stop texting"),
            ("Don’t text me again!", "Don’t text me"),
            ("do not  contact us", "do not  contact us"),
            ("STOP 12345", "STOP 12345"),
            ("Arrêtez de m'écrire svp", "Arrêtez de m'écrire"),
        ];
        for (text, reason) in table {
            assert_eq!(find(text).as_deref(), Some(reason), "{text}");
        }
    }
}
