//! The flows of the demo company: they are without a fault, fit the telephone alphabet, tell the stories they should, and
//! survive whatever a customer writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::{fs, path::Path, sync::LazyLock};

use domain::segments::{Encoding, segments};
use flow::{
    Customer, Definition, Effect, End, Facts, Input, Moment, Session, Sprint, check, graph, pick, resume, start,
};
use proptest::prelude::*;

fn sources() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/flows");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| (file.display().to_string(), fs::read_to_string(file).unwrap()))
        .collect()
}

static FLOWS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    sources()
        .iter()
        .map(|(_, source)| Definition::parse(source).unwrap())
        .collect()
});

fn flow(name: &str) -> &'static Definition {
    FLOWS.iter().find(|flow| flow.name == name).unwrap()
}

fn facts() -> Facts {
    Facts {
        customer: Customer {
            name: "Ana Li".to_owned(),
            phone: "+12025550143".to_owned(),
            locale: "en-US".to_owned(),
            ..Customer::default()
        },
        company: "Wander & Stay".to_owned(),
        channel: "Text line".to_owned(),
        now: "2026-03-04T15:00:00Z".parse().unwrap(),
        time_zone: "America/New_York".to_owned(),
        ..Facts::default()
    }
}

/// Plays a flow; gives what was said and done, one line each, and the last sprint.
fn play(flow: &Definition, texts: &[&str]) -> (Vec<String>, Sprint) {
    let facts = facts();
    let mut sprint = start(flow, &facts, texts[0]);
    let mut done = lines(&sprint);
    for text in &texts[1..] {
        sprint = resume(flow, sprint.session, Input::Text((*text).to_owned()), &facts);
        done.extend(lines(&sprint));
    }
    (done, sprint)
}

fn lines(sprint: &Sprint) -> Vec<String> {
    let line = |effect: &Effect| match effect {
        Effect::Say { text, .. } => text.clone(),
        Effect::FileRequest { kind, summary, .. } => format!("(files {kind}: {summary})"),
        Effect::Submit { partner } => format!("(submits to {partner})"),
        Effect::HandOff { team, reason } => {
            format!("(hands off to {}: {reason})", team.as_deref().unwrap_or("the desk"))
        }
        Effect::Tag { tag } => format!("(tags {tag})"),
        Effect::SetTrait { key, value } => format!("(sets {key} to {value})"),
        Effect::SurveySent {} => "(survey)".to_owned(),
        Effect::SurveyAnswered { score, comment } => format!("(score {score} {comment})"),
    };
    sprint.effects.iter().map(line).collect()
}

#[test]
fn the_flows_are_without_a_fault() {
    let sources = sources();
    assert!(sources.len() >= 7);
    for (file, source) in sources {
        assert_eq!(check(&source), [], "{file}");
        let culprits = segments(&source.replace(['⭐', '👍'], "")).culprits;
        assert!(
            culprits.is_empty(),
            "{file} has {culprits:?}, which make every text dearer"
        );
        let definition = Definition::parse(&source).unwrap();
        let graph = graph(&definition);
        assert!(graph.nodes.iter().any(|node| node.id == graph.start));
        assert!(
            graph
                .edges
                .iter()
                .all(|edge| graph.nodes.iter().any(|node| node.id == edge.to)),
            "{file}"
        );
        serde_json::to_string(&definition).unwrap();
    }
}

#[test]
fn a_room_request_is_filed_and_submitted() {
    let moment = Moment {
        text: "Request",
        first_ever: false,
        open: true,
        active: None,
    };
    let picked = pick(FLOWS.iter().map(|flow| (flow, flow.name.as_str())), &moment).unwrap();
    assert_eq!(
        (picked.key, picked.because.to_string().as_str()),
        ("requests", "keyword \"request\"")
    );
    let (said, sprint) = play(flow("requests"), &["request", "room", "1234", "W1234", "2"]);
    assert_eq!(
        said,
        [
            "What do you need? Reply with a number.\n1 Room request\n2 Change of travel\n3 Something else",
            "What is your booking number? It looks like W1234.",
            "Sorry, I cannot find that. A booking number is a W and four digits, like W1234. Could you look once more?",
            "How many beds do you need?",
            "(files room: 2 beds)",
            "(submits to hotel)",
            "2 beds: added to your file and submitted to the hotel. Requests are never guaranteed.",
        ]
    );
    assert_eq!(sprint.end, Some(End::Completed));
    let Effect::FileRequest { details, .. } = &sprint.effects[0] else {
        panic!("{:?}", sprint.effects)
    };
    assert_eq!(details["booking"], "W1234");
    assert!(said.iter().all(|text| segments(text).encoding == Encoding::Gsm7));
}

#[test]
fn a_change_of_travel_knows_days_and_tiers() {
    let flow = flow("change-travel");
    let (said, sprint) = play(flow, &["change", "w1234", "12 March", "next friday", "1"]);
    let expected = "From Thursday 12 March 2026 to Friday 13 March 2026: is that right?";
    assert!(said.iter().any(|text| text.starts_with(expected)), "{said:#?}");
    assert!(said.contains(&"(files change of travel: W1234: from 2026-03-12 to 2026-03-13)".to_owned()));
    assert_eq!(sprint.end, Some(End::HandedOff));
    let (said, _) = play(flow, &["change", "w1234", "tomorrow"]);
    assert_eq!(
        said.last().unwrap(),
        "(hands off to Changes: Travels Thursday 5 March 2026, wants to change booking W1234)"
    );
}

#[test]
fn asking_for_a_person_gets_one() {
    let (said, sprint) = play(flow("requests"), &["request", "can I talk to a human please"]);
    assert_eq!(said.last().unwrap(), "(hands off to the desk: asked for a person)");
    assert_eq!(sprint.end, Some(End::HandedOff));
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let text = prop_oneof![
        any::<String>(),
        "[0-9 ./-]{0,12}",
        Just("W1234".to_owned()),
        Just("tomorrow".to_owned()),
        Just("2".to_owned()),
        Just("a@b.co".to_owned()),
        Just("room".to_owned()),
    ];
    let input = prop_oneof![8 => text.prop_map(Input::Text), 1 => Just(Input::Timeout), 1 => Just(Input::Continue)];
    prop::collection::vec(input, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_flow(first in any::<String>(), inputs in inputs(), hours in 0_i64..40, customer_name in any::<String>()) {
        for flow in FLOWS.iter() {
            let mut facts = facts();
            facts.customer.name = customer_name.clone();
            let mut sprint = start(flow, &facts, &first);
            for input in &inputs {
                if sprint.end.is_some() {
                    break;
                }
                prop_assert!(sprint.session.step.is_some());
                sprint.session.sent(facts.now);
                facts.now = facts.now.plus_seconds(hours * 3_600);
                let json = serde_json::to_string(&sprint.session).unwrap();
                let kept: Session = serde_json::from_str(&json).unwrap();
                let again = resume(flow, kept, input.clone(), &facts);
                sprint = resume(flow, sprint.session, input.clone(), &facts);
                prop_assert_eq!(&again, &sprint);
                prop_assert_eq!(sprint.origins.len(), sprint.effects.len());
            }
            prop_assert!(!matches!(sprint.end, Some(End::Failed { .. })), "{:?}", sprint.end);
        }
    }
}
