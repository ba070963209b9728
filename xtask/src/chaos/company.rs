//! What the trial needs: a number, a chat, a menu of three steps, and things that are due only after a kill.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::mock::Mock;
use crate::desk::{Desk, Hook};
use crate::http::Client;
use crate::twilio;

/// Three questions: each text from a customer brings exactly one answer.
const MENU: &str = "
name: errand
title: Errand
when:
  - keyword: [errand]
steps:
  first: { ask: 'First: what is it about?' }
  second: { ask: 'Second: and what else?' }
  done: { end: 'Third: thank you.' }
";

/// A question that is not answered: the menu itself says the next word, after a time in which the server may die.
const PATIENCE: &str = "
name: patience
title: Patience
when:
  - keyword: [patience]
steps:
  ask:
    ask: 'Are you there?'
    timeout: { after: 2 seconds, then: silent }
  done: { end: 'Thank you.' }
  silent: { end: 'You were silent.' }
";

/// What a customer is told who did not answer.
const SILENT: &str = "You were silent.";

/// How many answers one errand brings.
pub const ANSWERS: usize = 3;

/// Says in a text what it is, so that it is found again.
pub const LATER: &str = "Sent later";

/// How the company is reached.
pub struct Company {
    /// The number to text.
    pub hook: Hook,
    /// The chat's channel.
    pub chat: i64,
}

/// Sets the company up.
pub fn set_up(desk: &Desk, mock: &Mock) -> Result<Company> {
    for source in [MENU, PATIENCE] {
        desk.api("POST", "/api/flows", &json!({ "source": source, "enabled": true }))?;
    }
    let hook = desk.add_channel(&mock.base_url())?;
    let chat = desk.api("POST", "/api/channels", &json!({ "kind": "chat", "name": "Website" }))?;
    let chat = chat["id"].as_i64().context("a chat has an id")?;
    Ok(Company { hook, chat })
}

/// Something that is due after a kill: a text to be sent later, a conversation that was set aside, and a customer who falls
/// silent in a menu.
pub struct Waiting {
    later: i64,
    aside: i64,
    silent: i64,
}

/// How many things one of them waits for.
pub const TIMERS: usize = 3;

impl Waiting {
    /// Begins to wait, with customers of its own.
    pub fn begin(desk: &Desk, hook: &Hook, number: usize) -> Result<Waiting> {
        let one = |which, text| open(desk, hook, (number * TIMERS + which, text));
        let (later, aside) = (one(0, "A word for later")?, one(1, "A word for later")?);
        let silent = one(2, "patience")?;
        let due = in_seconds(2);
        let text = json!({
            "body": LATER, "client_key": format!("later-{number}"), "send_at": due, "last_seen_message_id": 0, "anyway": true,
        });
        desk.api("POST", &format!("/api/conversations/{later}/messages"), &text)?;
        desk.api(
            "PUT",
            &format!("/api/conversations/{aside}/snooze"),
            &json!({ "until": due }),
        )?;
        Ok(Waiting { later, aside, silent })
    }

    /// Says what has not happened that should have.
    pub fn faults(&self, desk: &Desk) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let texts = desk.list(&format!("/api/conversations/{}/messages", self.later))?;
        let later: Vec<&Value> = texts.iter().filter(|text| text["body"] == LATER).collect();
        let left = |text: &&Value| matches!(text["status"].as_str(), Some("delivered" | "sent" | "unconfirmed"));
        if later.len() != 1 || !later.iter().all(left) {
            faults.push(format!(
                "the text of conversation {} to be sent later: {later:?}",
                self.later
            ));
        }
        let aside = desk.get(&format!("/api/conversations/{}", self.aside))?;
        if aside["status"] != "open" {
            faults.push(format!(
                "conversation {} was set aside and is {}",
                self.aside, aside["status"]
            ));
        }
        faults.extend(self.silence_fault(desk)?);
        Ok(faults)
    }

    /// Who fell silent was told so once, and their run ended by that.
    fn silence_fault(&self, desk: &Desk) -> Result<Option<String>> {
        let texts = desk.list(&format!("/api/conversations/{}/messages", self.silent))?;
        let told = texts.iter().filter(|text| text["body"] == SILENT).count();
        let flow = &desk.get(&format!("/api/conversations/{}", self.silent))?["flow"];
        let fault = || {
            format!(
                "customer of conversation {} was told {told} times of their silence: {flow}",
                self.silent
            )
        };
        Ok((told != 1 || !flow.is_null()).then(fault))
    }

    /// Says whether the menu still waits for the customer who is silent.
    pub fn is_open(&self, desk: &Desk) -> Result<bool> {
        Ok(!desk.get(&format!("/api/conversations/{}", self.silent))?["flow"].is_null())
    }
}

/// Lets a customer of its own write, and gives the conversation.
fn open(desk: &Desk, hook: &Hook, (number, text): (usize, &str)) -> Result<i64> {
    let phone = format!("+12125550{:03}", 100 + number % 900);
    let webhook = twilio::text(&hook.url, &format!("SMwait{number}"), (&phone, &hook.number), text);
    webhook.post_until_taken(&mut Client::new(desk.address), &hook.path)?;
    let customer = customer(desk, &format!("phone:{phone}"))?;
    let found = desk.list(&format!("/api/conversations?customer={customer}"))?;
    found
        .first()
        .and_then(|one| one["id"].as_i64())
        .context("the text made a conversation")
}

/// Gives the id of the customer who is known by this, such as `phone:+12025550100`.
pub fn customer(desk: &Desk, identity: &str) -> Result<i64> {
    let found = desk.list(&format!("/api/customers?identity={}", identity.replace('+', "%2B")))?;
    found
        .first()
        .and_then(|one| one["id"].as_i64())
        .with_context(|| format!("nobody is {identity}"))
}

/// Gives a time to come, as the API writes times.
fn in_seconds(seconds: u64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
        + seconds;
    let (days, rest) = (now / 86_400, now % 86_400);
    // Days since 1970 as a date, by the calendar that repeats every 400 years.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!(
        "{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z",
        era * 400 + year + carry
    )
}
