//! Running a session: from one text of the customer to the next question, or to the end.

use domain::{Reason, reason::Known};

use crate::{
    Definition, Facts,
    facts::{cut, view},
    limits,
    session::{Effect, End, Input, Session, Sprint},
    step::Step,
    template::Template,
};

/// Begins a flow for a customer whose `text` started it.
pub fn start(definition: &Definition, facts: &Facts, text: &str) -> Sprint {
    let session = Session {
        flow: definition.name.clone(),
        input: cut(text).to_owned(),
        expires_at: expiry(definition, facts),
        ..Session::default()
    };
    let mut run = Run::new(facts, session);
    run.session.sprints = 1;
    let end = run.walk(definition, Next::Go(definition.start().to_owned()), "");
    run.finish(end)
}

/// Goes on with a session that waits.
///
/// The definition must be the version that the session began with. A session that has ended, or whose step is not in the
/// definition, gives [`End::Failed`]; a timeout that comes too early changes nothing.
pub fn resume(definition: &Definition, session: Session, input: Input, facts: &Facts) -> Sprint {
    let mut run = Run::new(facts, session);
    let step = run.session.step.clone().unwrap_or_default();
    let Some(step) = definition.step(&step) else {
        let problem = if step.is_empty() {
            "the session has ended".to_owned()
        } else {
            format!("there is no step '{step}'")
        };
        return run.finish(Some(End::Failed { step, problem }));
    };
    if input == Input::Timeout && run.session.due_at().is_some_and(|due| facts.now < due) {
        return run.finish(None);
    }
    if facts.now >= run.session.expires_at && input != Input::Continue {
        return run.finish(Some(End::Expired));
    }
    run.session.sprints += 1;
    if run.session.sprints > limits::SPRINTS_PER_SESSION {
        let problem = format!(
            "the session took more than {} texts and timeouts",
            limits::SPRINTS_PER_SESSION
        );
        return run.finish(Some(End::Failed {
            step: step.id.clone(),
            problem,
        }));
    }
    run.session.expires_at = expiry(definition, facts);
    run.session.wait_until = None;
    let next = match input {
        Input::Text(text) => run.take(definition, step, &text),
        Input::Timeout => Ok(timed_out(step)),
        Input::Continue => step.act().repeat(&mut run).map(|()| Next::Wait),
    };
    run.stamp(&step.id);
    let end = match next {
        Ok(next) => run.walk(definition, next, &step.id),
        Err(problem) => Some(End::Failed {
            step: step.id.clone(),
            problem,
        }),
    };
    run.finish(end)
}

/// Says whether a text is clearly one of the options that a waiting session offers, so that it answers the menu even where
/// it is also the keyword of another flow.
pub fn answers_menu(definition: &Definition, session: &Session, text: &str) -> bool {
    let step = session.step.as_deref().and_then(|step| definition.step(step));
    step.is_some_and(|step| step.act().offers(text))
}

fn expiry(definition: &Definition, facts: &Facts) -> domain::Time {
    facts.now.plus_seconds(definition.expires_minutes * 60)
}

fn timed_out(step: &Step) -> Next {
    let timeout = step.act().question().and_then(|question| question.timeout.as_ref());
    match timeout.and_then(|timeout| timeout.then.clone()) {
        Some(then) => Next::Go(then),
        None => Next::End(End::TimedOut),
    }
}

/// Where a session goes after a step.
pub(crate) enum Next {
    /// To the step that follows.
    Then,
    /// To this step.
    Go(String),
    /// Nowhere: it waits here for an answer.
    Wait,
    /// To a person, for this reason.
    Person(Reason),
    /// It ends.
    End(End),
}

/// What a step came to; the error is what went wrong, for the designer of the flow.
pub(crate) type Outcome = Result<Next, String>;

/// A session on its way through steps.
pub(crate) struct Run<'f> {
    pub facts: &'f Facts,
    pub session: Session,
    pub effects: Vec<Effect>,
    origins: Vec<String>,
    path: Vec<String>,
}

impl<'f> Run<'f> {
    fn new(facts: &'f Facts, session: Session) -> Run<'f> {
        Run {
            facts,
            session,
            effects: Vec::new(),
            origins: Vec::new(),
            path: Vec::new(),
        }
    }

    /// Gives what texts and conditions see.
    pub fn view(&self) -> serde_json::Value {
        view(self.facts, &self.session)
    }

    /// Fills a text in.
    pub fn fill(&self, template: &Template) -> Result<String, String> {
        template.fill(&self.view())
    }

    /// Sends a text; an empty one is not sent.
    pub fn say(&mut self, text: String, choices: Vec<String>) {
        if !text.is_empty() {
            self.effects.push(Effect::Say { text, choices });
        }
    }

    /// Takes the customer's answer to the pending question.
    fn take(&mut self, definition: &Definition, step: &Step, text: &str) -> Outcome {
        self.session.input = cut(text).to_owned();
        if !step.act().offers(text) && definition.asks_for_person(text) {
            return Ok(Next::Person(Known::PersonWanted.into()));
        }
        step.act().answer(self, text)
    }

    /// Enters step after step until one waits or the flow ends; gives the end.
    fn walk(&mut self, definition: &Definition, first: Next, from: &str) -> Option<End> {
        let (mut next, mut at) = (first, from.to_owned());
        loop {
            let to = match next {
                Next::Wait => return None,
                Next::End(end) => return Some(end),
                Next::Person(reason) => return Some(self.hand_off(reason)),
                Next::Then => definition
                    .step(&at)
                    .and_then(|step| step.then.clone())
                    .unwrap_or_else(|| "end".to_owned()),
                Next::Go(to) => to,
            };
            match to.as_str() {
                "end" => return Some(End::Completed),
                "handoff" => {
                    return Some(
                        self.hand_off(
                            Known::MenuHandsOver {
                                title: definition.title.clone(),
                            }
                            .into(),
                        ),
                    );
                }
                _ => {}
            }
            next = match self.enter(definition, &to) {
                Ok(next) => next,
                Err(problem) => return Some(End::Failed { step: to, problem }),
            };
            at = to;
        }
    }

    fn enter(&mut self, definition: &Definition, to: &str) -> Outcome {
        let step = definition.step(to).ok_or_else(|| format!("there is no step '{to}'"))?;
        if self.path.len() >= limits::STEPS_PER_SPRINT {
            return Err(format!(
                "more than {} steps without an answer: the flow runs in a circle",
                limits::STEPS_PER_SPRINT
            ));
        }
        self.path.push(to.to_owned());
        self.session.step = Some(to.to_owned());
        self.session.unclear = 0;
        self.session.score = None;
        let question = step.act().question();
        self.session.timeout_seconds = question
            .and_then(|question| question.timeout.as_ref())
            .map(|timeout| timeout.after_seconds);
        let outcome = step.act().enter(self);
        self.stamp(to);
        outcome
    }

    /// Notes that the effects which have come since the last time are this step's.
    fn stamp(&mut self, step: &str) {
        self.origins.resize(self.effects.len(), step.to_owned());
    }

    fn hand_off(&mut self, reason: Reason) -> End {
        if !self.facts.passed_on.is_empty() {
            self.say(self.facts.passed_on.clone(), Vec::new());
        }
        self.effects.push(Effect::HandOff { team: None, reason });
        End::HandedOff
    }

    fn finish(mut self, end: Option<End>) -> Sprint {
        let last = self.path.last().or(self.session.step.as_ref()).cloned();
        self.stamp(&last.unwrap_or_default());
        if end.is_some() {
            self.session.step = None;
            self.session.timeout_seconds = None;
            self.session.wait_until = None;
        }
        Sprint {
            session: self.session,
            effects: self.effects,
            origins: self.origins,
            path: self.path,
            end,
        }
    }
}
