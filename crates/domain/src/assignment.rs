//! Whose a conversation is: what stays when it changes hands, and who comes next.

use crate::{ConversationId, Time, UserId, people::Role};

/// Gives who keeps a conversation that goes to a team: its agent if that team has them, else nobody.
pub fn after_transfer(assignee: Option<UserId>, members: &[UserId]) -> Option<UserId> {
    assignee.filter(|user| members.contains(user))
}

/// Says whether a user can be given conversations at all. Being away does not matter: colleagues may know better.
pub fn may_be_given(role: Role, disabled: bool) -> bool {
    role.may(Role::Agent) && !disabled
}

/// Gives who has waited longest; between equals, whose conversation is older.
pub fn longest_waiting(waiting: &[(Time, ConversationId)]) -> Option<ConversationId> {
    waiting.iter().min().map(|(_, id)| *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_keeps_what_goes_to_the_own_team() {
        let (ann, ben) = (UserId(1), UserId(2));
        assert_eq!(after_transfer(Some(ann), &[ann, ben]), Some(ann));
        assert_eq!(after_transfer(Some(ann), &[ben]), None);
        assert_eq!(after_transfer(None, &[ben]), None);
    }

    #[test]
    fn viewers_and_those_who_left_get_nothing() {
        assert!(may_be_given(Role::Agent, false) && may_be_given(Role::Owner, false));
        assert!(!may_be_given(Role::Viewer, false) && !may_be_given(Role::Agent, true));
    }

    #[test]
    fn the_longest_wait_comes_first() {
        let of = |at, id| (Time(at), ConversationId(id));
        assert_eq!(
            longest_waiting(&[of(5, 1), of(3, 9), of(3, 7)]),
            Some(ConversationId(7))
        );
        assert_eq!(longest_waiting(&[]), None);
    }
}
