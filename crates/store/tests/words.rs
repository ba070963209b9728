//! The words that Rust knows and the words that the database lets in are the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    channel::ChannelKind,
    consent::*,
    conversation::*,
    message::*,
    people::{Availability, Role},
    request::RequestStatus,
};

/// The newest text that makes a table comes first.
const TABLES: [&str; 2] = [
    include_str!("../migrations/V30__chat.sqlite.sql"),
    include_str!("../migrations/V1__desk.sql"),
];

/// Gives the words of a column's CHECK, in the order written.
fn allowed(table: &str, column: &str) -> Vec<&'static str> {
    let made = format!("CREATE TABLE {table} (");
    let (_, rest) = TABLES.iter().find_map(|text| text.split_once(&made)).unwrap();
    let (columns, _) = rest.split_once("\n);").unwrap();
    let (_, rest) = columns.split_once(&format!("CHECK ({column} IN (")).unwrap();
    let (words, _) = rest.split_once(')').unwrap();
    words.split(", ").map(|word| word.trim_matches('\'')).collect()
}

macro_rules! same {
    ($($words:ty => $($table:literal . $column:literal),+;)+) => {$($(
        let words: Vec<&str> = <$words>::ALL.iter().map(|word| word.as_str()).collect();
        assert_eq!(words, allowed($table, $column), "{}.{}", $table, $column);
    )+)+};
}

#[test]
fn rust_and_the_database_know_the_same_words() {
    same! {
        Role => "users"."role", "invitations"."role", "api_tokens"."role";
        Availability => "users"."availability";
        ChannelKind => "channels"."kind";
        ReopenRule => "channels"."reopen";
        ConversationStatus => "conversations"."status";
        Direction => "messages"."direction", "conversations"."last_direction";
        Author => "messages"."author";
        MessageStatus => "messages"."status";
        Lane => "messages"."lane";
        RequestStatus => "requests"."status";
        ConsentChange => "consent"."change";
        ConsentBasis => "consent"."basis";
        ConsentSource => "consent"."source";
    }
}
