//! `say`: sends a text and goes on.

use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    reading::{Fields, Reading},
    step::Act,
    template::Template,
    yaml::Node,
};

/// Sends a text and goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Say {
    /// The text.
    pub text: Template,
}

impl Say {
    pub(crate) fn read(node: &Node, _: &mut Fields, reading: &mut Reading) -> Say {
        Say {
            text: Template::read(node, "'say'", reading),
        }
    }
}

impl Act for Say {
    fn enter(&self, run: &mut Run) -> Outcome {
        let text = run.fill(&self.text)?;
        run.say(text, Vec::new());
        Ok(Next::Then)
    }

    fn text(&self) -> String {
        self.text.source().to_owned()
    }

    fn says(&self) -> Vec<String> {
        vec![self.text()]
    }
}
