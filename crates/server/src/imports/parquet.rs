//! Parquet: rows from columns, with times and bytes in the words that the other files have them in.
//!
//! A file that is cut off says nothing at all, for it ends with what its columns are.

use std::{
    fs::File,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Time, collection::Object};
use jiff::civil::Date;
use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit},
    errors::ParquetError,
    file::{metadata::FileMetaData, reader::FileReader, serialized_reader::SerializedFileReader},
    record::{Field, Row, reader::RowIter},
};
use serde_json::{Number, Value};

use super::read::{Passed, Told, bad};

/// The rows of a Parquet file.
pub struct Parquet {
    rows: RowIter<'static>,
    clocks: Vec<Clock>,
    /// The columns' names.
    pub header: Vec<String>,
    size_bytes: u64,
    all_rows: u64,
    read_rows: u64,
    passed: Passed,
}

/// How a column tells times, as far as its values do not say so themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// It is no time, or one as the values say.
    Plain,
    /// In nanoseconds since 1970; by the clock of a place where it is local.
    Nanos { is_local: bool },
    /// In units that the values say, by the clock of a place.
    Local,
}

impl Parquet {
    /// Reads what the columns are.
    pub fn new(file: File, passed: Passed) -> io::Result<Parquet> {
        let size_bytes = file.metadata()?.len();
        let reader = whole(|| SerializedFileReader::new(file))?;
        let about = reader.metadata().file_metadata();
        let clocks = clocks(about)?;
        let header = about.schema().get_fields().iter().map(|field| field.name().to_owned());
        let header = header.collect();
        let all_rows = u64::try_from(about.num_rows()).unwrap_or_default();
        Ok(Parquet {
            rows: RowIter::from_file_into(Box::new(reader)),
            clocks,
            header,
            size_bytes,
            all_rows,
            read_rows: 0,
            passed,
        })
    }

    /// Reads the next row.
    pub fn next_row(&mut self) -> io::Result<Option<Told>> {
        let (rows, clocks) = (&mut self.rows, &self.clocks);
        let row = whole(|| {
            let row = rows.next().transpose()?;
            Ok(row.map(|row| told(&row, clocks)))
        })?;
        if row.is_some() {
            self.read_rows += 1;
            let share = u128::from(self.size_bytes) * u128::from(self.read_rows) / u128::from(self.all_rows.max(1));
            let share = u64::try_from(share).unwrap_or(self.size_bytes);
            self.passed.set(share.min(self.size_bytes));
        }
        Ok(row.map(Ok))
    }
}

fn told(row: &Row, clocks: &[Clock]) -> Object {
    let cells = row.get_column_iter().zip(clocks);
    cells
        .map(|((name, field), clock)| (name.clone(), cell(field, *clock)))
        .collect()
}

/// Does what a file that is damaged makes impossible: the library says so, or breaks off.
fn whole<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(done) => done.map_err(|error| bad(&format!("this Parquet file cannot be read: {error}"))),
        Err(_) => Err(bad("this Parquet file cannot be read: it is damaged")),
    }
}

/// Says how each column tells times; refuses columns of a kind that no row can be made of.
fn clocks(about: &FileMetaData) -> io::Result<Vec<Clock>> {
    let leaves = about.schema_descr();
    if leaves
        .columns()
        .iter()
        .any(|leaf| leaf.converted_type() == ConvertedType::INTERVAL)
    {
        return Err(bad("this Parquet file has a column of intervals, which cannot be read"));
    }
    let fields = about.schema().get_fields().iter();
    let clock = fields.map(|field| match field.get_basic_info().logical_type_ref() {
        Some(LogicalType::Timestamp(told)) => {
            let is_local = !told.is_adjusted_to_u_t_c;
            match told.unit {
                TimeUnit::NANOS => Clock::Nanos { is_local },
                _ if is_local => Clock::Local,
                _ => Clock::Plain,
            }
        }
        _ => Clock::Plain,
    });
    Ok(clock.collect())
}

fn cell(field: &Field, clock: Clock) -> Value {
    let (told, micros) = match field {
        Field::TimestampMillis(millis) => (millis, millis.checked_mul(1_000)),
        Field::TimestampMicros(micros) => (micros, Some(*micros)),
        Field::Long(nanos) if matches!(clock, Clock::Nanos { .. }) => (nanos, Some(nanos.div_euclid(1_000))),
        _ => return plain(field),
    };
    let Some(text) = micros.map(|micros| Time(micros).to_string()) else {
        // It is outside of all calendars.
        return (*told).into();
    };
    let is_local = matches!(clock, Clock::Local | Clock::Nanos { is_local: true });
    Value::String(if is_local {
        text.trim_end_matches('Z').to_owned()
    } else {
        text
    })
}

fn plain(field: &Field) -> Value {
    let float = |float: f64| Number::from_f64(float).map_or(Value::Null, Value::Number);
    match field {
        Field::Null => Value::Null,
        Field::Bool(is) => Value::Bool(*is),
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => (*number).into(),
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => (*number).into(),
        Field::Float(number) => float(f64::from(*number)),
        Field::Double(number) => float(*number),
        Field::Str(text) => Value::String(text.clone()),
        Field::Bytes(bytes) => Value::String(match std::str::from_utf8(bytes.data()) {
            Ok(text) => text.to_owned(),
            Err(_) => BASE64_STANDARD.encode(bytes.data()),
        }),
        Field::Date(days) => Value::String(date(*days).unwrap_or_else(|| days.to_string())),
        Field::Group(row) => Value::Object(object(row)),
        Field::ListInternal(list) => list.elements().iter().map(|field| cell(field, Clock::Plain)).collect(),
        Field::MapInternal(map) => {
            let entries = map.entries().iter();
            let name = |key: &Field| match plain(key) {
                Value::String(name) => name,
                other => other.to_string(),
            };
            Value::Object(
                entries
                    .map(|(key, value)| (name(key), cell(value, Clock::Plain)))
                    .collect(),
            )
        }
        other => Value::String(other.to_string()),
    }
}

fn object(row: &Row) -> Object {
    row.get_column_iter()
        .map(|(name, field)| (name.clone(), cell(field, Clock::Plain)))
        .collect()
}

fn date(days: i32) -> Option<String> {
    let first = Date::constant(1970, 1, 1);
    let date = first.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use domain::importing::FileFormat;
    use parquet::{
        data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };
    use serde_json::json;

    use std::sync::Arc;

    use super::*;
    use crate::imports::read::open;

    const SCHEMA: &str = "message visits {
        required binary guest (UTF8);
        required int64 at (TIMESTAMP(MICROS, true));
        required int64 fine (TIMESTAMP(NANOS, false));
        required int32 day (DATE);
        required double price;
        optional binary what (UTF8);
    }";

    /// A file of as many visits.
    pub fn written(rows: usize) -> Vec<u8> {
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let mut bytes = Vec::new();
        let properties = Arc::new(
            WriterProperties::builder()
                .set_compression(parquet::basic::Compression::SNAPPY)
                .build(),
        );
        let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let texts = |texts: Vec<String>| {
            texts
                .into_iter()
                .map(|text| ByteArray::from(text.into_bytes()))
                .collect::<Vec<_>>()
        };
        let at: Vec<i64> = (0..rows as i64).map(|row| 1_772_618_400_000_000 + row).collect();
        let fine: Vec<i64> = at.iter().map(|at| at * 1_000 + 7).collect();
        let price: Vec<f64> = (0..rows)
            .map(|row| if row == 0 { f64::NAN } else { row as f64 / 2.0 })
            .collect();
        let some: Vec<i16> = (0..rows).map(|row| i16::from(row % 2 == 0)).collect();
        let what = texts(
            some.iter()
                .filter(|some| **some == 1)
                .map(|_| "Came".to_owned())
                .collect(),
        );
        for index in 0.. {
            let Some(mut column) = group.next_column().unwrap() else {
                break;
            };
            match index {
                0 => column.typed::<ByteArrayType>().write_batch(
                    &texts((0..rows).map(|row| format!("g-{row}")).collect()),
                    None,
                    None,
                ),
                1 => column.typed::<Int64Type>().write_batch(&at, None, None),
                2 => column.typed::<Int64Type>().write_batch(&fine, None, None),
                3 => column.typed::<Int32Type>().write_batch(&vec![20_516; rows], None, None),
                4 => column.typed::<DoubleType>().write_batch(&price, None, None),
                _ => column.typed::<ByteArrayType>().write_batch(&what, Some(&some), None),
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
        writer.close().unwrap();
        bytes
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        io::Write::write_all(&mut file, bytes).unwrap();
        file
    }

    #[test]
    fn rows_are_read_in_the_words_of_the_other_files() {
        let bytes = written(2);
        let (reader, passed) = open(file(&bytes)).unwrap();
        assert_eq!(reader.format(), FileFormat::Parquet);
        let rows: Vec<Value> = reader.map(|row| Value::Object(row.unwrap().unwrap())).collect();
        let expected = json!([
            {"guest": "g-0", "at": "2026-03-04T10:00:00.000000Z", "fine": "2026-03-04T10:00:00.000000", "day": "2026-03-04",
             "price": null, "what": "Came"},
            {"guest": "g-1", "at": "2026-03-04T10:00:00.000001Z", "fine": "2026-03-04T10:00:00.000001", "day": "2026-03-04",
             "price": 0.5, "what": null},
        ]);
        assert_eq!(json!(rows), expected);
        assert_eq!(passed.bytes(), bytes.len() as i64, "it is behind us");
    }

    #[test]
    fn the_columns_are_known_where_there_is_no_row() {
        let (reader, _) = open(file(&written(0))).unwrap();
        let sample = reader.sample().unwrap();
        assert_eq!((sample.columns().len(), sample.rows.len()), (6, 0));
    }

    #[test]
    fn a_file_that_is_cut_off_or_bent_is_refused() {
        let whole = written(50);
        for length in [4, 8, whole.len() / 2, whole.len() - 1] {
            let error = open(file(&whole[..length])).map(drop).unwrap_err();
            assert!(
                error.to_string().starts_with("this Parquet file cannot be read"),
                "{error}"
            );
        }
        for place in (4..whole.len()).step_by(7) {
            let mut bent = whole.clone();
            bent[place] ^= 0x55;
            if let Ok((reader, _)) = open(file(&bent)) {
                let read = reader.take_while(Result::is_ok).count();
                assert!(read <= 50);
            }
        }
    }

    #[test]
    fn a_date_outside_of_all_calendars_is_a_number() {
        assert_eq!(plain(&Field::Date(i32::MAX)), json!(i32::MAX.to_string()));
        assert_eq!(cell(&Field::TimestampMillis(i64::MAX), Clock::Plain), json!(i64::MAX));
    }
}
