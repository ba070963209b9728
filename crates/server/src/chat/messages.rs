//! What a visitor and the company say to each other, as the widget sees it.

use std::collections::{BTreeSet, HashMap};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use channel::chat::{self as provider, FromVisitor};
use domain::{
    ChannelId, MessageId, Time,
    message::{Author, Direction, MAX_BODY, MessageStatus},
};
use serde::{Deserialize, Serialize};
use store::{
    Tx, choices,
    messages::{self as rows, Message as Row},
    names::{self, Named, Names},
    visitors::{self, Visitor},
};

use super::visitor::{Guest, guest, moment, telling};
use crate::{
    api::attachments,
    app::Shared,
    desk::{
        attached::{self, UPLOADED},
        outbound::MAX_FILES,
        visiting,
    },
    hooks::{self, Raw},
    http::{
        ask::{self, Body, Path, Query, Upload},
        flood::Limit,
        page::Page,
        problem::{Answer, Problem},
    },
};

/// How much a visitor may say: more than anybody types.
const MESSAGES: Limit = Limit { most: 60, seconds: 60 };
/// How many files a visitor may send.
const FILES: Limit = Limit { most: 30, seconds: 600 };
/// How often it matters that a visitor types.
const TYPING: Limit = Limit { most: 1, seconds: 3 };

/// The most characters of a widget's own id of a message.
const MAX_ID: usize = 100;

/// A message as the widget sees it: `in` came to the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    pub id: MessageId,
    pub direction: Direction,
    body: String,
    at: Time,
    pub status: MessageStatus,
    author: By,
    client_id: Option<String>,
    choices: Vec<Choice>,
    attachments: Vec<File>,
}

/// Who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct By {
    kind: &'static str,
    name: String,
}

/// A button: pressing it sends its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Choice {
    label: String,
    text: String,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    token: String,
    name: String,
    content_type: String,
    url: String,
}

/// From where the widget goes on.
#[derive(Debug, Default, Deserialize)]
pub struct After {
    /// The last message that it knows.
    pub after: Option<MessageId>,
}

/// Gives what was said, oldest first.
pub async fn list(
    State(app): State<Shared>,
    Path(id): Path<ChannelId>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Answer<Json<Page<Message>>> {
    let Guest { visitor, .. } = guest(&app, id, &headers).await?;
    let after = query.after.unwrap_or(MessageId(0));
    let items = app.store.read(move |tx| after_of(tx, &visitor, after)).await?;
    arrived(&app, &items).await?;
    Ok(Json(Page::whole(items)))
}

/// Gives what a visitor sees that comes after a message.
pub fn after_of(tx: &mut Tx, visitor: &Visitor, after: MessageId) -> store::Result<Vec<Message>> {
    let addresses = visitors::addresses(tx, visitor)?;
    let found = rows::shown_to(tx, visitor.channel_id, &addresses, after)?;
    views(tx, found)
}

/// Notes that the visitor's widget has these messages.
pub async fn arrived(app: &Shared, shown: &[Message]) -> store::Result<()> {
    let fresh = shown.iter().filter(|message| message.status == MessageStatus::Sent);
    let ids: Vec<MessageId> = fresh.map(|message| message.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let moment = moment(app);
    let write = move |tx: &mut Tx| visiting::reached(tx, &moment, &ids, MessageStatus::Delivered);
    app.store.write(write).await
}

/// What a visitor says.
#[derive(Debug, Deserialize)]
pub struct NewMessage {
    /// The widget's own id: the same twice is the same message.
    id: String,
    #[serde(default)]
    body: String,
    /// The tokens of what was uploaded.
    #[serde(default)]
    attachments: Vec<String>,
}

/// That a message is on disk.
#[derive(Debug, Serialize)]
pub struct Taken {
    /// Null where it is kept and could not be understood yet.
    id: Option<MessageId>,
}

/// Takes what a visitor says, and answers when it is on disk.
pub async fn write(
    State(app): State<Shared>,
    Path(id): Path<ChannelId>,
    headers: HeaderMap,
    Body(new): Body<NewMessage>,
) -> Answer<(StatusCode, Json<Taken>)> {
    let Guest { channel, visitor } = telling(&app, id, &headers).await?;
    check(&new)?;
    let provider_id = provider::provider_id(&visitor.public_id, &new.id);
    let (known, files) = (provider_id.clone(), new.attachments.clone());
    let look = move |tx: &mut Tx| {
        if let Some(message) = rows::by_provider_id(tx, id, &known)? {
            return Ok(Some(message.id));
        }
        files.iter().try_for_each(|token| must_be_free(tx, token))?;
        Ok::<_, Problem>(None)
    };
    if let Some(known) = app.store.read(look).await? {
        return Ok((StatusCode::ACCEPTED, Json(Taken { id: Some(known) })));
    }
    app.floods.take(
        &format!("messages of {}", visitor.public_id),
        MESSAGES,
        app.universe.now(),
    )?;
    let payload = FromVisitor {
        id: new.id,
        visitor: visitor.public_id,
        body: new.body,
        files: new
            .attachments
            .iter()
            .map(|token| format!("{UPLOADED}{token}"))
            .collect(),
    };
    let raw = Raw {
        query: String::new(),
        content_type: "application/json".to_owned(),
        body: serde_json::to_vec(&payload).map_err(anyhow::Error::from)?.into(),
    };
    hooks::take(&app, channel, raw).await?;
    let taken = app
        .store
        .read(move |tx| rows::by_provider_id(tx, id, &provider_id))
        .await?;
    let id = taken.map(|message| message.id);
    Ok((StatusCode::ACCEPTED, Json(Taken { id })))
}

fn check(new: &NewMessage) -> Answer<()> {
    if new.body.trim().is_empty() && new.attachments.is_empty() {
        return Err(Problem::invalid("body", "must not be empty"));
    }
    ask::must_fit("body", &new.body, MAX_BODY)?;
    if new.id.trim().is_empty() || new.id.contains('\0') {
        return Err(Problem::invalid("id", "must be given"));
    }
    ask::must_fit("id", &new.id, MAX_ID)?;
    if new.attachments.len() > MAX_FILES {
        let message = format!("must not be more than {MAX_FILES}");
        return Err(Problem::invalid("attachments", message));
    }
    Ok(())
}

fn must_be_free(tx: &mut Tx, token: &str) -> Answer<()> {
    match attached::uploaded(tx, token)? {
        Some(_) => Ok(()),
        None => {
            let message = "holds a file that is not here or was sent before";
            Err(Problem::invalid("attachments", message))
        }
    }
}

/// Takes a file that the visitor is about to send, at most 25 MB.
pub async fn upload(
    State(app): State<Shared>,
    Path(id): Path<ChannelId>,
    headers: HeaderMap,
    Upload(mut form): Upload,
) -> Answer<(StatusCode, Json<File>)> {
    let Guest { visitor, .. } = telling(&app, id, &headers).await?;
    app.floods
        .take(&format!("files of {}", visitor.public_id), FILES, app.universe.now())?;
    let row = attachments::receive(&app, None, &mut form).await?;
    Ok((StatusCode::CREATED, Json(file(&row))))
}

/// Notes that the visitor types. What comes too soon is no news.
pub async fn typing(State(app): State<Shared>, Path(id): Path<ChannelId>, headers: HeaderMap) -> Answer<StatusCode> {
    let Guest { visitor, .. } = telling(&app, id, &headers).await?;
    let now = app.universe.now();
    let what = format!("typing of {}", visitor.public_id);
    if app.floods.take(&what, TYPING, now).is_ok() {
        let write = move |tx: &mut Tx| visitors::set_typing(tx, &visitor.public_id, Some(now));
        app.store.write(write).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// How far a visitor has read.
#[derive(Debug, Deserialize)]
pub struct ReadMark {
    up_to: MessageId,
}

/// Notes how far the visitor has read.
pub async fn read(
    State(app): State<Shared>,
    Path(id): Path<ChannelId>,
    headers: HeaderMap,
    Body(mark): Body<ReadMark>,
) -> Answer<StatusCode> {
    let Guest { visitor, .. } = telling(&app, id, &headers).await?;
    let moment = moment(&app);
    let write = move |tx: &mut Tx| visiting::read(tx, &moment, &visitor, mark.up_to);
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives messages as the widget sees them.
pub fn views(tx: &mut Tx, found: Vec<Row>) -> store::Result<Vec<Message>> {
    let ids: Vec<MessageId> = found.iter().map(|row| row.id).collect();
    let files = rows::attachments_of(tx, &ids)?;
    let mut labels = choices::of(tx, &ids)?;
    let users = found.iter().filter(|row| row.author == Author::User);
    let users: BTreeSet<(Named, i64)> = users.filter_map(|row| Some((Named::User, row.author_id?))).collect();
    let names = names::get(tx, &users)?;
    let mut of: HashMap<MessageId, Vec<File>> = HashMap::new();
    for row in &files {
        if let Some(message) = row.message_id {
            of.entry(message).or_default().push(file(row));
        }
    }
    let view = |row: Row| view(of.remove(&row.id), labels.remove(&row.id), &names, row);
    Ok(found.into_iter().map(view).collect())
}

fn view(files: Option<Vec<File>>, labels: Option<Vec<String>>, names: &Names, row: Row) -> Message {
    let labels = labels.unwrap_or_default();
    let (kind, name) = match row.author {
        Author::Customer => ("customer", ""),
        Author::Flow => ("flow", ""),
        Author::System => ("system", ""),
        Author::User => ("agent", row.author_id.map_or("", |id| names.get(Named::User, id))),
    };
    let own = row.provider_id.as_deref().filter(|_| row.direction == Direction::In);
    Message {
        id: row.id,
        direction: row.direction,
        body: without_lines(&row.body, &labels).to_owned(),
        at: row.at,
        status: row.status,
        author: By {
            kind,
            name: name.to_owned(),
        },
        client_id: own
            .and_then(|id| provider::client_id(&row.address, id))
            .map(str::to_owned),
        choices: labels.iter().enumerate().map(choice).collect(),
        attachments: files.unwrap_or_default(),
    }
}

/// A label chosen stands in the thread as what the visitor said. One without a word in it says nothing to a menu, so its
/// number does.
fn choice((index, label): (usize, &String)) -> Choice {
    let says = label.chars().any(char::is_alphanumeric);
    Choice {
        label: label.clone(),
        text: if says { label.clone() } else { (index + 1).to_string() },
    }
}

/// Takes the numbered lines off a menu whose options are shown as buttons.
fn without_lines<'a>(body: &'a str, labels: &[String]) -> &'a str {
    let lines = labels.iter().enumerate();
    let lines: String = lines.map(|(index, label)| format!("\n{} {label}", index + 1)).collect();
    body.strip_suffix(lines.as_str()).unwrap_or(body)
}

fn file(row: &rows::Attachment) -> File {
    File {
        token: row.public_token.clone(),
        name: row.name.clone(),
        content_type: row.content_type.clone(),
        url: format!("/media/{}", row.public_token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_stand_instead_of_numbered_lines() {
        let labels = ["Rooms".to_owned(), "👍".to_owned()];
        assert_eq!(without_lines("What is it?\n1 Rooms\n2 👍", &labels), "What is it?");
        assert_eq!(without_lines("How was it?", &labels), "How was it?");
        let texts: Vec<String> = labels
            .iter()
            .enumerate()
            .map(choice)
            .map(|choice| choice.text)
            .collect();
        assert_eq!(texts, ["Rooms", "2"]);
    }
}
