//! The desk's commands: what may be done with a conversation, each a function over one transaction.
//!
//! A command changes rows and adds the event that explains them. Webhooks, the API and jobs call the same commands. What
//! takes time or leaves the house (sending, fetching) is never done here: a command writes a job for it.

pub mod assignment;
pub mod attached;
pub mod check_in;
pub mod closure;
pub mod consent;
pub mod customer_file;
pub mod delivery;
pub mod demand;
pub mod erasing;
pub mod find;
pub mod following;
pub mod inbound;
pub mod joining;
pub mod links;
pub mod menu;
pub mod merge;
pub mod outbound;
pub mod rehearsal;
pub mod reply;
pub mod request_status;
pub mod requests;
pub mod snooze;
pub mod split;
pub mod start_text;
pub mod suggesting;
pub mod survey;
pub mod tags;
pub mod visiting;
pub mod ways;

use domain::{Actor, CustomerId, Event, EventId, Time, UserId, event::Happening};
use store::{Tx, conversations::Conversation};

/// Who acts, and when.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When.
    pub now: Time,
    /// Who.
    pub actor: Actor,
}

impl Moment {
    /// Gives the user who acts; `None` when it is a program, a flow, a partner or Rapport itself.
    pub fn user(&self) -> Option<UserId> {
        self.actor.user_id()
    }

    /// The same time, by someone else.
    pub fn by(self, actor: Actor) -> Moment {
        Moment { actor, ..self }
    }

    /// Adds an event to a conversation and its customer's timeline.
    pub fn record(&self, tx: &mut Tx, conversation: &Conversation, event: Event) -> store::Result<EventId> {
        let whose = conversation.whose();
        let happening = Happening {
            at: self.now,
            customer: Some(whose.customer),
            conversation: Some(conversation.id),
            actor: self.actor,
            event,
        };
        store::events::append_from(tx, &happening, whose.other_profile())
    }

    /// Adds an event to a customer's timeline.
    pub fn record_for_customer(&self, tx: &mut Tx, customer: CustomerId, event: Event) -> store::Result<EventId> {
        let customer = Some(customer);
        let happening = Happening {
            at: self.now,
            customer,
            conversation: None,
            actor: self.actor,
            event,
        };
        store::events::append(tx, &happening)
    }

    /// Adds an event that is about no customer.
    pub fn record_for_company(&self, tx: &mut Tx, event: Event) -> store::Result<EventId> {
        let happening = Happening {
            at: self.now,
            customer: None,
            conversation: None,
            actor: self.actor,
            event,
        };
        store::events::append(tx, &happening)
    }
}
