//! What a flow may know: the customer's file, the company, the moment. The host gathers it; texts and conditions see it.

use std::collections::BTreeMap;

use domain::{Time, settings::CompanyTexts};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{limits, session::Session};

/// What is known when a text comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Facts {
    /// The customer's file.
    pub customer: Customer,
    /// The company's name.
    pub company: String,
    /// The channel's name.
    pub channel: String,
    /// Whether it is business hours now.
    pub open: bool,
    /// Now.
    pub now: Time,
    /// IANA name of the zone that days are counted in: the customer's where it is known, else the company's.
    pub time_zone: String,
    /// Whether the customer has never written before.
    pub first_message: bool,
    /// The customer's newest request, also one filed outside this flow.
    pub request: Option<Filed>,
    /// What the customer is told when a person takes over and the flow has no words of its own for it; nothing when empty.
    pub passed_on: String,
}

/// The part of a customer's file that flows see.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Customer {
    /// The name, empty when it is not known.
    pub name: String,
    /// The phone number.
    pub phone: String,
    /// The mail address.
    pub email: String,
    /// Traits on the file.
    pub traits: BTreeMap<String, String>,
    /// Tags on the file.
    pub tags: Vec<String>,
    /// Language and country, such as `en-GB`. Decides whether 3/12 is in March or in December.
    pub locale: String,
}

/// A request on the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Filed {
    /// What kind of request.
    pub kind: String,
    /// One line that says what is asked for.
    pub summary: String,
    /// What was asked and answered.
    pub details: BTreeMap<String, String>,
    /// Where it stands: `filed`, `submitted`, `confirmed` …
    pub status: String,
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            customer: Customer::default(),
            company: String::new(),
            channel: String::new(),
            open: true,
            now: Time(0),
            time_zone: "UTC".to_owned(),
            first_message: false,
            request: None,
            passed_on: CompanyTexts::default().passed_on,
        }
    }
}

impl Facts {
    /// Gives the day that it is for the customer.
    pub(crate) fn today(&self) -> Date {
        let zone = TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC);
        self.now.timestamp().to_zoned(zone).date()
    }
}

/// Names that texts and conditions may use.
pub(crate) const NAMES: [&str; 9] = [
    "customer",
    "answers",
    "request",
    "company",
    "channel",
    "open",
    "input",
    "today",
    "first_message",
];

/// Fields that `customer` has.
pub(crate) const CUSTOMER_NAMES: [&str; 7] = ["name", "first_name", "phone", "email", "traits", "tags", "locale"];

/// Fields that `request` has.
pub(crate) const REQUEST_NAMES: [&str; 4] = ["kind", "summary", "details", "status"];

/// Gives what texts and conditions see: the facts, and what the session has changed since they were gathered.
pub(crate) fn view(facts: &Facts, session: &Session) -> Value {
    let mut customer = facts.customer.clone();
    customer.traits.extend(session.traits.clone());
    for tag in &session.tags {
        if !customer.tags.contains(tag) {
            customer.tags.push(tag.clone());
        }
    }
    let first_name = customer.name.split_whitespace().next().unwrap_or_default();
    json!({
        "customer": {
            "name": customer.name, "first_name": first_name, "phone": customer.phone, "email": customer.email,
            "traits": customer.traits, "tags": customer.tags, "locale": customer.locale,
        },
        "answers": session.answers,
        "request": session.request.as_ref().or(facts.request.as_ref()),
        "company": facts.company,
        "channel": facts.channel,
        "open": facts.open,
        "input": session.input,
        "today": facts.today().to_string(),
        "first_message": facts.first_message,
    })
}

/// Gives the answers as texts, for the details of a request.
pub(crate) fn as_details(answers: &Map<String, Value>) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    answers
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// Cuts a customer's text to what is kept of an answer.
pub(crate) fn cut(text: &str) -> &str {
    match text.char_indices().nth(limits::ANSWER_CHARS) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
