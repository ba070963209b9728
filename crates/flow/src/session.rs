//! A session, what goes into it and what comes out. All of it is plain JSON that the host keeps and carries.

use std::collections::BTreeMap;

use domain::{Reason, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Filed;

/// One run of a flow with one customer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The flow's name, for the reader: the host keeps which version this runs.
    pub flow: String,
    /// The step that waits for an answer; `None` once the session has ended.
    pub step: Option<String>,
    /// What the customer answered, by the name each answer is saved under.
    pub answers: Map<String, Value>,
    /// The request filed in this session.
    pub request: Option<Filed>,
    /// Traits set in this session.
    pub traits: BTreeMap<String, String>,
    /// Tags given in this session.
    pub tags: Vec<String>,
    /// The customer's last text.
    pub input: String,
    /// How often the pending question was answered in a way that does not fit.
    pub unclear: u32,
    /// The score of a survey whose comment is being asked for.
    pub score: Option<i64>,
    /// How many texts and timeouts the session has taken.
    pub sprints: u32,
    /// How long the pending question waits, if it does not wait as long as the session lives.
    pub timeout_seconds: Option<i64>,
    /// When the pending question stops waiting. Set by [`Session::sent`].
    pub wait_until: Option<Time>,
    /// When the session ends if nothing comes.
    pub expires_at: Time,
}

impl Session {
    /// Tells the session that its question was handed to the carrier at `at`: the time to answer runs from then, not from
    /// when the question was queued.
    pub fn sent(&mut self, at: Time) {
        if self.step.is_some() {
            self.wait_until = self.timeout_seconds.map(|seconds| at.plus_seconds(seconds));
        }
    }

    /// Gives the moment at which the host should come with [`Input::Timeout`]; `None` once the session has ended.
    pub fn due_at(&self) -> Option<Time> {
        self.step.as_ref().map(|_| {
            self.wait_until
                .map_or(self.expires_at, |until| until.min(self.expires_at))
        })
    }
}

/// What reaches a waiting session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The customer wrote.
    Text(String),
    /// [`Session::due_at`] has passed.
    Timeout,
    /// An agent lets the flow go on after it was paused: the pending question is asked again.
    Continue,
}

/// What one text, or one timeout, made a session do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sprint {
    /// The session as it is now.
    pub session: Session,
    /// What the host has to do, in this order.
    pub effects: Vec<Effect>,
    /// The step that each of the effects comes from.
    pub origins: Vec<String>,
    /// The steps entered, in this order.
    pub path: Vec<String>,
    /// How the session ended; `None` when it waits for an answer.
    pub end: Option<End>,
}

/// Something that the host has to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Send this text.
    Say {
        /// The text, complete: a menu's numbered lines are in it.
        text: String,
        /// The labels of the options, for channels that show buttons.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        choices: Vec<String>,
    },
    /// Put a trait on the customer's file; an empty value takes it away.
    SetTrait {
        /// The trait's name.
        key: String,
        /// Its value.
        value: String,
    },
    /// Put a tag on the customer's file.
    Tag {
        /// The tag.
        tag: String,
    },
    /// Put a request on the customer's file.
    FileRequest {
        /// What kind of request.
        kind: String,
        /// One line that says what is asked for.
        summary: String,
        /// What was asked and answered.
        details: BTreeMap<String, String>,
    },
    /// Submit the request filed in this session to a partner.
    Submit {
        /// The partner's name.
        partner: String,
    },
    /// A survey was asked for; the question itself is in the text said with it.
    SurveySent {},
    /// The survey was answered. Comes once more when a comment follows: the later one counts.
    SurveyAnswered {
        /// From 1 (poor) to 5 (great).
        score: i64,
        /// What the customer added.
        comment: String,
    },
    /// Let a person take over.
    HandOff {
        /// The team's name; `None` for the one the channel gives.
        team: Option<String>,
        /// Why, for the person who takes over.
        reason: Reason,
    },
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// The flow came to its end.
    Completed,
    /// A person takes over.
    HandedOff,
    /// The customer did not answer in time.
    TimedOut,
    /// Nothing came for as long as a session of this flow lives.
    Expired,
    /// The flow could not go on: a mistake in its definition.
    Failed {
        /// The step it failed at.
        step: String,
        /// What went wrong.
        problem: String,
    },
}
