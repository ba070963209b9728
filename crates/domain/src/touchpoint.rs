//! Touchpoints: the places where a customer meets the company, and which events are meetings.
//!
//! An event that is a meeting has a signature: short, stable, the same for all meetings of its sort. The catalogue gives
//! every signature a touchpoint, unless a rule puts the event elsewhere. Bookkeeping that no customer sees has none.

use std::fmt::Write;

use serde_json::Value;

use crate::{
    Actor, Event,
    collection::Object,
    event::{ActorKind, Happening},
    message::Direction,
    words,
};

words! {
    /// What a touchpoint is in the journey as it was designed.
    TouchpointRole {
        /// The design does not say when it comes.
        Free = "free",
        /// It may come in its stage.
        Optional = "optional",
        /// It should come in its stage.
        Required = "required",
    }
}

words! {
    /// A page about journeys whose questions can be kept under a name.
    JourneyPage {
        Map = "map",
        Conformance = "conformance",
        Friction = "friction",
        Variants = "variants",
        Funnels = "funnels",
        Paths = "paths",
        Retention = "retention",
        Attribution = "attribution",
    }
}

/// The most touchpoints that are told apart. Later signatures share [`OTHER`].
pub const MAX_TOUCHPOINTS: usize = 1_000;
/// The signature of everything there is no room for.
pub const OTHER: &str = "other";
/// Raised by one whenever [`meeting`] sorts an event otherwise than before: logs that were saved are then built anew.
pub const SORTING: u32 = 1;
/// The most characters of a signature; a longer one is cut.
const MAX_SIGNATURE: usize = 200;
/// The most segments of a path that tell pages apart.
const MAX_SEGMENTS: usize = 4;

/// What a meeting is, as long as nobody has said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// The same for all meetings of this sort.
    pub signature: String,
    /// What to call it in English.
    pub name: String,
    /// Where it takes place; empty when the event does not tell.
    pub channel: &'static str,
    /// Whether the customer asks for help by it.
    pub is_contact: bool,
    /// Whether it is left out of maps at first: each text of a talk and each menu, and what is said about a meeting rather than in it.
    pub is_hidden: bool,
}

impl Meeting {
    fn new(signature: impl Into<String>, name: impl Into<String>, channel: &'static str) -> Meeting {
        let cut = |text: String| match text.char_indices().nth(MAX_SIGNATURE) {
            Some((end, _)) => text[..end].to_owned(),
            None => text,
        };
        Meeting {
            signature: cut(signature.into()),
            name: cut(name.into()),
            channel,
            is_contact: false,
            is_hidden: false,
        }
    }

    fn contact(self) -> Meeting {
        Meeting {
            is_contact: true,
            ..self
        }
    }

    fn hidden(self) -> Meeting {
        Meeting {
            is_hidden: true,
            ..self
        }
    }

    /// What all share that there is no room for.
    pub fn other() -> Meeting {
        Meeting::new(OTHER, "Everything else", "")
    }
}

const TEXT: &str = "text";
const WEBSITE: &str = "website";
const APP: &str = "app";
const PLACE: &str = "place";
const PHONE: &str = "phone";

/// Says which meeting of customer and company an event is; `None` when it is none.
pub fn meeting(happening: &Happening) -> Option<Meeting> {
    happening.customer?;
    match &happening.event {
        Event::ActionTracked { name, .. } => Some(Meeting::new(format!("track:{name}"), name, "")),
        Event::PageViewed {
            name,
            properties,
            context,
            ..
        } => {
            let page = if name.is_empty() {
                path(properties, context)
            } else {
                name.clone()
            };
            Some(Meeting::new(format!("page:{page}"), page, WEBSITE))
        }
        Event::CheckedIn { place, name, .. } => Some(Meeting::new(format!("check_in:{place}"), name, PLACE)),
        Event::ScreenViewed { name, .. } => Some(Meeting::new(format!("screen:{name}"), name, APP)),
        Event::CustomerIdentified { .. } => Some(Meeting::new("identified", "Said who they are", "").hidden()),
        Event::GroupJoined { .. } => Some(Meeting::new("group_joined", "Joined a group", "").hidden()),
        event => service_meeting(event, happening.actor),
    }
}

fn service_meeting(event: &Event, actor: Actor) -> Option<Meeting> {
    let by_customer = actor.kind == ActorKind::Customer;
    let meeting = match event {
        Event::ConversationOpened { .. } if by_customer => {
            Meeting::new("conversation_opened", "Asked for help", TEXT).contact()
        }
        Event::ConversationOpened { .. } => Meeting::new("conversation_opened_by_company", "We wrote first", TEXT),
        Event::ConversationReopened {} if by_customer => {
            Meeting::new("conversation_reopened", "Asked again", TEXT).contact()
        }
        Event::ConversationClosed {} => Meeting::new("conversation_closed", "Conversation closed", TEXT),
        Event::MessageReceived { .. } => Meeting::new("message_received", "Text from the customer", TEXT).hidden(),
        Event::MessageQueued { .. } if actor.kind == ActorKind::Flow => {
            Meeting::new("menu_sent", "Text from a menu", TEXT).hidden()
        }
        Event::MessageQueued { .. } => Meeting::new("message_sent", "Text from us", TEXT).hidden(),
        Event::RequestFiled { request_kind, .. } => Meeting::new(
            format!("request_filed:{request_kind}"),
            format!("Request filed: {request_kind}"),
            TEXT,
        ),
        Event::RequestChanged { status, .. } => {
            Meeting::new(format!("request_status:{status}"), format!("Request {status}"), TEXT)
        }
        Event::FlowStarted { name, .. } => {
            Meeting::new(format!("flow_started:{name}"), format!("Menu: {name}"), TEXT).hidden()
        }
        Event::CallLogged { direction, .. } => match direction {
            Direction::In => Meeting::new("call_received", "Called us", PHONE).contact(),
            Direction::Out => Meeting::new("call_made", "We called", PHONE),
        },
        Event::HandedOff { .. } => Meeting::new("handed_off", "Handed to a person", TEXT),
        Event::SurveySent { .. } => Meeting::new("survey_sent", "Survey sent", TEXT).hidden(),
        Event::SurveyAnswered { .. } => Meeting::new("survey_answered", "Survey answered", TEXT),
        Event::ConsentChanged { opted_in: true, .. } => Meeting::new("opted_in", "Opted in", TEXT).hidden(),
        Event::ConsentChanged { .. } => Meeting::new("opted_out", "Opted out", TEXT),
        _ => return None,
    };
    Some(meeting)
}

/// Gives the path of a page that has no name, with what is different for everybody, such as ids, as `*`.
fn path(properties: &Object, context: &Object) -> String {
    let text = |object: &Object, key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let page = context.get("page").and_then(Value::as_object);
    let found = text(properties, "path")
        .or_else(|| page.and_then(|page| text(page, "path")))
        .or_else(|| text(properties, "url"))
        .or_else(|| page.and_then(|page| text(page, "url")))
        .unwrap_or_default();
    let without_origin = found.split_once("://").map_or(found.as_str(), |(_, rest)| {
        rest.find('/').map_or("", |start| &rest[start..])
    });
    let path = without_origin.split(['?', '#']).next().unwrap_or_default();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let mut clean = String::new();
    for segment in segments.by_ref().take(MAX_SEGMENTS) {
        let differs = segment.len() > 40 || segment.contains(|c: char| c.is_ascii_digit()) || segment.contains('@');
        let _ = write!(clean, "/{}", if differs { "*" } else { segment });
    }
    match (clean.is_empty(), segments.next()) {
        (true, _) => "/".to_owned(),
        (false, Some(_)) => clean + "/…",
        (false, None) => clean,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{ChannelId, CustomerId, SourceId, Time};

    fn of(event: Event, actor: Actor) -> Option<Meeting> {
        meeting(&Happening {
            at: Time(0),
            customer: Some(CustomerId(1)),
            conversation: None,
            actor,
            event,
        })
    }

    fn page(name: &str, properties: Value, context: Value) -> Event {
        let object = |value: Value| value.as_object().expect("an object").clone();
        Event::PageViewed {
            source: SourceId(1),
            name: name.to_owned(),
            category: String::new(),
            properties: object(properties),
            context: object(context),
            told_at: None,
        }
    }

    #[test]
    fn pages_go_by_their_name_or_by_the_part_of_their_path_that_all_share() {
        let table = [
            (page("Rooms", json!({"path": "/rooms/17"}), json!({})), "page:Rooms"),
            (page("", json!({"path": "/rooms/17"}), json!({})), "page:/rooms/*"),
            (
                page("", json!({"url": "https://a.example/pay?x=1#y"}), json!({})),
                "page:/pay",
            ),
            (page("", json!({"url": "https://a.example"}), json!({})), "page:/"),
            (
                page("", json!({}), json!({"page": {"path": "/me/ana@b.example/"}})),
                "page:/me/*",
            ),
            (page("", json!({"path": "/a/b/c/d/e"}), json!({})), "page:/a/b/c/d/…"),
            (page("", json!({}), json!({})), "page:/"),
            (page("", json!({"path": 5}), json!({})), "page:/"),
        ];
        for (event, signature) in table {
            assert_eq!(of(event, Actor::SYSTEM).expect("a meeting").signature, signature);
        }
    }

    #[test]
    fn only_what_a_customer_begins_is_a_call_for_help() {
        let opened = || Event::ConversationOpened {
            channel: ChannelId(1),
            follows: None,
        };
        assert!(
            of(opened(), Actor::customer(CustomerId(1)))
                .expect("a meeting")
                .is_contact
        );
        assert!(!of(opened(), Actor::SYSTEM).expect("a meeting").is_contact);
    }

    #[test]
    fn a_call_by_the_customer_asks_for_help_and_one_of_ours_does_not() {
        let called = |direction| Event::CallLogged {
            direction,
            duration_seconds: 60,
            about: "Late check-in".to_owned(),
            note: String::new(),
        };
        let user = Actor::user(crate::UserId(1));
        let met = [Direction::In, Direction::Out].map(|direction| of(called(direction), user).expect("a meeting"));
        assert_eq!(
            met.map(|meeting| (meeting.is_contact, meeting.channel)),
            [(true, PHONE), (false, PHONE)]
        );
    }

    #[test]
    fn a_place_stays_one_touchpoint_under_another_name() {
        let at = |name: &str| Event::CheckedIn {
            place: crate::PlaceId(3),
            name: name.to_owned(),
            given_kind: String::new(),
            given: String::new(),
        };
        for name in ["Lobby", "Hall"] {
            let meeting = of(at(name), Actor::customer(CustomerId(1))).expect("a meeting");
            assert_eq!(
                (meeting.signature.as_str(), meeting.name.as_str()),
                ("check_in:3", name)
            );
        }
    }

    #[test]
    fn bookkeeping_and_what_is_nobodys_is_no_meeting() {
        assert_eq!(of(Event::ConversationTagged { tags: vec![] }, Actor::SYSTEM), None);
        let nobodys = Happening {
            at: Time(0),
            customer: None,
            conversation: None,
            actor: Actor::SYSTEM,
            event: Event::ConversationClosed {},
        };
        assert_eq!(meeting(&nobodys), None);
    }

    #[test]
    fn a_name_of_any_length_makes_a_signature_of_bounded_length() {
        let event = Event::ScreenViewed {
            source: SourceId(1),
            name: "ü".repeat(500),
            properties: Object::new(),
            context: Object::new(),
            told_at: None,
        };
        assert_eq!(
            of(event, Actor::SYSTEM).expect("a meeting").signature.chars().count(),
            MAX_SIGNATURE
        );
    }
}
