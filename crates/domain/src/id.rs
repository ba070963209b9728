//! Ids: whole numbers given by the database, one type each so that they cannot be mixed up.

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A customer.
    CustomerId,
    /// One address or id of a customer.
    IdentityId,
    /// A conversation.
    ConversationId,
    /// A message.
    MessageId,
    /// A note.
    NoteId,
    /// An attachment.
    AttachmentId,
    /// A channel.
    ChannelId,
    /// A user of the desk, whatever the role.
    UserId,
    /// A team.
    TeamId,
    /// A request.
    RequestId,
    /// A partner that requests are submitted to.
    PartnerId,
    /// A flow.
    FlowId,
    /// One run of a flow with one customer.
    SessionId,
    /// A survey that was sent.
    SurveyId,
    /// A saved view.
    ViewId,
    /// A canned reply.
    CannedId,
    /// A payload that a provider delivered.
    InboundId,
    /// A job.
    JobId,
    /// An API token.
    TokenId,
    /// An event.
    EventId,
    /// A possible revocation that waits for a person's decision.
    ReviewId,
    /// A row of the consent ledger.
    ConsentId,
    /// An invitation to join the desk.
    InvitationId,
    /// A browser that is signed in.
    SignInId,
    /// A place that tells of touchpoints: a website, an app, a till.
    SourceId,
    /// Something a source told that was refused.
    RefusalId,
    /// A file that is read onto timelines.
    ImportId,
    /// A place where customers check in.
    PlaceId,
    /// A stage of the journey.
    StageId,
    /// A segment of the customers.
    SegmentId,
    /// That two files are one person's.
    JoinId,
    /// That two files may be one person's.
    SuggestionId,
    /// A short link in a text.
    LinkId,
    /// A touchpoint of the catalogue: a whole number from 0, below 1,000.
    TouchpointId,
    /// A question about journeys that is kept under a name.
    QuestionId,
    /// A visitor of a chat.
    VisitorId,
}
