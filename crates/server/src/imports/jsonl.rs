//! JSON lines: an object a line.

use std::io::{self, BufRead, Read};

use domain::importing::SkipReason;
use serde_json::Value;

use crate::collect::with_numbers_only;

use super::read::{Input, MAX_ROW, Told, beginning, beginning_of};

/// The rows of a file of JSON lines.
pub struct Jsonl {
    input: Input,
}

impl Jsonl {
    /// Reads from the beginning.
    pub fn new(input: Input) -> Jsonl {
        Jsonl { input }
    }

    /// Reads the next line that is not blank.
    pub fn next_row(&mut self) -> io::Result<Option<Told>> {
        loop {
            let mut line = Vec::new();
            let most = MAX_ROW as u64 + 1;
            (&mut self.input).take(most).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(None);
            }
            let is_whole = line.ends_with(b"\n");
            if line.len() > MAX_ROW && !is_whole {
                self.pass_line()?;
                return Ok(Some(Err((SkipReason::TooLarge, beginning_of(&line)))));
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some(told(line.trim_ascii(), is_whole)));
            }
        }
    }

    fn pass_line(&mut self) -> io::Result<()> {
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return Ok(());
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

fn told(line: &[u8], is_whole: bool) -> Told {
    let Ok(text) = std::str::from_utf8(line) else {
        return Err((SkipReason::NotUtf8, beginning_of(line)));
    };
    let reason = match serde_json::from_str(&with_numbers_only(text)) {
        Ok(Value::Object(row)) => return Ok(row),
        Ok(_) => SkipReason::NotAnObject,
        Err(error) if error.is_eof() && !is_whole => SkipReason::CutOff,
        Err(_) => SkipReason::Unreadable,
    };
    Err((reason, beginning(text)))
}
