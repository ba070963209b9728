//! Mail: what a mail says, and how one is written. Bytes go in and facts come out, and the other way around.
//!
//! This room sees neither the database nor the network nor the flows, and it has no clock: a caller says when a mail
//! came, what is known of it and which key signs. Whatever comes in is somebody else's, so nothing here refuses a mail
//! and nothing here panics over one.

mod compose;
mod fold;
mod html;
pub mod ids;
mod mail;
mod nature;
mod parse;
mod safe;
mod thread;

pub use compose::{Automatic, Draft, File, compose, references};
pub use fold::{Part, PartKind, fold, fold_html, fold_mail, is_forward, visible};
pub use mail::{Address, Attachment, Mail};
pub use nature::{Bounce, LOOP_HEADER, Nature, Why, nature};
pub use parse::parse;
pub use safe::{Images, SafeHtml, safe_html};
pub use thread::{Known, Sign, Threading, signs, thread, thread_root};
