//! `tag`: puts tags on the customer's file.

use serde::Serialize;

use crate::{
    engine::{Next, Outcome, Run},
    reading::Reading,
    session::Effect,
    step::Act,
    yaml::Node,
};

/// Puts tags on the customer's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// The tags.
    pub tags: Vec<String>,
}

impl Tag {
    pub(crate) fn read(node: &Node, reading: &mut Reading) -> Tag {
        Tag {
            tags: reading.texts(node, "'tag'"),
        }
    }
}

impl Act for Tag {
    fn enter(&self, run: &mut Run) -> Outcome {
        for tag in &self.tags {
            if !run.session.tags.contains(tag) {
                run.session.tags.push(tag.clone());
            }
            run.effects.push(Effect::Tag { tag: tag.clone() });
        }
        Ok(Next::Then)
    }

    fn text(&self) -> String {
        self.tags.join(", ")
    }
}
