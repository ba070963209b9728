//! Visitors who have left: what was said to them in the chat and not read goes on by text, where the chat says so and they
//! have given a number.

use channel::{chat::Chat, phone};
use domain::{
    ChannelId, ConversationId, CustomerId, Event, Time,
    channel::ChannelKind,
    message::{Author, MAX_SMS},
    settings::Settings,
};
use serde::{Deserialize, Serialize};
use store::{
    Dialect, Tx,
    channels::{self, Channel},
    conversations::{self, Conversation},
    customers,
    jobs::{self, NewJob},
    messages::{self, Message},
};

use super::{
    Moment,
    outbound::{self, Outgoing},
    ways,
};
use crate::http::problem::Answer;

/// The job that looks whether a visitor has left.
pub const FOLLOW: &str = "follow_visitor";

/// What the job needs to know.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct FollowVisitor {
    /// The conversation.
    pub conversation: ConversationId,
}

/// How long what was said waits to be read: who still looks at the page has read it by then.
const PATIENCE_SECONDS: i64 = 180;
/// The answer, and the trait, that is a telephone number.
const PHONE: &str = "phone";

/// Plans to look whether the visitor has read what a person just said to them.
pub fn plan(tx: &mut Tx, moment: &Moment, message: &Message) -> store::Result<()> {
    let channel = channels::get(tx, message.channel_id)?.ok_or(store::Error::NotFound)?;
    if message.author != Author::User || texts_of(&channel).is_none() {
        return Ok(());
    }
    let conversation = message.conversation_id;
    let job = NewJob::now(FOLLOW, &FollowVisitor { conversation }, moment.now)
        .at(moment.now.plus_seconds(PATIENCE_SECONDS))
        .once(format!("follow:{conversation}"));
    jobs::add(tx, &job, moment.now)
}

/// Gives the channel of texts that a chat goes on by.
fn texts_of(channel: &Channel) -> Option<ChannelId> {
    if channel.kind != ChannelKind::Chat.as_str() {
        return None;
    }
    let chat: Chat = serde_json::from_value(channel.config.clone()).unwrap_or_default();
    chat.goes_on_by.map(ChannelId)
}

/// Texts to a visitor who has left what they have not read: nothing where they have read it, the conversation goes another way by
/// now, or they cannot be texted. Gives when to look again, where it was said only just now.
pub fn follow(
    tx: &mut Tx,
    moment: &Moment,
    (settings, public_url): (&Settings, &str),
    id: ConversationId,
) -> Answer<Option<Time>> {
    let mut conversation = conversations::get(tx, id)?.ok_or(store::Error::NotFound)?;
    let chat = channels::get(tx, conversation.channel_id)?.ok_or(store::Error::NotFound)?;
    let texts = texts_of(&chat).map(|id| channels::get(tx, id)).transpose()?.flatten();
    let Some(texts) = texts.filter(|texts| texts.disabled_at.is_none()) else {
        return Ok(None);
    };
    let unread = messages::unread_words(tx, id, chat.id)?;
    let Some(first) = unread.first() else {
        return Ok(None);
    };
    let due = first.at.plus_seconds(PATIENCE_SECONDS);
    if due > moment.now {
        return Ok(Some(due));
    }
    let Some(number) = number(tx, moment, settings, (&conversation, &texts))? else {
        return Ok(None);
    };
    if outbound::opted_out_at(tx, texts.id, &number)?.is_some() {
        return Ok(None);
    }
    ways::switch(tx, moment, &mut conversation, texts.id)?;
    conversations::update(tx, &conversation)?;
    for message in unread {
        for (n, piece) in pieces(&words(tx, &message, public_url)?, MAX_SMS)
            .into_iter()
            .enumerate()
        {
            let text = Outgoing {
                client_key: Some(format!("follow:{}:{n}", message.id)),
                ..Outgoing::now(message.author, message.author_id, piece)
            };
            outbound::queue_to(tx, moment, &conversation, text, number.clone())?;
        }
    }
    Ok(None)
}

/// Cuts words into pieces of at most so many characters, between words where that can be.
fn pieces(words: &str, most: usize) -> Vec<&str> {
    let (mut pieces, mut rest) = (Vec::new(), words.trim());
    while let Some((end, _)) = rest.char_indices().nth(most) {
        let at = rest[..end].rfind(char::is_whitespace).unwrap_or(end);
        pieces.push(rest[..at].trim_end());
        rest = rest[at..].trim_start();
    }
    pieces.push(rest);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Gives a message as a text: its words, and links to what was attached.
fn words(tx: &mut Tx, message: &Message, public_url: &str) -> store::Result<String> {
    let files = messages::attachments_of(tx, &[message.id])?;
    let links = files
        .iter()
        .map(|file| format!("{public_url}/media/{}", file.public_token));
    let lines: Vec<String> = [message.body.clone()]
        .into_iter()
        .filter(|body| !body.is_empty())
        .chain(links)
        .collect();
    Ok(lines.join("\n"))
}

/// Gives the number of whoever a conversation is with: one that is on the file, or else the one they gave before they wrote, if
/// it is nobody else's. That one is on the file from now on, so that what they text back is theirs.
fn number(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    (conversation, texts): (&Conversation, &Channel),
) -> store::Result<Option<String>> {
    let known = outbound::known_address(tx, conversation, texts)?;
    if let Some(known) = known.filter(|known| outbound::reaches(texts, known)) {
        return Ok(Some(known));
    }
    let customer = conversation.customer_id;
    let given = customers::traits(tx, customer)?.remove(PHONE);
    let given = given.and_then(|given| phone::number(&given, &settings.country).ok());
    let Some(given) = given.filter(|given| phone::takes_texts(given)) else {
        return Ok(None);
    };
    Dialect::serialize_on(tx, &given)?;
    if customers::owner(tx, PHONE, &given)?.is_some() {
        return Ok(None);
    }
    put_on_file(tx, moment, customer, &given)?;
    Ok(Some(given))
}

fn put_on_file(tx: &mut Tx, moment: &Moment, customer: CustomerId, number: &str) -> store::Result<()> {
    customers::add_identity(tx, customer, (PHONE, number), false, moment.now)?;
    customers::index(tx, customer)?;
    let (kind, value) = (PHONE.to_owned(), number.to_owned());
    moment
        .record_for_customer(tx, customer, Event::IdentityAdded { kind, value })
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_and_none_is_lost() {
        assert_eq!(pieces("one two three", 7), ["one", "two", "three"]);
        assert_eq!(pieces(" one two ", 7), ["one two"]);
        assert_eq!(pieces("äöüäöü x", 4), ["äöüä", "öü x"]);
        assert!(pieces("  ", 4).is_empty());
    }
}
