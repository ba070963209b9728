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

/// The fewest and the most characters of a password.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=200;

/// Gives a mail address as it is kept, in lower case; `None` when it cannot be one.
pub fn clean_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (name, host) = email.split_once('@')?;
    let is_plain = !email.contains(|c: char| c.is_whitespace() || c.is_control());
    let is_whole = !name.is_empty() && !host.is_empty() && !host.contains('@') && email.len() <= 254;
    (is_plain && is_whole).then_some(email)
}

/// Says what is wrong with a password; `None` when it will do.
pub fn password_problem(password: &str, email: &str, company: &str) -> Option<&'static str> {
    let plain = password.trim().to_lowercase();
    if !PASSWORD_LENGTH.contains(&password.chars().count()) {
        Some("must have 10 to 200 characters")
    } else if plain == email.to_lowercase() || plain == company.trim().to_lowercase() {
        Some("must not be the email address or the company's name")
    } else {
        None
    }
}

/// A presence without a heartbeat for this long has gone.
pub const PRESENCE_SECONDS: i64 = 45;

#[cfg(test)]
mod tests {
    use super::{Role::*, *};

    #[test]
    fn an_address_is_kept_in_one_way() {
        let table = [
            (" Ada@Example.COM ", Some("ada@example.com")),
            ("ada@desk", Some("ada@desk")),
            ("ada", None),
            ("@example.com", None),
            ("ada@", None),
            ("a@b@c", None),
            ("a da@example.com", None),
        ];
        for (text, kept) in table {
            assert_eq!(clean_email(text).as_deref(), kept, "{text}");
        }
    }

    #[test]
    fn a_password_is_neither_short_nor_easily_guessed() {
        let problem = |password| password_problem(password, "ada@example.com", "Wander Hotels");
        assert_eq!(problem("long enough"), None);
        assert!(problem("too short").is_some());
        assert!(problem("Ada@example.com").is_some());
        assert!(problem("wander hotels").is_some());
        assert!(problem(&"x".repeat(201)).is_some());
    }

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
