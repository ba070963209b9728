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
    joined::put_together(tx, from, into)?;
    let join = note(tx, moment, (profiles, from), evidence, true)?;
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
    note(tx, moment, ((new, known), new), evidence, false).map(drop)
}

fn note(
    tx: &mut Tx,
    moment: &Moment,
    ((one_id, other_id), from_id): (Profiles, CustomerId),
    evidence: &Evidence,
    had_history: bool,
) -> store::Result<JoinId> {
    let join = Join {
        id: JoinId(0),
        one_id,
        other_id,
        from_id,
        reason: evidence.reason,
        ids: evidence.ids.clone(),
        had_history,
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
    let (from, leaving) = leaving(&join, was_in, &joins::ties(tx, was_in)?);
    joined::take_apart(tx, was_in, from, &leaving)?;
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

/// Gives the side of an undone join that the customer's own file is not on: the file that it goes on as, and all profiles.
fn leaving(undone: &Join, was_in: CustomerId, held: &[Join]) -> (CustomerId, Vec<CustomerId>) {
    let ties: Vec<_> = held.iter().map(|join| (join.one_id, join.other_id)).collect();
    let one = graph::component(&ties, undone.one_id);
    let side = if one.contains(&was_in) {
        graph::component(&ties, undone.other_id)
    } else {
        one
    };
    // Where it was the file that stayed, and went away with a later join, it is the one that no other of the side stayed for.
    let went = |id: &CustomerId| {
        held.iter()
            .any(|join| join.from_id == *id && side.contains(&join.one_id))
    };
    let own = side.get(&undone.from_id).or_else(|| side.iter().find(|id| !went(id)));
    let from = *own.or(side.first()).expect("a side has a file");
    (from, side.into_iter().collect())
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
