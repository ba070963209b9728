//! What can only be told from a whole flow: ways that lead nowhere, steps that nothing leads to, circles that never wait,
//! names that nothing saves, texts that are too long.

use std::{collections::BTreeSet, sync::LazyLock};

use domain::segments::segments;
use regex::Regex;

use crate::{
    Definition,
    definition::is_name,
    facts::{CUSTOMER_NAMES, NAMES, REQUEST_NAMES},
    limits,
    reading::{Fields, Reading, did_you_mean},
    step::{Kind, Step},
    yaml::At,
};

/// Checks the flow as a whole.
pub(crate) fn check(definition: &Definition, reading: &mut Reading) {
    if definition.steps.is_empty() {
        return;
    }
    check_targets(definition, reading);
    check_reachable(definition, reading);
    check_circles(definition, reading);
    check_names(definition, reading);
    for step in &definition.steps {
        check_timeout(definition, step, reading);
        check_length(step, reading);
    }
    check_submit(definition, reading);
}

fn check_targets(definition: &Definition, reading: &mut Reading) {
    let known: Vec<&str> = definition
        .steps
        .iter()
        .map(|step| step.id.as_str())
        .chain(["end", "handoff"])
        .collect();
    for step in &definition.steps {
        for edge in step.edges() {
            if !edge.to.is_empty() && !known.contains(&edge.to.as_str()) {
                let hint = did_you_mean(&edge.to, known.iter().copied());
                reading.error(
                    step.at,
                    format!("step '{}' goes to '{}', which is not there{hint}", step.id, edge.to),
                );
            }
        }
    }
}

fn check_reachable(definition: &Definition, reading: &mut Reading) {
    let mut reached = BTreeSet::new();
    let mut ahead = vec![definition.start().to_owned()];
    while let Some(id) = ahead.pop() {
        if let Some(step) = definition.step(&id)
            && reached.insert(id)
        {
            ahead.extend(step.edges().into_iter().map(|edge| edge.to));
        }
    }
    for step in definition.steps.iter().filter(|step| !reached.contains(&step.id)) {
        reading.warning(step.at, format!("nothing leads to step '{}'", step.id));
    }
}

/// Finds circles of steps that never wait: whoever entered one would never come out.
fn check_circles(definition: &Definition, reading: &mut Reading) {
    let mut clear = BTreeSet::new();
    for step in &definition.steps {
        let mut path = Vec::new();
        if let Some(circle) = circle_from(definition, &step.id, &mut path, &mut clear) {
            reading.error(
                step.at,
                format!(
                    "this runs in a circle without ever waiting for the customer: {}",
                    circle.join(" -> ")
                ),
            );
            return;
        }
    }
}

fn circle_from(
    definition: &Definition,
    id: &str,
    path: &mut Vec<String>,
    clear: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|seen| seen == id) {
        let mut circle = path.split_off(start);
        circle.push(id.to_owned());
        return Some(circle);
    }
    let step = definition
        .step(id)
        .filter(|step| step.act().question().is_none() && !clear.contains(id))?;
    path.push(id.to_owned());
    let found = step
        .edges()
        .into_iter()
        .find_map(|edge| circle_from(definition, &edge.to, path, clear));
    if found.is_none() {
        path.pop();
        clear.insert(id.to_owned());
    }
    found
}

/// Finds names in texts and conditions that nothing gives a value to.
fn check_names(definition: &Definition, reading: &mut Reading) {
    let saved: Vec<&str> = definition.steps.iter().filter_map(|step| step.act().saves()).collect();
    let uses: BTreeSet<(usize, usize, String)> = std::mem::take(&mut reading.uses)
        .into_iter()
        .map(|(at, name)| (at.line, at.column, name))
        .collect();
    for (line, column, name) in uses {
        let mut parts = name.split('.');
        let (root, field) = (parts.next().unwrap_or_default(), parts.next());
        let (word, known) = match (root, field) {
            ("answers", Some(field)) => (field, &saved[..]),
            ("customer", Some(field)) => (field, &CUSTOMER_NAMES[..]),
            ("request", Some(field)) => (field, &REQUEST_NAMES[..]),
            (root, _) => (root, &NAMES[..]),
        };
        if !known.contains(&word) {
            let hint = did_you_mean(word, known.iter().copied());
            reading.error(At { line, column }, format!("nothing is known as '{name}'{hint}"));
        }
    }
}

fn check_timeout(definition: &Definition, step: &Step, reading: &mut Reading) {
    let timeout = step.act().question().and_then(|question| question.timeout.as_ref());
    if let Some(timeout) = timeout
        && timeout.after_seconds >= definition.expires_minutes * 60
    {
        reading.warning(
            step.at,
            format!(
                "the timeout of step '{}' never comes: the session expires before",
                step.id
            ),
        );
    }
}

static FILLED_IN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}").expect("the pattern is fixed and right"));

fn check_length(step: &Step, reading: &mut Reading) {
    for text in step.act().says() {
        let parts = segments(&FILLED_IN.replace_all(&text, "")).parts;
        if parts > limits::SEGMENTS_WARNED {
            reading.warning(
                step.at,
                format!(
                    "the text of step '{}' takes {parts} segments; carriers take {}",
                    step.id,
                    limits::SEGMENTS_WARNED
                ),
            );
        }
    }
}

fn check_submit(definition: &Definition, reading: &mut Reading) {
    let files = definition
        .steps
        .iter()
        .any(|step| matches!(step.kind, Kind::Request(_)));
    for step in &definition.steps {
        if matches!(step.kind, Kind::Submit(_)) && !files {
            reading.error(
                step.at,
                "there is nothing to submit: no step of this flow files a request",
            );
        }
    }
}

impl Fields<'_> {
    /// Reads the name that an answer is kept under; the step's own name where nothing is said.
    pub(crate) fn save(&mut self, reading: &mut Reading) -> String {
        let Some(node) = self.take("save") else {
            return self.step.clone();
        };
        let name = reading.text(node, "'save'");
        if !is_name(&name) && !name.is_empty() {
            reading.error(
                node.at,
                format!("'{name}' cannot name an answer: use small letters, digits and '_', beginning with a letter"),
            );
        }
        name
    }
}
