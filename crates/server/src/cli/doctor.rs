//! `rapport doctor`: is everything as it should be? In plain words, and with exit code 1 when it is not.

use std::path::Path;

use anyhow::Context;
use domain::{Time, settings::Settings};
use store::{Store, Tx, channels, events, settings, upkeep};

use crate::{
    config::{Config, ServeArgs},
    universe::Universe,
};

/// Less room than this on the disk is trouble.
const ROOM_BYTES: u64 = 1_000_000_000;
/// How far in the future the newest event may lie: clocks of several nodes differ a little.
const AHEAD_SECONDS: i64 = 300;

/// What was found, line by line.
#[derive(Default)]
struct Report {
    is_wrong: bool,
}

impl Report {
    fn say(&mut self, is_right: bool, right: &str, wrong: &str) {
        if is_right {
            println!("ok     {right}");
        } else {
            println!("wrong  {wrong}");
            self.is_wrong = true;
        }
    }

    fn note(&self, text: &str) {
        println!("note   {text}");
    }
}

/// What the database says of itself.
struct Facts {
    settings: Settings,
    newest_event: Option<Time>,
    waiting: upkeep::Waiting,
    channels: Vec<channels::Channel>,
}

/// Looks everything over, says what was found, and gives whether all is well.
pub fn examine(args: ServeArgs) -> anyhow::Result<bool> {
    let config = args.settle(false)?;
    let mut report = Report::default();
    folder(&mut report, &config.data);
    match facts(&config) {
        Ok(facts) => {
            report.say(true, "the database opens and its tables are up to date", "");
            public_url(&mut report, &config, &facts);
            clock(&mut report, Universe::system().now(), facts.newest_event);
            stuck(&mut report, &facts);
        }
        Err(error) => report.say(false, "", &format!("the database does not open: {error:#}")),
    }
    Ok(!report.is_wrong)
}

fn folder(report: &mut Report, data: &Path) {
    let probe = data.join(".doctor");
    let written = std::fs::create_dir_all(data).and_then(|()| std::fs::write(&probe, "ok"));
    let name = data.display();
    let right = format!("the data folder {name} can be written");
    let wrong = |error| format!("the data folder {name} cannot be written: {error}");
    match written {
        Ok(()) => report.say(true, &right, ""),
        Err(error) => return report.say(false, "", &wrong(error)),
    }
    // Left behind, the probe does no harm.
    let _ = std::fs::remove_file(probe);
    if let Ok(disk) = rustix::fs::statvfs(data) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let room = format!("{:.1} GB are free on the disk of the data folder", free as f64 / 1e9);
        report.say(free >= ROOM_BYTES, &room, &format!("only {room}"));
    }
}

fn facts(config: &Config) -> anyhow::Result<Facts> {
    let store = Store::open(&config.store())?;
    let look = |tx: &mut Tx| {
        Ok::<_, store::Error>(Facts {
            settings: settings::get(tx)?,
            newest_event: events::newest_at(tx)?,
            waiting: upkeep::waiting(tx)?,
            channels: channels::list(tx)?,
        })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(store.read(look)).context("it cannot be read")
}

fn public_url(report: &mut Report, config: &Config, facts: &Facts) {
    let set = Some(&facts.settings.public_url).filter(|url| !url.is_empty());
    match set.or(config.public_url.as_ref()) {
        Some(url) => report.say(true, &format!("the public URL is {url}"), ""),
        None if facts.channels.iter().any(|channel| channel.kind == "twilio") => {
            report.say(
                false,
                "",
                "no public URL is set: providers cannot reach this server and their signatures do not fit",
            );
        }
        None => report.note("no public URL is set: links work on this machine only"),
    }
}

fn clock(report: &mut Report, now: Time, newest_event: Option<Time>) {
    let is_sane = newest_event.is_none_or(|newest| newest <= now.plus_seconds(AHEAD_SECONDS));
    let wrong = format!("the clock says {now}, but events happened after that: it was set back");
    report.say(is_sane, &format!("the clock says {now}"), &wrong);
}

fn stuck(report: &mut Report, facts: &Facts) {
    let dead = facts.waiting.dead_jobs();
    report.say(
        dead == 0,
        "no job was given up",
        &format!("{dead} jobs were given up: see Settings, Jobs"),
    );
    let failed = facts.waiting.failed_inbound();
    let wrong = format!("{failed} deliveries of providers could not be worked in: see Settings, Channels");
    report.say(failed == 0, "every delivery of a provider was worked in", &wrong);
    let open = |channel: &&channels::Channel| channel.kind == "twilio" && channel.disabled_at.is_none();
    for channel in facts.channels.iter().filter(open) {
        let has_secret = channel.config["auth_token"]
            .as_str()
            .is_some_and(|token| !token.is_empty());
        let wrong = format!("channel {} has no auth token: it refuses everything", channel.name);
        report.say(
            has_secret,
            &format!("channel {} has its auth token", channel.name),
            &wrong,
        );
    }
}
