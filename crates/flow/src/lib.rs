//! Menus and bots: a pure engine.
//!
//! `(definition, session, input, facts)` in, `(effects, session)` out. The engine reads no clock, rolls no dice, opens no
//! file and knows no channel and no table: the host passes in what is known ([`Facts`]) and carries out what comes back
//! ([`Effect`]). A session is a plain value that the host keeps as JSON between two texts, so a customer may answer an
//! hour later, on another node, after a restart.
//!
//! The way through one text: [`pick`] says which flow a text starts, [`start`] or [`resume`] runs it up to the next
//! question, and the [`Sprint`] says what to send, what to file and how it ended. `docs/flows.md` is the guide to the
//! YAML; each kind of step has its own file under `steps/`.

mod check;
mod condition;
mod definition;
mod engine;
mod facts;
mod fold;
mod graph;
mod menu;
mod question;
mod read;
mod reading;
mod segment;
mod session;
mod step;
mod steps;
mod template;
mod trigger;
mod yaml;

pub use condition::Rule;
pub use definition::Definition;
pub use engine::{answers_menu, resume, start};
pub use facts::{Customer, Facts, Filed};
pub use graph::{Edge, Graph, GraphNode, graph};
pub use reading::{Problem, Severity, check, draw};
pub use segment::{Deeds, SegmentRule, Standing};
pub use session::{Effect, End, Input, Session, Sprint};
pub use step::Step;
pub use trigger::{Moment, Picked, Trigger, pick};

/// What no flow may exceed, so that a mistake in a definition ends a session and never the server.
pub mod limits {
    /// Steps that may be entered between two texts of the customer.
    pub const STEPS_PER_SPRINT: usize = 100;
    /// Texts and timeouts that one session may take.
    pub const SPRINTS_PER_SESSION: u32 = 500;
    /// Characters of one template, and of the text it makes.
    pub const TEMPLATE_CHARS: usize = 10_000;
    /// Characters kept of one answer.
    pub const ANSWER_CHARS: usize = 640;
    /// Characters of one condition.
    pub const CONDITION_CHARS: usize = 1_000;
    /// Instructions that rendering one template may take.
    pub const TEMPLATE_FUEL: u64 = 20_000;
    /// Parts above which a text is warned of.
    pub const SEGMENTS_WARNED: usize = 10;
    /// Steps of one flow.
    pub const STEPS: usize = 500;
    /// Bytes of one definition.
    pub const SOURCE_BYTES: usize = 256 * 1024;
    /// Bytes that a pattern may take once compiled.
    pub const PATTERN_BYTES: usize = 1 << 20;
    /// Levels that YAML may be nested.
    pub const DEPTH: usize = 16;
    /// The shortest and the longest life of a session that nobody writes to, in minutes.
    pub const EXPIRES_MINUTES: std::ops::RangeInclusive<i64> = 5..=20_160;
}
