//! Customers who go through the menu again and again, each text posted until it is acknowledged, as a provider does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::Result;

use super::company;
use crate::chance::Chance;
use crate::desk::Hook;
use crate::http::Client;
use crate::twilio;

/// How many text at the same time.
const SIZE: usize = 12;

/// What one customer said, all of it acknowledged.
pub struct Said {
    /// The number.
    pub phone: String,
    /// The texts in their order.
    pub texts: Vec<String>,
    /// How many posts were needed.
    pub posts: usize,
}

/// The customers at work.
pub struct Crowd(Vec<JoinHandle<Result<Said>>>);

impl Crowd {
    /// Lets them text until it is enough; then each ends the errand that is under way.
    pub fn start(address: SocketAddr, hook: &Hook, enough: &Arc<AtomicBool>, chance: &mut Chance) -> Crowd {
        let one = |n: usize| {
            let mut customer = Customer {
                client: Client::new(address),
                hook: hook.clone(),
                chance: Chance::new(chance.below(u64::MAX)),
                said: Said {
                    phone: format!("+12025550{:03}", 100 + n),
                    texts: Vec::new(),
                    posts: 0,
                },
            };
            let enough = enough.clone();
            std::thread::spawn(move || customer.run_errands(&enough).map(|()| customer.said))
        };
        Crowd((0..SIZE).map(one).collect())
    }

    /// Waits for the last errands and gives what everybody said.
    pub fn finish(self) -> Result<Vec<Said>> {
        self.0
            .into_iter()
            .map(|one| one.join().expect("a customer does not panic"))
            .collect()
    }
}

struct Customer {
    client: Client,
    hook: Hook,
    chance: Chance,
    said: Said,
}

impl Customer {
    fn run_errands(&mut self, enough: &AtomicBool) -> Result<()> {
        while !enough.load(Ordering::Relaxed) {
            for line in 0..company::ANSWERS {
                let word = if line == 0 { "errand" } else { "answer" };
                self.say(format!("{word} {} of {}", self.said.texts.len(), self.said.phone))?;
                std::thread::sleep(self.chance.pause(5, 60));
            }
        }
        Ok(())
    }

    fn say(&mut self, text: String) -> Result<()> {
        let sid = format!(
            "SM{}n{}",
            self.said.phone.trim_start_matches('+'),
            self.said.texts.len()
        );
        let webhook = twilio::text(&self.hook.url, &sid, (&self.said.phone, &self.hook.number), &text);
        self.said.posts += webhook.post_until_taken(&mut self.client, &self.hook.path)?;
        self.said.texts.push(text);
        Ok(())
    }
}
