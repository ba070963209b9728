//! An event that is about to be recorded.

use super::{Actor, Event};
use crate::{ConversationId, CustomerId, Time};

/// An event with the circumstances it happened in, before the database has given it an id.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// When.
    pub at: Time,
    /// Whose timeline it belongs to, if any.
    pub customer: Option<CustomerId>,
    /// In which conversation, if any.
    pub conversation: Option<ConversationId>,
    /// Who made it happen.
    pub actor: Actor,
    /// What.
    pub event: Event,
}
