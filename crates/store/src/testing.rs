//! Throw-away databases for tests: SQLite always, PostgreSQL where `RAPPORT_TEST_POSTGRES` names a server.
//!
//! With `RAPPORT_REQUIRE_POSTGRES` set (as `cargo xtask test` does) a missing server is a failure, not a skip.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    Dialect, Options, Place, Result, Store,
    sql::{postgres::Connection, workers::on_a_thread},
};

/// A store that is gone when this is dropped.
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// How it was opened: open it again to test a restart.
    pub options: Options,
    _folder: tempfile::TempDir,
    schema: Option<(String, String)>,
}

/// Gives a new empty store of each database that can be had here.
pub fn each_database() -> Vec<TestStore> {
    let mut stores = vec![sqlite()];
    match std::env::var("RAPPORT_TEST_POSTGRES") {
        Ok(url) => stores.push(postgres(&url)),
        Err(_) if std::env::var("RAPPORT_REQUIRE_POSTGRES").is_ok() => panic!("RAPPORT_TEST_POSTGRES is not set"),
        Err(_) => {}
    }
    stores
}

/// Gives a new empty SQLite store.
pub fn sqlite() -> TestStore {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let options = Options {
        place: Place::Folder(folder.path().to_owned()),
        connections: 2,
    };
    TestStore {
        store: Store::open(&options).expect("a new store opens"),
        options,
        _folder: folder,
        schema: None,
    }
}

fn postgres(url: &str) -> TestStore {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let create = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}");
    run(url, &create).expect("the test server makes a schema");
    let joint = if url.contains('?') { '&' } else { '?' };
    let place = Place::Postgres(format!("{url}{joint}options=-csearch_path%3D{name}"));
    let options = Options { place, connections: 2 };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = Store::open(&options).expect("a new store opens");
    TestStore {
        store,
        options,
        _folder: folder,
        schema: Some((url.to_owned(), name)),
    }
}

/// A whole PostgreSQL database, for what copies one; it is gone when this is dropped.
pub struct TestDatabase {
    /// Where it is.
    pub url: String,
    server: String,
    name: String,
}

/// Makes a new empty PostgreSQL database where a server can be had.
pub fn database() -> Option<TestDatabase> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let server = std::env::var("RAPPORT_TEST_POSTGRES").ok()?;
    let name = format!("whole_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    run(&server, &format!("CREATE DATABASE {name}")).expect("the test server makes a database");
    let (place, options) = server.split_once('?').unwrap_or((&server, ""));
    let (host, _) = place.rsplit_once('/').expect("the server's URL names a database");
    let joint = if options.is_empty() { "" } else { "?" };
    Some(TestDatabase {
        url: format!("{host}/{name}{joint}{options}"),
        server,
        name,
    })
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let _ = run(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn run(url: &str, sql: &str) -> Result<()> {
    on_a_thread(|| Connection::open(url)?.batch(sql, &mut false))
}

impl TestStore {
    /// Says which database this is, for messages.
    pub fn dialect(&self) -> Dialect {
        self.store.dialect()
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        if let Some((url, schema)) = self.schema.take() {
            // Open transactions of a test that failed may hold locks: do not wait for them.
            let _ = run(&url, &format!("SET lock_timeout = '2s'; DROP SCHEMA {schema} CASCADE"));
        }
    }
}
