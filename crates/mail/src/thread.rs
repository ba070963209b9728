//! Which conversation a mail belongs to, and why. What is signed is believed; what anybody can write into a mail is
//! believed only from somebody whom the conversation knows.

use std::collections::BTreeSet;

use crate::ids::{MessageRef, Signer};
use crate::mail::Mail;

/// Where a mail belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threading {
    /// The conversation that it joins; none begins a new one.
    pub conversation: Option<i64>,
    /// The conversation that a new one is shown beside: the mail claims to answer it, and nothing proves that.
    pub looks_related: Option<i64>,
    /// The sender is new to the conversation and joins it.
    pub joins: bool,
    /// By what it was decided, to be shown; none when nothing tells where it belongs.
    pub because: Option<Sign>,
}

/// Something in a mail that tells where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// It was sent to a signed address of ours.
    ReplyAddress {
        /// The conversation that the address says.
        conversation: i64,
        /// The address.
        address: String,
    },
    /// It answers a Message-ID that we signed.
    OurMessage {
        /// The message that the id says.
        message: MessageRef,
        /// The id.
        message_id: String,
    },
    /// It answers a mail that came in, or one of its thread, by Message-ID.
    Reference(String),
    /// It has the thread mark of one that came in: its root, as [`thread_root`] gives it.
    ThreadIndex(String),
    /// Its subject names a ticket.
    TicketNumber(i64),
}

impl Sign {
    /// Says whether nobody else can have made it.
    pub fn is_signed(&self) -> bool {
        matches!(self, Sign::ReplyAddress { .. } | Sign::OurMessage { .. })
    }
}

/// A conversation as far as threading must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub conversation: i64,
    /// Who wrote in it or was in To or Cc, in small letters.
    pub participants: BTreeSet<String>,
}

/// Reads the signs of a mail, the strongest first: a signed address, a Message-ID of ours, a mail that came in, Outlook's
/// mark, a ticket number. The caller looks them up in this order, and among the conversations of the mail's mailbox only.
pub fn signs(mail: &Mail, signer: &Signer) -> Vec<Sign> {
    let delivered = ["Delivered-To", "X-Original-To", "Envelope-To"]
        .into_iter()
        .filter_map(|name| mail.header(name));
    let listed = mail.to.iter().chain(&mail.cc).map(|to| to.address.as_str());
    let addresses = listed.chain(delivered).filter_map(|address| {
        let conversation = signer.read_reply_address(address)?;
        let address = address.to_owned();
        Some(Sign::ReplyAddress { conversation, address })
    });
    let ours = answered(mail).filter_map(|id| {
        let message = signer.read_message_id(id)?;
        let message_id = id.clone();
        Some(Sign::OurMessage { message, message_id })
    });
    let references = answered(mail).map(|id| Sign::Reference(id.clone()));
    let index = mail.thread_index.as_deref().and_then(thread_root);
    let index = index.map(|root| Sign::ThreadIndex(root.to_owned()));
    let numbers = ticket_numbers(&mail.subject).map(Sign::TicketNumber);
    let mut signs: Vec<Sign> = Vec::new();
    for sign in addresses.chain(ours).chain(references).chain(index).chain(numbers) {
        if !signs.contains(&sign) {
            signs.push(sign);
        }
    }
    signs
}

/// Decides where a mail belongs by its first sign that points to a conversation, if any does.
pub fn thread(mail: &Mail, found: Option<(Sign, Known)>) -> Threading {
    let Some((because, known)) = found else {
        return Threading {
            conversation: None,
            looks_related: None,
            joins: false,
            because: None,
        };
    };
    let is_known = knows_sender(&known, mail);
    let is_believed = because.is_signed() || is_known;
    Threading {
        conversation: is_believed.then_some(known.conversation),
        looks_related: (!is_believed).then_some(known.conversation),
        joins: is_believed && !is_known,
        because: Some(because),
    }
}

/// The newest id first: a thread that was split belongs to where it was answered last.
fn answered(mail: &Mail) -> impl Iterator<Item = &String> {
    mail.in_reply_to.iter().chain(mail.references.iter().rev())
}

/// Gives the part of Outlook's thread mark that all mails of a thread share: its first 22 bytes are 29 whole signs of
/// base64 and a rest that the next bytes change. A shorter mark is none.
pub fn thread_root(thread_index: &str) -> Option<&str> {
    thread_index.get(..29)
}

/// Reads `[#123]` and `#123`: a number without the sign may be anything, an order or a year.
fn ticket_numbers(subject: &str) -> impl Iterator<Item = i64> {
    subject.split('#').skip(1).filter_map(|rest| {
        let end = rest.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

fn knows_sender(known: &Known, mail: &Mail) -> bool {
    // Reply-To is where an answer goes; who wrote is told by From, which the checks of mail servers vouch for.
    mail.from
        .as_ref()
        .is_some_and(|from| known.participants.contains(&from.address.to_lowercase()))
}
