//! Rules of segments: CEL over a customer's file and over what the customer did, and when.
//!
//! What was done is asked for by functions that take the name of a touchpoint, and a time such as "3 days" where it counts how
//! long ago. So a rule can say, beside whether somebody belongs to the segment now, when that will change by the passing of
//! time alone. There is no clock in a rule: nobody could say when the answer to a comparison with it changes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use cel::{
    Context, ExecutionError, Program, Value as Cel,
    common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, SelectExpr, operators},
    extractors::Arguments,
};
use jiff::{Span, SpanRelativeTo};
use serde_json::json;

use crate::{
    condition::{ENV, FUNCTIONS, Known, compile, decide_in},
    facts::Customer,
};

/// What a rule may name.
const NAMES: &[&str] = &["customer"];

/// What a rule may ask of the file.
const FILE: [&str; 6] = ["name", "phone", "email", "locale", "tags", "traits"];

/// The functions over what was done: the name, the number of touchpoints, and whether a time must follow.
const DEEDS: [(&str, usize, bool); 4] = [
    ("did", 1, false),
    ("times", 1, false),
    ("did_then", 2, true),
    ("did_not_then", 2, true),
];

/// What gives a number or a text.
const VALUES: [&str; 8] = [
    operators::ADD,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::NEGATE,
    "times",
    "size",
];

/// The longest time that a rule may look back.
const LONGEST_MS: i64 = 10 * 366 * 86_400_000;

/// A rule that says who belongs to a segment: read once, decided often.
#[derive(Debug)]
pub struct SegmentRule {
    program: Program,
    touchpoints: Vec<String>,
}

/// What a customer did up to a moment.
#[derive(Debug, Clone, Default)]
pub struct Deeds {
    /// The moment, in milliseconds since 1970 UTC. What is later has not happened yet.
    pub now: i64,
    /// When the customer was at each touchpoint that the rule names, oldest first.
    pub times: HashMap<String, Vec<i64>>,
}

/// Whether a customer belongs to a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Whether they do now.
    pub is_member: bool,
    /// The next moment at which that may change though nothing happens, in milliseconds.
    pub until: Option<i64>,
}

impl SegmentRule {
    /// Reads a rule; fails with the reason why it cannot be read.
    pub fn read(source: &str) -> Result<SegmentRule, String> {
        let deeds = DEEDS.iter().map(|(name, ..)| *name);
        let functions: Vec<&str> = FUNCTIONS
            .into_iter()
            .filter(|name| *name != "days_until")
            .chain(deeds)
            .collect();
        let program = compile(source, NAMES, &functions)?;
        let mut touchpoints = Vec::new();
        look(&program.expression().expr, &mut touchpoints)?;
        must_decide(&program.expression().expr)?;
        touchpoints.sort();
        touchpoints.dedup();
        Ok(SegmentRule { program, touchpoints })
    }

    /// Gives the names of the touchpoints that the rule asks about, each once.
    pub fn touchpoints(&self) -> &[String] {
        &self.touchpoints
    }

    /// Gives a rule's text with another name for a touchpoint that it asks about. The same word stays where it means something else.
    ///
    /// ```
    /// let rule = r#"did("Cart") && 'Cart' in customer.tags"#;
    /// assert_eq!(flow::SegmentRule::renamed(rule, "Cart", "Basket"), r#"did("Basket") && 'Cart' in customer.tags"#);
    /// ```
    pub fn renamed(source: &str, old: &str, new: &str) -> String {
        let (mut told, mut word) = (String::with_capacity(source.len()), String::new());
        // How many touchpoints each open bracket still takes.
        let mut open: Vec<usize> = Vec::new();
        let mut rest = source;
        while let Some(next) = rest.chars().next() {
            let text = matches!(next, '"' | '\'').then(|| text_at(rest)).flatten();
            let length = text.map_or(next.len_utf8(), str::len);
            let awaited = open.last_mut().filter(|awaited| text.is_some() && **awaited > 0);
            let is_asked = awaited.map(|awaited| *awaited -= 1).is_some();
            match text.filter(|text| is_asked && meant(text) == old) {
                Some(_) => told.push_str(&json!(new).to_string()),
                None => told.push_str(&rest[..length]),
            }
            match next {
                '(' => open.push(
                    DEEDS
                        .iter()
                        .find(|(name, ..)| *name == word)
                        .map_or(0, |(_, named, _)| *named),
                ),
                ')' => drop(open.pop()),
                _ => (),
            }
            match next {
                _ if next.is_alphanumeric() || next == '_' => word.push(next),
                _ if next.is_whitespace() => (),
                _ => word.clear(),
            }
            rest = &rest[length..];
        }
        told
    }

    /// Decides the rule; what cannot be decided, such as a comparison of a text with a number, does not hold.
    pub fn decide(&self, customer: &Customer, deeds: Deeds) -> Standing {
        let later = deeds
            .times
            .values()
            .flatten()
            .filter(|at| **at > deeds.now)
            .min()
            .copied();
        let asked = Arc::new(Asked {
            deeds,
            until: Mutex::new(later),
        });
        let view = json!({ "customer": customer });
        let known = Known {
            view: &view,
            names: NAMES,
        };
        let mut context = Context::with_env(ENV.clone());
        for (name, ..) in DEEDS {
            let asked = asked.clone();
            let answer = move |Arguments(arguments): Arguments| asked.answer(name, &arguments);
            let declared = context.add_function(name, answer);
            debug_assert!(declared.is_ok(), "no other function has this name");
        }
        let is_member = decide_in(&self.program, &mut context, &known).unwrap_or(false);
        Standing {
            is_member,
            until: *asked.until.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// What was done, and until when all that was answered about it stays true.
struct Asked {
    deeds: Deeds,
    until: Mutex<Option<i64>>,
}

impl Asked {
    fn answer(&self, function: &str, arguments: &[Cel]) -> Result<Cel, ExecutionError> {
        let text = |at: usize| match arguments.get(at) {
            Some(Cel::String(text)) => Ok(text.as_str()),
            _ => Err(ExecutionError::function_error(function, "takes texts")),
        };
        let window = |at: usize| {
            let given = arguments.get(at).map(|_| text(at)).transpose()?;
            let window = given.map(window).transpose();
            window.map_err(|error| ExecutionError::function_error(function, error))
        };
        let first = text(0)?;
        Ok(match function {
            "did" => Cel::Bool(self.did(first, window(1)?)),
            "times" => Cel::Int(self.times(first, window(1)?)),
            "did_then" => Cel::Bool(self.followed(first, text(1)?, window(2)?) == Some(true)),
            _ => Cel::Bool(self.followed(first, text(1)?, window(2)?) == Some(false)),
        })
    }

    fn past(&self, touchpoint: &str) -> &[i64] {
        let times = self.deeds.times.get(touchpoint).map(Vec::as_slice).unwrap_or_default();
        &times[..times.partition_point(|at| *at <= self.deeds.now)]
    }

    /// Whether the customer was there, within the window before now.
    fn did(&self, touchpoint: &str, window: Option<i64>) -> bool {
        let Some(last) = self.past(touchpoint).last() else {
            return false;
        };
        let Some(window) = window else { return true };
        let is_within = last + window >= self.deeds.now;
        if is_within {
            self.wake(last + window + 1);
        }
        is_within
    }

    /// How often the customer was there, within the window before now.
    fn times(&self, touchpoint: &str, window: Option<i64>) -> i64 {
        let past = self.past(touchpoint);
        let Some(window) = window else { return past.len() as i64 };
        let within = &past[past.partition_point(|at| at + window < self.deeds.now)..];
        if let Some(oldest) = within.first() {
            self.wake(oldest + window + 1);
        }
        within.len() as i64
    }

    /// Whether the second touchpoint came within the window after the last time at the first; `None` while there is no such
    /// time, or the window is still open.
    fn followed(&self, first: &str, second: &str, window: Option<i64>) -> Option<bool> {
        let last = *self.past(first).last()?;
        let end = last.saturating_add(window.unwrap_or(LONGEST_MS));
        let past = self.past(second);
        // What happened in the same moment came after it; the same touchpoint once more has to be later.
        let from = past.partition_point(|at| *at < last || first == second && *at == last);
        if past.get(from).is_some_and(|at| *at <= end) {
            return Some(true);
        }
        if end >= self.deeds.now {
            self.wake(end + 1);
            return None;
        }
        Some(false)
    }

    fn wake(&self, at: i64) {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = Some(until.map_or(at, |other| other.min(at)));
    }
}

/// Gives the text in quotes that stands at the beginning of this.
fn text_at(source: &str) -> Option<&str> {
    let quote = source.chars().next()?;
    let mut is_escaped = false;
    let end = source[1..].find(|next| {
        let ends = next == quote && !is_escaped;
        is_escaped = next == '\\' && !is_escaped;
        ends
    })?;
    Some(&source[..end + 2])
}

/// Gives what a text in quotes means, as far as it is written as JSON writes it.
fn meant(text: &str) -> String {
    serde_json::from_str(text).unwrap_or_else(|_| text[1..text.len() - 1].to_owned())
}

/// Looks for calls of the functions over what was done, and checks what they are given.
fn look(expr: &Expr, touchpoints: &mut Vec<String>) -> Result<(), String> {
    let inner: Vec<&Expr> = match expr {
        Expr::Call(call) => {
            check(call, touchpoints)?;
            let target = call.target.iter().map(|target| &target.expr);
            target.chain(call.args.iter().map(|argument| &argument.expr)).collect()
        }
        Expr::List(list) => list.elements.iter().map(|element| &element.expr).collect(),
        Expr::Map(map) => {
            let both = map.entries.iter().filter_map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => Some([&entry.key.expr, &entry.value.expr]),
                EntryExpr::StructField(_) => None,
            });
            both.flatten().collect()
        }
        Expr::Select(select) => {
            must_be_on_file(select)?;
            vec![&select.operand.expr]
        }
        // No macro makes one, and there is no kind of structure.
        Expr::Comprehension(_) | Expr::Struct(_) => return Err("is of a kind that cannot be decided".to_owned()),
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => Vec::new(),
    };
    inner.into_iter().try_for_each(|expr| look(expr, touchpoints))
}

fn must_be_on_file(select: &SelectExpr) -> Result<(), String> {
    let is_file = matches!(&select.operand.expr, Expr::Ident(name) if name == NAMES[0]);
    if is_file && !FILE.contains(&select.field.as_str()) {
        return Err(format!(
            "knows no customer.{}: there is {}",
            select.field,
            FILE.join(", ")
        ));
    }
    Ok(())
}

/// Refuses a rule that is a number or a text, whoever it is asked of: it would hold for nobody.
fn must_decide(expr: &Expr) -> Result<(), String> {
    let is_value = match expr {
        Expr::Literal(LiteralValue::Boolean(_)) => false,
        Expr::Literal(_) | Expr::List(_) | Expr::Map(_) | Expr::Ident(_) => true,
        Expr::Select(select) => !select.test,
        Expr::Call(call) => VALUES.contains(&call.func_name.as_str()),
        _ => false,
    };
    let told = "says neither yes nor no: compare it with something, such as times(\"Viewed\") >= 2";
    if is_value { Err(told.to_owned()) } else { Ok(()) }
}

fn check(call: &CallExpr, touchpoints: &mut Vec<String>) -> Result<(), String> {
    let Some((name, named, needs_time)) = DEEDS.into_iter().find(|(name, ..)| *name == call.func_name) else {
        return Ok(());
    };
    let usage = || match (named, needs_time) {
        (1, _) => {
            format!("{name}() takes a touchpoint in quotes, and a time if you like: {name}(\"Booked\", \"3 days\")")
        }
        _ => format!("{name}() takes two touchpoints in quotes and a time: {name}(\"Viewed\", \"Booked\", \"3 days\")"),
    };
    let texts: Option<Vec<&str>> = call.args.iter().map(|argument| literal(&argument.expr)).collect();
    let texts = texts.filter(|_| call.target.is_none()).ok_or_else(usage)?;
    let most = named + 1;
    let least = named + usize::from(needs_time);
    if !(least..=most).contains(&texts.len()) {
        return Err(usage());
    }
    touchpoints.extend(texts[..named].iter().map(|text| (*text).to_owned()));
    texts.get(named).map(|text| window(text)).transpose().map(drop)
}

fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// Reads a time such as "3 days" or "90 minutes" as milliseconds. A day has 24 hours.
fn window(text: &str) -> Result<i64, String> {
    let span: Option<Span> = text.trim().parse().ok();
    let length = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let millis = length.and_then(|length| i64::try_from(length.as_millis()).ok());
    millis
        .filter(|millis| (1..=LONGEST_MS).contains(millis))
        .ok_or_else(|| {
            format!("'{text}' is no time that can be counted: write it like \"90 minutes\", \"3 days\" or \"2 weeks\"")
        })
}

#[cfg(test)]
mod tests;
