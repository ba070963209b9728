//! Who has a conversation: giving it to a team, to an agent, back to the queue.

use domain::{Event, Reason, TeamId, UserId, assignment};
use store::{
    Tx,
    conversations::{self, Conversation},
    people::{teams, users},
};

use super::{Moment, menu};
use crate::http::problem::{Answer, Problem};

/// What is to change; `None` stays as it is, `Some(None)` becomes nobody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// The team.
    pub team: Option<Option<TeamId>>,
    /// The agent.
    pub assignee: Option<Option<UserId>>,
}

/// Gives a conversation to a team or an agent. A menu that was at it steps back: somebody has decided who answers.
pub fn assign(
    tx: &mut Tx,
    moment: &Moment,
    conversation: &mut Conversation,
    change: Change,
    because: impl Into<Reason>,
) -> Answer<()> {
    let team = change.team.unwrap_or(conversation.team_id);
    let mut assignee = change.assignee.unwrap_or(conversation.assignee_id);
    if let Some(Some(team)) = change.team {
        let team = teams::get(tx, team)?.ok_or_else(|| Problem::invalid("team_id", "is not a team"))?;
        if change.assignee.is_none() {
            assignee = assignment::after_transfer(assignee, &team.member_ids);
        }
    }
    if let Some(Some(user)) = change.assignee {
        let known = users::get(tx, user)?;
        if !known.is_some_and(|user| assignment::may_be_given(user.role, user.disabled)) {
            return Err(Problem::invalid("assignee_id", "is not somebody who answers customers"));
        }
    }
    if (team, assignee) == (conversation.team_id, conversation.assignee_id) {
        return Ok(());
    }
    (conversation.team_id, conversation.assignee_id) = (team, assignee);
    if team.is_some() || assignee.is_some() {
        menu::pause(tx, *moment, conversation)?;
    }
    conversation.route_reason = because.into();
    conversations::update(tx, conversation)?;
    let because = conversation.route_reason.clone();
    moment.record(
        tx,
        conversation,
        Event::ConversationAssigned {
            team,
            assignee,
            because,
        },
    )?;
    Ok(())
}
