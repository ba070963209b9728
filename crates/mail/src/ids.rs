//! Ids that only we can have made: the Message-IDs of what we send, and the addresses that answers come to.
//!
//! Whoever can write an id into a mail can try to join a conversation, so each carries a keyed hash (HMAC-SHA256, RFC
//! 2104) of what it says, cut to 64 bits: too many to guess by sending mails.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How many hex digits of the hash an id carries. A plus part must fit into the 64 signs of a mailbox's name (RFC 5321).
const SIGNATURE_DIGITS: usize = 16;
const MESSAGE: &str = "message";
const REPLY: &str = "reply";

/// Signs ids and knows its own. Keys are long lived: an answer may come after a year.
#[derive(Clone)]
pub struct Signer {
    keys: Vec<Vec<u8>>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Signer").field("keys", &self.keys.len()).finish()
    }
}

/// What a Message-ID of ours says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageRef {
    /// The conversation.
    pub conversation: i64,
    /// The message in it.
    pub message: i64,
}

impl Signer {
    /// Makes a signer that signs with `key` and also knows what `older` keys have signed; none for an empty key.
    pub fn new(key: &[u8], older: &[&[u8]]) -> Option<Signer> {
        let keys: Vec<Vec<u8>> = std::iter::once(key)
            .chain(older.iter().copied())
            .filter(|key| !key.is_empty())
            .map(<[u8]>::to_vec)
            .collect();
        (!key.is_empty()).then_some(Signer { keys })
    }

    /// Makes the Message-ID of a message, without the angle brackets.
    pub fn message_id(&self, message: MessageRef, domain: &str) -> String {
        let MessageRef { conversation, message } = message;
        let said = format!("{conversation}.{message}");
        let signature = self.signature(MESSAGE, &said, &domain.to_ascii_lowercase());
        format!("{said}.{signature}@{}", domain.to_ascii_lowercase())
    }

    /// Reads a Message-ID that we made, whatever its brackets; none for any other.
    pub fn read_message_id(&self, id: &str) -> Option<MessageRef> {
        let (local, domain) = id.trim().trim_matches(['<', '>']).rsplit_once('@')?;
        let (said, signature) = local.rsplit_once('.')?;
        let (conversation, message) = said.split_once('.')?;
        let found = MessageRef {
            conversation: number(conversation)?,
            message: number(message)?,
        };
        self.has_signed(MESSAGE, said, &domain.to_ascii_lowercase(), signature)
            .then_some(found)
    }

    /// Makes the address that answers in a conversation come to: `help+12.…@` for `help@`.
    pub fn reply_address(&self, conversation: i64, mailbox: &str) -> Option<String> {
        let (local, domain) = mailbox.rsplit_once('@')?;
        let local = local.split('+').next().unwrap_or_default();
        let said = conversation.to_string();
        let signature = self.signature(REPLY, &said, &mailbox_of(local, domain));
        Some(format!("{local}+{said}.{signature}@{domain}"))
    }

    /// Reads the conversation of an address that we made; none for any other. Mail servers may change its capital letters.
    pub fn read_reply_address(&self, address: &str) -> Option<i64> {
        let (local, domain) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
        let (local, plus) = local.split_once('+')?;
        let (said, signature) = plus.split_once('.')?;
        let conversation = number(said)?;
        self.has_signed(REPLY, said, &mailbox_of(local, domain), signature)
            .then_some(conversation)
    }

    fn signature(&self, kind: &str, said: &str, place: &str) -> String {
        signature(&self.keys[0], kind, said, place)
    }

    fn has_signed(&self, kind: &str, said: &str, place: &str, claimed: &str) -> bool {
        let claimed = claimed.to_ascii_lowercase();
        // Each key is tried, so that the time tells nothing about which one fits.
        self.keys.iter().fold(false, |found, key| {
            found | is_same(&signature(key, kind, said, place), &claimed)
        })
    }
}

/// The parts are set apart by a sign that none of them can hold, so that no two ids say the same.
fn signature(key: &[u8], kind: &str, said: &str, place: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(format!("{kind}\n{said}\n{place}").as_bytes());
    let bytes = mac.finalize().into_bytes();
    let digits = bytes.iter().take(SIGNATURE_DIGITS / 2);
    digits.map(|byte| format!("{byte:02x}")).collect()
}

/// Compares in a time that does not tell where the first difference is.
fn is_same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differences) == 0
}

fn mailbox_of(local: &str, domain: &str) -> String {
    format!("{local}@{domain}").to_ascii_lowercase()
}

/// Reads a number as we write it: one id has one spelling.
fn number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number >= 0 && number.to_string() == text).then_some(number)
}
