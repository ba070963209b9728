//! `application/x-www-form-urlencoded`, read strictly: a text that is not UTF-8 is a problem to show, not to paper over.

use crate::Problem;

/// Reads a form body or a query into its pairs, in order, repeated keys and all.
pub(crate) fn pairs(bytes: &[u8]) -> Result<Vec<(String, String)>, Problem> {
    let pieces = bytes.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    pieces.map(pair).collect()
}

fn pair(piece: &[u8]) -> Result<(String, String), Problem> {
    let cut = piece.iter().position(|byte| *byte == b'=').unwrap_or(piece.len());
    let key = decoded(&piece[..cut]).map_err(|_| Problem::NotUtf8("a field's name".to_owned()))?;
    match decoded(piece.get(cut + 1..).unwrap_or_default()) {
        Ok(value) => Ok((key, value)),
        // What is said about it is kept in a database, whose texts hold no zero character.
        Err(_) => Err(Problem::NotUtf8(key.replace('\0', ""))),
    }
}

fn decoded(bytes: &[u8]) -> Result<String, std::string::FromUtf8Error> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| Some((digit(at + 1)?, digit(at + 2)?)))
            .flatten();
        match (bytes[at], escaped) {
            (_, Some((high, low))) => plain.push((high * 16 + low) as u8),
            (b'+', _) => plain.push(b' '),
            (byte, _) => plain.push(byte),
        }
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8(plain)
}

/// Gives the value of a key, if it is there and not empty.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], key: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(name, _)| name == key)?;
    Some(found.1.as_str()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_write_them() {
        let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let table: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("a=1&a=2&&b", &[("a", "1"), ("a", "2"), ("b", "")]),
            ("From=%2B1555+x", &[("From", "+1555 x")]),
            ("a=b=c&%3D=%26", &[("a", "b=c"), ("=", "&")]),
            ("a=100%&b=%zz&c=%4", &[("a", "100%"), ("b", "%zz"), ("c", "%4")]),
            ("Body=%F0%9F%98%80", &[("Body", "😀")]),
        ];
        for (text, expected) in table {
            assert_eq!(pairs(text.as_bytes()).unwrap(), own(expected), "{text}");
        }
        assert_eq!(pairs(b"a=1&Body=%ff"), Err(Problem::NotUtf8("Body".to_owned())));
    }
}
