//! Ideas and follow-ups as stored.

use crate::{
    reach::{Reached, parts, read_parts, seen},
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{
    EventId, FollowUpId, IncidentId, Instant, PersonId,
    access::{Part, Sight},
    follow_up::{FollowUp, FollowUpState, Intent},
    incident::IncidentNumber,
};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    incident: Uuid,
    text: String,
    intent: String,
    raised_by: Option<Uuid>,
    raised_at: i64,
    opens_at: i64,
    state: String,
    owner: Option<Uuid>,
    due: Option<i64>,
    state_at: Option<i64>,
    reason: Option<String>,
    revision: i64,
    event: Option<Uuid>,
}

impl Row {
    fn read(self) -> Result<FollowUp> {
        let broken = || Error::unknown("follow-up state", self.state.clone());
        let at = self.state_at.map(Instant::from_micros);
        let owner = self.owner.map(PersonId);
        let state = match self.state.as_str() {
            "idea" => FollowUpState::Idea,
            "committed" => FollowUpState::Committed {
                owner: owner.ok_or_else(broken)?,
                due: self.due.map(Instant::from_micros).ok_or_else(broken)?,
                at: at.ok_or_else(broken)?,
            },
            "done" => FollowUpState::Done { owner: owner.ok_or_else(broken)?, at: at.ok_or_else(broken)? },
            "dropped" => FollowUpState::Dropped {
                reason: self.reason.clone().unwrap_or_default(),
                at: at.ok_or_else(broken)?,
            },
            _ => return Err(broken()),
        };
        Ok(FollowUp {
            id: FollowUpId(self.id),
            incident: IncidentId(self.incident),
            text: self.text,
            intent: Intent::from_key(&self.intent).ok_or_else(|| Error::unknown("intent", self.intent))?,
            raised_by: self.raised_by.map(PersonId),
            raised_at: Instant::from_micros(self.raised_at),
            opens_at: Instant::from_micros(self.opens_at),
            state,
            revision: self.revision,
            event: self.event.map(EventId),
        })
    }
}

/// The columns that hold a state: owner, due, since, reason.
fn state_columns(state: &FollowUpState) -> (Option<Uuid>, Option<i64>, Option<i64>, Option<&str>) {
    match state {
        FollowUpState::Idea => (None, None, None, None),
        FollowUpState::Committed { owner, due, at } => {
            (Some(owner.0), Some(due.as_micros()), Some(at.as_micros()), None)
        }
        FollowUpState::Done { owner, at } => (Some(owner.0), None, Some(at.as_micros()), None),
        FollowUpState::Dropped { reason, at } => (None, None, Some(at.as_micros()), Some(reason)),
    }
}

/// Stores a new idea (or, from stories and bundles, what became of one).
pub async fn create(tx: &mut Tx, follow_up: &FollowUp) -> Result<()> {
    let (owner, due, at, reason) = state_columns(&follow_up.state);
    run!(
        tx,
        "INSERT INTO follow_ups
            (id, incident, text, intent, raised_by, raised_at, opens_at, state, owner, due, state_at, reason, revision,
             event)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        follow_up.id.0,
        follow_up.incident.0,
        follow_up.text.as_str(),
        follow_up.intent.key(),
        follow_up.raised_by.map(|person| person.0),
        follow_up.raised_at.as_micros(),
        follow_up.opens_at.as_micros(),
        follow_up.state.key(),
        owner,
        due,
        at,
        reason,
        follow_up.revision,
        follow_up.event.map(|event| event.0)
    )?;
    Ok(())
}

/// Saves what became of it over the revision it was read with; false if somebody was faster.
pub async fn save(tx: &mut Tx, follow_up: &FollowUp) -> Result<bool> {
    let (owner, due, at, reason) = state_columns(&follow_up.state);
    let saved = run!(
        tx,
        "UPDATE follow_ups SET state = $2, owner = $3, due = $4, state_at = $5, reason = $6, revision = revision + 1
         WHERE id = $1 AND revision = $7",
        follow_up.id.0,
        follow_up.state.key(),
        owner,
        due,
        at,
        reason,
        follow_up.revision
    )?;
    Ok(saved == 1)
}

/// A follow-up with the number of its incident.
pub async fn get(tx: &mut Tx, id: FollowUpId, sight: Sight) -> Result<Option<(FollowUp, IncidentNumber)>> {
    let found = row!(
        tx,
        ListedRow,
        concat!(
            "SELECT f.id, f.incident, f.text, f.intent, f.raised_by, f.raised_at, f.opens_at, f.state, f.owner,
                f.due, f.state_at, f.reason, f.revision, f.event, i.number, i.title AS incident_title,
                CAST(NULL AS TEXT) AS raised_by_name, CAST(NULL AS TEXT) AS owner_name,
                '' AS parts
             FROM follow_ups f JOIN incidents i ON i.id = f.incident WHERE f.id = $1 AND ",
            seen!("$2", "$3")
        ),
        id.0,
        sight.person().0,
        sight.at().as_micros()
    )?;
    found.map(|row| Ok((row.row.read()?, IncidentNumber(row.number)))).transpose()
}

/// A follow-up of an incident.
pub async fn of_incident(tx: &mut Tx, incident: Reached, id: FollowUpId) -> Result<Option<FollowUp>> {
    let found = row!(
        tx,
        Row,
        "SELECT id, incident, text, intent, raised_by, raised_at, opens_at, state, owner, due, state_at, reason,
            revision, event FROM follow_ups WHERE incident = $1 AND id = $2",
        incident.0.0,
        id.0
    )?;
    found.map(Row::read).transpose()
}

/// Whether somebody promised one of an incident, or did it.
pub async fn any_promised(tx: &mut Tx, incident: Reached) -> Result<bool> {
    let found = row!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM follow_ups WHERE incident = $1 AND state IN ('committed', 'done')",
        incident.0.0
    )?;
    Ok(found.is_some_and(|(many,)| many > 0))
}

/// Gives it other words, where some were withdrawn.
pub async fn reword(tx: &mut Tx, id: FollowUpId, text: &str) -> Result<()> {
    run!(tx, "UPDATE follow_ups SET text = $2, revision = revision + 1 WHERE id = $1", id.0, text).map(drop)
}

/// Gives the reason for which it was dropped other words, where some were withdrawn.
pub async fn reword_reason(tx: &mut Tx, id: FollowUpId, reason: &str) -> Result<()> {
    run!(tx, "UPDATE follow_ups SET reason = $2, revision = revision + 1 WHERE id = $1", id.0, reason)
        .map(drop)
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    row: Row,
    number: i64,
    incident_title: String,
    raised_by_name: Option<String>,
    owner_name: Option<String>,
    parts: String,
}

/// A follow-up in a list.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The follow-up.
    pub follow_up: FollowUp,
    /// The incident it came from.
    pub number: IncidentNumber,
    /// That incident's title.
    pub incident_title: String,
    /// Who had the idea.
    pub raised_by: Option<String>,
    /// Who committed to it or did it.
    pub owner: Option<String>,
    /// What whoever asked is to that incident.
    pub parts: Vec<Part>,
}

/// Follow-ups, of one incident if given: ideas by the end of their rest, then the others, newest first.
pub async fn list(
    tx: &mut Tx,
    incident: Option<IncidentNumber>,
    limit: i64,
    sight: Sight,
) -> Result<Vec<Listed>> {
    let found = rows!(
        tx,
        ListedRow,
        concat!(
            "SELECT f.id, f.incident, f.text, f.intent, f.raised_by, f.raised_at, f.opens_at, f.state, f.owner,
                f.due, f.state_at, f.reason, f.revision, f.event, i.number, i.title AS incident_title,
                r.name AS raised_by_name, o.name AS owner_name, ",
            parts!("$3"),
            " AS parts
             FROM follow_ups f
             JOIN incidents i ON i.id = f.incident
             LEFT JOIN people r ON r.id = f.raised_by
             LEFT JOIN people o ON o.id = f.owner
             WHERE (CAST($1 AS BIGINT) IS NULL OR i.number = $1) AND ",
            seen!("$3", "$4"),
            " ORDER BY CASE f.state WHEN 'idea' THEN 0 WHEN 'committed' THEN 1 ELSE 2 END,
            CASE WHEN f.state = 'idea' THEN f.opens_at ELSE COALESCE(f.due, -f.state_at) END, f.id
             LIMIT $2"
        ),
        incident.map(|number| number.0),
        limit,
        sight.person().0,
        sight.at().as_micros()
    )?;
    found
        .into_iter()
        .map(|row| {
            Ok(Listed {
                follow_up: row.row.read()?,
                number: IncidentNumber(row.number),
                incident_title: row.incident_title,
                raised_by: row.raised_by_name,
                owner: row.owner_name,
                parts: read_parts(&row.parts)?,
            })
        })
        .collect()
}
