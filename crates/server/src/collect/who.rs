//! Whose a call is: the rules of `domain::identity`, carried out on the files. Each id gets a profile of its own, so that
//! its history can be given back without that of the others.

use domain::{
    Actor, CustomerId, Event, SourceId, Time,
    collection::Call,
    event::Happening,
    identity::{JoinReason, MAX_BROWSERS, NamedId, Placing, Verdict, Whose, Word},
};
use store::{Tx, customers, customers::Owner, events, joins, suggestions};

use crate::desk::{
    Moment,
    joining::{self, Evidence, Undoing},
};

pub const USER: &str = "user_id";
pub const ANONYMOUS: &str = "anonymous_id";

/// A call by which ids find or change their customer.
pub struct Telling<'a> {
    source: SourceId,
    call: &'a Call,
    placing: Placing,
    /// Whether the customer was made for this call, and no id is on its own file yet.
    is_blank: bool,
}

impl<'a> Telling<'a> {
    /// Prepares to carry out what the rules say of a call.
    pub fn new(source: SourceId, call: &'a Call, placing: Placing) -> Telling<'a> {
        Telling {
            source,
            call,
            placing,
            is_blank: false,
        }
    }

    /// Puts the ids of the call onto the files where they belong, and says whose the call is.
    pub fn settle(
        &mut self,
        tx: &mut Tx,
        user: Option<Option<Owner>>,
        browser: Option<Option<Owner>>,
    ) -> store::Result<Whose> {
        let call = self.call;
        let customer = match self.placing.customer {
            Some(customer) => customer,
            None => self.create(tx)?,
        };
        let is_certain = |owner: &Option<Option<Owner>>| matches!(owner, Some(Some(owner)) if owner.is_verified);
        let is_certain = is_certain(&user) && is_certain(&browser);
        let before = browser.clone().flatten().and_then(|owner| owner.word);
        let user = match (&call.user_id, user.flatten()) {
            (_, Some(owner)) => Some(owner.whose),
            // A source tells of a user who has signed in there.
            (Some(id), None) => Some(self.add(tx, customer, (USER, id), true)?),
            (None, None) => None,
        };
        let browser = match (&call.anonymous_id, browser.flatten()) {
            (_, Some(owner)) => Some(owner.whose),
            (Some(id), None) if self.has_room(tx, customer)? => Some(self.add(tx, customer, (ANONYMOUS, id), false)?),
            _ => None,
        };
        if let (Some(user), Some(browser), true) = (user, browser, self.placing.ties) {
            self.tie(tx, (user, browser), before, is_certain)?;
        }
        let profile = user.or(browser).map_or(customer, |whose| whose.profile);
        customers::whose(tx, profile)
    }

    fn create(&mut self, tx: &mut Tx) -> store::Result<CustomerId> {
        let id = customers::insert(tx, "", self.call.at)?;
        let created = Event::CustomerCreated { name: String::new() };
        events::append(tx, &happening(id, self.call.at, created))?;
        self.is_blank = true;
        Ok(id)
    }

    /// A file with so many browsers is no person's: what comes from one more is the user's all the same.
    fn has_room(&self, tx: &mut Tx, customer: CustomerId) -> store::Result<bool> {
        Ok(self.is_blank || customers::side(tx, customer)?.browsers < MAX_BROWSERS)
    }

    fn add(&mut self, tx: &mut Tx, customer: CustomerId, id: (&str, &str), is_verified: bool) -> store::Result<Whose> {
        let at = self.call.at;
        let whose = if std::mem::take(&mut self.is_blank) {
            customer.into()
        } else {
            customers::add_profile(tx, customer, at)?
        };
        customers::add_identity(tx, whose, id, is_verified, at)?;
        let (kind, value) = (id.0.to_owned(), id.1.to_owned());
        let added = happening(customer, at, Event::IdentityAdded { kind, value });
        events::append_from(tx, &added, whose.other_profile())?;
        Ok(whose)
    }

    /// Lets the browser be the user's, by the word of this call.
    fn tie(
        &self,
        tx: &mut Tx,
        (user, browser): (Whose, Whose),
        before: Option<Word>,
        is_certain: bool,
    ) -> store::Result<()> {
        let (Some(user_id), Some(browser_id)) = (&self.call.user_id, &self.call.anonymous_id) else {
            return Ok(());
        };
        let moment = Moment {
            now: self.call.at,
            actor: Actor::SYSTEM,
        };
        let evidence = Evidence {
            reason: JoinReason::ToldTogether,
            ids: vec![NamedId::new(USER, user_id), NamedId::new(ANONYMOUS, browser_id)],
            source: Some(self.source),
            is_certain,
        };
        if self.placing.takes && !take(tx, &moment, (user, browser), before)? {
            return Ok(());
        }
        let is_new = self.placing.adds_user || self.placing.adds_browser;
        let verdict = if is_new && user.customer == browser.customer {
            let new = if self.placing.adds_browser { browser } else { user };
            let known = if self.placing.adds_browser { user } else { browser };
            joining::tie(tx, &moment, (new.profile, known.profile), &evidence)?;
            Verdict::Join
        } else {
            joining::join(tx, &moment, (browser.profile, user.profile), &evidence)?
        };
        match verdict {
            Verdict::Join => {
                let word = Word {
                    at: self.call.at,
                    user: user_id.clone(),
                };
                customers::set_word(tx, (ANONYMOUS, browser_id), Some(&word))
            }
            Verdict::Ask => {
                let profiles = (user.profile, browser.profile);
                suggestions::add(tx, profiles, evidence.reason, &evidence.ids[1], self.call.at)
            }
            Verdict::Apart(_) => Ok(()),
        }
    }
}

/// Takes a browser from the user who had it by a later word; says whether that could be.
fn take(tx: &mut Tx, moment: &Moment, (user, browser): (Whose, Whose), before: Option<Word>) -> store::Result<bool> {
    if joins::are_told_apart(tx, user.profile, browser.profile)? {
        return Ok(false);
    }
    let theirs = before
        .map(|word| customers::owner(tx, USER, &word.user))
        .transpose()?
        .flatten();
    let Some(theirs) = theirs else { return Ok(false) };
    // Where the two are tied in another way than by the word, they stay so.
    let Some(join) = joins::between(tx, theirs.whose.profile, browser.profile)? else {
        return Ok(false);
    };
    joining::separate(tx, moment, join.id, Undoing::ForNow)?;
    Ok(true)
}

/// Something that a customer did.
fn happening(customer: CustomerId, at: Time, event: Event) -> Happening {
    Happening {
        at,
        customer: Some(customer),
        conversation: None,
        actor: Actor::customer(customer),
        event,
    }
}
