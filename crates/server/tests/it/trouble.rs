//! Where people ask for help: found whatever part of the journey is asked for, and without holding anybody up.

use serde_json::json;

use crate::{company::Company, harness::on_each_database};

/// Two of three customers who look at rooms ask for help; one of them books.
const SOME: [(&str, &str, u32); 6] = [
    ("ada", "Rooms", 50),
    ("ada", "Help page", 40),
    ("ben", "Rooms", 35),
    ("ben", "Help page", 30),
    ("zoe", "Rooms", 20),
    ("zoe", "Booked", 10),
];

#[tokio::test]
async fn calls_for_help_are_found_whatever_is_asked_for_and_hidden() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SOME).await;
        company.reaches(6).await;
        let stages = company.stages(&["Look", "Book"]).await;
        let [rooms, booked, help] = company.numbers(["Rooms", "Booked", "Help page"]).await;
        for (touchpoint, stage) in [(rooms, &stages[0]), (booked, &stages[1])] {
            company.change(touchpoint, json!({"stage": stage})).await.expect(200);
        }
        company.change(help, json!({"is_contact": true})).await.expect(200);

        for hidden in [false, true] {
            company.change(help, json!({"is_hidden": hidden})).await.expect(200);
            let all = company.ask("service").await;
            assert_eq!(all["all"]["count"], json!({"touches": 4, "calls": 2, "repeats": 0}));
            let look = company.ask(&format!("service?stage={}", stages[0])).await;
            assert_eq!(look["all"]["count"], json!({"touches": 3, "calls": 2, "repeats": 0}));
            assert_eq!(look["stages"].as_array().unwrap().len(), 1);
            let friction = company.ask(&format!("friction?stage={}", stages[0])).await;
            let judged = friction["touchpoints"].as_array().unwrap();
            assert_eq!(
                (&friction["contacts"], judged.len(), &judged[0]["touchpoint"]),
                (&json!(2), 1, &json!(rooms))
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_long_question_holds_up_neither_events_nor_other_questions() {
    on_each_database(async |desk| {
        let company = Company::open(desk).await;
        company.tell(&SOME[..2]).await;
        company.reaches(2).await;
        let ((begins, has_begun), (ends, may_end)) = (tokio::sync::oneshot::channel(), std::sync::mpsc::channel());
        let app = desk.app.clone();
        let long = tokio::spawn(async move {
            let question = move |log: &journey::Log| {
                begins.send(()).expect("somebody waits for it");
                may_end.recv().expect("it is let go");
                log.len()
            };
            app.journeys.ask(question).await
        });
        has_begun.await.expect("the question begins");
        company.tell(&SOME[2..]).await;
        company.reaches(6).await;
        assert_eq!(company.ask("service").await["all"]["count"]["touches"], 6);
        ends.send(()).expect("the question waits");
        let seen = long.await.expect("it does not break off");
        assert_eq!(seen.ok(), Some(2), "it is about what was there when it was asked");
    })
    .await;
}
