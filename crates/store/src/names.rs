//! What things are called, for those who show ids to people.

use std::collections::{BTreeSet, HashMap};

use crate::sql::{self, Result, Tx, Value};

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is what it is named after")]
pub enum Named {
    Customer,
    User,
    Team,
    Channel,
    Flow,
    /// By the flow that it runs.
    Session,
    Partner,
    Token,
    Source,
}

impl Named {
    /// Where it is kept, and what it is called there: a menu by its title.
    fn select(self) -> &'static str {
        match self {
            // One who is another one's part goes by that one's name.
            Named::Customer => {
                "SELECT id, (SELECT whole.name FROM customers AS whole
                   WHERE whole.id = COALESCE(customers.merged_into, customers.id)) FROM customers"
            }
            Named::User => "SELECT id, name FROM users",
            Named::Team => "SELECT id, name FROM teams",
            Named::Channel => "SELECT id, name FROM channels",
            Named::Flow => "SELECT id, COALESCE(NULLIF(title, ''), name) FROM flows",
            Named::Session => {
                "SELECT id, (SELECT COALESCE(NULLIF(title, ''), name) FROM flows WHERE flows.id = flow_id) FROM flow_sessions"
            }
            Named::Partner => "SELECT id, name FROM partners",
            Named::Token => "SELECT id, name FROM api_tokens",
            Named::Source => "SELECT id, name FROM sources",
        }
    }
}

/// Names by what they name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(HashMap<(Named, i64), String>);

impl Names {
    /// Gives a name; empty when nothing of that id is there any more.
    pub fn get(&self, kind: Named, id: i64) -> &str {
        self.0.get(&(kind, id)).map_or("", String::as_str)
    }
}

impl FromIterator<((Named, i64), String)> for Names {
    fn from_iter<I: IntoIterator<Item = ((Named, i64), String)>>(names: I) -> Names {
        Names(names.into_iter().collect())
    }
}

/// Gives the names of all these, one statement a kind.
pub fn get(tx: &mut Tx, wanted: &BTreeSet<(Named, i64)>) -> Result<Names> {
    let mut names = Names::default();
    let mut rest: Vec<(Named, i64)> = wanted.iter().copied().collect();
    while let Some((kind, _)) = rest.first().copied() {
        let (these, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|(other, _)| *other == kind);
        rest = others;
        let values: Vec<Value> = these.iter().map(|(_, id)| Value::from(*id)).collect();
        let (select, places) = (kind.select(), sql::places(1, values.len()));
        let rows = tx.query(&format!("{select} WHERE id IN ({places})"), &values)?;
        for row in rows {
            names.0.insert((kind, row.get(0)?), row.get(1)?);
        }
    }
    Ok(names)
}
