//! `request`: puts a request on the customer's file.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    Filed,
    engine::{Next, Outcome, Run},
    facts::as_details,
    reading::{Fields, Reading},
    session::Effect,
    step::Act,
    template::Template,
    yaml::{Node, Value},
};

/// Puts a request on the customer's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Request {
    /// What kind of request.
    pub request: String,
    /// One line that says what is asked for.
    pub summary: Template,
    /// What belongs to it; without them, all answers given so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<BTreeMap<String, Template>>,
}

impl Request {
    pub(crate) fn read(node: &Node, fields: &mut Fields, reading: &mut Reading) -> Request {
        let summary = fields.need("summary", reading);
        Request {
            request: reading.text(node, "'request'"),
            summary: summary
                .map(|node| Template::read(node, "'summary'", reading))
                .unwrap_or_default(),
            details: fields.take("details").map(|node| read_map(node, "'details'", reading)),
        }
    }

    fn filled(&self, run: &Run) -> Result<BTreeMap<String, String>, String> {
        match &self.details {
            None => Ok(as_details(&run.session.answers)),
            Some(details) => details
                .iter()
                .map(|(name, text)| Ok((name.clone(), run.fill(text)?)))
                .collect(),
        }
    }
}

/// Reads `name: text` lines.
pub(super) fn read_map(node: &Node, what: &str, reading: &mut Reading) -> BTreeMap<String, Template> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .map(|(key, node)| {
                (
                    key.text.clone(),
                    Template::read(node, &format!("'{}'", key.text), reading),
                )
            })
            .collect(),
        _ => {
            reading.error(node.at, format!("{what} is written as 'name: text' lines"));
            BTreeMap::new()
        }
    }
}

impl Act for Request {
    fn enter(&self, run: &mut Run) -> Outcome {
        let summary = run.fill(&self.summary)?;
        if summary.is_empty() {
            return Err("the request has an empty summary".to_owned());
        }
        let (kind, details) = (self.request.clone(), self.filled(run)?);
        let filed = Filed {
            kind: kind.clone(),
            summary: summary.clone(),
            details: details.clone(),
            status: "filed".to_owned(),
        };
        run.session.request = Some(filed);
        run.effects.push(Effect::FileRequest { kind, summary, details });
        Ok(Next::Then)
    }

    fn text(&self) -> String {
        format!("{}: {}", self.request, self.summary.source())
    }
}
