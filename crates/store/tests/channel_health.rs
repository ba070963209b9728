//! The signs of a channel's health on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    ChannelId, ConsentId, ConversationId, CustomerId, MessageId, Time,
    consent::{ConsentBasis, ConsentChange, ConsentSource},
    conversation::ReopenRule,
    message::{Author, Direction, Lane, MessageStatus},
};
use store::{
    Tx,
    channel_health::{self, Refusals},
    channels,
    consent::{self, Entry},
    conversations, customers, inbound,
    messages::{self, Message},
    testing::each_database,
};

const NOW: Time = Time(1_000_000_000_000_000);

fn ago(hours: i64) -> Time {
    NOW.plus_seconds(-hours * 3_600)
}

fn channel(tx: &mut Tx, hook: &str) -> ChannelId {
    let channel = channels::Channel {
        id: ChannelId(0),
        name: "Line".to_owned(),
        kind: "simulator".to_owned(),
        address: "+15550001".to_owned(),
        hook: hook.to_owned(),
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

struct Place {
    channel: ChannelId,
    customer: CustomerId,
    conversation: ConversationId,
}

fn message(tx: &mut Tx, place: &Place, at: Time, status: MessageStatus, send_at: Option<Time>) {
    let is_in = status == MessageStatus::Received;
    let message = Message {
        id: MessageId(0),
        conversation_id: place.conversation,
        customer_id: place.customer,
        channel_id: place.channel,
        direction: if is_in { Direction::In } else { Direction::Out },
        author: Author::System,
        author_id: None,
        address: "+1".to_owned(),
        body: "hi".to_owned(),
        at,
        status,
        segments: 1,
        lane: Lane::Conversation,
        send_at,
        compliance: false,
        provider_id: None,
        error_code: None,
        error: (status == MessageStatus::Failed).then(|| "no such number".to_owned()),
        client_key: None,
        close_after: false,
    };
    messages::insert(tx, &message).unwrap().unwrap();
}

fn consent(tx: &mut Tx, address: &str, change: ConsentChange, channel: Option<ChannelId>, at: Time) {
    let entry = Entry {
        id: ConsentId(0),
        customer_id: None,
        address: address.to_owned(),
        channel_id: channel,
        change,
        basis: ConsentBasis::Conversational,
        source: ConsentSource::Keyword,
        wording: String::new(),
        evidence_message_id: None,
        actor: domain::event::ActorKind::Customer,
        actor_id: None,
        at,
    };
    consent::append(tx, &entry).unwrap();
}

#[tokio::test]
async fn signs_are_of_one_channel_and_of_their_time() {
    use ConsentChange::*;
    use MessageStatus::*;
    for test in &each_database() {
        let look = test.store.write(|tx| {
            let (here, there) = (channel(tx, "a"), channel(tx, "b"));
            let empty = channel_health::signs(tx, here, NOW)?;
            assert_eq!((empty.last_in, empty.queued, empty.refused), (None, 0, vec![]));
            let customer = customers::insert(tx, "", NOW)?;
            let conversation = conversations::insert(tx, customer, here, None, NOW)?.id;
            let place = Place {
                channel: here,
                customer,
                conversation,
            };
            message(tx, &place, ago(50), Received, None);
            message(tx, &place, ago(30), Failed, None);
            message(tx, &place, ago(5), Failed, None);
            message(tx, &place, ago(4), Delivered, None);
            message(tx, &place, ago(3), Unconfirmed, None);
            message(tx, &place, ago(2), Queued, None);
            message(tx, &place, ago(2), Queued, Some(ago(1)));
            message(tx, &place, ago(2), Scheduled, Some(ago(-1)));
            message(tx, &place, ago(1), Cancelled, None);
            message(
                tx,
                &Place {
                    channel: there,
                    ..place
                },
                ago(1),
                Received,
                None,
            );
            for (reason, hours) in [
                ("unsigned", 1),
                ("unsigned", 2),
                ("wrong_signature", 3),
                ("unsigned", 30),
            ] {
                channels::refuse(tx, here, reason, "", ago(hours))?;
            }
            let kept = inbound::keep(tx, here, "k", ("", b"x"), NOW)?.unwrap();
            inbound::settle(tx, kept, Err("why"), NOW)?;
            consent(tx, "+1", OptedOut, None, ago(1));
            consent(tx, "+2", OptedOut, Some(here), ago(200));
            consent(tx, "+3", OptedOut, Some(there), ago(1));
            consent(tx, "+4", OptedOut, None, ago(2));
            consent(tx, "+4", OptedIn, None, ago(1));
            channel_health::signs(tx, here, NOW)
        });
        let signs = look.await.unwrap();
        assert_eq!((signs.last_in, signs.last_out), (Some(ago(50)), Some(ago(4))));
        assert_eq!((signs.queued, signs.oldest_queued), (2, Some(ago(2))));
        assert_eq!((signs.tried, signs.failed, signs.unconfirmed), (3, 1, 1));
        assert_eq!(signs.failure.as_deref(), Some("no such number"));
        assert_eq!((signs.opted_out, signs.opted_out_week, signs.not_understood), (2, 1, 1));
        assert_eq!(signs.texted_week, 1);
        let refused = |reason: &str, count, last_at| Refusals {
            reason: reason.to_owned(),
            count,
            last_at,
        };
        assert_eq!(
            signs.refused,
            [refused("unsigned", 2, ago(1)), refused("wrong_signature", 1, ago(3))]
        );
    }
}
