//! The catalogue: stages of the journey, and the touchpoints that events are sorted into.

use domain::{
    StageId, TouchpointId,
    touchpoint::{MAX_TOUCHPOINTS, Meeting, TouchpointRole},
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

/// Gives the lowest number that no touchpoint has; `None` when all are taken.
pub fn free_id(tx: &mut Tx) -> Result<Option<TouchpointId>> {
    let rows = tx.query("SELECT id FROM touchpoints ORDER BY id", params![])?;
    let mut free = 0;
    for row in &rows {
        if row.get::<i64>(0)? != free {
            break;
        }
        free += 1;
    }
    let is_one = usize::try_from(free).is_ok_and(|free| free < MAX_TOUCHPOINTS);
    Ok(is_one.then_some(TouchpointId(free)))
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
pub fn remove(tx: &mut Tx, id: TouchpointId) -> Result<()> {
    tx.execute("DELETE FROM touchpoints WHERE id = ?1", params![id])?;
    Ok(())
}

/// Sees to it that meetings have a touchpoint of their own. The last number is for everything that there is no room for.
pub fn ensure(tx: &mut Tx, meetings: &[Meeting]) -> Result<()> {
    let mut known: Vec<String> = list(tx)?.into_iter().filter_map(|known| known.signature).collect();
    for meeting in meetings {
        if known.contains(&meeting.signature) {
            continue;
        }
        let Some(id) = free_id(tx)? else {
            return Ok(());
        };
        let is_last = usize::try_from(id.0).is_ok_and(|id| id + 1 == MAX_TOUCHPOINTS);
        let meeting = if is_last { &Meeting::other() } else { meeting };
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
