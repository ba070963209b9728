//! The catalogue: stages of the journey, and the touchpoints that events are sorted into.

use domain::{
    StageId, Time, TouchpointId,
    touchpoint::{MAX_TOUCHPOINTS, Meeting, OTHER, TouchpointRole},
};

use crate::{
    params,
    sql::{Result, Row, Tx},
};

/// A stage of the journey.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Stage {
    pub id: StageId,
    pub name: String,
    pub position: i64,
    /// How long after coming to it customers should come to the next one.
    pub within_hours: Option<i64>,
}

/// A touchpoint of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the columns say what they hold")]
pub struct Touchpoint {
    pub id: TouchpointId,
    /// Empty while nobody has named it.
    pub name: String,
    pub default_name: String,
    /// The sort of event that comes here by itself; none for one that has a rule.
    pub signature: Option<String>,
    pub rule: Option<String>,
    pub position: i64,
    pub stage_id: Option<StageId>,
    pub channel: String,
    pub is_contact: bool,
    pub is_hidden: bool,
    pub role: TouchpointRole,
    pub repeats: bool,
    /// Whether it may come in any order with what the design has before it in its stage.
    pub is_alongside: bool,
}

/// Gives all stages in their order.
pub fn stages(tx: &mut Tx) -> Result<Vec<Stage>> {
    let rows = tx.query(
        "SELECT id, name, position, within_hours FROM stages ORDER BY position, id",
        params![],
    )?;
    let read = |row: &Row| {
        Ok(Stage {
            id: row.get(0)?,
            name: row.get(1)?,
            position: row.get(2)?,
            within_hours: row.get(3)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Adds a stage behind the others; `None` when its name is taken.
pub fn insert_stage(tx: &mut Tx, name: &str) -> Result<Option<StageId>> {
    let row = tx.query_opt(
        "INSERT INTO stages (name, position) SELECT ?1, COALESCE(MAX(position), 0) + 1 FROM stages WHERE TRUE
         ON CONFLICT (name) DO NOTHING RETURNING id",
        params![name],
    )?;
    row.map(|row| row.get(0)).transpose()
}

/// Writes a stage's row.
pub fn update_stage(tx: &mut Tx, stage: &Stage) -> Result<()> {
    let sql = "UPDATE stages SET name = ?2, position = ?3, within_hours = ?4 WHERE id = ?1";
    tx.execute(sql, params![stage.id, &stage.name, stage.position, stage.within_hours])?;
    Ok(())
}

/// Takes a stage away.
pub fn remove_stage(tx: &mut Tx, id: StageId) -> Result<()> {
    tx.execute("DELETE FROM stages WHERE id = ?1", params![id])?;
    Ok(())
}

/// Gives all touchpoints in their order: rules are asked in it.
pub fn list(tx: &mut Tx) -> Result<Vec<Touchpoint>> {
    let rows = tx.query(
        "SELECT id, name, default_name, signature, rule, position, stage_id, channel, is_contact, is_hidden, role, repeats,
           is_alongside
         FROM touchpoints ORDER BY position, id",
        params![],
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Touchpoint> {
    Ok(Touchpoint {
        id: row.get(0)?,
        name: row.get(1)?,
        default_name: row.get(2)?,
        signature: row.get(3)?,
        rule: row.get(4)?,
        position: row.get(5)?,
        stage_id: row.get(6)?,
        channel: row.get(7)?,
        is_contact: row.get(8)?,
        is_hidden: row.get(9)?,
        role: row.word(10)?,
        repeats: row.get(11)?,
        is_alongside: row.get(12)?,
    })
}

/// Whether a catalogue has room for one more touchpoint. The last place is kept for everything that there is no room for.
pub fn has_room(catalogue: &[Touchpoint]) -> bool {
    let is_own = |row: &&Touchpoint| row.signature.as_deref() != Some(OTHER);
    catalogue.iter().filter(is_own).count() + 1 < MAX_TOUCHPOINTS
}

/// Gives a number for one more touchpoint; `None` when there is no room for one.
pub fn free_id(tx: &mut Tx) -> Result<Option<TouchpointId>> {
    if !has_room(&list(tx)?) {
        return Ok(None);
    }
    free_number(tx)
}

/// The number of a touchpoint that is gone is given again only when all others are taken, the one that is free the longest first.
fn free_number(tx: &mut Tx) -> Result<Option<TouchpointId>> {
    let sql = "SELECT id FROM touchpoints UNION SELECT id FROM freed_touchpoints ORDER BY 1";
    let mut unused = 0;
    for row in tx.query(sql, params![])? {
        if row.get::<i64>(0)? != unused {
            break;
        }
        unused += 1;
    }
    if usize::try_from(unused).is_ok_and(|unused| unused < MAX_TOUCHPOINTS) {
        return Ok(Some(TouchpointId(unused)));
    }
    let sql = "SELECT id FROM freed_touchpoints ORDER BY freed_at, id LIMIT 1";
    tx.query_opt(sql, params![])?.map(|row| row.get(0)).transpose()
}

/// Adds a touchpoint; its position is behind all others.
pub fn insert(tx: &mut Tx, touchpoint: &Touchpoint) -> Result<()> {
    tx.execute(
        "INSERT INTO touchpoints
           (id, name, default_name, signature, rule, position, stage_id, channel, is_contact, is_hidden, role, repeats,
            is_alongside)
         SELECT ?1, ?2, ?3, ?4, ?5, COALESCE(MAX(position), 0) + 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM touchpoints",
        params![
            touchpoint.id,
            &touchpoint.name,
            &touchpoint.default_name,
            touchpoint.signature.clone(),
            touchpoint.rule.clone(),
            touchpoint.stage_id,
            &touchpoint.channel,
            touchpoint.is_contact,
            touchpoint.is_hidden,
            touchpoint.role.as_str(),
            touchpoint.repeats,
            touchpoint.is_alongside
        ],
    )?;
    tx.execute("DELETE FROM freed_touchpoints WHERE id = ?1", params![touchpoint.id])?;
    Ok(())
}

/// Writes a touchpoint's row; its number, its default name and its signature stay.
pub fn update(tx: &mut Tx, touchpoint: &Touchpoint) -> Result<()> {
    tx.execute(
        "UPDATE touchpoints SET name = ?2, rule = ?3, position = ?4, stage_id = ?5, channel = ?6, is_contact = ?7,
           is_hidden = ?8, role = ?9, repeats = ?10, is_alongside = ?11 WHERE id = ?1",
        params![
            touchpoint.id,
            &touchpoint.name,
            touchpoint.rule.clone(),
            touchpoint.position,
            touchpoint.stage_id,
            &touchpoint.channel,
            touchpoint.is_contact,
            touchpoint.is_hidden,
            touchpoint.role.as_str(),
            touchpoint.repeats,
            touchpoint.is_alongside
        ],
    )?;
    Ok(())
}

/// Takes a touchpoint away.
pub fn remove(tx: &mut Tx, id: TouchpointId, now: Time) -> Result<()> {
    tx.execute("DELETE FROM touchpoints WHERE id = ?1", params![id])?;
    let sql = "INSERT INTO freed_touchpoints (id, freed_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.execute(sql, params![id, now])?;
    Ok(())
}

/// Sees to it that meetings have a touchpoint: their own where there is room for one, else that of everything else.
pub fn ensure(tx: &mut Tx, meetings: &[Meeting]) -> Result<()> {
    let mut known: Vec<String> = list(tx)?.into_iter().filter_map(|known| known.signature).collect();
    for meeting in meetings {
        if known.contains(&meeting.signature) {
            continue;
        }
        let (id, meeting) = match free_id(tx)? {
            Some(id) => (Some(id), meeting),
            None if known.iter().any(|known| known == OTHER) => return Ok(()),
            None => (free_number(tx)?, &Meeting::other()),
        };
        let Some(id) = id else {
            return Ok(());
        };
        insert(tx, &automatic(id, meeting))?;
        known.push(meeting.signature.clone());
    }
    Ok(())
}

fn automatic(id: TouchpointId, meeting: &Meeting) -> Touchpoint {
    Touchpoint {
        id,
        name: String::new(),
        default_name: meeting.name.clone(),
        signature: Some(meeting.signature.clone()),
        rule: None,
        position: 0,
        stage_id: None,
        channel: meeting.channel.to_owned(),
        is_contact: meeting.is_contact,
        is_hidden: meeting.is_hidden,
        role: TouchpointRole::Free,
        repeats: false,
        is_alongside: true,
    }
}
