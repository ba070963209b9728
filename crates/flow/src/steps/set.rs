//! `set`: puts traits on the customer's file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::request::read_map;
use crate::{
    engine::{Next, Outcome, Run},
    facts::cut,
    reading::Reading,
    session::Effect,
    step::Act,
    template::Template,
    yaml::Node,
};

/// Puts traits on the customer's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Set {
    /// The traits and their values.
    pub traits: BTreeMap<String, Template>,
}

impl Set {
    pub(crate) fn read(node: &Node, reading: &mut Reading) -> Set {
        Set {
            traits: read_map(node, "'set'", reading),
        }
    }
}

impl Act for Set {
    fn enter(&self, run: &mut Run) -> Outcome {
        for (key, value) in &self.traits {
            let value = cut(&run.fill(value)?).to_owned();
            run.session.traits.insert(key.clone(), value.clone());
            run.effects.push(Effect::SetTrait {
                key: key.clone(),
                value,
            });
        }
        Ok(Next::Then)
    }

    fn text(&self) -> String {
        self.traits
            .iter()
            .map(|(key, value)| format!("{key} = {}", value.source()))
            .collect::<Vec<_>>()
            .join("\n")
    }
}
