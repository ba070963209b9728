//! The numbers of a service, computed from what happened and from nothing else, so that a corrected rule corrects the past.
//!
//! [`Fold`] takes the events of a period in order and gives what can be measured in them. The rules:
//!
//! - A person's reply counts when it is handed to the carrier. One that is taken back before, or fails, answers nobody.
//! - What menus and the server itself say, and notes, answer nobody; reassigning changes nothing; anyone's reply counts.
//! - Somebody waits from the first text that no person has answered. Closing the conversation ends the waiting: what comes
//!   after it begins a new one. Compliance words and the answers to surveys wait for nobody.
//! - A measure belongs to the period in which it begins: the opening of its conversation, the text that waits for an answer,
//!   the start of a menu, the rating, the reply.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    ConversationId, CustomerId, Event, MessageId, SurveyId, Time, UserId,
    consent::{self, Reading},
    event::{Actor, ActorKind, Happening},
    message::MessageStatus,
    words,
};

mod statistics;

pub use statistics::{Interval, Summary, business_seconds, interval, summary};

words! {
    /// What a metric counts.
    Unit {
        Seconds = "seconds",
        /// From 0 to 1.
        Share = "share",
        Count = "count",
    }
}

words! {
    /// What is measured.
    Key {
        FirstResponse = "first_response",
        NextResponse = "next_response",
        ResolutionFirst = "resolution_first",
        ResolutionFull = "resolution_full",
        Csat = "csat",
        Containment = "containment",
        ConversationsPerAgent = "conversations_per_agent",
    }
}

/// The events that are looked at.
pub const KINDS: [&str; 15] = [
    "conversation_opened",
    "conversation_closed",
    "conversation_reopened",
    "conversation_assigned",
    "conversation_merged",
    "message_received",
    "message_queued",
    "message_status_changed",
    "flow_started",
    "flow_ended",
    "flow_failed",
    "handed_off",
    "survey_sent",
    "survey_answered",
    "consent_changed",
];

/// One thing measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// What.
    pub key: Key,
    /// In which conversation.
    pub conversation: ConversationId,
    /// With whom.
    pub customer: CustomerId,
    /// The agent it counts for: who replied, or who replied last.
    pub agent: Option<UserId>,
    /// When it began.
    pub at: Time,
    /// When it ended.
    pub until: Time,
    /// Seconds, a score, or 1 for yes and 0 for no.
    pub value: f64,
}

words! {
    /// What is counted by day. A survey that was answered counts when it was sent.
    Tick {
        Opened = "opened",
        Closed = "closed",
        Received = "received",
        Sent = "sent",
        SurveySent = "survey_sent",
        SurveyAnswered = "survey_answered",
    }
}

/// What a period holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings {
    /// What was measured, in the order it was settled.
    pub measures: Vec<Measure>,
    /// What is counted.
    pub ticks: Vec<(Tick, ConversationId, Time)>,
    /// The replies of people.
    pub replies: Vec<Answer>,
}

/// A reply by a person that left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Who wrote it; nobody when it was a program.
    pub agent: Option<UserId>,
    /// Where.
    pub conversation: ConversationId,
    /// To whom.
    pub customer: CustomerId,
    /// When it left.
    pub at: Time,
}

/// A conversation on its way through the events.
#[derive(Debug, Default)]
struct Talk {
    customer: Option<CustomerId>,
    /// When the customer opened it; `None` when that was before, or the company wrote first.
    opened: Option<Time>,
    /// When it was opened, by whomever.
    began: Option<Time>,
    /// The first text that no person has answered.
    waits: Option<Time>,
    last_text: Option<Time>,
    replied: bool,
    last_agent: Option<UserId>,
    first_closed: Option<Time>,
    closed: Option<Time>,
    episode: Option<Episode>,
}

/// From a menu's start to the closing of the conversation.
#[derive(Debug)]
struct Episode {
    since: Time,
    running: i64,
    needed_person: bool,
}

/// Measures a period.
pub struct Fold {
    from: Time,
    to: Time,
    talks: HashMap<ConversationId, Talk>,
    merged: HashMap<ConversationId, ConversationId>,
    waiting: HashMap<MessageId, (ConversationId, Actor)>,
    /// Where the rating of a survey is found.
    rated: HashMap<SurveyId, usize>,
    /// The surveys of the period that nobody has answered yet.
    asked: HashMap<SurveyId, Time>,
    found: Findings,
}

impl Fold {
    /// Begins a period, `from <= at < to`.
    pub fn new(from: Time, to: Time) -> Fold {
        Fold {
            from,
            to,
            talks: HashMap::new(),
            merged: HashMap::new(),
            waiting: HashMap::new(),
            rated: HashMap::new(),
            asked: HashMap::new(),
            found: Findings::default(),
        }
    }

    /// Takes the next event. Those after the period end what began in it.
    pub fn take(&mut self, happening: &Happening) {
        let (Some(id), Some(customer)) = (happening.conversation, happening.customer) else {
            return;
        };
        let id = self.merged.get(&id).copied().unwrap_or(id);
        self.talk(id).customer = Some(customer);
        let at = happening.at;
        match &happening.event {
            Event::ConversationOpened { .. } => self.opened(id, at, happening.actor),
            Event::ConversationClosed {} => self.closed(id, at),
            Event::ConversationReopened {} => self.talk(id).closed = None,
            Event::ConversationMerged { into, .. } if *into != id => self.merge(id, *into),
            Event::MessageReceived { body, .. } => self.received(id, at, body),
            Event::MessageQueued { message, .. } => drop(self.waiting.insert(*message, (id, happening.actor))),
            Event::MessageStatusChanged { message, status, .. } => self.moved(*message, *status, at),
            Event::SurveySent { survey } => self.asked(id, *survey, at),
            Event::SurveyAnswered { survey, score, .. } => self.rated(id, *survey, *score, at),
            Event::ConsentChanged { .. } => self.waits_for_nobody(id, at),
            Event::ConversationAssigned { assignee: Some(_), .. }
            | Event::HandedOff { .. }
            | Event::FlowFailed { .. } => {
                self.needs_person(id);
            }
            Event::FlowStarted { .. } => self.menu_started(id, at, happening.actor),
            Event::FlowEnded { .. } => {
                if let Some(episode) = &mut self.talk(id).episode {
                    episode.running -= 1;
                }
            }
            _ => {}
        }
    }

    /// Ends the period and gives what was found.
    pub fn finish(mut self) -> Findings {
        let mut ids: Vec<ConversationId> = self.talks.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            self.end_episode(id);
            let talk = self.talk(id);
            if let (Some(began), Some(closed)) = (talk.began, talk.closed) {
                self.measure_time(Key::ResolutionFull, id, (began, closed), None);
            }
        }
        self.count_agents();
        self.found
    }

    fn talk(&mut self, id: ConversationId) -> &mut Talk {
        self.talks.entry(id).or_default()
    }

    fn is_in(&self, at: Time) -> bool {
        self.from <= at && at < self.to
    }

    fn tick(&mut self, tick: Tick, id: ConversationId, at: Time) {
        if self.is_in(at) {
            self.found.ticks.push((tick, id, at));
        }
    }

    fn opened(&mut self, id: ConversationId, at: Time, actor: Actor) {
        self.tick(Tick::Opened, id, at);
        let by_customer = actor.kind == ActorKind::Customer;
        let talk = self.talk(id);
        talk.began = Some(at);
        talk.opened = by_customer.then_some(at);
    }

    fn closed(&mut self, id: ConversationId, at: Time) {
        self.tick(Tick::Closed, id, at);
        self.end_episode(id);
        let talk = self.talk(id);
        talk.waits = None;
        talk.closed = Some(at);
        let first = talk.first_closed.is_none();
        talk.first_closed.get_or_insert(at);
        if let Some(began) = talk.began.filter(|_| first) {
            self.measure_time(Key::ResolutionFirst, id, (began, at), None);
        }
    }

    /// What began in both goes on in the one that stays.
    fn merge(&mut self, id: ConversationId, into: ConversationId) {
        self.merged.insert(id, into);
        for (from, _) in self.waiting.values_mut() {
            if *from == id {
                *from = into;
            }
        }
        let Some(gone) = self.talks.remove(&id) else { return };
        let stays = self.talk(into);
        stays.customer = gone.customer;
        stays.waits = stays.waits.into_iter().chain(gone.waits).min();
        stays.began = stays.began.into_iter().chain(gone.began).min();
        stays.opened = stays.opened.into_iter().chain(gone.opened).min();
        stays.replied |= gone.replied;
        stays.last_agent = stays.last_agent.or(gone.last_agent);
        stays.episode = stays.episode.take().or(gone.episode);
    }

    fn received(&mut self, id: ConversationId, at: Time, body: &str) {
        self.tick(Tick::Received, id, at);
        let talk = self.talk(id);
        talk.last_text = Some(at);
        if !matches!(consent::read(body, false), Reading::Word(_)) {
            talk.waits.get_or_insert(at);
        }
    }

    /// The text that came at this moment was not for a person.
    fn waits_for_nobody(&mut self, id: ConversationId, at: Time) {
        let talk = self.talk(id);
        if talk.last_text == Some(at) && talk.waits == Some(at) {
            talk.waits = None;
        }
    }

    fn moved(&mut self, message: MessageId, status: MessageStatus, at: Time) {
        use MessageStatus::*;
        match status {
            Sent | Delivered | Read => {
                if let Some((id, actor)) = self.waiting.remove(&message) {
                    self.left(id, actor, at);
                }
            }
            Cancelled | Refused => drop(self.waiting.remove(&message)),
            _ => {}
        }
    }

    fn left(&mut self, id: ConversationId, actor: Actor, at: Time) {
        self.tick(Tick::Sent, id, at);
        if !matches!(actor.kind, ActorKind::User | ActorKind::Api) {
            return;
        }
        self.needs_person(id);
        let agent = actor.user_id();
        let talk = self.talk(id);
        talk.last_agent = agent.or(talk.last_agent);
        let waits = talk.waits.take();
        let is_first = talk.opened.is_some() && !talk.replied;
        talk.replied = true;
        if let Some(since) = waits {
            self.measure_time(Key::NextResponse, id, (since, at), agent);
            if is_first {
                self.measure_time(Key::FirstResponse, id, (since, at), agent);
            }
        }
        if let Some(customer) = self.talk(id).customer
            && self.is_in(at)
        {
            self.found.replies.push(Answer {
                agent,
                conversation: id,
                customer,
                at,
            });
        }
    }

    fn asked(&mut self, id: ConversationId, survey: SurveyId, at: Time) {
        self.tick(Tick::SurveySent, id, at);
        self.asked.insert(survey, at);
    }

    fn rated(&mut self, id: ConversationId, survey: SurveyId, score: i64, at: Time) {
        self.waits_for_nobody(id, at);
        if let Some(asked) = self.asked.remove(&survey) {
            self.tick(Tick::SurveyAnswered, id, asked);
        }
        if let Some(known) = self.rated.get(&survey).copied() {
            self.found.measures[known].value = score as f64;
        } else if self.is_in(at) {
            self.rated.insert(survey, self.found.measures.len());
            self.measure(Key::Csat, id, (at, at), (score as f64, None));
        }
    }

    fn menu_started(&mut self, id: ConversationId, at: Time, actor: Actor) {
        let by_person = matches!(actor.kind, ActorKind::User | ActorKind::Api);
        let talk = self.talk(id);
        match &mut talk.episode {
            Some(episode) => episode.running += 1,
            None if by_person => {}
            None => {
                talk.episode = Some(Episode {
                    since: at,
                    running: 1,
                    needed_person: false,
                });
            }
        }
    }

    fn needs_person(&mut self, id: ConversationId) {
        if let Some(episode) = &mut self.talk(id).episode {
            episode.needed_person = true;
        }
    }

    fn end_episode(&mut self, id: ConversationId) {
        let Some(episode) = self.talk(id).episode.take() else {
            return;
        };
        // One that still runs has not shown yet whether it needs a person.
        if episode.running <= 0 || episode.needed_person {
            let contained = if episode.needed_person { 0.0 } else { 1.0 };
            self.measure(Key::Containment, id, (episode.since, episode.since), (contained, None));
        }
    }

    fn measure_time(&mut self, key: Key, id: ConversationId, (at, until): (Time, Time), agent: Option<UserId>) {
        self.measure(key, id, (at, until), (until.seconds_since(at), agent));
    }

    fn measure(&mut self, key: Key, id: ConversationId, (at, until): (Time, Time), of: (f64, Option<UserId>)) {
        let (value, agent) = of;
        let talk = self.talk(id);
        let agent = agent.or(talk.last_agent);
        let Some(customer) = talk.customer.filter(|_| self.is_in(at)) else {
            return;
        };
        self.found.measures.push(Measure {
            key,
            conversation: id,
            customer,
            agent,
            at,
            until,
            value,
        });
    }

    /// Gives each agent one measure a conversation: how often they replied in it.
    fn count_agents(&mut self) {
        let mut places: HashMap<(UserId, ConversationId), usize> = HashMap::new();
        for reply in self.found.replies.clone() {
            let Some(agent) = reply.agent else { continue };
            match places.get(&(agent, reply.conversation)) {
                Some(place) => {
                    let measure = &mut self.found.measures[*place];
                    (measure.value, measure.until) = (measure.value + 1.0, reply.at);
                }
                None => {
                    places.insert((agent, reply.conversation), self.found.measures.len());
                    self.found.measures.push(Measure {
                        key: Key::ConversationsPerAgent,
                        conversation: reply.conversation,
                        customer: reply.customer,
                        agent: Some(agent),
                        at: reply.at,
                        until: reply.at,
                        value: 1.0,
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
