//! Effects of a flow become rows, events and jobs.

use std::collections::BTreeMap;

use domain::{
    Actor, Event, Reason, RequestId, SessionId,
    event::Change,
    message::Author,
    reason::Known,
    request::RequestStatus,
    session::{SessionEnd, SessionStatus},
};
use flow::{Effect, End, Sprint};
use store::{
    Tx, conversations, customers,
    flows::{self, Session},
    jobs,
    requests::{self, Request},
    routing, surveys,
};

use super::{Scene, close, set_timer, timer_key, write_state};
use crate::desk::{outbound, requests as partner_requests, suggesting, survey};

/// Carries out what a session did, in order, and keeps the session as it is now.
pub(super) fn sprint(tx: &mut Tx, scene: &mut Scene, mut session: Session, sprint: Sprint) -> store::Result<()> {
    let agent = scene.moment;
    scene.moment = agent.by(Actor::flow(session.flow_id));
    let name = sprint.session.flow.clone();
    let mut state = sprint.session;
    let mut end = sprint.end;
    let mut says = false;
    for effect in sprint.effects {
        says |= matches!(effect, Effect::Say { .. });
        if let Err(problem) = one(tx, scene, &session, effect)? {
            end = Some(End::Failed {
                step: state.step.clone().unwrap_or_default(),
                problem,
            });
            break;
        }
    }
    if !says {
        // Nothing will be handed to the carrier, so the time to answer begins now.
        state.sent(scene.moment.now);
    }
    flows::add_steps(tx, session.id, &sprint.path, scene.moment.now)?;
    if let Some(step) = state.step.clone().or(sprint.path.last().cloned()) {
        session.step = step;
    }
    session.state = write_state(&state)?;
    session.wait_until = state.wait_until;
    session.expires_at = state.expires_at;
    match end {
        None => {
            session.status = SessionStatus::Waiting;
            scene.conversation.automated = true;
            scene.conversation.waiting_since = None;
            set_timer(tx, scene.moment, session.id, state.due_at())?;
        }
        Some(end) => {
            jobs::remove(tx, &timer_key(session.id))?;
            finish(tx, scene, &mut session, name, end)?;
        }
    }
    flows::update_session(tx, &session)?;
    scene.moment = agent;
    Ok(())
}

/// Carries out one effect; the inner error says in plain words why the flow cannot go on.
fn one(tx: &mut Tx, scene: &mut Scene, session: &Session, effect: Effect) -> store::Result<Result<(), String>> {
    let customer = scene.conversation.customer_id;
    match effect {
        Effect::Say { text, choices } => {
            let text = outbound::Outgoing {
                choices,
                ..outbound::Outgoing::now(Author::Flow, Some(session.flow_id.0), text)
            };
            let queued = outbound::queue(tx, &scene.moment, scene.conversation, text);
            return Ok(queued.map(drop).map_err(|problem| problem.detail().to_owned()));
        }
        Effect::SetTrait { key, value } => set_trait(tx, scene, &key, &value)?,
        Effect::Tag { tag } => {
            if customers::add_tag(tx, scene.conversation.whose(), &tag)? {
                let tags = customers::tags(tx, customer)?;
                scene
                    .moment
                    .record(tx, scene.conversation, Event::CustomerTagged { tags })?;
            }
            conversations::add_tag(tx, scene.conversation.id, &tag)?;
        }
        Effect::FileRequest { kind, summary, details } => file(tx, scene, session.id, (kind, summary, details))?,
        Effect::Submit { partner } => return partner_requests::submit(tx, &scene.moment, session.id, &partner),
        Effect::SurveySent {} => {
            survey::asked(tx, &scene.moment, scene.conversation, Some(session.id))?;
        }
        Effect::SurveyAnswered { score, comment } => {
            if let Some(asked) = surveys::newest_of(tx, scene.conversation.id)? {
                survey::answered(tx, &scene.moment, scene.conversation, asked.id, (score, &comment))?;
            }
        }
        Effect::HandOff { team, reason } => hand_off(tx, scene, team.as_deref(), reason)?,
    }
    Ok(Ok(()))
}

fn set_trait(tx: &mut Tx, scene: &Scene, key: &str, value: &str) -> store::Result<()> {
    let customer = scene.conversation.customer_id;
    let new = (!value.is_empty()).then_some(value);
    let whose = scene.conversation.whose();
    let old = customers::set_trait(tx, whose, key, new, scene.moment.now)?.unwrap_or_default();
    suggesting::told(tx, scene.settings, whose.profile, (key, value), scene.moment.now)?;
    if old != value {
        let change = Change {
            what: key.to_owned(),
            from: old,
            to: value.to_owned(),
        };
        scene
            .moment
            .record(tx, scene.conversation, Event::CustomerChanged { changes: vec![change] })?;
        customers::index(tx, customer)?;
    }
    Ok(())
}

fn file(
    tx: &mut Tx,
    scene: &Scene,
    session: SessionId,
    (kind, summary, details): (String, String, BTreeMap<String, String>),
) -> store::Result<()> {
    let request = Request {
        id: RequestId(0),
        customer_id: scene.conversation.customer_id,
        conversation_id: Some(scene.conversation.id),
        session_id: Some(session),
        kind,
        summary,
        details: serde_json::json!(details),
        status: RequestStatus::Filed,
        status_note: String::new(),
        partner_id: None,
        partner_ref: None,
        answer_token_hash: None,
        created_at: scene.moment.now,
        updated_at: scene.moment.now,
    };
    let id = requests::insert(tx, &request)?;
    let event = Event::RequestFiled {
        request: id,
        request_kind: request.kind,
        summary: request.summary,
    };
    scene.moment.record(tx, scene.conversation, event)?;
    Ok(())
}

/// Puts the conversation in a team's queue: from now on the customer waits for a person.
fn hand_off(tx: &mut Tx, scene: &mut Scene, team: Option<&str>, reason: Reason) -> store::Result<()> {
    let named = team.map(|name| routing::team_by_name(tx, name)).transpose()?.flatten();
    let team = named.or(scene.channel.team_id).or(scene.settings.default_team_id);
    let conversation = &mut *scene.conversation;
    conversation.automated = false;
    conversation.team_id = team.or(conversation.team_id);
    conversation.route_reason = reason.clone();
    conversation.waiting_since.get_or_insert(scene.moment.now);
    scene
        .moment
        .record(tx, conversation, Event::HandedOff { team, because: reason })?;
    Ok(())
}

fn finish(tx: &mut Tx, scene: &mut Scene, session: &mut Session, name: String, end: End) -> store::Result<()> {
    session.status = SessionStatus::Ended;
    session.ended_at = Some(scene.moment.now);
    let because = match &end {
        End::Completed => SessionEnd::Completed,
        End::HandedOff => SessionEnd::HandedOff,
        End::TimedOut => SessionEnd::TimedOut,
        End::Expired => SessionEnd::Expired,
        End::Failed { .. } => SessionEnd::Failed,
    };
    session.ended_because = Some(because);
    if let End::Failed { step, problem } = end {
        let event = Event::FlowFailed {
            session: session.id,
            name: name.clone(),
            step,
            problem,
        };
        scene.moment.record(tx, scene.conversation, event)?;
        hand_off(tx, scene, None, Known::MenuFailed.into())?;
    }
    let event = Event::FlowEnded {
        session: session.id,
        name,
        because,
    };
    scene.moment.record(tx, scene.conversation, event)?;
    if matches!(
        because,
        SessionEnd::Completed | SessionEnd::TimedOut | SessionEnd::Expired
    ) {
        close(tx, scene)?;
    }
    Ok(())
}
