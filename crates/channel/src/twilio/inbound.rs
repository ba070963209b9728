//! Texts from customers, as Twilio posts them. Only who, where and which are required; everything else may be missing.

use std::str::FromStr;

use domain::consent::ComplianceWord;

use crate::{Inbound, Media, Problem, form::value};

/// Reads a text from its form fields.
pub fn parse(params: &[(String, String)]) -> Result<Inbound, Problem> {
    let own = |name: &str| value(params, name).map(str::to_owned);
    Ok(Inbound {
        provider_id: super::message_sid(params)?,
        from: own("From").ok_or(Problem::Missing("From"))?,
        to: own("To").ok_or(Problem::Missing("To"))?,
        messaging_service_sid: own("MessagingServiceSid"),
        account_sid: own("AccountSid"),
        body: own("Body").unwrap_or_default(),
        media: (0..).map_while(|at| media(params, at)).collect(),
        opt_out_type: value(params, "OptOutType").and_then(|word| ComplianceWord::from_str(&word.to_lowercase()).ok()),
    })
}

fn media(params: &[(String, String)], at: usize) -> Option<Media> {
    let url = value(params, &format!("MediaUrl{at}"))?.to_owned();
    let content_type = value(params, &format!("MediaContentType{at}")).unwrap_or("application/octet-stream");
    Some(Media {
        url,
        content_type: content_type.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let needed = [("MessageSid", "SM1"), ("From", "+15550100"), ("To", "+15550001")];
        needed
            .iter()
            .chain(pairs)
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn optional_fields_may_be_missing_or_empty() {
        let bare = parse(&params(&[("MessagingServiceSid", ""), ("NumMedia", "x")])).unwrap();
        let expected = Inbound {
            provider_id: "SM1".to_owned(),
            from: "+15550100".to_owned(),
            to: "+15550001".to_owned(),
            ..Inbound::default()
        };
        assert_eq!(bare, expected);
        for (at, name) in [(1, "From"), (2, "To"), (0, "MessageSid")] {
            let mut fields = params(&[]);
            fields.remove(at);
            assert_eq!(parse(&fields), Err(Problem::Missing(name)));
        }
    }

    #[test]
    fn media_come_in_their_order() {
        let fields = [
            ("NumMedia", "2"),
            ("MediaUrl1", "https://b"),
            ("MediaUrl0", "https://a"),
            ("MediaContentType0", "image/jpeg"),
        ];
        let inbound = parse(&params(&fields)).unwrap();
        let media: Vec<_> = inbound
            .media
            .iter()
            .map(|media| (media.url.as_str(), media.content_type.as_str()))
            .collect();
        assert_eq!(
            media,
            [("https://a", "image/jpeg"), ("https://b", "application/octet-stream")]
        );
    }

    #[test]
    fn the_providers_own_answer_to_a_compliance_word_is_seen() {
        let table = [
            ("STOP", Some(ComplianceWord::Stop)),
            ("start", Some(ComplianceWord::Start)),
            ("Help", Some(ComplianceWord::Help)),
            ("OTHER", None),
            ("", None),
        ];
        for (word, expected) in table {
            assert_eq!(
                parse(&params(&[("OptOutType", word)])).unwrap().opt_out_type,
                expected,
                "{word}"
            );
        }
    }
}
