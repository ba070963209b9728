//! Small pasts, and what a flow would have done in them.

use super::*;

const ROOM: &str = "
name: room
when: [{keyword: room}]
steps:
  beds:
    ask: How many beds?
    expect: number
    timeout: 1 hour
  file:
    request: room
    summary: '{{ answers.beds }} beds'
";

const REST: &str = "
name: rest
when: nothing else fits
steps:
  over:
    handoff: Desk
    reason: nothing fits
";

const HERE: ConversationId = ConversationId(1);

fn text(minute: i64, text: &str) -> Past {
    Past {
        at: Time(0).plus_seconds(minute * 60),
        conversation: HERE,
        what: What::Text(MessageId(minute), text.to_owned()),
    }
}

fn person(minute: i64, what: What) -> Past {
    Past {
        what,
        ..text(minute, "")
    }
}

fn play(rehearsed: usize, past: &[Past]) -> Vec<String> {
    let flows = [ROOM, REST].map(|source| Definition::parse(source).unwrap());
    let stage = Stage {
        flows: flows.iter().collect(),
        rehearsed,
        settings: &Settings::default(),
    };
    let acts = stage.play(&File::default(), past).into_iter();
    acts.map(|act| {
        let mark = |is, mark| if is { mark } else { "" };
        format!(
            "{}: {}{}{}",
            act.text,
            act.done
                .iter()
                .map(|deed| format!("{deed:?}"))
                .collect::<Vec<_>>()
                .join("; "),
            mark(act.completed, " [completed]"),
            mark(act.handed_off, " [handed off]")
        )
    })
    .collect()
}

#[test]
fn who_comes_back_to_a_closed_conversation_starts_a_menu_by_its_keyword_only() {
    let starts = "room: Starts { because: Keyword { word: \"room\" } }; Texts { count: 1 }";
    let table: &[(usize, &[Past], &[&str])] = &[
        (
            0,
            &[person(1, What::Reply), person(2, What::Closed(true)), text(3, "room")],
            &[starts],
        ),
        (
            1,
            &[person(1, What::Reply), person(2, What::Closed(true)), text(3, "hello")],
            &[],
        ),
        (
            0,
            &[
                person(1, What::Reply),
                person(2, What::Closed(true)),
                text(3, "hello"),
                text(4, "room"),
            ],
            &[],
        ),
        (
            0,
            &[
                person(1, What::Reply),
                person(2, What::Closed(true)),
                person(3, What::Closed(false)),
                text(4, "room"),
            ],
            &[],
        ),
    ];
    for (rehearsed, past, expected) in table {
        assert_eq!(play(*rehearsed, past), *expected, "{past:?}");
    }
}

#[test]
fn a_flow_is_rehearsed_on_what_came() {
    let files = "room please: Starts { because: Keyword { word: \"room\" } }; Texts { count: 1 }; Files { kind: \"room\", summary: \"2 beds\" }; Completes [completed]";
    let starts = "room: Starts { because: Keyword { word: \"room\" } }; Texts { count: 1 }";
    let table: &[(usize, &[Past], &[&str])] = &[
        (0, &[text(1, "room please"), text(2, "2")], &[files]),
        (0, &[text(1, "hello")], &[]),
        (
            1,
            &[text(1, "hello")],
            &[
                "hello: Starts { because: Fallback }; HandsOver { team: Some(\"Desk\"), because: Words(\"nothing fits\") } [handed off]",
            ],
        ),
        // Who waits for a person still gets the menu that the keyword names, and no other.
        (0, &[text(1, "hello"), text(2, "room")], &[starts]),
        (1, &[text(1, "room"), text(2, "hello")], &[]),
        // Where a person is, no menu speaks.
        (0, &[person(1, What::Reply), text(2, "room")], &[]),
        (0, &[person(1, What::Assigned(true)), text(2, "room")], &[]),
        (
            0,
            &[
                person(1, What::Reply),
                person(2, What::Assigned(false)),
                text(3, "room"),
            ],
            &[starts],
        ),
        (0, &[text(1, "room"), person(2, What::Reply), text(3, "2")], &[starts]),
        // The law comes first.
        (0, &[text(1, "STOP"), text(2, "room")], &[]),
        (0, &[text(1, "STOP"), text(2, "START"), text(3, "room")], &[starts]),
        (0, &[text(1, "room"), text(2, "stop"), text(3, "2")], &[starts]),
        // The time to answer runs out.
        (
            0,
            &[text(1, "room"), text(90, "2")],
            &["room: Starts { because: Keyword { word: \"room\" } }; Texts { count: 1 }; TimesOut"],
        ),
    ];
    for (rehearsed, past, expected) in table {
        assert_eq!(play(*rehearsed, past), *expected, "{past:?}");
    }
}
