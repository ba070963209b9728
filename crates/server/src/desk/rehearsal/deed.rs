//! What a flow does beside texting, as facts for its designer: the web app says them in the reader's language.

use domain::{
    consent::ComplianceWord,
    reason::{Known, Reason},
};
use flow::{Effect, End};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that a flow does, or that is done to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "key", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the fields say what they hold")]
pub enum Deed {
    /// It starts.
    Starts { because: Known },
    /// It starts from the beginning while it waits for an answer.
    StartsAnew { because: Known },
    /// It sends texts.
    Texts { count: usize },
    /// It puts a trait on the file; an empty value takes it off.
    SetsTrait { name: String, value: String },
    /// It tags the customer.
    Tags { tag: String },
    /// It files a request.
    Files { kind: String, summary: String },
    /// It submits the request.
    Submits { partner: String },
    /// It asks how it was.
    AsksHowItWas,
    /// It keeps the answer to that.
    KeepsScore { score: i64, comment: String },
    /// It hands over to a team, or to the desk.
    HandsOver { team: Option<String>, because: Reason },
    /// It comes to its end.
    Completes,
    /// It ends because no answer came in time.
    TimesOut,
    /// It ends because nothing came for so long.
    Expires,
    /// It cannot go on.
    Fails { step: String, problem: String },
    /// Not the flow but the law: the text is answered before any flow sees it.
    LawAnswers { text: String, word: ComplianceWord },
    /// The text may be a wish to hear no more: a person decides, and no flow sees it.
    MayBeRevocation { text: String, because: String },
    /// More than is told.
    AndSoOn,
}

impl Deed {
    /// Says what the host would have to do; `None` for a text, which speaks for itself.
    pub fn of(effect: &Effect) -> Option<Deed> {
        Some(match effect.clone() {
            Effect::Say { .. } => return None,
            Effect::SetTrait { key: name, value } => Deed::SetsTrait { name, value },
            Effect::Tag { tag } => Deed::Tags { tag },
            Effect::FileRequest { kind, summary, .. } => Deed::Files { kind, summary },
            Effect::Submit { partner } => Deed::Submits { partner },
            Effect::SurveySent {} => Deed::AsksHowItWas,
            Effect::SurveyAnswered { score, comment } => Deed::KeepsScore { score, comment },
            Effect::HandOff { team, reason } => Deed::HandsOver { team, because: reason },
        })
    }

    /// Says how it ended; `None` where a hand-over has said it.
    pub fn at_end(end: &End) -> Option<Deed> {
        Some(match end.clone() {
            End::HandedOff => return None,
            End::Completed => Deed::Completes,
            End::TimedOut => Deed::TimesOut,
            End::Expired => Deed::Expires,
            End::Failed { step, problem } => Deed::Fails { step, problem },
        })
    }
}
