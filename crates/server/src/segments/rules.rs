//! The segments' rules at work: the names of touchpoints become their numbers, and each customer's standing is decided.

use std::collections::HashMap;

use domain::{CustomerId, SegmentId, Time};
use flow::{Customer, Deeds, SegmentRule};
use journey::Touchpoint;
use store::{
    Tx,
    segments::{self, File, Segment},
    touchpoints,
};

use super::Decided;
use crate::journeys;

/// Rules that can be decided.
pub struct Rules(Vec<Ready>);

/// A rule with the numbers of the touchpoints that it names.
struct Ready {
    segment: SegmentId,
    /// None where a touchpoint is gone: nobody belongs to the segment until the rule is changed.
    rule: Option<SegmentRule>,
    numbers: HashMap<Touchpoint, Vec<String>>,
}

/// Reads a rule and finds its touchpoints in the catalogue; fails with the reason why one of them cannot be done.
pub fn read(source: &str, catalogue: &[touchpoints::Touchpoint]) -> Result<Rules, String> {
    let ready = ready(SegmentId(0), source, catalogue)?;
    // A rule that is kept goes on with the touchpoint that it found, though another one comes to be called so.
    let rule = ready.rule.iter().flat_map(SegmentRule::touchpoints);
    rule.map(String::as_str)
        .try_for_each(|name| must_be_one(name, catalogue))?;
    Ok(Rules(vec![ready]))
}

fn ready(segment: SegmentId, source: &str, catalogue: &[touchpoints::Touchpoint]) -> Result<Ready, String> {
    let rule = SegmentRule::read(source)?;
    let mut numbers: HashMap<Touchpoint, Vec<String>> = HashMap::new();
    for name in rule.touchpoints() {
        let found = find(name, catalogue).ok_or_else(|| format!("knows no touchpoint '{name}'"))?;
        numbers
            .entry(journeys::number(found.id))
            .or_default()
            .push(name.clone());
    }
    Ok(Ready {
        segment,
        rule: Some(rule),
        numbers,
    })
}

/// Finds a touchpoint by the name that people gave it, the one that it has by itself, or its sort of event.
fn find<'c>(name: &str, catalogue: &'c [touchpoints::Touchpoint]) -> Option<&'c touchpoints::Touchpoint> {
    let by = |is: &dyn Fn(&touchpoints::Touchpoint) -> bool| catalogue.iter().find(|row| is(row));
    by(&|row| row.name == name)
        .or_else(|| by(&|row| row.name.is_empty() && row.default_name == name))
        .or_else(|| by(&|row| row.signature.as_deref() == Some(name)))
}

fn must_be_one(name: &str, catalogue: &[touchpoints::Touchpoint]) -> Result<(), String> {
    let called =
        |row: &&touchpoints::Touchpoint| [&row.name, &row.default_name][usize::from(row.name.is_empty())] == name;
    let alike: Vec<_> = catalogue.iter().filter(called).collect();
    if alike.len() < 2 || alike.iter().any(|row| row.signature.as_deref() == Some(name)) {
        return Ok(());
    }
    let signatures = alike.iter().filter_map(|row| row.signature.as_deref());
    let choice: Vec<String> = signatures.map(|signature| format!("\"{signature}\"")).collect();
    Err(format!(
        "knows {} touchpoints '{name}': write {}",
        alike.len(),
        choice.join(" or ")
    ))
}

/// Puts a touchpoint's new name into the rules that ask about it by the one that it had.
pub fn follow_name(tx: &mut Tx, (old, new): (&str, &str)) -> store::Result<()> {
    for segment in segments::list(tx)? {
        let asks = SegmentRule::read(&segment.rule).is_ok_and(|rule| rule.touchpoints().iter().any(|name| name == old));
        if asks {
            let rule = SegmentRule::renamed(&segment.rule, old, new);
            segments::update(tx, segment.id, (&segment.name, &rule), false)?;
        }
    }
    Ok(())
}

impl Rules {
    /// Makes the segments' rules ready.
    pub(super) fn load(tx: &mut Tx, wanted: &[Segment]) -> store::Result<Rules> {
        let catalogue = touchpoints::list(tx)?;
        let ready = wanted.iter().map(|segment| {
            ready(segment.id, &segment.rule, &catalogue).unwrap_or_else(|error| {
                tracing::debug!(segment = segment.id.0, error, "a segment's rule cannot be decided");
                Ready {
                    segment: segment.id,
                    rule: None,
                    numbers: HashMap::new(),
                }
            })
        });
        Ok(Rules(ready.collect()))
    }

    /// Decides every rule for each of these customers. Who has no file belongs nowhere.
    pub(super) fn decide(
        &self,
        customers: &[CustomerId],
        files: &HashMap<CustomerId, File>,
        trails: &HashMap<CustomerId, Vec<(Touchpoint, i64)>>,
        now: Time,
    ) -> Vec<Decided> {
        let mut decided = Vec::with_capacity(customers.len() * self.0.len());
        for &customer in customers {
            let file = files.get(&customer).map(view);
            let trail = trails.get(&customer).map(Vec::as_slice).unwrap_or_default();
            for ready in &self.0 {
                let both = file.as_ref().zip(ready.rule.as_ref());
                let standing = both.map(|(file, rule)| rule.decide(file, ready.deeds(trail, now)));
                decided.push(Decided {
                    segment: ready.segment,
                    customer,
                    is_member: standing.is_some_and(|standing| standing.is_member),
                    until: standing
                        .and_then(|standing| standing.until)
                        .map(|until| Time(until.saturating_mul(1_000))),
                    is_there: file.is_some(),
                });
            }
        }
        decided
    }

    /// Gives those of these customers who belong to the first segment.
    pub fn members(
        &self,
        customers: &[CustomerId],
        files: &HashMap<CustomerId, File>,
        trails: &HashMap<CustomerId, Vec<(Touchpoint, i64)>>,
        now: Time,
    ) -> Vec<CustomerId> {
        let decided = self.decide(customers, files, trails, now).into_iter();
        decided.filter(|one| one.is_member).map(|one| one.customer).collect()
    }
}

impl Ready {
    fn deeds(&self, trail: &[(Touchpoint, i64)], now: Time) -> Deeds {
        let mut times: HashMap<String, Vec<i64>> = HashMap::new();
        for (touchpoint, at) in trail {
            for name in self.numbers.get(touchpoint).into_iter().flatten() {
                times.entry(name.clone()).or_default().push(*at);
            }
        }
        Deeds {
            now: now.0.div_euclid(1_000),
            times,
        }
    }
}

fn view(file: &File) -> Customer {
    Customer {
        name: file.name.clone(),
        phone: file.phone.clone(),
        email: file.email.clone(),
        traits: file.traits.clone(),
        tags: file.tags.clone(),
        locale: file.locale.clone(),
    }
}
