//! Looking for words in a timeline: in what its events say and in the names they mention. Words of a screen are the web
//! app's, so it cannot look for those.

use domain::{CustomerId, EventId, Time};
use serde_json::Value;
use store::{Tx, events};

use super::{TimelineEvent, views};
use crate::http::{page::Page, problem::Answer};

/// How many events are read at a time.
const STRETCH: i64 = 500;
/// How many are looked through for one page; the next page goes on behind them.
const MOST: usize = 5_000;

/// What is looked for, and where to go on.
pub struct Search {
    words: Vec<String>,
    /// Only these kinds; empty means all.
    pub kinds: Vec<String>,
    /// Only events before this one.
    pub before: Option<(Time, EventId)>,
}

impl Search {
    /// Looks for all words of a query.
    pub fn new(query: &str, kinds: Vec<String>, before: Option<(Time, EventId)>) -> Search {
        let words = query.to_lowercase().split_whitespace().map(str::to_owned).collect();
        Search { words, kinds, before }
    }

    /// Gives what was found, newest first. A page may be short, and even empty, while there is more to look through.
    pub fn page(&self, tx: &mut Tx, customer: CustomerId, limit: i64) -> Answer<Page<TimelineEvent>> {
        let wanted = usize::try_from(limit).unwrap_or(0);
        let (mut items, mut before, mut looked) = (Vec::new(), self.before, 0);
        loop {
            let events = events::timeline(tx, customer, &self.kinds, before, STRETCH)?;
            let is_end = i64::try_from(events.len()) != Ok(STRETCH);
            looked += events.len();
            before = events.last().map(|event| (event.happening.at, event.id)).or(before);
            items.extend(views(tx, events)?.into_iter().filter(|event| self.fits(event)));
            if items.len() > wanted {
                return Ok(Page::cut(items, limit, |event| [event.at.0, event.id.0]));
            }
            if is_end || looked >= MOST {
                let next = before.filter(|_| !is_end);
                let next = next.map(|(at, id)| format!("{}.{}", at.0, id.0));
                return Ok(Page { items, next });
            }
        }
    }

    fn fits(&self, event: &TimelineEvent) -> bool {
        let mut text = String::new();
        let told = serde_json::to_value(&event.event).expect("an event has only string keys");
        gather(&told["data"], &mut text);
        let names = &event.names;
        let named = [
            &names.team,
            &names.user,
            &names.channel,
            &names.flow,
            &names.source,
            &names.message,
        ];
        let named = named.into_iter().flatten().chain([&event.actor.name]);
        named.for_each(|name| add(name, &mut text));
        self.words.iter().all(|word| text.contains(word))
    }
}

/// Gathers all words in a value, whatever their keys.
fn gather(value: &Value, text: &mut String) {
    match value {
        Value::String(words) => add(words, text),
        Value::Array(all) => all.iter().for_each(|one| gather(one, text)),
        Value::Object(all) => all.values().for_each(|one| gather(one, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn add(words: &str, text: &mut String) {
    text.push('\n');
    text.push_str(&words.to_lowercase());
}
