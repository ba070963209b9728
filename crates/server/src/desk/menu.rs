//! Menus at work: which flow a text starts or goes on with, and carrying out what the engine decides.
//!
//! The engine (`flow`) is pure; this room fetches what it needs to know, runs it, and turns its effects into rows, events
//! and jobs in the same transaction as the text that caused them.

mod apply;
mod cache;
mod facts;

use domain::{
    Actor, CustomerId, Event, FlowId, SessionId,
    conversation::ConversationStatus,
    message::Author,
    reason::Known,
    session::{SessionEnd, SessionStatus},
    settings::Settings,
};
use flow::Input;
use serde::{Deserialize, Serialize};
use store::{
    Tx,
    channels::Channel,
    conversations::{self, Conversation},
    customers,
    flows::{self, Session},
    jobs::{self, NewJob},
    messages::Message,
};

pub use cache::Menus;

use super::{Moment, outbound};
use crate::http::problem::{Answer, Problem};

/// The job that comes back when a session's time to answer has run out.
pub const TIMEOUT: &str = "flow_timeout";

/// What the job needs to know.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FlowTimeout {
    /// The session.
    pub session: SessionId,
}

/// What a menu works with: the conversation, which it changes, and what surrounds it. The caller writes the
/// conversation's row back.
pub struct Scene<'a> {
    /// The flows in memory.
    pub menus: &'a Menus,
    /// When, and who; effects are recorded as the flow's own.
    pub moment: Moment,
    /// The company's settings.
    pub settings: &'a Settings,
    /// The channel.
    pub channel: &'a Channel,
    /// The conversation.
    pub conversation: &'a mut Conversation,
}

/// A text that a menu may answer.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The words.
    pub text: &'a str,
    /// Whether it is the customer's first ever.
    pub first_ever: bool,
    /// Whether it opened a closed conversation again: what was before is dealt with.
    pub reopens: bool,
}

/// Lets a menu answer a customer's text, if one fits; says whether one did.
///
/// Where a person is at the conversation no menu speaks. Where the customer waits for a person, or comes back to one who had
/// the conversation before it was closed, only a keyword starts one; the conversation is the menu's from then on.
pub fn answer(tx: &mut Tx, scene: &mut Scene, said: Said) -> store::Result<bool> {
    let Said { text, first_ever, .. } = said;
    let mut live = flows::live_session(tx, scene.conversation.profile_id)?;
    if let Some(expired) = live.take_if(|session| session.expires_at <= scene.moment.now) {
        // Its timer has not come round yet; the text is as new.
        end(tx, scene.moment, expired, SessionEnd::Expired)?;
    }
    let enabled = flows::enabled(tx)?;
    if live.is_none() && enabled.is_empty() {
        return Ok(false);
    }
    let mut candidates = Vec::new();
    for (id, version) in enabled {
        match scene.menus.get(tx, id, version) {
            Ok(definition) => candidates.push((definition, (id, version))),
            // It must not silence the others.
            Err(store::Error::Other(failure)) => tracing::error!(flow.id = id.0, failure, "a flow is passed over"),
            Err(failure) => return Err(failure),
        }
    }
    let open = scene.settings.is_open_at(scene.moment.now);
    let pick = |active| {
        let moment = flow::Moment {
            text,
            first_ever,
            open,
            active,
        };
        flow::pick(
            candidates.iter().map(|(definition, key)| (&**definition, *key)),
            &moment,
        )
    };
    match live {
        Some(session) if session.status == SessionStatus::Paused => Ok(false),
        Some(session) => {
            let definition = scene.menus.get(tx, session.flow_id, session.version)?;
            let state = read_state(&session)?;
            let interruptible = definition.interruptible && !flow::answers_menu(&definition, &state, text);
            match pick(Some(interruptible)) {
                Some(picked) => {
                    end(tx, scene.moment, session, SessionEnd::Interrupted)?;
                    begin(tx, scene, picked.key, text, (picked.because, first_ever))?;
                }
                None => go_on(tx, scene, session, Input::Text(text.to_owned()))?,
            }
            Ok(true)
        }
        None if scene.conversation.assignee_id.is_some() && !said.reopens => Ok(false),
        None => {
            let is_somebodys = scene.conversation.waiting_since.is_some() || scene.conversation.assignee_id.is_some();
            let Some(picked) = pick(is_somebodys.then_some(true)) else {
                return Ok(false);
            };
            release(tx, scene, &picked.because)?;
            begin(tx, scene, picked.key, text, (picked.because, first_ever)).map(|()| true)
        }
    }
}

/// Takes a conversation from the agent who had it when it was closed: where the menu hands over, its team takes it up.
fn release(tx: &mut Tx, scene: &mut Scene, because: &Known) -> store::Result<()> {
    if scene.conversation.assignee_id.take().is_none() {
        return Ok(());
    }
    scene.conversation.route_reason = because.clone().into();
    let event = Event::ConversationAssigned {
        team: scene.conversation.team_id,
        assignee: None,
        because: because.clone().into(),
    };
    let moment = scene.moment.by(Actor::SYSTEM);
    moment.record(tx, scene.conversation, event).map(drop)
}

/// Starts a flow because an agent says so. A live session of the customer ends. No menu speaks to who has opted out.
pub fn start(tx: &mut Tx, scene: &mut Scene, id: FlowId) -> Answer<()> {
    let flow = flows::get(tx, id)?.ok_or_else(|| Problem::not_found(format!("flow {id}")))?;
    let address = outbound::address(tx, scene.conversation)?;
    outbound::must_take_texts(scene.channel, &address)?;
    outbound::must_be_allowed(tx, scene.channel.id, &address)?;
    if let Some(session) = flows::live_session(tx, scene.conversation.profile_id)? {
        end(tx, scene.moment, session, SessionEnd::Interrupted)?;
    }
    begin(tx, scene, (id, flow.version), "", (Known::AgentStarted, false))?;
    Ok(())
}

/// Pauses the menu that talks in this conversation, if there is one: a person takes over.
pub fn pause(tx: &mut Tx, moment: Moment, conversation: &mut Conversation) -> store::Result<()> {
    let Some(mut session) = live_here(tx, conversation)? else {
        return Ok(());
    };
    if session.status == SessionStatus::Waiting {
        session.status = SessionStatus::Paused;
        flows::update_session(tx, &session)?;
        jobs::remove(tx, &timer_key(session.id))?;
        let name = read_state(&session)?.flow;
        moment.record(
            tx,
            conversation,
            Event::FlowPaused {
                session: session.id,
                name,
            },
        )?;
    }
    conversation.automated = false;
    Ok(())
}

/// Lets a paused menu go on where it was: it asks its question again.
pub fn resume(tx: &mut Tx, scene: &mut Scene) -> Answer<()> {
    let paused = live_here(tx, scene.conversation)?.filter(|session| session.status == SessionStatus::Paused);
    let mut session = paused.ok_or_else(|| Problem::conflict("not_paused", "no menu is paused here"))?;
    session.status = SessionStatus::Waiting;
    let name = read_state(&session)?.flow;
    scene.moment.record(
        tx,
        scene.conversation,
        Event::FlowResumed {
            session: session.id,
            name,
        },
    )?;
    scene.conversation.waiting_since = None;
    go_on(tx, scene, session, Input::Continue)?;
    Ok(())
}

/// Ends the menu that talks in this conversation, if there is one.
pub fn stop(tx: &mut Tx, moment: Moment, conversation: &mut Conversation) -> store::Result<()> {
    if let Some(session) = live_here(tx, conversation)? {
        end(tx, moment, session, SessionEnd::Interrupted)?;
    }
    conversation.automated = false;
    Ok(())
}

/// Ends a customer's live sessions, wherever they talk: one who is joined from several may have more than one.
pub fn end_live(tx: &mut Tx, moment: &Moment, customer: CustomerId, because: SessionEnd) -> store::Result<()> {
    for profile in customers::profiles(tx, customer)? {
        if let Some(session) = flows::live_session(tx, profile)? {
            end(tx, *moment, session, because)?;
        }
    }
    Ok(())
}

/// Comes back to a session whose time has run out. Gives the time to come again when it has not, after all.
pub fn timed_out(tx: &mut Tx, scene: &mut Scene, session: Session) -> store::Result<Option<domain::Time>> {
    let due = read_state(&session)?.due_at();
    match due {
        Some(due) if due > scene.moment.now => Ok(Some(due)),
        _ => go_on(tx, scene, session, Input::Timeout).map(|()| None),
    }
}

/// Starts the clock of a waiting question, when a text of a menu was handed to the carrier or given up. In either case the
/// time to answer must begin some time, or the menu would wait for ever.
pub fn handed_over(tx: &mut Tx, moment: Moment, text: &Message) -> store::Result<()> {
    if text.author != Author::Flow {
        return Ok(());
    }
    let conversation = conversations::get(tx, text.conversation_id)?.ok_or(store::Error::NotFound)?;
    let live = flows::live_session(tx, conversation.profile_id)?;
    let waiting = live.filter(|session| session.status == SessionStatus::Waiting);
    let Some(mut session) = waiting else { return Ok(()) };
    let mut state = read_state(&session)?;
    if state.timeout_seconds.is_none() || state.wait_until.is_some() {
        return Ok(());
    }
    state.sent(moment.now);
    session.state = write_state(&state)?;
    session.wait_until = state.wait_until;
    flows::update_session(tx, &session)?;
    set_timer(tx, moment, session.id, state.due_at())
}

fn begin(
    tx: &mut Tx,
    scene: &mut Scene,
    (id, version): (FlowId, i64),
    text: &str,
    (because, first_ever): (Known, bool),
) -> store::Result<()> {
    let definition = scene.menus.get(tx, id, version)?;
    let facts = facts::gather(tx, scene, first_ever)?;
    let sprint = flow::start(&definition, &facts, text);
    let mut session = Session {
        id: SessionId(0),
        flow_id: id,
        version,
        customer_id: scene.conversation.profile_id,
        conversation_id: scene.conversation.id,
        status: SessionStatus::Waiting,
        ended_because: None,
        step: String::new(),
        state: write_state(&sprint.session)?,
        started_at: scene.moment.now,
        wait_until: None,
        expires_at: sprint.session.expires_at,
        ended_at: None,
    };
    session.id = flows::insert_session(tx, &session)?;
    let event = Event::FlowStarted {
        session: session.id,
        flow: id,
        name: definition.title.clone(),
        because: because.into(),
    };
    scene.moment.record(tx, scene.conversation, event)?;
    apply::sprint(tx, scene, session, sprint)
}

fn go_on(tx: &mut Tx, scene: &mut Scene, session: Session, input: Input) -> store::Result<()> {
    let definition = scene.menus.get(tx, session.flow_id, session.version)?;
    let facts = facts::gather(tx, scene, false)?;
    let sprint = flow::resume(&definition, read_state(&session)?, input, &facts);
    apply::sprint(tx, scene, session, sprint)
}

/// Ends a session. The row of its conversation is changed too: whoever holds a copy of it changes that as well.
fn end(tx: &mut Tx, moment: Moment, mut session: Session, because: SessionEnd) -> store::Result<()> {
    session.status = SessionStatus::Ended;
    session.ended_because = Some(because);
    session.ended_at = Some(moment.now);
    flows::update_session(tx, &session)?;
    jobs::remove(tx, &timer_key(session.id))?;
    let name = read_state(&session)?.flow;
    let mut conversation = conversations::get(tx, session.conversation_id)?.ok_or(store::Error::NotFound)?;
    if std::mem::take(&mut conversation.automated) {
        conversations::update(tx, &conversation)?;
    }
    moment.record(
        tx,
        &conversation,
        Event::FlowEnded {
            session: session.id,
            name,
            because,
        },
    )?;
    Ok(())
}

fn live_here(tx: &mut Tx, conversation: &Conversation) -> store::Result<Option<Session>> {
    let live = flows::live_session(tx, conversation.profile_id)?;
    Ok(live.filter(|session| session.conversation_id == conversation.id))
}

/// Closes a conversation that a menu has dealt with alone: nobody has to look at it.
fn close(tx: &mut Tx, scene: &mut Scene) -> store::Result<()> {
    let conversation = &mut *scene.conversation;
    conversation.automated = false;
    if conversation.assignee_id.is_none() && conversation.waiting_since.is_none() {
        conversation.status = ConversationStatus::Closed;
        conversation.closed_at = Some(scene.moment.now);
        scene.moment.record(tx, conversation, Event::ConversationClosed {})?;
    }
    Ok(())
}

/// Plans to come back to a session when its time runs out, instead of whenever that was planned before.
pub(crate) fn set_timer(
    tx: &mut Tx,
    moment: Moment,
    session: SessionId,
    due: Option<domain::Time>,
) -> store::Result<()> {
    jobs::remove(tx, &timer_key(session))?;
    let Some(due) = due else { return Ok(()) };
    let job = NewJob::now(TIMEOUT, &FlowTimeout { session }, moment.now)
        .at(due)
        .once(timer_key(session));
    jobs::add(tx, &job, moment.now)
}

fn timer_key(session: SessionId) -> String {
    format!("timeout:{session}")
}

fn read_state(session: &Session) -> store::Result<flow::Session> {
    serde_json::from_str(&session.state)
        .map_err(|error| store::Error::Other(format!("state of session {}: {error}", session.id)))
}

fn write_state(state: &flow::Session) -> store::Result<String> {
    serde_json::to_string(state).map_err(|error| store::Error::Other(error.to_string()))
}
