//! A channel as it is filled in: checked, and put on the row.

use std::net::IpAddr;

use channel::{ConfigError, Provider, phone};
use domain::{Time, channel::ChannelKind};
use serde_json::{Value, json};
use store::people::teams;

use super::*;
use crate::http::ask::MAX_NAME;

/// How many messages of a chat may leave in a second: no carrier holds them up.
const CHATS_PER_SECOND: i64 = 1_000;

/// Gives the row of a channel of which only the kind is known.
pub(super) fn blank(form: &ChannelForm, hook: String, now: Time) -> Answer<Channel> {
    let kind = form.kind.ok_or_else(|| Problem::invalid("kind", "must be given"))?;
    let has_address = form.address.is_some() || !kind.is_phone();
    for (name, given) in [("name", form.name.is_some()), ("address", has_address)] {
        if !given {
            return Err(Problem::invalid(name, "must be given"));
        }
    }
    Ok(Channel {
        id: ChannelId(0),
        name: String::new(),
        kind: kind.to_string(),
        address: String::new(),
        hook,
        config: json!({}),
        team_id: None,
        reopen: ReopenRule::Within,
        reopen_days: 5,
        segments_per_second: if kind.is_phone() { 1 } else { CHATS_PER_SECOND },
        created_at: now,
        disabled_at: None,
    })
}

/// Puts what was filled in on the row, or says what is wrong with it.
pub(super) fn fill(tx: &mut Tx, channel: &mut Channel, form: &ChannelForm, now: Time) -> Answer<()> {
    if form.kind.is_some_and(|kind| kind.as_str() != channel.kind) {
        return Err(Problem::invalid("kind", "cannot be changed: open another channel"));
    }
    if let Some(name) = &form.name {
        channel.name = name.trim().to_owned();
    }
    if let Some(address) = form.address.as_ref().filter(|_| channel.is_phone()) {
        let country = store::settings::get(tx)?.country;
        let phone = phone::normalize(address, &country);
        channel.address = phone
            .map_err(|problem| Problem::invalid("address", problem.to_string()))?
            .value;
        must_be_free(tx, channel)?;
    }
    if let Some(team) = form.team_id {
        if let Some(team) = team
            && teams::get(tx, team)?.is_none()
        {
            return Err(Problem::invalid("team_id", "is not a team"));
        }
        channel.team_id = team;
    }
    channel.reopen = form.reopen.unwrap_or(channel.reopen);
    channel.reopen_days = form.reopen_days.unwrap_or(channel.reopen_days);
    channel.segments_per_second = form.segments_per_second.unwrap_or(channel.segments_per_second);
    channel.disabled_at = match form.disabled {
        Some(true) => channel.disabled_at.or(Some(now)),
        Some(false) => None,
        None => channel.disabled_at,
    };
    if !channel.is_phone() {
        chat::fill(tx, &mut channel.config, &form.config.chat.clone().unwrap_or_default())?;
        return check(channel);
    }
    let before = channel.config.clone();
    configure(&mut channel.config, &form.config);
    check(channel)?;
    must_bring_token(&before, channel, &form.config)
}

fn must_be_free(tx: &mut Tx, channel: &Channel) -> Answer<()> {
    let same =
        |other: &Channel| other.id != channel.id && other.kind == channel.kind && other.address == channel.address;
    match channels::list(tx)?.into_iter().find(same) {
        Some(other) => {
            let detail = format!("the channel {} has the number {} already", other.name, other.address);
            Err(Problem::conflict("conflict", detail))
        }
        None => Ok(()),
    }
}

fn configure(config: &mut Value, form: &ConfigForm) {
    let values = [
        ("account_sid", &form.account_sid),
        ("auth_token", &form.auth_token),
        ("messaging_service_sid", &form.messaging_service_sid),
        ("base_url", &form.base_url),
    ];
    let Some(config) = config.as_object_mut() else { return };
    for (name, value) in values {
        match value.as_deref().map(str::trim) {
            None => {}
            Some("") => drop(config.remove(name)),
            Some(value) => drop(config.insert(name.to_owned(), value.into())),
        }
    }
}

/// The token that is kept goes to nobody else: who names another account or another server gives the token for it, too.
fn must_bring_token(before: &Value, channel: &Channel, form: &ConfigForm) -> Answer<()> {
    let moved = ["account_sid", "base_url"]
        .iter()
        .any(|name| before[name] != channel.config[name]);
    let brought = form.auth_token.as_deref().is_some_and(|token| !token.trim().is_empty());
    if moved && !brought && before["auth_token"].is_string() {
        let message = "must be given again when the account or the URL changes";
        return Err(Problem::invalid("config.auth_token", message));
    }
    Ok(())
}

fn check(channel: &Channel) -> Answer<()> {
    let mut wrong = Vec::new();
    let mut must = |ok: bool, field: &str, message: &str| {
        if !ok {
            wrong.push((field.to_owned(), message.to_owned()));
        }
    };
    must(!channel.name.is_empty(), "name", "must not be empty");
    must(channel.name.chars().count() <= MAX_NAME, "name", "is too long");
    must(
        (0..=365).contains(&channel.reopen_days),
        "reopen_days",
        "must be from 0 to 365",
    );
    must(
        (1..=1_000).contains(&channel.segments_per_second),
        "segments_per_second",
        "must be from 1 to 1000",
    );
    if channel.kind == ChannelKind::Twilio.as_str() {
        must(
            channel.config["account_sid"].is_string(),
            "config.account_sid",
            "must be given",
        );
        must(
            channel.config["auth_token"].is_string(),
            "config.auth_token",
            "must be given",
        );
    }
    must(
        channel.config["base_url"].as_str().is_none_or(is_private),
        "config.base_url",
        "must begin with https:// unless it is on this machine",
    );
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    match Provider::from_config(&channel.kind, &channel.config) {
        Ok(_) => Ok(()),
        Err(ConfigError::BaseUrl(_)) => Err(Problem::invalid(
            "config.base_url",
            "needs http:// or https:// and a host",
        )),
        Err(other) => Err(Problem::invalid("config", other.to_string())),
    }
}

/// Says whether nobody on the way to a URL can read along. What is no URL at all is refused elsewhere.
fn is_private(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return true };
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    url.scheme() != "http" || host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
