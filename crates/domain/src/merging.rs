//! What becomes of a conversation that takes another one in.

use crate::{TeamId, Time, UserId, conversation::ConversationStatus};

/// A conversation as far as a merge decides about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what they hold")]
pub struct Side {
    pub status: ConversationStatus,
    pub automated: bool,
    pub waiting_since: Option<Time>,
    pub opened_at: Time,
    pub closed_at: Option<Time>,
    pub snoozed_until: Option<Time>,
    pub team: Option<TeamId>,
    pub assignee: Option<UserId>,
}

/// Decides what `target` is after it has taken `source` in.
///
/// Nothing that is alive goes to sleep by it: the livelier state of the two stays. Who waited in either goes on waiting
/// since then: an answer in the one was no answer in the other. The target's team and agent stay, the source's fill gaps.
pub fn merged(target: Side, source: Side) -> Side {
    let livelier = if liveliness(source.status) > liveliness(target.status) {
        source
    } else {
        target
    };
    let waiting = [target.waiting_since, source.waiting_since];
    Side {
        status: livelier.status,
        automated: livelier.automated && !a_person_has_one(target, source),
        waiting_since: waiting.into_iter().flatten().min(),
        opened_at: target.opened_at.min(source.opened_at),
        closed_at: livelier.closed_at,
        snoozed_until: livelier.snoozed_until,
        team: target.team.or(source.team),
        assignee: target.assignee.or(source.assignee),
    }
}

/// Two open conversations of which a person has one: the person has both.
fn a_person_has_one(target: Side, source: Side) -> bool {
    target.status == source.status && target.automated != source.automated
}

fn liveliness(status: ConversationStatus) -> u8 {
    match status {
        ConversationStatus::Open => 3,
        ConversationStatus::Snoozed => 2,
        ConversationStatus::Closed => 1,
        ConversationStatus::Merged => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{ConversationStatus::*, *};

    fn side(status: ConversationStatus, waiting_since: Option<i64>) -> Side {
        Side {
            status,
            automated: false,
            waiting_since: waiting_since.map(Time),
            opened_at: Time(5),
            closed_at: (status == Closed).then_some(Time(9)),
            snoozed_until: (status == Snoozed).then_some(Time(8)),
            team: None,
            assignee: None,
        }
    }

    #[test]
    fn who_waited_goes_on_waiting() {
        let table = [
            ((Open, None), (Open, None), (Open, None)),
            ((Open, Some(7)), (Open, Some(3)), (Open, Some(3))),
            ((Open, None), (Open, Some(3)), (Open, Some(3))),
            ((Closed, None), (Open, Some(3)), (Open, Some(3))),
            ((Open, Some(3)), (Closed, None), (Open, Some(3))),
            ((Closed, None), (Snoozed, Some(2)), (Snoozed, Some(2))),
            ((Closed, None), (Closed, None), (Closed, None)),
        ];
        for (target, source, (status, waiting)) in table {
            let result = merged(side(target.0, target.1), side(source.0, source.1));
            assert_eq!(
                (result.status, result.waiting_since),
                (status, waiting.map(Time)),
                "{target:?} {source:?}"
            );
            assert_eq!(result.closed_at.is_some(), status == Closed);
            assert_eq!(result.snoozed_until.is_some(), status == Snoozed);
        }
    }

    #[test]
    fn a_person_has_what_a_person_had_and_a_menu_keeps_what_only_it_had() {
        let menu = Side {
            automated: true,
            ..side(Open, None)
        };
        let person = side(Open, None);
        let table = [
            (menu, menu, true),
            (menu, person, false),
            (person, menu, false),
            (menu, side(Closed, None), true),
            (side(Closed, None), menu, true),
        ];
        for (target, source, automated) in table {
            assert_eq!(merged(target, source).automated, automated, "{target:?} {source:?}");
        }
    }

    #[test]
    fn the_target_keeps_its_team_and_agent() {
        let target = Side {
            team: Some(TeamId(1)),
            ..side(Open, None)
        };
        let source = Side {
            team: Some(TeamId(2)),
            assignee: Some(UserId(3)),
            opened_at: Time(1),
            ..side(Open, None)
        };
        let result = merged(target, source);
        assert_eq!(
            (result.team, result.assignee, result.opened_at),
            (Some(TeamId(1)), Some(UserId(3)), Time(1))
        );
    }
}
