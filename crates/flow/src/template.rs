//! Texts: minijinja templates over what a flow may know. Only values and `{% if %}`: whoever reads a flow in Git can
//! read its texts, and no text can run for long.

use std::sync::LazyLock;

use jiff::civil::Date;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use regex::Regex;
use serde::Serialize;
use serde_json::Value;

use crate::{limits, reading::Reading, yaml::Node};

/// A text with places to fill in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Template(String);

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_fuel(Some(limits::TEMPLATE_FUEL));
    // These can make a long text out of a short template.
    environment.remove_filter("indent");
    environment.remove_filter("format");
    environment.remove_global("range");
    environment.add_filter("date", long_date);
    environment
});

static STATEMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{%[-+]?\s*(\w*)").expect("the pattern is fixed and right"));

impl Template {
    /// Reads a text and checks that it can be filled in.
    pub(crate) fn read(node: &Node, what: &str, reading: &mut Reading) -> Template {
        let source = reading.text(node, what);
        if source.chars().count() > limits::TEMPLATE_CHARS {
            reading.error(
                node.at,
                format!("{what} is longer than {} characters", limits::TEMPLATE_CHARS),
            );
            return Template::default();
        }
        match TEMPLATES.template_from_str(&source) {
            Err(error) => reading.error(
                node.line_of(error.line().unwrap_or(1)),
                format!("{what}: {}", explain(&error)),
            ),
            Ok(template) => {
                let names = template.undeclared_variables(true);
                reading.uses.extend(names.into_iter().map(|name| (node.at, name)));
            }
        }
        for found in STATEMENT.captures_iter(&source) {
            if !["if", "elif", "else", "endif"].contains(&&found[1]) {
                reading.error(
                    node.at,
                    format!(
                        "{what}: a text knows {{% if %}}, {{% elif %}}, {{% else %}} and {{% endif %}}, not '{}'",
                        &found[1]
                    ),
                );
            }
        }
        Template(source)
    }

    /// Fills the text in.
    pub(crate) fn fill(&self, view: &Value) -> Result<String, String> {
        let text = TEMPLATES
            .render_str(&self.0, minijinja::value::Serde(view))
            .map_err(|error| explain(&error))?;
        let text = text.trim();
        if text.chars().count() > limits::TEMPLATE_CHARS {
            return Err(format!(
                "the text is longer than {} characters once filled in",
                limits::TEMPLATE_CHARS
            ));
        }
        Ok(text.to_owned())
    }

    /// Gives the text as it was written.
    pub fn source(&self) -> &str {
        &self.0
    }
}

fn explain(error: &Error) -> String {
    match error.kind() {
        ErrorKind::OutOfFuel => "the text takes too long to fill in".to_owned(),
        kind => error.detail().map_or_else(|| kind.to_string(), str::to_owned),
    }
}

/// Filter `date`: writes an ISO day as `Friday 12 March 2027`; other texts stay as they are.
fn long_date(day: &str) -> String {
    day.parse::<Date>()
        .map_or_else(|_| day.to_owned(), |day| day.strftime("%A %-d %B %Y").to_string())
}
