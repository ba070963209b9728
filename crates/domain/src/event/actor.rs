//! Who made something happen.

use serde::{Deserialize, Serialize};

use crate::{FlowId, PartnerId, UserId, words};

words! {
    /// Who made something happen.
    ActorKind { Customer = "customer", User = "user", Flow = "flow", System = "system", Partner = "partner", Api = "api" }
}

/// Who made something happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The user, flow, partner, customer or token, where there is one.
    pub id: Option<i64>,
}

impl Actor {
    /// Rapport itself.
    pub const SYSTEM: Actor = Actor {
        kind: ActorKind::System,
        id: None,
    };

    /// A user of the desk.
    pub const fn user(id: UserId) -> Actor {
        Actor {
            kind: ActorKind::User,
            id: Some(id.0),
        }
    }

    /// Gives the user who acts, if it is one.
    pub fn user_id(self) -> Option<UserId> {
        self.id.filter(|_| self.kind == ActorKind::User).map(UserId)
    }

    /// A customer.
    pub const fn customer(id: crate::CustomerId) -> Actor {
        Actor {
            kind: ActorKind::Customer,
            id: Some(id.0),
        }
    }

    /// A flow.
    pub const fn flow(id: FlowId) -> Actor {
        Actor {
            kind: ActorKind::Flow,
            id: Some(id.0),
        }
    }

    /// A partner.
    pub const fn partner(id: PartnerId) -> Actor {
        Actor {
            kind: ActorKind::Partner,
            id: Some(id.0),
        }
    }
}
