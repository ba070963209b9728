//! Trying a touchpoint's rule before it is saved: whether it can be read, and which of the newest events it would take.

use axum::{Json, extract::State};
use domain::{TouchpointId, people::Role};
use serde::{Deserialize, Serialize};
use store::{Tx, events};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::timeline::{TimelineEvent, views};
use crate::{
    app::Shared,
    http::{
        ask::Body,
        caller::Caller,
        problem::{Answer, Problem},
    },
    journeys::{Catalogue, read_rule, rule_fault_at},
};

/// How many of the newest events a rule is tried on.
const TRIED: i64 = 2_000;
/// How many of those that it takes are shown.
const EXAMPLES: usize = 5;

/// Gives this noun's routes.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(check))
}

/// A rule that is to be tried.
#[derive(Debug, Clone, Deserialize, ToSchema)]
struct RuleTrial {
    rule: String,
    /// The touchpoint whose rule it is to be; left out for a new one, whose rule is asked last.
    touchpoint: Option<TouchpointId>,
}

/// What became of a rule that was tried.
#[derive(Debug, Serialize, ToSchema)]
struct RuleCheck {
    /// Why it cannot be read; null when it can.
    fault: Option<RuleFault>,
    /// How many of the newest events it was tried on.
    tried: usize,
    /// How many of them it would take.
    taken: usize,
    /// For how many more it holds that a rule before it takes.
    elsewhere: usize,
    /// The newest of those that it would take.
    examples: Vec<TimelineEvent>,
}

/// Why a rule cannot be read.
#[derive(Debug, Serialize, ToSchema)]
struct RuleFault {
    reason: String,
    /// The line where it stops making sense, from 1; null where no place can be named.
    line: Option<usize>,
    /// The column there, from 1.
    column: Option<usize>,
}

/// Tries a rule on the newest events. Nothing is changed.
#[utoipa::path(
    post, path = "/api/rule-checks", tag = "experience", request_body = RuleTrial,
    responses((status = 200, body = RuleCheck), (status = 403), (status = 422))
)]
async fn check(State(app): State<Shared>, caller: Caller, Body(trial): Body<RuleTrial>) -> Answer<Json<RuleCheck>> {
    caller.must_be(Role::Manager)?;
    let rule = match read_rule(trial.rule.trim()) {
        Ok(rule) => rule,
        Err(reason) => return Ok(Json(RuleCheck::unread(reason, trial.rule.trim()))),
    };
    let look = move |tx: &mut Tx| {
        let events = events::newest_of_customers(tx, TRIED)?;
        let tried = events.len();
        let mut trial = Catalogue::load(tx)?.attempt(&rule, trial.touchpoint, events);
        let taken = trial.taken.len();
        trial.taken.truncate(EXAMPLES);
        Ok::<_, Problem>(RuleCheck {
            fault: None,
            tried,
            taken,
            elsewhere: trial.elsewhere,
            examples: views(tx, trial.taken)?,
        })
    };
    app.store.read(look).await.map(Json)
}

impl RuleCheck {
    fn unread(reason: String, source: &str) -> RuleCheck {
        let place = rule_fault_at(source);
        let fault = RuleFault {
            reason,
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
        };
        RuleCheck {
            fault: Some(fault),
            tried: 0,
            taken: 0,
            elsewhere: 0,
            examples: Vec::new(),
        }
    }
}
