//! The survey after a conversation: sent by a job when it has been closed for a while, answered by a number.

use domain::{
    ConversationId, CustomerId, Event, SessionId, SurveyId,
    conversation::ConversationStatus,
    message::{Author, Lane},
    session::SessionStatus,
    settings::Settings,
};
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    channels::{self, Channel},
    conversations::{self, Conversation},
    flows,
    jobs::{self, NewJob},
    surveys::{self, Survey},
};

use super::{Moment, outbound};
use crate::http::problem::Answer;

/// The job that sends a survey.
pub const SEND: &str = "send_survey";

/// How long a survey can be answered.
const OPEN_SECONDS: i64 = 3 * 86_400;

/// What the job needs to know.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SendSurvey {
    /// The conversation that was closed.
    pub conversation: ConversationId,
}

/// Plans the survey of a conversation that a person has just closed.
pub fn plan(tx: &mut Tx, moment: &Moment, settings: &Settings, conversation: ConversationId) -> store::Result<()> {
    if !settings.survey.enabled {
        return Ok(());
    }
    let job = NewJob::now(SEND, &SendSurvey { conversation }, moment.now)
        .at(moment.now.plus_seconds(settings.survey.delay_seconds))
        .once(key(conversation));
    jobs::add(tx, &job, moment.now)
}

/// Drops the survey of a conversation that goes on.
pub fn drop_planned(tx: &mut Tx, conversation: ConversationId) -> store::Result<()> {
    jobs::remove(tx, &key(conversation)).map(drop)
}

/// Sends the survey, unless the conversation goes on, here or in another one, the customer has opted out or the channel is off.
pub fn send(tx: &mut Tx, moment: &Moment, settings: &Settings, id: ConversationId) -> Answer<()> {
    let conversation = conversations::get(tx, id)?.ok_or(store::Error::NotFound)?;
    let address = outbound::address(tx, &conversation)?;
    let channel = channels::get(tx, conversation.channel_id)?.ok_or(store::Error::NotFound)?;
    let may = outbound::reaches(&channel, &address)
        && outbound::opted_out_at(tx, channel.id, &address)?.is_none()
        && outbound::switched_off(tx, conversation.channel_id)?.is_none();
    let newest = conversations::newest(tx, conversation.whose(), conversation.channel_id)?;
    let is_elsewhere = newest.is_some_and(|newest| newest.id != id && newest.status != ConversationStatus::Closed);
    if conversation.status != ConversationStatus::Closed || is_elsewhere || !may || !settings.survey.enabled {
        return Ok(());
    }
    let text = outbound::Outgoing {
        // Nobody waits for it: answers go first.
        lane: Lane::Bulk,
        choices: ["1", "2", "3", "4", "5"].map(str::to_owned).into(),
        ..outbound::Outgoing::now(Author::System, None, settings.survey.text.clone())
    };
    outbound::queue(tx, moment, &conversation, text)?;
    asked(tx, moment, &conversation, None)?;
    Ok(())
}

/// Keeps that a survey was asked.
pub fn asked(
    tx: &mut Tx,
    moment: &Moment,
    conversation: &Conversation,
    session: Option<SessionId>,
) -> store::Result<SurveyId> {
    let times = (moment.now, moment.now.plus_seconds(OPEN_SECONDS));
    let survey = surveys::insert(tx, conversation.profile_id, conversation.id, session, times)?;
    moment.record(tx, conversation, Event::SurveySent { survey })?;
    Ok(survey)
}

/// Keeps an answer. The first score counts; a comment that comes after it is added.
pub fn answered(
    tx: &mut Tx,
    moment: &Moment,
    conversation: &Conversation,
    survey: SurveyId,
    (score, comment): (i64, &str),
) -> store::Result<()> {
    if surveys::answer(tx, survey, score, comment, moment.now)? {
        let event = Event::SurveyAnswered {
            survey,
            score,
            comment: comment.to_owned(),
        };
        moment.record(tx, conversation, event)?;
    } else if !comment.is_empty() {
        surveys::add_comment(tx, survey, comment)?;
        moment.record(
            tx,
            conversation,
            Event::SurveyCommented {
                survey,
                comment: comment.to_owned(),
            },
        )?;
    }
    Ok(())
}

/// Ends the survey that was not answered under a profile: the talk goes on, and a number in it means something else.
pub fn end_open(tx: &mut Tx, moment: &Moment, profile: CustomerId) -> store::Result<()> {
    surveys::end_open(tx, profile, moment.now)
}

/// Gives the survey that a text answers, with the score and the comment: one that no flow asks itself. A menu that waits
/// for an answer has the text instead.
pub fn answered_by(
    tx: &mut Tx,
    moment: &Moment,
    (profile, channel): (CustomerId, &Channel),
    text: &str,
) -> store::Result<Option<(Survey, i64, String)>> {
    let Some((score, comment)) = domain::survey::read_answer(text) else {
        return Ok(None);
    };
    let waits = flows::live_session(tx, profile)?
        .is_some_and(|session| session.status == SessionStatus::Waiting && session.expires_at > moment.now);
    if waits {
        return Ok(None);
    }
    let open = surveys::open(tx, profile, channel.id, moment.now)?;
    Ok(open.map(|survey| (survey, score, comment)))
}

fn key(conversation: ConversationId) -> String {
    format!("survey:{conversation}")
}
