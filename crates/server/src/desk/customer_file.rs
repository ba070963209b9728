//! A customer's file: making one, and changing what it says. Every change is on the timeline.

use std::collections::BTreeMap;

use channel::phone;
use domain::{CustomerId, Event, IdentityId, event::Change, identity::NamedId, settings::Settings};
use store::{
    Tx,
    customers::{self, Customer},
};

use super::{Moment, find, suggesting, tags};
use crate::http::problem::{Answer, Problem};

/// A customer to be made.
#[derive(Debug, Clone, Default)]
pub struct New {
    /// The name, if it is known.
    pub name: String,
    /// Addresses and ids, each a kind and a value.
    pub identities: Vec<(String, String)>,
    /// What else is known.
    pub traits: BTreeMap<String, String>,
}

impl New {
    /// A customer of whom only the number is known.
    pub fn with_phone(number: String) -> New {
        New {
            identities: vec![("phone".to_owned(), number)],
            ..New::default()
        }
    }
}

/// What is to change; `None` stays as it is, and so do traits that are not named. A trait that is `None` goes.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Changes {
    pub name: Option<String>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub traits: BTreeMap<String, Option<String>>,
    pub tags: Option<Vec<String>>,
}

/// The longest name, value or trait that is kept, in characters.
pub const MAX_VALUE: usize = 500;
/// How many traits a file holds.
pub const MAX_TRAITS: usize = 200;

/// Makes a customer. An identity that belongs to somebody else is a conflict that names them.
pub fn create(tx: &mut Tx, moment: &Moment, settings: &Settings, new: &New) -> Answer<CustomerId> {
    short("name", &new.name)?;
    let name = new.name.trim().to_owned();
    let id = customers::insert(tx, &name, moment.now)?;
    moment.record_for_customer(tx, id, Event::CustomerCreated { name })?;
    for (kind, value) in &new.identities {
        add_identity(tx, moment, settings, id, (kind, value))?;
    }
    let traits = new
        .traits
        .iter()
        .map(|(key, value)| (key.clone(), Some(value.clone())))
        .collect();
    change(
        tx,
        moment,
        id,
        &Changes {
            traits,
            ..Changes::default()
        },
    )?;
    customers::index(tx, id)?;
    Ok(id)
}

/// Changes a customer's file.
pub fn change(tx: &mut Tx, moment: &Moment, id: CustomerId, changes: &Changes) -> Answer<()> {
    let mut customer = find::customer(tx, id)?;
    let mut done = set_fields(&mut customer, changes)?;
    if !done.is_empty() {
        customers::update(tx, &customer, moment.now)?;
    }
    done.extend(set_traits(tx, moment, id, &changes.traits)?);
    if !done.is_empty() {
        moment.record_for_customer(tx, id, Event::CustomerChanged { changes: done })?;
        customers::index(tx, id)?;
    }
    if let Some(tags) = &changes.tags {
        let tags = tags::clean(tags)?;
        if customers::tags(tx, id)? != tags {
            customers::set_tags(tx, id, &tags)?;
            moment.record_for_customer(tx, id, Event::CustomerTagged { tags })?;
        }
    }
    Ok(())
}

/// Puts an identity on a file, in its one spelling.
pub fn add_identity(
    tx: &mut Tx,
    moment: &Moment,
    settings: &Settings,
    id: CustomerId,
    (kind, value): (&str, &str),
) -> Answer<IdentityId> {
    let (kind, value) = spell(kind, value, settings)?;
    if kind == "phone" {
        // Short codes and senders' names are on file where they texted; nobody is to be put down as one.
        phone::number(&value, &settings.country).map_err(|problem| Problem::invalid("value", problem.to_string()))?;
    }
    let Some(identity) = customers::add_identity(tx, id, (&kind, &value), false, moment.now)? else {
        let owner = customers::by_identity(tx, &kind, &value)?;
        let detail = format!(
            "{kind} {value} is on the file of {}",
            if owner == Some(id) { "this" } else { "another" }
        );
        let problem = Problem::conflict("identity_taken", format!("{detail} customer"));
        return Err(problem.with("customer_id", owner.map_or(0, |owner| owner.0)));
    };
    customers::index(tx, id)?;
    suggesting::found(tx, id, &NamedId::new(&kind, &value), moment.now)?;
    moment.record_for_customer(tx, id, Event::IdentityAdded { kind, value })?;
    Ok(identity)
}

/// Takes an identity from a file.
pub fn remove_identity(tx: &mut Tx, moment: &Moment, id: CustomerId, identity: IdentityId) -> Answer<()> {
    let removed = customers::remove_identity(tx, id, identity)?;
    let removed = removed.ok_or_else(|| Problem::not_found(format!("identity {identity}")))?;
    customers::index(tx, id)?;
    let event = Event::IdentityRemoved {
        kind: removed.kind,
        value: removed.value,
    };
    moment.record_for_customer(tx, id, event)?;
    Ok(())
}

/// Gives an identity its one spelling: numbers in E.164, mail addresses in lower case.
pub fn spell(kind: &str, value: &str, settings: &Settings) -> Answer<(String, String)> {
    let kind = kind.trim().to_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if kind.is_empty() || kind.len() > 40 || !kind.chars().all(plain) {
        return Err(Problem::invalid(
            "kind",
            "must be a word such as phone, email or user_id",
        ));
    }
    let value = value.trim();
    short("value", value)?;
    let value = match kind.as_str() {
        "phone" => {
            phone::normalize(value, &settings.country)
                .map_err(|problem| Problem::invalid("value", problem.to_string()))?
                .value
        }
        "email" if !value.contains('@') => return Err(Problem::invalid("value", "is not a mail address")),
        "email" => value.to_lowercase(),
        _ if value.is_empty() => return Err(Problem::invalid("value", "must not be empty")),
        _ => value.to_owned(),
    };
    Ok((kind, value))
}

fn set_fields(customer: &mut Customer, changes: &Changes) -> Answer<Vec<Change>> {
    if let Some(zone) = changes.time_zone.as_deref().filter(|zone| !zone.is_empty())
        && jiff::tz::TimeZone::get(zone).is_err()
    {
        return Err(Problem::invalid(
            "time_zone",
            "is not the name of a time zone, such as America/New_York",
        ));
    }
    let fields = [
        ("name", &mut customer.name, &changes.name),
        ("locale", &mut customer.locale, &changes.locale),
        ("time_zone", &mut customer.time_zone, &changes.time_zone),
    ];
    let mut done = Vec::new();
    for (what, now, new) in fields {
        let Some(new) = new.as_deref().map(str::trim).filter(|new| new != now) else {
            continue;
        };
        short(what, new)?;
        let from = std::mem::replace(now, new.to_owned());
        done.push(Change {
            what: what.to_owned(),
            from,
            to: new.to_owned(),
        });
    }
    Ok(done)
}

fn set_traits(
    tx: &mut Tx,
    moment: &Moment,
    id: CustomerId,
    traits: &BTreeMap<String, Option<String>>,
) -> Answer<Vec<Change>> {
    let mut done = Vec::new();
    for (key, value) in traits {
        if key.trim().is_empty() || key.chars().count() > 100 {
            return Err(Problem::invalid("traits", "need names of 1 to 100 characters"));
        }
        short("traits", value.as_deref().unwrap_or_default())?;
        let from = customers::set_trait(tx, id, key, value.as_deref(), moment.now)?.unwrap_or_default();
        if suggesting::ADDRESSES.contains(&key.as_str()) {
            let settings = store::settings::get(tx)?;
            suggesting::told(
                tx,
                &settings,
                id,
                (key, value.as_deref().unwrap_or_default()),
                moment.now,
            )?;
        }
        let to = value.clone().unwrap_or_default();
        if from != to {
            done.push(Change {
                what: key.clone(),
                from,
                to,
            });
        }
    }
    if !done.is_empty() && customers::traits(tx, id)?.len() > MAX_TRAITS {
        return Err(Problem::invalid("traits", format!("must be at most {MAX_TRAITS}")));
    }
    Ok(done)
}

fn short(field: &str, value: &str) -> Answer<()> {
    if value.chars().count() > MAX_VALUE {
        return Err(Problem::invalid(
            field,
            format!("must not be longer than {MAX_VALUE} characters"),
        ));
    }
    Ok(())
}
