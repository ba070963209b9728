//! The crowd: simulated customers who text at a human pace, the way the phone simulator does, until the server stops.

use std::time::Duration;

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

/// Seconds until the first text.
const ARRIVAL: (i64, i64) = (1, 20);
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

/// One simulated customer: what they text next follows from their number alone.
struct Customer {
    /// Their number in the crowd, which their booking follows from.
    n: usize,
    chance: Chance,
    scripts: Vec<Script>,
    /// What they still want to say of the wish they have, the next line last.
    unsaid: Vec<String>,
}

impl Customer {
    fn new(n: usize) -> anyhow::Result<Customer> {
        let crowd: Crowd = toml::from_str(include_str!("../../../../demo/crowd.toml")).context("demo/crowd.toml")?;
        Ok(Customer {
            n,
            chance: Chance::new(n as u64),
            scripts: crowd.scripts,
            unsaid: Vec::new(),
        })
    }

    fn address(&self) -> String {
        format!("{}1{:02}", AREAS[self.n / 100 % AREAS.len()], self.n % 100)
    }

    /// Gives how many seconds they take, and what they text then.
    fn next(&mut self) -> (i64, String) {
        let pause = if self.unsaid.is_empty() { REST } else { TYPING };
        if self.unsaid.is_empty() {
            self.unsaid = self.chance.pick(&self.scripts).lines.clone();
            self.unsaid.reverse();
        }
        let line = self.unsaid.pop().unwrap_or_default();
        let text = line.replace("{booking}", &format!("W{}", 6000 + self.n));
        (self.chance.between(pause.0, pause.1), text)
    }
}

async fn one(app: &Shared, n: usize) -> anyhow::Result<()> {
    let mut customer = Customer::new(n)?;
    let number = customer.address();
    // They do not all come at once, and none lets the audience wait.
    let mut first = Some(customer.chance.between(ARRIVAL.0, ARRIVAL.1));
    loop {
        let (pause, text) = customer.next();
        let seconds = first.take().unwrap_or(pause);
        tokio::time::sleep(Duration::from_secs(seconds.unsigned_abs())).await;
        let channel = app.store.read(channels::list).await?;
        let simulated = |channel: &Channel| channel.kind == ChannelKind::Simulator.as_str();
        let channel = channel.into_iter().find(simulated);
        let channel = channel.context("there is no simulated number")?;
        // The name of a text is new at every start: the crowd of today does not repeat that of yesterday.
        let id = format!("crowd-{}", app.universe.token());
        say(app, &channel, (&id, &number), text).await?;
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn texts(n: usize) -> Vec<(i64, String)> {
        let mut customer = Customer::new(n).expect("demo/crowd.toml can be read");
        (0..200).map(|_| customer.next()).collect()
    }

    #[test]
    fn what_comes_next_follows_from_the_number() {
        assert_eq!(texts(7), texts(7));
        assert_ne!(texts(7), texts(8));
        assert!(texts(7).iter().all(|(pause, _)| (TYPING.0..=REST.1).contains(pause)));
    }

    #[test]
    fn every_text_stands_in_the_demo_s_file_and_all_of_it_is_used() {
        let scripts = Customer::new(0).expect("demo/crowd.toml can be read").scripts;
        let known: BTreeSet<&String> = scripts.iter().flat_map(|script| &script.lines).collect();
        let said: BTreeSet<String> = (0..50)
            .flat_map(|n| {
                texts(n)
                    .into_iter()
                    .map(move |(_, text)| text.replace(&format!("W{}", 6000 + n), "{booking}"))
            })
            .collect();
        assert_eq!(said.iter().collect::<BTreeSet<_>>(), known);
        assert!(
            known.iter().any(|line| !line.is_ascii()),
            "customers write in other scripts, too"
        );
    }

    #[test]
    fn everyone_has_a_number_of_their_own() {
        let numbers: BTreeSet<String> = (0..super::super::MAX_CROWD)
            .map(|n| Customer::new(n).expect("demo/crowd.toml can be read").address())
            .collect();
        assert_eq!(numbers.len(), super::super::MAX_CROWD);
    }
}
