//! Trying a flow while it is written: the engine alone, on a customer who does not exist.
//!
//! The server keeps nothing: the session goes to the client and comes back with the next text. Nothing is sent or filed;
//! what would have been done is told.

use axum::{Json, extract::State};
use domain::{
    Time,
    consent::{self, ComplianceWord, Reading},
    settings::Settings,
};
use flow::{Customer, Definition, Effect, Facts, Input, Session, Sprint, Trigger};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::flows::read;
use crate::{
    app::Shared,
    desk::rehearsal::Deed,
    http::{
        ask::Body,
        caller::Caller,
        problem::{Answer, Problem},
    },
};

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(go))
}

/// One move of a trial.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Try {
    /// The definition, saved or not.
    source: String,
    /// The `state` of the answer before; left out at the start.
    state: Option<Value>,
    /// What happens.
    input: TryInput,
}

/// What happens: `{"start": true, "text": "…"}`, then `{"text": "…"}` or `{"timeout": true}`.
#[derive(Debug, Deserialize, ToSchema)]
pub struct TryInput {
    /// The customer writes.
    text: Option<String>,
    /// The time to answer runs out.
    #[serde(default)]
    timeout: bool,
    /// The flow starts.
    #[serde(default)]
    start: bool,
}

/// What the flow does.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Tried {
    /// To be given back with the next input; it means nothing to anyone else.
    state: Value,
    /// What the customer would be texted.
    said: Vec<Line>,
    /// What else would be done.
    events: Vec<Done>,
    /// Whether it waits for an answer.
    waiting: bool,
    /// The step that waits.
    step: Option<String>,
}

/// A text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Line {
    /// The words.
    text: String,
    /// The step it comes from.
    step: String,
}

/// Something done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// What.
    deed: Deed,
    /// The step it comes from.
    step: String,
}

/// Tries a flow: nothing is kept, nobody is texted.
#[utoipa::path(post, path = "/api/flows/try", tag = "flows", request_body = Try,
    responses((status = 200, body = Tried), (status = 422, description = "`problems` says what is wrong with the source")))]
async fn go(State(app): State<Shared>, _: Caller, Body(request): Body<Try>) -> Answer<Json<Tried>> {
    let settings = app.store.read(store::settings::get).await?;
    let now = app.universe.now();
    // Conditions and patterns of a large flow take their time, which others on this thread would wait for.
    let tried = tokio::task::spawn_blocking(move || tried(request, &settings, now));
    tried.await.map_err(anyhow::Error::from)?.map(Json)
}

fn tried(request: Try, settings: &Settings, now: Time) -> Answer<Tried> {
    let definition = read(&request.source)?;
    let trial = Trial {
        definition: &definition,
        settings,
        now,
    };
    let state = request
        .state
        .filter(|state| !state.is_null())
        .map(session)
        .transpose()?;
    trial.go(state, request.input)
}

/// Reads the state that came back. It has been in other hands: what would make the engine count too far is refused.
fn session(state: Value) -> Answer<Session> {
    let session = serde_json::from_value::<Session>(state).ok();
    session
        .filter(|session| session.sprints < 10_000 && session.unclear < 10_000)
        .ok_or_else(|| Problem::invalid("state", "is not one that this trial gave"))
}

struct Trial<'a> {
    definition: &'a Definition,
    settings: &'a Settings,
    now: Time,
}

impl Trial<'_> {
    fn go(&self, state: Option<Session>, input: TryInput) -> Answer<Tried> {
        match (state, input) {
            (
                _,
                TryInput {
                    start: true,
                    text,
                    timeout: false,
                },
            ) => {
                let text = text.unwrap_or_default();
                Ok(self.lawful(None, &text).unwrap_or_else(|| self.start(&text)))
            }
            (
                Some(session),
                TryInput {
                    text: Some(text),
                    timeout: false,
                    ..
                },
            ) => {
                let answer = self.lawful(Some(&session), &text);
                Ok(answer.unwrap_or_else(|| self.take(session, text)))
            }
            (
                Some(session),
                TryInput {
                    text: None,
                    timeout: true,
                    start: false,
                },
            ) => Ok(self.run_out(session)),
            (None, _) => Err(Problem::invalid("state", "is missing: begin with {\"start\": true}")),
            _ => Err(Problem::invalid(
                "input",
                "is a text, a timeout or a start, and one of them only",
            )),
        }
    }

    /// What is not for any menu: the law's words, and what may be a wish to hear no more.
    fn lawful(&self, session: Option<&Session>, text: &str) -> Option<Tried> {
        let said = text.to_owned();
        let (deed, ends) = match consent::read(text, false) {
            Reading::Nothing => return None,
            Reading::Word(word) => (Deed::LawAnswers { text: said, word }, word == ComplianceWord::Stop),
            Reading::PossibleRevocation { reason: because } => (Deed::MayBeRevocation { text: said, because }, false),
        };
        let session = session.filter(|_| !ends);
        let step = session.and_then(|session| session.step.clone());
        Some(Tried {
            state: serde_json::to_value(session).unwrap_or_default(),
            waiting: step.is_some(),
            events: vec![Done {
                deed,
                step: step.clone().unwrap_or_default(),
            }],
            step,
            ..Tried::default()
        })
    }

    fn start(&self, text: &str) -> Tried {
        let first = self.definition.triggers.contains(&Trigger::FirstMessage);
        self.tell(
            flow::start(self.definition, &self.facts(self.now, first), text),
            self.now,
        )
    }

    /// A text in a waiting session: an answer, unless it is a word that starts the flow anew.
    fn take(&self, session: Session, text: String) -> Tried {
        let interruptible = self.definition.interruptible && !flow::answers_menu(self.definition, &session, &text);
        let moment = flow::Moment {
            text: &text,
            first_ever: false,
            open: true,
            active: Some(interruptible),
        };
        if let Some(picked) = flow::pick([(self.definition, ())].into_iter(), &moment) {
            let mut tried = self.start(&text);
            let again = Done {
                deed: Deed::StartsAnew {
                    because: picked.because,
                },
                step: self.definition.start().to_owned(),
            };
            tried.events.insert(0, again);
            return tried;
        }
        let facts = self.facts(self.now, false);
        self.tell(
            flow::resume(self.definition, session, Input::Text(text), &facts),
            self.now,
        )
    }

    fn run_out(&self, session: Session) -> Tried {
        let at = session.due_at().unwrap_or(self.now);
        self.tell(
            flow::resume(self.definition, session, Input::Timeout, &self.facts(at, false)),
            at,
        )
    }

    fn tell(&self, mut sprint: Sprint, at: Time) -> Tried {
        sprint.session.sent(at);
        let (mut said, mut events) = (Vec::new(), Vec::new());
        for (effect, step) in sprint.effects.iter().zip(&sprint.origins) {
            let step = step.clone();
            match effect {
                Effect::Say { text, .. } => said.push(Line {
                    text: text.clone(),
                    step,
                }),
                other => events.extend(Deed::of(other).map(|deed| Done { deed, step })),
            }
        }
        let last = sprint.path.last().cloned().unwrap_or_default();
        let end = sprint.end.as_ref().and_then(Deed::at_end);
        events.extend(end.map(|deed| Done { deed, step: last }));
        Tried {
            waiting: sprint.end.is_none(),
            step: sprint.session.step.clone(),
            state: serde_json::to_value(&sprint.session).unwrap_or_default(),
            said,
            events,
        }
    }

    fn facts(&self, now: Time, first_message: bool) -> Facts {
        Facts {
            customer: Customer {
                name: "Sam Taylor".to_owned(),
                phone: "+12025550143".to_owned(),
                email: "sam@example.com".to_owned(),
                locale: "en-US".to_owned(),
                ..Customer::default()
            },
            company: self.settings.company.clone(),
            channel: "Trial".to_owned(),
            open: self.settings.is_open_at(now),
            now,
            time_zone: self.settings.time_zone.clone(),
            first_message,
            request: None,
            passed_on: self.settings.texts.passed_on.clone(),
        }
    }
}
