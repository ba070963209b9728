//! Customers who go through the menu again and again, half of them by text and half in the chat: each text is posted until it
//! is acknowledged, as a provider and the chat's widget do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::company::{self, Company};
use super::visitor::Visitor;
use crate::chance::Chance;
use crate::desk::Hook;
use crate::http::Client;
use crate::twilio;

/// How many text at the same time, and how many chat.
const SIZE: usize = 12;

/// What one customer said, all of it acknowledged.
pub struct Said {
    /// How the customer is known, such as `phone:+12025550100`.
    pub identity: String,
    /// The texts in their order.
    pub texts: Vec<String>,
    /// How many posts were needed.
    pub posts: usize,
    /// Who it is in the chat, of those who chat.
    pub visitor: Option<Visitor>,
}

/// The customers at work.
pub struct Crowd(Vec<JoinHandle<Result<Said>>>);

impl Crowd {
    /// Lets them write until it is enough; then each ends the errand that is under way.
    pub fn start(
        address: SocketAddr,
        company: &Company,
        enough: &Arc<AtomicBool>,
        chance: &mut Chance,
    ) -> Result<Crowd> {
        let mut crowd = Vec::new();
        for n in 0..SIZE {
            let phone = format!("+12025550{:03}", 100 + n);
            let texting = Said::of(format!("phone:{phone}"), None);
            let visitor = Visitor::begin(address, company.chat)?;
            let chatting = Said::of(format!("chat:{}", visitor.id), Some(visitor));
            for said in [texting, chatting] {
                let customer = Customer {
                    client: Client::new(address),
                    hook: company.hook.clone(),
                    chance: Chance::new(chance.below(u64::MAX)),
                    said,
                };
                let enough = enough.clone();
                crowd.push(std::thread::spawn(move || customer.run_errands(&enough)));
            }
        }
        Ok(Crowd(crowd))
    }

    /// Waits for the last errands and gives what everybody said.
    pub fn finish(self) -> Result<Vec<Said>> {
        self.0
            .into_iter()
            .map(|one| one.join().expect("a customer does not panic"))
            .collect()
    }
}

impl Said {
    fn of(identity: String, visitor: Option<Visitor>) -> Said {
        Said {
            identity,
            texts: Vec::new(),
            posts: 0,
            visitor,
        }
    }
}

struct Customer {
    client: Client,
    hook: Hook,
    chance: Chance,
    said: Said,
}

impl Customer {
    fn run_errands(mut self, enough: &AtomicBool) -> Result<Said> {
        while !enough.load(Ordering::Relaxed) {
            for line in 0..company::ANSWERS {
                let word = if line == 0 { "errand" } else { "answer" };
                self.say(format!("{word} {} of {}", self.said.texts.len(), self.said.identity))?;
                std::thread::sleep(self.pause());
            }
        }
        Ok(self.said)
    }

    /// A number texts as fast as its carrier lets it; a visitor may say sixty things a minute.
    fn pause(&mut self) -> Duration {
        match self.said.visitor {
            Some(_) => self.chance.pause(1_000, 1_400),
            None => self.chance.pause(5, 60),
        }
    }

    fn say(&mut self, text: String) -> Result<()> {
        let number = self.said.texts.len();
        self.said.posts += match &self.said.visitor {
            Some(visitor) => {
                let message = json!({ "id": format!("m{number}"), "body": text });
                visitor.post_until_taken(&mut self.client, &message)?
            }
            None => {
                let phone = self.said.identity.trim_start_matches("phone:");
                let sid = format!("SM{}n{number}", phone.trim_start_matches('+'));
                let webhook = twilio::text(&self.hook.url, &sid, (phone, &self.hook.number), &text);
                webhook.post_until_taken(&mut self.client, &self.hook.path)?
            }
        };
        self.said.texts.push(text);
        Ok(())
    }
}
