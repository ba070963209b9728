//! What desk tests begin with: a channel, texts from customers, the hands of time.

use channel::Inbound;
use domain::{Actor, ChannelId, Time, conversation::ReopenRule, message::MessageStatus};
use rapport::desk::{Moment, inbound};
use store::{
    channels::{self, Channel},
    messages::{self, Outcome},
    params,
};

use serde_json::Value;

use crate::harness::{Caller, Desk};

/// The number of the customer whom most tests are about.
pub const ZOE: &str = "+12025550143";

/// Opens the desk's first channel.
pub async fn channel(desk: &Desk) -> ChannelId {
    let channel = Channel {
        id: ChannelId(0),
        name: "Texts".to_owned(),
        kind: "simulator".to_owned(),
        address: "+12025550100".to_owned(),
        hook: "texts".to_owned(),
        config: serde_json::json!({}),
        team_id: None,
        reopen: ReopenRule::Always,
        reopen_days: 5,
        segments_per_second: 10,
        created_at: Time(0),
        disabled_at: None,
    };
    desk.app
        .store
        .write(move |tx| channels::insert(tx, &channel))
        .await
        .unwrap()
}

/// Lets a customer text the desk's channel; gives the conversation and the message.
pub async fn text(desk: &Desk, from: &str, body: &str) -> (i64, i64) {
    let (app, now, provider_id) = (desk.app.clone(), desk.app.universe.now(), desk.app.universe.token());
    let (from, body) = (from.to_owned(), body.to_owned());
    let write = move |tx: &mut store::Tx| {
        let channel = channels::list(tx)?.remove(0);
        let text = Inbound {
            provider_id: provider_id.clone(),
            from: from.clone(),
            to: channel.address.clone(),
            messaging_service_sid: None,
            account_sid: None,
            body: body.clone(),
            media: Vec::new(),
            opt_out_type: None,
        };
        let settings = store::settings::get(tx)?;
        let scene = inbound::Desk {
            menus: &app.menus,
            moment: Moment {
                now,
                actor: Actor::SYSTEM,
            },
            settings: &settings,
            channel: &channel,
            token: &|| app.universe.token(),
        };
        inbound::take(tx, &scene, &text)?;
        let row = tx.query_one(
            "SELECT conversation_id, id FROM messages WHERE direction = 'in' ORDER BY id DESC LIMIT 1",
            params![],
        )?;
        Ok::<_, store::Error>((row.get(0)?, row.get(1)?))
    };
    desk.app.store.write(write).await.unwrap()
}

/// Lets the provider take a message.
pub async fn sent(desk: &Desk, message: i64, status: MessageStatus) {
    let write = move |tx: &mut store::Tx| {
        let from = MessageStatus::ALL;
        messages::advance(tx, domain::MessageId(message), from, status, &Outcome::default())
    };
    assert!(desk.app.store.write(write).await.unwrap());
}

/// Gives the ids of a list.
pub async fn ids(caller: &Caller, path: &str) -> Vec<i64> {
    let list = caller.get(path).await.expect(200);
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_i64().unwrap())
        .collect()
}

/// Gives the jobs of a kind that wait, each with the time it is due.
pub async fn jobs(desk: &Desk, kind: &'static str) -> Vec<Time> {
    let read = move |tx: &mut store::Tx| {
        let rows = tx.query("SELECT run_at FROM jobs WHERE kind = ?1 ORDER BY id", params![kind])?;
        rows.iter()
            .map(|row| row.get(0))
            .collect::<Result<Vec<Time>, store::Error>>()
    };
    desk.app.store.read(read).await.unwrap()
}

/// Gives the last events on a conversation's thread, each in one line, oldest first.
pub async fn told(caller: &Caller, conversation: i64) -> Vec<String> {
    let thread = caller
        .get(&format!("/api/conversations/{conversation}/thread"))
        .await
        .expect(200);
    let events = thread["items"].as_array().unwrap().iter().map(|item| &item["event"]);
    events.filter(|event| event.is_object()).map(fact).collect()
}

/// Gives an event in one line: who, what, its data, and what is named in it.
pub fn fact(event: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let (who, kind) = (word(&event["actor"]["name"]), word(&event["kind"]));
    let names = event["names"].as_object().unwrap().iter();
    let named: serde_json::Map<_, _> = names
        .filter(|(_, name)| !name.is_null())
        .map(|(of, name)| (of.clone(), name.clone()))
        .collect();
    format!("{who} {kind} {} {}", event["data"], Value::Object(named))
}
