//! Why customers write: to get something the company is there for, or because something went wrong.
//!
//! Contacts that a failure causes, "a failure to do something or do something right for the customer", are failure demand;
//! the others are value demand (Seddon, "Freedom from Command and Control", 2003). A conversation is marked by what is
//! known around it and never by its words, so that it can be said in one sentence why. A person's word is above the mark;
//! how often the two agree is what the mark is worth.
//!
//! The rules, the first that holds decides:
//!
//! 1. a request was filed in it: the customer wanted something, which says most about this very conversation;
//! 2. a request of theirs was declined or failed shortly before;
//! 3. they met a touchpoint shortly before that is known to bring calls for help;
//! 4. they came back to it after it was closed, and a person had to answer once more;
//! 5. another conversation of theirs was closed shortly before: it did not settle the matter;
//! 6. otherwise nobody knows.
//!
//! A conversation that the company began is no contact of the customer's: it is not counted, and what was before it (2, 3
//! and 5) is no reason for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ConversationId, CustomerId, EventId, Time, TouchpointId,
    event::{ActorKind, Event, Happening},
    request::RequestStatus,
    words,
};

/// What is shortly before, in days: the horizon in which the friction ledger looks for calls for help.
pub const SHORTLY_DAYS: i64 = 7;

words! {
    /// What a customer wrote for.
    Demand { Value = "value", Failure = "failure", Unclear = "unclear" }
}

words! {
    /// Why a conversation is marked as it is.
    DemandReason {
        /// A request was filed in it.
        RequestFiled = "request_filed",
        /// A request was declined or failed before.
        RequestRefused = "request_refused",
        /// A touchpoint that brings calls for help was met before.
        Trouble = "trouble",
        /// It was reopened and had to be answered once more.
        AnsweredAgain = "answered_again",
        /// Another conversation was closed before.
        WroteAgain = "wrote_again",
        /// The company began it.
        WeWrote = "we_wrote",
        /// Nothing is known.
        Nothing = "nothing"
    }
}

/// What a conversation is marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What the customer wrote for.
    pub demand: Demand,
    /// Why that is said.
    pub because: DemandReason,
    /// What shows it; none where nothing is known.
    pub evidence: Option<Evidence>,
}

/// What shows why a customer wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// When it was.
    pub at: Time,
    /// What it was.
    pub what: Shown,
}

/// What a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// An event of the timeline.
    Event(EventId),
    /// A meeting with a touchpoint.
    Touchpoint(TouchpointId),
}

/// A meeting with a touchpoint that brings calls for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Which one.
    pub touchpoint: TouchpointId,
    /// When.
    pub at: Time,
}

/// The kinds of events that [`Contacts`] are made of.
pub const KINDS: [&str; 7] = [
    "conversation_opened",
    "conversation_reopened",
    "conversation_closed",
    "conversation_merged",
    "request_filed",
    "request_changed",
    "message_queued",
];

/// Something that was done around a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// By the customer.
    Opened,
    /// By the company, which wrote first.
    Began,
    /// By the customer, who wrote again.
    Reopened,
    Closed,
    Filed,
    Refused,
    /// By a person.
    Answered,
}

#[derive(Debug, Clone, Copy)]
struct Done {
    deed: Deed,
    conversation: Option<ConversationId>,
    at: Time,
    event: EventId,
}

/// When customers wrote and what became of it. Events are taken in the order they happened.
#[derive(Debug, Clone, Default)]
pub struct Contacts {
    by_customer: BTreeMap<CustomerId, Vec<Done>>,
    /// Conversations that went into another one.
    gone: BTreeSet<ConversationId>,
}

/// A conversation with when it was opened, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// Which one.
    pub conversation: ConversationId,
    /// Whose.
    pub customer: CustomerId,
    /// When it was opened.
    pub at: Time,
}

impl Contacts {
    /// Takes an event; those of other kinds than [`KINDS`] say nothing here.
    pub fn take(&mut self, event: EventId, happening: &Happening) {
        let by_person = happening.actor.kind == ActorKind::User;
        let by_customer = happening.actor.kind == ActorKind::Customer;
        let deed = match &happening.event {
            Event::ConversationOpened { .. } if by_customer => Deed::Opened,
            Event::ConversationOpened { .. } => Deed::Began,
            Event::ConversationReopened {} if by_customer => Deed::Reopened,
            Event::ConversationClosed {} => Deed::Closed,
            Event::RequestFiled { .. } => Deed::Filed,
            Event::RequestChanged {
                status: RequestStatus::Declined | RequestStatus::Failed,
                ..
            } => Deed::Refused,
            Event::MessageQueued { .. } if by_person => Deed::Answered,
            Event::ConversationMerged { into, .. } => {
                self.gone.extend(happening.conversation.filter(|from| from != into));
                return;
            }
            _ => return,
        };
        let Some(customer) = happening.customer else { return };
        self.by_customer.entry(customer).or_default().push(Done {
            deed,
            conversation: happening.conversation,
            at: happening.at,
            event,
        });
    }

    /// Gives the conversations that customers opened in `from <= at < to`, by customer; those that went into another one
    /// are part of that.
    pub fn opened(&self, from: Time, to: Time) -> impl Iterator<Item = Contact> {
        let of = move |(customer, done): (&CustomerId, &Vec<Done>)| {
            let customer = *customer;
            let opened = done.iter().filter(move |done| done.deed == Deed::Opened);
            let opened = opened.filter_map(move |done| {
                let conversation = done.conversation.filter(|id| !self.gone.contains(id))?;
                Some(Contact {
                    conversation,
                    customer,
                    at: done.at,
                })
            });
            opened.collect::<Vec<_>>()
        };
        self.by_customer
            .iter()
            .flat_map(of)
            .filter(move |contact| from <= contact.at && contact.at < to)
    }

    /// Marks a conversation; `troubles` are those of its customer.
    pub fn mark(&self, contact: &Contact, troubles: &[Trouble]) -> Mark {
        let done = self.by_customer.get(&contact.customer).map_or(&[][..], Vec::as_slice);
        let is_own = |done: &Done| done.conversation == Some(contact.conversation);
        let began = done.iter().find(|done| done.deed == Deed::Began && is_own(done));
        let since = contact.at.plus_seconds(-SHORTLY_DAYS * 86_400);
        let shortly = |at: Time| began.is_none() && since <= at && at < contact.at;
        let newest = |is_wanted: &dyn Fn(&Done) -> bool| done.iter().rev().find(|done| is_wanted(done));
        let filed = done.iter().find(|done| done.deed == Deed::Filed && is_own(done));
        let refused = newest(&|done| done.deed == Deed::Refused && shortly(done.at));
        let trouble = troubles.iter().filter(|met| shortly(met.at)).max_by_key(|met| met.at);
        let answered = newest(&|done| done.deed == Deed::Answered && is_own(done)).map(|done| done.at);
        let reopened = done.iter().find(|done| {
            done.deed == Deed::Reopened && is_own(done) && answered.is_some_and(|answered| answered > done.at)
        });
        let closed = newest(&|done| done.deed == Deed::Closed && !is_own(done) && shortly(done.at));
        let shown = |done: Option<&Done>| {
            done.map(|done| Evidence {
                at: done.at,
                what: Shown::Event(done.event),
            })
        };
        let met = trouble.map(|met| Evidence {
            at: met.at,
            what: Shown::Touchpoint(met.touchpoint),
        });
        [
            (Demand::Value, DemandReason::RequestFiled, shown(filed)),
            (Demand::Failure, DemandReason::RequestRefused, shown(refused)),
            (Demand::Failure, DemandReason::Trouble, met),
            (Demand::Failure, DemandReason::AnsweredAgain, shown(reopened)),
            (Demand::Failure, DemandReason::WroteAgain, shown(closed)),
            (Demand::Unclear, DemandReason::WeWrote, shown(began)),
        ]
        .into_iter()
        .find(|(_, _, evidence)| evidence.is_some())
        .map_or(Mark::UNCLEAR, |(demand, because, evidence)| Mark {
            demand,
            because,
            evidence,
        })
    }
}

impl Mark {
    /// What is said where nothing is known.
    pub const UNCLEAR: Mark = Mark {
        demand: Demand::Unclear,
        because: DemandReason::Nothing,
        evidence: None,
    };

    /// Gives the touchpoint that is said to be the cause.
    pub fn cause(&self) -> Option<TouchpointId> {
        match self.evidence?.what {
            Shown::Touchpoint(touchpoint) => Some(touchpoint),
            Shown::Event(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Actor, ChannelId, MessageId, RequestId};

    const DAY: i64 = 86_400;
    const AGENT: Actor = Actor {
        kind: ActorKind::User,
        id: Some(3),
    };

    fn opened() -> Event {
        Event::ConversationOpened {
            channel: ChannelId(1),
            follows: None,
        }
    }

    fn filed() -> Event {
        Event::RequestFiled {
            request: RequestId(1),
            request_kind: "room".to_owned(),
            summary: String::new(),
        }
    }

    fn changed(status: RequestStatus) -> Event {
        Event::RequestChanged {
            request: RequestId(1),
            summary: String::new(),
            status,
            note: String::new(),
        }
    }

    fn sent() -> Event {
        Event::MessageQueued {
            message: MessageId(1),
            body: String::new(),
            send_at: None,
            attachments: vec![],
        }
    }

    /// What happens, in which conversation, by whom, on which day.
    type Line = (i64, i64, Actor, Event);

    /// What happened, which troubles were met on which days, and what is said of it.
    type Case = (Vec<Line>, Vec<(i64, i64)>, (Demand, DemandReason, Option<i64>));

    /// Marks conversation 1 of customer 1, opened on day 100.
    fn mark(lines: &[Line], troubles: &[(i64, i64)]) -> (Demand, DemandReason, Option<i64>) {
        let mut contacts = Contacts::default();
        let opening = (100, 1, Actor::customer(CustomerId(1)), opened());
        let mut lines: Vec<&Line> = lines.iter().chain([&opening]).collect();
        lines.sort_by_key(|line| line.0);
        for (day, conversation, actor, event) in lines {
            let happening = Happening {
                at: Time(0).plus_seconds(day * DAY),
                customer: Some(CustomerId(1)),
                conversation: Some(ConversationId(*conversation)),
                actor: *actor,
                event: event.clone(),
            };
            contacts.take(EventId(*day), &happening);
        }
        let troubles: Vec<Trouble> = troubles
            .iter()
            .map(|(touchpoint, day)| Trouble {
                touchpoint: TouchpointId(*touchpoint),
                at: Time(0).plus_seconds(day * DAY),
            })
            .collect();
        let all = |from, to| contacts.opened(Time(0).plus_seconds(from * DAY), Time(0).plus_seconds(to * DAY));
        let contact = all(100, 101).next().expect("it was opened");
        assert_eq!(all(101, 200).count(), 0);
        let mark = contacts.mark(&contact, &troubles);
        let day = mark.evidence.map(|evidence| evidence.at.0 / 1_000_000 / DAY);
        (mark.demand, mark.because, day)
    }

    #[test]
    fn the_first_rule_that_holds_decides() {
        use Demand::*;
        use DemandReason::*;
        let customer = Actor::customer(CustomerId(1));
        let closed = Event::ConversationClosed {};
        let reopened = Event::ConversationReopened {};
        let refused = (96, 9, Actor::SYSTEM, changed(RequestStatus::Declined));
        let wrote = (95, 9, AGENT, closed.clone());
        let cases: Vec<Case> = vec![
            (vec![], vec![], (Unclear, Nothing, None)),
            (
                vec![(101, 1, customer, filed())],
                vec![(4, 99)],
                (Value, RequestFiled, Some(101)),
            ),
            (vec![(101, 2, customer, filed())], vec![], (Unclear, Nothing, None)),
            (
                vec![refused.clone()],
                vec![(4, 99)],
                (Failure, RequestRefused, Some(96)),
            ),
            (
                vec![(96, 9, Actor::SYSTEM, changed(RequestStatus::Confirmed))],
                vec![],
                (Unclear, Nothing, None),
            ),
            (vec![], vec![(4, 94), (5, 99), (6, 100)], (Failure, Trouble, Some(99))),
            (vec![], vec![(4, 92)], (Unclear, Nothing, None)),
            (vec![wrote.clone()], vec![], (Failure, WroteAgain, Some(95))),
            (vec![(92, 9, AGENT, closed.clone())], vec![], (Unclear, Nothing, None)),
            (vec![(101, 1, AGENT, closed.clone())], vec![], (Unclear, Nothing, None)),
            (
                vec![
                    (101, 1, AGENT, closed.clone()),
                    (102, 1, customer, reopened.clone()),
                    (103, 1, AGENT, sent()),
                ],
                vec![],
                (Failure, AnsweredAgain, Some(102)),
            ),
            // Thanks that reopen a conversation need no answer; and who is asked by us does not come back.
            (
                vec![(101, 1, AGENT, sent()), (102, 1, customer, reopened.clone())],
                vec![],
                (Unclear, Nothing, None),
            ),
            (
                vec![(102, 1, AGENT, reopened), (103, 1, AGENT, sent())],
                vec![],
                (Unclear, Nothing, None),
            ),
            (
                vec![(101, 1, customer, filed()), refused, wrote],
                vec![(4, 99)],
                (Value, RequestFiled, Some(101)),
            ),
        ];
        for (number, (lines, troubles, wanted)) in cases.into_iter().enumerate() {
            assert_eq!(mark(&lines, &troubles), wanted, "case {number}");
        }
    }

    #[test]
    fn a_conversation_that_went_into_another_has_no_mark_of_its_own() {
        let mut contacts = Contacts::default();
        let mut take = |id: i64, conversation: i64, event: Event| {
            let happening = Happening {
                at: Time(id),
                customer: Some(CustomerId(1)),
                conversation: Some(ConversationId(conversation)),
                actor: Actor::customer(CustomerId(1)),
                event,
            };
            contacts.take(EventId(id), &happening);
        };
        let into = ConversationId(2);
        take(1, 1, opened());
        take(2, 2, opened());
        take(3, 1, Event::ConversationMerged { into, messages: 1 });
        take(4, 2, Event::ConversationMerged { into, messages: 1 });
        let left: Vec<_> = contacts
            .opened(Time(0), Time(9))
            .map(|contact| contact.conversation)
            .collect();
        assert_eq!(left, [into]);
    }

    #[test]
    fn what_the_company_began_is_no_contact_and_nothing_before_it_is_its_reason() {
        let customer = Actor::customer(CustomerId(1));
        let mut contacts = Contacts::default();
        let mut take = |day: i64, conversation: i64, actor: Actor, event: Event| {
            let happening = Happening {
                at: Time(0).plus_seconds(day * DAY),
                customer: Some(CustomerId(1)),
                conversation: Some(ConversationId(conversation)),
                actor,
                event,
            };
            contacts.take(EventId(day), &happening);
        };
        take(96, 9, Actor::SYSTEM, changed(RequestStatus::Failed));
        take(97, 9, AGENT, Event::ConversationClosed {});
        take(100, 1, AGENT, opened());
        take(101, 2, AGENT, opened());
        take(102, 2, customer, filed());
        let at = |day: i64| Time(0).plus_seconds(day * DAY);
        assert_eq!(contacts.opened(at(0), at(200)).count(), 0);
        let trouble = Trouble {
            touchpoint: TouchpointId(4),
            at: at(99),
        };
        let mark = |conversation: i64, day: i64| {
            let contact = Contact {
                conversation: ConversationId(conversation),
                customer: CustomerId(1),
                at: at(day),
            };
            let mark = contacts.mark(&contact, &[trouble]);
            (mark.demand, mark.because, mark.evidence.map(|shown| shown.at))
        };
        assert_eq!(mark(1, 100), (Demand::Unclear, DemandReason::WeWrote, Some(at(100))));
        assert_eq!(mark(2, 101), (Demand::Value, DemandReason::RequestFiled, Some(at(102))));
    }
}
