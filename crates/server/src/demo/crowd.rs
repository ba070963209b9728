//! The crowd: simulated customers who text at a human pace, the way the phone simulator does, until the server stops.

use anyhow::Context;
use channel::{ChannelKind, simulator::FromPhone};
use serde::Deserialize;
use store::channels::{self, Channel};
use tokio::task::JoinSet;

use super::chance::Chance;
use crate::{
    app::Shared,
    hooks::{self, Raw},
    serve,
};

/// Seconds that someone takes to read and to type.
const TYPING: (i64, i64) = (4, 15);
/// Seconds until the same one has another wish.
const REST: (i64, i64) = (30, 180);
/// Numbers that are kept free for stories begin with these; each area has a hundred.
const AREAS: [&str; 2] = ["+15035550", "+17135550"];

#[derive(Deserialize)]
struct Crowd {
    scripts: Vec<Script>,
}

#[derive(Clone, Deserialize)]
struct Script {
    lines: Vec<String>,
}

/// Lets so many customers text; what is given ends when the server is told to stop.
pub fn start(app: &Shared, size: usize) -> impl Future<Output = ()> + use<> {
    let mut crowd = JoinSet::new();
    for n in 0..size {
        let app = app.clone();
        crowd.spawn(async move {
            tokio::select! {
                ended = one(&app, n) => {
                    if let Err(error) = ended {
                        tracing::error!(%error, "a simulated customer gave up");
                    }
                }
                () = serve::stopped(app.stopping.subscribe()) => {}
            }
        });
    }
    async move { while crowd.join_next().await.is_some() {} }
}

async fn one(app: &Shared, n: usize) -> anyhow::Result<()> {
    let crowd: Crowd = toml::from_str(include_str!("../../../../demo/crowd.toml")).context("demo/crowd.toml")?;
    let number = format!("{}1{:02}", AREAS[n / 100 % AREAS.len()], n % 100);
    let mut chance = Chance::new(n as u64);
    pause(&mut chance, (1, 20)).await;
    for wish in 0.. {
        let channel = app.store.read(channels::list).await?;
        let simulated = |channel: &Channel| channel.kind == ChannelKind::Simulator.as_str();
        let channel = channel
            .into_iter()
            .find(simulated)
            .context("there is no simulated number")?;
        let script = chance.pick(&crowd.scripts).clone();
        for (line, text) in script.lines.iter().enumerate() {
            let text = text.replace("{booking}", &format!("W{}", 6000 + n));
            // The name of a text is new at every start: the crowd of today does not repeat that of yesterday.
            let id = format!("crowd-{}-{n}-{wish}-{line}", app.universe.token());
            say(app, &channel, (&id, &number), text).await?;
            pause(&mut chance, TYPING).await;
        }
        pause(&mut chance, REST).await;
    }
    Ok(())
}

async fn say(app: &Shared, channel: &Channel, (id, from): (&str, &str), body: String) -> anyhow::Result<()> {
    let text = FromPhone {
        id: id.to_owned(),
        from: from.to_owned(),
        to: channel.address.clone(),
        body,
        media: Vec::new(),
    };
    let raw = Raw {
        query: String::new(),
        content_type: "application/json".to_owned(),
        body: serde_json::to_vec(&text)?.into(),
    };
    let taken = hooks::take(app, channel.clone(), raw).await;
    taken.map_err(|problem| anyhow::anyhow!("{}", problem.detail()))
}

async fn pause(chance: &mut Chance, (low, high): (i64, i64)) {
    let seconds = chance.between(low, high).unsigned_abs();
    tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
}
