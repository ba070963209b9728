//! Separated values (RFC 4180, and what spreadsheets make of it): the first line names the columns.
//!
//! A reader of its own, because what becomes of a file that breaks off or forgets a quotation mark must be told, and a row
//! that never ends must not fill the memory.

use std::{collections::HashSet, io};

use domain::{collection::Object, importing::SkipReason};
use serde_json::Value;

use super::read::{Input, MAX_ROW, Told, bad, beginning_of};

/// The rows of a file of separated values.
pub struct Csv {
    input: Input,
    delimiter: u8,
    /// The names of the columns.
    pub header: Vec<String>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Plain,
    Quoted,
    /// After a quotation mark within quotes: the end of the cell, or the first of two that stand for one.
    Mark,
}

#[derive(Default)]
struct Record {
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
    state: State,
    size: usize,
    /// Whether the end of its line was there.
    is_whole: bool,
}

impl Record {
    /// Takes the next byte; says whether the record ends with it.
    fn push(&mut self, byte: u8, delimiter: u8) -> bool {
        self.size += 1;
        match (self.state, byte) {
            (State::Start, b'"') => self.state = State::Quoted,
            (State::Quoted, b'"') => self.state = State::Mark,
            (State::Mark, b'"') => {
                self.keep(b'"');
                self.state = State::Quoted;
            }
            (State::Quoted, byte) => self.keep(byte),
            (_, b'\n') => {
                if self.state != State::Mark && self.cell.last() == Some(&b'\r') {
                    self.cell.pop();
                }
                self.is_whole = true;
                self.end_cell();
                return true;
            }
            (State::Mark, b'\r') => {}
            (_, byte) if byte == delimiter => self.end_cell(),
            (_, byte) => {
                self.keep(byte);
                self.state = State::Plain;
            }
        }
        false
    }

    fn keep(&mut self, byte: u8) {
        if self.size <= MAX_ROW {
            self.cell.push(byte);
        }
    }

    fn end_cell(&mut self) {
        if self.size <= MAX_ROW {
            self.cells.push(std::mem::take(&mut self.cell));
        }
        self.state = State::Start;
    }

    fn is_blank(&self) -> bool {
        self.size <= MAX_ROW && self.cells.len() <= 1 && self.cells.iter().all(Vec::is_empty)
    }

    fn beginning(&self) -> String {
        let mut text = self.cells.join(&b',');
        text.extend(&self.cell);
        beginning_of(&text)
    }
}

/// Reads the next line that is not blank, over as many lines as its quotation marks reach.
fn record(input: &mut Input, delimiter: u8) -> io::Result<Option<Record>> {
    let mut record = Record::default();
    loop {
        let chunk = input.fill_buf()?;
        if chunk.is_empty() {
            if record.size == 0 {
                return Ok(None);
            }
            record.is_whole = false;
            let is_open = record.state == State::Quoted;
            record.end_cell();
            record.state = if is_open { State::Quoted } else { State::Start };
            return Ok(Some(record));
        }
        let mut used = 0;
        let ended = chunk.iter().any(|byte| {
            used += 1;
            record.push(*byte, delimiter)
        });
        input.consume(used);
        if ended && record.is_blank() {
            record = Record::default();
        } else if ended {
            return Ok(Some(record));
        }
    }
}

impl Csv {
    /// Reads the names of the columns. What separates them is the one of `, ; tab |` that comes most in the first line.
    pub fn new(mut input: Input) -> io::Result<Csv> {
        let head = input.fill_buf()?;
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |delimiter: &u8| line.iter().filter(|byte| *byte == delimiter).count();
        let delimiter = [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
        let first = record(&mut input, delimiter)?.ok_or_else(|| bad("the file is empty"))?;
        if first.size > MAX_ROW {
            return Err(bad("the first line is too long: it is to name the columns"));
        }
        let names = first
            .cells
            .into_iter()
            .map(String::from_utf8)
            .collect::<Result<Vec<_>, _>>();
        let names = names.map_err(|_| bad("the file is not UTF-8: save it as UTF-8"))?;
        if names.iter().any(|name| name.contains('\0')) {
            return Err(bad("the first line is no text: it is to name the columns"));
        }
        Ok(Csv {
            input,
            delimiter,
            header: distinct(names),
        })
    }

    /// Reads the next row.
    pub fn next_row(&mut self) -> io::Result<Option<Told>> {
        Ok(record(&mut self.input, self.delimiter)?.map(|record| self.told(record)))
    }

    fn told(&self, record: Record) -> Told {
        let is_short = record.cells.len() < self.header.len();
        let reason = if record.size > MAX_ROW {
            Some(SkipReason::TooLarge)
        } else if record.state == State::Quoted || is_short && !record.is_whole {
            Some(SkipReason::CutOff)
        } else if record.cells.len() != self.header.len() {
            Some(SkipReason::WrongLength)
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err((reason, record.beginning()));
        }
        let mut row = Object::new();
        for (name, cell) in self.header.iter().zip(&record.cells) {
            let text = std::str::from_utf8(cell).map_err(|_| (SkipReason::NotUtf8, record.beginning()))?;
            row.insert(name.clone(), Value::String(text.to_owned()));
        }
        Ok(row)
    }
}

/// Gives each column a name of its own.
fn distinct(names: Vec<String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |(index, name): (usize, String)| {
        let plain = match name.trim() {
            "" => format!("column {}", index + 1),
            name => name.to_owned(),
        };
        let again = (2..).map(|times| format!("{plain} ({times})"));
        let mut spellings = std::iter::once(plain.clone()).chain(again);
        spellings
            .find(|name| taken.insert(name.clone()))
            .expect("it never ends")
    };
    names.into_iter().enumerate().map(name).collect()
}
