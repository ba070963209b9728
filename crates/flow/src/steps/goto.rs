//! `goto`: goes on at another step.

use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    reading::Reading,
    step::{Act, Edge},
    yaml::Node,
};

/// Goes on at another step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Goto {
    /// The step.
    pub to: String,
}

impl Goto {
    pub(crate) fn read(node: &Node, reading: &mut Reading) -> Goto {
        Goto {
            to: reading.text(node, "'goto'"),
        }
    }
}

impl Act for Goto {
    fn enter(&self, _: &mut Run) -> Outcome {
        Ok(Next::Go(self.to.clone()))
    }

    fn edges(&self) -> Vec<Edge> {
        vec![Edge::new(&self.to, "")]
    }

    fn text(&self) -> String {
        self.to.clone()
    }
}
