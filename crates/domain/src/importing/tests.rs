//! Rows that are read, rows that are skipped, and what tells one from the other.

use serde_json::json;

use super::*;

const NOW: Time = Time(1_772_618_400_000_000);

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn map() -> ColumnMap {
    ColumnMap {
        id: None,
        ..guess(&["customer", "event", "time"].map(str::to_owned))
    }
}

fn reading(format: Option<TimeFormat>) -> Reading {
    let map = ColumnMap {
        time_format: format,
        ..map()
    };
    let sample = [object(
        json!({"customer": "a", "event": "b", "time": "2026-01-02 03:04"}),
    )];
    map.settle(&[], &sample, "Europe/Berlin").unwrap()
}

#[test]
fn a_row_is_read_or_skipped_with_a_reason() {
    let row = |customer: Value, event: Value, time: Value| json!({"customer": customer, "event": event, "time": time});
    let day = json!("2026-01-02 03:04");
    let mut large = row(json!("u"), json!("a"), day.clone());
    large["note"] = json!("x".repeat(1_000_000));
    let table = [
        (row(json!(""), json!("a"), day.clone()), SkipReason::NoCustomer),
        (row(json!("  "), json!("a"), day.clone()), SkipReason::NoCustomer),
        (row(json!("null"), json!("a"), day.clone()), SkipReason::NoCustomer),
        (row(json!({"id": 1}), json!("a"), day.clone()), SkipReason::NoCustomer),
        (row(json!("u"), json!(""), day.clone()), SkipReason::NoEvent),
        (
            row(json!("u"), json!("a".repeat(501)), day.clone()),
            SkipReason::NameTooLong,
        ),
        (row(json!("u"), json!("a"), json!("")), SkipReason::NoTime),
        (row(json!("u"), json!("a"), json!(null)), SkipReason::NoTime),
        (row(json!("u"), json!("a"), json!("NaN")), SkipReason::BadTime),
        (
            row(json!("u"), json!("a"), json!("2026-02-30 10:00")),
            SkipReason::BadTime,
        ),
        (
            row(json!("u"), json!("a"), json!("1900-01-01 00:00")),
            SkipReason::TooEarly,
        ),
        (
            row(json!("u"), json!("a"), json!("2200-01-01 00:00")),
            SkipReason::InFuture,
        ),
        (large, SkipReason::TooLarge),
    ];
    let reading = reading(None);
    for (told, expected) in table {
        let shown: String = told.to_string().chars().take(80).collect();
        assert_eq!(reading.row(&object(told), NOW), Err(expected), "{shown}");
    }
    let told =
        json!({"customer": 7, "event": " Visit ", "time": day, "shop": "Rome", "empty": "", "no": null, "sum": 2.5});
    let expected = Row {
        customer: "7".to_owned(),
        name: "Visit".to_owned(),
        at: "2026-01-02T02:04:00Z".parse().unwrap(),
        properties: object(json!({"shop": "Rome", "sum": 2.5})),
        id: None,
    };
    assert_eq!(reading.row(&object(told), NOW), Ok(expected));
}

#[test]
fn a_time_is_read_as_it_is_written() {
    let at = |text: &str| text.parse::<Time>().unwrap();
    let table = [
        (
            json!("2026-01-02T03:04:05Z"),
            TimeFormat::Rfc3339,
            at("2026-01-02T03:04:05Z"),
        ),
        (
            json!("2026-01-02 03:04:05+01:00"),
            TimeFormat::Rfc3339,
            at("2026-01-02T02:04:05Z"),
        ),
        (json!("2026-01-02 03:04"), TimeFormat::Local, at("2026-01-02T02:04:00Z")),
        (
            json!("2025-07-02 03:04:05"),
            TimeFormat::Local,
            at("2025-07-02T01:04:05Z"),
        ),
        (json!("2026-01-02"), TimeFormat::Local, at("2026-01-01T23:00:00Z")),
        // This hour is no hour there, and this one comes twice.
        (json!("2025-03-30 02:30"), TimeFormat::Local, at("2025-03-30T01:30:00Z")),
        (json!("2025-10-26 02:30"), TimeFormat::Local, at("2025-10-26T00:30:00Z")),
        (
            json!("24.12.2025 18:30"),
            TimeFormat::DayFirst,
            at("2025-12-24T17:30:00Z"),
        ),
        (
            json!("1.11.2025, 08:05:09"),
            TimeFormat::DayFirst,
            at("2025-11-01T07:05:09Z"),
        ),
        (json!("03/04/2025"), TimeFormat::DayFirst, at("2025-04-02T22:00:00Z")),
        (
            json!("12/24/2025 6:30 pm"),
            TimeFormat::MonthFirst,
            at("2025-12-24T17:30:00Z"),
        ),
        (
            json!("1767323045"),
            TimeFormat::EpochSeconds,
            at("2026-01-02T03:04:05Z"),
        ),
        (
            json!(1_767_323_045.25),
            TimeFormat::EpochSeconds,
            at("2026-01-02T03:04:05.25Z"),
        ),
        (
            json!(1_767_323_045_000_i64),
            TimeFormat::EpochMillis,
            at("2026-01-02T03:04:05Z"),
        ),
    ];
    for (told, format, expected) in table {
        assert_eq!(TimeFormat::of([&told].into_iter()), format, "{told}");
        let row = object(json!({"customer": "u", "event": "a", "time": told}));
        let got = reading(Some(format)).row(&row, NOW).map(|row| row.at);
        assert_eq!(got, Ok(expected), "{told}");
    }
    // What is told counts, not what it looks like.
    let row = object(json!({"customer": "u", "event": "a", "time": "1767323045"}));
    let got = reading(Some(TimeFormat::EpochMillis)).row(&row, NOW);
    assert_eq!(got, Err(SkipReason::TooEarly));
}

#[test]
fn most_of_the_first_rows_say_how_times_are_written() {
    let mixed = [json!("soon"), json!("2026-01-02"), json!("2026-01-03"), json!(1)];
    assert_eq!(TimeFormat::of(mixed.iter()), TimeFormat::Local);
    // One day that has no such month says how all the others are meant.
    let american = ["03/04/2025", "05/06/2025", "05/31/2025"].map(|told| json!(told));
    assert_eq!(TimeFormat::of(american.iter()), TimeFormat::MonthFirst);
}

#[test]
fn a_row_s_own_id_must_be_one() {
    let map = ColumnMap {
        id: Some("no".to_owned()),
        ..map()
    };
    let reading = map.settle(&[], &[], "UTC").unwrap();
    let row = |no: Value| {
        let row = json!({"customer": "u", "event": "a", "time": "2026-01-02T03:04:05Z", "no": no});
        reading.row(&object(row), NOW).map(|row| row.id)
    };
    assert_eq!(row(json!(12)), Ok(Some("12".to_owned())));
    for bad in [json!(""), json!(null), json!("x".repeat(91)), json!("a\u{0}")] {
        assert_eq!(row(bad), Err(SkipReason::BadId));
    }
}

#[test]
fn a_map_that_cannot_be_read_by_is_told_why() {
    let columns = ["customer", "event", "time"].map(str::to_owned);
    let settled = |change: fn(&mut ColumnMap)| {
        let mut map = map();
        change(&mut map);
        map.settle(&columns, &[], "UTC")
            .map(drop)
            .map_err(|problem| problem.field)
    };
    assert_eq!(settled(|_| {}), Ok(()));
    assert_eq!(settled(|map| map.customer = "who".to_owned()), Err("customer"));
    assert_eq!(settled(|map| map.time = String::new()), Err("time"));
    assert_eq!(settled(|map| map.id = Some("no".to_owned())), Err("id"));
    assert_eq!(settled(|map| map.event = None), Err("event"));
    assert_eq!(
        settled(|map| map.event_name = Some("Visit".to_owned())),
        Err("event_name")
    );
    assert_eq!(settled(|map| map.time_zone = Some("Mars".to_owned())), Err("time_zone"));
    let constant = |map: &mut ColumnMap| (map.event, map.event_name) = (None, Some(" Visit ".to_owned()));
    assert_eq!(settled(constant), Ok(()));
}

#[test]
fn columns_are_guessed_by_their_names() {
    let guessed = |names: &[&str]| {
        let columns: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let map = guess(&columns);
        (map.customer, map.customer_kind, map.event.unwrap_or_default(), map.time)
    };
    let of =
        |customer: &str, kind, event: &str, time: &str| (customer.to_owned(), kind, event.to_owned(), time.to_owned());
    let log = ["", "concept:name", "Activity", "time:timestamp", "case:concept:name"];
    let expected = of(
        "case:concept:name",
        CustomerKind::UserId,
        "concept:name",
        "time:timestamp",
    );
    assert_eq!(guessed(&log), expected);
    assert_eq!(
        guessed(&["E-Mail", "Event Name", "Date"]),
        of("E-Mail", CustomerKind::Email, "Event Name", "Date")
    );
    assert_eq!(guessed(&["a", "b"]), of("", CustomerKind::UserId, "", ""));
}
