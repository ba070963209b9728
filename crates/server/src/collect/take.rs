//! Taking calls: each goes onto its customer's timeline, once, all of a request in one transaction.

use std::{collections::HashMap, sync::Arc};

use domain::{
    Event, SourceId, Time,
    collection::{self, Call, CallRefusal, Envelope, MAX_CALL, Object, Tally, Told},
    identity::{self, Whose, Word},
    settings::Settings,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{
    Tx, customers,
    customers::Owner,
    events::{self, Written},
    refusals::{self, Asked, Refused},
    sources::{self, Claim, Source},
    told::{self, When},
};

use super::{
    ask::{Form, Request},
    who::{ANONYMOUS, Telling, USER},
};
use crate::{
    app::Shared,
    desk::{
        customer_file::{MAX_TRAITS, MAX_VALUE},
        links, suggesting,
    },
    http::problem::Answer,
};

/// The most bytes of what held for a whole request, beside each call of it that was refused.
const MAX_ENVELOPE: usize = 4_096;

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
    read: Result<Ready, CallRefusal>,
}

/// A call that is ready for the database: what takes time is done before the transaction, in which others wait.
struct Ready {
    call: Call,
    /// What a repetition of the call is known by.
    digest: i64,
    /// The event as it is kept; none where the call tells nothing but who is who.
    event: Option<Written>,
    /// What it came as, where that may have a link in it by which somebody came.
    link: Option<String>,
}

impl Ready {
    fn of(call: Call, text: &str) -> Ready {
        let hash = Sha256::digest(call.essence().as_bytes());
        let digest = i64::from_be_bytes(hash[..8].try_into().expect("a hash is longer"));
        let event = match &call.told {
            Told::Happening(event) => Some(Written::of(event)),
            Told::SamePerson => None,
        };
        let link = text.contains(links::PARAMETER).then(|| text.to_owned());
        Ready {
            call,
            digest,
            event,
            link,
        }
    }
}

/// Takes all calls of a request. Gives when they are on disk.
pub async fn all(app: &Shared, source: &Source, request: &Request) -> Answer<Taken> {
    let now = app.universe.now();
    let calls = request.calls.iter().map(|text| Text {
        read: request
            .form
            .read(text, (source.id, now), &request.envelope)
            .map(|call| Ready::of(call, text)),
        text: text.clone(),
    });
    let calls: Arc<Vec<Text>> = Arc::new(calls.collect());
    // A call that cannot be kept is rare: only then is each held apart from its siblings.
    let taken = match take(app, source.id, request, (&calls, now), false).await {
        Err(store::Error::Other(_) | store::Error::Conflict(_)) => {
            take(app, source.id, request, (&calls, now), true).await
        }
        taken => taken,
    };
    Ok(taken?)
}

async fn take(
    app: &Shared,
    id: SourceId,
    request: &Request,
    (calls, now): (&Arc<Vec<Text>>, Time),
    apart: bool,
) -> store::Result<Taken> {
    let (form, envelope) = (request.form.as_str(), kept(&request.envelope));
    let calls = calls.clone();
    let change = move |tx: &mut Tx| {
        let mut taking = Taking::new(id, now);
        taking.each(tx, &calls, apart)?;
        let asked = Asked {
            source: id,
            form,
            envelope: &envelope,
            at: now,
        };
        taking.settle(tx, asked)
    };
    app.store.write(change).await
}

/// Takes what was refused of a source and can be taken now, as of when it came; the rest stays. Says how it went.
pub fn again(tx: &mut Tx, source: SourceId, refused: &[Refused], now: Time) -> store::Result<Tally> {
    let mut taking = Taking::new(source, now);
    for row in refused {
        let envelope = serde_json::from_str(&row.envelope).unwrap_or_default();
        let read = Form::of(&row.form).read(&row.body, (source, row.at), &envelope);
        let claim = match read.map(|call| Ready::of(call, &row.body)) {
            Err(_) => Claim::OtherBody,
            Ok(ready) => tx.savepoint(|tx| taking.once_more(tx, row, &ready)).or_else(stays)?,
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

/// A request on its way to the disk.
struct Taking {
    source: SourceId,
    now: Time,
    taken: Taken,
    refused: Vec<(CallRefusal, String)>,
    /// Whose the ids are that this request has named so far.
    owners: HashMap<(&'static str, String), Option<Owner>>,
    settings: Option<Arc<Settings>>,
}

impl Taking {
    fn new(source: SourceId, now: Time) -> Taking {
        Taking {
            source,
            now,
            taken: Taken::default(),
            refused: Vec::new(),
            owners: HashMap::new(),
            settings: None,
        }
    }

    fn each(&mut self, tx: &mut Tx, calls: &[Text], apart: bool) -> store::Result<()> {
        for call in calls {
            let claim = match &call.read {
                Err(refusal) => Err(*refusal),
                Ok(ready) if apart => match tx.savepoint(|tx| self.one(tx, ready)) {
                    Err(error @ (store::Error::Other(_) | store::Error::Conflict(_))) => {
                        tracing::error!(source.id = self.source.0, %error, "a call could not be kept");
                        self.owners.clear();
                        Err(CallRefusal::NotKept)
                    }
                    claim => Ok(claim?),
                },
                Ok(ready) => Ok(self.one(tx, ready)?),
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
    fn once_more(&mut self, tx: &mut Tx, row: &Refused, ready: &Ready) -> store::Result<Claim> {
        // Whoever comes second finds it gone, and takes nothing.
        if !refusals::remove(tx, row.id)? {
            return Ok(Claim::Repeated);
        }
        let claim = self.one(tx, ready);
        if !matches!(claim, Ok(Claim::New | Claim::Repeated)) {
            self.owners.clear();
        }
        match claim? {
            Claim::OtherBody => Err(store::Error::Conflict("another call has this message id".to_owned())),
            claim => Ok(claim),
        }
    }

    /// Takes one call, unless its message id has been taken.
    fn one(&mut self, tx: &mut Tx, ready: &Ready) -> store::Result<Claim> {
        let call = &ready.call;
        if let Some(id) = &call.message_id {
            let claim = sources::claim(tx, self.source, (id, ready.digest), self.now)?;
            if claim != Claim::New {
                return Ok(claim);
            }
        }
        let whose = self.whose(tx, call)?;
        if let Told::Happening(event) = &call.told
            && let Event::CustomerIdentified { traits, .. } = &**event
        {
            self.tell_traits(tx, whose, traits, call)?;
        }
        if let Some(event) = &ready.event {
            events::append_deed(tx, (whose.customer, call.at), event, whose.other_profile())?;
        }
        if let Some(text) = &ready.link {
            self.came_by_link(tx, call, text)?;
        }
        Ok(Claim::New)
    }

    /// Joins a browser that came by the link in a text to whoever was texted.
    fn came_by_link(&mut self, tx: &mut Tx, call: &Call, text: &str) -> store::Result<()> {
        let Ok(told) = serde_json::from_str::<Value>(text) else {
            return Ok(());
        };
        let agent = told.pointer("/context/userAgent").and_then(Value::as_str);
        if let Some(token) = links::token_in(&told)
            && links::came_by(tx, self.source, call, &token, agent)?
        {
            self.owners.clear();
        }
        Ok(())
    }

    /// Finds or makes the customer of a call.
    fn whose(&mut self, tx: &mut Tx, call: &Call) -> store::Result<Whose> {
        if self.names_two_users(tx, call)? {
            // A person has one user id: that the other one was theirs, too, is not known by the word of a source.
            let alone = Call {
                anonymous_id: None,
                ..call.clone()
            };
            return self.by_ids(tx, &alone);
        }
        self.by_ids(tx, call)
    }

    /// Whether what is said to be another id of the user is a user's who is known by it: it is no browser's then.
    fn names_two_users(&mut self, tx: &mut Tx, call: &Call) -> store::Result<bool> {
        let (Told::SamePerson, Some(_), Some(previous)) = (&call.told, &call.user_id, &call.anonymous_id) else {
            return Ok(false);
        };
        Ok(self.owner(tx, ANONYMOUS, Some(previous))?.flatten().is_none()
            && self.owner(tx, USER, Some(previous))?.flatten().is_some())
    }

    fn by_ids(&mut self, tx: &mut Tx, call: &Call) -> store::Result<Whose> {
        let user = self.owner(tx, USER, call.user_id.as_deref())?;
        let browser = self.owner(tx, ANONYMOUS, call.anonymous_id.as_deref())?;
        let word = call.user_id.clone().map(|user| Word { at: call.at, user });
        let told = browser.as_ref().map(|owner| Owner::browser(owner.as_ref()));
        let owner = user
            .as_ref()
            .map(|owner| owner.as_ref().map(|owner| owner.whose.customer));
        let placing = identity::place(owner, told.as_ref(), word.as_ref());
        if let (Some(whose), false) = (settled(&user, &browser), placing.ties) {
            return Ok(whose);
        }
        let mut telling = Telling::new(self.source, call, placing);
        let whose = telling.settle(tx, user, browser)?;
        // A user id makes all other ids of the customer those of somebody who is known.
        self.owners.clear();
        Ok(whose)
    }

    /// Says whose an id is: nothing when none was told, else perhaps nobody's yet.
    fn owner(&mut self, tx: &mut Tx, kind: &'static str, id: Option<&str>) -> store::Result<Option<Option<Owner>>> {
        let Some(id) = id else { return Ok(None) };
        let key = (kind, id.to_owned());
        if let Some(owner) = self.owners.get(&key) {
            return Ok(Some(owner.clone()));
        }
        let owner = customers::owner(tx, kind, id)?;
        self.owners.insert(key, owner.clone());
        Ok(Some(owner))
    }

    /// Puts what was told of a person on the file, where nothing newer is known. What is too long for a file, or too much,
    /// is in the event only.
    fn tell_traits(&mut self, tx: &mut Tx, whose: Whose, traits: &Object, call: &Call) -> store::Result<()> {
        let when = When {
            at: call.at,
            message_id: call.message_id.as_deref().unwrap_or_default(),
        };
        let known = customers::traits(tx, whose.customer)?;
        let texts: Vec<_> = traits
            .iter()
            .map(|(key, value)| (key, collection::trait_text(value)))
            .collect();
        let mut room = MAX_TRAITS.saturating_sub(known.len());
        let mut told: Vec<(&str, Option<&str>)> = Vec::new();
        for (key, text) in &texts {
            let fits = |text: &str| text.chars().count() <= MAX_VALUE && !text.contains('\0');
            if key.is_empty() || !fits(key) || text.as_deref().is_some_and(|text| !fits(text)) {
                continue;
            }
            if !known.contains_key(*key) && text.is_some() {
                if room == 0 {
                    continue;
                }
                room -= 1;
            }
            told.push((key, text.as_deref()));
        }
        told::traits(tx, whose, &told, when)?;
        for (key, value) in told {
            if let Some(value) = value.filter(|_| suggesting::ADDRESSES.contains(&key)) {
                let settings = self.settings(tx)?;
                suggesting::told(tx, &settings, whose.profile, (key, value), call.at)?;
            }
        }
        if let Some(name) = collection::name_of(traits).filter(|name| name.chars().count() <= MAX_VALUE) {
            told::name(tx, whose, &name, when)?;
        }
        customers::index(tx, whose.customer)
    }

    fn settings(&mut self, tx: &mut Tx) -> store::Result<Arc<Settings>> {
        if self.settings.is_none() {
            self.settings = Some(Arc::new(store::settings::get(tx)?));
        }
        Ok(self.settings.clone().expect("it was read"))
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

/// Says whose a call is when nobody's ids change: the user's, else the browser's.
fn settled(user: &Option<Option<Owner>>, browser: &Option<Option<Owner>>) -> Option<Whose> {
    match (user, browser) {
        (Some(user), _) => user.as_ref().map(|user| user.whose),
        (None, browser) => browser.as_ref()?.as_ref().map(|browser| browser.whose),
    }
}
