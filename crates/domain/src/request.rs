//! Requests: what a customer asked for, and how far it has come.

use crate::{message::MAX_SMS, settings::CompanyTexts, words};

words! {
    /// How far a request has come. Only `confirmed` is a promise.
    RequestStatus {
        Filed = "filed",
        Submitted = "submitted",
        Confirmed = "confirmed",
        Declined = "declined",
        Done = "done",
        Cancelled = "cancelled",
        Failed = "failed",
    }
}

words! {
    /// How a partner is told of a request.
    PartnerWay { Mail = "mail", Webhook = "webhook" }
}

impl RequestStatus {
    /// Says whether a partner may still answer.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            RequestStatus::Filed | RequestStatus::Submitted | RequestStatus::Failed
        )
    }

    /// Says whether a person may change it to `to`: what is done or cancelled stays so.
    pub fn may_become(self, to: RequestStatus) -> bool {
        self == to || !matches!(self, RequestStatus::Done | RequestStatus::Cancelled)
    }

    /// Gives the text that tells the customer of a change, or `None` when there is nothing to tell.
    pub fn customer_text(self, texts: &CompanyTexts, summary: &str, note: &str) -> Option<String> {
        let sentence = match self {
            RequestStatus::Confirmed => &texts.request_confirmed,
            RequestStatus::Declined => &texts.request_declined,
            RequestStatus::Done => &texts.request_done,
            RequestStatus::Cancelled => &texts.request_cancelled,
            RequestStatus::Filed | RequestStatus::Submitted | RequestStatus::Failed => return None,
        };
        let sentence = Some(sentence.trim()).filter(|sentence| !sentence.is_empty())?;
        let whole = filled(sentence, summary, note);
        let over = whole.chars().count().saturating_sub(MAX_SMS);
        if over == 0 {
            return Some(whole);
        }
        // The outcome and the note are what the customer waits for: what they asked for gives way.
        let length = summary.chars().count();
        let kept: String = summary.chars().take(length.saturating_sub(over + 1)).collect();
        Some(filled(sentence, &format!("{kept}…"), note))
    }
}

fn filled(sentence: &str, summary: &str, note: &str) -> String {
    let text = sentence.replace("{request}", summary);
    format!("{text} {}", note.trim()).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_over() {
        use RequestStatus::*;
        for to in RequestStatus::ALL {
            assert_eq!(Done.may_become(*to), *to == Done, "{to}");
            assert_eq!(Cancelled.may_become(*to), *to == Cancelled, "{to}");
            assert!(Declined.may_become(*to) && Filed.may_become(*to), "{to}");
        }
    }

    #[test]
    fn the_customer_hears_of_outcomes_only() {
        let mut texts = CompanyTexts::default();
        assert_eq!(RequestStatus::Submitted.customer_text(&texts, "2 beds", ""), None);
        assert_eq!(
            RequestStatus::Confirmed
                .customer_text(&texts, "2 beds", " See you! ")
                .unwrap(),
            "Good news: your request \"2 beds\" is confirmed. See you!"
        );
        let long = RequestStatus::Done
            .customer_text(&texts, &"bed ".repeat(400), "See you!")
            .unwrap();
        assert_eq!(long.chars().count(), MAX_SMS);
        assert!(long.ends_with("…\" is done. See you!"), "{long}");
        texts.request_confirmed = "Gute Nachricht: {request} ist bestätigt.".to_owned();
        texts.request_declined = " ".to_owned();
        assert_eq!(
            RequestStatus::Confirmed.customer_text(&texts, "2 Betten", "").unwrap(),
            "Gute Nachricht: 2 Betten ist bestätigt."
        );
        assert_eq!(
            RequestStatus::Declined.customer_text(&texts, "2 Betten", "Leider."),
            None
        );
    }
}
