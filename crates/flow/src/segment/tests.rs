//! Tests of segment rules: who belongs, until when, and what is refused.

use super::*;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// What was done at a touchpoint, in hours before now.
type Done<'a> = (&'a str, &'a [i64]);

fn deeds(done: &[Done]) -> Deeds {
    let now = 1_000 * DAY;
    let times = done.iter().map(|(name, ago)| {
        let mut times: Vec<i64> = ago.iter().map(|hours| now - hours * HOUR).collect();
        times.sort_unstable();
        ((*name).to_owned(), times)
    });
    Deeds {
        now,
        times: times.collect(),
    }
}

fn customer() -> Customer {
    Customer {
        name: "Ana".to_owned(),
        locale: "de-AT".to_owned(),
        traits: [
            ("tier".to_owned(), "gold".to_owned()),
            ("nights".to_owned(), "12".to_owned()),
        ]
        .into(),
        tags: vec!["vip".to_owned()],
        ..Customer::default()
    }
}

/// Whether they belong, and after how many milliseconds that may change.
fn decide(rule: &str, done: &[Done]) -> (bool, Option<i64>) {
    let deeds = deeds(done);
    let now = deeds.now;
    let rule = SegmentRule::read(rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let standing = rule.decide(&customer(), deeds);
    (standing.is_member, standing.until.map(|until| until - now))
}

#[test]
fn who_belongs_and_until_when_is_decided_from_file_and_deeds() {
    let cart: Done = ("Cart", &[100, 30]);
    let table: [(&str, &[Done], bool, Option<i64>); 22] = [
        (
            r#"customer.traits.tier == "gold" && "vip" in customer.tags"#,
            &[],
            true,
            None,
        ),
        ("number(customer.traits.nights) >= 13", &[], false, None),
        (r#"customer.traits.missing > 3"#, &[], false, None),
        (r#"did("Cart")"#, &[cart], true, None),
        (r#"did("Paid")"#, &[cart], false, None),
        (r#"!did("Paid")"#, &[cart], true, None),
        (r#"did("Cart", "2 days")"#, &[cart], true, Some(18 * HOUR + 1)),
        (r#"did("Cart", "1 day")"#, &[cart], false, None),
        (r#"did("Cart", "30 hours")"#, &[cart], true, Some(1)),
        (r#"times("Cart") == 2"#, &[cart], true, None),
        (r#"times("Cart", "5 days") >= 2"#, &[cart], true, Some(20 * HOUR + 1)),
        (r#"times("Cart", "4 days") >= 2"#, &[cart], false, Some(66 * HOUR + 1)),
        (r#"did_not_then("Cart", "Paid", "1 day")"#, &[cart], true, None),
        (r#"did_not_then("Cart", "Paid", "30 hours")"#, &[cart], false, Some(1)),
        (
            r#"did_not_then("Cart", "Paid", "3 days")"#,
            &[cart],
            false,
            Some(42 * HOUR + 1),
        ),
        (
            r#"did_not_then("Cart", "Paid", "1 day")"#,
            &[cart, ("Paid", &[29])],
            false,
            None,
        ),
        (
            r#"did_not_then("Cart", "Paid", "1 day")"#,
            &[cart, ("Paid", &[31, 5])],
            true,
            None,
        ),
        (
            r#"did_then("Cart", "Paid", "1 day")"#,
            &[cart, ("Paid", &[30])],
            true,
            None,
        ),
        (
            r#"did_then("Cart", "Paid", "1 day")"#,
            &[cart, ("Paid", &[5])],
            false,
            None,
        ),
        (r#"did_then("Cart", "Cart", "1 day")"#, &[cart], false, None),
        // What the first part decides alone does not wait for the second.
        (r#"did("Paid") && did("Cart", "2 days")"#, &[cart], false, None),
        // A clock that was ahead: it counts when its time has come.
        (r#"did("Cart")"#, &[("Cart", &[-2])], false, Some(2 * HOUR)),
    ];
    for (rule, done, is_member, until) in table {
        assert_eq!(decide(rule, done), (is_member, until), "{rule} {done:?}");
    }
}

#[test]
fn what_a_rule_says_about_the_future_comes_true() {
    let rules = [
        r#"did("A", "7 hours")"#,
        r#"times("A", "20 hours") >= 2 || did("B", "3 hours")"#,
        r#"did_not_then("A", "B", "5 hours")"#,
        r#"did_not_then("A", "B", "5 hours") && times("B", "1 day") < 2"#,
        r#"did("A") && !did("B", "4 hours")"#,
        r#"did_then("A", "B", "2 hours") != did("B", "9 hours")"#,
    ];
    let histories: [(&[i64], &[i64]); 5] = [
        (&[3, 9], &[]),
        (&[2], &[1]),
        (&[20, 1], &[15, 0]),
        (&[], &[4]),
        (&[-3, 4], &[-5]),
    ];
    for rule in rules {
        let rule = SegmentRule::read(rule).unwrap();
        for (a, b) in histories {
            let mut deeds = deeds(&[("A", a), ("B", b)]);
            let mut told = rule.decide(&customer(), deeds.clone());
            // Minute by minute: as long as it was said to stay, it stays.
            for _ in 0..3_000 {
                deeds.now += 60_000;
                let seen = rule.decide(&customer(), deeds.clone());
                if told.until.is_none_or(|until| deeds.now < until) {
                    assert_eq!(seen.is_member, told.is_member, "{rule:?} {deeds:?}");
                } else {
                    told = seen;
                }
            }
        }
    }
}

#[test]
fn a_rule_names_the_touchpoints_it_asks_about() {
    let rule = r#"[did("A"), !did_then("B", "A", "1 day")][0] || (times("C") > 1 ? true : did("A"))"#;
    assert_eq!(SegmentRule::read(rule).unwrap().touchpoints(), ["A", "B", "C"]);
}

#[test]
fn a_touchpoint_s_new_name_stands_where_the_rule_asks_about_it_and_nowhere_else() {
    let table = [
        (r#"did("A")"#, r#"did("B \"b\"")"#),
        (r#"did ( 'A', "A")"#, r#"did ( "B \"b\"", "A")"#),
        (r#"did_not_then("x", "A", "A")"#, r#"did_not_then("x", "B \"b\"", "A")"#),
        (
            r#""A" in customer.tags && (times("A") > 1)"#,
            r#""A" in customer.tags && (times("B \"b\"") > 1)"#,
        ),
        (r#"did("A ") && did("\"A\"")"#, r#"did("A ") && did("\"A\"")"#),
        (r#"did("\u0041")"#, r#"did("B \"b\"")"#),
        (r#"size("A") > 1"#, r#"size("A") > 1"#),
        (r#"did("é") || did("A"#, r#"did("é") || did("A"#),
    ];
    for (rule, renamed) in table {
        assert_eq!(SegmentRule::renamed(rule, "A", r#"B "b""#), renamed, "{rule}");
    }
}

#[test]
fn a_rule_that_cannot_be_decided_is_refused_with_the_reason() {
    let table = [
        ("did(", "cannot be read"),
        ("did()", "did() takes a touchpoint in quotes"),
        ("did(customer.name)", "did() takes a touchpoint in quotes"),
        (r#"did("A", "soon")"#, "'soon' is no time"),
        (r#"did("A", "-3 days")"#, "'-3 days' is no time"),
        (r#"did("A", "1 month")"#, "'1 month' is no time"),
        (r#"did("A", "40 years")"#, "'40 years' is no time"),
        (r#"did("A", "1 day", "2 days")"#, "did() takes a touchpoint in quotes"),
        (r#"did_not_then("A", "B")"#, "did_not_then() takes two touchpoints"),
        (r#"didnt("A")"#, "cannot call 'didnt'"),
        (
            r#"days_until(customer.traits.birthday) < 3"#,
            "cannot call 'days_until'",
        ),
        ("now > 3", "knows no 'now'"),
        ("customer.age > 3", "knows no customer.age: there is name, phone"),
        ("has(customer.age)", "knows no customer.age"),
        ("1", "says neither yes nor no"),
        ("customer.name", "says neither yes nor no"),
        ("customer.traits.vip", "says neither yes nor no"),
        (r#"times("A") + 1"#, "says neither yes nor no"),
    ];
    for (rule, reason) in table {
        let error = SegmentRule::read(rule).expect_err(rule);
        assert!(error.starts_with(reason), "{rule}: {error}");
    }
}

#[test]
fn the_guides_rules_hold_where_it_says() {
    let guide = include_str!("../../../../docs/journeys.md");
    let block = guide
        .split("```segment")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let rules: Vec<&str> = block.expect("the guide has rules of segments").trim().lines().collect();
    let histories: [&[Done]; 3] = [
        &[("Cart", &[100])],
        &[("Order Completed", &[1, 2, 3])],
        &[("conversation_opened", &[1])],
    ];
    for (rule_at, rule) in rules.iter().enumerate() {
        for (at, done) in histories.iter().enumerate() {
            assert_eq!(decide(rule, done).0, rule_at == at, "{rule} {done:?}");
        }
    }
}
