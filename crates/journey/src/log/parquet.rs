//! A bucket as Parquet, so that any other program can read it: one row an event, by customer and time.
//!
//! Customers and times are written as differences and touchpoints by dictionary: about half of what the columns take in
//! memory, and read back at some nanoseconds an event. Reading checks all that folding relies on.

use std::sync::Arc;

use bytes::Bytes;
use domain::CustomerId;
use parquet::basic::Encoding;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};

use super::columns::Columns;
use super::{Touchpoint, bucket_of};

const SCHEMA: &str = "message log {
    REQUIRED INT64 customer;
    REQUIRED INT64 at (TIMESTAMP(MILLIS, true));
    REQUIRED INT32 touchpoint (INTEGER(16, false));
}";

/// Rows written as one group: what a reader holds at a time.
const GROUP: usize = 1 << 20;

/// Why a file is no bucket of a log.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// It cannot be read at all.
    #[error("the bucket's file cannot be read")]
    File(#[from] std::io::Error),
    /// It is not what was written.
    #[error("the bucket's file is not as it was written")]
    Checksum,
    /// There are more or fewer files, or more touchpoints, than a log has.
    #[error("the list of buckets is not that of a log")]
    Buckets,
    /// It cannot be read as Parquet.
    #[error("the bucket is not readable")]
    Parquet(#[from] ParquetError),
    /// It has other columns.
    #[error("the bucket has not the columns customer, at and touchpoint")]
    Columns,
    /// A row stands where it cannot.
    #[error("row {0} of the bucket is out of order, of another bucket or at an unknown touchpoint")]
    Row(usize),
}

/// Writes a bucket.
pub(super) fn write(columns: &Columns) -> Result<Bytes, ParquetError> {
    let mut writer = SerializedFileWriter::new(Vec::new(), schema()?, Arc::new(properties()))?;
    let customers = columns.customer_of_each_event();
    let touchpoints: Vec<i32> = columns
        .touchpoints()
        .iter()
        .map(|touchpoint| i32::from(touchpoint.0))
        .collect();
    for start in (0..columns.len()).step_by(GROUP) {
        let rows = start..columns.len().min(start + GROUP);
        let mut group = writer.next_row_group()?;
        write_column::<Int64Type>(&mut group, &customers[rows.clone()])?;
        write_column::<Int64Type>(&mut group, &columns.times()[rows.clone()])?;
        write_column::<Int32Type>(&mut group, &touchpoints[rows])?;
        group.close()?;
    }
    Ok(Bytes::from(writer.into_inner()?))
}

/// Reads a bucket. What comes from elsewhere is checked against the bucket's number and the number of touchpoints.
pub(super) fn read(bytes: &Bytes, place: Option<(usize, usize)>) -> Result<Columns, BucketError> {
    let reader = SerializedFileReader::new(bytes.clone())?;
    if reader.metadata().file_metadata().schema() != schema()?.as_ref() {
        return Err(BucketError::Columns);
    }
    let mut columns = Columns::default();
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number)?;
        let customers = read_column::<Int64Type>(group.as_ref(), 0)?;
        let times = read_column::<Int64Type>(group.as_ref(), 1)?;
        let numbers = read_column::<Int32Type>(group.as_ref(), 2)?;
        for ((customer, time), number) in customers.into_iter().zip(times).zip(numbers) {
            let event = (CustomerId(customer), Touchpoint(number as u16), time);
            let is_here = |(bucket, touchpoints): (usize, usize)| {
                let is_known = usize::try_from(number).is_ok_and(|number| number < touchpoints);
                is_known && bucket_of(event.0) == bucket && columns.is_next(event.0, time)
            };
            if !place.is_none_or(is_here) {
                return Err(BucketError::Row(columns.len()));
            }
            columns.push(event);
        }
    }
    Ok(columns)
}

fn schema() -> Result<Arc<Type>, ParquetError> {
    Ok(Arc::new(parse_message_type(SCHEMA)?))
}

fn properties() -> WriterProperties {
    let differences = ["customer", "at"].map(ColumnPath::from);
    let properties = WriterProperties::builder().set_created_by("rapport".to_owned());
    differences
        .into_iter()
        .fold(properties, |properties, column| {
            properties
                .set_column_dictionary_enabled(column.clone(), false)
                .set_column_encoding(column, Encoding::DELTA_BINARY_PACKED)
        })
        .build()
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("the schema has no further column".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

fn read_column<T: DataType>(group: &dyn RowGroupReader, number: usize) -> Result<Vec<T::T>, ParquetError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let mut column: ColumnReaderImpl<T> = get_typed_column_reader(group.get_column_reader(number)?);
    let mut values = Vec::new();
    while values.len() < rows {
        let before = values.len();
        column.read_records(rows - before, None, None, &mut values)?;
        if values.len() == before {
            return Err(ParquetError::EOF("a column is shorter than its group".to_owned()));
        }
    }
    Ok(values)
}
