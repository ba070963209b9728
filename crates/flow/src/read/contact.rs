//! Phone numbers and mail addresses in what people write. The host brings a phone number into its one form.

/// Gives the digits of a phone number, with the `+` if it was written; 7 to 15 digits.
pub(super) fn phone(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_digit() || "+-()./ \u{a0}".contains(c);
    let longest = text.split(|c| !is_part(c)).max_by_key(|part| digits(part).len())?;
    let number = digits(longest);
    let plus = if longest.trim_start_matches(['(', ' ']).starts_with('+') {
        "+"
    } else {
        ""
    };
    (7..=15).contains(&number.len()).then(|| format!("{plus}{number}"))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Gives the one mail address in a text.
pub(super) fn email(text: &str) -> Option<String> {
    let mut found = text
        .split(|c: char| c.is_whitespace() || "<>()[],;\"".contains(c))
        .filter_map(address);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn address(token: &str) -> Option<String> {
    let token = token
        .trim_start_matches("mailto:")
        .trim_matches(['.', ':', '!', '?', '\'']);
    let (name, domain) = token.split_once('@')?;
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let is_domain = domain.contains('.') && domain.split('.').all(label);
    let is_name = !name.is_empty() && name.len() <= 64 && name.split('.').all(|part| !part.is_empty());
    (is_domain && is_name).then(|| format!("{name}@{}", domain.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_found() {
        let table = [
            ("+1 (202) 555-0143", Some("+12025550143")),
            ("call me on 0171/123456 please", Some("0171123456")),
            ("(+44) 20 7946 0000", Some("+442079460000")),
            ("12345", None),
            ("1234567890123456", None),
            ("no", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(phone(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn mail_addresses_are_found() {
        let table = [
            ("Ana.Li+x@Example.COM.", Some("Ana.Li+x@example.com")),
            ("it is <a@b.co>, thanks", Some("a@b.co")),
            ("a@b", None),
            ("a@@b.co", None),
            ("a..b@c.de", None),
            ("a@b.co or c@d.co", None),
            ("@b.co", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(email(text).as_deref(), expected, "{text}");
        }
    }
}
