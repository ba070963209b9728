//! Conditions: CEL over what a flow may know. What is not known is `null`, so that a condition on a trait that a customer
//! does not have is simply not true. The macros that walk through lists are left out, so that no condition runs for long.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use cel::{
    Context, Env, Program, Value as Cel,
    common::{ast::Expr, value::CowVal},
    context::VariableResolver,
    parser::Macro,
};
use jiff::civil::Date;
use regex::Regex;
use serde::Serialize;
use serde_json::Value;

use crate::{
    facts::NAMES,
    limits,
    reading::{Reading, did_you_mean},
    yaml::Node,
};

/// A condition as it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Condition(String);

/// Functions that a condition may call.
pub(crate) const FUNCTIONS: [&str; 10] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "double",
    "string",
    "number",
    "days_until",
];

pub(crate) static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::default().with_optional_support(false).with_stdlib();
    let has = Macro::global("has", 1, |helper, _, arguments| match arguments.pop() {
        Some(mut argument) => match argument.expr {
            Expr::Select(ref mut select) => {
                select.test = true;
                Ok(Some(helper.next_expr(argument.expr)))
            }
            _ => Err(helper.new_error(argument.id, "has() takes a field, such as has(customer.traits.tier)")),
        },
        None => Ok(None),
    });
    env.add_macro(has).expect("no other macro is there");
    Arc::new(env)
});

static FIELD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(answers|customer|request)\.(\w+)").expect("the pattern is fixed and right"));

impl Condition {
    /// Reads a condition and checks that it can be decided.
    pub(crate) fn read(node: &Node, reading: &mut Reading) -> Condition {
        let source = reading.text(node, "a condition");
        if source.chars().count() > limits::CONDITION_CHARS {
            reading.error(
                node.at,
                format!("a condition is longer than {} characters", limits::CONDITION_CHARS),
            );
            return Condition::default();
        }
        match ENV.compile(&source) {
            Ok(program) => {
                check_functions(&program, node, reading);
                let fields = FIELD.find_iter(&source).map(|found| found.as_str().to_owned());
                let names = program
                    .references()
                    .variables()
                    .into_iter()
                    .map(str::to_owned)
                    .collect::<Vec<_>>();
                reading.uses.extend(fields.chain(names).map(|name| (node.at, name)));
            }
            Err(errors) => {
                let reason = errors.errors.first().map_or("", |error| error.msg.as_str());
                reading.error(node.at, format!("this condition cannot be read: {reason}"));
            }
        }
        Condition(source)
    }

    /// Decides the condition.
    pub(crate) fn holds(&self, view: &Value) -> Result<bool, String> {
        let program = ENV
            .compile(&self.0)
            .map_err(|_| "the condition cannot be read".to_owned())?;
        decide(&program, &Known { view, names: &NAMES }).map_err(|error| format!("the condition '{}' {error}", self.0))
    }

    /// Gives the condition as it was written.
    pub fn source(&self) -> &str {
        &self.0
    }
}

/// A condition over whatever the host knows, outside of flows: read once, decided often.
#[derive(Debug)]
pub struct Rule {
    program: Program,
    names: &'static [&'static str],
}

impl Rule {
    /// Reads a rule over these names; fails with the reason why it cannot be read.
    pub fn read(source: &str, names: &'static [&'static str]) -> Result<Rule, String> {
        let program = compile(source, names, &FUNCTIONS)?;
        Ok(Rule { program, names })
    }

    /// Gives the line and the column, from 1, where a rule that cannot be read stops making sense; `None` where nothing
    /// in it does.
    pub fn fault_at(source: &str, names: &[&str]) -> Option<(usize, usize)> {
        let place = |offset: usize| {
            let before = &source[..offset];
            let line = before.rsplit('\n').next().unwrap_or_default();
            (before.matches('\n').count() + 1, line.chars().count() + 1)
        };
        let program = match ENV.compile(source) {
            Ok(program) => program,
            Err(errors) => {
                let (line, column) = errors.errors.first()?.pos;
                return Some((usize::try_from(line).ok()?.max(1), usize::try_from(column).ok()?.max(1)));
            }
        };
        first_unknown(&program, source, names).map(|(at, _)| place(at))
    }

    /// Whether the rule looks at a name.
    pub fn asks(&self, name: &str) -> bool {
        self.program.references().has_variable(name)
    }

    /// Whether the rule holds over what is known; what cannot be decided does not.
    pub fn holds(&self, view: &Value) -> bool {
        let known = Known {
            view,
            names: self.names,
        };
        decide(&self.program, &known).unwrap_or(false)
    }
}

/// Reads a rule that may use these names and call these functions; fails with the reason why it cannot be read.
pub(crate) fn compile(source: &str, names: &[&str], functions: &[&str]) -> Result<Program, String> {
    if source.chars().count() > limits::CONDITION_CHARS {
        return Err(format!(
            "must not be longer than {} characters",
            limits::CONDITION_CHARS
        ));
    }
    let program = ENV.compile(source).map_err(|errors| {
        let reason = errors.errors.first().map_or("", |error| error.msg.as_str());
        format!("cannot be read: {reason}")
    })?;
    if let Some(problem) = unknown_functions(&program, functions).into_iter().next() {
        return Err(problem);
    }
    if let Some((_, unknown)) = first_unknown(&program, source, names) {
        let hint = did_you_mean(&unknown, names.iter().copied());
        return Err(format!("knows no '{unknown}'{hint}"));
    }
    Ok(program)
}

/// Gives the first name in a rule that is none of these, and where it stands: the program keeps its names in no order.
fn first_unknown(program: &Program, source: &str, names: &[&str]) -> Option<(usize, String)> {
    let references = program.references();
    let unknown = references.variables().into_iter().filter(|name| !names.contains(name));
    let at = |name: &str| {
        let word = Regex::new(&format!(r"\b{}\b", regex::escape(name))).ok()?;
        word.find(source).map(|found| found.start())
    };
    let placed = unknown.map(|name| (at(name).unwrap_or(0), name.to_owned()));
    placed.min()
}

fn decide(program: &Program, known: &Known) -> Result<bool, String> {
    decide_in(program, &mut Context::with_env(ENV.clone()), known)
}

/// Decides with the functions that the context has already.
pub(crate) fn decide_in<'k>(
    program: &Program,
    context: &mut Context<'_, 'k>,
    known: &'k Known,
) -> Result<bool, String> {
    context.set_variable_resolver(known);
    let today = known.view["today"].as_str().and_then(|day| day.parse::<Date>().ok());
    let declared = [
        context.add_function("number", |value: Cel| number(&value)),
        context.add_function("days_until", move |day: Cel| days_until(&day, today)),
    ];
    debug_assert!(declared.iter().all(Result::is_ok), "no other function has these names");
    match program.execute(context) {
        Ok(Cel::Bool(holds)) => Ok(holds),
        Ok(_) => Err("is neither true nor false".to_owned()),
        Err(error) => Err(format!("could not be decided: {error}")),
    }
}

fn check_functions(program: &Program, node: &Node, reading: &mut Reading) {
    for problem in unknown_functions(program, &FUNCTIONS) {
        reading.error(node.at, format!("a condition {problem}"));
    }
}

fn unknown_functions(program: &Program, known: &[&str]) -> Vec<String> {
    let references = program.references();
    let is_unknown =
        |function: &&str| function.starts_with(|c: char| c.is_ascii_alphabetic()) && !known.contains(function);
    let problem = |function: &str| {
        format!(
            "cannot call '{function}'{}",
            did_you_mean(function, known.iter().copied())
        )
    };
    references
        .functions()
        .into_iter()
        .filter(is_unknown)
        .map(problem)
        .collect()
}

/// Gives the number in a text, 0 when there is none.
fn number(value: &Cel) -> f64 {
    match value {
        Cel::Int(number) => *number as f64,
        Cel::UInt(number) => *number as f64,
        Cel::Float(number) => *number,
        Cel::String(text) => text.trim().parse().unwrap_or(0.0),
        _ => 0.0,
    }
}

/// Gives the days from today to an ISO day, a big number when the value is not a day.
fn days_until(day: &Cel, today: Option<Date>) -> i64 {
    let day = match day {
        Cel::String(text) => text.parse::<Date>().ok(),
        _ => None,
    };
    match (day, today) {
        (Some(day), Some(today)) => i64::from((day - today).get_days()),
        _ => NO_DAY,
    }
}

/// What `days_until` gives for something that is not a day: later than any real one.
const NO_DAY: i64 = 1_000_000;

/// What the condition may know; a field that is not there is `null`.
pub(crate) struct Known<'v> {
    pub view: &'v Value,
    /// What there is to know.
    pub names: &'v [&'static str],
}

impl VariableResolver for Known<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let mut path = variable.split('.');
        let root = path.next().filter(|name| self.names.contains(name))?;
        let value = path.fold(&self.view[root], |value, name| &value[name]);
        cel_value(value).try_into().ok().map(CowVal::Owned)
    }
}

fn cel_value(value: &Value) -> Cel {
    match value {
        Value::Null => Cel::Null,
        Value::Bool(flag) => Cel::Bool(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Cel::Int(whole),
            None => Cel::Float(number.as_f64().unwrap_or(0.0)),
        },
        Value::String(text) => Cel::String(Arc::new(text.clone())),
        Value::Array(items) => Cel::List(Arc::new(items.iter().map(cel_value).collect())),
        Value::Object(fields) => {
            let fields: HashMap<String, Cel> = fields
                .iter()
                .map(|(name, value)| (name.clone(), cel_value(value)))
                .collect();
            Cel::Map(fields.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_refused_with_a_reason_or_decided_over_the_hosts_names() {
        let names = &["name", "properties"];
        let view = serde_json::json!({"name": "Order Completed", "properties": {"total": 120, "items": ["a"]}});
        let table = [
            (r#"name == "Order Completed" && properties.total > 100"#, true),
            ("properties.total > 200", false),
            ("properties.missing > 1", false),
            (r#""a" in properties.items"#, true),
            ("properties", false),
        ];
        for (source, expected) in table {
            let rule = Rule::read(source, names).unwrap_or_else(|error| panic!("{source}: {error}"));
            assert_eq!(rule.holds(&view), expected, "{source}");
        }
        let refused = [
            ("name ==", "cannot be read"),
            ("nmae == 'a'", "knows no 'nmae'; did you mean 'name'?"),
            ("siez(name) > 1", "cannot call 'siez'"),
            ("customer.name == 'a'", "knows no 'customer'"),
        ];
        for (source, reason) in refused {
            let error = Rule::read(source, names).expect_err(source);
            assert!(error.starts_with(reason), "{source}: {error}");
        }
        let places = [
            ("name == 'a' &&\n  nmae == 'b'", Some((2, 3))),
            ("filename == 'a' && file == 'b'", Some((1, 1))),
            ("name == 'a'", None),
        ];
        for (source, place) in places {
            assert_eq!(Rule::fault_at(source, names), place, "{source}");
        }
        let (line, column) = Rule::fault_at("name == 'a'\n  && == 'b'", names).expect("it cannot be read");
        assert!(line == 2 && (5..=7).contains(&column), "{line}:{column}");
    }

    #[test]
    fn conditions_are_decided_over_what_is_known() {
        let view = serde_json::json!({
            "customer": {"name": "Ana", "traits": {"tier": "gold", "points": "120"}, "tags": ["vip"]},
            "answers": {"beds": 2, "day": "2026-03-10"}, "open": true, "today": "2026-03-05", "request": null,
        });
        let table = [
            (r#"customer.traits.tier == "gold""#, Ok(true)),
            (r#"customer.traits.missing == "gold""#, Ok(false)),
            (
                r#"has(customer.traits.tier) && !has(customer.traits.missing)"#,
                Ok(true),
            ),
            (r#""vip" in customer.tags && open"#, Ok(true)),
            ("answers.beds > 1 && answers.beds == 2", Ok(true)),
            ("number(customer.traits.points) >= 100", Ok(true)),
            ("number(customer.traits.missing) >= 100", Ok(false)),
            ("days_until(answers.day) == 5", Ok(true)),
            ("days_until(answers.missing) < 5", Ok(false)),
            ("request == null", Ok(true)),
            ("request.status == 'filed'", Ok(false)),
            (r#"customer.name.matches("^A")"#, Ok(true)),
            ("answers.missing > 3", Err(())),
            ("answers.beds", Err(())),
            ("1 / 0 == 1", Err(())),
        ];
        for (source, expected) in table {
            let condition = Condition(source.to_owned());
            assert_eq!(
                condition.holds(&view).map_err(|_| ()),
                expected,
                "{source}: {:?}",
                condition.holds(&view)
            );
        }
    }
}
