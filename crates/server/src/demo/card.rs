//! `demo.json`: what scripts and people need to drive a demo that runs, written at every start.

use std::{fmt, path::PathBuf};

use anyhow::Context;
use domain::{Time, channel::ChannelKind, people::Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Tx, channels, people::tokens, requests, settings, sources};

use super::{company::Plan, endpoints};
use crate::{app::Shared, http::caller};

/// What runs and how to come in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Card {
    url: String,
    token: String,
    users: Vec<User>,
    channels: Vec<Channel>,
    sources: Vec<Source>,
}

#[derive(Debug, Serialize, Deserialize)]
struct User {
    email: String,
    password: String,
    role: Role,
}

#[derive(Debug, Serialize, Deserialize)]
struct Channel {
    id: domain::ChannelId,
    name: String,
    kind: String,
    address: String,
    hook: String,
    secret: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Source {
    name: String,
    write_key: String,
}

/// Writes the card for the address at which the demo runs now. The token stays as it was.
pub async fn write(app: &Shared, plan: &Plan) -> anyhow::Result<Card> {
    let file = app.config.data.join("demo.json");
    let before = std::fs::read_to_string(&file).ok();
    let known = before
        .and_then(|text| serde_json::from_str::<Card>(&text).ok())
        .map(|card| card.token);
    let (token, inner) = (known.unwrap_or_else(|| app.universe.token()), app.clone());
    let (hash, now) = (caller::hash(&token), app.universe.now());
    let write_key = app.universe.token();
    let (url, channels, sources) = app
        .store
        .write(move |tx| {
            let url = inner.public_url(&settings::get(tx)?);
            move_here(tx, &url)?;
            if tokens::by_hash(tx, &hash)?.is_none() {
                let token = tokens::NewToken {
                    name: "demo.json".to_owned(),
                    role: Role::Owner,
                    hash: hash.clone(),
                    by: None,
                };
                tokens::insert(tx, &token, now)?;
            }
            Ok::<_, store::Error>((url, channels::list(tx)?, website(tx, &write_key, now)?))
        })
        .await?;
    let card = Card {
        sources,
        channels: channels.into_iter().map(|channel| on_card(channel, &url)).collect(),
        users: plan
            .users
            .iter()
            .map(|user| sign_in(&user.email, user.role, plan))
            .collect(),
        url,
        token,
    };
    save(&file, &card)?;
    Ok(card)
}

/// Gives the sources with their keys. The demo's website is there from the first start on.
fn website(tx: &mut Tx, write_key: &str, now: Time) -> store::Result<Vec<Source>> {
    if let Some(id) = sources::insert(tx, "Website", &[], now)? {
        sources::add_key(tx, id, write_key, now)?;
    }
    let named = sources::list(tx)?;
    let on_card = |key: sources::Key| {
        let source = named.iter().find(|source| source.id == key.source_id)?;
        Some(Source {
            name: source.name.clone(),
            write_key: key.write_key,
        })
    };
    Ok(sources::keys(tx)?.into_iter().filter_map(on_card).collect())
}

/// The simulated world is part of this server: it is where the server is.
fn move_here(tx: &mut Tx, url: &str) -> store::Result<()> {
    for (name, path) in endpoints::PARTNERS {
        if let Some(mut partner) = requests::partner_by_name(tx, name)?.filter(|known| known.address.ends_with(path)) {
            partner.address = format!("{url}{path}");
            requests::update_partner(tx, &partner)?;
        }
    }
    for mut channel in channels::list(tx)? {
        let is_ours = |base: &str| base.ends_with(endpoints::CARRIER);
        if channel.config["base_url"].as_str().is_some_and(is_ours) {
            channel.config["base_url"] = json!(format!("{url}{}", endpoints::CARRIER));
            channels::update(tx, &channel)?;
        }
    }
    Ok(())
}

fn on_card(channel: channels::Channel, url: &str) -> Channel {
    Channel {
        hook: format!("{url}/hooks/{}", channel.hook),
        secret: channel.config["auth_token"].as_str().unwrap_or_default().to_owned(),
        id: channel.id,
        name: channel.name,
        kind: channel.kind,
        address: channel.address,
    }
}

fn sign_in(email: &str, role: Role, plan: &Plan) -> User {
    User {
        email: email.to_owned(),
        password: plan.password.clone(),
        role,
    }
}

/// Replaces the file as a whole, for its owner's eyes only: it opens every door of the demo.
fn save(file: &PathBuf, card: &Card) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(card)?;
    let new = file.with_extension("json.new");
    std::fs::write(&new, text + "\n").with_context(|| format!("{}", new.display()))?;
    #[cfg(unix)]
    std::fs::set_permissions(
        &new,
        <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600),
    )?;
    std::fs::rename(&new, file).with_context(|| format!("{}", file.display()))
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The demo company runs at {}", self.url)?;
        writeln!(f, "Be a customer at       {}/phone", self.url)?;
        for chat in self
            .channels
            .iter()
            .filter(|channel| channel.kind == ChannelKind::Chat.as_str())
        {
            writeln!(f, "and a visitor at       {}/talk/{}", self.url, chat.id)?;
        }
        writeln!(f)?;
        writeln!(f, "Sign in as:")?;
        for user in &self.users {
            writeln!(f, "  {:8} {:28} {}", user.role.as_str(), user.email, user.password)?;
        }
        Ok(())
    }
}
