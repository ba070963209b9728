//! `handoff`: lets a person take over, and says why.

use domain::Reason;
use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    reading::{Fields, Reading},
    session::{Effect, End},
    step::Act,
    template::Template,
    yaml::Node,
};

/// Lets a person take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Handoff {
    /// The team's name; without it, the team that the channel gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Why, for the person who takes over.
    pub reason: Template,
    /// What the customer is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub say: Option<Template>,
}

impl Handoff {
    pub(crate) fn read(node: &Node, fields: &mut Fields, reading: &mut Reading) -> Handoff {
        let reason = fields.need("reason", reading);
        Handoff {
            team: node
                .text()
                .map(|team| team.trim().to_owned())
                .filter(|team| !team.is_empty()),
            reason: reason
                .map(|node| Template::read(node, "'reason'", reading))
                .unwrap_or_default(),
            say: fields.take("say").map(|node| Template::read(node, "'say'", reading)),
        }
    }
}

impl Act for Handoff {
    fn enter(&self, run: &mut Run) -> Outcome {
        if let Some(say) = &self.say {
            let text = run.fill(say)?;
            run.say(text, Vec::new());
        }
        let reason = run.fill(&self.reason)?;
        run.effects.push(Effect::HandOff {
            team: self.team.clone(),
            reason: Reason::Words(reason),
        });
        Ok(Next::End(End::HandedOff))
    }

    fn text(&self) -> String {
        let team = self.team.iter().map(|team| format!("{team}: ")).collect::<String>();
        format!("{team}{}", self.reason.source())
    }

    fn says(&self) -> Vec<String> {
        self.say.iter().map(|say| say.source().to_owned()).collect()
    }
}
