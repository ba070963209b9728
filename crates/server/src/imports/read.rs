//! Reading files row by row: what kind of file it is, packed or not, and how much of it is behind us.
//!
//! Nothing here grows with the file: a row has a most, and what is longer is passed over.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    collection::Object,
    importing::{FileFormat, SAMPLE, SkipReason},
};
use flate2::bufread::MultiGzDecoder;

use super::{csv::Csv, jsonl::Jsonl, parquet::Parquet, xes::Xes};

/// The most bytes of a row. What a property may have is far less; this only keeps a broken file from filling the memory.
pub const MAX_ROW: usize = 2 * 1024 * 1024;
/// What a Parquet file begins with.
const PARQUET: &[u8] = b"PAR1";
/// The most characters that are kept of a row that was skipped.
const MAX_KEPT: usize = 1_000;

/// Where the rows come from.
pub type Input = Box<dyn BufRead + Send>;

/// A row as it stands in the file, or why it cannot be read, with its beginning.
pub type Told = Result<Object, (SkipReason, String)>;

/// The rows of a file.
pub enum Reader {
    /// Separated values.
    Csv(Csv),
    /// JSON lines.
    Jsonl(Jsonl),
    /// An event log.
    Xes(Box<Xes>),
    /// A table by columns.
    Parquet(Box<Parquet>),
}

/// How many bytes of a file have been read.
#[derive(Debug, Clone, Default)]
pub struct Passed(Arc<AtomicU64>);

impl Passed {
    /// Gives the bytes.
    pub fn bytes(&self) -> i64 {
        i64::try_from(self.0.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
    }

    /// Says how many, where they are not read one after the other.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

struct Counting {
    file: File,
    passed: Passed,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.passed.0.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Opens a file from its beginning.
pub fn open(mut file: File) -> io::Result<(Reader, Passed)> {
    let passed = Passed::default();
    if is_parquet(&mut file)? {
        let parquet = Parquet::new(file, passed.clone())?;
        return Ok((Reader::Parquet(Box::new(parquet)), passed));
    }
    let counting = Counting {
        file,
        passed: passed.clone(),
    };
    let mut input: Input = Box::new(BufReader::with_capacity(64 * 1024, counting));
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        input = Box::new(BufReader::with_capacity(64 * 1024, MultiGzDecoder::new(input)));
    }
    let head = input.fill_buf()?;
    let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let first = head[bom..].iter().copied().find(|byte| !byte.is_ascii_whitespace());
    if head.starts_with(PARQUET) || head.starts_with(b"PK\x03\x04") {
        return Err(bad("this is neither CSV nor JSON lines nor XES nor unpacked Parquet"));
    }
    input.consume(bom);
    let reader = match first {
        None => return Err(bad("the file is empty")),
        Some(b'{') => Reader::Jsonl(Jsonl::new(input)),
        Some(b'<') => Reader::Xes(Box::new(Xes::new(input))),
        Some(_) => Reader::Csv(Csv::new(input)?),
    };
    Ok((reader, passed))
}

/// Says whether a file begins as Parquet does, and goes back to its beginning.
fn is_parquet(file: &mut File) -> io::Result<bool> {
    file.rewind()?;
    let mut head = Vec::new();
    file.by_ref().take(PARQUET.len() as u64).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head == PARQUET)
}

/// A file that cannot be read.
pub fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl Reader {
    /// Says what kind of file it is.
    pub fn format(&self) -> FileFormat {
        match self {
            Reader::Csv(_) => FileFormat::Csv,
            Reader::Jsonl(_) => FileFormat::Jsonl,
            Reader::Xes(_) => FileFormat::Xes,
            Reader::Parquet(_) => FileFormat::Parquet,
        }
    }

    /// Reads the first rows.
    pub fn sample(mut self) -> io::Result<Sample> {
        let format = self.format();
        let rows = self.by_ref().take(SAMPLE).collect::<io::Result<Vec<Told>>>()?;
        let header = match self {
            Reader::Csv(csv) => Some(csv.header),
            Reader::Parquet(parquet) => Some(parquet.header),
            _ => None,
        };
        Ok(Sample { format, header, rows })
    }
}

impl Iterator for Reader {
    type Item = io::Result<Told>;

    fn next(&mut self) -> Option<io::Result<Told>> {
        match self {
            Reader::Csv(csv) => csv.next_row(),
            Reader::Jsonl(jsonl) => jsonl.next_row(),
            Reader::Xes(xes) => xes.next_row(),
            Reader::Parquet(parquet) => parquet.next_row(),
        }
        .transpose()
    }
}

/// The first rows of a file.
#[derive(Debug)]
pub struct Sample {
    /// What kind of file it is.
    pub format: FileFormat,
    /// The names of all columns, where the file begins with them.
    pub header: Option<Vec<String>>,
    /// The rows.
    pub rows: Vec<Told>,
}

impl Sample {
    /// Gives the names of the columns, as far as these rows have them.
    pub fn columns(&self) -> Vec<String> {
        if let Some(header) = &self.header {
            return header.clone();
        }
        let mut columns = Vec::new();
        for column in self.objects().iter().flat_map(Object::keys) {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        columns
    }

    /// Gives the rows that could be read.
    pub fn objects(&self) -> Vec<Object> {
        self.rows.iter().filter_map(|row| row.as_ref().ok().cloned()).collect()
    }
}

/// Gives what is kept of a row that is skipped.
pub fn beginning(text: &str) -> String {
    // PostgreSQL keeps no such character.
    text.chars().take(MAX_KEPT).collect::<String>().replace('\0', " ")
}

/// The same of bytes that may be no text.
pub fn beginning_of(bytes: &[u8]) -> String {
    beginning(&String::from_utf8_lossy(&bytes[..bytes.len().min(4 * MAX_KEPT)]))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
