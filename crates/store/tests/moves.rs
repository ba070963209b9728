//! What moves between conversations, on both databases; and the thread that is read from them.

use std::collections::BTreeSet;

use domain::{
    Actor, ChannelId, ConversationId, Event, EventId, MessageId, NoteId, Time, UserId,
    event::Happening,
    message::{Author, Direction, Lane, MessageStatus},
};
use store::{
    Result, Tx,
    conversations::{self, Conversation},
    customers, drafts, events,
    messages::{self, Message},
    names::{self, Named},
    notes::{self, Note},
    params,
    testing::each_database,
    threads, tray,
};

struct Desk {
    ann: UserId,
    from: Conversation,
    to: Conversation,
}

fn desk(tx: &mut Tx) -> Result<Desk> {
    let ann = tx.query_one(
        "INSERT INTO users (email, name, role, password_hash, created_at) VALUES ('ann', 'Ann', 'agent', '', 0) RETURNING id",
        params![],
    )?;
    let channel: ChannelId = tx
        .query_one(
            "INSERT INTO channels (name, kind, address, hook, created_at) VALUES ('Texts', 'simulator', '1', 'h', 0) RETURNING id",
            params![],
        )?
        .get(0)?;
    let customer = customers::insert(tx, "Zoë", Time(1))?;
    Ok(Desk {
        ann: ann.get(0)?,
        from: conversations::insert(tx, customer, channel, None, Time(1))?,
        to: conversations::insert(tx, customer, channel, None, Time(2))?,
    })
}

fn say(tx: &mut Tx, c: &Conversation, by: Option<UserId>, at: i64) -> Result<MessageId> {
    let (direction, author, status) = match by {
        Some(_) => (Direction::Out, Author::User, MessageStatus::Sent),
        None => (Direction::In, Author::Customer, MessageStatus::Received),
    };
    let message = Message {
        id: MessageId(0),
        conversation_id: c.id,
        customer_id: c.customer_id,
        channel_id: c.channel_id,
        direction,
        author,
        author_id: by.map(|user| user.0),
        address: "+12025550143".to_owned(),
        body: format!("said at {at}"),
        at: Time(at),
        status,
        segments: 1,
        lane: Lane::Conversation,
        send_at: None,
        compliance: false,
        provider_id: None,
        error_code: None,
        error: None,
        client_key: None,
        close_after: false,
    };
    Ok(messages::insert(tx, &message)?.expect("no other message has its ids"))
}

fn note(tx: &mut Tx, c: &Conversation, by: Option<UserId>, at: i64) -> Result<NoteId> {
    let note = Note {
        id: NoteId(0),
        conversation_id: c.id,
        customer_id: c.customer_id,
        author_id: by,
        body: "note".to_owned(),
        at: Time(at),
    };
    notes::insert(tx, &note)
}

fn ids(found: Vec<Message>) -> Vec<MessageId> {
    found.into_iter().map(|message| message.id).collect()
}

#[tokio::test]
async fn what_others_wrote_is_newer() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let first = say(tx, &desk.from, None, 10)?;
            let mine = say(tx, &desk.from, Some(desk.ann), 11)?;
            let theirs = say(tx, &desk.from, None, 12)?;
            let newer = |tx: &mut Tx, after, user| threads::newer(tx, desk.from.id, after, user, 10).map(ids);
            assert_eq!(newer(tx, first, Some(desk.ann))?, [theirs]);
            assert_eq!(newer(tx, first, None)?, [mine, theirs]);
            assert_eq!(newer(tx, theirs, Some(desk.ann))?, []);
            let own = note(tx, &desk.from, Some(desk.ann), 12)?;
            let other = note(tx, &desk.from, None, 13)?;
            let notes = |tx: &mut Tx, since, user| -> Result<Vec<NoteId>> {
                Ok(notes::newer(tx, desk.from.id, Time(since), user, 10)?
                    .iter()
                    .map(|note| note.id)
                    .collect())
            };
            assert_eq!(notes(tx, 12, Some(desk.ann))?, [other]);
            assert_eq!(notes(tx, 12, None)?, [other, own]);
            assert_eq!(notes(tx, 14, Some(desk.ann))?, []);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn everything_moves_into_the_other_conversation() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let (from, to) = (desk.from.id, desk.to.id);
            let first = say(tx, &desk.from, None, 10)?;
            let second = say(tx, &desk.from, None, 11)?;
            note(tx, &desk.from, Some(desk.ann), 12)?;
            let draft = |body: &str| drafts::Draft {
                body: body.to_owned(),
                is_note: false,
                updated_at: Time(1),
            };
            drafts::put(tx, desk.ann, from, &draft("one"))?;
            drafts::put(tx, desk.ann, to, &draft("two"))?;
            tray::put(tx, desk.ann, from, Time(1))?;
            tray::mark_read(tx, desk.ann, from, second)?;
            tray::mark_read(tx, desk.ann, to, first)?;

            assert_eq!(threads::move_from(tx, from, to, MessageId(0))?, 2);
            notes::move_since(tx, from, to, Time(0))?;
            drafts::move_all(tx, from, to)?;
            tray::move_all(tx, from, to)?;
            threads::move_rest(tx, from, to)?;

            assert_eq!(ids(messages::after(tx, to, MessageId(0), 10)?), [first, second]);
            assert_eq!(notes::before(tx, to, NoteId(i64::MAX), 10)?.len(), 1);
            assert_eq!(drafts::get(tx, desk.ann, to)?.unwrap().body, "two\none");
            assert_eq!(drafts::get(tx, desk.ann, from)?, None);
            assert_eq!(tray::list(tx, desk.ann)?, [to]);
            let mark = tx.query("SELECT conversation_id, message_id FROM read_marks", params![])?;
            assert_eq!(mark.len(), 1);
            assert_eq!(
                (mark[0].get::<ConversationId>(0)?, mark[0].get::<MessageId>(1)?),
                (to, second)
            );
            assert_eq!(threads::last(tx, from)?, None);
            let last = threads::last(tx, to)?.unwrap();
            assert_eq!(
                (last.id, last.body.as_str(), last.direction),
                (second, "said at 11", Direction::In)
            );
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn a_part_moves() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let (from, to) = (desk.from.id, desk.to.id);
            let first = say(tx, &desk.from, None, 10)?;
            let second = say(tx, &desk.from, None, 20)?;
            note(tx, &desk.from, None, 15)?;
            note(tx, &desk.from, None, 25)?;
            assert!(!threads::has_before(tx, from, first)?);
            assert!(threads::has_before(tx, from, second)?);
            assert_eq!(threads::move_from(tx, from, to, second)?, 1);
            notes::move_since(tx, from, to, Time(20))?;
            assert!(!threads::move_session(tx, from, to)?);
            assert_eq!(notes::before(tx, from, NoteId(i64::MAX), 10)?.len(), 1);
            assert_eq!(notes::before(tx, to, NoteId(i64::MAX), 10)?.len(), 1);
            assert_eq!(threads::first_received(tx, from, Time(0))?, Some(Time(10)));
            assert_eq!(threads::first_received(tx, from, Time(11))?, None);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn a_conversation_s_events_are_read_without_those_that_are_shown_otherwise() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let mut add = |event| {
                let happening = Happening {
                    at: Time(1),
                    customer: Some(desk.from.customer_id),
                    conversation: Some(desk.from.id),
                    actor: Actor::SYSTEM,
                    event,
                };
                events::append(tx, &happening)
            };
            let closed = add(Event::ConversationClosed {})?;
            let note = add(Event::NoteAdded {
                note: NoteId(1),
                body: String::new(),
            })?;
            let read = |tx: &mut Tx, without: &[&str], before: EventId| -> Result<Vec<EventId>> {
                let found = events::of_conversations(tx, &[desk.from.id], without, before, 10)?;
                Ok(found.iter().map(|event| event.id).collect())
            };
            assert_eq!(read(tx, &["note_added"], EventId(i64::MAX))?, [closed]);
            assert_eq!(read(tx, &[], EventId(i64::MAX))?, [note, closed]);
            assert_eq!(read(tx, &[], note)?, [closed]);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn everything_that_has_a_name_gives_it() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let kinds = [
                Named::Customer,
                Named::User,
                Named::Team,
                Named::Channel,
                Named::Flow,
                Named::Partner,
                Named::Token,
            ];
            let wanted: BTreeSet<_> = kinds.into_iter().map(|kind| (kind, 1)).collect();
            let names = names::get(tx, &wanted)?;
            assert_eq!(names.get(Named::User, desk.ann.0), "Ann");
            assert_eq!(names.get(Named::Customer, 1), "Zoë");
            assert_eq!(names.get(Named::Channel, 1), "Texts");
            assert_eq!(names.get(Named::Team, 1), "");
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}
