//! What happened: the one list of events that timelines, live updates, metrics and journeys are made of.
//!
//! An event is never changed and never taken away from this list: old ones must stay readable.

mod actor;
mod happening;

use serde::{Deserialize, Serialize};

use crate::{
    AttachmentId, CannedId, ChannelId, ConversationId, CustomerId, FlowId, ImportId, InboundId, JobId, JoinId,
    MessageId, NoteId, PartnerId, PlaceId, QuestionId, RequestId, SegmentId, SessionId, SourceId, StageId, SurveyId,
    TeamId, Time, TouchpointId, UserId, ViewId,
    collection::Object,
    consent::ConsentSource,
    demand::Demand,
    identity::{JoinReason, NamedId},
    importing::ImportState,
    message::{Direction, MessageStatus},
    people::Role,
    reason::Reason,
    request::RequestStatus,
    session::SessionEnd,
};

pub use actor::{Actor, ActorKind};
pub use happening::Happening;

/// Something that happened. The variant's name in snake case is the event's kind, its fields the event's data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the fields say what they hold")]
pub enum Event {
    CustomerCreated {
        name: String,
    },
    CustomerChanged {
        changes: Vec<Change>,
    },
    CustomerTagged {
        tags: Vec<String>,
    },
    IdentityAdded {
        kind: String,
        value: String,
    },
    IdentityRemoved {
        kind: String,
        value: String,
    },
    ConversationOpened {
        channel: ChannelId,
        follows: Option<ConversationId>,
    },
    ConversationReopened {},
    ConversationClosed {},
    ConversationSnoozed {
        until: Option<Time>,
    },
    ConversationWoken {
        because: Reason,
    },
    ConversationAssigned {
        team: Option<TeamId>,
        assignee: Option<UserId>,
        because: Reason,
    },
    ConversationTagged {
        tags: Vec<String>,
    },
    ConversationRenamed {
        subject: String,
    },
    /// A person said what the customer wrote for; none takes it back.
    DemandSaid {
        demand: Option<Demand>,
        touchpoint: Option<TouchpointId>,
        name: String,
    },
    /// The conversation goes on by another channel, because a person chose so or the customer wrote there.
    ChannelSwitched {
        channel: ChannelId,
        from: ChannelId,
    },
    ConversationMerged {
        into: ConversationId,
        messages: i64,
    },
    ConversationSplit {
        from: ConversationId,
        messages: i64,
    },
    MessageReceived {
        message: MessageId,
        body: String,
        attachments: Vec<AttachmentId>,
    },
    MessageQueued {
        message: MessageId,
        body: String,
        send_at: Option<Time>,
        attachments: Vec<AttachmentId>,
    },
    MessageStatusChanged {
        message: MessageId,
        status: MessageStatus,
        error: Option<String>,
    },
    NoteAdded {
        note: NoteId,
        body: String,
    },
    RequestFiled {
        request: RequestId,
        request_kind: String,
        summary: String,
    },
    RequestChanged {
        request: RequestId,
        summary: String,
        status: RequestStatus,
        note: String,
    },
    FlowStarted {
        session: SessionId,
        flow: FlowId,
        name: String,
        because: Reason,
    },
    FlowPaused {
        session: SessionId,
        name: String,
    },
    FlowResumed {
        session: SessionId,
        name: String,
    },
    FlowEnded {
        session: SessionId,
        name: String,
        because: SessionEnd,
    },
    FlowFailed {
        session: SessionId,
        name: String,
        step: String,
        problem: String,
    },
    HandedOff {
        team: Option<TeamId>,
        because: Reason,
    },
    SurveySent {
        survey: SurveyId,
    },
    SurveyCommented {
        survey: SurveyId,
        comment: String,
    },
    SurveyAnswered {
        survey: SurveyId,
        score: i64,
        comment: String,
    },
    ConsentChanged {
        address: String,
        opted_in: bool,
        source: ConsentSource,
    },
    ConsentReviewAsked {
        message: MessageId,
        because: String,
    },
    ConsentReviewDecided {
        message: MessageId,
        opted_out: bool,
    },
    SignedIn {
        device: String,
    },
    SignInEnded {
        device: String,
    },
    UserJoined {
        name: String,
        role: Role,
    },
    UserChanged {
        user: UserId,
        changes: Vec<Change>,
    },
    PasswordChanged {
        user: UserId,
    },
    UserInvited {
        email: String,
        role: Role,
    },
    InvitationWithdrawn {
        email: String,
    },
    TokenCreated {
        name: String,
        role: Role,
    },
    TokenRevoked {
        name: String,
    },
    TeamSaved {
        team: TeamId,
        name: String,
    },
    TeamRemoved {
        team: TeamId,
        name: String,
    },
    CannedReplySaved {
        canned_reply: CannedId,
        title: String,
    },
    CannedReplyRemoved {
        canned_reply: CannedId,
        title: String,
    },
    ViewSaved {
        view: ViewId,
        name: String,
    },
    ViewRemoved {
        view: ViewId,
        name: String,
    },
    PartnerSaved {
        partner: PartnerId,
        name: String,
    },
    PartnerRemoved {
        partner: PartnerId,
        name: String,
    },
    ChannelSaved {
        channel: ChannelId,
        name: String,
    },
    FlowSaved {
        flow: FlowId,
        name: String,
        version: i64,
        enabled: bool,
    },
    FlowRemoved {
        flow: FlowId,
        name: String,
    },
    InboundRetried {
        inbound: InboundId,
        understood: bool,
    },
    InboundDiscarded {
        inbound: InboundId,
    },
    JobRetried {
        job: JobId,
        work: String,
    },
    JobDiscarded {
        job: JobId,
        work: String,
    },
    SettingsChanged {
        changes: Vec<Change>,
    },
    CustomerIdentified {
        source: SourceId,
        /// All that was told; the file has the newest of each.
        #[schema(value_type = Object)]
        traits: Object,
        #[schema(value_type = Object)]
        context: Object,
        #[serde(default)]
        told_at: Option<String>,
    },
    ActionTracked {
        source: SourceId,
        name: String,
        #[schema(value_type = Object)]
        properties: Object,
        #[schema(value_type = Object)]
        context: Object,
        /// What the source said of the time, where that cannot be believed.
        #[serde(default)]
        told_at: Option<String>,
    },
    PageViewed {
        source: SourceId,
        name: String,
        category: String,
        #[schema(value_type = Object)]
        properties: Object,
        #[schema(value_type = Object)]
        context: Object,
        #[serde(default)]
        told_at: Option<String>,
    },
    ScreenViewed {
        source: SourceId,
        name: String,
        #[schema(value_type = Object)]
        properties: Object,
        #[schema(value_type = Object)]
        context: Object,
        #[serde(default)]
        told_at: Option<String>,
    },
    GroupJoined {
        source: SourceId,
        group: String,
        #[schema(value_type = Object)]
        traits: Object,
        #[serde(default)]
        told_at: Option<String>,
    },
    CustomerMerged {
        /// The file that turned out to be this customer's.
        from: CustomerId,
        /// Who told so; none where no source did.
        #[serde(default)]
        source: Option<SourceId>,
        #[serde(default)]
        join: Option<JoinId>,
        #[serde(default)]
        because: Option<JoinReason>,
        /// The ids that say so.
        #[serde(default)]
        ids: Vec<NamedId>,
        /// What the other file was called; empty where nothing was known to call it by.
        #[serde(default)]
        name: String,
    },
    /// Stands on both files.
    CustomerSeparated {
        join: JoinId,
        /// The file that has its own history back.
        from: CustomerId,
        /// The one that it was a part of.
        was_in: CustomerId,
        because: JoinReason,
        ids: Vec<NamedId>,
        /// What the file is called that it had its history back from, or that got it.
        name: String,
    },
    /// A person says that two files are of two people.
    CustomerToldApart {
        other: CustomerId,
        name: String,
    },
    /// Belongs to no timeline: theirs is gone. What the file was joined from went with it.
    CustomerErased {
        files: Vec<CustomerId>,
    },
    SourceSaved {
        source: SourceId,
        name: String,
        enabled: bool,
        keys: i64,
        /// Whether it has another name than before.
        #[serde(default)]
        renamed: bool,
    },
    ImportStarted {
        import: ImportId,
        file: String,
        source: SourceId,
    },
    ImportEnded {
        import: ImportId,
        file: String,
        state: ImportState,
        taken: i64,
        skipped: i64,
    },
    StageSaved {
        stage: StageId,
        name: String,
    },
    StageRemoved {
        stage: StageId,
        name: String,
    },
    TouchpointSaved {
        touchpoint: TouchpointId,
        name: String,
        /// Whether events may count for other touchpoints than before.
        sorts_anew: bool,
    },
    TouchpointRemoved {
        touchpoint: TouchpointId,
        name: String,
    },
    CheckedIn {
        place: PlaceId,
        name: String,
        /// What the customer gave to be known by: `phone` or `email`; empty for nothing. Nobody has made sure of it.
        given_kind: String,
        given: String,
    },
    CallLogged {
        direction: Direction,
        duration_seconds: i64,
        about: String,
        note: String,
    },
    PlaceSaved {
        place: PlaceId,
        name: String,
        enabled: bool,
    },
    RefusalsRetried {
        source: SourceId,
        /// How many calls were taken now that were refused before.
        taken: i64,
        /// How many were refused again.
        refused: i64,
    },
    QuestionSaved {
        question: QuestionId,
        name: String,
    },
    QuestionRemoved {
        question: QuestionId,
        name: String,
    },
    /// Somebody said what is being done about a touchpoint.
    FixSaved {
        touchpoint: TouchpointId,
        name: String,
        owner: Option<UserId>,
        due_on: Option<String>,
        fixed_on: Option<String>,
    },
    FixRemoved {
        touchpoint: TouchpointId,
        name: String,
    },
    SegmentSaved {
        segment: SegmentId,
        name: String,
    },
    SegmentRemoved {
        segment: SegmentId,
        name: String,
    },
    SegmentEntered {
        segment: SegmentId,
        name: String,
    },
    SegmentLeft {
        segment: SegmentId,
        name: String,
    },
}

/// One value that became another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = FieldChange)]
pub struct Change {
    /// What changed, in the field's own name.
    pub what: String,
    /// What it was; empty when it was not set.
    pub from: String,
    /// What it is now; empty when it was taken away.
    pub to: String,
}

impl Event {
    /// Splits the event into its kind and its data as JSON, the two columns it is kept in.
    pub fn to_columns(&self) -> (String, String) {
        let text = serde_json::to_string(self).expect("an event has only string keys");
        // It is `{"kind":"…","data":{…}}`, and a kind has no quotation marks. Written once, for there are many.
        let inner = text
            .strip_prefix(r#"{"kind":""#)
            .and_then(|rest| rest.strip_suffix('}'));
        let parts = inner.and_then(|inner| inner.split_once(r#"","data":"#));
        let (kind, data) = parts.expect("every event has a kind and data");
        (kind.to_owned(), data.to_owned())
    }

    /// Puts an event together again from its two columns.
    pub fn from_columns(kind: &str, data: &str) -> Result<Event, serde_json::Error> {
        serde_json::from_str(&format!(r#"{{"kind":"{kind}","data":{data}}}"#))
    }
}

#[cfg(test)]
mod tests;
