use domain::{
    AttachmentId, ChannelId, ConversationId, CustomerId, FlowId, MessageId, NoteId, RequestId, SessionId, SurveyId,
    TeamId, UserId, people::Role, request::RequestStatus,
};

use super::*;

fn names() -> Names {
    let known = [
        ((Named::User, 1), "Ada"),
        ((Named::User, 2), "Ben"),
        ((Named::Team, 1), "Rooms"),
        ((Named::Channel, 1), "Texts"),
        ((Named::Customer, 1), "Zoë"),
        ((Named::Token, 1), "Till"),
    ];
    known.into_iter().map(|(key, name)| (key, name.to_owned())).collect()
}

fn told_by(actor: Actor, event: Event) -> String {
    let happening = Happening {
        at: Time(0),
        customer: Some(CustomerId(1)),
        conversation: Some(ConversationId(7)),
        actor,
        event,
    };
    let names = names();
    for (kind, id) in named(&happening) {
        assert!(
            !names.get(kind, id).is_empty() || kind == Named::Customer,
            "{kind:?} {id} is asked for"
        );
    }
    tell(&happening, &names)
}

fn change(what: &str, from: &str, to: &str) -> Change {
    Change {
        what: what.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

#[test]
fn conversations_are_told() {
    let (team, ben) = (Some(TeamId(1)), Some(UserId(2)));
    let because = || "answered the customer".to_owned();
    let table = [
        (
            Event::ConversationOpened {
                channel: ChannelId(1),
                follows: None,
            },
            "A conversation began on Texts.",
        ),
        (
            Event::ConversationOpened {
                channel: ChannelId(1),
                follows: Some(ConversationId(3)),
            },
            "A conversation began on Texts, after conversation 3.",
        ),
        (Event::ConversationReopened {}, "Ada opened the conversation again."),
        (Event::ConversationClosed {}, "Ada closed the conversation."),
        (
            Event::ConversationSnoozed {
                until: Some(Time(86_400_000_000)),
            },
            "Ada set the conversation aside until 1970-01-02 00:00 UTC.",
        ),
        (
            Event::ConversationSnoozed { until: None },
            "Ada set the conversation aside until the customer writes.",
        ),
        (
            Event::ConversationWoken {
                because: "the customer wrote".into(),
            },
            "The conversation came back: the customer wrote.",
        ),
        (
            Event::ConversationAssigned {
                team,
                assignee: ben,
                because: because(),
            },
            "Ada gave the conversation to Ben in Rooms: answered the customer.",
        ),
        (
            Event::ConversationAssigned {
                team: None,
                assignee: ben,
                because: String::new(),
            },
            "Ada gave the conversation to Ben.",
        ),
        (
            Event::ConversationAssigned {
                team,
                assignee: None,
                because: String::new(),
            },
            "Ada put the conversation into the queue of Rooms.",
        ),
        (
            Event::ConversationAssigned {
                team: None,
                assignee: None,
                because: String::new(),
            },
            "Ada put the conversation into the common queue.",
        ),
        (
            Event::ConversationTagged {
                tags: vec!["a".into(), "b".into()],
            },
            "Ada tagged the conversation a, b.",
        ),
        (
            Event::ConversationTagged { tags: vec![] },
            "Ada took all tags from the conversation.",
        ),
        (
            Event::ConversationRenamed { subject: "Beds".into() },
            "Ada named the conversation \"Beds\".",
        ),
        (
            Event::ConversationRenamed { subject: String::new() },
            "Ada took the conversation's subject away.",
        ),
        (
            Event::ConversationMerged {
                into: ConversationId(7),
                messages: 1,
            },
            "Ada merged another conversation into this one (1 message).",
        ),
        (
            Event::ConversationMerged {
                into: ConversationId(8),
                messages: 2,
            },
            "Ada merged this conversation into conversation 8 (2 messages).",
        ),
        (
            Event::ConversationSplit {
                from: ConversationId(7),
                messages: 2,
            },
            "Ada moved 2 messages from here into a new conversation.",
        ),
        (
            Event::ConversationSplit {
                from: ConversationId(5),
                messages: 2,
            },
            "Ada split this conversation from conversation 5 (2 messages).",
        ),
    ];
    for (event, expected) in table {
        assert_eq!(told_by(Actor::user(UserId(1)), event), expected);
    }
}

#[test]
fn messages_are_told() {
    let received = |body: &str, files: usize| Event::MessageReceived {
        message: MessageId(1),
        body: body.into(),
        attachments: vec![AttachmentId(1); files],
    };
    let status = |status, error: Option<&str>| Event::MessageStatusChanged {
        message: MessageId(4),
        status,
        error: error.map(Into::into),
    };
    let queued = Event::MessageQueued {
        message: MessageId(1),
        body: "Hi".into(),
        send_at: None,
        attachments: vec![],
    };
    let answered = |comment: &str| Event::SurveyAnswered {
        survey: SurveyId(1),
        score: 5,
        comment: comment.into(),
    };
    let table = [
        (received("two\nbeds", 0), "Zoë wrote: \"two beds\""),
        (received("", 2), "Zoë sent a message with 2 attachments."),
        (received("look", 1), "Zoë wrote with 1 attachment: \"look\""),
        (queued, "Zoë wrote: \"Hi\""),
        (status(MessageStatus::Delivered, None), "Message 4 was delivered."),
        (
            status(MessageStatus::Failed, Some("No such number.")),
            "Message 4 could not be sent: No such number.",
        ),
        (
            Event::NoteAdded {
                note: NoteId(1),
                body: "vip".into(),
            },
            "Zoë noted: \"vip\"",
        ),
        (
            Event::SurveySent { survey: SurveyId(1) },
            "The customer was asked how it went.",
        ),
        (
            Event::SurveyCommented {
                survey: SurveyId(1),
                comment: "kind".into(),
            },
            "Zoë said of the survey: \"kind\"",
        ),
        (answered(""), "Zoë answered the survey with 5 of 5."),
        (answered("quick"), "Zoë answered the survey with 5 of 5: \"quick\""),
    ];
    for (event, expected) in table {
        assert_eq!(told_by(Actor::customer(CustomerId(1)), event), expected);
    }
    assert_eq!(
        told_by(Actor::customer(CustomerId(9)), received("Hi", 0)),
        "The customer wrote: \"Hi\""
    );
    for word in MessageStatus::ALL {
        assert!(told_by(Actor::SYSTEM, status(*word, None)).starts_with("Message 4 "));
    }
}

#[test]
fn customers_are_told() {
    let changes = vec![
        change("time_zone", "", "UTC"),
        change("name", "Zoe", "Zoë"),
        change("tier", "gold", ""),
    ];
    let table = [
        (
            Event::CustomerCreated { name: String::new() },
            "A file was opened for a new customer.",
        ),
        (
            Event::CustomerCreated { name: "Zoë".into() },
            "A file was opened for Zoë.",
        ),
        (
            Event::CustomerChanged { changes },
            "Till set time zone to \"UTC\", changed name from \"Zoe\" to \"Zoë\", took tier away.",
        ),
        (
            Event::CustomerTagged {
                tags: vec!["vip".into()],
            },
            "Till tagged the customer vip.",
        ),
        (
            Event::CustomerTagged { tags: vec![] },
            "Till took all tags from the customer.",
        ),
        (
            Event::IdentityAdded {
                kind: "user_id".into(),
                value: "7".into(),
            },
            "Till added the user id 7 to the file.",
        ),
        (
            Event::IdentityRemoved {
                kind: "phone".into(),
                value: "+1".into(),
            },
            "Till took the phone +1 from the file.",
        ),
        (
            Event::RequestFiled {
                request: RequestId(1),
                request_kind: "room".into(),
                summary: "2 beds".into(),
            },
            "Till filed a request: \"2 beds\"",
        ),
        (
            Event::RequestChanged {
                request: RequestId(1),
                summary: "2 beds".into(),
                status: RequestStatus::Confirmed,
                note: "Room 12".into(),
            },
            "The request \"2 beds\" is now confirmed: Room 12.",
        ),
        (
            Event::ConsentChanged {
                address: "+1".into(),
                opted_in: false,
                source: "free_text".into(),
            },
            "+1 opted out (free text).",
        ),
        (
            Event::ConsentChanged {
                address: "+1".into(),
                opted_in: true,
                source: "agent".into(),
            },
            "+1 opted in (agent).",
        ),
        (
            Event::ConsentReviewAsked {
                message: MessageId(1),
                because: "leave me alone".into(),
            },
            "A text may be a wish to get no more texts: \"leave me alone\"",
        ),
        (
            Event::ConsentReviewDecided {
                message: MessageId(1),
                opted_out: true,
            },
            "Till decided that the text was a wish to get no more texts.",
        ),
        (
            Event::ConsentReviewDecided {
                message: MessageId(1),
                opted_out: false,
            },
            "Till decided that the text was no wish to get no more texts.",
        ),
    ];
    for (event, expected) in table {
        assert_eq!(
            told_by(
                Actor {
                    kind: ActorKind::Api,
                    id: Some(1)
                },
                event
            ),
            expected
        );
    }
}

#[test]
fn menus_are_told() {
    let (session, name) = (SessionId(1), || "welcome".to_owned());
    let started = Event::FlowStarted {
        session,
        flow: FlowId(1),
        name: name(),
        because: "the word HI".into(),
    };
    let failed = Event::FlowFailed {
        session,
        name: name(),
        step: "ask".into(),
        problem: "no team Rooms.".into(),
    };
    let table = [
        (started, "The menu welcome began: the word HI."),
        (
            Event::FlowPaused { session, name: name() },
            "The menu welcome stepped back: a person took over.",
        ),
        (
            Event::FlowResumed { session, name: name() },
            "The menu welcome went on where it was.",
        ),
        (
            Event::FlowEnded {
                session,
                name: name(),
                because: "timed_out".into(),
            },
            "The menu welcome ended: timed out.",
        ),
        (failed, "The menu welcome failed at the step ask: no team Rooms."),
        (
            Event::HandedOff {
                team: Some(TeamId(1)),
                because: "asked for a person".into(),
            },
            "The customer was handed to Rooms: asked for a person.",
        ),
        (
            Event::HandedOff {
                team: None,
                because: String::new(),
            },
            "The customer was handed to a person.",
        ),
    ];
    for (event, expected) in table {
        assert_eq!(told_by(Actor::SYSTEM, event), expected);
    }
}

#[test]
fn the_company_is_told() {
    let ben = UserId(2);
    let role = Role::Agent;
    let changes = || vec![change("undo_seconds", "5", "10")];
    let name = || "N".to_owned();
    let table = [
        (
            Event::SignedIn {
                device: "Firefox".into(),
            },
            "Rapport signed in with Firefox.",
        ),
        (
            Event::SignInEnded {
                device: "Firefox".into(),
            },
            "Rapport signed out of Firefox.",
        ),
        (Event::UserJoined { name: name(), role }, "N joined as agent."),
        (
            Event::UserChanged {
                user: ben,
                changes: vec![change("role", "agent", "manager")],
            },
            "Rapport changed Ben: changed role from \"agent\" to \"manager\".",
        ),
        (Event::PasswordChanged { user: ben }, "Ben has a new password."),
        (
            Event::UserInvited {
                email: "a@b".into(),
                role,
            },
            "Rapport invited a@b as agent.",
        ),
        (
            Event::InvitationWithdrawn { email: "a@b".into() },
            "Rapport took back the invitation of a@b.",
        ),
        (
            Event::TokenCreated { name: name(), role },
            "Rapport made the token N with the role agent.",
        ),
        (Event::TokenRevoked { name: name() }, "Rapport took back the token N."),
        (
            Event::TeamSaved {
                team: TeamId(1),
                name: name(),
            },
            "Rapport saved the team N.",
        ),
        (
            Event::TeamRemoved {
                team: TeamId(1),
                name: name(),
            },
            "Rapport removed the team N.",
        ),
        (
            Event::CannedReplySaved {
                canned_reply: domain::CannedId(1),
                title: name(),
            },
            "Rapport saved the canned reply N.",
        ),
        (
            Event::CannedReplyRemoved {
                canned_reply: domain::CannedId(1),
                title: name(),
            },
            "Rapport removed the canned reply N.",
        ),
        (
            Event::ViewSaved {
                view: domain::ViewId(1),
                name: name(),
            },
            "Rapport saved the view N.",
        ),
        (
            Event::ViewRemoved {
                view: domain::ViewId(1),
                name: name(),
            },
            "Rapport removed the view N.",
        ),
        (
            Event::PartnerSaved {
                partner: domain::PartnerId(1),
                name: name(),
            },
            "Rapport saved the partner N.",
        ),
        (
            Event::PartnerRemoved {
                partner: domain::PartnerId(1),
                name: name(),
            },
            "Rapport removed the partner N.",
        ),
        (
            Event::ChannelSaved {
                channel: ChannelId(1),
                name: name(),
            },
            "Rapport saved the channel N.",
        ),
        (
            Event::FlowSaved {
                flow: FlowId(1),
                name: name(),
                version: 3,
                enabled: true,
            },
            "Rapport saved version 3 of the menu N, switched on.",
        ),
        (
            Event::SettingsChanged { changes: changes() },
            "Rapport changed undo seconds from \"5\" to \"10\" in the settings.",
        ),
    ];
    for (event, expected) in table {
        assert_eq!(told_by(Actor::SYSTEM, event), expected);
    }
}

#[test]
fn what_is_done_about_what_is_stuck_is_told() {
    let (inbound, job) = (domain::InboundId(3), domain::JobId(4));
    let work = || "send_message".to_owned();
    let retried = |understood| Event::InboundRetried { inbound, understood };
    let removed = Event::FlowRemoved {
        flow: FlowId(1),
        name: "N".to_owned(),
    };
    let table = [
        (removed, "Rapport removed the menu N."),
        (retried(true), "Rapport ran payload 3 again: understood now."),
        (retried(false), "Rapport ran payload 3 again: not understood."),
        (Event::InboundDiscarded { inbound }, "Rapport laid payload 3 aside."),
        (
            Event::JobRetried { job, work: work() },
            "Rapport ran job 4 (send_message) again.",
        ),
        (
            Event::JobDiscarded { job, work: work() },
            "Rapport discarded job 4 (send_message).",
        ),
    ];
    for (event, expected) in table {
        assert_eq!(told_by(Actor::SYSTEM, event), expected);
    }
}
