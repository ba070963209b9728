//! `cargo xtask tidy`: the rules that no compiler knows, each a function from the repository's files to findings.
//!
//! A size that is over its limit may stand in `xtask/tidy-exceptions.txt`; that list may only shrink.

mod data;
mod exceptions;
mod layers;
mod links;
mod packages;
mod rust_source;
mod sizes;
mod test_code;
mod tree;

use std::fmt;

use anyhow::{Context, Result, bail};

use crate::workspace;
use tree::Tree;

/// Where exceptions are listed.
const EXCEPTIONS: &str = "xtask/tidy-exceptions.txt";

/// Every rule.
const RULES: &[fn(&Tree) -> Vec<Finding>] = &[
    layers::crates_stay_apart,
    layers::crates_share_lints,
    data::one_file_names_drivers,
    data::one_file_touches_events,
    sizes::files_and_functions_are_small,
    rust_source::modules_say_what_they_are_for,
    test_code::tests_do_not_sleep,
    test_code::tests_are_not_left_out,
    links::links_lead_somewhere,
    packages::changelogs_have_a_place_for_new_lines,
    packages::lock_files_name_no_host,
];

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    path: String,
    /// The line it is at; 0 for the file as a whole.
    line: usize,
    message: String,
    /// The size that is over its limit, where the rule is about one.
    excess: Option<Excess>,
}

/// A size over its limit.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excess {
    /// What is too large: `file` or a function's name.
    what: String,
    lines: usize,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding {
            path: path.to_owned(),
            line,
            message: message.into(),
            excess: None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// The command: checks the work tree.
pub fn run(arguments: &[String]) -> Result<()> {
    if let Some(argument) = arguments.first() {
        bail!("tidy takes no arguments, found '{argument}'");
    }
    check()?;
    println!("tidy: {} rules hold", RULES.len());
    Ok(())
}

/// Fails with everything in the work tree that breaks a rule.
pub fn check() -> Result<()> {
    let tree = Tree::of_work_tree(workspace::root()).context("cannot read the work tree")?;
    let findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    let findings = exceptions::apply(findings, tree.text(EXCEPTIONS).unwrap_or_default());
    findings.iter().for_each(|finding| println!("{finding}"));
    if findings.is_empty() {
        Ok(())
    } else {
        bail!("{} places break a rule", findings.len())
    }
}
