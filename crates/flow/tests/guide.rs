//! Every example of the guide runs and says what the guide says it does.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::{fs, path::Path};

use flow::{Customer, Definition, Effect, Facts, Input, Sprint, check, resume, start};

/// Gives the fenced blocks of the guide as (language, text, line).
fn blocks() -> Vec<(String, String, usize)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/flows.md");
    let text = fs::read_to_string(file).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<(String, String, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some((language.to_owned(), String::new(), index + 1)),
            (None, Some((_, block, _))) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks
}

/// Makes a whole flow of an example that shows only a part.
fn whole(example: &str) -> String {
    match example.split(':').next() {
        Some("when") => format!("name: example\n{example}steps:\n  go:\n    end:\n"),
        Some("steps") => format!("name: example\n{example}"),
        _ => example.to_owned(),
    }
}

fn facts() -> Facts {
    let customer = Customer {
        name: "Ana Li".to_owned(),
        traits: [("tier".to_owned(), "gold".to_owned())].into(),
        ..Customer::default()
    };
    Facts {
        customer,
        company: "Wander & Stay".to_owned(),
        now: "2026-03-04T15:00:00Z".parse().unwrap(),
        ..Facts::default()
    }
}

/// Plays the customer's lines of a conversation; gives the whole conversation.
fn play(definition: &Definition, conversation: &str) -> String {
    let mut facts = facts();
    let mut last: Option<Sprint> = None;
    let mut played = String::new();
    for text in conversation.lines().filter_map(|line| line.strip_prefix("> ")) {
        played += &format!("> {text}\n");
        let later = text
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(" minutes later)"));
        let sprint = match (last, later) {
            (None, _) => start(definition, &facts, text),
            (Some(sprint), None) => resume(definition, sprint.session, Input::Text(text.to_owned()), &facts),
            (Some(sprint), Some(minutes)) => {
                facts.now = facts.now.plus_seconds(minutes.parse::<i64>().unwrap() * 60);
                resume(definition, sprint.session, Input::Timeout, &facts)
            }
        };
        played.extend(sprint.effects.iter().map(line));
        if sprint.end.is_some() {
            played += "* ends\n";
        }
        let mut sprint = sprint;
        sprint.session.sent(facts.now);
        last = Some(sprint);
    }
    played
}

fn line(effect: &Effect) -> String {
    match effect {
        Effect::Say { text, .. } => format!("< {}\n", text.replace('\n', "\n  ")),
        Effect::SetTrait { key, value } => format!("* sets {key} to {value}\n"),
        Effect::Tag { tag } => format!("* tags {tag}\n"),
        Effect::FileRequest { kind, summary, .. } => format!("* files a {kind} request: {summary}\n"),
        Effect::Submit { partner } => format!("* submits it to {partner}\n"),
        Effect::SurveySent {} => "* sends a survey\n".to_owned(),
        Effect::SurveyAnswered { score, comment } if comment.is_empty() => format!("* scores {score}\n"),
        Effect::SurveyAnswered { score, comment } => format!("* scores {score}: {comment}\n"),
        Effect::HandOff { team, reason } => {
            format!("* hands off to {}: {reason}\n", team.as_deref().unwrap_or("the desk"))
        }
    }
}

#[test]
fn the_examples_of_the_guide_run() {
    let blocks = blocks();
    assert!(blocks.len() > 20);
    for (index, (language, example, at)) in blocks.iter().enumerate() {
        if language != "yaml" {
            continue;
        }
        let source = whole(example);
        let shown = blocks
            .get(index + 1)
            .filter(|(language, ..)| language == "text")
            .map(|(_, text, _)| text.as_str());
        match shown {
            Some(problems) if problems.starts_with("line ") => {
                let told = |problem: flow::Problem| {
                    format!("line {}: {}: {}\n", problem.line, problem.severity, problem.message)
                };
                assert_eq!(
                    check(&source).into_iter().map(told).collect::<String>(),
                    *problems,
                    "the example at line {at}"
                );
            }
            shown => {
                assert_eq!(check(&source), [], "the example at line {at}");
                let definition = Definition::parse(&source).unwrap();
                let shown = shown.unwrap_or_default();
                assert_eq!(play(&definition, shown), shown, "the example at line {at}");
            }
        }
    }
}
