//! Who works at the desk and what each role may do.

use serde::Serialize;

use crate::{InvitationId, SignInId, TeamId, Time, TokenId, UserId, words};

words! {
    /// What a user may do; each role may do all that the ones after it may.
    Role {
        /// Everything, also people, roles and tokens.
        Owner = "owner",
        /// Flows, channels, teams, canned replies, settings, jobs.
        Manager = "manager",
        /// Conversations and customers.
        Agent = "agent",
        /// Reads everything, changes nothing.
        Viewer = "viewer",
    }
}

impl Role {
    /// Says whether this role may do what `needed` may.
    pub fn may(self, needed: Role) -> bool {
        self <= needed
    }
}

words! {
    /// Whether a user takes new conversations now.
    Availability { Available = "available", Away = "away" }
}

/// Someone who works at the desk.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// Where invitations go and what is typed to sign in; lower case.
    pub email: String,
    /// As colleagues and customers read it.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// Whether the user takes new conversations now.
    pub availability: Availability,
    /// What may be put below replies.
    pub signature: String,
    /// The desk's language for this user.
    pub locale: String,
    /// The teams the user is in.
    pub team_ids: Vec<TeamId>,
    /// Whether the user can no longer sign in.
    pub disabled: bool,
    /// When the user joined.
    pub created_at: Time,
}

/// Users who share a queue.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Team {
    /// The id.
    pub id: TeamId,
    /// The name, different from every other team's.
    pub name: String,
    /// Who is in it.
    pub member_ids: Vec<UserId>,
}

/// A link that lets one person join.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Invitation {
    /// The id.
    pub id: InvitationId,
    /// Whom it is for.
    pub email: String,
    /// What the person may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Time,
    /// Until when it can be used.
    pub expires_at: Time,
    /// Whether it has been used.
    pub accepted: bool,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SignIn {
    /// The id.
    pub id: SignInId,
    /// The browser in words, such as `Firefox on Linux`.
    pub device: String,
    /// When it signed in.
    pub created_at: Time,
    /// When it was last seen, give or take five minutes.
    pub seen_at: Time,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What a program calls the API with.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Token {
    /// The id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, give or take five minutes.
    pub used_at: Option<Time>,
}

words! {
    /// Whether a colleague looks at a conversation or types in it.
    PresenceState { Viewing = "viewing", Typing = "typing" }
}

/// A presence without a heartbeat for this long has gone.
pub const PRESENCE_SECONDS: i64 = 45;

#[cfg(test)]
mod tests {
    use super::Role::*;

    #[test]
    fn each_role_may_do_what_the_lower_ones_may() {
        let order = [Owner, Manager, Agent, Viewer];
        for (i, role) in order.iter().enumerate() {
            for (j, needed) in order.iter().enumerate() {
                assert_eq!(role.may(*needed), i <= j, "{role} for {needed}");
            }
        }
    }
}
