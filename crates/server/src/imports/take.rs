//! Taking rows onto timelines: a part of a file in one transaction, with the count of what became of each row.

use std::collections::HashMap;

use channel::phone;
use domain::{
    Actor, CustomerId, Event, ImportId, SourceId, Time,
    collection::{Object, Tally},
    event::Happening,
    identity::{NamedId, Whose},
    importing::{CustomerKind, Reading, Row, SkipReason},
    settings::Settings,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{
    Tx, customers, events,
    imports::{self, Import, Skip},
    sources::{self, Claim},
};

use super::read::{Told, beginning};
use crate::desk::{customer_file::spell, suggesting};

/// A row with its number in the file, counted from 1.
pub struct Numbered {
    /// The number.
    pub number: i64,
    /// The row, if it can be taken.
    pub read: Result<Ready, SkipReason>,
    /// How it stands in the file; its beginning where it is long.
    pub content: String,
}

/// A row that can be taken.
pub struct Ready {
    row: Row,
    message_id: String,
    digest: i64,
}

/// How rows of an import are read.
pub struct Rules {
    /// What the columns mean.
    pub reading: Reading,
    /// The company's settings: in which country numbers are read.
    pub settings: Settings,
    /// When they are read.
    pub now: Time,
}

impl Rules {
    /// Reads a row of a file.
    pub fn read(&self, number: i64, told: Told) -> Numbered {
        let (row, content) = match told {
            Ok(row) => {
                let text = Value::Object(row.clone()).to_string();
                (Ok((row, text.clone())), text)
            }
            Err((reason, content)) => (Err(reason), content),
        };
        let read = row.and_then(|(row, text)| self.ready(number, &row, &text));
        Numbered {
            number,
            read,
            content: beginning(&content),
        }
    }

    fn ready(&self, number: i64, row: &Object, text: &str) -> Result<Ready, SkipReason> {
        let mut row = self.reading.row(row, self.now)?;
        let kind = self.reading.map().customer_kind;
        let bad = SkipReason::BadCustomer;
        row.customer = match kind {
            // Nobody is to be put down as a short code or a sender's name.
            CustomerKind::Phone => phone::number(&row.customer, &self.settings.country).map_err(|_| bad)?,
            kind => spell(kind.as_str(), &row.customer, &self.settings).map_err(|_| bad)?.1,
        };
        // The number keeps apart rows that say the same; what they say keeps apart files that count alike.
        let message_id = match &row.id {
            Some(id) => format!("import:{id}"),
            None => format!("import:{}:{number}", hex(&Sha256::digest(text.as_bytes())[..12])),
        };
        let essence = json!([kind, row.customer, row.at, row.name, row.properties]).to_string();
        let hash = Sha256::digest(essence.as_bytes());
        Ok(Ready {
            row,
            message_id,
            digest: i64::from_be_bytes(hash[..8].try_into().expect("a hash is longer")),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Numbered {
    /// Gives what the row says, if it can be taken.
    pub fn row(&self) -> Option<&Row> {
        self.read.as_ref().ok().map(|ready| &ready.row)
    }
}

/// A part of a file.
pub struct Part {
    /// The rows.
    pub rows: Vec<Numbered>,
    /// How many bytes of the file are behind it.
    pub read_bytes: i64,
}

/// Takes a part of an import, if it still runs and is there; says whether it was so.
pub fn part(tx: &mut Tx, import: &Import, from: i64, part: &Part, now: Time) -> store::Result<bool> {
    let Some((source, kind)) = import.source_id.zip(import.map.as_ref().map(|map| map.customer_kind)) else {
        return Ok(false);
    };
    let rows = i64::try_from(part.rows.len()).unwrap_or(i64::MAX);
    if !imports::advance(tx, import.id, from, (rows, part.read_bytes))? {
        return Ok(false);
    }
    let new = |apart| Taking {
        import: import.id,
        source,
        kind,
        now,
        apart,
        tally: Tally::default(),
        customers: HashMap::new(),
    };
    let mut taking = new(false);
    // A row that cannot be kept is rare: only then is each held apart from the others.
    match tx.savepoint(|tx| taking.each(tx, &part.rows)) {
        Err(store::Error::Other(_) | store::Error::Conflict(_)) => {
            taking = new(true);
            taking.each(tx, &part.rows)?;
        }
        together => together?,
    }
    let tally = taking.tally;
    imports::count(tx, import.id, (tally.taken, tally.repeated, tally.refused))?;
    sources::count(tx, source, Tally { refused: 0, ..tally }, now)?;
    Ok(true)
}

/// A part on its way to the disk.
struct Taking {
    import: ImportId,
    source: SourceId,
    kind: CustomerKind,
    now: Time,
    /// Whether each row is held apart from the others.
    apart: bool,
    tally: Tally,
    /// The customers that this part has named so far.
    customers: HashMap<String, Whose>,
}

impl Taking {
    fn each(&mut self, tx: &mut Tx, rows: &[Numbered]) -> store::Result<()> {
        for row in rows {
            let claim = match &row.read {
                Err(reason) => Err(*reason),
                Ok(ready) if self.apart => match tx.savepoint(|tx| self.one(tx, row.number, ready)) {
                    Err(error @ (store::Error::Other(_) | store::Error::Conflict(_))) => {
                        tracing::error!(import.id = self.import.0, row.number, %error, "a row could not be kept");
                        self.customers.clear();
                        Err(SkipReason::NotKept)
                    }
                    claim => Ok(claim?),
                },
                Ok(ready) => Ok(self.one(tx, row.number, ready)?),
            };
            match claim {
                Ok(Claim::New) => self.tally.taken += 1,
                Ok(Claim::Repeated) => self.tally.repeated += 1,
                Ok(Claim::OtherBody) => self.skip(tx, row, SkipReason::OtherReading)?,
                Err(reason) => self.skip(tx, row, reason)?,
            }
        }
        Ok(())
    }

    fn skip(&mut self, tx: &mut Tx, row: &Numbered, reason: SkipReason) -> store::Result<()> {
        self.tally.refused += 1;
        let skip = Skip {
            row_number: row.number,
            reason,
            content: row.content.clone(),
        };
        imports::skip(tx, self.import, &skip)
    }

    fn one(&mut self, tx: &mut Tx, number: i64, ready: &Ready) -> store::Result<Claim> {
        let claim = sources::claim(tx, self.source, (&ready.message_id, ready.digest), self.now)?;
        if claim != Claim::New {
            return Ok(claim);
        }
        let whose = self.whose(tx, &ready.row)?;
        let context = json!({"import": {"id": self.import, "row": number}});
        let event = Event::ActionTracked {
            source: self.source,
            name: ready.row.name.clone(),
            properties: ready.row.properties.clone(),
            context: context.as_object().cloned().unwrap_or_default(),
            told_at: None,
        };
        events::append_from(
            tx,
            &happening(whose.customer, ready.row.at, event),
            whose.other_profile(),
        )?;
        Ok(Claim::New)
    }

    /// Finds or makes the customer of a row.
    fn whose(&mut self, tx: &mut Tx, row: &Row) -> store::Result<Whose> {
        if let Some(known) = self.customers.get(&row.customer) {
            return Ok(*known);
        }
        let identity = (self.kind.as_str(), row.customer.as_str());
        let whose = match customers::owner(tx, identity.0, identity.1)? {
            Some(owner) => owner.whose,
            None => {
                let customer = customers::insert(tx, "", row.at)?;
                let created = Event::CustomerCreated { name: String::new() };
                events::append(tx, &happening(customer, row.at, created))?;
                customers::add_identity(tx, customer, identity, false, row.at)?;
                let (kind, value) = (identity.0.to_owned(), identity.1.to_owned());
                events::append(tx, &happening(customer, row.at, Event::IdentityAdded { kind, value }))?;
                customers::index(tx, customer)?;
                suggesting::found(tx, customer, &NamedId::new(identity.0, identity.1), row.at)?;
                customer.into()
            }
        };
        self.customers.insert(row.customer.clone(), whose);
        Ok(whose)
    }
}

fn happening(customer: CustomerId, at: Time, event: Event) -> Happening {
    Happening {
        at,
        customer: Some(customer),
        conversation: None,
        actor: Actor::customer(customer),
        event,
    }
}
