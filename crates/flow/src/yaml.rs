//! YAML as a tree that knows where each part stands, which is what a problem is told with.
//!
//! Only what a flow needs: texts, lists and maps. Anchors, aliases and tags are refused, so that a file says what it says
//! where it says it. The order of a map is kept: a step without `then` goes on with the next one.

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span};

use crate::{limits, reading::Problem};

/// Where something stands, counted from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct At {
    pub line: usize,
    pub column: usize,
}

/// A part of the file.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub at: At,
    pub value: Value,
}

/// What a part of the file holds.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Nothing: `end:`.
    Empty,
    /// Words, numbers and all else that is written on one level.
    Text { text: String, style: ScalarStyle },
    /// `- a` lines or `[a, b]`.
    List(Vec<Node>),
    /// `key: value` lines or `{key: value}`, in the order written.
    Map(Vec<(Key, Node)>),
}

/// The name before a colon.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub at: At,
    pub text: String,
}

impl Node {
    /// Gives the text, or `None` for a list, a map or nothing.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Gives the line that `line` of this text (counted from 1) stands on in the file.
    pub fn line_of(&self, line: usize) -> At {
        match &self.value {
            Value::Text {
                style: ScalarStyle::Literal,
                ..
            } => At {
                line: self.at.line + line - 1,
                column: 1,
            },
            _ => self.at,
        }
    }
}

/// Reads the one document of a file.
pub(crate) fn parse(source: &str) -> Result<Node, Problem> {
    let mut options = Options::default();
    options.flow_nesting_limit = limits::DEPTH;
    options.block_nesting_limit = limits::DEPTH;
    options.set_emit_comments(false);
    let mut reader = Reader {
        parser: Parser::new_from_str_with_options(source, options),
    };
    let node = reader.document()?;
    Ok(node.unwrap_or(Node {
        at: At { line: 1, column: 1 },
        value: Value::Empty,
    }))
}

struct Reader<'s, P: Iterator<Item = Result<(Event<'s>, Span), ScanError>>> {
    parser: P,
}

impl<'s, P: Iterator<Item = Result<(Event<'s>, Span), ScanError>>> Reader<'s, P> {
    fn document(&mut self) -> Result<Option<Node>, Problem> {
        let mut found = None;
        while let Some((event, at)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if found.is_none() => {}
                Event::DocumentStart(..) => {
                    return Err(Problem::error(at, "a file holds one flow: take away the '---'"));
                }
                event => found = Some(self.node(event, at)?),
            }
        }
        Ok(found)
    }

    fn next(&mut self) -> Result<Option<(Event<'s>, At)>, Problem> {
        match self.parser.next() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, at(span.start.line(), span.start.col())))),
            Some(Err(error)) => {
                let at = at(error.marker().line(), error.marker().col());
                Err(Problem::error(at, format!("this is not YAML: {}", error.info())))
            }
        }
    }

    fn node(&mut self, event: Event<'s>, at: At) -> Result<Node, Problem> {
        let value = match event {
            Event::Scalar(text, style, 0, None) => scalar(text.into_owned(), style),
            Event::SequenceStart(_, 0, None) => Value::List(self.list()?),
            Event::MappingStart(_, 0, None) => Value::Map(self.map()?),
            _ => {
                return Err(Problem::error(
                    at,
                    "anchors (&), aliases (*) and tags (!) have no meaning in a flow; put a text that starts with one in quotes",
                ));
            }
        };
        Ok(Node { at, value })
    }

    fn list(&mut self) -> Result<Vec<Node>, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                None | Some((Event::SequenceEnd, _)) => return Ok(items),
                Some((event, at)) => items.push(self.node(event, at)?),
            }
        }
    }

    fn map(&mut self) -> Result<Vec<(Key, Node)>, Problem> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, at) = match self.next()? {
                None | Some((Event::MappingEnd, _)) => return Ok(entries),
                Some(found) => found,
            };
            let Event::Scalar(text, ..) = event else {
                return Err(Problem::error(
                    at,
                    "a name was expected before the colon; put a text with braces in quotes",
                ));
            };
            if entries.iter().any(|(key, _)| key.text == text) {
                return Err(Problem::error(at, format!("'{text}' is written twice here")));
            }
            let Some((event, value_at)) = self.next()? else {
                return Ok(entries);
            };
            let value = self.node(event, value_at)?;
            entries.push((
                Key {
                    at,
                    text: text.into_owned(),
                },
                value,
            ));
        }
    }
}

fn at(line: usize, column: usize) -> At {
    At {
        line: line.max(1),
        column: column + 1,
    }
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    match (style, text.as_str()) {
        (ScalarStyle::Plain, "" | "~" | "null") => Value::Empty,
        _ => Value::Text { text, style },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_order_are_kept() {
        let node = parse("b: 1\na:\n  - x\n  - 007\n").unwrap();
        let Value::Map(entries) = node.value else { panic!() };
        assert_eq!(entries[0].0.text, "b");
        let Value::List(items) = &entries[1].1.value else {
            panic!()
        };
        assert_eq!((items[1].text(), items[1].at), (Some("007"), At { line: 4, column: 5 }));
    }

    #[test]
    fn what_is_not_yaml_is_told_with_its_line() {
        let table = [
            ("a: 1\nb: [", 2),
            ("a: 1\na: 2", 2),
            ("a: &x 1\nb: *x", 1),
            ("a: {{ b }}", 1),
            ("a: 1\n---\nb: 1", 2),
        ];
        for (source, line) in table {
            assert_eq!(parse(source).unwrap_err().line, line, "{source}");
        }
        let deep = "[".repeat(10_000);
        assert!(parse(&deep).is_err());
    }
}
