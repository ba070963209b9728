//! What all steps that wait have in common: how an answer that does not fit is asked again, and what happens when none comes.

use domain::reason::Known;
use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    reading::{Fields, Reading},
    step::Edge,
    template::Template,
    yaml::{Node, Value},
};

/// How a step waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// How often an answer that does not fit is asked again.
    pub retries: u32,
    /// What is said then; without it, a kind sentence and the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<Template>,
    /// Where it goes on when the answers never fit; without it, a person takes over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// How long it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Timeout>,
}

/// How long a step waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeout {
    /// How long.
    pub after_seconds: i64,
    /// Where it goes on then; without it, the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
}

/// The most that an answer may be asked again.
const MAX_RETRIES: u32 = 10;

impl Question {
    /// Reads the fields that all waiting steps have.
    pub(crate) fn read(fields: &mut Fields, reading: &mut Reading) -> Question {
        let retries = fields.take("retries").and_then(|node| {
            let retries = reading.number::<u32>(node, "'retries'")?;
            if retries > MAX_RETRIES {
                reading.error(
                    node.at,
                    format!("'retries' is at most {MAX_RETRIES}: after that, let a person take over"),
                );
            }
            Some(retries)
        });
        Question {
            retries: retries.unwrap_or(2),
            again: fields
                .take("again")
                .map(|node| Template::read(node, "'again'", reading)),
            otherwise: fields.take("otherwise").map(|node| reading.text(node, "'otherwise'")),
            timeout: fields.take("timeout").map(|node| Timeout::read(node, reading)),
        }
    }

    /// Asks again, or gives up.
    pub(crate) fn unclear(
        &self,
        run: &mut Run,
        hint: &str,
        ask: impl Fn(&Run, String) -> (String, Vec<String>),
    ) -> Outcome {
        run.session.unclear += 1;
        if run.session.unclear > self.retries {
            let step = run.session.step.as_deref().unwrap_or_default();
            return Ok(match &self.otherwise {
                Some(to) => Next::Go(to.clone()),
                None => Next::Person(Known::NoClearAnswer { step: step.to_owned() }.into()),
            });
        }
        let intro = match &self.again {
            Some(again) => run.fill(again)?,
            None => hint.to_owned(),
        };
        let (text, choices) = ask(run, intro);
        run.say(text, choices);
        Ok(Next::Wait)
    }

    /// Gives the ways out of the step other than by an answer.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let otherwise = self.otherwise.iter().map(|to| Edge::new(to, "no clear answer"));
        let timeout = self
            .timeout
            .iter()
            .filter_map(|timeout| Some(Edge::new(timeout.then.as_ref()?, "no answer in time")));
        otherwise.chain(timeout).collect()
    }
}

impl Timeout {
    fn read(node: &Node, reading: &mut Reading) -> Timeout {
        if !matches!(node.value, Value::Map(_)) {
            return Timeout {
                after_seconds: reading.seconds(node, "'timeout'"),
                then: None,
            };
        }
        let mut fields = reading.fields(node, "a timeout");
        let after = fields.need("after", reading);
        let after_seconds = after.map_or(0, |node| reading.seconds(node, "'after'"));
        let then = fields.take("then").map(|node| reading.text(node, "'then'"));
        fields.finish(reading);
        Timeout { after_seconds, then }
    }
}
