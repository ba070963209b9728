//! A visitor of the company's website, as the chat's widget speaks for them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::http::{Answer, Client};

/// How long a message is posted again that nobody takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who chats.
pub struct Visitor {
    /// The address that stands on the file.
    pub id: String,
    channel: i64,
    token: String,
}

impl Visitor {
    /// Makes somebody whom nobody knows yet.
    pub fn begin(address: SocketAddr, channel: i64) -> Result<Visitor> {
        let headers = [("Content-Type", "application/json")];
        let path = format!("/chat/{channel}/visitors");
        let made = Client::new(address).call("POST", &path, &headers, b"{}")?;
        let known = made.json();
        let text = |name: &str| known[name].as_str().map(str::to_owned);
        Ok(Visitor {
            id: text("id").context("a visitor has an id")?,
            token: text("token").context("a visitor has a token")?,
            channel,
        })
    }

    fn call(&self, client: &mut Client, method: &str, body: &Value) -> std::io::Result<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Content-Type", "application/json"), ("Authorization", bearer.as_str())];
        let path = format!("/chat/{}/messages", self.channel);
        client.call(method, &path, &headers, body.to_string().as_bytes())
    }

    /// Posts a message again, as the widget does, until it is acknowledged; gives how often.
    pub fn post_until_taken(&self, client: &mut Client, message: &Value) -> Result<usize> {
        let start = Instant::now();
        let mut posts = 0;
        loop {
            posts += 1;
            match self.call(client, "POST", message).map(|answer| answer.status) {
                Ok(202) => return Ok(posts),
                Ok(status @ (401 | 403 | 404 | 422)) => bail!("the server refuses a visitor's message: {status}"),
                last if start.elapsed() > PATIENCE => bail!("nobody takes a visitor's message: {last:?}"),
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Gives what the visitor sees.
    pub fn sees(&self, address: SocketAddr) -> Result<Vec<Value>> {
        let answer = self.call(&mut Client::new(address), "GET", &json!({}))?;
        let items = answer.json()["items"].as_array().cloned();
        items.context("the chat gives what was said")
    }
}
