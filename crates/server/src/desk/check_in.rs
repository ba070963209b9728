//! Checking in at a place: whoever scans its code is put down as having been there.
//!
//! What they give to be known by is kept as they gave it. Nobody has made sure that it is theirs, so it finds no other file
//! and joins none, it only suggests one to a person: a stranger's number must not open a stranger's file.

use channel::phone;
use domain::{Actor, CustomerId, Event, Time, event::Happening, settings::Settings};
use store::{
    Tx, customers, events,
    places::Place,
    told::{self, When},
};

use super::{
    customer_file::{MAX_TRAITS, spell},
    suggesting,
};
use crate::http::problem::{Answer, Problem};

/// Under which kind the browser is known again that somebody checks in with.
const BROWSER: &str = "anonymous_id";

/// Somebody who checks in.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The browser's own id.
    pub browser: String,
    /// What they gave to be known by: `phone` or `email`, and what it is.
    pub given: Option<(String, String)>,
}

impl Guest {
    /// Gives what was given in its one spelling; refuses what is neither a number nor a mail address.
    pub fn spelled(self, settings: &Settings) -> Answer<Guest> {
        let given = match self.given {
            Some((kind, value)) if kind == "phone" => {
                let number = phone::number(&value, &settings.country)
                    .map_err(|problem| Problem::invalid("value", problem.to_string()))?;
                Some((kind, number))
            }
            Some((kind, value)) => Some(spell(&kind, &value, settings)?),
            None => None,
        };
        Ok(Guest { given, ..self })
    }
}

/// Puts it down that somebody is there, on the file of the browser.
pub fn check_in(
    tx: &mut Tx,
    settings: &Settings,
    (place, guest): (&Place, &Guest),
    now: Time,
) -> store::Result<CustomerId> {
    let whose = match customers::owner(tx, BROWSER, &guest.browser)? {
        Some(owner) => owner.whose,
        None => create(tx, &guest.browser, now)?.into(),
    };
    let (given_kind, given) = guest.given.clone().unwrap_or_default();
    if !given.is_empty() && customers::traits(tx, whose.customer)?.len() < MAX_TRAITS {
        let when = When {
            at: now,
            message_id: "",
        };
        told::traits(tx, whose, &[(&given_kind, Some(&given))], when)?;
        suggesting::told(tx, settings, whose.profile, (&given_kind, &given), now)?;
        customers::index(tx, whose.customer)?;
    }
    let event = Event::CheckedIn {
        place: place.id,
        name: place.name.clone(),
        given_kind,
        given,
    };
    events::append_from(tx, &happening(whose.customer, now, event), whose.other_profile())?;
    Ok(whose.customer)
}

fn create(tx: &mut Tx, browser: &str, now: Time) -> store::Result<CustomerId> {
    let customer = customers::insert(tx, "", now)?;
    let created = Event::CustomerCreated { name: String::new() };
    events::append(tx, &happening(customer, now, created))?;
    customers::add_identity(tx, customer, (BROWSER, browser), false, now)?;
    let (kind, value) = (BROWSER.to_owned(), browser.to_owned());
    events::append(tx, &happening(customer, now, Event::IdentityAdded { kind, value }))?;
    customers::index(tx, customer)?;
    Ok(customer)
}

fn happening(customer: CustomerId, at: Time, event: Event) -> Happening {
    Happening {
        at,
        customer: Some(customer),
        conversation: None,
        actor: Actor::customer(customer),
        event,
    }
}
