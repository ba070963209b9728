//! Flows in numbers, and many files at once, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    ChannelId, ConversationId, CustomerId, FlowId, MessageId, SessionId, Time,
    conversation::ReopenRule,
    message::{Author, Direction, Lane, MessageStatus},
    session::{SessionEnd, SessionStatus},
};
use store::{
    Tx, channels, conversations, customers, flow_rehearsal,
    flow_stats::{self, Runs, StepCount},
    flows::{self, NewVersion, Session},
    messages,
    testing::each_database,
};

fn channel(tx: &mut Tx) -> ChannelId {
    let channel = channels::Channel {
        id: ChannelId(0),
        name: "Line".to_owned(),
        kind: "simulator".to_owned(),
        address: "+15550001".to_owned(),
        hook: "h".to_owned(),
        config: serde_json::json!({}),
        team_id: None,
        reopen: ReopenRule::Always,
        reopen_days: 0,
        segments_per_second: 1,
        created_at: Time(0),
        disabled_at: None,
    };
    channels::insert(tx, &channel).unwrap()
}

fn flow(tx: &mut Tx) -> FlowId {
    let first = NewVersion {
        name: "room",
        title: "A room",
        source: "name: room",
        by: None,
    };
    flows::insert(tx, first, true, Time(5)).unwrap()
}

/// A session of a new customer that began at `at`, took these steps and ended like this.
fn session(tx: &mut Tx, (flow, channel): (FlowId, ChannelId), at: i64, steps: &[&str], end: Option<SessionEnd>) {
    let customer = customers::insert(tx, "", Time(0)).unwrap();
    let conversation = conversations::insert(tx, customer, channel, None, Time(0)).unwrap();
    let row = Session {
        id: SessionId(0),
        flow_id: flow,
        version: 1,
        customer_id: customer,
        conversation_id: conversation.id,
        status: end.map_or(SessionStatus::Waiting, |_| SessionStatus::Ended),
        ended_because: end,
        step: String::new(),
        state: "{}".to_owned(),
        started_at: Time(at),
        wait_until: None,
        expires_at: Time(at),
        ended_at: end.map(|_| Time(at)),
    };
    let id = flows::insert_session(tx, &row).unwrap();
    let steps: Vec<String> = steps.iter().map(|step| (*step).to_owned()).collect();
    flows::add_steps(tx, id, &steps, Time(at)).unwrap();
}

#[tokio::test]
async fn steps_count_each_session_once_and_know_who_stopped() {
    use SessionEnd::*;
    for test in &each_database() {
        let counted = test.store.write(|tx| {
            let (flow, channel) = (flow(tx), channel(tx));
            session(tx, (flow, channel), 5, &["a", "b"], Some(Completed));
            session(tx, (flow, channel), 100, &["a", "b", "c"], Some(Completed));
            session(tx, (flow, channel), 100, &["a", "b", "a"], Some(TimedOut));
            session(tx, (flow, channel), 100, &["a", "b"], Some(HandedOff));
            session(tx, (flow, channel), 101, &["a"], None);
            let runs = flow_stats::runs(tx, flow, Time(100))?;
            Ok::<_, store::Error>((runs, flow_stats::step_counts(tx, flow, Time(100))?))
        });
        let (runs, counts) = counted.await.unwrap();
        assert_eq!((runs.started, runs.completed), (4, 1));
        let count = |entered, stopped, waiting| StepCount {
            entered,
            stopped,
            waiting,
        };
        let expected = [("a", count(4, 1, 1)), ("b", count(3, 0, 0)), ("c", count(1, 0, 0))];
        assert_eq!(
            counts,
            expected.map(|(step, count)| (step.to_owned(), count)),
            "{:?}",
            test.dialect()
        );
        let none = test.store.read(|tx| flow_stats::runs(tx, FlowId(9), Time(0))).await;
        assert_eq!(none.unwrap(), Runs::default());
    }
}

#[tokio::test]
async fn a_flow_that_has_run_stays() {
    for test in &each_database() {
        let tried = test.store.write(|tx| {
            let (first, channel) = (flow(tx), channel(tx));
            let next = NewVersion {
                name: "rooms",
                title: "Rooms",
                source: "name: rooms",
                by: None,
            };
            flows::add_version(tx, first, next, Time(7))?;
            let versions = flow_stats::versions(tx, first)?;
            assert_eq!(
                versions.iter().map(|version| version.version).collect::<Vec<_>>(),
                [2, 1]
            );
            assert_eq!(flows::by_name(tx, "rooms")?, Some(first));
            assert_eq!(flows::by_name(tx, "room")?, None);
            let second = flow(tx);
            session(tx, (first, channel), 1, &["a"], None);
            Ok::<_, store::Error>([
                flows::remove(tx, first)?,
                flows::remove(tx, second)?,
                flows::remove(tx, second)?,
            ])
        });
        assert_eq!(tried.await.unwrap(), [false, true, false]);
    }
}

fn text(tx: &mut Tx, customer: CustomerId, conversation: ConversationId, channel: ChannelId) -> MessageId {
    let message = messages::Message {
        id: MessageId(0),
        conversation_id: conversation,
        customer_id: customer,
        channel_id: channel,
        direction: Direction::In,
        author: Author::Customer,
        author_id: None,
        address: String::new(),
        body: "hi".to_owned(),
        at: Time(0),
        status: MessageStatus::Received,
        segments: 0,
        lane: Lane::Conversation,
        send_at: None,
        compliance: false,
        provider_id: None,
        error_code: None,
        error: None,
        client_key: None,
        close_after: false,
    };
    messages::insert(tx, &message).unwrap().unwrap()
}

#[tokio::test]
async fn files_come_many_at_once() {
    for test in &each_database() {
        let look = test.store.write(|tx| {
            let channel = channel(tx);
            let (ana, bo) = (
                customers::insert(tx, "Ana", Time(0))?,
                customers::insert(tx, "", Time(0))?,
            );
            for (kind, value) in [("phone", "+1"), ("phone", "+2"), ("email", "a@example.com")] {
                customers::add_identity(tx, ana, (kind, value), true, Time(0))?;
            }
            customers::add_identity(tx, bo, ("phone", "+3"), true, Time(0))?;
            customers::set_trait(tx, ana, "tier", Some("gold"), Time(0))?;
            customers::add_tag(tx, ana, "vip")?;
            let place = conversations::insert(tx, ana, channel, None, Time(0))?.id;
            let first = text(tx, ana, place, channel);
            text(tx, ana, place, channel);
            let files = flow_rehearsal::files(tx, &[ana, bo, CustomerId(99)])?;
            let called = customers::called(tx, &[ana, bo])?;
            Ok::<_, store::Error>((ana, bo, first, files, called))
        });
        let (ana, bo, first, files, called) = look.await.unwrap();
        assert_eq!(files.len(), 2);
        let file = &files[&ana];
        assert_eq!((file.phone.as_str(), file.email.as_str()), ("+1", "a@example.com"));
        assert_eq!(
            (&file.traits["tier"], &file.tags[..]),
            (&"gold".to_owned(), &["vip".to_owned()][..])
        );
        assert_eq!((file.first_text, files[&bo].first_text), (Some(first), None));
        assert_eq!((called[&ana].as_str(), called[&bo].as_str()), ("Ana", "+3"));
    }
}
