//! The catalogue at work: which touchpoint an event belongs to. It changes nothing and reads no event by itself.

use std::collections::HashMap;

use domain::{
    Event, SourceId, TouchpointId,
    event::Happening,
    touchpoint::{self, Meeting, OTHER},
};
use flow::Rule;
use journey::Touchpoint;
use serde_json::{Value, json};
use store::{Tx, events::Recorded, sources, touchpoints};

/// What a rule may know of an event.
const RULE_NAMES: &[&str] = &["kind", "name", "properties", "context", "data", "actor", "source"];

/// Reads a touchpoint's rule; fails with the reason why it cannot be read.
pub fn read_rule(source: &str) -> Result<Rule, String> {
    Rule::read(source, RULE_NAMES)
}

/// Gives the line and the column where a rule that cannot be read stops making sense.
pub fn rule_fault_at(source: &str) -> Option<(usize, usize)> {
    Rule::fault_at(source, RULE_NAMES)
}

/// What becomes of events when a rule is tried.
pub struct Trial {
    /// The events that it takes.
    pub taken: Vec<Recorded>,
    /// How many more it holds for, which a rule before it takes.
    pub elsewhere: usize,
}

/// The catalogue, ready to sort events.
pub struct Catalogue {
    rules: Vec<(Rule, Touchpoint)>,
    signatures: HashMap<String, Touchpoint>,
    sources: HashMap<SourceId, String>,
    touchpoints: usize,
    has_room: bool,
}

/// Where an event belongs.
pub enum Place {
    /// It is no meeting.
    Nowhere,
    /// At this touchpoint.
    At(Touchpoint),
    /// At one that the catalogue does not have yet.
    New(Meeting),
}

impl Catalogue {
    /// Reads the catalogue.
    pub fn load(tx: &mut Tx) -> store::Result<Catalogue> {
        let rows = touchpoints::list(tx)?;
        let mut catalogue = Catalogue {
            rules: Vec::new(),
            signatures: HashMap::new(),
            sources: sources::list(tx)?
                .into_iter()
                .map(|source| (source.id, source.name))
                .collect(),
            touchpoints: 0,
            has_room: touchpoints::has_room(&rows),
        };
        for row in rows {
            let touchpoint = number(row.id);
            catalogue.touchpoints = catalogue.touchpoints.max(touchpoint.index() + 1);
            if let Some(signature) = row.signature {
                catalogue.signatures.insert(signature, touchpoint);
            }
            match row.rule.as_deref().map(read_rule) {
                Some(Ok(rule)) => catalogue.rules.push((rule, touchpoint)),
                Some(Err(error)) => {
                    tracing::error!(touchpoint = row.id.0, error, "a rule cannot be read and is left out")
                }
                None => {}
            }
        }
        Ok(catalogue)
    }

    /// Gives how many touchpoints a log needs to tell apart.
    pub fn touchpoints(&self) -> usize {
        self.touchpoints
    }

    /// Whether this event of the company's makes customers' events count for other touchpoints than before.
    pub fn is_outdone_by(&self, event: &Event) -> bool {
        match event {
            Event::TouchpointSaved { sorts_anew, .. } => *sorts_anew,
            Event::TouchpointRemoved { .. } => true,
            Event::SourceSaved { renamed, .. } => *renamed && self.rules.iter().any(|(rule, _)| rule.asks("source")),
            _ => false,
        }
    }

    /// Whether this event tells of a source that the catalogue does not know by name yet.
    pub fn is_news(&self, event: &Event) -> bool {
        matches!(event, Event::SourceSaved { source, .. } if !self.sources.contains_key(source))
    }

    /// Says where an event belongs: at the touchpoint of the first rule that holds, else at that of its own sort, and where
    /// there is no room for that, at the one of everything else.
    pub fn place(&self, happening: &Happening) -> Place {
        if happening.customer.is_none() {
            return Place::Nowhere;
        }
        if let Some(touchpoint) = self.by_rule(happening) {
            return Place::At(touchpoint);
        }
        let Some(meeting) = touchpoint::meeting(happening) else {
            return Place::Nowhere;
        };
        let own = self.signatures.get(&meeting.signature);
        let other = || self.signatures.get(OTHER).filter(|_| !self.has_room);
        match own.or_else(other) {
            Some(touchpoint) => Place::At(*touchpoint),
            None => Place::New(meeting),
        }
    }

    /// Tries a rule on events in the place of a touchpoint's own, or behind all others.
    pub fn attempt(&self, rule: &Rule, of: Option<TouchpointId>, events: Vec<Recorded>) -> Trial {
        let place = self.rules.iter().position(|(_, at)| Some(*at) == of.map(number));
        let before = &self.rules[..place.unwrap_or(self.rules.len())];
        let (mut taken, mut elsewhere) = (Vec::new(), 0);
        for event in events {
            let view = self.view(&event.happening);
            if !rule.holds(&view) {
                continue;
            }
            if before.iter().any(|(other, _)| other.holds(&view)) {
                elsewhere += 1;
            } else {
                taken.push(event);
            }
        }
        Trial { taken, elsewhere }
    }

    fn by_rule(&self, happening: &Happening) -> Option<Touchpoint> {
        if self.rules.is_empty() {
            return None;
        }
        let view = self.view(happening);
        let held = self.rules.iter().find(|(rule, _)| rule.holds(&view));
        held.map(|(_, touchpoint)| *touchpoint)
    }

    fn view(&self, happening: &Happening) -> Value {
        let mut event = serde_json::to_value(&happening.event).expect("an event has only string keys");
        let data = event["data"].take();
        let source = match &happening.event {
            Event::ActionTracked { source, .. }
            | Event::PageViewed { source, .. }
            | Event::ScreenViewed { source, .. }
            | Event::CustomerIdentified { source, .. }
            | Event::GroupJoined { source, .. } => self.sources.get(source),
            _ => None,
        };
        json!({
            "kind": event["kind"].take(),
            "name": data["name"],
            "properties": data["properties"],
            "context": data["context"],
            "data": data,
            "actor": happening.actor.kind.as_str(),
            "source": source,
        })
    }
}

/// Gives a touchpoint's number in the log.
pub fn number(id: TouchpointId) -> Touchpoint {
    Touchpoint(u16::try_from(id.0).expect("touchpoints are numbered below 1,000"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_guides_rules_hold_where_it_says() {
        let guide = include_str!("../../../../docs/journeys.md");
        let block = guide.split("```").nth(1).expect("the guide has a block");
        let rules: Vec<Rule> = block.trim().lines().map(|line| read_rule(line).expect(line)).collect();
        let events = [
            json!({"kind": "action_tracked", "name": "Order Completed", "properties": {"total": "620.50"}}),
            json!({"kind": "survey_answered", "data": {"score": 2}}),
            json!({"kind": "page_viewed", "source": "Website", "properties": {"path": "/help/wifi"}}),
        ];
        for (rule_at, rule) in rules.iter().enumerate() {
            for (event_at, event) in events.iter().enumerate() {
                assert_eq!(rule.holds(event), rule_at == event_at, "{rule_at} {event}");
            }
        }
    }
}
