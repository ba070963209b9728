//! PostgreSQL behind the seam: how a connection is set up and a statement run.

use std::{collections::HashMap, error::Error as StdError, time::Duration};

use postgres::{
    Client, Config, NoTls, Statement,
    config::SslMode,
    error::SqlState,
    fallible_iterator::FallibleIterator,
    types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::{Error, Result, Row, Value, tls};

/// How many prepared statements a connection keeps; past that it starts afresh.
const STATEMENTS: usize = 500;

/// After how long without an answer a server is taken for gone.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a statement may take, and a transaction may wait for its next one.
const LIMITS: &str = "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'";

/// A connection and the statements it has prepared.
pub(crate) struct Connection {
    pub(crate) client: Client,
    statements: HashMap<String, Statement>,
}

impl Connection {
    pub(crate) fn open(url: &str) -> Result<Connection> {
        let (url, wish) = tls::split(url);
        let mut config: Config = url
            .parse()
            .map_err(|error: postgres::Error| Error::Unavailable(error.to_string()))?;
        config
            .application_name("rapport")
            .connect_timeout(Duration::from_secs(10))
            // A server that is gone without a word is noticed within half a minute.
            .keepalives_idle(SILENCE)
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            .tcp_user_timeout(SILENCE);
        let client = if wish.encrypted {
            config.ssl_mode(SslMode::Require).connect(wish.connector()?)
        } else {
            config.ssl_mode(SslMode::Disable).connect(NoTls)
        };
        let client = client.map_err(|error| Error::Unavailable(describe(&error)))?;
        Ok(Connection {
            client,
            statements: HashMap::new(),
        })
    }

    /// Opens a connection for the work of every day: no statement of it may take so long that others wait for ever.
    pub(crate) fn open_for_work(url: &str) -> Result<Connection> {
        let mut connection = Connection::open(url)?;
        connection.batch(LIMITS, &mut false)?;
        Ok(connection)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Value], must_repeat: &mut bool) -> Result<u64> {
        let statement = self.prepare(sql, must_repeat)?;
        self.client
            .execute(&statement, &borrow(params))
            .map_err(|error| read_error(&error, must_repeat))
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Value], must_repeat: &mut bool) -> Result<Vec<Row>> {
        let statement = self.prepare(sql, must_repeat)?;
        let rows = self
            .client
            .query(&statement, &borrow(params))
            .map_err(|error| read_error(&error, must_repeat))?;
        rows.iter().map(read_row).collect()
    }

    pub(crate) fn batch(&mut self, sql: &str, must_repeat: &mut bool) -> Result<()> {
        self.client
            .batch_execute(sql)
            .map_err(|error| read_error(&error, must_repeat))
    }

    /// Waits for a notification, at most this long; says whether the connection still stands.
    pub(crate) fn wait_for_notification(&mut self, at_most: Duration) -> bool {
        self.client.notifications().timeout_iter(at_most).next().is_ok() && !self.client.is_closed()
    }

    fn prepare(&mut self, sql: &str, must_repeat: &mut bool) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        let statement = self
            .client
            .prepare(&numbered(sql))
            .map_err(|error| read_error(&error, must_repeat))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Writes `?1` as PostgreSQL's `$1`. No statement of ours has a question mark anywhere else.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

fn borrow(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(truth) => truth.to_sql(kind, out),
            Value::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Value::Int(number) if *kind == Type::FLOAT8 => (*number as f64).to_sql(kind, out),
            Value::Int(number) => number.to_sql(kind, out),
            Value::Real(number) => number.to_sql(kind, out),
            Value::Text(text) => text.to_sql(kind, out),
            Value::Bytes(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn read_row(row: &postgres::Row) -> Result<Row> {
    (0..row.len())
        .map(|column| read_value(row, column))
        .collect::<Result<_>>()
        .map(Row)
}

fn read_value(row: &postgres::Row, column: usize) -> Result<Value> {
    let kind = row.columns()[column].type_();
    let value = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(column).map(Value::from),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(column)
            .map(|found| Value::from(found.map(i64::from))),
        Type::BOOL => row.try_get::<_, Option<bool>>(column).map(Value::from),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(column).map(Value::from),
        Type::TEXT | Type::VARCHAR | Type::NAME => row.try_get::<_, Option<String>>(column).map(Value::from),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column).map(Value::from),
        _ => {
            return Err(Error::Other(format!(
                "column {column} is of type {kind}, which is not portable: cast it"
            )));
        }
    };
    value.map_err(|error| Error::Other(error.to_string()))
}

fn read_error(error: &postgres::Error, must_repeat: &mut bool) -> Error {
    let Some(code) = error.code() else {
        return Error::Unavailable(describe(error));
    };
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
        *must_repeat = true;
        return Error::Busy;
    }
    if *code == SqlState::UNIQUE_VIOLATION {
        return Error::Conflict(describe(error));
    }
    // 53: no resources (disk full, too many connections); 57: the server is going down; 08: the connection is gone.
    if ["53", "57", "08"].iter().any(|class| code.code().starts_with(class)) {
        return Error::Unavailable(describe(error));
    }
    Error::Other(describe(error))
}

/// Gives the error with what the server said, which the driver's own words leave out.
pub(crate) fn describe(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => said.to_string(),
        None => match error.source() {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    }
}
