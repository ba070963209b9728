//! Who works at the desk: users, their sign-ins, invitations, teams and API tokens. One file a family of tables.

pub mod invitations;
pub mod sign_ins;
pub mod teams;
pub mod tokens;
pub mod users;
