//! Who is who: making two files one customer's, and giving each its own history back. Both are on the timelines, with the
//! evidence and with who decided.

use std::collections::HashMap;

use domain::{
    CustomerId, Event, JoinId, SourceId,
    identity::{Apart, JoinReason, NamedId, Verdict, graph, judge},
};
use store::{
    Tx, customers, joined,
    joins::{self, Join},
};

use super::Moment;

/// What says that two files are one person's.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// In which way.
    pub reason: JoinReason,
    /// The ids in it.
    pub ids: Vec<NamedId>,
    /// Who told so.
    pub source: Option<SourceId>,
    /// Whether both ids were seen to be their owners'; what a person says is certain.
    pub is_certain: bool,
}

/// Makes the customers of two profiles one, if the rules allow it, and says what the rules say.
pub fn join(
    tx: &mut Tx,
    moment: &Moment,
    (one, other): (CustomerId, CustomerId),
    evidence: &Evidence,
) -> store::Result<Verdict> {
    let customers = (whose(tx, one)?, whose(tx, other)?);
    if customers.0 == customers.1 {
        return Ok(Verdict::Join);
    }
    let sides = (customers::side(tx, customers.0)?, customers::side(tx, customers.1)?);
    let is_told_apart = joins::is_told_apart(tx, customers.0, customers.1)?;
    let verdict = judge(sides.0, sides.1, evidence.is_certain, is_told_apart);
    if verdict == Verdict::Join {
        // The file that people work with stays; else the one of whom more is known, else the older one.
        let rank = |side: domain::identity::Side, id: CustomerId| (!side.is_served, side.users == 0, id);
        let (into, from) = if rank(sides.0, customers.0) < rank(sides.1, customers.1) {
            customers
        } else {
            (customers.1, customers.0)
        };
        put_together(tx, moment, (from, into), ((one, other), evidence))?;
    }
    Ok(verdict)
}

/// Joins two customers because a person says so: what was told apart before is no longer.
pub fn join_by_hand(
    tx: &mut Tx,
    moment: &Moment,
    (one, other): (CustomerId, CustomerId),
    evidence: &Evidence,
) -> store::Result<Result<CustomerId, Apart>> {
    let (customer, with) = (whose(tx, one)?, whose(tx, other)?);
    joins::forget_apart(tx, customer, with)?;
    match join(tx, moment, (one, other), evidence)? {
        Verdict::Apart(why) => Ok(Err(why)),
        Verdict::Join | Verdict::Ask => whose(tx, one).map(Ok),
    }
}

fn whose(tx: &mut Tx, profile: CustomerId) -> store::Result<CustomerId> {
    customers::whose(tx, profile).map(|whose| whose.customer)
}

type Profiles = (CustomerId, CustomerId);

fn put_together(
    tx: &mut Tx,
    moment: &Moment,
    (from, into): (CustomerId, CustomerId),
    (profiles, evidence): (Profiles, &Evidence),
) -> store::Result<()> {
    let name = called(tx, from)?;
    let tags = joined::put_together(tx, from, into)?;
    let join = note(tx, moment, (profiles, from), evidence, Some(tags))?;
    let event = Event::CustomerMerged {
        from,
        source: evidence.source,
        join: Some(join),
        because: Some(evidence.reason),
        ids: evidence.ids.clone(),
        name,
    };
    moment.record_for_customer(tx, into, event).map(drop)
}

/// Notes that a new id is on a customer's file because of another one. It had no history of its own: no file went away.
pub fn tie(tx: &mut Tx, moment: &Moment, (new, known): Profiles, evidence: &Evidence) -> store::Result<()> {
    note(tx, moment, ((new, known), new), evidence, None).map(drop)
}

fn note(
    tx: &mut Tx,
    moment: &Moment,
    ((one_id, other_id), from_id): (Profiles, CustomerId),
    evidence: &Evidence,
    tags: Option<Vec<String>>,
) -> store::Result<JoinId> {
    let join = Join {
        id: JoinId(0),
        one_id,
        other_id,
        from_id,
        reason: evidence.reason,
        ids: evidence.ids.clone(),
        had_history: tags.is_some(),
        tags: tags.unwrap_or_default(),
        source_id: evidence.source,
        at: moment.now,
        actor: moment.actor,
        ended: None,
    };
    joins::insert(tx, &join)
}

/// Whether a join that is undone may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undoing {
    /// A person says that it was wrong: nothing joins the two again by itself.
    ForGood,
    /// Other evidence outweighs it for now.
    ForNow,
}

/// Undoes a join: the side that the customer's own file is not on gets a file of its own again, with all that was recorded
/// under its profiles. A join that was undone before stays as it is.
pub fn separate(tx: &mut Tx, moment: &Moment, id: JoinId, undoing: Undoing) -> store::Result<()> {
    let Some(join) = joins::end(tx, id, moment.actor, moment.now)? else {
        return Ok(());
    };
    let was_in = whose(tx, join.one_id)?;
    let ties = joins::ties(tx, was_in)?;
    let one = graph::component(&ties, join.one_id);
    let leaving = if one.contains(&was_in) {
        graph::component(&ties, join.other_id)
    } else {
        one
    };
    let is_its_own = leaving.contains(&join.from_id);
    let from = Some(join.from_id).filter(|_| is_its_own);
    let from = from.or(leaving.first().copied()).expect("a side has a file");
    let profiles: Vec<CustomerId> = leaving.into_iter().collect();
    joined::take_apart(tx, was_in, from, &profiles)?;
    if is_its_own {
        joined::take_tags(tx, was_in, &join.tags)?;
    }
    if undoing == Undoing::ForGood {
        joins::tell_apart(tx, join.one_id, join.other_id, moment.now)?;
        for id in &join.ids {
            customers::set_word(tx, (&id.kind, &id.value), None)?;
        }
    }
    for (customer, other) in [(was_in, from), (from, was_in)] {
        let event = Event::CustomerSeparated {
            join: join.id,
            from,
            was_in,
            because: join.reason,
            ids: join.ids.clone(),
            name: called(tx, other)?,
        };
        moment.record_for_customer(tx, customer, event)?;
    }
    Ok(())
}

/// Notes that two customers are two people: nothing joins them by itself, and nobody is asked again.
pub fn tell_apart(tx: &mut Tx, moment: &Moment, (one, other): Profiles) -> store::Result<()> {
    if !joins::tell_apart(tx, one, other, moment.now)? {
        return Ok(());
    }
    let (one, other) = (whose(tx, one)?, whose(tx, other)?);
    for (customer, other) in [(one, other), (other, one)] {
        let name = called(tx, other)?;
        moment.record_for_customer(tx, customer, Event::CustomerToldApart { other, name })?;
    }
    Ok(())
}

fn called(tx: &mut Tx, id: CustomerId) -> store::Result<String> {
    let mut names: HashMap<_, _> = customers::called(tx, &[id])?;
    Ok(names.remove(&id).unwrap_or_default())
}
