//! What a desk keeps for its own convenience: saved views and canned replies.

use serde::{Deserialize, Serialize};

use crate::{CannedId, ChannelId, TeamId, UserId, ViewId, conversation::ConversationStatus};

/// A filter of the inbox under a name.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct View {
    /// The id.
    pub id: ViewId,
    /// The name.
    pub name: String,
    /// Whether everyone sees it, or only the one who made it.
    pub shared: bool,
    /// What it shows.
    pub filter: Filter,
}

/// Which conversations are shown; what is left out does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// In this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ConversationStatus>,
    /// In this team's queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// With this person, or with nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
    /// On this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<ChannelId>,
    /// With this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Whether someone waits for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<bool>,
    /// With these words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Whom a conversation is with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Assignee {
    /// Whoever looks, or nobody.
    Word(AssigneeWord),
    /// This user.
    User(UserId),
}

crate::words! {
    /// Whom a conversation is with, when it is no particular user.
    AssigneeWord { Me = "me", Nobody = "nobody" }
}

/// A reply that is written once and used often.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Canned)]
pub struct CannedReply {
    /// The id.
    pub id: CannedId,
    /// What is typed to find it.
    pub shortcut: String,
    /// What it is called in lists.
    pub title: String,
    /// The text, with `{{ customer.name }}` and the like.
    pub body: String,
    /// The team it is for; null means everyone.
    pub team_id: Option<TeamId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_json_and_knows_its_words() {
        let filter: Filter = serde_json::from_str(r#"{"assignee":"me","waiting":true}"#).unwrap();
        assert_eq!(filter.assignee, Some(Assignee::Word(AssigneeWord::Me)));
        assert_eq!(
            serde_json::to_string(&filter).unwrap(),
            r#"{"assignee":"me","waiting":true}"#
        );
        let filter: Filter = serde_json::from_str(r#"{"assignee":7}"#).unwrap();
        assert_eq!(filter.assignee, Some(Assignee::User(UserId(7))));
        assert!(serde_json::from_str::<Filter>(r#"{"colour":"red"}"#).is_err());
        assert!(serde_json::from_str::<Filter>(r#"{"assignee":"everyone"}"#).is_err());
    }
}
