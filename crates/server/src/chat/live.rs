//! What a visitor is told as it happens: server-sent events, from the last message that the widget has.
//!
//! The updates are made once for all who watch, and each stream takes from them what is its visitor's by the address alone.

use std::collections::{BTreeSet, HashMap};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{Response, sse::Event as Sse},
};
use domain::{ChannelId, ConversationId, MessageId, message::MessageStatus};
use serde_json::{Value, json};
use store::{
    Tx, messages as rows, tray,
    visitors::{self, Visitor},
};
use tokio::sync::{broadcast, watch};

use super::{
    messages::{After, Message, after_of, arrived, views},
    visitor::{Guest, guest},
};
use crate::{
    app::Shared,
    http::{
        ask::{Path, Query},
        problem::Answer,
        stream::{Feed, stream},
    },
    live::{Change, Present, Update},
};

/// Streams what is said, who types, and how far it was read.
pub async fn watch(
    State(app): State<Shared>,
    Path(id): Path<ChannelId>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Answer<Response> {
    let Guest { visitor, .. } = guest(&app, id, &headers).await?;
    // Subscribed before the past is read, so that nothing falls between the two.
    let updates = app.live.subscribe();
    let (feed, response) = stream();
    tokio::spawn(async move {
        let mut watcher = Watcher {
            stopping: app.stopping.subscribe(),
            app,
            headers,
            visitor,
            feed,
            addresses: Vec::new(),
            shown: HashMap::new(),
            conversations: BTreeSet::new(),
            typing: None,
            read: MessageId(0),
        };
        // An end only means that the widget has to come back.
        let _ = watcher.run(query.after.unwrap_or(MessageId(0)), updates).await;
    });
    Ok(response)
}

/// Why a stream ends.
struct Ended;

impl From<store::Error> for Ended {
    fn from(_: store::Error) -> Ended {
        Ended
    }
}

struct Watcher {
    app: Shared,
    headers: HeaderMap,
    visitor: Visitor,
    feed: Feed,
    stopping: watch::Receiver<bool>,
    addresses: Vec<String>,
    /// What the widget has, as it was when it was told.
    shown: HashMap<MessageId, MessageStatus>,
    conversations: BTreeSet<ConversationId>,
    /// Who types, as the widget was told.
    typing: Option<String>,
    /// How far the company has read, as the widget was told.
    read: MessageId,
}

impl Watcher {
    async fn run(&mut self, after: MessageId, mut updates: broadcast::Receiver<Update>) -> Result<(), Ended> {
        // What happened before the events are followed is never published: the past is read after it.
        let (app, mut stopping) = (self.app.clone(), self.stopping.clone());
        tokio::select! {
            () = app.live.begun() => {}
            () = self.feed.closed() => return Err(Ended),
            _ = stopping.wait_for(|stopping| *stopping) => return Err(Ended),
        }
        self.catch_up(after).await?;
        let present = self.app.live.present();
        self.tell_typing(&present).await?;
        loop {
            let update = tokio::select! {
                update = updates.recv() => update,
                () = self.feed.closed() => return Err(Ended),
                _ = self.stopping.wait_for(|stopping| *stopping) => return Err(Ended),
            };
            // A widget that missed something comes back with the last message that it has.
            match update.map_err(|_| Ended)? {
                Update::Change(change) => self.tell_change(&change).await?,
                Update::Presence(present) => self.tell_typing(&present).await?,
                Update::Read(conversation, up_to) if self.conversations.contains(&conversation) => {
                    self.tell_read(up_to).await?;
                }
                Update::Read(..) => {}
            }
        }
    }

    async fn catch_up(&mut self, after: MessageId) -> Result<(), Ended> {
        let visitor = self.visitor.clone();
        let look = move |tx: &mut Tx| {
            let addresses = visitors::addresses(tx, &visitor)?;
            let conversations = rows::conversations_with(tx, visitor.channel_id, &addresses)?;
            let read = tray::read_by_anyone(tx, &conversations)?;
            let missed = after_of(tx, &visitor, after)?;
            Ok::<_, store::Error>((addresses, conversations, read, missed))
        };
        let (addresses, conversations, read, missed) = self.app.store.read(look).await?;
        self.addresses = addresses;
        self.conversations = conversations.into_iter().collect();
        self.tell_messages(missed).await?;
        match read {
            Some(up_to) => self.tell_read(up_to).await,
            None => Ok(()),
        }
    }

    async fn tell_change(&mut self, change: &Change) -> Result<(), Ended> {
        if change.ends_watching {
            // Who is no visitor any more is told nothing more: erased, or signed in under another token.
            let known = guest(&self.app, self.visitor.channel_id, &self.headers).await;
            self.visitor = known.map_err(|_| Ended)?.visitor;
        }
        let Some((message, (channel, address))) = change.message.zip(change.with.as_ref()) else {
            return Ok(());
        };
        if *channel != self.visitor.channel_id || !self.addresses.contains(address) {
            return Ok(());
        }
        let look = move |tx: &mut Tx| {
            let row = rows::get(tx, message)?;
            let conversation = row.as_ref().map(|row| row.conversation_id);
            let visible = row.filter(|row| row.status == MessageStatus::Received || row.status.has_left());
            Ok::<_, store::Error>((conversation, views(tx, visible.into_iter().collect())?))
        };
        let (conversation, found) = self.app.store.read(look).await?;
        self.conversations.extend(conversation);
        self.tell_messages(found).await
    }

    async fn tell_messages(&mut self, messages: Vec<Message>) -> Result<(), Ended> {
        let is_news = |message: &Message| self.shown.get(&message.id) != Some(&message.status);
        let news: Vec<Message> = messages.into_iter().filter(is_news).collect();
        for message in &news {
            self.tell("message", json!(message)).await?;
            self.shown.insert(message.id, message.status);
        }
        Ok(arrived(&self.app, &news).await?)
    }

    async fn tell_typing(&mut self, present: &Present) -> Result<(), Ended> {
        let who = self.conversations.iter().find_map(|id| present.typing.get(id)).cloned();
        if who == self.typing {
            return Ok(());
        }
        let told = json!({"is_typing": who.is_some(), "name": who.clone().unwrap_or_default()});
        self.tell("typing", told).await?;
        self.typing = who;
        Ok(())
    }

    async fn tell_read(&mut self, up_to: MessageId) -> Result<(), Ended> {
        if up_to <= self.read {
            return Ok(());
        }
        self.read = up_to;
        self.tell("read", json!({ "up_to": up_to })).await
    }

    async fn tell(&self, event: &str, data: Value) -> Result<(), Ended> {
        let event = Sse::default().event(event).data(data.to_string());
        self.feed.send(Ok(event)).await.map_err(|_| Ended)
    }
}
