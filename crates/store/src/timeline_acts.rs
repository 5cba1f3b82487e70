//! Acts on timelines with what stood before them: for undoing, and for earlier wordings.

use crate::{
    reach::Reached,
    sql::{row, rows, run},
    statement::{Bind, Statement},
    tx::{Error, Result, Tx},
};
use domain::{EventId, Instant, PersonId, TimelineActId, timeline::TimelineEvent};

/// An act on a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Which act.
    pub id: TimelineActId,
    /// When.
    pub at: Instant,
    /// Who; `None` for the installation itself.
    pub person: Option<PersonId>,
    /// Their name at the time.
    pub actor: String,
    /// What was done, in the words of the record of acts.
    pub act: String,
    /// JSON: key instants and intervals as they were before.
    pub before: String,
    /// Whether it was undone.
    pub undone: bool,
}

/// An event before and after an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// As it was; `None` where the act wrote it first.
    pub before: Option<TimelineEvent>,
    /// As the act left it.
    pub after: TimelineEvent,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: uuid::Uuid,
    at: i64,
    person: Option<uuid::Uuid>,
    actor: String,
    act: String,
    before: String,
    undone: bool,
}

impl From<Row> for Act {
    fn from(row: Row) -> Self {
        Self {
            id: TimelineActId(row.id),
            at: Instant::from_micros(row.at),
            person: row.person.map(PersonId),
            actor: row.actor,
            act: row.act,
            before: row.before,
            undone: row.undone,
        }
    }
}

/// Keeps an act with the events it changed.
pub async fn insert(tx: &mut Tx, incident: Reached, act: &Act, changes: &[Change]) -> Result<()> {
    run!(
        tx,
        "INSERT INTO timeline_acts (id, incident, at, person, actor, act, before, undone, place)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8,
             (SELECT COALESCE(MAX(place), 0) + 1 FROM timeline_acts WHERE incident = $2))",
        act.id.0,
        incident.0.0,
        act.at.as_micros(),
        act.person.map(|person| person.0),
        act.actor.as_str(),
        act.act.as_str(),
        act.before.as_str(),
        act.undone
    )?;
    let written = |event: &TimelineEvent| {
        serde_json::to_string(event).map_err(|_| Error::unknown("an event", event.id.to_string()))
    };
    let mut place = 0i64;
    for changes in changes.chunks(100) {
        let mut statement =
            Statement::new("INSERT INTO timeline_changes (act, event, place, before, after) VALUES ");
        for (n, change) in changes.iter().enumerate() {
            if n > 0 {
                statement.text(", ");
            }
            let before: Option<String> = change.before.as_ref().map(written).transpose()?;
            statement.list([
                Bind::from(act.id.0),
                change.after.id.0.into(),
                place.into(),
                before.into(),
                written(&change.after)?.into(),
            ]);
            place += 1;
        }
        statement.run(tx).await?;
    }
    Ok(())
}

/// The newest acts on the timeline of an incident, newest first.
pub async fn newest(tx: &mut Tx, incident: Reached, most: i64) -> Result<Vec<Act>> {
    let found = rows!(
        tx,
        Row,
        "SELECT id, at, person, actor, act, before, undone
         FROM timeline_acts WHERE incident = $1 ORDER BY place DESC, id DESC LIMIT $2",
        incident.0.0,
        most
    )?;
    Ok(found.into_iter().map(Act::from).collect())
}

/// One act of an incident with its changes, in the order in which they were made.
pub async fn find(tx: &mut Tx, incident: Reached, id: TimelineActId) -> Result<Option<(Act, Vec<Change>)>> {
    let found = row!(
        tx,
        Row,
        "SELECT id, at, person, actor, act, before, undone FROM timeline_acts WHERE incident = $1 AND id = $2",
        incident.0.0,
        id.0
    )?;
    let Some(act) = found else { return Ok(None) };
    let changes = rows!(
        tx,
        (Option<String>, String),
        "SELECT before, after FROM timeline_changes WHERE act = $1 ORDER BY place",
        id.0
    )?;
    Ok(Some((act.into(), changes.into_iter().map(change).collect::<Result<_>>()?)))
}

/// What happened to one event, newest first.
pub async fn of_event(tx: &mut Tx, event: EventId) -> Result<Vec<(Act, Change)>> {
    #[derive(sqlx::FromRow)]
    struct Changed {
        #[sqlx(flatten)]
        row: Row,
        was: Option<String>,
        became: String,
    }
    let found = rows!(
        tx,
        Changed,
        "SELECT a.id, a.at, a.person, a.actor, a.act, a.before, a.undone, c.before AS was, c.after AS became
         FROM timeline_changes c JOIN timeline_acts a ON a.id = c.act
         WHERE c.event = $1 ORDER BY a.place DESC, a.id DESC LIMIT 200",
        event.0
    )?;
    found.into_iter().map(|it| Ok((it.row.into(), change((it.was, it.became))?))).collect()
}

/// What an event said before and after each act on it, however many there were.
pub async fn wordings(
    tx: &mut Tx,
    event: EventId,
) -> Result<Vec<(TimelineActId, Option<TimelineEvent>, TimelineEvent)>> {
    let found = rows!(
        tx,
        (uuid::Uuid, Option<String>, String),
        "SELECT act, before, after FROM timeline_changes WHERE event = $1 ORDER BY act",
        event.0
    )?;
    let wording = |(act, before, after): (uuid::Uuid, Option<String>, String)| {
        let change = change((before, after))?;
        Ok((TimelineActId(act), change.before, change.after))
    };
    found.into_iter().map(wording).collect()
}

/// Puts other words where an event's earlier ones stood: those that stood there were withdrawn for good. Nothing else
/// changes what an act left.
pub async fn reword(
    tx: &mut Tx,
    act: TimelineActId,
    event: EventId,
    before: Option<&TimelineEvent>,
    after: &TimelineEvent,
) -> Result<()> {
    let written = |event: &TimelineEvent| {
        serde_json::to_string(event).map_err(|_| Error::unknown("an event", event.id.to_string()))
    };
    run!(
        tx,
        "UPDATE timeline_changes SET before = $3, after = $4 WHERE act = $1 AND event = $2",
        act.0,
        event.0,
        before.map(written).transpose()?,
        written(after)?
    )
    .map(drop)
}

/// What stood before each act on the timeline of an incident that kept any: key instants, intervals and notes, as JSON.
pub async fn befores(tx: &mut Tx, incident: Reached) -> Result<Vec<(TimelineActId, String)>> {
    let found = rows!(
        tx,
        (uuid::Uuid, String),
        "SELECT id, before FROM timeline_acts WHERE incident = $1 AND before <> '{}' ORDER BY place",
        incident.0.0
    )?;
    Ok(found.into_iter().map(|(id, before)| (TimelineActId(id), before)).collect())
}

/// Puts other words where notes stood before an act: those that stood there were withdrawn for good.
pub async fn reword_before(tx: &mut Tx, act: TimelineActId, before: &str) -> Result<()> {
    run!(tx, "UPDATE timeline_acts SET before = $2 WHERE id = $1", act.0, before).map(drop)
}

/// What events said before anybody changed them, for those of an incident that were changed.
pub async fn first_words(tx: &mut Tx, incident: Reached) -> Result<Vec<TimelineEvent>> {
    let found = rows!(
        tx,
        (String,),
        "SELECT c.before FROM timeline_changes c JOIN timeline_acts a ON a.id = c.act
         WHERE a.incident = $1 AND c.before IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM timeline_changes d JOIN timeline_acts b ON b.id = d.act
             WHERE d.event = c.event AND d.before IS NOT NULL AND b.place < a.place)",
        incident.0.0
    )?;
    found
        .into_iter()
        .map(|(text,)| serde_json::from_str(&text).map_err(|_| Error::unknown("an event as it was", text)))
        .collect()
}

/// Says that an act was undone; `false` when it was already.
pub async fn set_undone(tx: &mut Tx, id: TimelineActId) -> Result<bool> {
    let changed =
        run!(tx, "UPDATE timeline_acts SET undone = $2 WHERE id = $1 AND undone = $3", id.0, true, false)?;
    Ok(changed == 1)
}

fn change((before, after): (Option<String>, String)) -> Result<Change> {
    let event = |text: String| -> Result<TimelineEvent> {
        serde_json::from_str(&text).map_err(|_| Error::unknown("an event as it was", text))
    };
    Ok(Change { before: before.map(event).transpose()?, after: event(after)? })
}
