//! Each kind of step owns golden files under `goldens/<kind>/`: a definition and a script of what comes in, with all that
//! goes out. `UPDATE_GOLDENS=1` writes what goes out anew; a person reads the difference.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use domain::Time;
use flow::{Definition, Effect, End, Facts, Input, Session, Sprint, resume, start};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const KINDS: [&str; 12] = [
    "ask", "choose", "branch", "request", "set", "tag", "submit", "survey", "handoff", "goto", "end", "say",
];

#[derive(Serialize, Deserialize)]
struct Script {
    #[serde(default)]
    facts: Value,
    turns: Vec<Turn>,
}

#[derive(Serialize, Deserialize)]
struct Turn {
    #[serde(rename = "in")]
    given: Given,
    /// When it comes; without it, at the moment of the turn before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
    #[serde(default)]
    out: Option<Out>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Given {
    Start(String),
    Text(String),
    Timeout,
    Continue,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Out {
    path: Vec<String>,
    effects: Vec<Effect>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    answers: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waits_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait_until: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<End>,
}

fn goldens(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens").join(kind);
    let files = fs::read_dir(&folder).map(|files| files.map(|file| file.unwrap().path()).collect::<Vec<_>>());
    let mut files = files.unwrap_or_default();
    files.retain(|file| file.extension().is_some_and(|name| name == "yaml"));
    files.sort();
    files
}

fn run(definition: &Definition, script: &mut Script) -> Vec<Out> {
    let mut facts: Facts = match &script.facts {
        Value::Null => Facts::default(),
        facts => serde_json::from_value(facts.clone()).unwrap(),
    };
    let mut session = Session::default();
    let mut outs = Vec::new();
    for turn in &script.turns {
        facts.now = turn.at.unwrap_or(facts.now);
        let sprint = match &turn.given {
            Given::Start(text) => start(definition, &facts, text),
            Given::Text(text) => resume(definition, kept(session), Input::Text(text.clone()), &facts),
            Given::Timeout => resume(definition, kept(session), Input::Timeout, &facts),
            Given::Continue => resume(definition, kept(session), Input::Continue, &facts),
        };
        let Sprint {
            session: mut next,
            effects,
            path,
            end,
            ..
        } = sprint;
        if effects.iter().any(|effect| matches!(effect, Effect::Say { .. })) {
            next.sent(facts.now);
        }
        let (answers, waits_at, wait_until) = (next.answers.clone(), next.step.clone(), next.wait_until);
        outs.push(Out {
            path,
            effects,
            answers,
            waits_at,
            wait_until,
            end,
        });
        session = next;
    }
    outs
}

/// Keeps a session as the host does between two texts.
fn kept(session: Session) -> Session {
    let json = serde_json::to_string(&session).unwrap();
    let read: Session = serde_json::from_str(&json).unwrap();
    assert_eq!(read, session);
    read
}

#[test]
fn every_kind_of_step_does_what_its_goldens_say() {
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    for kind in KINDS {
        let files = goldens(kind);
        assert!(!files.is_empty(), "goldens/{kind} holds no definition");
        for file in files {
            let source = fs::read_to_string(&file).unwrap();
            let definition =
                Definition::parse(&source).unwrap_or_else(|problems| panic!("{}: {problems:#?}", file.display()));
            let uses = definition.steps.iter().any(|step| step.word() == kind);
            assert!(uses, "{} has no '{kind}' step", file.display());
            let script_file = file.with_extension("json");
            let mut script: Script = serde_json::from_str(&fs::read_to_string(&script_file).unwrap()).unwrap();
            let outs = run(&definition, &mut script);
            if update {
                for (turn, out) in script.turns.iter_mut().zip(outs) {
                    turn.out = Some(out);
                }
                let json = serde_json::to_string_pretty(&script).unwrap();
                fs::write(&script_file, json + "\n").unwrap();
            } else {
                for (index, (turn, out)) in script.turns.iter().zip(outs).enumerate() {
                    assert_eq!(
                        turn.out.as_ref(),
                        Some(&out),
                        "{} turn {}",
                        script_file.display(),
                        index + 1
                    );
                }
            }
        }
    }
}

#[test]
fn no_kind_is_without_goldens() {
    let problems = flow::check("name: x\nsteps:\n  a:\n    nothing: 1\n");
    let known = problems[0].message.split("may have ").nth(1).unwrap();
    assert_eq!(
        known.split(", ").collect::<Vec<_>>(),
        KINDS,
        "the list above is the list of kinds"
    );
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens")).unwrap();
    let counted: BTreeMap<String, usize> = folders
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .map(|kind| (kind.clone(), goldens(&kind).len()))
        .collect();
    assert_eq!(counted.len(), KINDS.len(), "{counted:?}");
}
