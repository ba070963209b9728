//! Steps: what every kind of step can do, and the one list of kinds.

use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    question::Question,
    reading::{Fields, Reading, did_you_mean},
    steps::*,
    yaml::{At, Node},
};

/// One step of a flow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The step's name.
    #[serde(skip)]
    pub id: String,
    /// The line it begins on.
    pub line: usize,
    /// The step that follows, where the kind does not decide it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// What it does.
    #[serde(flatten)]
    pub kind: Kind,
    #[serde(skip)]
    pub(crate) at: At,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    Say(Say),
    Ask(Ask),
    Choose(Choose),
    Branch(Branch),
    Request(Request),
    Set(Set),
    Tag(Tag),
    Submit(Submit),
    Survey(Survey),
    Handoff(Handoff),
    Goto(Goto),
    End(EndStep),
}

/// A way out of a step.
pub(crate) struct Edge {
    pub to: String,
    pub label: String,
}

impl Edge {
    pub fn new(to: &str, label: impl Into<String>) -> Edge {
        Edge {
            to: to.to_owned(),
            label: label.into(),
        }
    }
}

/// What every kind of step can do.
pub(crate) trait Act {
    /// Does what the step does when a session comes to it.
    fn enter(&self, run: &mut Run) -> Outcome;

    /// Gives how the step waits; `None` for a step that does not.
    fn question(&self) -> Option<&Question> {
        None
    }

    /// Says the pending question once more. Only steps that wait are asked.
    fn repeat(&self, _run: &mut Run) -> Result<(), String> {
        Ok(())
    }

    /// Takes an answer. Only steps that wait are asked.
    fn answer(&self, _run: &mut Run, _text: &str) -> Outcome {
        Ok(Next::Wait)
    }

    /// Says whether a text is clearly one of the options offered.
    fn offers(&self, _text: &str) -> bool {
        false
    }

    /// Gives the name that the answer is saved under.
    fn saves(&self) -> Option<&str> {
        None
    }

    /// Gives the ways out that the kind itself decides.
    fn edges(&self) -> Vec<Edge> {
        Vec::new()
    }

    /// Gives what the step is about, for a map of the flow.
    fn text(&self) -> String;

    /// Gives the texts that the customer may get, as they were written.
    fn says(&self) -> Vec<String> {
        Vec::new()
    }
}

type Read = fn(&Node, &mut Fields, &mut Reading) -> Kind;

/// Every kind: its word, whether it goes on with `then`, and how it is read.
const KINDS: [(&str, bool, Read); 12] = [
    ("ask", true, |node, fields, reading| {
        Kind::Ask(Ask::read(node, fields, reading))
    }),
    ("choose", false, |node, fields, reading| {
        Kind::Choose(Choose::read(node, fields, reading))
    }),
    ("branch", false, |node, _, reading| {
        Kind::Branch(Branch::read(node, reading))
    }),
    ("request", true, |node, fields, reading| {
        Kind::Request(Request::read(node, fields, reading))
    }),
    ("set", true, |node, _, reading| Kind::Set(Set::read(node, reading))),
    ("tag", true, |node, _, reading| Kind::Tag(Tag::read(node, reading))),
    ("submit", true, |node, _, reading| {
        Kind::Submit(Submit::read(node, reading))
    }),
    ("survey", true, |node, fields, reading| {
        Kind::Survey(Survey::read(node, fields, reading))
    }),
    ("handoff", false, |node, fields, reading| {
        Kind::Handoff(Handoff::read(node, fields, reading))
    }),
    ("goto", false, |node, _, reading| Kind::Goto(Goto::read(node, reading))),
    ("end", false, |node, _, reading| Kind::End(EndStep::read(node, reading))),
    // Last, because `say` is also what a handoff tells the customer.
    ("say", true, |node, fields, reading| {
        Kind::Say(Say::read(node, fields, reading))
    }),
];

/// Gives the words of all kinds of steps, as they are written in a definition.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(word, ..)| *word)
}

impl Step {
    /// Reads a step. One that cannot be read stands for its place, so that the ways to it and past it are still known.
    pub(crate) fn read(id: &str, at: At, node: &Node, next: &str, reading: &mut Reading) -> Step {
        let mut fields = reading.fields(node, format!("step '{id}'"));
        fields.step = id.to_owned();
        let words: Vec<&'static str> = kinds().collect();
        let Some((word, value)) = fields.take_first_of(&words) else {
            let hint = fields.left().next().map(|key| did_you_mean(&key.text, kinds()));
            reading.error(
                at,
                format!("step '{id}' does not say what it does{}", hint.unwrap_or_default()),
            );
            let (kind, then) = (Kind::End(EndStep { text: None }), Some(next.to_owned()));
            return Step {
                id: id.to_owned(),
                line: at.line,
                then,
                kind,
                at,
            };
        };
        let (_, goes_on, read) = KINDS
            .into_iter()
            .find(|(kind, ..)| *kind == word)
            .expect("the word is one of them");
        let kind = read(value, &mut fields, reading);
        let goes_on = goes_on || matches!(&kind, Kind::Branch(branch) if !branch.has_else());
        let then = goes_on.then(|| {
            fields
                .take("then")
                .map_or_else(|| next.to_owned(), |node| reading.text(node, "'then'"))
        });
        fields.finish(reading);
        Step {
            id: id.to_owned(),
            line: at.line,
            then,
            kind,
            at,
        }
    }

    /// Gives what the step does.
    pub(crate) fn act(&self) -> &dyn Act {
        match &self.kind {
            Kind::Say(step) => step,
            Kind::Ask(step) => step,
            Kind::Choose(step) => step,
            Kind::Branch(step) => step,
            Kind::Request(step) => step,
            Kind::Set(step) => step,
            Kind::Tag(step) => step,
            Kind::Submit(step) => step,
            Kind::Survey(step) => step,
            Kind::Handoff(step) => step,
            Kind::Goto(step) => step,
            Kind::End(step) => step,
        }
    }

    /// Gives the word of the step's kind.
    pub fn word(&self) -> &'static str {
        match &self.kind {
            Kind::Say(_) => "say",
            Kind::Ask(_) => "ask",
            Kind::Choose(_) => "choose",
            Kind::Branch(_) => "branch",
            Kind::Request(_) => "request",
            Kind::Set(_) => "set",
            Kind::Tag(_) => "tag",
            Kind::Submit(_) => "submit",
            Kind::Survey(_) => "survey",
            Kind::Handoff(_) => "handoff",
            Kind::Goto(_) => "goto",
            Kind::End(_) => "end",
        }
    }

    /// Gives every way out of the step.
    pub(crate) fn edges(&self) -> Vec<Edge> {
        let mut edges = self.act().edges();
        edges.extend(self.then.iter().map(|then| Edge::new(then, "")));
        edges.extend(self.act().question().map(Question::edges).unwrap_or_default());
        edges
    }
}
