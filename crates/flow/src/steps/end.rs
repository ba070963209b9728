//! `end`: ends the flow, with a last text if it has one.

use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    reading::Reading,
    session::End,
    step::Act,
    template::Template,
    yaml::{Node, Value},
};

/// Ends the flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndStep {
    /// The last text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Template>,
}

impl EndStep {
    pub(crate) fn read(node: &Node, reading: &mut Reading) -> EndStep {
        let is_silent = matches!(node.value, Value::Empty);
        EndStep {
            text: (!is_silent).then(|| Template::read(node, "'end'", reading)),
        }
    }
}

impl Act for EndStep {
    fn enter(&self, run: &mut Run) -> Outcome {
        if let Some(text) = &self.text {
            let text = run.fill(text)?;
            run.say(text, Vec::new());
        }
        Ok(Next::End(End::Completed))
    }

    fn text(&self) -> String {
        self.text.iter().map(Template::source).collect()
    }

    fn says(&self) -> Vec<String> {
        self.text.iter().map(|text| text.source().to_owned()).collect()
    }
}
