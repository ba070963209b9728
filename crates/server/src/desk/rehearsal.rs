//! A flow rehearsed on what really came: what it would have done, had it been there. Nothing is stored and nobody is texted.
//!
//! Pure: the texts, the people who stepped in and the customer's file go in, what the flow would have done comes out. It
//! follows the same order as a real text does (compliance words, the waiting session, what starts a flow). It cannot
//! know what a customer would have written in answer to the flow, and takes what they wrote instead.

use std::collections::HashMap;

use domain::{
    ConversationId, MessageId, Time,
    consent::{self, ComplianceWord, Reading},
    settings::Settings,
};
use flow::{Definition, Effect, End, Facts, Input, Session, Sprint};
use store::flow_rehearsal::File;

mod deed;

pub use deed::Deed;

/// What happened to a customer, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// When.
    pub at: Time,
    /// Where.
    pub conversation: ConversationId,
    /// What.
    pub what: What,
}

/// What happened, as far as menus look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The customer wrote.
    Text(MessageId, String),
    /// A person wrote to the customer.
    Reply,
    /// The conversation was given to someone (true) or to nobody.
    Assigned(bool),
    /// The conversation was closed (true), or opened again by hand.
    Closed(bool),
}

/// The flows on stage, in the order that decides between equals.
pub struct Stage<'a> {
    /// All flows that would have been switched on.
    pub flows: Vec<&'a Definition>,
    /// Which of them is rehearsed.
    pub rehearsed: usize,
    /// The company's settings.
    pub settings: &'a Settings,
}

/// What the flow would have done in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// The conversation.
    pub conversation: ConversationId,
    /// When the text came that started it.
    pub at: Time,
    /// That text.
    pub text: String,
    /// Whether it would have come to its end without a person.
    pub completed: bool,
    /// Whether a person would have been asked for.
    pub handed_off: bool,
    /// What it would have done, in order.
    pub done: Vec<Deed>,
}

/// The most that is told of one conversation.
const MAX_DEEDS: usize = 20;

/// How often time may run out between two texts: a flow may ask again when nobody answers.
const MAX_TIMEOUTS: usize = 10;

impl Stage<'_> {
    /// Plays a customer's past; gives what the rehearsed flow would have done, by conversation.
    pub fn play(&self, file: &File, past: &[Past]) -> Vec<Act> {
        let mut play = Play {
            stage: self,
            file,
            session: None,
            opted_out: false,
            places: HashMap::new(),
            acts: Vec::new(),
        };
        for moment in past {
            play.take(moment);
        }
        play.acts
    }
}

struct Play<'a> {
    stage: &'a Stage<'a>,
    file: &'a File,
    session: Option<Running>,
    opted_out: bool,
    places: HashMap<ConversationId, Place>,
    acts: Vec<Act>,
}

struct Running {
    flow: usize,
    conversation: ConversationId,
    state: Session,
}

/// Who is at a conversation.
#[derive(Default, Clone, Copy)]
struct Place {
    has_person: bool,
    waits_for_person: bool,
    is_closed: bool,
}

impl Play<'_> {
    fn take(&mut self, past: &Past) {
        self.let_time_run_out(past.at);
        match &past.what {
            What::Text(id, text) => self.text(past, *id, text),
            What::Reply => {
                // A person took over: the menu pauses, and stays out of it from then on.
                if self
                    .session
                    .as_ref()
                    .is_some_and(|running| running.conversation == past.conversation)
                {
                    self.session = None;
                }
                let place = self.places.entry(past.conversation).or_default();
                *place = Place {
                    has_person: true,
                    ..Place::default()
                };
            }
            What::Assigned(someone) => self.places.entry(past.conversation).or_default().has_person = *someone,
            What::Closed(is_closed) => {
                let place = self.places.entry(past.conversation).or_default();
                place.is_closed = *is_closed;
                place.waits_for_person &= !is_closed;
            }
        }
    }

    fn text(&mut self, past: &Past, id: MessageId, text: &str) {
        match consent::read(text, self.opted_out) {
            Reading::Word(ComplianceWord::Stop) => (self.opted_out, self.session) = (true, None),
            Reading::Word(ComplianceWord::Start) => self.opted_out = false,
            Reading::Word(ComplianceWord::Help) => {}
            Reading::PossibleRevocation { .. } => self.ask_for_person(past.conversation),
            Reading::Nothing if self.opted_out => self.ask_for_person(past.conversation),
            Reading::Nothing => self.answer(past, self.file.first_text == Some(id), text),
        }
    }

    fn answer(&mut self, past: &Past, first_ever: bool, text: &str) {
        let known = self.places.entry(past.conversation).or_default();
        let place = *known;
        known.is_closed = false;
        let active = match &self.session {
            Some(running) => {
                let definition = self.stage.flows[running.flow];
                Some(definition.interruptible && !flow::answers_menu(definition, &running.state, text))
            }
            None if place.has_person && !place.is_closed => return self.ask_for_person(past.conversation),
            None => (place.has_person || place.waits_for_person).then_some(true),
        };
        let moment = flow::Moment {
            text,
            first_ever,
            open: self.stage.settings.is_open_at(past.at),
            active,
        };
        let flows = self.stage.flows.iter().enumerate().map(|(index, flow)| (*flow, index));
        match (flow::pick(flows, &moment), self.session.take()) {
            (Some(picked), _) => self.start(past, (text, first_ever), picked),
            (None, Some(running)) => self.go_on(running, Input::Text(text.to_owned()), past.at),
            (None, None) => self.ask_for_person(past.conversation),
        }
    }

    fn start(&mut self, past: &Past, (text, first_ever): (&str, bool), picked: flow::Picked<usize>) {
        let flow = picked.key;
        self.places.entry(past.conversation).or_default().has_person = false;
        if flow == self.stage.rehearsed {
            self.begin_act(past, text);
            let because = picked.because;
            self.tell(past.conversation, Deed::Starts { because });
        }
        let facts = self.facts(past.at, first_ever);
        let sprint = flow::start(self.stage.flows[flow], &facts, text);
        self.carry_out(flow, past.conversation, sprint, past.at);
    }

    fn go_on(&mut self, running: Running, input: Input, at: Time) {
        let facts = self.facts(at, false);
        let sprint = flow::resume(self.stage.flows[running.flow], running.state, input, &facts);
        self.carry_out(running.flow, running.conversation, sprint, at);
    }

    fn let_time_run_out(&mut self, now: Time) {
        for _ in 0..MAX_TIMEOUTS {
            let due = self.session.as_ref().and_then(|running| running.state.due_at());
            let Some(due) = due.filter(|due| *due < now) else {
                return;
            };
            if let Some(running) = self.session.take() {
                self.go_on(running, Input::Timeout, due);
            }
        }
    }

    fn carry_out(&mut self, flow: usize, conversation: ConversationId, sprint: Sprint, at: Time) {
        let mut said = 0;
        for effect in &sprint.effects {
            said += usize::from(matches!(effect, Effect::Say { .. }));
            if flow == self.stage.rehearsed
                && let Some(deed) = Deed::of(effect)
            {
                self.tell(conversation, deed);
            }
        }
        if flow == self.stage.rehearsed {
            self.note(conversation, said, sprint.end.as_ref());
        }
        match sprint.end {
            Some(End::HandedOff | End::Failed { .. }) => self.ask_for_person(conversation),
            Some(_) => {}
            None => {
                let mut state = sprint.session;
                state.sent(at);
                self.session = Some(Running {
                    flow,
                    conversation,
                    state,
                });
            }
        }
    }

    /// Notes what the rehearsed flow said and how it ended.
    fn note(&mut self, conversation: ConversationId, said: usize, end: Option<&End>) {
        if said > 0 {
            self.tell(conversation, Deed::Texts { count: said });
        }
        if let Some(deed) = end.and_then(Deed::at_end) {
            self.tell(conversation, deed);
        }
        if let Some(act) = self.act(conversation) {
            act.completed |= matches!(end, Some(End::Completed));
            act.handed_off |= matches!(end, Some(End::HandedOff | End::Failed { .. }));
        }
    }

    fn ask_for_person(&mut self, conversation: ConversationId) {
        self.places.entry(conversation).or_default().waits_for_person = true;
    }

    fn begin_act(&mut self, past: &Past, text: &str) {
        if self.act(past.conversation).is_none() {
            self.acts.push(Act {
                conversation: past.conversation,
                at: past.at,
                text: text.to_owned(),
                completed: false,
                handed_off: false,
                done: Vec::new(),
            });
        }
    }

    fn act(&mut self, conversation: ConversationId) -> Option<&mut Act> {
        self.acts.iter_mut().find(|act| act.conversation == conversation)
    }

    fn tell(&mut self, conversation: ConversationId, deed: Deed) {
        if let Some(act) = self.act(conversation) {
            match act.done.len() {
                len if len < MAX_DEEDS => act.done.push(deed),
                MAX_DEEDS => act.done.push(Deed::AndSoOn),
                _ => {}
            }
        }
    }

    fn facts(&self, now: Time, first_message: bool) -> Facts {
        let (file, settings) = (self.file, self.stage.settings);
        let zone = if file.time_zone.is_empty() {
            &settings.time_zone
        } else {
            &file.time_zone
        };
        Facts {
            customer: flow::Customer {
                name: file.name.clone(),
                phone: file.phone.clone(),
                email: file.email.clone(),
                traits: file.traits.clone(),
                tags: file.tags.clone(),
                locale: file.locale.clone(),
            },
            company: settings.company.clone(),
            open: settings.is_open_at(now),
            now,
            time_zone: zone.clone(),
            first_message,
            passed_on: settings.texts.passed_on.clone(),
            ..Facts::default()
        }
    }
}

#[cfg(test)]
mod tests;
