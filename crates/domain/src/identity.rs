//! Whose it is: how the ids that a source tells find a customer, or make one, and when two files are one person's.
//!
//! A user id is of one customer, and a customer has at most one: two known people are never made one. A browser is of
//! whom its sources say first, by the time of what they tell and not by when it comes: whatever the order of arrival,
//! the same ids end on the same files. What a person has told apart stays apart.

pub mod graph;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Time, words};

/// The most characters of an id.
pub const MAX_ID: usize = 256;

/// Gives an id as it is kept; `None` for what programs send where they know none (experience-algorithms §5.2), and for
/// what cannot be kept.
pub fn clean_id(text: &str) -> Option<&str> {
    const NOBODY: &[&str] = &[
        "-1",
        "anonymous",
        "anon",
        "false",
        "guest",
        "nan",
        "nil",
        "none",
        "null",
        "n/a",
        "true",
        "undefined",
        "unknown",
        "[object object]",
    ];
    let id = text.trim();
    let is_blank = id.chars().all(|c| matches!(c, '0' | '-'));
    let is_blocked = NOBODY.contains(&id.to_ascii_lowercase().as_str());
    let fits = id.chars().count() <= MAX_ID && !id.chars().any(char::is_control);
    (!is_blank && !is_blocked && fits).then_some(id)
}

/// Whose something is: the customer it counts for, and the file that it was recorded under at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Whose {
    /// The customer.
    pub customer: CustomerId,
    /// The file that gets it back if the files are separated.
    pub profile: CustomerId,
}

impl Whose {
    /// Gives the profile where it is another file than the customer's own.
    pub fn other_profile(self) -> Option<CustomerId> {
        Some(self.profile).filter(|profile| *profile != self.customer)
    }
}

impl From<CustomerId> for Whose {
    fn from(customer: CustomerId) -> Whose {
        Whose {
            customer,
            profile: customer,
        }
    }
}

/// That a source told a browser and a user in one call. The earliest such word says whose the browser is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word {
    /// When, by the time of what was told.
    pub at: Time,
    /// The user's id.
    pub user: String,
}

/// A browser or app that a call names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Browser {
    /// The customer who has it.
    pub owner: Option<CustomerId>,
    /// Whether that customer has a user id, and so is known by more than browsers.
    pub is_known: bool,
    /// By which word the customer has it; `None` where it came to the file in another way.
    pub word: Option<Word>,
}

/// What follows from the ids of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Placing {
    /// Whose the call is; `None` makes a new customer.
    pub customer: Option<CustomerId>,
    /// Whether the user id goes onto the file.
    pub adds_user: bool,
    /// Whether the browser goes onto the file.
    pub adds_browser: bool,
    /// A file, known by no user id, that turns out to be this customer's.
    pub joins: Option<CustomerId>,
    /// Whether the browser leaves the user whose it was: this word is the earlier one.
    pub takes: bool,
    /// Whether this is the word by which the customer has the browser from now on.
    pub ties: bool,
}

/// Decides whose a call is. The outer `None` is an id that was not told, the inner one an id that nobody has yet.
pub fn place(user: Option<Option<CustomerId>>, browser: Option<&Browser>, word: Option<&Word>) -> Placing {
    let (Some(owner), Some(browser)) = (user, browser) else {
        let owner = user.flatten().or(browser.and_then(|browser| browser.owner));
        return Placing {
            customer: owner,
            adds_user: user.is_some() && owner.is_none(),
            adds_browser: browser.is_some() && owner.is_none(),
            ..Placing::default()
        };
    };
    let is_earlier = |tied: &Word| word.is_some_and(|word| word < tied);
    let of_user = Placing {
        customer: owner,
        adds_user: owner.is_none(),
        ..Placing::default()
    };
    match browser.owner {
        None => Placing {
            adds_browser: true,
            ties: true,
            ..of_user
        },
        Some(theirs) if owner == Some(theirs) => Placing {
            ties: browser.word.as_ref().is_none_or(is_earlier),
            ..of_user
        },
        Some(_) if browser.is_known => Placing {
            takes: browser.word.as_ref().is_some_and(is_earlier),
            ties: browser.word.as_ref().is_some_and(is_earlier),
            ..of_user
        },
        Some(theirs) if owner.is_some() => Placing {
            joins: Some(theirs),
            ties: true,
            ..of_user
        },
        Some(theirs) => Placing {
            customer: Some(theirs),
            ties: true,
            ..of_user
        },
    }
}

words! {
    /// Why two files are one person's, or may be.
    JoinReason {
        /// A source told an id of each in one call.
        ToldTogether = "told_together",
        /// A link that was texted to the one was opened in the browser of the other.
        Link = "link",
        /// A visitor of the chat brought a token of the company's that names a user.
        SignedIn = "signed_in",
        SameEmail = "same_email",
        SamePhone = "same_phone",
        /// A person says so.
        ByHand = "by_hand"
    }
}

/// An address or id with its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedId {
    /// `phone`, `email`, `user_id`, `anonymous_id` or another word.
    pub kind: String,
    /// The address or id.
    pub value: String,
}

impl NamedId {
    /// Puts the two together.
    pub fn new(kind: &str, value: &str) -> NamedId {
        NamedId {
            kind: kind.to_owned(),
            value: value.to_owned(),
        }
    }
}

/// The most browsers that a file is joined from by itself. Who has more is no person: a till, a test, a shared account.
pub const MAX_BROWSERS: i64 = 50;

/// The most files that an address joins in suggestions. One that more files have stands for nobody.
pub const MAX_SHARED: usize = 5;

/// A file as far as joining decides about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Side {
    /// How many user ids it has.
    pub users: i64,
    /// How many browsers.
    pub browsers: i64,
    /// Whether there is more on it than what sources told: a conversation or a request.
    pub is_served: bool,
}

/// What may be done with two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are joined.
    Join,
    /// A person is asked.
    Ask,
    /// They stay apart.
    Apart(Apart),
}

words! {
    /// Why two files stay apart.
    Apart {
        /// A person told them apart.
        ToldApart = "told_apart",
        /// Each has a user id of its own.
        TwoUsers = "two_users",
        /// Together they would have more browsers than a person has.
        TooManyBrowsers = "too_many_browsers"
    }
}

/// Decides whether evidence joins two files. It is `certain` when both ids in it were seen to be their owners', or when a
/// person decides.
pub fn judge(one: Side, other: Side, is_certain: bool, is_told_apart: bool) -> Verdict {
    if is_told_apart {
        Verdict::Apart(Apart::ToldApart)
    } else if one.users + other.users > 1 {
        Verdict::Apart(Apart::TwoUsers)
    } else if one.browsers + other.browsers > MAX_BROWSERS {
        Verdict::Apart(Apart::TooManyBrowsers)
    } else if one.is_served && other.is_served && !is_certain {
        Verdict::Ask
    } else {
        Verdict::Join
    }
}
