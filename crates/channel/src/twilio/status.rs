//! News about texts to customers, as Twilio posts it: often late, out of order, more than once.

use domain::message::MessageStatus;

use super::errors;
use crate::{Problem, SendErrorKind, StatusReport, form, form::value};

/// The name in the query of the address that news is posted to, which says what our id of the message is.
pub const QUERY: &str = "message";
/// The name in that query which says which attempt to hand it over the news is about.
pub const ATTEMPT: &str = "attempt";

/// Reads news from the query of the address it came to and its form fields.
pub(super) fn parse(query: &str, params: &[(String, String)], word: &str) -> Result<StatusReport, Problem> {
    let query = form::pairs(query.as_bytes())?;
    let error_code = value(params, "ErrorCode")
        .filter(|code| *code != "0")
        .map(str::to_owned);
    let known = error_code.as_deref().map(errors::describe);
    Ok(StatusReport {
        provider_id: super::message_sid(params)?,
        our_message: value(&query, QUERY).and_then(|id| id.parse().ok()),
        attempt: value(&query, ATTEMPT).and_then(|attempt| attempt.parse().ok()),
        status: status(word)?,
        error_kind: known.as_ref().map(|(kind, _)| *kind),
        error: known.map(|(_, text)| text),
        error_code,
    })
}

/// Reads Twilio's status. All that comes before the carrier has the text is `sent` to us: the provider has it.
pub(super) fn status(word: &str) -> Result<MessageStatus, Problem> {
    match word {
        "accepted" | "scheduled" | "queued" | "sending" | "sent" => Ok(MessageStatus::Sent),
        "delivered" | "partially_delivered" => Ok(MessageStatus::Delivered),
        "read" => Ok(MessageStatus::Read),
        "undelivered" => Ok(MessageStatus::Undelivered),
        "failed" | "canceled" => Ok(MessageStatus::Failed),
        _ => Err(Problem::UnknownStatus(word.to_owned())),
    }
}

impl StatusReport {
    /// Says whether the report means that the customer has opted out at the provider or the carrier.
    pub fn is_opt_out(&self) -> bool {
        self.error_kind == Some(SendErrorKind::OptedOut)
    }

    /// Says whether the provider asks for a pause.
    pub fn is_throttled(&self) -> bool {
        self.error_kind == Some(SendErrorKind::Throttled)
    }

    /// Says whether the text came to nothing for a reason that passes, so that it may be handed over again.
    pub fn is_retryable(&self) -> bool {
        matches!(self.status, MessageStatus::Failed | MessageStatus::Undelivered)
            && self.error_kind.is_some_and(SendErrorKind::is_retryable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(query: &str, word: &str, code: &str) -> Result<StatusReport, Problem> {
        let params = [("MessageSid", "SM1"), ("ErrorCode", code)];
        parse(
            query,
            &params.map(|(name, text)| (name.to_owned(), text.to_owned())),
            word,
        )
    }

    #[test]
    fn news_says_which_message_and_what_became_of_it() {
        let done = report("message=7&attempt=2&x=1", "delivered", "").unwrap();
        assert_eq!(
            (done.our_message, done.attempt, done.status, done.error_code.as_deref()),
            (Some(7), Some(2), MessageStatus::Delivered, None)
        );
        let lost = report("", "undelivered", "30003").unwrap();
        assert_eq!(
            (lost.our_message, lost.error_kind),
            (None, Some(SendErrorKind::BadNumber))
        );
        assert!(lost.error.is_some_and(|text| text.contains("phone")));
        assert!(report("message=x", "failed", "21610").unwrap().is_opt_out());
        for (word, code, expected) in [
            ("failed", "63018", true),
            ("undelivered", "30022", true),
            ("failed", "30001", true),
            ("sent", "30022", false),
            ("undelivered", "30003", false),
            ("failed", "", false),
        ] {
            assert_eq!(
                report("", word, code).unwrap().is_retryable(),
                expected,
                "{word} {code}"
            );
        }
        assert_eq!(
            report("", "teleported", ""),
            Err(Problem::UnknownStatus("teleported".to_owned()))
        );
    }

    #[test]
    fn late_news_changes_nothing() {
        let mut status = MessageStatus::Sending;
        for word in ["queued", "delivered", "sent", "sending", "read", "delivered"] {
            let news = report("", word, "0").unwrap().status;
            status = status.advance(news).unwrap_or(status);
        }
        assert_eq!(status, MessageStatus::Read);
    }
}
