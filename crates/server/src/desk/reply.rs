//! An agent's reply: what was written meanwhile, the text itself, and what it changes about who has the conversation.

use domain::{
    AttachmentId, MessageId, NoteId, Time, UserId,
    conversation::ConversationStatus,
    message::{Author, Lane},
    reason::Known,
    settings::Settings,
};
use store::{
    Tx,
    conversations::{self, Conversation},
    drafts,
    messages::{self, Message},
    notes::{self, Note},
    threads, tray,
};

use super::{
    Moment,
    assignment::{self, Change},
    closure, menu,
    outbound::{self, Outgoing, When},
    survey,
};
use crate::http::problem::{Answer, Problem};

/// What an agent wants to send.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The words.
    pub body: String,
    /// Uploaded files that go with it.
    pub attachments: Vec<AttachmentId>,
    /// When it is to leave; `None` means now.
    pub send_at: Option<Time>,
    /// Chosen by the client: the same key twice is the same reply.
    pub client_key: Option<String>,
    /// Whether the conversation closes with it, once it has left.
    pub close_after: bool,
}

/// The furthest that a reply can be put off.
const MAX_DELAY_SECONDS: i64 = 366 * 86_400;
/// How much of what is newer is shown.
const NEWER: i64 = 20;

/// What the writer had on the screen.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The newest message.
    pub message: MessageId,
    /// The newest note; where it is not told, notes count that came after the message.
    pub note: Option<NoteId>,
}

/// Gives what others wrote in a conversation after `seen`.
pub fn newer(
    tx: &mut Tx,
    conversation: &Conversation,
    seen: Seen,
    user: Option<UserId>,
) -> store::Result<(Vec<Message>, Vec<Note>)> {
    let fresh = threads::newer(tx, conversation.id, seen.message, user, NEWER)?;
    let since = messages::get(tx, seen.message)?.map_or(Time(0), |message| message.at);
    let mut noted = notes::newer(tx, conversation.id, since, user, NEWER)?;
    noted.retain(|note| seen.note.is_none_or(|seen| note.id > seen) && note.at > since);
    noted.reverse();
    Ok((fresh, noted))
}

/// Gives the reply that was sent with this key before. A key that stands for something else is a conflict.
pub fn sent_before(tx: &mut Tx, conversation: &Conversation, key: Option<&str>) -> Answer<Option<Message>> {
    let known = key.map(|key| messages::by_client_key(tx, key)).transpose()?.flatten();
    match known {
        Some(message) if message.customer_id != conversation.customer_id => Err(Problem::conflict(
            "key_in_use",
            "this client_key stands for another message",
        )),
        known => Ok(known),
    }
}

/// Sends a reply to the address that the conversation is with. Whoever answers a conversation that nobody has, has it from
/// then on; a menu that was at it steps back; a closed conversation opens again; a survey that is open ends.
pub fn send(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    conversation: &mut Conversation,
    reply: Reply,
) -> Answer<Message> {
    send_to(tx, (moment, settings), conversation, reply, None)
}

/// Sends a reply as [`send`] does, to an address of the caller's choice.
pub fn send_to(
    tx: &mut Tx,
    (moment, settings): (&Moment, &Settings),
    conversation: &mut Conversation,
    reply: Reply,
    to: Option<String>,
) -> Answer<Message> {
    let when = when(moment, settings, reply.send_at)?;
    let user = moment.user();
    let outgoing = Outgoing {
        author: Author::User,
        author_id: user.map(|user| user.0),
        body: reply.body,
        choices: Vec::new(),
        attachments: reply.attachments,
        when,
        client_key: reply.client_key,
        lane: Lane::Conversation,
        compliance: false,
        close_after: reply.close_after,
    };
    let message = match to {
        Some(address) => outbound::queue_to(tx, moment, conversation, outgoing, address)?,
        None => outbound::queue(tx, moment, conversation, outgoing)?,
    };
    survey::end_open(tx, moment, conversation.profile_id)?;
    if conversation.status == ConversationStatus::Closed && !reply.close_after {
        closure::reopen(tx, moment, conversation)?;
    }
    menu::pause(tx, *moment, conversation)?;
    conversations::update(tx, conversation)?;
    if let Some(user) = user {
        if conversation.assignee_id.is_none() {
            let change = Change {
                assignee: Some(Some(user)),
                ..Change::default()
            };
            assignment::assign(tx, moment, conversation, change, Known::Answered)?;
        }
        tray::mark_read(tx, user, conversation.id, message.id)?;
        drafts::remove(tx, user, conversation.id)?;
    }
    Ok(message)
}

/// A person can take a reply back for a while; a program means what it says.
fn when(moment: &Moment, settings: &Settings, send_at: Option<Time>) -> Answer<When> {
    match send_at {
        Some(at) if at <= moment.now || at > moment.now.plus_seconds(MAX_DELAY_SECONDS) => {
            Err(Problem::invalid("send_at", "must be in the future, within a year"))
        }
        Some(at) => Ok(When::At(at)),
        None if moment.user().is_some() && settings.undo_seconds > 0 => {
            Ok(When::AfterUndo(moment.now.plus_seconds(settings.undo_seconds)))
        }
        None => Ok(When::Now),
    }
}
