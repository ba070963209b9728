//! Taking calls: each goes onto its customer's timeline, once, all of a request in one transaction.

use std::{collections::HashMap, sync::Arc};

use domain::{
    Actor, CustomerId, Event, RefusalId, SourceId, Time,
    collection::{self, Call, CallRefusal, Envelope, MAX_CALL, Object, Tally, Told},
    event::Happening,
    identity::{self, Placing},
};
use sha2::{Digest, Sha256};
use store::{
    Tx, customers,
    customers::Owner,
    events,
    refusals::{self, Asked, Refused},
    sources::{self, Claim, Source},
};

use super::ask::{Form, Request};
use crate::{
    app::Shared,
    desk::customer_file::{MAX_TRAITS, MAX_VALUE},
    http::problem::Answer,
};

/// The most bytes of what held for a whole request, beside each call of it that was refused.
const MAX_ENVELOPE: usize = 4_096;
const USER: &str = "user_id";
const ANONYMOUS: &str = "anonymous_id";

/// What has become of a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Taken {
    /// How many calls went where.
    pub tally: Tally,
    /// Why the last one was refused that was.
    pub refusal: Option<CallRefusal>,
}

/// A call with what it came as.
struct Text {
    text: String,
    read: Result<(Call, i64), CallRefusal>,
}

/// Takes all calls of a request. Gives when they are on disk.
pub async fn all(app: &Shared, source: &Source, request: &Request) -> Answer<Taken> {
    let now = app.universe.now();
    let calls = request.calls.iter().map(|text| Text {
        read: request
            .form
            .read(text, (source.id, now), &request.envelope)
            .map(digested),
        text: text.clone(),
    });
    let (calls, id) = (Arc::new(calls.collect::<Vec<_>>()), source.id);
    let (form, envelope) = (request.form.as_str(), kept(&request.envelope));
    let taken = app.store.write(move |tx| {
        let mut taking = Taking::new(id, now);
        // A call that cannot be kept is rare: only then is each held apart from its siblings.
        match tx.savepoint(|tx| taking.each(tx, &calls, false)) {
            Err(store::Error::Other(_) | store::Error::Conflict(_)) => {
                taking = Taking::new(id, now);
                taking.each(tx, &calls, true)?;
            }
            together => together?,
        }
        let asked = Asked {
            source: id,
            form,
            envelope: &envelope,
            at: now,
        };
        taking.settle(tx, asked)
    });
    taken.await.map_err(|error: store::Error| error.into())
}

/// Takes what was refused of a source and can be taken now, as of when it came; the rest stays. Says how it went.
pub fn again(tx: &mut Tx, source: SourceId, refused: &[Refused], now: Time) -> store::Result<Tally> {
    let mut taking = Taking::new(source, now);
    for row in refused {
        let envelope = serde_json::from_str(&row.envelope).unwrap_or_default();
        let read = Form::of(&row.form).read(&row.body, (source, row.at), &envelope);
        let claim = match read.map(digested) {
            Err(_) => Claim::OtherBody,
            Ok((call, digest)) => tx
                .savepoint(|tx| taking.once_more(tx, row.id, (&call, digest)))
                .or_else(stays)?,
        };
        match claim {
            Claim::New => taking.taken.tally.taken += 1,
            Claim::Repeated => taking.taken.tally.repeated += 1,
            Claim::OtherBody => taking.taken.tally.refused += 1,
        }
    }
    let tally = taking.taken.tally;
    // What is refused again was counted when it came.
    sources::count(tx, source, Tally { refused: 0, ..tally }, now)?;
    Ok(tally)
}

fn stays(error: store::Error) -> store::Result<Claim> {
    match error {
        store::Error::Other(_) | store::Error::Conflict(_) => Ok(Claim::OtherBody),
        error => Err(error),
    }
}

/// Gives an envelope as it is kept beside what was refused. A long one stands beside each of many: it is not kept.
fn kept(envelope: &Envelope) -> String {
    if *envelope == Envelope::default() {
        return String::new();
    }
    let text = serde_json::to_string(envelope).expect("an envelope has only string keys");
    if text.len() <= MAX_ENVELOPE {
        text
    } else {
        String::new()
    }
}

fn digested(call: Call) -> (Call, i64) {
    let hash = Sha256::digest(call.essence().as_bytes());
    let digest = i64::from_be_bytes(hash[..8].try_into().expect("a hash is longer"));
    (call, digest)
}

/// A request on its way to the disk.
struct Taking {
    source: SourceId,
    now: Time,
    taken: Taken,
    refused: Vec<(CallRefusal, String)>,
    /// Whose the ids are that this request has named so far.
    owners: HashMap<(&'static str, String), Option<Owner>>,
}

impl Taking {
    fn new(source: SourceId, now: Time) -> Taking {
        Taking {
            source,
            now,
            taken: Taken::default(),
            refused: Vec::new(),
            owners: HashMap::new(),
        }
    }

    fn each(&mut self, tx: &mut Tx, calls: &[Text], apart: bool) -> store::Result<()> {
        for call in calls {
            let claim = match &call.read {
                Err(refusal) => Err(*refusal),
                Ok((known, digest)) if apart => match tx.savepoint(|tx| self.one(tx, known, *digest)) {
                    Err(error @ (store::Error::Other(_) | store::Error::Conflict(_))) => {
                        tracing::error!(source.id = self.source.0, %error, "a call could not be kept");
                        self.owners.clear();
                        Err(CallRefusal::NotKept)
                    }
                    claim => Ok(claim?),
                },
                Ok((known, digest)) => Ok(self.one(tx, known, *digest)?),
            };
            match claim {
                Ok(Claim::New) => self.taken.tally.taken += 1,
                Ok(Claim::Repeated) => self.taken.tally.repeated += 1,
                Ok(Claim::OtherBody) => self.refuse(CallRefusal::OtherBody, &call.text),
                Err(refusal) => self.refuse(refusal, &call.text),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: CallRefusal, text: &str) {
        self.taken.tally.refused += 1;
        self.taken.refusal = Some(refusal);
        let kept = text.char_indices().nth(MAX_CALL).map_or(text, |(end, _)| &text[..end]);
        // PostgreSQL keeps no such character; as JSON the text means the same with this one.
        self.refused.push((refusal, kept.replace('\0', " ")));
    }

    /// Takes a call that was refused, which is refused no more then.
    fn once_more(&mut self, tx: &mut Tx, id: RefusalId, (call, digest): (&Call, i64)) -> store::Result<Claim> {
        // Whoever comes second finds it gone, and takes nothing.
        if !refusals::remove(tx, id)? {
            return Ok(Claim::Repeated);
        }
        let claim = self.one(tx, call, digest);
        if !matches!(claim, Ok(Claim::New | Claim::Repeated)) {
            self.owners.clear();
        }
        match claim? {
            Claim::OtherBody => Err(store::Error::Conflict("another call has this message id".to_owned())),
            claim => Ok(claim),
        }
    }

    /// Takes one call, unless its message id has been taken.
    fn one(&mut self, tx: &mut Tx, call: &Call, digest: i64) -> store::Result<Claim> {
        if let Some(id) = &call.message_id {
            let claim = sources::claim(tx, self.source, (id, digest), self.now)?;
            if claim != Claim::New {
                return Ok(claim);
            }
        }
        let (customer, profile) = self.whose(tx, call)?;
        if let Told::Happening(event) = &call.told {
            if let Event::CustomerIdentified { traits, .. } = &**event {
                tell_traits(tx, customer, traits, call.at)?;
            }
            events::append_from(tx, &happening(customer, call.at, (**event).clone()), profile)?;
        }
        Ok(Claim::New)
    }

    /// Finds or makes the customer of a call; and under which profile it is recorded, where that is another one.
    fn whose(&mut self, tx: &mut Tx, call: &Call) -> store::Result<(CustomerId, Option<CustomerId>)> {
        let user = self.owner(tx, USER, call.user_id.as_deref())?;
        let browser = self.owner(tx, ANONYMOUS, call.anonymous_id.as_deref())?;
        let placing = identity::place(user.map(told), browser.map(told));
        let customer = match placing.customer {
            Some(customer) => customer,
            None => create(tx, call.at)?,
        };
        if let Some(from) = placing.merges
            && customers::is_only_seen(tx, from)?
        {
            customers::merge(tx, from, customer)?;
            events::hand_over(tx, from, customer)?;
            let source = self.source;
            events::append(
                tx,
                &happening(customer, call.at, Event::CustomerMerged { from, source }),
            )?;
            self.owners.clear();
        }
        self.add(tx, customer, placing, call)?;
        let profile = browser
            .flatten()
            .filter(|_| user.is_none())
            .and_then(|owner| owner.profile);
        Ok((customer, profile))
    }

    /// Says whose an id is: nothing when none was told, else perhaps nobody's yet.
    fn owner(&mut self, tx: &mut Tx, kind: &'static str, id: Option<&str>) -> store::Result<Option<Option<Owner>>> {
        let Some(id) = id else { return Ok(None) };
        let key = (kind, id.to_owned());
        if let Some(owner) = self.owners.get(&key) {
            return Ok(Some(*owner));
        }
        let owner = customers::owner(tx, kind, id)?;
        self.owners.insert(key, owner);
        Ok(Some(owner))
    }

    fn add(&mut self, tx: &mut Tx, customer: CustomerId, placing: Placing, call: &Call) -> store::Result<()> {
        let ids = [
            (USER, call.user_id.as_ref().filter(|_| placing.adds_user)),
            (ANONYMOUS, call.anonymous_id.as_ref().filter(|_| placing.adds_anonymous)),
        ];
        for (kind, id) in ids {
            let Some(id) = id else { continue };
            if customers::add_identity(tx, customer, (kind, id), false, call.at)?.is_some() {
                let (kind, value) = (kind.to_owned(), id.clone());
                events::append(tx, &happening(customer, call.at, Event::IdentityAdded { kind, value }))?;
            }
            // A user id makes all other ids of the customer those of somebody who is known.
            self.owners.clear();
        }
        Ok(())
    }

    /// Keeps what was refused, and counts.
    fn settle(self, tx: &mut Tx, asked: Asked) -> store::Result<Taken> {
        if !self.refused.is_empty() {
            let refused: Vec<(&str, &str)> = self
                .refused
                .iter()
                .map(|(why, text)| (why.as_str(), text.as_str()))
                .collect();
            refusals::keep(tx, asked, &refused)?;
        }
        sources::count(tx, self.source, self.taken.tally, self.now)?;
        Ok(self.taken)
    }
}

fn told(owner: Option<Owner>) -> identity::Told {
    identity::Told {
        owner: owner.map(|owner| owner.customer),
        is_known: owner.is_some_and(|owner| owner.is_known),
    }
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

fn create(tx: &mut Tx, at: Time) -> store::Result<CustomerId> {
    let id = customers::insert(tx, "", at)?;
    let created = Event::CustomerCreated { name: String::new() };
    events::append(tx, &happening(id, at, created))?;
    Ok(id)
}

/// Puts what was told of a person on the file, where nothing newer is known. What is too long for a file, or too much,
/// is in the event only.
fn tell_traits(tx: &mut Tx, customer: CustomerId, traits: &Object, at: Time) -> store::Result<()> {
    let known = customers::traits(tx, customer)?;
    let mut room = MAX_TRAITS.saturating_sub(known.len());
    for (key, value) in traits {
        let text = collection::trait_text(value);
        let fits = |text: &str| text.chars().count() <= MAX_VALUE && !text.contains('\0');
        if !fits(key) || text.as_deref().is_some_and(|text| !fits(text)) {
            continue;
        }
        if !known.contains_key(key) && text.is_some() {
            if room == 0 {
                continue;
            }
            room -= 1;
        }
        customers::tell_trait(tx, customer, key, text.as_deref(), at)?;
    }
    if let Some(name) = collection::name_of(traits).filter(|name| name.chars().count() <= MAX_VALUE)
        && let Some(mut file) = customers::get(tx, customer)?
        && file.name.is_empty()
    {
        file.name = name;
        customers::update(tx, &file, at)?;
    }
    customers::index(tx, customer)
}
