//! Where data may be touched: one file names the database drivers, one file touches the events table.

use super::Finding;
use super::layers::{dependencies, manifests};
use super::rust_source::{Keep, is_word, line_of, mask};
use super::tree::{File, Tree};

/// Crates that talk to a database.
const DRIVERS: [&str; 5] = ["rusqlite", "postgres", "tokio_postgres", "postgres_types", "refinery"];

/// SQL words before a table's name.
const TABLE_WORDS: [&str; 5] = ["from", "into", "update", "join", "table"];

/// Only `sql.rs` of the store names a database driver, and only the store depends on one.
pub fn one_file_names_drivers(tree: &Tree) -> Vec<Finding> {
    let sources = tree
        .ending(".rs")
        .filter(|file| !is_room(file, "crates/store/src/sql"))
        .flat_map(|file| {
            let code = mask(&file.text, Keep::Code);
            let named = |driver| named_at(&code, driver).map(|at| (at, driver));
            let found: Vec<_> = DRIVERS.into_iter().filter_map(named).collect();
            found.into_iter().map(move |(at, driver)| {
                let message = format!("names the database driver {driver}; only crates/store/src/sql.rs may");
                Finding::new(&file.path, line_of(&code, at), message)
            })
        });
    let crates = manifests(tree)
        .filter(|file| !file.path.starts_with("crates/store/"))
        .flat_map(|file| {
            let drivers =
                dependencies(&file.text).filter(|(_, name)| DRIVERS.contains(&name.replace('-', "_").as_str()));
            drivers.map(|(line, name)| {
                Finding::new(
                    &file.path,
                    line,
                    format!("depends on the database driver {name}; only the store may"),
                )
            })
        });
    sources.chain(crates).collect()
}

/// Only `events.rs` of the store reads or writes the events table.
pub fn one_file_touches_events(tree: &Tree) -> Vec<Finding> {
    let crates = tree.ending(".rs").filter(|file| file.path.starts_with("crates/"));
    crates
        .filter(|file| !is_room(file, "crates/store/src/events"))
        .flat_map(|file| {
            let text = mask(&file.text, Keep::CodeAndStrings).to_lowercase();
            let lines: Vec<usize> = events_named_at(&text).map(|at| line_of(&text, at)).collect();
            lines.into_iter().map(|line| {
                Finding::new(
                    &file.path,
                    line,
                    "touches the events table; ask crates/store/src/events.rs instead",
                )
            })
        })
        .collect()
}

/// Whether a file is the module at `path` or lies under it.
fn is_room(file: &File, path: &str) -> bool {
    file.path
        .strip_prefix(path)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Where code names a crate: at the beginning of a path, or in a `use` or `extern crate` of its own.
fn named_at(code: &str, name: &str) -> Option<usize> {
    code.match_indices(name).map(|(at, _)| at).find(|at| {
        let (before, after) = (&code[..*at], &code[at + name.len()..]);
        let is_whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        let statement = before.rsplit(';').next().unwrap_or_default();
        // In `use a::{name::B}` the name is a module of `a`; in `::name` it is a crate again.
        let is_in_group = statement.trim_start().starts_with("use ") && statement.contains("::{");
        let is_in_path = before
            .strip_suffix("::")
            .is_some_and(|parent| parent.ends_with(is_word))
            || is_in_group;
        let is_used = before.ends_with("use ") || before.ends_with("extern crate ");
        is_whole && !is_in_path && (after.starts_with("::") || is_used)
    })
}

fn events_named_at(lowered: &str) -> impl Iterator<Item = usize> {
    lowered.match_indices("events").map(|(at, _)| at).filter(|at| {
        let before = &lowered[..*at];
        let word = before.trim_end().rsplit(|c| !is_word(c)).next().unwrap_or_default();
        let is_apart = before.ends_with(char::is_whitespace) && before.trim_end().ends_with(is_word);
        is_apart && TABLE_WORDS.contains(&word) && !lowered[at + "events".len()..].starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drivers(path: &str, text: &str) -> usize {
        one_file_names_drivers(&Tree::of(&[(path, text)])).len()
    }

    fn events(path: &str, text: &str) -> usize {
        one_file_touches_events(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_driver_is_named_only_in_its_file() {
        let source = "use rusqlite::Connection;\nfn f() { let c = postgres::Client::connect(); }\n";
        assert_eq!(drivers("crates/store/src/desk.rs", source), 2);
        assert_eq!(drivers("crates/store/src/sql.rs", source), 0);
        assert_eq!(drivers("crates/store/src/sql/writer.rs", source), 0);
        assert_eq!(drivers("crates/store/src/sqlite_twin.rs", source), 2);
    }

    #[test]
    fn other_things_of_that_name_are_fine() {
        let source = "// rusqlite::Error\nmod postgres;\nlet url = \"postgres://x\";\nDialect::Postgres;\nself::postgres::start();\nuse crate::postgres::Postgres;\nuse crate::{\n    a,\n    sql::{postgres::Connection},\n};";
        assert_eq!(drivers("crates/server/src/main.rs", source), 0);
    }

    #[test]
    fn only_the_store_depends_on_a_driver() {
        let manifest = "[dependencies]\ntokio-postgres = \"1\"\n";
        assert_eq!(drivers("crates/server/Cargo.toml", manifest), 1);
        assert_eq!(drivers("crates/store/Cargo.toml", manifest), 0);
    }

    #[test]
    fn the_events_table_is_touched_only_in_its_file() {
        for sql in [
            "SELECT id FROM events WHERE a = 1",
            "INSERT INTO events (id)",
            "update Events set",
            "JOIN\n  events e ON",
            "from events\"",
        ] {
            let source = format!("let sql = \"{sql}\";");
            assert_eq!(events("crates/store/src/desk.rs", &source), 1, "{sql}");
            assert_eq!(events("crates/store/src/events.rs", &source), 0, "{sql}");
        }
    }

    #[test]
    fn other_tables_and_plain_words_are_fine() {
        for source in [
            "// counted from events\n",
            "\"FROM events_archive\"",
            "\"FROM flow_events\"",
            "read_events(from, events)",
            "\"all events\"",
        ] {
            assert_eq!(events("crates/store/src/desk.rs", source), 0, "{source}");
        }
    }
}
