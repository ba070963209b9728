//! The chat on the company's websites: a provider that is inside. What a visitor writes is posted to `/chat/…` as
//! docs/chat.md describes, and kept as it came, in the form below.

use domain::message::MessageStatus;
use serde::{Deserialize, Serialize};

use crate::{Accepted, Inbound, Media, Outgoing, Payload, Problem};

/// A chat's settings.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chat {
    /// The colour of its buttons, as `#rrggbb`; empty for the widget's own.
    pub colour: String,
    /// What the widget says.
    pub texts: Texts,
    /// The websites that may have it, as origins; none means any.
    pub origins: Vec<String>,
    /// Whether it hides while nobody is there.
    pub hides_when_closed: bool,
    /// Whether only those may write whom a token of the company's names.
    pub verified_only: bool,
    /// What visitors are asked before they write.
    pub questions: Vec<Question>,
    /// The source that page views are told to, if they are.
    pub source: Option<i64>,
    /// The channel by which visitors who have left are texted what they have not read, if they are.
    pub goes_on_by: Option<i64>,
    /// What the company signs tokens with: the key in use, and its successor while that is handed out.
    pub keys: Vec<Key>,
}

/// What the widget says; where a text is empty, its own words in the reader's language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = ChatTexts)]
pub struct Texts {
    /// Above the chat.
    pub title: String,
    /// Before the first message.
    pub greeting: String,
    /// While nobody is there.
    pub away: String,
}

/// A question before the first message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ChatQuestion)]
pub struct Question {
    /// What the answer is called on the file: `name`, or the name of a trait.
    pub key: String,
    /// The question.
    pub label: String,
    /// Whether nobody may write without an answer.
    #[serde(default)]
    pub is_required: bool,
}

/// A key that tokens are signed with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Names it.
    pub id: i64,
    /// The secret.
    pub secret: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Chat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chat")
            .field("origins", &self.origins)
            .field("verified_only", &self.verified_only)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// What a visitor's message is kept as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromVisitor {
    /// The widget's id of the message: the same id of the same visitor is the same message.
    pub id: String,
    /// The visitor's address.
    pub visitor: String,
    /// The words.
    #[serde(default)]
    pub body: String,
    /// What is attached, as it was uploaded here.
    #[serde(default)]
    pub files: Vec<String>,
}

/// Names a visitor's message: widgets choose their ids without knowing of each other.
pub fn provider_id(visitor: &str, id: &str) -> String {
    format!("{visitor}:{id}")
}

/// Gives the widget's own id of a visitor's message.
pub fn client_id<'a>(visitor: &str, provider_id: &'a str) -> Option<&'a str> {
    provider_id.strip_prefix(visitor)?.strip_prefix(':')
}

/// Reads what was kept of a visitor's message.
pub fn parse(body: &[u8]) -> Result<Payload, Problem> {
    let message: FromVisitor = serde_json::from_slice(body).map_err(|error| Problem::NotJson(error.to_string()))?;
    let fields = [("id", &message.id), ("visitor", &message.visitor)];
    if let Some((name, _)) = fields.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(Problem::Missing(name));
    }
    let media = message.files.into_iter().map(|url| Media {
        url,
        content_type: String::new(),
    });
    Ok(Payload::Inbound(Inbound {
        provider_id: provider_id(&message.visitor, &message.id),
        from: message.visitor,
        body: message.body.replace('\0', ""),
        media: media.collect(),
        ..Inbound::default()
    }))
}

/// Takes a message: it is in the database, where the widget fetches it. That it was fetched is noted when it was.
pub fn send(outgoing: &Outgoing) -> Accepted {
    Accepted {
        provider_id: format!("chat-{}", outgoing.message_id),
        status: MessageStatus::Sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_visitors_message_takes_the_common_path() {
        let kept = br#"{"id":"m1","visitor":"abc","body":"Hi","files":["uploaded:t"]}"#;
        let Ok(Payload::Inbound(inbound)) = parse(kept) else {
            panic!("a message")
        };
        assert_eq!((inbound.provider_id.as_str(), inbound.body.as_str()), ("abc:m1", "Hi"));
        assert_eq!(
            (inbound.from.as_str(), inbound.media[0].url.as_str()),
            ("abc", "uploaded:t")
        );
        assert_eq!(client_id("abc", &inbound.provider_id), Some("m1"));
        assert_eq!(client_id("ab", &inbound.provider_id), None);
        assert_eq!(parse(br#"{"id":"","visitor":"abc"}"#), Err(Problem::Missing("id")));
        assert!(matches!(parse(b"Body=Hi"), Err(Problem::NotJson(_))));
    }

    #[test]
    fn keys_stay_out_of_logs() {
        let config = serde_json::json!({"keys": [{"id": 1, "secret": "s3cret"}]});
        let chat: Chat = serde_json::from_value(config).unwrap();
        assert!(!format!("{chat:?}").contains("s3cret"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
