//! The kinds of steps, one file each. Each owns its golden files under `goldens/`.

mod ask;
mod branch;
mod choose;
mod end;
mod goto;
mod handoff;
mod request;
mod say;
mod set;
mod submit;
mod survey;
mod tag;

pub use ask::Ask;
pub use branch::Branch;
pub use choose::Choose;
pub use end::EndStep;
pub use goto::Goto;
pub use handoff::Handoff;
pub use request::Request;
pub use say::Say;
pub use set::Set;
pub use submit::Submit;
pub use survey::Survey;
pub use tag::Tag;
