//! Every event as one finished English sentence, for people who read a timeline.

use domain::{
    Actor, Event, Time,
    event::{ActorKind, Change, Happening},
    message::{MessageStatus, line},
};
use store::names::{Named, Names};

/// Lists what must be named to tell an event.
pub fn named(happening: &Happening) -> Vec<(Named, i64)> {
    let mut wanted: Vec<_> = actor_name(happening.actor).into_iter().collect();
    match &happening.event {
        Event::ConversationOpened { channel, .. } => wanted.push((Named::Channel, channel.0)),
        Event::ConversationAssigned { team, assignee, .. } => {
            wanted.extend(team.map(|team| (Named::Team, team.0)));
            wanted.extend(assignee.map(|user| (Named::User, user.0)));
        }
        Event::HandedOff { team, .. } => wanted.extend(team.map(|team| (Named::Team, team.0))),
        Event::UserChanged { user, .. } | Event::PasswordChanged { user } => wanted.push((Named::User, user.0)),
        _ => {}
    }
    wanted
}

/// Gives what must be named to say who an actor is.
pub fn actor_name(actor: Actor) -> Option<(Named, i64)> {
    let kind = match actor.kind {
        ActorKind::Customer => Named::Customer,
        ActorKind::User => Named::User,
        ActorKind::Flow => Named::Flow,
        ActorKind::Partner => Named::Partner,
        ActorKind::Api => Named::Token,
        ActorKind::System => return None,
    };
    actor.id.map(|id| (kind, id))
}

/// Says who an actor is.
pub fn actor(actor: Actor, names: &Names) -> String {
    let name = actor_name(actor).map_or("", |(kind, id)| names.get(kind, id));
    let stands_for_it = match actor.kind {
        ActorKind::Customer => "The customer",
        ActorKind::User => "A colleague",
        ActorKind::Flow => "A menu",
        ActorKind::System => "Rapport",
        ActorKind::Partner => "A partner",
        ActorKind::Api => "A program",
    };
    if name.is_empty() { stands_for_it } else { name }.to_owned()
}

/// Tells an event.
pub fn tell(happening: &Happening, names: &Names) -> String {
    let who = actor(happening.actor, names);
    let told = about_conversation(happening, &who, names)
        .or_else(|| about_messages(&happening.event, &who))
        .or_else(|| about_customer(&happening.event, &who))
        .or_else(|| about_flow(&happening.event, &who, names))
        .or_else(|| about_running(&happening.event, &who));
    told.unwrap_or_else(|| about_company(&happening.event, &who, names))
}

fn about_conversation(happening: &Happening, who: &str, names: &Names) -> Option<String> {
    Some(match &happening.event {
        Event::ConversationOpened { channel, follows } => {
            let by = names.get(Named::Channel, channel.0);
            match follows {
                Some(id) => format!("A conversation began on {by}, after conversation {id}."),
                None => format!("A conversation began on {by}."),
            }
        }
        Event::ConversationReopened {} => format!("{who} opened the conversation again."),
        Event::ConversationClosed {} => format!("{who} closed the conversation."),
        Event::ConversationSnoozed { until: Some(until) } => {
            format!("{who} set the conversation aside until {}.", moment(*until))
        }
        Event::ConversationSnoozed { until: None } => {
            format!("{who} set the conversation aside until the customer writes.")
        }
        Event::ConversationWoken { because } => sentence("The conversation came back", because),
        Event::ConversationAssigned {
            team,
            assignee,
            because,
        } => {
            let team = team.map(|team| names.get(Named::Team, team.0));
            let assignee = assignee.map(|user| names.get(Named::User, user.0));
            let told = match (assignee, team) {
                (Some(user), Some(team)) => format!("{who} gave the conversation to {user} in {team}"),
                (Some(user), None) => format!("{who} gave the conversation to {user}"),
                (None, Some(team)) => format!("{who} put the conversation into the queue of {team}"),
                (None, None) => format!("{who} put the conversation into the common queue"),
            };
            sentence(&told, because)
        }
        Event::ConversationTagged { tags } => match tags.as_slice() {
            [] => format!("{who} took all tags from the conversation."),
            tags => format!("{who} tagged the conversation {}.", tags.join(", ")),
        },
        Event::ConversationRenamed { subject } if subject.is_empty() => {
            format!("{who} took the conversation's subject away.")
        }
        Event::ConversationRenamed { subject } => format!("{who} named the conversation \"{subject}\"."),
        Event::ConversationMerged { into, messages } if happening.conversation == Some(*into) => {
            format!(
                "{who} merged another conversation into this one ({}).",
                count(*messages, "message")
            )
        }
        Event::ConversationMerged { into, messages } => {
            format!(
                "{who} merged this conversation into conversation {into} ({}).",
                count(*messages, "message")
            )
        }
        Event::ConversationSplit { from, messages } if happening.conversation == Some(*from) => {
            format!(
                "{who} moved {} from here into a new conversation.",
                count(*messages, "message")
            )
        }
        Event::ConversationSplit { from, messages } => {
            format!(
                "{who} split this conversation from conversation {from} ({}).",
                count(*messages, "message")
            )
        }
        _ => return None,
    })
}

fn about_messages(event: &Event, who: &str) -> Option<String> {
    Some(match event {
        Event::MessageReceived { body, attachments, .. } | Event::MessageQueued { body, attachments, .. } => {
            let files = match attachments.len() {
                0 => String::new(),
                n => format!(" with {}", count(n as i64, "attachment")),
            };
            if body.trim().is_empty() {
                format!("{who} sent a message{files}.")
            } else {
                format!("{who} wrote{files}: \"{}\"", line(body))
            }
        }
        Event::MessageStatusChanged { message, status, error } => {
            let what = match status {
                MessageStatus::Received => "was received",
                MessageStatus::Scheduled => "is to be sent later",
                MessageStatus::Queued => "waits to be sent",
                MessageStatus::Sending => "is being sent",
                MessageStatus::Sent => "was sent",
                MessageStatus::Delivered => "was delivered",
                MessageStatus::Read => "was read",
                MessageStatus::Undelivered => "could not be delivered",
                MessageStatus::Failed => "could not be sent",
                MessageStatus::Unconfirmed => "may or may not have been sent",
                MessageStatus::Cancelled => "was taken back",
                MessageStatus::Refused => "was not sent because the customer opted out",
            };
            sentence(
                &format!("Message {message} {what}"),
                error.as_deref().unwrap_or_default(),
            )
        }
        Event::NoteAdded { body, .. } => format!("{who} noted: \"{}\"", line(body)),
        Event::SurveySent { .. } => "The customer was asked how it went.".to_owned(),
        Event::SurveyCommented { comment, .. } => format!("{who} said of the survey: \"{}\"", line(comment)),
        Event::SurveyAnswered { score, comment, .. } if comment.is_empty() => {
            format!("{who} answered the survey with {score} of 5.")
        }
        Event::SurveyAnswered { score, comment, .. } => {
            format!("{who} answered the survey with {score} of 5: \"{}\"", line(comment))
        }
        _ => return None,
    })
}

fn about_customer(event: &Event, who: &str) -> Option<String> {
    Some(match event {
        Event::CustomerCreated { name } if name.is_empty() => "A file was opened for a new customer.".to_owned(),
        Event::CustomerCreated { name } => format!("A file was opened for {name}."),
        Event::CustomerChanged { changes } => format!("{who} {}.", changed(changes)),
        Event::CustomerTagged { tags } => match tags.as_slice() {
            [] => format!("{who} took all tags from the customer."),
            tags => format!("{who} tagged the customer {}.", tags.join(", ")),
        },
        Event::IdentityAdded { kind, value } => format!("{who} added the {} {value} to the file.", spaced(kind)),
        Event::IdentityRemoved { kind, value } => format!("{who} took the {} {value} from the file.", spaced(kind)),
        Event::RequestFiled { summary, .. } => format!("{who} filed a request: \"{summary}\""),
        Event::RequestChanged {
            summary, status, note, ..
        } => sentence(&format!("The request \"{summary}\" is now {status}"), note),
        Event::ConsentChanged {
            address,
            opted_in,
            source,
        } => {
            let way = if *opted_in { "opted in" } else { "opted out" };
            format!("{address} {way} ({}).", spaced(source))
        }
        Event::ConsentReviewAsked { because, .. } => {
            format!("A text may be a wish to get no more texts: \"{}\"", line(because))
        }
        Event::ConsentReviewDecided { opted_out: true, .. } => {
            format!("{who} decided that the text was a wish to get no more texts.")
        }
        Event::ConsentReviewDecided { opted_out: false, .. } => {
            format!("{who} decided that the text was no wish to get no more texts.")
        }
        _ => return None,
    })
}

fn about_flow(event: &Event, who: &str, names: &Names) -> Option<String> {
    Some(match event {
        Event::FlowStarted { name, because, .. } => sentence(&format!("The menu {name} began"), because),
        Event::FlowPaused { name, .. } => format!("The menu {name} stepped back: a person took over."),
        Event::FlowResumed { name, .. } => format!("The menu {name} went on where it was."),
        Event::FlowEnded { name, because, .. } => sentence(&format!("The menu {name} ended"), &spaced(because)),
        Event::FlowFailed {
            name, step, problem, ..
        } => sentence(&format!("The menu {name} failed at the step {step}"), problem),
        Event::HandedOff { team, because } => {
            let to = team.map_or("a person", |team| names.get(Named::Team, team.0));
            sentence(&format!("The customer was handed to {to}"), because)
        }
        Event::FlowSaved {
            name, version, enabled, ..
        } => {
            let state = if *enabled { "on" } else { "off" };
            format!("{who} saved version {version} of the menu {name}, switched {state}.")
        }
        _ => return None,
    })
}

fn about_running(event: &Event, who: &str) -> Option<String> {
    Some(match event {
        Event::FlowRemoved { name, .. } => format!("{who} removed the menu {name}."),
        Event::InboundRetried { inbound, understood } => {
            let how = if *understood {
                "understood now"
            } else {
                "not understood"
            };
            format!("{who} ran payload {inbound} again: {how}.")
        }
        Event::InboundDiscarded { inbound } => format!("{who} laid payload {inbound} aside."),
        Event::JobRetried { job, work } => format!("{who} ran job {job} ({work}) again."),
        Event::JobDiscarded { job, work } => format!("{who} discarded job {job} ({work})."),
        _ => return None,
    })
}

/// What is left is about the company. No arm catches the rest: an event that nobody tells does not compile.
fn about_company(event: &Event, who: &str, names: &Names) -> String {
    match event {
        Event::SignedIn { device } => format!("{who} signed in with {device}."),
        Event::SignInEnded { device } => format!("{who} signed out of {device}."),
        Event::UserJoined { name, role } => format!("{name} joined as {role}."),
        Event::UserChanged { user, changes } => {
            format!(
                "{who} changed {}: {}.",
                names.get(Named::User, user.0),
                changed(changes)
            )
        }
        Event::PasswordChanged { user } => format!("{} has a new password.", names.get(Named::User, user.0)),
        Event::UserInvited { email, role } => format!("{who} invited {email} as {role}."),
        Event::InvitationWithdrawn { email } => format!("{who} took back the invitation of {email}."),
        Event::TokenCreated { name, role } => format!("{who} made the token {name} with the role {role}."),
        Event::TokenRevoked { name } => format!("{who} took back the token {name}."),
        Event::TeamSaved { name, .. } => format!("{who} saved the team {name}."),
        Event::TeamRemoved { name, .. } => format!("{who} removed the team {name}."),
        Event::CannedReplySaved { title, .. } => format!("{who} saved the canned reply {title}."),
        Event::CannedReplyRemoved { title, .. } => format!("{who} removed the canned reply {title}."),
        Event::ViewSaved { name, .. } => format!("{who} saved the view {name}."),
        Event::ViewRemoved { name, .. } => format!("{who} removed the view {name}."),
        Event::PartnerSaved { name, .. } => format!("{who} saved the partner {name}."),
        Event::PartnerRemoved { name, .. } => format!("{who} removed the partner {name}."),
        Event::ChannelSaved { name, .. } => format!("{who} saved the channel {name}."),
        Event::SettingsChanged { changes } => format!("{who} {} in the settings.", changed(changes)),
        Event::CustomerCreated { .. }
        | Event::CustomerChanged { .. }
        | Event::CustomerTagged { .. }
        | Event::IdentityAdded { .. }
        | Event::IdentityRemoved { .. }
        | Event::ConversationOpened { .. }
        | Event::ConversationReopened { .. }
        | Event::ConversationClosed { .. }
        | Event::ConversationSnoozed { .. }
        | Event::ConversationWoken { .. }
        | Event::ConversationAssigned { .. }
        | Event::ConversationTagged { .. }
        | Event::ConversationRenamed { .. }
        | Event::ConversationMerged { .. }
        | Event::ConversationSplit { .. }
        | Event::MessageReceived { .. }
        | Event::MessageQueued { .. }
        | Event::MessageStatusChanged { .. }
        | Event::NoteAdded { .. }
        | Event::RequestFiled { .. }
        | Event::RequestChanged { .. }
        | Event::FlowStarted { .. }
        | Event::FlowPaused { .. }
        | Event::FlowResumed { .. }
        | Event::FlowEnded { .. }
        | Event::FlowFailed { .. }
        | Event::FlowSaved { .. }
        | Event::HandedOff { .. }
        | Event::FlowRemoved { .. }
        | Event::InboundRetried { .. }
        | Event::InboundDiscarded { .. }
        | Event::JobRetried { .. }
        | Event::JobDiscarded { .. }
        | Event::SurveySent { .. }
        | Event::SurveyAnswered { .. }
        | Event::SurveyCommented { .. }
        | Event::ConsentChanged { .. }
        | Event::ConsentReviewAsked { .. }
        | Event::ConsentReviewDecided { .. } => unreachable!("it was told above"),
    }
}

/// Ends a sentence with its reason, where there is one.
fn sentence(told: &str, because: &str) -> String {
    let because = because.trim().trim_end_matches('.');
    if because.is_empty() {
        format!("{told}.")
    } else {
        format!("{told}: {because}.")
    }
}

fn changed(changes: &[Change]) -> String {
    let told = changes.iter().map(|change| {
        let what = spaced(&change.what);
        match (change.from.as_str(), change.to.as_str()) {
            (_, "") => format!("took {what} away"),
            ("", to) => format!("set {what} to \"{}\"", line(to)),
            (from, to) => format!("changed {what} from \"{}\" to \"{}\"", line(from), line(to)),
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

fn count(n: i64, what: &str) -> String {
    if n == 1 {
        format!("1 {what}")
    } else {
        format!("{n} {what}s")
    }
}

fn moment(at: Time) -> String {
    at.timestamp().strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use domain::{ConversationId, CustomerId};

    use super::*;

    fn names() -> Names {
        let known = [
            ((Named::User, 1), "Ada"),
            ((Named::User, 2), "Ben"),
            ((Named::Team, 1), "Rooms"),
            ((Named::Channel, 1), "Texts"),
            ((Named::Customer, 1), "Zoë"),
            ((Named::Token, 1), "Till"),
            ((Named::Flow, 1), "welcome"),
            ((Named::Partner, 1), "Hotel Mar"),
        ];
        known.into_iter().map(|(key, name)| (key, name.to_owned())).collect()
    }

    fn told_by(who: &str, event: Event) -> String {
        let actor = match who {
            "stranger" => Actor::customer(CustomerId(9)),
            kind => Actor {
                kind: kind.parse().unwrap(),
                id: (kind != "system").then_some(1),
            },
        };
        let (customer, conversation) = (Some(CustomerId(1)), Some(ConversationId(7)));
        let happening = Happening {
            at: Time(0),
            customer,
            conversation,
            actor,
            event,
        };
        let names = names();
        for (kind, id) in named(&happening) {
            assert!(!names.get(kind, id).is_empty() || id == 9, "{kind:?} {id} is asked for");
        }
        tell(&happening, &names)
    }

    #[test]
    fn every_kind_of_event_is_told() {
        let table = include_str!("../../testdata/sentences.txt");
        for row in table.lines().filter(|row| !row.starts_with('#')) {
            let [who, kind, data, expected] = row.splitn(4, " | ").collect::<Vec<_>>()[..] else {
                panic!("{row}")
            };
            let event = Event::from_columns(kind, data).unwrap_or_else(|error| panic!("{row}: {error}"));
            assert_eq!(told_by(who, event), expected, "{row}");
        }
    }

    #[test]
    fn every_status_of_a_message_is_told() {
        for status in MessageStatus::ALL {
            let event = Event::MessageStatusChanged {
                message: domain::MessageId(4),
                status: *status,
                error: None,
            };
            assert!(told_by("system", event).starts_with("Message 4 "), "{status}");
        }
    }
}
