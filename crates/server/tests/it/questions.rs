//! What a question about journeys can be asked beside its steps: each choice changes the answer as it says.

use serde_json::{Value, json};

use crate::{company::Company, harness::on_each_database, segments};

/// Two ask for help between the ad and the booking, one of them has another way past it; two never book.
const WAYS: [(&str, &str, u32); 11] = [
    ("ana", "Ad", 50),
    ("ana", "Help", 40),
    ("ana", "Booked", 30),
    ("bo", "Mail", 50),
    ("bo", "Booked", 45),
    ("bo", "Help", 44),
    ("cleo", "Ad", 50),
    ("cleo", "Help", 45),
    ("cleo", "Ad", 40),
    ("cleo", "Booked", 30),
    ("dora", "Mail", 20),
];

/// How many passed each step.
fn passed(funnel: &Value) -> Vec<i64> {
    let steps = funnel["steps"].as_array().unwrap().iter();
    steps.map(|step| step["customers"].as_i64().unwrap()).collect()
}

/// The parts of a funnel: what each has in common, and how many passed each step.
fn parts(funnel: &Value, by: &str) -> Vec<(Value, Value)> {
    let groups = funnel["groups"].as_array().unwrap().iter();
    groups
        .map(|group| (group[by].clone(), group["steps"].clone()))
        .collect()
}

#[tokio::test]
async fn who_comes_only_past_what_is_excluded_is_out_of_the_funnel() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&WAYS).await;
        company.reaches(WAYS.len() as u64).await;
        let [ad, mail, booked, help] = company.numbers(["Ad", "Mail", "Booked", "Help"]).await;
        let steps = format!("steps={ad}|{mail},{booked}");
        assert_eq!(passed(&company.ask(&format!("funnel?{steps}")).await), [4, 3]);
        for exclude in [format!("{help}"), format!("{help}:1-2"), format!("{mail}|{help}:1-2")] {
            let funnel = company.ask(&format!("funnel?{steps}&exclude={exclude}")).await;
            assert_eq!(
                (passed(&funnel), &funnel["excluded"]),
                (vec![3, 2], &json!(1)),
                "{exclude}"
            );
        }
        let people = company
            .ask(&format!("funnel/people?{steps}&exclude={help}&step=2"))
            .await;
        assert_eq!(people["total"], 2);

        // Only between the steps that are named: bo asks for help after booking.
        let longer = format!("steps={ad}|{mail},{booked},{help}&exclude={mail}:2-3,{ad}:2-3");
        let funnel = company.ask(&format!("funnel?{longer}")).await;
        assert_eq!((passed(&funnel), &funnel["excluded"]), (vec![4, 3, 1], &json!(0)));
    })
    .await;
}

#[tokio::test]
async fn a_funnel_is_split_by_channel_and_by_segments_that_may_overlap() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&WAYS).await;
        company.reaches(WAYS.len() as u64).await;
        let [ad, mail, booked] = company.numbers(["Ad", "Mail", "Booked"]).await;
        company.change(mail, json!({"channel": "Post"})).await.expect(200);
        company.change(ad, json!({"channel": ""})).await.expect(200);
        let steps = format!("funnel?steps={ad}|{mail},{booked}");
        let by_step = company.ask(&format!("{steps}&breakdown=1")).await;
        assert_eq!(
            parts(&by_step, "touchpoint"),
            [(json!(ad), json!([2, 2])), (json!(mail), json!([2, 1]))]
        );
        let by_channel = company.ask(&format!("{steps}&breakdown=channel")).await;
        assert_eq!(
            parts(&by_channel, "channel"),
            [(Value::Null, json!([2, 2])), (json!("Post"), json!([2, 1]))]
        );

        let helped = segments::add(&company, "Helped", r#"did("Help")"#).await;
        let mailed = segments::add(&company, "Mailed", r#"did("Mail")"#).await;
        segments::keep(desk);
        segments::awaits(&company, helped, &["ana", "bo", "cleo"]).await;
        segments::awaits(&company, mailed, &["bo", "dora"]).await;
        let both = company
            .ask(&format!("{steps}&breakdown=segments:{helped},{mailed}"))
            .await;
        assert_eq!(
            parts(&both, "segment"),
            [
                (json!(helped), json!([3, 3])),
                (json!(mailed), json!([2, 1])),
                (Value::Null, json!([0, 0]))
            ]
        );
        // Of one segment alone the rest is who is not in it, also among those of another.
        let of_mailed = company
            .ask(&format!("{steps}&segment={mailed}&breakdown=segments:{helped}"))
            .await;
        assert_eq!(
            parts(&of_mailed, "segment"),
            [(json!(helped), json!([1, 1])), (Value::Null, json!([1, 0]))]
        );
    })
    .await;
}

/// Tells of days in February on which somebody did something.
async fn stays(company: &Company<'_>, done: &[(&str, &str, &str)]) {
    let calls = done.iter().map(|(who, what, at)| {
        json!({"type": "track", "event": what, "messageId": format!("{who} {at}"), "userId": who,
            "timestamp": format!("2026-02-{at}:00:00Z")})
    });
    company.batch(json!(calls.collect::<Vec<_>>())).await;
    company.reaches(done.len() as u64).await;
}

#[tokio::test]
async fn retention_says_who_begins_how_periods_are_counted_and_how_often_is_back() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        // The periods are the days from the 10th to the 12th.
        let done = [
            ("ana", "Visit", "10T23"),
            ("ana", "Visit", "11T01"),
            ("ana", "Visit", "11T02"),
            ("bo", "Visit", "08T12"),
            ("bo", "Visit", "11T12"),
            ("bo", "Visit", "12T12"),
        ];
        stays(&company, &done).await;
        let cohorts = async |how: &str| -> Vec<(Value, Value)> {
            let asked = format!("retention?period=day&periods=3&to=2026-02-12{how}");
            let answer = company.ask(&asked).await;
            let back = |cohort: &Value| -> Value {
                let cells = cohort["cells"].as_array().unwrap().iter();
                cells.map(|cell| cell["customers"].clone()).collect()
            };
            let cohorts = answer["cohorts"].as_array().unwrap().iter();
            cohorts
                .map(|cohort| (cohort["customers"].clone(), back(cohort)))
                .collect()
        };
        let table = [
            ("", [(1, vec![1, 1, 0]), (0, vec![0, 0]), (0, vec![0])]),
            (
                "&begins=in_periods",
                [(1, vec![1, 1, 0]), (1, vec![1, 1]), (0, vec![0])],
            ),
            ("&begins=anew", [(1, vec![1, 1, 0]), (2, vec![2, 1]), (1, vec![1])]),
            ("&at_least=2", [(1, vec![0, 1, 0]), (0, vec![0, 0]), (0, vec![0])]),
            (
                "&at_least=2&or_later=true",
                [(1, vec![1, 1, 0]), (0, vec![0, 0]), (0, vec![0])],
            ),
            // From 23 o'clock to 23 o'clock ana is there three times, and then no more.
            (
                "&is_rolling=true&at_least=3",
                [(1, vec![1, 0, 0]), (0, vec![0, 0]), (0, vec![0])],
            ),
        ];
        for (how, wanted) in table {
            let wanted = wanted.map(|(customers, cells)| (json!(customers), json!(cells)));
            assert_eq!(cohorts(how).await, wanted, "{how}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_half_life_says_how_fast_what_a_touch_is_worth_decays() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let done = [
            ("ana", "Ad", "01T12"),
            ("ana", "Mail", "08T12"),
            ("ana", "Booked", "15T12"),
        ];
        stays(&company, &done).await;
        let [ad, mail, booked] = company.numbers(["Ad", "Mail", "Booked"]).await;
        for (how, wanted) in [
            ("", [1.0 / 3.0, 2.0 / 3.0]),
            ("&half_life_days=1", [1.0 / 129.0, 128.0 / 129.0]),
        ] {
            let owed = company.ask(&format!("attribution?conversions={booked}{how}")).await;
            let rows = owed["touchpoints"].as_array().unwrap();
            let credit = |touchpoint: i64| {
                let row = rows.iter().find(|row| row["touchpoint"] == touchpoint).unwrap();
                row["time_decay"].as_f64().unwrap()
            };
            for (got, wanted) in [credit(ad), credit(mail)].iter().zip(wanted) {
                assert!((got - wanted).abs() < 1e-9, "{how}: {got} and not {wanted}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn everybody_behind_a_number_is_named_in_the_end() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        let names: Vec<String> = (0..7).map(|number| format!("guest-{number}")).collect();
        let done: Vec<(&str, &str, u32)> = names.iter().map(|name| (name.as_str(), "Ad", 30)).collect();
        company.tell(&done).await;
        company.reaches(7).await;
        let ad = company.number("Ad").await;
        let funnel = format!("funnel/people?steps={ad},{ad}&step=1");
        for question in [format!("people?touchpoint={ad}"), funnel] {
            let (mut named, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = company.ask(&format!("{question}&limit=3{cursor}")).await;
                assert_eq!(page["total"], 7, "{question}");
                let items = page["items"].as_array().unwrap().iter();
                named.extend(items.map(|item| item["customer"]["name"].as_str().unwrap().to_owned()));
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            named.sort();
            assert_eq!(named, names, "{question}");
        }
    })
    .await;
}
