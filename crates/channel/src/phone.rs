//! Phone numbers: one spelling for each, E.164, whatever a person or a provider writes.

use phonenumber::{Mode, PhoneNumber, country};

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// A phone number, E.164.
    Number,
    /// A carrier's short number, valid in one country only.
    ShortCode,
    /// A sender's name; it takes no answers.
    Sender,
}

/// An address that texts come from or go to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    /// What kind of address it is.
    pub kind: PhoneKind,
    /// Its one spelling.
    pub value: String,
}

/// Why something is not a phone number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneProblem {
    /// Nothing is there.
    #[error("the number is empty")]
    Empty,
    /// It is not a number at all, or not one of the country it would be read in.
    #[error(
        "'{raw}' is not a phone number in {country}; with + and the country's code in front, any country's is read"
    )]
    NotANumber {
        /// What was written.
        raw: String,
        /// The country it was read in.
        country: String,
    },
    /// The country's code is unknown.
    #[error("'{0}' is not a country code of two letters")]
    UnknownCountry(String),
}

/// Gives a number its one spelling. Numbers without `+` are read in `default_country` (ISO, two letters).
///
/// With `+` any number of E.164's shape is taken even when the country's plan does not list it: plans change faster than
/// programs, and a text that came from a number proves that it exists.
///
/// ```
/// let phone = channel::phone::normalize("(212) 555-0100", "US").unwrap();
/// assert_eq!(phone.value, "+12125550100");
/// ```
pub fn normalize(raw: &str, default_country: &str) -> Result<Phone, PhoneProblem> {
    // "+44 (0)20 …" shows the zero of calls within the country; it is no part of the number.
    let dialled = raw.trim().replacen("(0)", "", usize::from(raw.trim().starts_with('+')));
    let raw = dialled.as_str();
    let bare: String = raw
        .chars()
        .filter(|c| !c.is_whitespace() && !"-.()/".contains(*c))
        .collect();
    if bare.is_empty() {
        return Err(PhoneProblem::Empty);
    }
    let country: country::Id = (default_country.to_ascii_uppercase().parse())
        .map_err(|_| PhoneProblem::UnknownCountry(default_country.to_owned()))?;
    let of = |kind, value| Ok(Phone { kind, value });
    // Providers write E.164 already: their numbers need no plan, which costs 7 MB and more for each country.
    if is_e164(raw) {
        return of(PhoneKind::Number, raw.to_owned());
    }
    let digits = bare.bytes().all(|byte| byte.is_ascii_digit());
    match phonenumber::parse(Some(country), raw)
        .ok()
        .filter(PhoneNumber::is_valid)
    {
        Some(number) => of(PhoneKind::Number, number.format().mode(Mode::E164).to_string()),
        None if is_e164(&bare) => of(PhoneKind::Number, bare),
        None if digits && (3..=6).contains(&bare.len()) => of(PhoneKind::ShortCode, bare),
        None if is_sender(raw) => of(PhoneKind::Sender, raw.to_owned()),
        None => Err(PhoneProblem::NotANumber {
            raw: raw.to_owned(),
            country: default_country.to_owned(),
        }),
    }
}

/// Gives the E.164 spelling of what a person writes as a customer's number. A short code or a sender's name is none: texts
/// come from there, and none can be sent there.
pub fn number(raw: &str, default_country: &str) -> Result<String, PhoneProblem> {
    match normalize(raw, default_country)? {
        Phone {
            kind: PhoneKind::Number,
            value,
        } => Ok(value),
        Phone { value, .. } => Err(PhoneProblem::NotANumber {
            raw: value,
            country: default_country.to_owned(),
        }),
    }
}

/// Says whether texts can be sent to an address in its one spelling: carriers take none for short codes and senders' names.
pub fn takes_texts(address: &str) -> bool {
    is_e164(address)
}

/// Says whether a text has the shape of E.164: a plus and 7 to 15 digits, the first not zero.
fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Says whether a text can be a sender's name: up to 11 plain letters, digits and spaces, one letter at least.
fn is_sender(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -_&+".contains(&byte);
    text.len() <= 11 && text.bytes().all(plain) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Gives the country of an E.164 number (ISO, two letters), where its plan tells.
pub fn country(number: &str) -> Option<String> {
    let id = phonenumber::parse(None, number).ok()?.country().id()?;
    Some(id.as_ref().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_have_one_spelling() {
        use PhoneKind::*;
        let table = [
            ("+12125550100", "US", Number, "+12125550100"),
            (" (212) 555-0100 ", "us", Number, "+12125550100"),
            ("1-212-555-0100", "US", Number, "+12125550100"),
            ("212.555.0100", "CA", Number, "+12125550100"),
            ("+44 (0)20 7946 0958", "US", Number, "+442079460958"),
            ("020 7946 0958", "GB", Number, "+442079460958"),
            ("0049 30 901820", "DE", Number, "+4930901820"),
            ("030 901820", "DE", Number, "+4930901820"),
            ("+39 06 6982", "US", Number, "+39066982"),
            ("+15550100", "US", Number, "+15550100"),
            ("+1 555 010 0100", "US", Number, "+15550100100"),
            ("90210", "US", ShortCode, "90210"),
            ("612-45", "US", ShortCode, "61245"),
            ("Acme Shoes", "US", Sender, "Acme Shoes"),
        ];
        for (raw, country, kind, value) in table {
            let phone = normalize(raw, country).unwrap_or_else(|problem| panic!("{raw}: {problem}"));
            assert_eq!((phone.kind, phone.value.as_str()), (kind, value), "{raw}");
            let again = normalize(value, country).unwrap();
            assert_eq!(again, phone, "{raw} again");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for raw in [
            "12",
            "+",
            "+012345678",
            "+123456",
            "555-0100",
            "1234567890123456789",
            "hello there everybody",
            "☎",
        ] {
            assert!(
                matches!(normalize(raw, "US"), Err(PhoneProblem::NotANumber { .. })),
                "{raw}: {:?}",
                normalize(raw, "US")
            );
        }
        assert_eq!(normalize(" - ", "US"), Err(PhoneProblem::Empty));
        assert_eq!(
            normalize("+12125550100", "Narnia"),
            Err(PhoneProblem::UnknownCountry("Narnia".to_owned()))
        );
    }

    #[test]
    fn only_a_number_is_taken_as_a_customers_and_takes_texts() {
        assert_eq!(number("(212) 555-0100", "US").as_deref(), Ok("+12125550100"));
        assert!(takes_texts("+12125550100"));
        for raw in ["abc", "zebra", "017112", "90210", "Acme Shoes"] {
            assert!(
                matches!(number(raw, "US"), Err(PhoneProblem::NotANumber { .. })),
                "{raw}"
            );
            assert!(!takes_texts(&normalize(raw, "US").unwrap().value), "{raw}");
        }
    }

    #[test]
    fn a_number_tells_its_country() {
        let table = [
            ("+12125550100", Some("US")),
            ("+16135550100", Some("CA")),
            ("+4930901820", Some("DE")),
            ("90210", None),
        ];
        for (number, expected) in table {
            assert_eq!(country(number).as_deref(), expected, "{number}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(raw in "\\PC{0,40}") {
            let _ = normalize(&raw, "US");
            let _ = country(&raw);
        }

        #[test]
        fn every_spelling_of_a_number_is_one(area in 201u32..=989, line in 0u32..10_000) {
            let plain = format!("{area}555{line:04}");
            let spellings = [format!("+1{plain}"), format!("+1 ({area}) 555-{line:04}"), format!("+1.{area}.555.{line:04}")];
            for spelling in spellings {
                prop_assert_eq!(normalize(&spelling, "US").unwrap().value, format!("+1{plain}"));
            }
        }
    }
}
