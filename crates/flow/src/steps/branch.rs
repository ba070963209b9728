//! `branch`: goes where the first condition that holds leads.

use serde::Serialize;

use crate::{
    condition::Condition,
    engine::{Next, Outcome, Run},
    reading::Reading,
    step::{Act, Edge},
    yaml::{Node, Value},
};

/// Goes where the first condition that holds leads; without an `else`, with the next step when none does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// The conditions, tried in this order.
    pub cases: Vec<Case>,
    /// Where it goes when none holds.
    #[serde(rename = "else", skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
}

/// A condition and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The condition.
    #[serde(rename = "if")]
    pub condition: Condition,
    /// The step it leads to.
    pub then: String,
}

impl Branch {
    pub(crate) fn read(node: &Node, reading: &mut Reading) -> Branch {
        let mut branch = Branch {
            cases: Vec::new(),
            otherwise: None,
        };
        let Value::List(items) = &node.value else {
            reading.error(
                node.at,
                "a branch is written as a list: '- if: …' with 'then: …', and '- else: …' at the end",
            );
            return branch;
        };
        for item in items {
            if branch.otherwise.is_some() {
                reading.error(item.at, "this is never tried: it stands after 'else'");
            }
            branch.read_case(item, reading);
        }
        if branch.otherwise.is_none() {
            reading.warning(
                node.at,
                "there is no 'else': when no condition holds, the flow goes on with the next step",
            );
        }
        branch
    }

    fn read_case(&mut self, item: &Node, reading: &mut Reading) {
        let mut fields = reading.fields(item, "a case of a branch");
        if let Some(node) = fields.take("else") {
            self.otherwise = Some(reading.text(node, "'else'"));
        } else if let Some(node) = fields.need("if", reading) {
            let condition = Condition::read(node, reading);
            let then = fields.need("then", reading).map(|node| reading.text(node, "'then'"));
            self.cases.push(Case {
                condition,
                then: then.unwrap_or_default(),
            });
        }
        fields.finish(reading);
    }

    pub(crate) fn has_else(&self) -> bool {
        self.otherwise.is_some()
    }
}

impl Act for Branch {
    fn enter(&self, run: &mut Run) -> Outcome {
        let view = run.view();
        for case in &self.cases {
            if case.condition.holds(&view)? {
                return Ok(Next::Go(case.then.clone()));
            }
        }
        Ok(self.otherwise.clone().map_or(Next::Then, Next::Go))
    }

    fn edges(&self) -> Vec<Edge> {
        let cases = self
            .cases
            .iter()
            .map(|case| Edge::new(&case.then, case.condition.source()));
        cases
            .chain(self.otherwise.iter().map(|to| Edge::new(to, "else")))
            .collect()
    }

    fn text(&self) -> String {
        self.cases
            .iter()
            .map(|case| case.condition.source())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
