//! Reading a definition: what was found wrong is collected, with its place, and reading goes on, so that one look at a
//! file tells everything that is wrong with it.

use std::collections::HashSet;

use domain::words;
use serde::{Deserialize, Serialize};

use crate::{
    Definition, Graph, graph,
    yaml::{At, Key, Node, Value},
};

words! {
    /// How bad a problem is.
    Severity {
        /// The flow cannot run like this.
        Error = "error",
        /// The flow runs, but probably not as meant.
        Warning = "warning",
    }
}

/// Something wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// Whether the flow can run.
    pub severity: Severity,
    /// What is wrong and, where it can be said, what to write instead.
    pub message: String,
}

impl Problem {
    pub(crate) fn error(at: At, message: impl Into<String>) -> Problem {
        Problem {
            line: at.line,
            column: at.column,
            severity: Severity::Error,
            message: message.into(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: {}", self.line, self.column, self.severity, self.message)
    }
}

/// Lists everything that is wrong with a definition, errors and warnings, in the order of the file.
pub fn check(source: &str) -> Vec<Problem> {
    Definition::read(source).1
}

/// Lists everything that is wrong with a definition, and draws what can be read of it: ways to steps that are not there
/// are left out.
pub fn draw(source: &str) -> (Vec<Problem>, Option<Graph>) {
    let (definition, problems) = Definition::read(source);
    let drawn = definition.map(|definition| {
        let mut graph = graph::graph(&definition);
        let known: HashSet<&str> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
        graph.edges.retain(|edge| known.contains(edge.to.as_str()));
        graph
    });
    (problems, drawn.filter(|graph| !graph.nodes.is_empty()))
}

/// What reading a file has found so far.
#[derive(Default)]
pub(crate) struct Reading {
    pub problems: Vec<Problem>,
    /// Names that templates and conditions use, such as `answers.beds`.
    pub uses: Vec<(At, String)>,
}

impl Reading {
    pub fn error(&mut self, at: At, message: impl Into<String>) {
        self.problems.push(Problem::error(at, message));
    }

    pub fn warning(&mut self, at: At, message: impl Into<String>) {
        let problem = Problem::error(at, message);
        self.problems.push(Problem {
            severity: Severity::Warning,
            ..problem
        });
    }

    /// Gives the text of a node; complains and gives an empty one when it holds none.
    pub fn text(&mut self, node: &Node, what: &str) -> String {
        match node.text().map(str::trim) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => {
                self.error(node.at, format!("{what} must be a text"));
                String::new()
            }
        }
    }

    /// Gives one text or a list of them as a list.
    pub fn texts(&mut self, node: &Node, what: &str) -> Vec<String> {
        match &node.value {
            Value::List(items) => items.iter().map(|item| self.text(item, what)).collect(),
            _ => vec![self.text(node, what)],
        }
    }

    /// Gives a whole or decimal number.
    pub fn number<T: std::str::FromStr>(&mut self, node: &Node, what: &str) -> Option<T> {
        let number = node.text().and_then(|text| text.trim().parse().ok());
        if number.is_none() {
            self.error(node.at, format!("{what} must be a number"));
        }
        number
    }

    /// Gives `true` or `false`.
    pub fn flag(&mut self, node: &Node, what: &str) -> bool {
        match node.text() {
            Some("true" | "yes") => true,
            Some("false" | "no") => false,
            _ => {
                self.error(node.at, format!("{what} must be true or false"));
                false
            }
        }
    }

    /// Gives seconds from words such as `30 minutes`.
    pub fn seconds(&mut self, node: &Node, what: &str) -> i64 {
        match node.text().and_then(seconds) {
            Some(seconds) => seconds,
            None => {
                self.error(
                    node.at,
                    format!("{what} must be a time such as '30 minutes', '4 hours' or '2 days'"),
                );
                0
            }
        }
    }

    /// Gives the entries of a map; complains when the node is something else.
    pub fn fields<'n>(&mut self, node: &'n Node, what: impl Into<String>) -> Fields<'n> {
        let what = what.into();
        let entries = match &node.value {
            Value::Map(entries) => entries
                .iter()
                .map(|(key, node)| Entry {
                    key,
                    node,
                    taken: false,
                })
                .collect(),
            _ => {
                self.error(node.at, format!("{what} must be written as 'name: value' lines"));
                Vec::new()
            }
        };
        Fields {
            at: node.at,
            step: String::new(),
            what,
            is_map: matches!(node.value, Value::Map(_)),
            entries,
            known: Vec::new(),
        }
    }
}

/// Reads `45 seconds`, `30 minutes`, `4 hours`, `2 days`.
fn seconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = (text[..split].parse::<i64>().ok()?, text[split..].trim());
    let unit = match unit.trim_end_matches('s') {
        "second" | "sec" => 1,
        "minute" | "min" | "m" => 60,
        "hour" | "h" => 3_600,
        "day" | "d" => 86_400,
        _ => return None,
    };
    (1..=100_000).contains(&count).then_some(count * unit)
}

/// The entries of a map, taken one by one by name; what nobody took is unknown.
pub(crate) struct Fields<'n> {
    pub at: At,
    /// The step that the fields belong to; empty above the steps.
    pub step: String,
    what: String,
    is_map: bool,
    entries: Vec<Entry<'n>>,
    known: Vec<&'static str>,
}

struct Entry<'n> {
    key: &'n Key,
    node: &'n Node,
    taken: bool,
}

impl<'n> Fields<'n> {
    /// Gives the value of `name`, if it was written.
    pub fn take(&mut self, name: &'static str) -> Option<&'n Node> {
        self.known.push(name);
        let entry = self.entries.iter_mut().find(|entry| entry.key.text == name)?;
        entry.taken = true;
        Some(entry.node)
    }

    /// Gives the value of `name`, and complains when it was not written.
    pub fn need(&mut self, name: &'static str, reading: &mut Reading) -> Option<&'n Node> {
        let found = self.take(name);
        if found.is_none() && self.is_map {
            reading.error(self.at, format!("{} needs '{name}'", self.what));
        }
        found
    }

    /// Gives the first entry whose name is one of `names`.
    pub fn take_first_of(&mut self, names: &[&'static str]) -> Option<(&'static str, &'n Node)> {
        let found = names
            .iter()
            .copied()
            .find(|name| self.entries.iter().any(|entry| entry.key.text == *name));
        match found {
            Some(name) => self.take(name).map(|node| (name, node)),
            None => {
                self.known.extend(names);
                None
            }
        }
    }

    /// Gives the names that are written and not yet taken.
    pub fn left(&self) -> impl Iterator<Item = &'n Key> {
        self.entries.iter().filter(|entry| !entry.taken).map(|entry| entry.key)
    }

    /// Complains of every entry that nobody took.
    pub fn finish(self, reading: &mut Reading) {
        for key in self.left() {
            let hint = did_you_mean(&key.text, self.known.iter().copied());
            reading.error(key.at, format!("{} has no '{}'{hint}", self.what, key.text));
        }
    }
}

/// Gives `; did you mean 'x'?` for the nearest of the known words, or a list of them when none is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let nearest = known.iter().map(|name| (distance(word, name), *name)).min();
    match nearest {
        Some((distance, name)) if distance <= 1 + name.len() / 3 => format!("; did you mean '{name}'?"),
        _ if known.is_empty() || known.len() > 16 => String::new(),
        _ => format!("; it may have {}", known.join(", ")),
    }
}

/// Counts the letters to change, add, take away or swap with the next to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().collect();
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            let swap = if is_swap { rows[i - 2][j - 2] + 1 } else { change };
            row.push(change.min(swap).min(rows[i - 1][j] + 1).min(row[j - 1] + 1));
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_offered() {
        let known = || ["say", "ask", "choose", "handoff"].into_iter();
        assert_eq!(did_you_mean("handof", known()), "; did you mean 'handoff'?");
        assert_eq!(did_you_mean("chose", known()), "; did you mean 'choose'?");
        assert_eq!(
            did_you_mean("zzzzzz", known()),
            "; it may have say, ask, choose, handoff"
        );
    }

    #[test]
    fn a_flow_that_is_partly_wrong_is_drawn_as_far_as_it_can_be_read() {
        let (problems, graph) = draw(
            "name: a\nsteps:\n  one:\n    say: Hi\n    then: nowhere\n  two:\n    sya: Ho\n  three:\n    say: Bye\n",
        );
        assert_eq!(
            problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error)
                .count(),
            2
        );
        let graph = graph.unwrap();
        let nodes: Vec<_> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(
            nodes,
            ["one", "two", "three", "end"],
            "a step that is not understood is still drawn"
        );
        assert_eq!(graph.edges.len(), 2, "{:?}", graph.edges);
        assert_eq!(draw("a: [").1, None);
        assert_eq!(draw("steps: 7").1, None);
    }

    #[test]
    fn times_are_read_in_words() {
        let table = [
            ("45 seconds", Some(45)),
            ("30 minutes", Some(1_800)),
            ("1 hour", Some(3_600)),
            ("2days", Some(172_800)),
            ("0 days", None),
            ("soon", None),
            ("5", None),
        ];
        for (text, expected) in table {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}
