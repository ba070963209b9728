//! Migrations: numbered, run once each, in order, the same set on both databases.

use refinery::{Migration, Runner};

use super::{Dialect, Error, Result};

/// A migration's name, and its text for each database (the same unless the file has a twin).
const MIGRATIONS: &[(&str, &str, &str)] = &[
    (
        "V1__desk",
        include_str!("../../migrations/V1__desk.sql"),
        include_str!("../../migrations/V1__desk.sql"),
    ),
    (
        "V2__search",
        include_str!("../../migrations/V2__search.sqlite.sql"),
        include_str!("../../migrations/V2__search.postgres.sql"),
    ),
    (
        "V3__lists",
        include_str!("../../migrations/V3__lists.sql"),
        include_str!("../../migrations/V3__lists.sql"),
    ),
    (
        "V4__numbers",
        include_str!("../../migrations/V4__numbers.sql"),
        include_str!("../../migrations/V4__numbers.sql"),
    ),
    (
        "V5__health",
        include_str!("../../migrations/V5__health.sql"),
        include_str!("../../migrations/V5__health.sql"),
    ),
    (
        "V6__titles",
        include_str!("../../migrations/V6__titles.sql"),
        include_str!("../../migrations/V6__titles.sql"),
    ),
    (
        "V7__prefixes",
        include_str!("../../migrations/V7__prefixes.sqlite.sql"),
        include_str!("../../migrations/V7__prefixes.postgres.sql"),
    ),
    (
        "V8__merged",
        include_str!("../../migrations/V8__merged.sql"),
        include_str!("../../migrations/V8__merged.sql"),
    ),
    (
        "V9__attempts",
        include_str!("../../migrations/V9__attempts.sql"),
        include_str!("../../migrations/V9__attempts.sql"),
    ),
    (
        "V10__last_words",
        include_str!("../../migrations/V10__last_words.sql"),
        include_str!("../../migrations/V10__last_words.sql"),
    ),
    (
        "V11__collection",
        include_str!("../../migrations/V11__collection.sql"),
        include_str!("../../migrations/V11__collection.sql"),
    ),
    (
        "V12__touchpoints",
        include_str!("../../migrations/V12__touchpoints.sql"),
        include_str!("../../migrations/V12__touchpoints.sql"),
    ),
    (
        "V13__imports",
        include_str!("../../migrations/V13__imports.sql"),
        include_str!("../../migrations/V13__imports.sql"),
    ),
    (
        "V15__places",
        include_str!("../../migrations/V15__places.sql"),
        include_str!("../../migrations/V15__places.sql"),
    ),
    (
        "V17__design",
        include_str!("../../migrations/V17__design.sql"),
        include_str!("../../migrations/V17__design.sql"),
    ),
    (
        "V18__plans",
        include_str!("../../migrations/V18__plans.sql"),
        include_str!("../../migrations/V18__plans.sql"),
    ),
    (
        "V19__segments",
        include_str!("../../migrations/V19__segments.sql"),
        include_str!("../../migrations/V19__segments.sql"),
    ),
    (
        "V20__identity",
        include_str!("../../migrations/V20__identity.sql"),
        include_str!("../../migrations/V20__identity.sql"),
    ),
    (
        "V21__erasure",
        include_str!("../../migrations/V21__erasure.sql"),
        include_str!("../../migrations/V21__erasure.sql"),
    ),
    (
        "V22__leaving",
        include_str!("../../migrations/V22__leaving.sql"),
        include_str!("../../migrations/V22__leaving.sql"),
    ),
    (
        "V23__overwritten",
        include_str!("../../migrations/V23__overwritten.sqlite.sql"),
        include_str!("../../migrations/V23__overwritten.postgres.sql"),
    ),
    (
        "V24__collected",
        include_str!("../../migrations/V24__collected.sqlite.sql"),
        include_str!("../../migrations/V24__collected.postgres.sql"),
    ),
    (
        "V25__demand",
        include_str!("../../migrations/V25__demand.sql"),
        include_str!("../../migrations/V25__demand.sql"),
    ),
    (
        "V26__found",
        include_str!("../../migrations/V26__found.sqlite.sql"),
        include_str!("../../migrations/V26__found.postgres.sql"),
    ),
    (
        "V27__tags",
        include_str!("../../migrations/V27__tags.sql"),
        include_str!("../../migrations/V27__tags.sql"),
    ),
    (
        "V28__numbers",
        include_str!("../../migrations/V28__numbers.sql"),
        include_str!("../../migrations/V28__numbers.sql"),
    ),
    (
        "V29__refusals",
        include_str!("../../migrations/V29__refusals.sql"),
        include_str!("../../migrations/V29__refusals.sql"),
    ),
    (
        "V30__chat",
        include_str!("../../migrations/V30__chat.sqlite.sql"),
        include_str!("../../migrations/V30__chat.postgres.sql"),
    ),
];

/// Any number that no other program on the database takes: nodes that start together migrate one after the other.
const LOCK: i64 = 7_236_717_743_112_001;

pub(crate) fn sqlite(connection: &mut rusqlite::Connection) -> Result<()> {
    runner(Dialect::Sqlite)?.run(connection).map(drop).map_err(read_error)
}

pub(crate) fn postgres(client: &mut postgres::Client) -> Result<()> {
    let failed = |error: postgres::Error| Error::Unavailable(super::postgres::describe(&error));
    client
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .map_err(failed)?;
    let result = runner(Dialect::Postgres)?.run(client).map(drop).map_err(read_error);
    client
        .execute("SELECT pg_advisory_unlock($1)", &[&LOCK])
        .map_err(failed)?;
    result
}

fn runner(dialect: Dialect) -> Result<Runner> {
    let migrations = MIGRATIONS.iter().map(|(name, sqlite, postgres)| {
        let text = if dialect == Dialect::Sqlite { sqlite } else { postgres };
        Migration::unapplied(name, &dialect.migration(text)).map_err(read_error)
    });
    Ok(Runner::new(&migrations.collect::<Result<Vec<_>>>()?).set_abort_missing(false))
}

fn read_error(error: refinery::Error) -> Error {
    Error::Other(format!("migration: {error}"))
}

#[cfg(test)]
mod tests {
    use refinery::Target;
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn channels_that_are_made_anew_keep_what_points_to_them() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        let before = runner(Dialect::Sqlite).unwrap().set_target(Target::Version(29));
        before.run(&mut connection).unwrap();
        let desk = "INSERT INTO channels (name, kind, address, hook, created_at) VALUES ('A', 'twilio', '1', 'a', 0), ('B', 'simulator', '2', 'b', 0);
            INSERT INTO customers (created_at, updated_at) VALUES (0, 0);
            INSERT INTO conversations (customer_id, channel_id, status, opened_at, last_at) VALUES (1, 2, 'open', 0, 0)";
        connection.execute_batch(desk).unwrap();
        sqlite(&mut connection).unwrap();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT COUNT(*) FROM pragma_foreign_key_check"), 0);
        assert_eq!(
            count("SELECT COUNT(*) FROM conversations JOIN channels ON channels.id = channel_id"),
            1
        );
        let chat = "INSERT INTO channels (name, kind, address, hook, created_at) VALUES ('C', 'chat', '', 'c', 0)";
        connection.execute_batch(chat).unwrap();
        assert_eq!(count("SELECT MAX(id) FROM channels"), 3);
        assert!(connection.execute_batch("DELETE FROM channels WHERE id = 2").is_err());
    }
}
