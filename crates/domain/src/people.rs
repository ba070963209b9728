//! Who works at the desk and what each role may do.

use crate::words;

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
