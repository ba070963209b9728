//! Twilio's side of a conversation: texts as it posts them, signed as it signs them.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::http;

/// How long a webhook is posted again that nobody takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The account that tests and load drivers use.
pub const ACCOUNT: &str = "AC00000000000000000000000000000000";
/// Its secret.
pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A webhook, ready to be posted.
pub struct Webhook {
    /// The form.
    pub body: String,
    /// The header `X-Twilio-Signature`.
    pub signature: String,
}

/// A text from a customer.
pub fn text(url: &str, sid: &str, (from, to): (&str, &str), body: &str) -> Webhook {
    let fields = [
        ("AccountSid", ACCOUNT.to_owned()),
        ("Body", body.to_owned()),
        ("From", from.to_owned()),
        ("MessageSid", sid.to_owned()),
        ("NumMedia", "0".to_owned()),
        ("SmsStatus", "received".to_owned()),
        ("To", to.to_owned()),
    ];
    signed(url, &fields)
}

/// News about a text to a customer.
pub fn news(url: &str, sid: &str, status: &str) -> Webhook {
    let fields = [
        ("AccountSid", ACCOUNT.to_owned()),
        ("MessageSid", sid.to_owned()),
        ("MessageStatus", status.to_owned()),
    ];
    signed(url, &fields)
}

/// Signs the address and the fields, which are in the order of their names.
fn signed(url: &str, fields: &[(&str, String)]) -> Webhook {
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Webhook {
        body: http::form(fields),
        signature: BASE64_STANDARD.encode(mac.finalize().into_bytes()),
    }
}

impl Webhook {
    /// Posts it; gives the status of the answer.
    pub fn post(&self, client: &mut http::Client, path: &str) -> std::io::Result<u16> {
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Twilio-Signature", self.signature.as_str()),
        ];
        let answer = client.call("POST", path, &headers, self.body.as_bytes())?;
        Ok(answer.status)
    }

    /// Posts it again, as a provider does, until it is acknowledged; gives how often.
    pub fn post_until_taken(&self, client: &mut http::Client, path: &str) -> Result<usize> {
        let start = Instant::now();
        let mut posts = 0;
        loop {
            posts += 1;
            match self.post(client, path) {
                Ok(200) => return Ok(posts),
                Ok(403 | 404) => bail!("the server refuses the provider's webhooks"),
                last if start.elapsed() > PATIENCE => bail!("nobody takes a webhook: {last:?}"),
                // Not acknowledged: whether it is there or not, the provider posts it again.
                _ => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}
