//! What a chat is like, as managers set it, and the keys that the company signs tokens with.

use channel::chat::{Chat, Key, Question, Texts};
use domain::SourceId;

use super::*;
use crate::{
    api::sources,
    http::ask::{self, MAX_NAME, given},
};

/// How many keys a chat has at once: the one in use, and its successor while that is handed out.
const MAX_KEYS: usize = 2;
/// How many questions come before the first message.
const MAX_QUESTIONS: usize = 5;
/// The most characters of a text of the widget's.
const MAX_TEXT: usize = 500;

/// What a chat is like.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Chat)]
pub struct ChatView {
    /// The colour of its buttons, as `#rrggbb`; empty for the widget's own.
    colour: String,
    texts: Texts,
    /// The websites that may have it; empty means any.
    origins: Vec<String>,
    /// Whether it hides while nobody is there.
    hides_when_closed: bool,
    /// Whether only those may write whom a token of the company's names.
    verified_only: bool,
    questions: Vec<Question>,
    /// The source that page views are told to; null where they are not told.
    source_id: Option<SourceId>,
    /// The channel by which visitors who have left are texted what they have not read; null where they are not.
    goes_on_by: Option<ChannelId>,
    /// The numbers of the keys that tokens may be signed with, the older one first.
    keys: Vec<i64>,
    /// The script that puts it onto a page.
    script: String,
}

/// What a chat is to be like; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = ChatForm)]
pub struct ChatForm {
    colour: Option<String>,
    texts: Option<Texts>,
    /// Web origins, such as `https://www.example.com`.
    origins: Option<Vec<String>>,
    hides_when_closed: Option<bool>,
    verified_only: Option<bool>,
    questions: Option<Vec<Question>>,
    /// A source; null tells no page views.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    source_id: Option<Option<SourceId>>,
    /// A channel of texts; null texts nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    goes_on_by: Option<Option<ChannelId>>,
}

/// Gives a chat without its secrets.
pub fn view(config: &serde_json::Value, public_url: &str) -> ChatView {
    let chat = read(config);
    ChatView {
        colour: chat.colour,
        texts: chat.texts,
        origins: chat.origins,
        hides_when_closed: chat.hides_when_closed,
        verified_only: chat.verified_only,
        questions: chat.questions,
        source_id: chat.source.map(SourceId),
        goes_on_by: chat.goes_on_by.map(ChannelId),
        keys: chat.keys.iter().map(|key| key.id).collect(),
        script: format!("{public_url}/widget.js"),
    }
}

fn read(config: &serde_json::Value) -> Chat {
    serde_json::from_value(config.clone()).unwrap_or_default()
}

/// Puts what was filled in into a chat's settings, or says what is wrong with it.
pub fn fill(tx: &mut Tx, config: &mut serde_json::Value, form: &ChatForm) -> Answer<()> {
    let mut chat = read(config);
    if let Some(colour) = &form.colour {
        chat.colour = colour.trim().to_lowercase();
    }
    if let Some(texts) = &form.texts {
        chat.texts = texts.clone();
    }
    if let Some(origins) = &form.origins {
        chat.origins = sources::clean(origins)?;
    }
    chat.hides_when_closed = form.hides_when_closed.unwrap_or(chat.hides_when_closed);
    chat.verified_only = form.verified_only.unwrap_or(chat.verified_only);
    if let Some(questions) = &form.questions {
        chat.questions = questions.clone();
    }
    if let Some(source) = form.source_id {
        if let Some(id) = source
            && store::sources::get(tx, id)?.is_none()
        {
            return Err(Problem::invalid("source_id", "is not a source"));
        }
        chat.source = source.map(|source| source.0);
    }
    if let Some(texts) = form.goes_on_by {
        if let Some(id) = texts
            && !channels::get(tx, id)?.is_some_and(|channel| channel.is_phone())
        {
            return Err(Problem::invalid("goes_on_by", "is not a channel of texts"));
        }
        chat.goes_on_by = texts.map(|texts| texts.0);
    }
    check(&chat)?;
    keep(config, &chat)
}

fn keep(config: &mut serde_json::Value, chat: &Chat) -> Answer<()> {
    *config = serde_json::to_value(chat).map_err(anyhow::Error::from)?;
    Ok(())
}

fn check(chat: &Chat) -> Answer<()> {
    let digits = chat.colour.strip_prefix('#').unwrap_or_default();
    let is_colour = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !chat.colour.is_empty() && !is_colour {
        return Err(Problem::invalid("colour", "must be like #1a73e8"));
    }
    for (field, text) in [
        ("title", &chat.texts.title),
        ("greeting", &chat.texts.greeting),
        ("away", &chat.texts.away),
    ] {
        ask::must_fit(field, text, MAX_TEXT)?;
    }
    if chat.questions.len() > MAX_QUESTIONS {
        let message = format!("must not be more than {MAX_QUESTIONS}");
        return Err(Problem::invalid("questions", message));
    }
    for (n, question) in chat.questions.iter().enumerate() {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_key = !question.key.is_empty() && question.key.len() <= 40 && question.key.chars().all(is_plain);
        let is_own = chat.questions[..n].iter().all(|other| other.key != question.key);
        if !is_key || !is_own || question.label.trim().is_empty() {
            let message = "each need a word of their own, such as name or order_number, and a text";
            return Err(Problem::invalid("questions", message));
        }
        ask::must_fit("questions", &question.label, MAX_NAME)?;
    }
    Ok(())
}

/// A key that tokens may be signed with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelKey {
    /// Its number.
    id: i64,
    /// The secret, told this once.
    secret: String,
}

/// Gives a chat another key beside the one it has, so that the old one can be replaced while both work.
#[utoipa::path(
    post, path = "/api/channels/{id}/keys", tag = "channels",
    responses((status = 201, body = ChannelKey), (status = 403), (status = 404), (status = 409, description = "it has two keys"))
)]
pub async fn add_key(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> Answer<(StatusCode, Json<ChannelKey>)> {
    caller.must_be(Role::Manager)?;
    let (moment, app_in, secret) = (caller.moment(&app), app.clone(), app.universe.token());
    let write = move |tx: &mut Tx| {
        let mut channel = find_chat(tx, id)?;
        let mut chat = read(&channel.config);
        if chat.keys.len() >= MAX_KEYS {
            let detail = "it has two keys: take the older one away first";
            return Err(Problem::conflict("conflict", detail));
        }
        let id = chat.keys.last().map_or(1, |key| key.id + 1);
        let secret = secret.clone();
        chat.keys.push(Key {
            id,
            secret: secret.clone(),
        });
        keep(&mut channel.config, &chat)?;
        channels::update(tx, &channel)?;
        saved(tx, &app_in, &moment, channel.id)?;
        Ok(ChannelKey { id, secret })
    };
    Ok((StatusCode::CREATED, Json(app.store.write(write).await?)))
}

/// Takes a key away: tokens that it has signed are refused from now on.
#[utoipa::path(
    delete, path = "/api/channels/{id}/keys/{key}", tag = "channels", params(("key" = i64, Path)),
    responses((status = 204), (status = 403), (status = 404))
)]
pub async fn remove_key(
    State(app): State<Shared>,
    caller: Caller,
    Path((id, key)): Path<(ChannelId, i64)>,
) -> Answer<StatusCode> {
    caller.must_be(Role::Manager)?;
    let (moment, app_in) = (caller.moment(&app), app.clone());
    let write = move |tx: &mut Tx| {
        let mut channel = find_chat(tx, id)?;
        let mut chat = read(&channel.config);
        let before = chat.keys.len();
        chat.keys.retain(|known| known.id != key);
        if chat.keys.len() == before {
            return Err(Problem::not_found("this key"));
        }
        keep(&mut channel.config, &chat)?;
        channels::update(tx, &channel)?;
        saved(tx, &app_in, &moment, id).map(drop)
    };
    app.store.write(write).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find_chat(tx: &mut Tx, id: ChannelId) -> Answer<Channel> {
    let channel = find(tx, id)?;
    if channel.kind == ChannelKind::Chat.as_str() {
        Ok(channel)
    } else {
        Err(Problem::not_found(format!("chat {id}")))
    }
}
