//! Lists of conversations and customers on both databases: order, pages, filters, what is shown, what is found.

use domain::{
    ChannelId, ConversationId, CustomerId, MessageId, Time, UserId,
    conversation::{ConversationStatus, ReopenRule},
    message::{Author, Direction, Lane, MessageStatus},
    people::PresenceState,
};
use store::{
    Result, Tx,
    channels::{self, Channel},
    conversation_list::{self, Filter, Place, Sort, With, page},
    conversations::{self, Conversation},
    customer_list, customers, drafts,
    messages::{self, Message},
    params, presence, search,
    testing::each_database,
    tray,
};

fn user(tx: &mut Tx, name: &str) -> Result<UserId> {
    tx.query_one(
        "INSERT INTO users (email, name, role, password_hash, created_at) VALUES (?1, ?1, 'agent', '', 0) RETURNING id",
        params![name],
    )?
    .get(0)
}

fn channel(tx: &mut Tx) -> Result<ChannelId> {
    let channel = Channel {
        id: ChannelId(0),
        name: "Texts".to_owned(),
        kind: "simulator".to_owned(),
        address: "+15550100".to_owned(),
        hook: "hook".to_owned(),
        config: serde_json::json!({}),
        team_id: None,
        reopen: ReopenRule::Within,
        reopen_days: 5,
        segments_per_second: 10,
        created_at: Time(0),
        disabled_at: None,
    };
    channels::insert(tx, &channel)
}

fn text(c: &Conversation, body: &str, at: i64) -> Message {
    Message {
        id: MessageId(0),
        conversation_id: c.id,
        customer_id: c.customer_id,
        channel_id: c.channel_id,
        direction: Direction::In,
        author: Author::Customer,
        author_id: Some(c.customer_id.0),
        address: "+12025550143".to_owned(),
        body: body.to_owned(),
        at: Time(at),
        status: MessageStatus::Received,
        segments: 1,
        lane: Lane::Conversation,
        send_at: None,
        compliance: false,
        provider_id: None,
        error_code: None,
        error: None,
        client_key: None,
        close_after: false,
    }
}

fn say(tx: &mut Tx, c: &mut Conversation, body: &str, at: i64) -> Result<MessageId> {
    let message = text(c, body, at);
    let id = messages::insert(tx, &message)?.expect("no other message has its ids");
    (c.last_message_id, c.last_at, c.last_line) = (id, Time(at), body.to_owned());
    conversations::update(tx, c)?;
    Ok(id)
}

struct Desk {
    customer: CustomerId,
    channel: ChannelId,
    ann: UserId,
    ben: UserId,
}

fn desk(tx: &mut Tx) -> Result<Desk> {
    Ok(Desk {
        customer: customers::insert(tx, "Zoë", Time(1))?,
        channel: channel(tx)?,
        ann: user(tx, "Ann")?,
        ben: user(tx, "Ben")?,
    })
}

fn open(tx: &mut Tx, desk: &Desk, at: i64, change: impl FnOnce(&mut Conversation)) -> Result<ConversationId> {
    let mut c = conversations::insert(tx, desk.customer, desk.channel, None, Time(at))?;
    change(&mut c);
    conversations::update(tx, &c)?;
    Ok(c.id)
}

fn all(tx: &mut Tx, filter: &Filter, sort: Sort, limit: i64) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    let mut after: Option<Place> = None;
    loop {
        let places = page(tx, filter, sort, after, limit)?;
        assert!(places.len() as i64 <= limit);
        ids.extend(places.iter().map(|place| place.id.0));
        if (places.len() as i64) < limit {
            return Ok(ids);
        }
        after = places.last().copied();
    }
}

#[tokio::test]
async fn pages_miss_nothing_and_repeat_nothing_even_at_equal_times() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            for n in 0..7 {
                open(tx, &desk, 100 + n / 3, |c| {
                    c.waiting_since = (n % 2 == 0).then_some(Time(50 + n / 4))
                })?;
            }
            let any = Filter::default();
            for limit in 1..9 {
                assert_eq!(all(tx, &any, Sort::Newest, limit)?, [7, 6, 5, 4, 3, 2, 1]);
                assert_eq!(all(tx, &any, Sort::Waiting, limit)?, [1, 3, 5, 7, 6, 4, 2]);
            }
            let waiting = Filter {
                waiting: Some(true),
                ..any.clone()
            };
            assert_eq!(all(tx, &waiting, Sort::Waiting, 2)?, [1, 3, 5, 7]);
            assert_eq!(conversation_list::count(tx, &waiting, 3)?, 3);
            assert_eq!(conversation_list::count(tx, &waiting, 100)?, 4);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn filters_narrow() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let team = tx.query_one(
                "INSERT INTO teams (name, created_at) VALUES ('Rooms', 0) RETURNING id",
                params![],
            )?;
            let team = team.get(0)?;
            let mine = open(tx, &desk, 1, |c| c.assignee_id = Some(desk.ann))?;
            let queue = open(tx, &desk, 2, |c| c.team_id = Some(team))?;
            let menu = open(tx, &desk, 3, |c| c.automated = true)?;
            let closed = open(tx, &desk, 4, |c| c.status = ConversationStatus::Closed)?;
            open(tx, &desk, 5, |c| c.status = ConversationStatus::Merged)?;
            conversations::set_tags(tx, queue, &["vip".to_owned()])?;
            let mut c = conversations::get(tx, closed)?.unwrap();
            say(tx, &mut c, "Un café, s'il vous plaît", 4)?;

            let any = |narrow: &dyn Fn(&mut Filter)| {
                let mut filter = Filter::default();
                narrow(&mut filter);
                filter
            };
            let is_open = |narrow: &dyn Fn(&mut Filter)| Filter {
                status: Some(ConversationStatus::Open),
                ..any(narrow)
            };
            let cases: [(Filter, &[ConversationId]); 18] = [
                (any(&|_| {}), &[closed, menu, queue, mine]),
                (is_open(&|_| {}), &[menu, queue, mine]),
                (is_open(&|f| f.automated = Some(false)), &[queue, mine]),
                (is_open(&|f| f.automated = Some(true)), &[menu]),
                (is_open(&|f| f.assignee = Some(With::User(desk.ann))), &[mine]),
                (is_open(&|f| f.assignee = Some(With::Nobody)), &[menu, queue]),
                (any(&|f| f.assignee = Some(With::Nobody)), &[closed, menu, queue]),
                (is_open(&|f| f.team = Some(team)), &[queue]),
                (any(&|f| f.team = Some(team)), &[queue]),
                (any(&|f| f.channel = Some(desk.channel)), &[closed, menu, queue, mine]),
                (is_open(&|f| f.channel = Some(desk.channel)), &[menu, queue, mine]),
                (any(&|f| f.tag = Some("vip".to_owned())), &[queue]),
                (any(&|f| f.tag = Some("none".to_owned())), &[]),
                (any(&|f| f.text = Some("CAFE".to_owned())), &[closed]),
                (any(&|f| f.text = Some("tea".to_owned())), &[]),
                (any(&|f| f.customer = Some(CustomerId(99))), &[]),
                (is_open(&|f| f.waiting = Some(false)), &[menu, queue, mine]),
                (any(&|f| f.waiting = Some(true)), &[]),
            ];
            for (filter, expected) in cases {
                let found: Vec<_> = page(tx, &filter, Sort::Newest, None, 10)?
                    .iter()
                    .map(|place| place.id)
                    .collect();
                assert_eq!(found, expected, "{filter:?}");
            }
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn a_common_tag_finds_the_same_as_a_rare_one() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            for n in 0..2_100 {
                let id = open(tx, &desk, n, |_| {})?;
                conversations::add_tag(tx, id, "common")?;
            }
            let filter = Filter {
                tag: Some("common".to_owned()),
                ..Filter::default()
            };
            let found = page(tx, &filter, Sort::Newest, None, 3)?;
            assert_eq!(
                found.iter().map(|place| place.id.0).collect::<Vec<_>>(),
                [2_100, 2_099, 2_098]
            );
            assert_eq!(conversation_list::count(tx, &filter, 10_000)?, 2_100);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn a_row_shows_what_is_the_looking_user_s_own() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            customers::add_identity(tx, desk.customer, ("phone", "+12025550143"), true, Time(1))?;
            let id = open(tx, &desk, 1, |c| c.assignee_id = Some(desk.ann))?;
            let silent = open(tx, &desk, 1, |_| {})?;
            let mut c = conversations::get(tx, id)?.unwrap();
            let message = say(tx, &mut c, "hello", 2)?;
            let draft = drafts::Draft {
                body: "a".to_owned(),
                is_note: false,
                updated_at: Time(3),
            };
            drafts::put(tx, desk.ann, id, &draft)?;
            assert_eq!(drafts::get(tx, desk.ann, id)?, Some(draft));
            assert_eq!(drafts::get(tx, desk.ben, id)?, None);
            tray::put(tx, desk.ann, id, Time(3))?;
            tray::mark_read(tx, desk.ann, id, message)?;
            tray::mark_read(tx, desk.ann, id, MessageId(0))?;
            presence::put(tx, desk.ben, id, PresenceState::Viewing, Time(50))?;
            presence::put(tx, desk.ben, id, PresenceState::Typing, Time(60))?;
            conversations::set_tags(tx, id, &["b".to_owned(), "a".to_owned()])?;

            let rows = conversation_list::show(tx, &[silent, id], Some(desk.ann), Time(60))?;
            assert_eq!(
                rows.iter().map(|row| row.conversation.id).collect::<Vec<_>>(),
                [silent, id]
            );
            let row = &rows[1];
            assert_eq!((row.is_unread, row.draft, row.in_tray), (false, true, true));
            assert_eq!((row.customer.as_str(), row.address.as_str()), ("Zoë", "+12025550143"));
            assert_eq!(
                rows[0].address, "+12025550143",
                "nothing was said yet: the phone on the file"
            );
            assert_eq!(
                (row.tags.join(" "), row.assignee.as_deref()),
                ("a b".to_owned(), Some("Ann"))
            );
            assert_eq!(row.viewers.len(), 1);
            assert_eq!(
                (row.viewers[0].name.as_str(), row.viewers[0].state),
                ("Ben", PresenceState::Typing)
            );
            let other = &conversation_list::show(tx, &[id], Some(desk.ben), Time(61))?[0];
            assert_eq!(
                (other.is_unread, other.draft, other.in_tray, other.viewers.len()),
                (true, false, false, 0)
            );
            assert_eq!(presence::all(tx, Time(0))?.len(), 1);
            presence::sweep(tx, Time(61))?;
            assert_eq!(presence::all(tx, Time(0))?.len(), 0);
            presence::put(tx, desk.ben, id, PresenceState::Viewing, Time(70))?;
            presence::remove(tx, desk.ben, id)?;
            assert_eq!(presence::all(tx, Time(0))?.len(), 0);
            drafts::remove(tx, desk.ann, id)?;
            tray::remove(tx, desk.ann, id)?;
            let row = &conversation_list::show(tx, &[id], Some(desk.ann), Time(0))?[0];
            assert_eq!((row.draft, row.in_tray), (false, false));
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn the_tray_and_the_next_one_go_by_who_waited_longest() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let team = |tx: &mut Tx, name: &str| -> Result<domain::TeamId> {
                tx.query_one(
                    "INSERT INTO teams (name, created_at) VALUES (?1, 0) RETURNING id",
                    params![name],
                )?
                .get(0)
            };
            let (rooms, bills) = (team(tx, "Rooms")?, team(tx, "Bills")?);
            let idle = open(tx, &desk, 1, |c| c.assignee_id = Some(desk.ann))?;
            let mine = open(tx, &desk, 2, |c| {
                (c.assignee_id, c.waiting_since) = (Some(desk.ann), Some(Time(30)))
            })?;
            let queue = open(tx, &desk, 3, |c| {
                (c.team_id, c.waiting_since) = (Some(rooms), Some(Time(20)))
            })?;
            let other = open(tx, &desk, 4, |c| {
                (c.team_id, c.waiting_since) = (Some(bills), Some(Time(10)))
            })?;
            for (n, id) in [idle, mine, queue].into_iter().enumerate() {
                tray::put(tx, desk.ann, id, Time(n as i64))?;
                tray::put(tx, desk.ann, id, Time(99))?;
            }
            assert_eq!(tray::list(tx, desk.ann)?, [queue, mine, idle]);
            let next = |tx: &mut Tx, teams: &[_]| conversation_list::longest_waiting(tx, desk.ann, teams);
            assert_eq!(next(tx, &[rooms])?, [(Time(30), mine), (Time(20), queue)]);
            assert_eq!(next(tx, &[])?, [(Time(30), mine), (Time(10), other)]);
            let mut answered = conversations::get(tx, other)?.unwrap();
            say(tx, &mut answered, "Is the bill right?", 10)?;
            let reply = Message {
                direction: Direction::Out,
                author: Author::User,
                status: MessageStatus::Queued,
                ..text(&answered, "It is.", 11)
            };
            messages::insert(tx, &reply)?;
            assert_eq!(next(tx, &[])?, [(Time(30), mine), (Time(20), queue)]);
            say(tx, &mut answered, "And the tax?", 12)?;
            assert_eq!(next(tx, &[])?, [(Time(30), mine), (Time(10), other)]);
            let counts = conversation_list::counts(tx, Some(desk.ann))?;
            assert_eq!(
                (counts.mine, counts.unassigned, counts.waiting, counts.all),
                (2, 2, 3, 4)
            );
            assert_eq!(counts.teams, [(rooms, 1), (bills, 1)].into());
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn search_knows_accents_beginnings_and_scripts_without_spaces() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let id = open(tx, &desk, 1, |_| {})?;
            let mut c = conversations::get(tx, id)?.unwrap();
            let first = say(tx, &mut c, "Une chambre près de l'océan", 1)?;
            let second = say(tx, &mut c, "我要订两张床的房间", 2)?;
            let third = say(tx, &mut c, "Oceanfront rooms?", 3)?;
            let table: [(&str, &[MessageId]); 8] = [
                ("ocean", &[third, first]),
                ("OCÉAN", &[third, first]),
                ("pres oc", &[first]),
                ("oc pres", &[]),
                ("订两张", &[second]),
                ("房间", &[second]),
                ("rooms oceanf", &[third]),
                ("\"; DROP'", &[]),
            ];
            for (query, expected) in table {
                assert_eq!(
                    search::messages(tx, query, MessageId(i64::MAX), 10)?,
                    expected,
                    "{query}"
                );
            }
            assert_eq!(search::messages(tx, "ocean", third, 10)?, [first], "the page before");
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn words_are_found_in_however_many_messages() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let desk = desk(tx)?;
            let old = open(tx, &desk, 1, |_| {})?;
            let busy = open(tx, &desk, 2, |_| {})?;
            let other = open(tx, &desk, 3, |_| {})?;
            let mut c = conversations::get(tx, old)?.unwrap();
            say(tx, &mut c, "A room by the ocean", 1)?;
            let mut c = conversations::get(tx, other)?.unwrap();
            say(tx, &mut c, "A room in the town", 3)?;
            let mut c = conversations::get(tx, busy)?.unwrap();
            for n in 0..1_100 {
                say(tx, &mut c, &format!("Ocean view number {n}"), 2)?;
            }
            let filter = Filter {
                text: Some("OCÉ".to_owned()),
                ..Filter::default()
            };
            let list = |tx: &mut Tx, filter: &Filter, after, limit| {
                let places = page(tx, filter, Sort::Newest, after, limit)?;
                Ok::<_, store::Error>((
                    places.iter().map(|place| place.id).collect::<Vec<_>>(),
                    places.last().copied(),
                ))
            };
            assert_eq!(list(tx, &filter, None, 10)?.0, [busy, old]);
            let (first, last) = list(tx, &filter, None, 1)?;
            assert_eq!(first, [busy]);
            assert_eq!(list(tx, &filter, last, 10)?.0, [old], "the cursor goes on behind");
            assert_eq!(conversation_list::count(tx, &filter, 100)?, 2);
            let narrowed = Filter {
                channel: Some(desk.channel),
                waiting: Some(true),
                ..filter
            };
            assert_eq!(list(tx, &narrowed, None, 10)?.0, []);
            let nothing = Filter {
                text: Some("?!".to_owned()),
                ..Filter::default()
            };
            assert_eq!(list(tx, &nothing, None, 10)?.0, []);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}

#[tokio::test]
async fn customers_are_listed_with_their_files() {
    for test in &each_database() {
        let look = |tx: &mut Tx| {
            let zoe = customers::insert(tx, "Zoë", Time(1))?;
            let max = customers::insert(tx, "Max", Time(2))?;
            customers::add_identity(tx, zoe, ("phone", "+12025550143"), true, Time(1))?;
            customers::set_trait(tx, zoe, "tier", Some("gold"), Time(1))?;
            customers::set_tags(tx, zoe, &["vip".to_owned()])?;
            customers::index(tx, zoe)?;
            customers::index(tx, max)?;
            let filter = |text: &str, tag: &str| customer_list::Filter {
                text: (!text.is_empty()).then(|| text.to_owned()),
                tag: (!tag.is_empty()).then(|| tag.to_owned()),
                is_known: None,
            };
            let table: [(&str, &str, &[CustomerId]); 7] = [
                ("", "", &[max, zoe]),
                ("zoe", "", &[zoe]),
                ("+1 202 555", "", &[]),
                ("gold", "", &[zoe]),
                ("", "vip", &[zoe]),
                ("zo", "vip", &[zoe]),
                ("max", "vip", &[]),
            ];
            for (text, tag, expected) in table {
                let found = customer_list::page(tx, &filter(text, tag), CustomerId(i64::MAX), 10)?;
                assert_eq!(found, expected, "{text} {tag}");
            }
            assert_eq!(customer_list::page(tx, &filter("", ""), max, 10)?, [zoe]);
            let entry = store::consent::Entry {
                id: domain::ConsentId(0),
                customer_id: Some(zoe),
                address: "+12025550143".to_owned(),
                channel_id: None,
                change: domain::consent::ConsentChange::OptedOut,
                basis: domain::consent::ConsentBasis::Conversational,
                source: domain::consent::ConsentSource::Keyword,
                wording: "STOP".to_owned(),
                evidence_message_id: None,
                actor: domain::event::ActorKind::Customer,
                actor_id: None,
                at: Time(5),
            };
            store::consent::append(tx, &entry)?;
            let newest = store::consent::append(tx, &entry)?;
            let files = customer_list::files(tx, &[max, zoe])?;
            assert_eq!(
                files.iter().map(|file| file.customer.id).collect::<Vec<_>>(),
                [max, zoe]
            );
            assert_eq!(files[1].traits["tier"], "gold");
            assert_eq!((files[1].tags.len(), files[1].identities.len()), (1, 1));
            assert_eq!(files[1].consent["+12025550143"][0].id, newest);
            Ok::<_, store::Error>(())
        };
        test.store.write(look).await.unwrap();
    }
}
