//! Event logs in XES (IEEE 1849): each event is a row, with the attributes of its trace under `case:`.

use std::io;

use domain::{collection::Object, importing::SkipReason};
use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
    reader::Reader,
};
use serde_json::Value;

use super::read::{Input, Told, bad, beginning};

/// The rows of an event log.
pub struct Xes {
    xml: Reader<Input>,
    buffer: Vec<u8>,
    trace: Option<Object>,
    event: Option<Object>,
    /// How deep we are in what is no event, trace or attribute of one of them.
    aside: usize,
    log: Log,
}

#[derive(PartialEq, Eq)]
enum Log {
    Before,
    Open,
    Ended,
}

impl Xes {
    /// Reads from the beginning.
    pub fn new(input: Input) -> Xes {
        Xes {
            xml: Reader::from_reader(input),
            buffer: Vec::new(),
            trace: None,
            event: None,
            aside: 0,
            log: Log::Before,
        }
    }

    /// Reads the next event.
    pub fn next_row(&mut self) -> io::Result<Option<Told>> {
        loop {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let row = match self.xml.read_event_into(&mut buffer) {
                Ok(Event::Start(tag)) => self.open(&tag, false),
                Ok(Event::Empty(tag)) => self.open(&tag, true),
                Ok(Event::End(tag)) => Ok(self.close(tag.local_name().as_ref())),
                Ok(Event::Eof) => return self.ended(),
                Ok(_) => Ok(None),
                Err(quick_xml::Error::Io(error)) => Err(io::Error::new(error.kind(), error.to_string())),
                // A tag that the file breaks off in.
                Err(quick_xml::Error::Syntax(_)) if self.log == Log::Open => return self.ended(),
                Err(error) => Err(bad(&format!("this is not XML: {error}"))),
            };
            self.buffer = buffer;
            if let Some(row) = row? {
                return Ok(Some(Ok(row)));
            }
        }
    }

    fn open(&mut self, tag: &BytesStart, is_empty: bool) -> io::Result<Option<Object>> {
        let name = tag.local_name();
        match name.as_ref() {
            b"log" if self.log == Log::Before => self.log = if is_empty { Log::Ended } else { Log::Open },
            _ if self.log != Log::Open => return Err(bad("this is not an event log")),
            b"trace" if self.trace.is_none() && self.aside == 0 => {
                self.trace = Some(Object::new()).filter(|_| !is_empty)
            }
            b"event" if self.event.is_none() && self.aside == 0 => {
                self.event = Some(Object::new());
                if is_empty {
                    return Ok(self.close(b"event"));
                }
            }
            kind => {
                if self.aside == 0 {
                    self.put(kind, tag)?;
                }
                self.aside += usize::from(!is_empty);
            }
        }
        Ok(None)
    }

    /// Keeps an attribute with its event or trace.
    fn put(&mut self, kind: &[u8], tag: &BytesStart) -> io::Result<()> {
        let Some(of) = self.event.as_mut().or(self.trace.as_mut()) else {
            return Ok(());
        };
        let (mut key, mut text) = (None, None);
        for attribute in tag.attributes() {
            let wrong = |error: &dyn std::fmt::Display| bad(&format!("this is not XML: {error}"));
            let attribute = attribute.map_err(|error| wrong(&error))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| wrong(&error))?.into_owned();
            match attribute.key.local_name().as_ref() {
                b"key" => key = Some(value),
                b"value" => text = Some(value),
                _ => {}
            }
        }
        if let (Some(key), Some(text)) = (key, text) {
            of.insert(key, typed(kind, text));
        }
        Ok(())
    }

    fn close(&mut self, name: &[u8]) -> Option<Object> {
        match name {
            _ if self.aside > 0 => self.aside -= 1,
            b"event" => {
                let mut row = self.event.take()?;
                for (key, value) in self.trace.iter().flatten() {
                    row.entry(format!("case:{key}")).or_insert_with(|| value.clone());
                }
                return Some(row);
            }
            b"trace" => self.trace = None,
            b"log" => self.log = Log::Ended,
            _ => {}
        }
        None
    }

    /// Says what the end of the file means: nothing more, or an event that is missing its end.
    fn ended(&mut self) -> io::Result<Option<Told>> {
        match std::mem::replace(&mut self.log, Log::Ended) {
            Log::Before => Err(bad("this is not an event log")),
            Log::Ended => Ok(None),
            Log::Open => {
                let row = self.event.take().unwrap_or_default();
                Ok(Some(Err((
                    SkipReason::CutOff,
                    beginning(&Value::Object(row).to_string()),
                ))))
            }
        }
    }
}

/// Gives a value of its kind; what is none of its kind stays text.
fn typed(kind: &[u8], text: String) -> Value {
    let value = match kind {
        b"int" => text.parse::<i64>().ok().map(Value::from),
        b"float" => text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Value::from),
        b"boolean" => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    value.unwrap_or(Value::String(text))
}
