//! Importing: how a row of a file becomes an action on a customer's timeline, or a reason why it does not.
//!
//! Pure: it takes a row as names and values, whatever kind of file it stood in, and knows neither files nor databases. A
//! row whose time cannot be believed is skipped and not kept at another time: nobody would look for it there.

mod moment;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::moment::TimeFormat;
use crate::{
    Time,
    collection::{EARLIEST, MAX_CALL, MAX_NAME, Object},
    identity::clean_id,
    words,
};

/// How many rows are looked at to guess what a file is, and shown before it is imported.
pub const SAMPLE: usize = 20;

words! {
    /// What kind of file it is.
    FileFormat { Csv = "csv", Jsonl = "jsonl", Xes = "xes", Parquet = "parquet" }
}

words! {
    /// How an import stands.
    ImportState {
        /// The file is here, and waits to be told what its columns mean.
        Uploaded = "uploaded", Running = "running", Done = "done", Cancelled = "cancelled",
        /// The file could not be read to its end.
        Failed = "failed"
    }
}

words! {
    /// By what a file names its customers.
    CustomerKind { UserId = "user_id", Email = "email", Phone = "phone", AnonymousId = "anonymous_id" }
}

words! {
    /// Why a row is skipped.
    SkipReason {
        NoCustomer = "no_customer", BadCustomer = "bad_customer", NoEvent = "no_event", NameTooLong = "name_too_long",
        NoTime = "no_time", BadTime = "bad_time",
        /// Before the year 2000.
        TooEarly = "too_early",
        /// It has not happened yet.
        InFuture = "in_future",
        BadId = "bad_id", TooLarge = "too_large", NotUtf8 = "not_utf8",
        /// It has fewer or more cells than there are columns.
        WrongLength = "wrong_length",
        NotAnObject = "not_an_object", Unreadable = "unreadable",
        /// The file ends in the middle of it.
        CutOff = "cut_off",
        /// It was imported before, and read in another way.
        OtherReading = "other_reading",
        NotKept = "not_kept"
    }
}

/// What the columns of a file mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ImportMap)]
pub struct ColumnMap {
    /// The column that says whose it is.
    pub customer: String,
    /// By what it says so.
    #[serde(default = "user_id")]
    pub customer_kind: CustomerKind,
    /// The column that says what happened; without it, it is `event_name` in every row.
    #[serde(default)]
    pub event: Option<String>,
    /// What happened in every row.
    #[serde(default)]
    pub event_name: Option<String>,
    /// The column that says when.
    pub time: String,
    /// How it says so; found in the first rows where it is not told.
    #[serde(default)]
    pub time_format: Option<TimeFormat>,
    /// The time zone of times that name none, such as `Europe/Berlin`; the company's own where it is not told.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// The column that tells each row from every other, if there is one.
    #[serde(default)]
    pub id: Option<String>,
}

const fn user_id() -> CustomerKind {
    CustomerKind::UserId
}

/// What is wrong with a column map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct MapProblem {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// A column map that can be read by: nothing of it is left open.
#[derive(Debug, Clone)]
pub struct Reading {
    map: ColumnMap,
    format: TimeFormat,
    zone: jiff::tz::TimeZone,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Whose it is, as it is written there.
    pub customer: String,
    /// What happened.
    pub name: String,
    /// When.
    pub at: Time,
    /// All other columns.
    pub properties: Object,
    /// The row's own id.
    pub id: Option<String>,
}

impl ColumnMap {
    /// Settles what is left open: the way times are written by the first rows, their zone by the company's.
    pub fn settle(mut self, columns: &[String], sample: &[Object], zone: &str) -> Result<Reading, MapProblem> {
        let wrong = |field, problem: &str| MapProblem {
            field,
            problem: problem.to_owned(),
        };
        let named = |field, column: Option<&String>| match column {
            Some(column) if !columns.is_empty() && !columns.contains(column) => {
                Err(wrong(field, &format!("names no column: '{column}' is not in the file")))
            }
            _ => Ok(()),
        };
        named("customer", Some(&self.customer))?;
        named("event", self.event.as_ref())?;
        named("time", Some(&self.time))?;
        named("id", self.id.as_ref())?;
        self.event_name = self
            .event_name
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty());
        match (&self.event, &self.event_name) {
            (None, None) => return Err(wrong("event", "must be a column, or a name for every row")),
            (Some(_), Some(_)) => return Err(wrong("event_name", "must not be given beside a column")),
            (None, Some(name)) if name.chars().count() > MAX_NAME => return Err(wrong("event_name", "is too long")),
            _ => {}
        }
        let told = sample.iter().filter_map(|row| row.get(&self.time));
        let format = self.time_format.unwrap_or_else(|| TimeFormat::of(told));
        let name = self.time_zone.get_or_insert_with(|| zone.to_owned());
        let zone = jiff::tz::TimeZone::get(name).map_err(|_| wrong("time_zone", "is not a time zone"))?;
        self.time_format = Some(format);
        Ok(Reading {
            map: self,
            format,
            zone,
        })
    }
}

impl Reading {
    /// Gives the map with nothing left open.
    pub fn map(&self) -> &ColumnMap {
        &self.map
    }

    /// Reads a row.
    pub fn row(&self, row: &Object, now: Time) -> Result<Row, SkipReason> {
        let map = &self.map;
        let customer = row.get(&map.customer).and_then(text).ok_or(SkipReason::NoCustomer)?;
        let customer = clean_id(&customer).ok_or(SkipReason::NoCustomer)?.to_owned();
        let name = match &map.event {
            Some(column) => row.get(column).and_then(text),
            None => map.event_name.clone(),
        };
        let name = name.ok_or(SkipReason::NoEvent)?;
        if name.chars().count() > MAX_NAME {
            return Err(SkipReason::NameTooLong);
        }
        let told = row.get(&map.time).filter(|value| text(value).is_some());
        let at = self.when(told.ok_or(SkipReason::NoTime)?, now)?;
        let id = map.id.as_ref().map(|column| own_id(row.get(column))).transpose()?;
        let is_told = |value: &Value| !value.is_null() && value.as_str() != Some("");
        let stands_elsewhere =
            |column: &String| *column == map.customer || *column == map.time || map.event.as_ref() == Some(column);
        let others = row
            .iter()
            .filter(|(column, value)| !stands_elsewhere(column) && is_told(value));
        let properties: Object = others.map(|(column, value)| (column.clone(), value.clone())).collect();
        if serde_json::to_string(&properties).map_or(usize::MAX, |text| text.len()) > MAX_CALL {
            return Err(SkipReason::TooLarge);
        }
        Ok(Row {
            customer,
            name,
            at,
            properties,
            id,
        })
    }

    fn when(&self, told: &Value, now: Time) -> Result<Time, SkipReason> {
        let at = self.format.read(told, &self.zone).ok_or(SkipReason::BadTime)?;
        if at < EARLIEST {
            return Err(SkipReason::TooEarly);
        }
        if at > now {
            return Err(SkipReason::InFuture);
        }
        Ok(at)
    }
}

/// The most characters of a row's own id: with what stands before it, it is a message's.
const MAX_ID: usize = 90;

fn own_id(told: Option<&Value>) -> Result<String, SkipReason> {
    let id = told.and_then(text).ok_or(SkipReason::BadId)?;
    let fits = id.chars().count() <= MAX_ID && !id.chars().any(char::is_control);
    fits.then_some(id).ok_or(SkipReason::BadId)
}

/// Gives what a cell says; nothing where it is empty.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(claim) => claim.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Guesses what columns mean by their names. What cannot be guessed is empty.
pub fn guess(columns: &[String]) -> ColumnMap {
    let pick = |names: &[&str]| {
        let plain = |text: &str| text.to_lowercase().replace([' ', '-', '.'], "_");
        let by = |name: &&str| columns.iter().find(|column| plain(column) == **name).cloned();
        names.iter().find_map(by)
    };
    const EMAILS: &[&str] = &["email", "e_mail", "mail"];
    const PHONES: &[&str] = &["phone", "mobile", "telephone", "telefon", "phone_number"];
    let known = [
        (
            CustomerKind::UserId,
            &[
                "case:concept:name",
                "user_id",
                "userid",
                "customer_id",
                "customerid",
                "customer",
                "kunde",
            ][..],
        ),
        (CustomerKind::Email, EMAILS),
        (CustomerKind::Phone, PHONES),
        (CustomerKind::AnonymousId, &["anonymous_id", "anonymousid"][..]),
        (CustomerKind::UserId, &["case_id", "case", "id", "user"][..]),
    ];
    let found = known
        .iter()
        .find_map(|(kind, names)| pick(names).map(|column| (*kind, column)));
    let (customer_kind, customer) = found.unwrap_or((CustomerKind::UserId, String::new()));
    ColumnMap {
        customer,
        customer_kind,
        event: pick(&[
            "concept:name",
            "event",
            "event_name",
            "activity",
            "action",
            "name",
            "ereignis",
        ]),
        event_name: None,
        time: pick(&[
            "time:timestamp",
            "timestamp",
            "time",
            "at",
            "date",
            "datetime",
            "created_at",
            "zeit",
            "datum",
        ])
        .unwrap_or_default(),
        time_format: None,
        time_zone: None,
        id: pick(&["message_id", "messageid", "event_id"]),
    }
}

#[cfg(test)]
mod tests;
