//! No flow and no text can make the engine run on, grow without bound or panic.
#![expect(clippy::unwrap_used, reason = "a definition that cannot be read fails the test")]

use flow::{Definition, Effect, End, Facts, Input, Session, answers_menu, limits, resume, start};
use proptest::prelude::*;

fn flow(steps: &str) -> Definition {
    Definition::parse(&format!("name: x\nsteps:\n{steps}")).unwrap()
}

fn text(text: &str) -> Input {
    Input::Text(text.to_owned())
}

#[test]
fn a_flow_of_too_many_steps_fails_with_the_step() {
    let steps: String = (0..=limits::STEPS_PER_SPRINT)
        .map(|index| format!("  s{index}:\n    say: hi\n"))
        .collect();
    let sprint = start(&flow(&steps), &Facts::default(), "");
    assert_eq!(sprint.path.len(), limits::STEPS_PER_SPRINT);
    let Some(End::Failed { step, .. }) = sprint.end else {
        panic!("{:?}", sprint.end)
    };
    assert_eq!(step, format!("s{}", limits::STEPS_PER_SPRINT));
}

#[test]
fn a_session_of_too_many_texts_fails() {
    let flow = flow("  a:\n    ask: And?\n    then: a\n");
    let mut sprint = start(&flow, &Facts::default(), "");
    let mut texts = 1;
    while sprint.end.is_none() {
        sprint = resume(&flow, sprint.session, text("more"), &Facts::default());
        texts += 1;
    }
    assert_eq!(texts, limits::SPRINTS_PER_SESSION + 1);
    assert!(matches!(sprint.end, Some(End::Failed { .. })));
}

#[test]
fn a_session_of_another_version_fails_with_its_step() {
    let sprint = start(&flow("  a:\n    ask: And?\n"), &Facts::default(), "");
    let sprint = resume(
        &flow("  b:\n    ask: And?\n"),
        sprint.session,
        text("hi"),
        &Facts::default(),
    );
    assert_eq!(
        sprint.end,
        Some(End::Failed {
            step: "a".to_owned(),
            problem: "there is no step 'a'".to_owned()
        })
    );
}

#[test]
fn answers_and_texts_stay_short() {
    let flow = flow("  a:\n    ask: And?\n  b:\n    end: \"{{ answers.a * 9999 }}\"\n");
    let sprint = start(&flow, &Facts::default(), "");
    let sprint = resume(&flow, sprint.session, text(&"é".repeat(5_000)), &Facts::default());
    assert_eq!(
        sprint.session.answers["a"].as_str().unwrap().chars().count(),
        limits::ANSWER_CHARS
    );
    assert!(matches!(sprint.end, Some(End::Failed { .. })), "{:?}", sprint.end);
}

#[test]
fn a_customers_text_is_never_read_as_a_template() {
    let flow = flow("  a:\n    ask: And?\n  b:\n    end: \"{{ answers.a }}\"\n");
    let sprint = start(&flow, &Facts::default(), "");
    let sprint = resume(&flow, sprint.session, text("{{ company }} <b>"), &Facts::default());
    assert_eq!(
        sprint.effects,
        [Effect::Say {
            text: "{{ company }} <b>".to_owned(),
            choices: Vec::new()
        }]
    );
}

#[test]
fn a_menu_knows_its_options() {
    let flow = flow(
        "  a:\n    choose: And?\n    options:\n      - b: Invoice\n      - c: Other\n  b:\n    end:\n  c:\n    end:\n",
    );
    let sprint = start(&flow, &Facts::default(), "");
    assert!(answers_menu(&flow, &sprint.session, "invoice"));
    assert!(!answers_menu(&flow, &sprint.session, "request"));
    assert!(!answers_menu(&flow, &Session::default(), "invoice"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_file_breaks_the_check(source in "(name: x\nsteps:\n)?([a-z]{0,3}|[ \\-:\\[\\]{}%\"'|>&*!\n]|  a:\n|    (ask|say|choose|branch|set|timeout|pattern|options): ){0,40}") {
        let problems = flow::check(&source);
        prop_assert!(problems.iter().all(|problem| problem.line > 0 && problem.column > 0));
    }
}
