//! Small stories, and what is measured in them.

use super::*;
use crate::{FlowId, SessionId, TeamId, reason::Known, session::SessionEnd};

const TALK: ConversationId = ConversationId(1);
const ADA: Actor = Actor::user(UserId(1));
const BEN: Actor = Actor::user(UserId(2));
const ZOE: Actor = Actor::customer(CustomerId(7));
const MENU: Actor = Actor::flow(FlowId(3));

/// When each measure begins and how long it is.
type Minutes = &'static [(i64, i64)];

/// What happens, at a minute of the day.
struct Story(Vec<Happening>, i64);

impl Story {
    fn new() -> Story {
        Story(Vec::new(), 0)
    }

    fn then(mut self, minute: i64, actor: Actor, event: Event) -> Story {
        self.0.push(Happening {
            at: Time(0).plus_seconds(minute * 60),
            customer: Some(CustomerId(7)),
            conversation: Some(TALK),
            actor,
            event,
        });
        self
    }

    fn opened(self, minute: i64, actor: Actor) -> Story {
        let channel = crate::ChannelId(1);
        self.then(minute, actor, Event::ConversationOpened { channel, follows: None })
    }

    fn text(self, minute: i64, body: &str) -> Story {
        let event = Event::MessageReceived {
            message: MessageId(1_000 + minute),
            body: body.to_owned(),
            attachments: Vec::new(),
        };
        self.then(minute, ZOE, event)
    }

    fn queued(mut self, minute: i64, actor: Actor) -> Story {
        self.1 += 1;
        let event = Event::MessageQueued {
            message: MessageId(self.1),
            body: String::new(),
            send_at: None,
            attachments: Vec::new(),
        };
        self.then(minute, actor, event)
    }

    /// What becomes of the last message that was queued.
    fn becomes(self, minute: i64, status: MessageStatus) -> Story {
        let message = MessageId(self.1);
        let event = Event::MessageStatusChanged {
            message,
            status,
            error: None,
        };
        self.then(minute, Actor::SYSTEM, event)
    }

    fn reply(self, minute: i64, actor: Actor) -> Story {
        self.queued(minute, actor).becomes(minute, MessageStatus::Sent)
    }

    fn closed(self, minute: i64) -> Story {
        self.then(minute, ADA, Event::ConversationClosed {})
    }

    fn reopened(self, minute: i64) -> Story {
        self.then(minute, ZOE, Event::ConversationReopened {})
    }

    fn menu(self, minute: i64) -> Story {
        let event = Event::FlowStarted {
            session: SessionId(1),
            flow: FlowId(3),
            name: String::new(),
            because: Known::Fallback.into(),
        };
        self.then(minute, ZOE, event)
    }

    fn menu_ended(self, minute: i64) -> Story {
        let event = Event::FlowEnded {
            session: SessionId(1),
            name: String::new(),
            because: SessionEnd::Completed,
        };
        self.then(minute, MENU, event)
    }

    fn handed_off(self, minute: i64) -> Story {
        let because = Known::NoMenuFits.into();
        self.then(minute, MENU, Event::HandedOff { team: None, because })
    }

    fn rated(self, minute: i64, score: i64) -> Story {
        let survey = SurveyId(1);
        let comment = String::new();
        self.then(minute, ZOE, Event::SurveyAnswered { survey, score, comment })
    }

    fn findings(self) -> Findings {
        let mut fold = Fold::new(Time(0), Time(0).plus_seconds(86_400));
        self.0.iter().for_each(|happening| fold.take(happening));
        fold.finish()
    }

    /// Gives what was measured by this key: the minute it began and, for times, how many minutes it took.
    fn measured(self, key: Key) -> Vec<(i64, i64)> {
        let scale = |value: f64| match key {
            Key::Csat | Key::Containment | Key::ConversationsPerAgent => value as i64,
            _ => value as i64 / 60,
        };
        let measures = self
            .findings()
            .measures
            .into_iter()
            .filter(|measure| measure.key == key);
        measures
            .map(|measure| (measure.at.0 / 60_000_000, scale(measure.value)))
            .collect()
    }
}

/// A customer who writes at minute 10.
fn asked() -> Story {
    Story::new().opened(10, ZOE).text(10, "Where is my room?")
}

#[test]
fn first_response_is_a_persons_and_runs_from_the_first_text() {
    use MessageStatus::*;
    let assigned = |assignee| Event::ConversationAssigned {
        team: Some(TeamId(1)),
        assignee: Some(assignee),
        because: Known::Fallback.into(),
    };
    let note = Event::NoteAdded {
        note: crate::NoteId(1),
        body: String::new(),
    };
    let table: Vec<(&str, Story, Minutes)> = vec![
        ("a reply", asked().reply(15, ADA), &[(10, 5)]),
        (
            "by a program",
            asked().reply(
                15,
                Actor {
                    kind: ActorKind::Api,
                    id: Some(1),
                },
            ),
            &[(10, 5)],
        ),
        ("nobody yet", asked(), &[]),
        (
            "the second text changes nothing",
            asked().text(12, "Hello?").reply(15, ADA),
            &[(10, 5)],
        ),
        (
            "a menu is no answer",
            asked().reply(11, MENU).reply(15, ADA),
            &[(10, 5)],
        ),
        (
            "nor is the server",
            asked().reply(11, Actor::SYSTEM).reply(15, ADA),
            &[(10, 5)],
        ),
        ("nor is a note", asked().then(11, ADA, note).reply(15, ADA), &[(10, 5)]),
        (
            "reassigning resets nothing",
            asked().then(12, ADA, assigned(UserId(2))).reply(15, BEN),
            &[(10, 5)],
        ),
        (
            "another agent's reply counts",
            asked().then(12, ADA, assigned(UserId(1))).reply(15, BEN),
            &[(10, 5)],
        ),
        (
            "it counts when it leaves",
            asked().queued(15, ADA).becomes(16, Sent),
            &[(10, 6)],
        ),
        (
            "delivery is no second reply",
            asked().reply(15, ADA).becomes(17, Delivered),
            &[(10, 5)],
        ),
        (
            "one taken back does not",
            asked().queued(15, ADA).becomes(15, Cancelled).reply(20, ADA),
            &[(10, 10)],
        ),
        (
            "one that fails does not",
            asked().queued(15, ADA).becomes(15, Failed),
            &[],
        ),
        (
            "until it is sent again",
            asked()
                .queued(15, ADA)
                .becomes(15, Failed)
                .becomes(30, Queued)
                .becomes(30, Sent),
            &[(10, 20)],
        ),
        (
            "there is one first",
            asked().reply(15, ADA).text(20, "And?").reply(25, ADA),
            &[(10, 5)],
        ),
        (
            "closing ends the waiting",
            asked().closed(11).reopened(60).text(60, "Hm").reply(62, ADA),
            &[(60, 2)],
        ),
        (
            "a reopened one had its first",
            asked()
                .reply(11, ADA)
                .closed(12)
                .reopened(60)
                .text(60, "Hm")
                .reply(62, ADA),
            &[(10, 1)],
        ),
        (
            "the company wrote first",
            Story::new()
                .opened(1, ADA)
                .reply(1, ADA)
                .text(10, "Yes?")
                .reply(12, ADA),
            &[],
        ),
        (
            "opened before the period",
            Story::new().text(10, "Yes?").reply(12, ADA),
            &[],
        ),
        (
            "begun after the period",
            Story::new().opened(1_450, ZOE).text(1_450, "Hi").reply(1_451, ADA),
            &[],
        ),
        (
            "ended after the period",
            Story::new().opened(1_430, ZOE).text(1_430, "Hi").reply(1_450, ADA),
            &[(1_430, 20)],
        ),
    ];
    for (what, story, expected) in table {
        assert_eq!(story.measured(Key::FirstResponse), expected, "{what}");
    }
}

#[test]
fn next_response_runs_from_each_text_that_nobody_had_answered() {
    let consent = Event::ConsentChanged {
        address: String::new(),
        opted_in: false,
        source: crate::consent::ConsentSource::Keyword,
    };
    let table: Vec<(&str, Story, Minutes)> = vec![
        (
            "each run",
            asked().reply(15, ADA).text(20, "And?").text(21, "?").reply(26, BEN),
            &[(10, 5), (20, 6)],
        ),
        (
            "two replies in a row",
            asked().reply(15, ADA).reply(16, ADA),
            &[(10, 5)],
        ),
        (
            "an answer to a survey",
            Story::new().text(10, "5").rated(10, 5).reply(30, ADA),
            &[],
        ),
        (
            "a rating while a question waits",
            asked().text(12, "5").rated(12, 5).reply(30, ADA),
            &[(10, 20)],
        ),
        (
            "HELP is answered at once",
            Story::new().text(10, "help").reply(30, ADA),
            &[],
        ),
        (
            "what the provider took for STOP",
            Story::new().text(10, "arret").then(10, ZOE, consent).reply(30, ADA),
            &[],
        ),
    ];
    for (what, story, expected) in table {
        assert_eq!(story.measured(Key::NextResponse), expected, "{what}");
    }
}

#[test]
fn resolution_is_first_and_full() {
    let table: Vec<(Story, Minutes, Minutes)> = vec![
        (asked(), &[], &[]),
        (asked().closed(30), &[(10, 20)], &[(10, 20)]),
        (asked().closed(30).reopened(40), &[(10, 20)], &[]),
        (asked().closed(30).reopened(40).closed(70), &[(10, 20)], &[(10, 60)]),
        (Story::new().closed(30), &[], &[]),
    ];
    for (story, first, full) in table {
        let Story(happened, queued) = story;
        let again = Story(happened.clone(), queued);
        assert_eq!(Story(happened, queued).measured(Key::ResolutionFirst), first);
        assert_eq!(again.measured(Key::ResolutionFull), full);
    }
}

#[test]
fn a_menu_contains_what_needs_no_person() {
    let table: Vec<(&str, Story, Minutes)> = vec![
        (
            "it came to its end",
            asked().menu(10).menu_ended(12).closed(12),
            &[(10, 1)],
        ),
        ("it was not closed", asked().menu(10).menu_ended(12), &[(10, 1)]),
        ("it still runs", asked().menu(10), &[]),
        (
            "it asked for a person",
            asked().menu(10).handed_off(12).menu_ended(12),
            &[(10, 0)],
        ),
        (
            "a person stepped in",
            asked().menu(10).menu_ended(11).reply(12, ADA),
            &[(10, 0)],
        ),
        (
            "one menu after the other",
            asked().menu(10).menu_ended(11).menu(11).handed_off(12).menu_ended(12),
            &[(10, 0)],
        ),
        (
            "closed before the next",
            asked().menu(10).menu_ended(12).closed(12).reopened(20).reply(21, ADA),
            &[(10, 1)],
        ),
        (
            "an agent started it",
            asked()
                .then(12, ADA, Story::new().menu(0).0.remove(0).event)
                .menu_ended(13),
            &[],
        ),
    ];
    for (what, story, expected) in table {
        assert_eq!(story.measured(Key::Containment), expected, "{what}");
    }
}

#[test]
fn ratings_count_once_with_the_later_score() {
    assert_eq!(asked().rated(20, 4).measured(Key::Csat), [(20, 4)]);
    assert_eq!(asked().rated(20, 4).rated(21, 2).measured(Key::Csat), [(20, 2)]);
    let rating = asked().reply(12, BEN).rated(20, 4).findings();
    let rating = rating.measures.iter().find(|measure| measure.key == Key::Csat).unwrap();
    assert_eq!(rating.agent, Some(UserId(2)), "it counts for who replied last");
}

#[test]
fn agents_and_days_are_counted() {
    let story = asked()
        .reply(12, ADA)
        .text(13, "And?")
        .reply(14, ADA)
        .reply(15, BEN)
        .reply(16, MENU)
        .closed(20);
    let found = story.findings();
    let per_agent = found
        .measures
        .iter()
        .filter(|measure| measure.key == Key::ConversationsPerAgent);
    let per_agent: Vec<_> = per_agent.map(|measure| (measure.agent, measure.value)).collect();
    assert_eq!(per_agent, [(Some(UserId(1)), 2.0), (Some(UserId(2)), 1.0)]);
    let count = |tick| found.ticks.iter().filter(|(which, ..)| *which == tick).count();
    assert_eq!(
        [Tick::Opened, Tick::Received, Tick::Sent, Tick::Closed].map(count),
        [1, 2, 4, 1]
    );
}

#[test]
fn what_was_merged_goes_on_in_the_other() {
    let other = ConversationId(2);
    let mut story = asked();
    let messages = 1;
    story = story.then(11, ADA, Event::ConversationMerged { into: other, messages });
    let mut story = story.queued(15, ADA).becomes(15, MessageStatus::Sent);
    for happening in &mut story.0[3..] {
        happening.conversation = Some(other);
    }
    assert_eq!(story.measured(Key::FirstResponse), [(10, 5)]);
}
