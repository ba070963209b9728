//! What the managers of the demo keep an eye on: segments, questions under a name, plans about touchpoints and codes on the
//! wall; and whose browsers are known, or may be somebody's.

use std::collections::HashMap;

use anyhow::Context;
use domain::{
    Actor, CustomerId, Event, QuestionId, Time, TouchpointId, UserId,
    identity::{JoinReason, NamedId},
    settings::Settings,
    touchpoint::JourneyPage,
};
use serde::Deserialize;
use store::{
    Tx,
    fixes::{self, Fix},
    people::users,
    places,
    saved_questions::{self, SavedQuestion},
    segments, touchpoints,
};

use super::stories::Person;
use crate::{
    app::App,
    desk::{
        Moment,
        joining::{self, Evidence},
        suggesting,
    },
};

const DAY: i64 = 86_400;
/// How long ago all this was set up.
const AGE_DAYS: i64 = 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Insight {
    segments: Vec<Segment>,
    questions: Vec<Question>,
    fixes: Vec<Plan>,
    codes: Vec<Code>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Segment {
    name: String,
    rule: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    page: JourneyPage,
    name: String,
    query: String,
    by: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    touchpoint: String,
    owner: String,
    due_in_days: i64,
    note: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    name: String,
}

/// Sets all of it up.
pub fn set_up(tx: &mut Tx, app: &App, now: Time) -> anyhow::Result<()> {
    let insight: Insight =
        toml::from_str(include_str!("../../../../demo/insight.toml")).context("demo/insight.toml")?;
    let touchpoints = touchpoints::list(tx)?
        .into_iter()
        .map(|one| (one.default_name, one.id))
        .collect();
    let users = users::list(tx)?.into_iter().map(|user| (user.email, user.id)).collect();
    let office = Office {
        at: now.plus_seconds(-AGE_DAYS * DAY),
        touchpoints,
        users,
    };
    for segment in &insight.segments {
        let (name, rule) = (segment.name.clone(), &segment.rule);
        let id = segments::insert(tx, &name, rule, office.at)?.context("the segment is new")?;
        let moment = office.moment(Actor::SYSTEM);
        moment.record_for_company(tx, Event::SegmentSaved { segment: id, name })?;
    }
    for question in &insight.questions {
        office.save(tx, question)?;
    }
    for plan in &insight.fixes {
        office.plan(tx, plan, now)?;
    }
    for code in &insight.codes {
        let id = places::insert(tx, &code.name, &app.universe.token(), office.at)?;
        let event = Event::PlaceSaved {
            place: id.context("the place is new")?,
            name: code.name.clone(),
            enabled: true,
        };
        office.moment(Actor::SYSTEM).record_for_company(tx, event)?;
    }
    Ok(())
}

/// Who and what is there, and when all was set up.
struct Office {
    at: Time,
    touchpoints: HashMap<String, TouchpointId>,
    users: HashMap<String, UserId>,
}

impl Office {
    fn moment(&self, actor: Actor) -> Moment {
        Moment { now: self.at, actor }
    }

    fn user(&self, email: &str) -> anyhow::Result<UserId> {
        let user = self.users.get(email).copied();
        user.with_context(|| format!("demo/insight.toml: nobody is {email}"))
    }

    fn save(&self, tx: &mut Tx, question: &Question) -> anyhow::Result<()> {
        let (name, user) = (question.name.clone(), self.user(&question.by)?);
        let saved = SavedQuestion {
            id: QuestionId(0),
            page: question.page,
            name: name.clone(),
            query: self.numbered(&question.query)?,
            user_id: Some(user),
            saved_at: self.at,
        };
        let question = saved_questions::insert(tx, &saved)?.context("the question is new")?;
        let moment = self.moment(Actor::user(user));
        moment.record_for_company(tx, Event::QuestionSaved { question, name })?;
        Ok(())
    }

    /// Puts the numbers of touchpoints in for their names.
    fn numbered(&self, query: &str) -> anyhow::Result<String> {
        let mut numbered = query.to_owned();
        while let Some((before, rest)) = numbered.split_once('{') {
            let (name, after) = rest.split_once('}').context("a brace is open")?;
            numbered = format!("{before}{}{after}", self.touchpoint(name)?);
        }
        Ok(numbered)
    }

    fn touchpoint(&self, name: &str) -> anyhow::Result<TouchpointId> {
        let touchpoint = self.touchpoints.get(name).copied();
        touchpoint.with_context(|| format!("demo/insight.toml: there is no touchpoint {name}"))
    }

    fn plan(&self, tx: &mut Tx, plan: &Plan, now: Time) -> anyhow::Result<()> {
        let due = now.plus_seconds(plan.due_in_days * DAY).to_string();
        let fix = Fix {
            touchpoint_id: self.touchpoint(&plan.touchpoint)?,
            owner_id: Some(self.user(&plan.owner)?),
            due_on: due.get(..10).map(str::to_owned),
            fixed_on: None,
            note: plan.note.clone(),
        };
        fixes::put(tx, &fix)?;
        let event = Event::FixSaved {
            touchpoint: fix.touchpoint_id,
            name: plan.touchpoint.clone(),
            owner: fix.owner_id,
            due_on: fix.due_on,
            fixed_on: None,
        };
        self.moment(Actor::SYSTEM).record_for_company(tx, event)?;
        Ok(())
    }
}

/// A visitor's browser and the file of the person who may have used it.
pub struct Browser<'a> {
    pub profile: CustomerId,
    pub id: NamedId,
    pub person: &'a Person,
    pub file: CustomerId,
}

impl Browser<'_> {
    /// Lets it be known, by the link in a text that was opened in it, as the person's.
    pub fn join(&self, tx: &mut Tx, at: Time) -> store::Result<()> {
        let evidence = Evidence {
            reason: JoinReason::Link,
            ids: vec![NamedId::new("phone", &self.person.phone), self.id.clone()],
            source: None,
            is_certain: true,
        };
        let moment = Moment {
            now: at,
            actor: Actor::SYSTEM,
        };
        joining::join(tx, &moment, (self.profile, self.file), &evidence).map(drop)
    }

    /// Says that somebody gave the person's address in it.
    pub fn suggest(&self, tx: &mut Tx, settings: &Settings, at: Time) -> store::Result<()> {
        suggesting::told(tx, settings, self.profile, ("email", &self.person.email), at)
    }
}
