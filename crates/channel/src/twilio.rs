//! Twilio, and services that speak its protocol: signed form posts in, a REST call out.

pub mod errors;
pub mod inbound;
pub mod media;
pub mod send;
pub mod signature;
pub mod status;

use reqwest::Url;
use serde::Deserialize;

use crate::{ConfigError, Hook, Payload, Problem, Refusal, form};

/// A channel's settings at the provider.
#[derive(Clone, Deserialize)]
pub struct Config {
    /// The account.
    pub account_sid: String,
    /// Its secret: signs what comes in and opens the door for what goes out.
    pub auth_token: String,
    /// The group of numbers to send by, instead of the channel's own number.
    #[serde(default, deserialize_with = "filled")]
    pub messaging_service_sid: Option<String>,
    /// Where the API is, without a final slash.
    #[serde(default = "default_base_url")]
    pub base_url: String,
}

fn default_base_url() -> String {
    "https://api.twilio.com".to_owned()
}

/// Reads an empty setting as one that is not there.
fn filled<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("account_sid", &self.account_sid)
            .field("messaging_service_sid", &self.messaging_service_sid)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// A channel at Twilio: its settings, checked. What sends or fetches is given the client to do it with.
#[derive(Debug, Clone)]
pub struct Twilio {
    config: Config,
}

impl Twilio {
    /// Builds the channel, and refuses a base URL that is none.
    pub fn new(mut config: Config) -> Result<Twilio, ConfigError> {
        let is_base = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        if Url::parse(&config.base_url).ok().filter(is_base).is_none() {
            return Err(ConfigError::BaseUrl(config.base_url));
        }
        config.base_url.truncate(config.base_url.trim_end_matches('/').len());
        Ok(Twilio { config })
    }

    /// Gives the channel's settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Checks the signature of a request. Everything but a form is signed by the hash of its body.
    pub fn verify(&self, hook: &Hook) -> Result<(), Refusal> {
        let is_form = hook
            .content_type
            .trim_start()
            .to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded");
        let header = hook.signature.ok_or(Refusal::Unsigned)?;
        match is_form.then(|| form::pairs(hook.body)) {
            Some(Ok(params)) => signature::verify(&self.config.auth_token, &[hook.url], &params, header),
            // What is not text in UTF-8 cannot have been signed as such.
            Some(Err(_)) => Err(Refusal::WrongBody),
            None => signature::verify_body(&self.config.auth_token, &[hook.url], hook.body, header),
        }
    }
}

/// Reads what Twilio posted and tells texts from news about texts: only news have a status other than received.
pub fn parse(query: &str, body: &[u8]) -> Result<Payload, Problem> {
    let mut params = form::pairs(body)?;
    // A database's text cannot hold the zero character, and nobody can read it. The signature was over it.
    params.iter_mut().for_each(|(_, value)| value.retain(|c| c != '\0'));
    let status = form::value(&params, "MessageStatus").or_else(|| form::value(&params, "SmsStatus"));
    match status {
        Some(status) if !matches!(status, "received" | "receiving") => {
            status::parse(query, &params, status).map(Payload::Status)
        }
        _ => inbound::parse(&params).map(Payload::Inbound),
    }
}

/// Finds the message's id, under the names it has had over the years.
fn message_sid(params: &[(String, String)]) -> Result<String, Problem> {
    let names = ["MessageSid", "SmsMessageSid", "SmsSid"];
    let sid = names.into_iter().find_map(|name| form::value(params, name));
    sid.map(str::to_owned).ok_or(Problem::Missing("MessageSid"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::message::MessageStatus;
    use proptest::prelude::*;

    const TEXT: &str = "ToCountry=US&SmsMessageSid=SM1&NumMedia=0&SmsSid=SM1&SmsStatus=received&Body=Hello+there%21&To=%2B15550001\
        &MessagingServiceSid=MG1&NumSegments=1&MessageSid=SM1&AccountSid=AC1&From=%2B15550100&ApiVersion=2010-04-01";

    #[test]
    fn zero_characters_are_left_out_wherever_they_are() {
        let zeros =
            "MessageSid=S%00M1&From=%2B1555%000100&To=%2B15550001&Body=a%00b&MediaUrl0=/a%00&MediaContentType0=%00";
        let Ok(Payload::Inbound(inbound)) = parse("", zeros.as_bytes()) else {
            panic!("a text")
        };
        assert!(!format!("{inbound:?}").contains("\\0"), "{inbound:?}");
        assert_eq!((inbound.provider_id.as_str(), inbound.body.as_str()), ("SM1", "ab"));
        let named = parse("", b"MessageSid=SM1&%00Body=%ff").unwrap_err();
        assert_eq!(named, Problem::NotUtf8("Body".to_owned()));
    }

    #[test]
    fn a_post_tells_what_it_is() {
        let Ok(Payload::Inbound(inbound)) = parse("", TEXT.as_bytes()) else {
            panic!("a text")
        };
        assert_eq!(
            (inbound.provider_id.as_str(), inbound.body.as_str()),
            ("SM1", "Hello there!")
        );
        let news =
            b"SmsSid=SM9&SmsStatus=delivered&MessageStatus=delivered&To=%2B15550100&MessageSid=SM9&AccountSid=AC1";
        let payload = parse("message=42", news).unwrap();
        assert_eq!(payload.key(), "SM9:delivered");
        let Payload::Status(report) = payload else {
            panic!("news")
        };
        assert_eq!(
            (report.our_message, report.status),
            (Some(42), MessageStatus::Delivered)
        );
        assert_eq!(parse("", b"Body=Hi"), Err(Problem::Missing("MessageSid")));
        assert_eq!(
            parse("", b"MessageSid=SM1&Body=%80"),
            Err(Problem::NotUtf8("Body".to_owned()))
        );
    }

    #[test]
    fn a_request_is_checked_as_what_it_says_it_is() {
        const URL: &str = "https://desk.example/hooks/h1";
        const FORM: &str = "application/x-www-form-urlencoded";
        let config = serde_json::json!({"account_sid": "AC1", "auth_token": "token"});
        let twilio = Twilio::new(serde_json::from_value(config).unwrap()).unwrap();
        let signature = signature::sign("token", URL, &form::pairs(TEXT.as_bytes()).unwrap());
        let signature = signature.as_str();
        let table = [
            (FORM, TEXT.as_bytes(), Some(signature), Ok(())),
            (
                "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
                TEXT.as_bytes(),
                Some(signature),
                Ok(()),
            ),
            (FORM, TEXT.as_bytes(), None, Err(Refusal::Unsigned)),
            (
                FORM,
                b"Body=Hi".as_slice(),
                Some(signature),
                Err(Refusal::WrongSignature),
            ),
            (FORM, b"Body=%ff".as_slice(), Some(signature), Err(Refusal::WrongBody)),
            (
                "application/json",
                b"{}".as_slice(),
                Some(signature),
                Err(Refusal::WrongSignature),
            ),
        ];
        for (content_type, body, signature, expected) in table {
            let hook = Hook {
                url: URL,
                content_type,
                body,
                signature,
            };
            assert_eq!(twilio.verify(&hook), expected, "{content_type} {signature:?}");
        }
        let signature = signature::sign("token", URL, &[]);
        let hook = Hook {
            url: URL,
            content_type: "application/json",
            body: b"{}",
            signature: Some(&signature),
        };
        assert_eq!(
            twilio.verify(&hook),
            Err(Refusal::WrongBody),
            "a body without its hash is nobody's"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(query in "\\PC*", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&query, &bytes);
        }

        #[test]
        fn no_form_makes_it_panic(values in prop::collection::vec(".*", 6)) {
            let names = ["MessageSid", "From", "To", "MessageStatus", "NumMedia", "ErrorCode"];
            let pairs = names.iter().zip(&values).map(|(name, value)| format!("{name}={value}"));
            let _ = parse("message=x", pairs.collect::<Vec<_>>().join("&").as_bytes());
        }
    }
}
