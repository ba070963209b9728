//! Short links for texts: signed, for a time, to the company's own websites only. The first browser that comes by one is
//! joined to whoever was texted.
//!
//! Opening a link joins nothing, for programs open links too, to show a preview. The page behind it does, by what its own
//! library tells: that takes a browser that runs it. See docs/identity.md.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    Actor, ConversationId, LinkId, SourceId, Time,
    collection::Call,
    identity::{JoinReason, NamedId, Verdict, Whose},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use store::{
    Tx, channels, conversations, customers,
    links::{self, Link},
    messages, sources,
};

use super::{
    Moment, find,
    joining::{self, Evidence},
};
use crate::http::problem::{Answer, Problem};

/// What the token is called in the address of the page that a link leads to.
pub const PARAMETER: &str = "rapport_link";

/// How long a link joins. It leads to its page for ever.
const LIFE_SECONDS: i64 = 7 * 86_400;

/// The bytes of a signature in a token: enough that nobody guesses one, few enough for a text.
const SIGNATURE: usize = 10;

const MAX_URL: usize = 2_000;

/// Makes a link to a page of the company's own for whoever a conversation is with; gives its token.
pub fn make(
    tx: &mut Tx,
    moment: &Moment,
    (conversation, url): (ConversationId, &str),
    fresh_key: &str,
) -> Answer<(String, Time)> {
    let conversation = find::working(tx, conversation)?;
    let url = own(tx, url)?.ok_or_else(|| {
        let detail = "is not a page of a website that a source names under \"websites that may tell\"";
        Problem::invalid("url", detail)
    })?;
    let link = Link {
        id: LinkId(0),
        profile_id: conversation.profile_id,
        conversation_id: conversation.id,
        url: url.to_string(),
        expires_at: moment.now.plus_seconds(LIFE_SECONDS),
    };
    let id = links::insert(tx, &link, moment.now)?;
    let key = links::key(tx, fresh_key)?;
    Ok((token(&key, &Link { id, ..link.clone() }), link.expires_at))
}

/// Reads an address and gives it if it is on one of the company's own websites.
fn own(tx: &mut Tx, url: &str) -> Answer<Option<reqwest::Url>> {
    let Ok(url) = url.trim().parse::<reqwest::Url>() else {
        return Ok(None);
    };
    let origin = url.origin().ascii_serialization();
    let is_plain = url.username().is_empty() && url.password().is_none() && url.as_str().len() <= MAX_URL;
    let sources = sources::list(tx)?;
    let mut origins = sources.iter().filter(|source| source.disabled_at.is_none());
    let is_own = is_plain && origins.any(|source| source.origins.contains(&origin));
    Ok(is_own.then_some(url))
}

/// Where a link leads.
pub enum Way {
    /// To this page, with the token: whoever comes there may be joined.
    With(String),
    /// To this page, and no more.
    Bare(String),
}

/// Finds where a token leads; a refusal when it is none of ours or its website is the company's no more.
pub fn follow(tx: &mut Tx, text: &str, is_program: bool, now: Time) -> Answer<Way> {
    let gone = || Problem::new(StatusCode::NOT_FOUND, "not_found", "this link leads nowhere");
    let link = read(tx, text)?.ok_or_else(gone)?;
    let mut url = own(tx, &link.url)?.ok_or_else(gone)?;
    if is_program || link.expires_at <= now {
        return Ok(Way::Bare(url.into()));
    }
    url.query_pairs_mut().append_pair(PARAMETER, text);
    Ok(Way::With(url.into()))
}

/// Whether a browser's name for itself is that of a program that looks at links, for a preview or a list.
pub fn is_program(agent: &str) -> bool {
    const PROGRAMS: [&str; 14] = [
        "bot",
        "crawl",
        "spider",
        "preview",
        "facebookexternalhit",
        "whatsapp",
        "slack",
        "telegram",
        "discord",
        "skype",
        "headless",
        "curl",
        "wget",
        "scan",
    ];
    // A telephone of that name is none.
    let agent = agent.to_ascii_lowercase().replace("cubot", "");
    agent.is_empty() || PROGRAMS.iter().any(|word| agent.contains(word))
}

/// Joins the browser that a call names to whoever was texted the link by which it came. Gives whether files changed.
pub fn came_by(tx: &mut Tx, source: SourceId, call: &Call, token: &str, agent: Option<&str>) -> store::Result<bool> {
    let Some(browser) = &call.anonymous_id else {
        return Ok(false);
    };
    if agent.is_some_and(is_program) {
        return Ok(false);
    }
    let Some(link) = read(tx, token)?.filter(|link| call.at < link.expires_at) else {
        return Ok(false);
    };
    let owner = customers::owner(tx, "anonymous_id", browser)?;
    let Some(Whose { profile, customer }) = owner.map(|owner| owner.whose) else {
        return Ok(false);
    };
    if customers::whose(tx, link.profile_id)?.customer == customer || !links::come_by(tx, link.id, browser)? {
        return Ok(false);
    }
    let texted = with(tx, link.conversation_id)?;
    let evidence = Evidence {
        reason: JoinReason::Link,
        ids: texted
            .into_iter()
            .chain([NamedId::new("anonymous_id", browser)])
            .collect(),
        source: Some(source),
        is_certain: true,
    };
    let moment = Moment {
        now: call.at,
        actor: Actor::SYSTEM,
    };
    let verdict = joining::join(tx, &moment, (link.profile_id, profile), &evidence)?;
    if verdict == Verdict::Join {
        customers::verify(tx, ("anonymous_id", browser))?;
    }
    Ok(verdict == Verdict::Join)
}

/// Gives whom a conversation is with, as they are known on its channel.
fn with(tx: &mut Tx, conversation: ConversationId) -> store::Result<Option<NamedId>> {
    let conversation = conversations::get(tx, conversation)?.ok_or(store::Error::NotFound)?;
    let channel = channels::get(tx, conversation.channel_id)?.ok_or(store::Error::NotFound)?;
    let address = messages::address_in(tx, conversation.id, channel.id)?;
    Ok(address.map(|address| NamedId::new(channel.identity(), &address)))
}

/// Finds the token in what a library tells of the page: its address, or the part of it behind the question mark.
pub fn token_in(call: &Value) -> Option<String> {
    let pages = [
        "/properties/url",
        "/properties/search",
        "/context/page/url",
        "/context/page/search",
    ];
    pages.iter().find_map(|place| {
        let text = call.pointer(place)?.as_str()?;
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        let query = query.split('#').next()?;
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(PARAMETER)?.strip_prefix('='))
            .map(str::to_owned)
    })
}

/// Writes the token: the link's number and a signature over all that it stands for.
fn token(key: &str, link: &Link) -> String {
    let number = link.id.0.to_be_bytes();
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let mut bytes = number[zeros..].to_vec();
    bytes.extend(signature(key, link));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a token and gives its link, if the signature is ours.
fn read(tx: &mut Tx, text: &str) -> store::Result<Option<Link>> {
    let Some(bytes) = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .filter(|bytes| bytes.len() > SIGNATURE)
    else {
        return Ok(None);
    };
    let (number, _) = bytes.split_at(bytes.len() - SIGNATURE);
    if number.len() > 8 {
        return Ok(None);
    }
    let id = number.iter().fold(0_u64, |id, byte| id << 8 | u64::from(*byte));
    let Some(key) = links::known_key(tx)? else {
        return Ok(None);
    };
    let Some(link) = links::get(tx, LinkId(i64::try_from(id).unwrap_or(0)))? else {
        return Ok(None);
    };
    // As a whole, and in a time that says nothing.
    let mac = mac(&key, &link);
    let given = &bytes[number.len()..];
    Ok(mac.verify_truncated_left(given).is_ok().then_some(link))
}

fn signature(key: &str, link: &Link) -> Vec<u8> {
    mac(key, link).finalize().into_bytes()[..SIGNATURE].to_vec()
}

fn mac(key: &str, link: &Link) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key may have any length");
    let said = format!(
        "text link\n{}\n{}\n{}\n{}",
        link.id, link.profile_id, link.expires_at.0, link.url
    );
    mac.update(said.as_bytes());
    mac
}

/// Gives the conversation's whole address for a token.
pub fn address(public_url: &str, token: &str) -> String {
    format!("{public_url}/l/{token}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_found_where_libraries_tell_of_the_page() {
        let table = [
            (
                json!({"context": {"page": {"search": "?a=1&rapport_link=XY-z"}}}),
                Some("XY-z"),
            ),
            (
                json!({"properties": {"url": "https://a.example/x?rapport_link=XY#top"}}),
                Some("XY"),
            ),
            (
                json!({"properties": {"url": "https://a.example/rapport_link=XY"}}),
                None,
            ),
            (json!({"properties": {"note": "rapport_link=XY"}}), None),
        ];
        for (call, token) in table {
            assert_eq!(token_in(&call).as_deref(), token, "{call}");
        }
    }

    #[test]
    fn programs_that_look_at_links_are_known_by_their_names() {
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1";
        assert!(!is_program(phone));
        assert!(!is_program(
            "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/120.0 Mobile Safari/537.36"
        ));
        for program in [
            "",
            "facebookexternalhit/1.1 Facebot Twitterbot/1.0",
            "WhatsApp/2.23",
            "Mozilla/5.0 (compatible; Googlebot/2.1)",
            "Slackbot-LinkExpanding 1.0",
            "curl/8.5",
        ] {
            assert!(is_program(program), "{program}");
        }
    }
}
