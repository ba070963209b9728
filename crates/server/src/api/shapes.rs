//! Shapes that many answers share.

use serde::Serialize;

/// Something that has a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Ref {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

impl Ref {
    /// Names a thing.
    pub fn new(id: i64, name: impl Into<String>) -> Ref {
        Ref { id, name: name.into() }
    }
}
