//! How people come in: passwords, tries that fail too often, the cookie of a browser.

pub mod entry;
pub mod passwords;
pub mod throttle;
