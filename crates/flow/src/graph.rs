//! A flow as a map of steps and the ways between them, for the editor.

use serde::{Deserialize, Serialize};

use crate::Definition;

/// A flow as a map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Graph {
    /// The step it begins with.
    pub start: String,
    /// The steps; `end` and `handoff` are there where a way leads to them.
    pub nodes: Vec<GraphNode>,
    /// The ways between them.
    pub edges: Vec<Edge>,
}

/// A step on the map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GraphNode {
    /// The step's name.
    pub id: String,
    /// The word of its kind.
    pub kind: String,
    /// Its name for people.
    pub title: String,
    /// What it is about.
    pub text: String,
    /// The line it begins on; 0 for `end` and `handoff`.
    pub line: usize,
}

/// A way from one step to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Edge {
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// When it is taken; empty when always.
    pub label: String,
}

/// Draws the map of a flow.
pub fn graph(definition: &Definition) -> Graph {
    let mut nodes: Vec<GraphNode> = definition
        .steps
        .iter()
        .map(|step| GraphNode {
            id: step.id.clone(),
            kind: step.word().to_owned(),
            title: title(&step.id),
            text: step.act().text(),
            line: step.line,
        })
        .collect();
    let mut edges = Vec::new();
    for step in &definition.steps {
        for edge in step.edges() {
            edges.push(Edge {
                from: step.id.clone(),
                to: edge.to,
                label: edge.label,
            });
        }
    }
    for target in ["end", "handoff"] {
        if edges.iter().any(|edge| edge.to == target) {
            nodes.push(GraphNode {
                id: target.to_owned(),
                kind: target.to_owned(),
                title: title(target),
                text: String::new(),
                line: 0,
            });
        }
    }
    Graph {
        start: definition.start().to_owned(),
        nodes,
        edges,
    }
}

fn title(id: &str) -> String {
    let words = id.replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
