//! Twilio's error codes in our words. A code that is not here is explained by the provider's own sentence.

use crate::{SendError, SendErrorKind, SendErrorKind::*};

/// Codes, what they mean for us, and what the agent reads.
const CODES: &[(&[u32], SendErrorKind, &str)] = &[
    (
        &[21610],
        OptedOut,
        "the customer has opted out with the provider; only the customer can opt in again, by texting START",
    ),
    (
        &[20429, 14107, 63018, 30022, 21611, 30001],
        Throttled,
        "the provider asks for a pause: too many texts at once",
    ),
    (
        &[30023],
        Throttled,
        "the carrier's daily limit for this sender is used up",
    ),
    (
        &[21211, 21217, 21401, 21421, 21601],
        BadNumber,
        "this is not a phone number",
    ),
    (
        &[21214, 21612],
        BadNumber,
        "this number cannot be reached from the channel's number",
    ),
    (
        &[21614, 21635, 30006],
        BadNumber,
        "this number is a landline or otherwise takes no texts",
    ),
    (
        &[30003],
        BadNumber,
        "the phone is switched off, out of reach or does not take texts",
    ),
    (&[30005], BadNumber, "this number does not exist any more"),
    (
        &[20003, 20005, 30002],
        AuthFailed,
        "the provider does not accept the channel's account: check the account SID and the auth token",
    ),
    (
        &[20404],
        AuthFailed,
        "the provider does not know the channel's account: check the account SID and the base URL",
    ),
    (&[21408], Rejected, "the account may not send texts to this country"),
    (
        &[21219, 21608],
        Rejected,
        "a trial account sends only to numbers verified with the provider",
    ),
    (
        &[21212, 21603, 21606, 21607, 21659, 21660, 21661],
        Rejected,
        "the channel's number does not belong to the account or cannot send texts",
    ),
    (
        &[21701, 21702, 21703, 21704, 21705, 21712],
        Rejected,
        "the messaging service is unknown or has no number that can send this",
    ),
    (&[21602, 21619], Rejected, "the text is empty"),
    (
        &[21605, 21617],
        Rejected,
        "the text is longer than the provider takes, 1,600 characters",
    ),
    (
        &[21620, 21623, 12300, 11200, 63019],
        Rejected,
        "the provider could not fetch an attachment: check the public URL",
    ),
    (
        &[21609, 21627, 21628],
        Rejected,
        "the address for delivery reports is not valid: check the public URL",
    ),
    (
        &[21210, 21266],
        Rejected,
        "a text cannot be sent from a number to itself",
    ),
    (
        &[30004],
        Rejected,
        "the customer or the carrier blocks texts from this number",
    ),
    (&[30007], Rejected, "the carrier took the text for spam"),
    (
        &[30032, 30034, 30035],
        Rejected,
        "the channel's number is not registered with the carriers for texting",
    ),
    (&[30011, 30019], Rejected, "the carrier does not take this attachment"),
    (&[30010, 30037], Rejected, "the text costs more than the account allows"),
    (
        &[30008, 30009, 30500],
        Rejected,
        "the carrier could not deliver it and does not say why",
    ),
    (
        &[63016],
        Rejected,
        "the time to answer freely is over: the customer has to write first",
    ),
];

/// Says what a code means: its kind and a sentence for the agent.
pub fn describe(code: &str) -> (SendErrorKind, String) {
    match known(code) {
        Some((kind, text)) => (kind, text.to_owned()),
        None => (Rejected, format!("the provider reports error {code}")),
    }
}

/// Makes an error from a code and the provider's own sentence for it; `None` when the code is not one we know.
pub(super) fn from_code(code: &str) -> Option<SendError> {
    let (kind, text) = known(code)?;
    Some(SendError {
        provider_code: Some(code.to_owned()),
        ..SendError::new(kind, text)
    })
}

fn known(code: &str) -> Option<(SendErrorKind, &'static str)> {
    let code: u32 = code.parse().ok()?;
    let row = CODES.iter().find(|(codes, ..)| codes.contains(&code))?;
    Some((row.1, row.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_is_listed_twice() {
        let mut codes: Vec<u32> = CODES.iter().flat_map(|(codes, ..)| codes.iter().copied()).collect();
        let listed = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), listed);
    }

    #[test]
    fn codes_have_kinds_and_sentences() {
        let table = [
            ("21610", OptedOut),
            ("63018", Throttled),
            ("30022", Throttled),
            ("21211", BadNumber),
            ("21614", BadNumber),
            ("20003", AuthFailed),
            ("30007", Rejected),
        ];
        for (code, kind) in table {
            assert_eq!(describe(code).0, kind, "{code}");
            assert!(from_code(code).is_some());
        }
        assert_eq!(
            describe("99999"),
            (Rejected, "the provider reports error 99999".to_owned())
        );
        assert_eq!(from_code("x"), None);
    }
}
