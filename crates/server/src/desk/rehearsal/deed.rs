//! What a flow does, in words for its designer.

use flow::{Effect, End};

/// Says what the host would have to do; `None` for a text, which speaks for itself.
pub fn effect(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Say { .. } => return None,
        Effect::SetTrait { key, value } if value.is_empty() => format!("takes {key} off the file"),
        Effect::SetTrait { key, value } => format!("puts {key} = {value} on the file"),
        Effect::Tag { tag } => format!("tags the customer {tag}"),
        Effect::FileRequest { kind, summary, .. } => format!("files a request, {kind}: {summary}"),
        Effect::Submit { partner } => format!("submits the request to {partner}"),
        Effect::SurveySent {} => "asks how it was".to_owned(),
        Effect::SurveyAnswered { score, comment } if comment.is_empty() => format!("keeps the score {score}"),
        Effect::SurveyAnswered { score, comment } => format!("keeps the score {score} with the comment: {comment}"),
        Effect::HandOff { team, reason } => {
            let team = team.as_ref().map_or("the desk", |team| team.as_str());
            format!("hands over to {team}: {reason}")
        }
    })
}

/// Says how it ended; `None` where a hand-over has said it.
pub fn end(end: &End) -> Option<String> {
    Some(match end {
        End::HandedOff => return None,
        End::Completed => "comes to its end".to_owned(),
        End::TimedOut => "ends because no answer came in time".to_owned(),
        End::Expired => "ends because nothing came for so long".to_owned(),
        End::Failed { step, problem } => format!("cannot go on at step '{step}': {problem}"),
    })
}
