//! Arrivals: what an event says of how the customer came there, by which campaign, click or page of somebody else.
//!
//! Pure: it reads what sources told of a page (Segment's `context.campaign`, `context.page` and the page's own properties),
//! and believes nothing that is not there. A visit that says nothing of where it came from is no arrival.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{Event, collection::Object};

/// The ids that advertisers put on a link so that a click is known again, as they are called in the query.
pub const CLICK_IDS: &[&str] = &[
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "fbclid",
    "msclkid",
    "ttclid",
    "li_fat_id",
    "twclid",
    "rdt_cid",
    "epik",
    "sccid",
    "irclickid",
];
/// The most characters of anything that is read from a link.
const MAX_VALUE: usize = 500;

/// How a customer came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Arrival {
    /// Who sent them, such as `google` or `newsletter`; empty when it is not told, and so are all others.
    pub source: String,
    /// By what sort of link, such as `cpc` or `email`.
    pub medium: String,
    /// The campaign's name.
    pub campaign: String,
    /// The words that the advertisement was bought for.
    pub term: String,
    /// Which of a campaign's advertisements.
    pub content: String,
    /// What the advertiser knows the click by, under its name in the link, such as `gclid`.
    pub click_ids: BTreeMap<String, String>,
    /// The page of somebody else that had the link.
    pub referrer: String,
    /// The page that they came to.
    pub page: String,
}

/// Says how a customer came there, where an event tells it.
pub fn arrival(event: &Event) -> Option<Arrival> {
    let (properties, context) = match event {
        Event::PageViewed {
            properties, context, ..
        }
        | Event::ScreenViewed {
            properties, context, ..
        }
        | Event::ActionTracked {
            properties, context, ..
        } => (Some(properties), context),
        Event::CustomerIdentified { context, .. } => (None, context),
        _ => return None,
    };
    let page = context.get("page").and_then(Value::as_object);
    // What a library says of the page holds for all calls made there; a page call has it as its own too.
    let of_page = matches!(event, Event::PageViewed { .. })
        .then_some(properties)
        .flatten();
    let told = |key: &str| {
        let found = page.and_then(|page| text(page, key));
        found.or_else(|| of_page.and_then(|properties| text(properties, key)))
    };
    let campaign = context.get("campaign").and_then(Value::as_object);
    let (url, referrer) = (told("url"), told("referrer"));
    if campaign.is_none() && url.is_none() && told("search").is_none() {
        return None;
    }
    let mut found = Arrival::default();
    if let Some(campaign) = campaign {
        found.take_campaign(campaign);
    }
    for query in [told("search"), url.and_then(|url| Some(url.split_once('?')?.1))]
        .into_iter()
        .flatten()
    {
        found.take_query(query);
    }
    if let Some(referrer) = referrer.filter(|referrer| is_elsewhere(referrer, url)) {
        found.referrer = short(referrer);
    }
    if found == Arrival::default() {
        return None;
    }
    let bare = url.map(|url| url.split(['?', '#']).next().unwrap_or_default());
    found.page = bare.map(short).unwrap_or_default();
    Some(found)
}

impl Arrival {
    fn take_campaign(&mut self, campaign: &Object) {
        for (name, value) in campaign {
            if let Some(field) = self.field(name)
                && let Some(value) = value.as_str()
            {
                *field = short(value);
            }
        }
    }

    /// Takes what a link's query says, where nothing is known of it yet.
    fn take_query(&mut self, query: &str) {
        let query = query.strip_prefix('?').unwrap_or(query);
        let query = query.split('#').next().unwrap_or_default();
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if value.is_empty() {
                continue;
            }
            let key = key.to_ascii_lowercase();
            if let Some(field) = key.strip_prefix("utm_").and_then(|name| self.field(name)) {
                if field.is_empty() {
                    *field = short(&decode(value));
                }
            } else if CLICK_IDS.contains(&key.as_str()) {
                self.click_ids.entry(key).or_insert_with(|| short(&decode(value)));
            }
        }
    }

    /// Gives where a word of a campaign is kept. Segment calls the campaign's name `name`, links `utm_campaign`.
    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "source" => &mut self.source,
            "medium" => &mut self.medium,
            "name" | "campaign" => &mut self.campaign,
            "term" => &mut self.term,
            "content" => &mut self.content,
            _ => return None,
        })
    }
}

fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str().filter(|text| !text.is_empty())
}

fn short(text: &str) -> String {
    text.trim().chars().take(MAX_VALUE).collect()
}

/// Says whether a page is of somebody else than the one it led to. Where that one is not known, nobody can tell.
fn is_elsewhere(referrer: &str, url: Option<&str>) -> bool {
    let Some((from, to)) = host(referrer).zip(url.and_then(host)) else {
        return false;
    };
    let is_part = |one: &str, other: &str| one.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'));
    from != to && !is_part(&from, &to) && !is_part(&to, &from)
}

fn host(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https" | "android-app") {
        return None;
    }
    let host = rest.split(['/', '?', '#', ':']).next()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

/// Reads a value of a query: a plus is a space, `%C3%BC` a letter; what is none of these stays as it is.
fn decode(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let coded = (*first == b'%').then(|| after.get(..2)).flatten();
        let coded = coded.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let coded = coded.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        rest = match coded {
            Some(byte) => {
                bytes.push(byte);
                &after[2..]
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::SourceId;

    fn viewed(properties: Value, context: Value) -> Option<Arrival> {
        let object = |value: Value| value.as_object().expect("an object").clone();
        arrival(&Event::PageViewed {
            source: SourceId(1),
            name: String::new(),
            category: String::new(),
            properties: object(properties),
            context: object(context),
            told_at: None,
        })
    }

    #[test]
    fn a_link_s_words_and_clicks_are_read_wherever_they_stand() {
        let search = "?utm_source=google&utm_medium=cpc&utm_campaign=Fr%C3%BChling+2026&utm_term=&gclid=Cj0_K&x=1";
        let url = format!("https://wander.example/rooms{search}#top");
        let expected = Arrival {
            source: "google".to_owned(),
            medium: "cpc".to_owned(),
            campaign: "Frühling 2026".to_owned(),
            click_ids: [("gclid".to_owned(), "Cj0_K".to_owned())].into(),
            page: "https://wander.example/rooms".to_owned(),
            ..Arrival::default()
        };
        assert_eq!(viewed(json!({}), json!({"page": {"url": url}})), Some(expected.clone()));
        assert_eq!(viewed(json!({"url": url}), json!({})), Some(expected.clone()));
        let page = json!({"page": {"url": "https://wander.example/rooms", "search": search}});
        assert_eq!(viewed(json!({}), page), Some(expected.clone()));
        // What the library read itself counts before the link.
        let campaign = json!({"campaign": {"name": "Spring", "source": "g", "id": 5}, "page": {"url": url}});
        let told = viewed(json!({}), campaign).unwrap();
        assert_eq!(
            (told.campaign.as_str(), told.source.as_str(), told.medium.as_str()),
            ("Spring", "g", "cpc")
        );
    }

    #[test]
    fn a_page_of_somebody_else_is_an_arrival_and_the_site_s_own_is_none() {
        let from = |referrer: &str| {
            let page = json!({"page": {"url": "https://www.wander.example/", "referrer": referrer}});
            viewed(json!({}), page).map(|arrival| arrival.referrer)
        };
        let bing = "https://www.bing.com/search?q=sea";
        assert_eq!(from(bing).as_deref(), Some(bing));
        for own in [
            "https://wander.example/a",
            "https://shop.wander.example/",
            "",
            "nonsense",
            "file:///a",
        ] {
            assert_eq!(from(own), None, "{own}");
        }
        assert_eq!(
            from("https://notwander.example/").as_deref(),
            Some("https://notwander.example/")
        );
        assert_eq!(
            viewed(json!({}), json!({"page": {"referrer": bing}})),
            None,
            "whose page it is is not known"
        );
    }

    #[test]
    fn what_says_nothing_of_it_is_no_arrival() {
        let table = [
            json!({}),
            json!({"page": {"url": "https://wander.example/?page=2"}}),
            json!({"campaign": {"id": 1, "name": 5}}),
            json!({"campaign": "spring", "page": [1]}),
            json!({"page": {"url": "https://wander.example/?utm_source=&gclid&utm_=x"}}),
        ];
        for context in table {
            assert_eq!(viewed(json!({}), context.clone()), None, "{context}");
        }
        assert_eq!(arrival(&Event::ConversationClosed {}), None);
    }

    #[test]
    fn a_query_that_is_no_text_is_read_as_far_as_it_goes() {
        for (value, text) in [
            ("%", "%"),
            ("%4", "%4"),
            ("a%zzb", "a%zzb"),
            ("%ff", "\u{fffd}"),
            ("%+5a", "% 5a"),
        ] {
            assert_eq!(decode(value), text);
        }
        let long = viewed(
            json!({"url": format!("https://a.example/?utm_source={}", "x".repeat(9_000))}),
            json!({}),
        );
        assert_eq!(long.unwrap().source.len(), MAX_VALUE);
    }
}
