//! Live updates: one task follows the events and hands each to everyone who watches, made once for all of them.
//!
//! A watcher that falls behind, or was away too long, is told to look at everything afresh: that is always right.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    ChannelId, ConversationId, Event, MessageId, Time,
    people::{PRESENCE_SECONDS, PresenceState},
};
use serde::Serialize;
use serde_json::json;
use store::{
    Tx,
    events::{self, Cursor, Recorded},
    messages, presence, visitors,
};
use tokio::sync::{broadcast, watch};

use crate::{
    api::{
        conversations::Viewer,
        messages::{self as message_views, Message},
        timeline::{self, TimelineEvent},
    },
    app::Shared,
    pulse::Pulse,
};

/// How many updates a watcher may be behind.
const BACKLOG: usize = 4096;
/// How many events are read at a time.
const BATCH: i64 = 500;

/// Something that watchers are told.
#[derive(Debug, Clone)]
pub enum Update {
    /// An event was added.
    Change(Arc<Change>),
    /// Who looks at which conversation, or types, has changed; all of it.
    Presence(Arc<Present>),
    /// Somebody at the desk has read a conversation up to a message. Told on this node only: who comes later asks the marks.
    Read(ConversationId, MessageId),
}

/// Who looks at which conversation now, and who types there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// As the desk is told.
    pub json: String,
    /// The agents who type, by name.
    pub typing: BTreeMap<ConversationId, String>,
}

/// An event as timelines show it, with the message that it is about as that is now.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Change)]
pub struct Told {
    #[serde(flatten)]
    event: TimelineEvent,
    message: Option<Message>,
}

/// An event on its way to the watchers.
#[derive(Debug)]
pub struct Change {
    /// Where it stands in the order of all events.
    pub cursor: Cursor,
    /// The message it is about, if it is about one.
    pub message: Option<MessageId>,
    /// The channel and the customer's address that the message goes by.
    pub with: Option<(ChannelId, String)>,
    /// Whether it may have ended the right of some to watch.
    pub ends_watching: bool,
    /// What watchers get, as JSON.
    pub json: String,
}

/// Where watchers subscribe.
pub struct Live {
    sender: broadcast::Sender<Update>,
    present: watch::Sender<Arc<Present>>,
    /// Whether the events are being followed.
    pub pulse: Pulse,
    begun: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Live {
        Live {
            sender: broadcast::channel(BACKLOG).0,
            present: watch::Sender::new(Arc::new(Present {
                json: NOBODY.to_owned(),
                typing: BTreeMap::new(),
            })),
            pulse: Pulse::default(),
            begun: watch::Sender::new(false),
        }
    }
}

/// How long a visitor who typed is said to type.
const TYPING_SECONDS: i64 = 6;

/// What is told when nobody looks at anything.
const NOBODY: &str = r#"{"conversations":{},"typing":[]}"#;

impl Live {
    /// Gives all updates from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Update> {
        self.sender.subscribe()
    }

    /// Gives who looks at which conversation now.
    pub fn present(&self) -> Arc<Present> {
        self.present.borrow().clone()
    }

    /// Waits until the events are followed. What happened before is never published, so whoever watches reads their past after it.
    pub async fn begun(&self) {
        let mut begun = self.begun.subscribe();
        // The sender lives as long as this does.
        let _ = begun.wait_for(|begun| *begun).await;
    }

    /// Tells who watches on this node that somebody has read a conversation up to a message.
    pub fn read(&self, conversation: ConversationId, up_to: MessageId) {
        self.publish(Update::Read(conversation, up_to));
    }

    fn publish(&self, update: Update) {
        // Nobody watching is no error.
        let _ = self.sender.send(update);
    }
}

/// Follows the events and the presences until told to stop.
pub async fn follow(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut cursor = None;
    let mut changes = app.store.changes();
    loop {
        changes.mark_unchanged();
        match publish(&app, &mut cursor).await {
            Ok(()) => {
                app.live.pulse.beat(app.universe.now());
                app.live.begun.send_if_modified(|begun| !std::mem::replace(begun, true));
            }
            Err(error) => tracing::error!(%error, "live updates are held up"),
        }
        tokio::select! {
            _ = changes.changed() => {}
            // A wake-up may get lost between nodes, and presences run out by themselves.
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Tells what has happened since `cursor`; at first, when there is none, what happens from now on.
async fn publish(app: &Shared, cursor: &mut Option<Cursor>) -> store::Result<()> {
    let head = app.store.read(events::head).await?;
    if app.live.sender.receiver_count() == 0 {
        // Whoever subscribes after this reads the past later than `head`: nothing up to there has to be told.
        *cursor = Some(head);
    }
    loop {
        let (from, now) = (*cursor, app.universe.now());
        let found = app.store.read(move |tx| {
            let from = from.map_or_else(|| events::head(tx), Ok)?;
            let found = events::after(tx, from, BATCH)?;
            let changes = describe(tx, found.events)?;
            Ok::<_, store::Error>((changes, (found.end, found.more), present(tx, now)?))
        });
        let (found, (end, more), present) = found.await?;
        *cursor = Some(end);
        for change in found {
            app.live.publish(Update::Change(Arc::new(change)));
        }
        if *app.live.present() != present {
            let present = Arc::new(present);
            app.live.present.send_replace(present.clone());
            app.live.publish(Update::Presence(present));
        }
        if !more {
            return Ok(());
        }
    }
}

/// Makes of events what watchers get, with the message where there is one; a fixed number of statements.
pub fn describe(tx: &mut Tx, events: Vec<(Cursor, Recorded)>) -> store::Result<Vec<Change>> {
    let (cursors, recorded): (Vec<Cursor>, Vec<Recorded>) = events.into_iter().unzip();
    let ids: Vec<Option<MessageId>> = recorded
        .iter()
        .map(|event| message_of(&event.happening.event))
        .collect();
    let mut wanted: Vec<MessageId> = ids.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let rows = messages::get_all(tx, &wanted)?;
    let with: BTreeMap<MessageId, (ChannelId, String)> = rows
        .iter()
        .map(|row| (row.id, (row.channel_id, row.address.clone())))
        .collect();
    let views = message_views::views(tx, rows)?;
    let views: BTreeMap<MessageId, Message> = views.into_iter().map(|view| (view.id, view)).collect();
    let ends: Vec<bool> = recorded
        .iter()
        .map(|event| ends_watching(&event.happening.event))
        .collect();
    let told = timeline::views(tx, recorded)?
        .into_iter()
        .zip(ids)
        .zip(cursors)
        .zip(ends);
    let change = |(((event, message), cursor), ends_watching): (((TimelineEvent, Option<MessageId>), Cursor), bool)| {
        let told = Told {
            message: message.and_then(|id| views.get(&id).cloned()),
            event,
        };
        Change {
            cursor,
            message,
            with: message.and_then(|id| with.get(&id).cloned()),
            ends_watching,
            json: json!(told).to_string(),
        }
    };
    Ok(told.map(change).collect())
}

fn message_of(event: &Event) -> Option<MessageId> {
    match event {
        Event::MessageReceived { message, .. }
        | Event::MessageQueued { message, .. }
        | Event::MessageStatusChanged { message, .. } => Some(*message),
        _ => None,
    }
}

fn ends_watching(event: &Event) -> bool {
    matches!(
        event,
        Event::SignInEnded { .. }
            | Event::UserChanged { .. }
            | Event::PasswordChanged { .. }
            | Event::TokenRevoked { .. }
            | Event::CustomerErased { .. }
            | Event::ChannelSaved { .. }
    )
}

fn present(tx: &mut Tx, now: Time) -> store::Result<Present> {
    let mut conversations: BTreeMap<ConversationId, Vec<Viewer>> = BTreeMap::new();
    let mut typing = BTreeMap::new();
    for (id, viewer) in presence::all(tx, now.plus_seconds(-PRESENCE_SECONDS))? {
        if viewer.state == PresenceState::Typing {
            typing.entry(id).or_insert_with(|| viewer.name.clone());
        }
        conversations.entry(id).or_default().push(Viewer::from(viewer));
    }
    let customers = visitors::typing(tx, now.plus_seconds(-TYPING_SECONDS))?;
    let json = json!({ "conversations": conversations, "typing": customers }).to_string();
    Ok(Present { json, typing })
}
