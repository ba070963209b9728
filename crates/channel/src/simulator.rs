//! The simulator: a provider that is inside. Its phone posts JSON; everything from the payload inwards is the path that
//! real texts take.

use domain::message::MessageStatus;
use serde::{Deserialize, Serialize};

use crate::{Accepted, Inbound, Media, Outgoing, Payload, Problem};

/// What the simulated phone posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromPhone {
    /// The phone's id of the text: the same id is the same text.
    pub id: String,
    /// The phone's number.
    pub from: String,
    /// The channel's address.
    pub to: String,
    /// The text.
    #[serde(default)]
    pub body: String,
    /// What is attached.
    #[serde(default)]
    pub media: Vec<PhoneMedia>,
}

/// A file that the simulated phone attaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneMedia {
    /// Where it is.
    pub url: String,
    /// What it is.
    pub content_type: String,
}

/// Reads what the simulated phone posted.
pub fn parse(body: &[u8]) -> Result<Payload, Problem> {
    let text: FromPhone = serde_json::from_slice(body).map_err(|error| Problem::NotJson(error.to_string()))?;
    let fields = [("id", &text.id), ("from", &text.from), ("to", &text.to)];
    if let Some((name, _)) = fields.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(Problem::Missing(name));
    }
    let media = text.media.into_iter().map(|media| Media {
        url: media.url,
        content_type: media.content_type,
    });
    Ok(Payload::Inbound(Inbound {
        provider_id: text.id,
        from: text.from,
        to: text.to,
        body: text.body.replace('\0', ""),
        media: media.collect(),
        ..Inbound::default()
    }))
}

/// Takes a text. It is on the phone at once, for the phone reads the same messages.
///
/// The id follows from the message's, so that a text handed over twice cannot become two.
pub fn send(outgoing: &Outgoing) -> Accepted {
    Accepted {
        provider_id: format!("sim-{}", outgoing.message_id),
        status: MessageStatus::Delivered,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_phones_text_takes_the_common_path() {
        let text = br#"{"id":"p1","from":"+15550100","to":"+15550001","body":"Hi","media":[{"url":"/a","content_type":"image/png"}]}"#;
        let Ok(Payload::Inbound(inbound)) = parse(text) else {
            panic!("a text")
        };
        assert_eq!((inbound.provider_id.as_str(), inbound.body.as_str()), ("p1", "Hi"));
        assert_eq!(inbound.media[0].content_type, "image/png");
        assert_eq!(
            parse(br#"{"id":"p1","from":"","to":"+1"}"#),
            Err(Problem::Missing("from"))
        );
        assert!(matches!(parse(b"Body=Hi"), Err(Problem::NotJson(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
