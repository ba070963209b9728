//! Segments: what a text costs. A text travels in parts; one character outside the telephone alphabet more than halves
//! what fits in each.
//!
//! The web app counts the same way while an agent types; `testdata/segments.json` holds both to the same answers.
//! Sources: 3GPP TS 23.038 (alphabet) and TS 23.040 (concatenation: the header of a part takes 7 septets or 3 units).

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// How a text is written on its way to the phone.
    Encoding {
        /// The telephone alphabet, seven bits a character.
        Gsm7 = "gsm7",
        /// Sixteen-bit units, as soon as one character is outside that alphabet.
        Ucs2 = "ucs2",
    }
}

/// What a text costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// Its length: septets for [`Encoding::Gsm7`], UTF-16 units for [`Encoding::Ucs2`].
    pub units: usize,
    /// How many parts it travels in; 0 for an empty text.
    pub parts: usize,
    /// How many units one part holds at this length: 160 or 153, 70 or 67.
    pub per_part: usize,
    /// The characters that force [`Encoding::Ucs2`], each once, in the order they appear.
    #[schema(value_type = Vec<String>)]
    pub culprits: Vec<char>,
}

/// The telephone alphabet, without its escape.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Characters of the telephone alphabet that take an escape and so count twice.
const EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// Characters that word processors and phones put in place of plain ones, and the plain ones.
///
/// Only signs that mean the same are here: accents and emoji stay what the writer meant.
const PLAIN: &[(&str, &str)] = &[
    ("\u{2018}\u{2019}\u{201a}\u{201b}\u{2032}\u{2bc}\u{b4}`", "'"),
    ("\u{201c}\u{201d}\u{201e}\u{201f}\u{2033}\u{ab}\u{bb}", "\""),
    ("\u{2039}", "<"),
    ("\u{203a}", ">"),
    ("\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}", "-"),
    ("\u{2026}", "..."),
    ("\u{2022}\u{b7}", "-"),
    ("\u{2044}", "/"),
    (
        "\t\u{a0}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{202f}\u{205f}\u{3000}",
        " ",
    ),
    ("\u{2028}\u{2029}", "\n"),
    ("\u{ad}\u{200b}\u{2060}\u{feff}", ""),
];

/// Counts the parts a text travels in, as the phone network packs them.
///
/// An escaped character or a surrogate pair never stands half in one part and half in the next, so a long text can take
/// one part more than its length divided by the room suggests. Cost: one pass over the text.
///
/// ```
/// use domain::segments::{Encoding, segments};
/// assert_eq!(segments("Ready at 5").parts, 1);
/// let curly = segments("It\u{2019}s ready");
/// assert_eq!((curly.encoding, curly.culprits), (Encoding::Ucs2, vec!['\u{2019}']));
/// ```
pub fn segments(text: &str) -> Segments {
    let mut culprits = Vec::new();
    for character in text.chars() {
        if septets(character).is_none() && !culprits.contains(&character) {
            culprits.push(character);
        }
    }
    let (encoding, whole, part) = match culprits.is_empty() {
        true => (Encoding::Gsm7, 160, 153),
        false => (Encoding::Ucs2, 70, 67),
    };
    let cost = |character: char| match encoding {
        Encoding::Gsm7 => septets(character).unwrap_or(1),
        Encoding::Ucs2 => character.len_utf16(),
    };
    let units = text.chars().map(cost).sum();
    let (parts, per_part) = match units {
        0 => (0, whole),
        n if n <= whole => (1, whole),
        _ => (pack(text.chars().map(cost), part), part),
    };
    Segments {
        encoding,
        units,
        parts,
        per_part,
        culprits,
    }
}

/// Replaces typographic signs by the plain ones that the telephone alphabet has; other characters stay as they are.
///
/// Offered to the writer as a fix, never applied unasked: the result may still need [`Encoding::Ucs2`].
pub fn to_gsm(text: &str) -> String {
    let mut fixed = String::with_capacity(text.len());
    for character in text.chars() {
        match PLAIN.iter().find(|(signs, _)| signs.contains(character)) {
            Some((_, plain)) => fixed.push_str(plain),
            None => fixed.push(character),
        }
    }
    fixed
}

/// Gives a character's cost in the telephone alphabet, or `None` when it is not in it.
fn septets(character: char) -> Option<usize> {
    if character.is_ascii_alphanumeric() || character == ' ' || ALPHABET.contains(character) {
        Some(1)
    } else {
        EXTENSION.contains(character).then_some(2)
    }
}

/// Counts the parts of `room` units that costs fill when none may be split.
fn pack(costs: impl Iterator<Item = usize>, room: usize) -> usize {
    let (parts, _) = costs.fold((1, 0), |(parts, used), cost| match used + cost <= room {
        true => (parts, used + cost),
        false => (parts + 1, cost),
    });
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Deserialize)]
    struct Vector {
        text: String,
        encoding: Encoding,
        units: usize,
        parts: usize,
        culprits: Vec<char>,
        fixed: String,
    }

    #[test]
    fn the_shared_vectors_hold() {
        let vectors: Vec<Vector> = serde_json::from_str(include_str!("../testdata/segments.json")).unwrap();
        assert!(vectors.len() > 25);
        for vector in vectors {
            let counted = segments(&vector.text);
            let text = &vector.text;
            assert_eq!(counted.encoding, vector.encoding, "{text:?}");
            assert_eq!(counted.units, vector.units, "{text:?}");
            assert_eq!(counted.parts, vector.parts, "{text:?}");
            assert_eq!(counted.culprits, vector.culprits, "{text:?}");
            assert_eq!(to_gsm(text), vector.fixed, "{text:?}");
        }
    }

    #[test]
    fn the_alphabet_is_complete() {
        assert_eq!(ALPHABET.chars().count(), 127, "128 places, one of which is the escape");
        assert_eq!(EXTENSION.chars().count(), 10);
        let fixed = PLAIN
            .iter()
            .all(|(_, plain)| segments(plain).encoding == Encoding::Gsm7);
        assert!(fixed, "a fix must lead into the alphabet");
    }

    proptest! {
        #[test]
        fn parts_are_neither_too_few_nor_too_many(text in "[a-z€’😀\\n^]{0,700}") {
            let counted = segments(&text);
            let Segments { units, parts, per_part, .. } = counted;
            prop_assert!(units <= parts * per_part);
            // Every part but the last is filled to within one unit, or a character could have moved up.
            prop_assert!(parts <= 1 || units > (parts - 1) * (per_part - 1));
            prop_assert_eq!(counted.culprits.is_empty(), counted.encoding == Encoding::Gsm7);
            let fixed = to_gsm(&text);
            prop_assert_eq!(to_gsm(&fixed), fixed);
        }
    }
}
