//! Tags: short words that conversations and customers are sorted by.

use domain::Event;
use store::{
    Tx,
    conversations::{self, Conversation},
};

use super::Moment;
use crate::http::problem::{Answer, Problem};

const MAX_TAGS: usize = 30;
const MAX_LENGTH: usize = 50;

/// Gives tags their one spelling: trimmed, white space folded, lower case, each once, in order of the alphabet.
pub fn clean(tags: &[String]) -> Answer<Vec<String>> {
    let mut clean: Vec<String> = tags
        .iter()
        .map(|tag| tag.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
        .filter(|tag| !tag.is_empty())
        .collect();
    clean.sort();
    clean.dedup();
    if clean.len() > MAX_TAGS || clean.iter().any(|tag| tag.chars().count() > MAX_LENGTH) {
        let limits = format!("must be at most {MAX_TAGS}, of at most {MAX_LENGTH} characters each");
        return Err(Problem::invalid("tags", limits));
    }
    Ok(clean)
}

/// Sets exactly these tags on a conversation.
pub fn set(tx: &mut Tx, moment: &Moment, conversation: &Conversation, tags: &[String]) -> Answer<()> {
    let tags = clean(tags)?;
    if conversations::tags(tx, conversation.id)? == tags {
        return Ok(());
    }
    conversations::set_tags(tx, conversation.id, &tags)?;
    moment.record(tx, conversation, Event::ConversationTagged { tags })?;
    Ok(())
}
