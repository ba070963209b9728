//! What is wrong with a definition is told with its line and, where it can be, with what to write instead.

use flow::{Severity, check};

/// Checks steps under a flow's head of two lines, so that the first step stands on line 3.
fn problems(steps: &str) -> Vec<String> {
    let lines = |problem: &flow::Problem| {
        let sign = if problem.severity == Severity::Error { "" } else { "~" };
        format!("{sign}{}: {}", problem.line, problem.message)
    };
    check(&format!("name: x\nsteps:\n{steps}")).iter().map(lines).collect()
}

/// Steps, and how the problem begins that they are told with; a warning begins with `~`.
const STEPS: &[(&str, &str)] = &[
    (
        "  a:\n    sya: hi\n",
        "3: step 'a' does not say what it does; did you mean 'say'?",
    ),
    (
        "  a:\n    ask: hi\n    retry: 3\n",
        "5: step 'a' has no 'retry'; did you mean 'retries'?",
    ),
    (
        "  a:\n    say: hi\n    then: ab\n",
        "3: step 'a' goes to 'ab', which is not there; did you mean 'a'?",
    ),
    ("  a:\n    end:\n  b:\n    end:\n", "~5: nothing leads to step 'b'"),
    (
        "  a:\n    say: 1\n  b:\n    goto: a\n",
        "3: this runs in a circle without ever waiting for the customer: a -> b -> a",
    ),
    (
        "  a:\n    say: Hi {{ customer.nam }}\n",
        "4: nothing is known as 'customer.nam'; did you mean 'name'?",
    ),
    (
        "  a:\n    say: Hi {{ answers.beds }}\n",
        "4: nothing is known as 'answers.beds'",
    ),
    (
        "  a:\n    say: |\n      Hi\n      {% if %}\n",
        "6: 'say': unexpected end of block",
    ),
    (
        "  a:\n    say: \"{% set x = 1 %}\"\n",
        "4: 'say': a text knows {% if %}, {% elif %}, {% else %} and {% endif %}, not 'set'",
    ),
    (
        "  a:\n    branch:\n      - if: open &&\n        then: end\n      - else: end\n",
        "5: this condition cannot be read: ",
    ),
    (
        "  a:\n    branch:\n      - if: opn\n        then: end\n      - else: end\n",
        "5: nothing is known as 'opn'; did you mean 'open'?",
    ),
    (
        "  a:\n    branch:\n      - if: sise(input) > 1\n        then: end\n      - else: end\n",
        "5: a condition cannot call 'sise'; did you mean 'size'?",
    ),
    (
        "  a:\n    branch:\n      - if: customer.tags.exists(t, t == 'a')\n        then: end\n      - else: end\n",
        "5: a condition cannot call 'exists'",
    ),
    (
        "  a:\n    branch:\n      - if: open\n        then: end\n",
        "~5: there is no 'else': when no condition holds, the flow goes on with the next step",
    ),
    (
        "  a:\n    ask: hi\n    pattern: 'W('\n    example: W1\n",
        "5: this pattern cannot be read: unclosed group",
    ),
    (
        "  a:\n    ask: hi\n    pattern: 'W\\d{4}'\n    example: W1\n",
        "6: the example 'W1' does not fit the pattern",
    ),
    (
        "  a:\n    ask: hi\n    expect: nubmer\n",
        "5: a question cannot expect 'nubmer'; did you mean 'number'?",
    ),
    ("  a:\n    say: hi\n  a:\n    end:\n", "5: 'a' is written twice here"),
    (
        "  a:\n    submit: hotel\n",
        "3: there is nothing to submit: no step of this flow files a request",
    ),
    (
        "  a:\n    ask: hi\n    timeout: 3 days\n",
        "~3: the timeout of step 'a' never comes: the session expires before",
    ),
    (
        "  a:\n    ask: hi\n    timeout: soon\n",
        "5: 'timeout' must be a time such as '30 minutes', '4 hours' or '2 days'",
    ),
    (
        "  end:\n    say: hi\n",
        "3: 'end' cannot name a step: as a target it already means that the flow does that",
    ),
    (
        "  A b:\n    say: hi\n",
        "3: 'A b' cannot name a step: use small letters, digits and '_', beginning with a letter",
    ),
    ("  a:\n    handoff: Travel\n", "4: step 'a' needs 'reason'"),
];

#[test]
fn mistakes_in_steps_are_told() {
    for (steps, expected) in STEPS {
        let found = problems(steps);
        assert!(
            found.iter().any(|problem| problem.starts_with(expected)),
            "{steps}{found:#?}"
        );
    }
}

#[test]
fn mistakes_in_options_are_told() {
    let table = [
        (
            "      - end: Cancel\n",
            "6: 'cancel' cannot be an option: a customer who replies with that word alone opts out of all texts",
        ),
        (
            "      - end: Cancel my stay\n",
            "~6: a customer who replies with the one word 'cancel' opts out of all texts",
        ),
        (
            "      - end: Room\n      - end: ROOM!\n",
            "7: 'room' means this option and also 'Room'",
        ),
        (
            "      - end: Room\n        words: [bed, stop]\n",
            "6: 'stop' cannot be an option",
        ),
        ("      - Room\n", "6: an option is written as '- step: Label'"),
    ];
    for (options, expected) in table {
        let found = problems(&format!("  a:\n    choose: hi\n    options:\n{options}"));
        assert!(
            found.iter().any(|problem| problem.starts_with(expected)),
            "{options}{found:#?}"
        );
    }
}

#[test]
fn mistakes_in_the_head_are_told() {
    let table = [
        (
            "name: x\nwhen:\n  - keyword: help\n",
            "3: 'help' cannot be a keyword: by law STOP",
        ),
        (
            "name: x\nwhen:\n  - keyword: Opt-Out\n",
            "3: 'Opt-Out' cannot be a keyword: by law STOP",
        ),
        (
            "name: x\nwhen: first mesage\n",
            "2: 'first mesage' does not start a flow; did you mean 'first message'?",
        ),
        ("name: X y\n", "1: a flow's name has small letters"),
        ("nam: x\n", "1: a flow has no 'nam'; did you mean 'name'?"),
        (
            "name: x\nexpires: 1 minute\n",
            "2: 'expires' is from 5 minutes to 14 days",
        ),
    ];
    for (head, expected) in table {
        let found = check(&format!("{head}steps:\n  a:\n    say: hi\n"));
        let found: Vec<String> = found
            .iter()
            .map(|problem| format!("{}: {}", problem.line, problem.message))
            .collect();
        assert!(
            found.iter().any(|problem| problem.starts_with(expected)),
            "{head}{found:#?}"
        );
    }
    assert_eq!(check("").len(), 1);
    assert_eq!(check("name: [x")[0].line, 1);
}

#[test]
fn a_long_text_is_warned_of() {
    let found = problems(&format!("  a:\n    say: {}\n", "word ".repeat(400)));
    assert_eq!(found, ["~3: the text of step 'a' takes 14 segments; carriers take 10"]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let found = problems("  a:\n    sya: hi\n  b:\n    ask: hi\n    expect: nubmer\n    then: nowhere\n");
    assert!(found.len() >= 3, "{found:#?}");
}
