//! Passages that somebody asked to be looked at. Who asked is in no column.

use crate::{
    reach::Reached,
    secrets::Sealed,
    sql::{row, rows, run},
    tx::{Error, Result, Tx},
};
use domain::{Instant, PersonId, sealed::Surface};
use uuid::Uuid;

/// A passage to be looked at, with its seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which one.
    pub id: Uuid,
    /// Where the passage stands.
    pub surface: Surface,
    /// Which event, idea or account.
    pub subject: Option<Uuid>,
    /// Its author, who is asked to take it out; `None`: whoever leads the debrief.
    pub addressee: Option<PersonId>,
    /// When it was asked for.
    pub at: Instant,
    /// The words.
    pub sealed: Option<Sealed>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    surface: String,
    subject: Option<Uuid>,
    addressee: Option<Uuid>,
    secret: String,
    at: i64,
    key: Option<String>,
    sealed: Option<Vec<u8>>,
}

impl Row {
    fn read(self) -> Result<Report> {
        let sealed = self.key.zip(self.sealed);
        Ok(Report {
            id: self.id,
            surface: Surface::from_key(&self.surface)
                .ok_or_else(|| Error::unknown("where a passage stands", &self.surface))?,
            subject: self.subject,
            addressee: self.addressee.map(PersonId),
            at: Instant::from_micros(self.at),
            sealed: sealed.map(|(key, sealed)| Sealed { name: self.secret, key, sealed }),
        })
    }
}

/// Keeps a report, whose words lie among the secrets under `secret`.
pub async fn add(tx: &mut Tx, incident: Reached, report: &Report, secret: &str) -> Result<()> {
    run!(
        tx,
        "INSERT INTO reports (id, incident, surface, subject, addressee, secret, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        report.id,
        incident.0.0,
        report.surface.key(),
        report.subject,
        report.addressee.map(|person| person.0),
        secret,
        report.at.as_micros()
    )
    .map(drop)
}

/// What somebody is to an incident, as far as reports go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asks {
    /// They lead its debrief.
    pub facilitator: bool,
    /// They own its post-mortem.
    pub owner: bool,
    /// They administer the installation.
    pub administrator: bool,
}

/// What waits with an incident to be looked at by `person`, the oldest first: what goes to them as the author; and
/// what goes to whoever leads the debrief if they do, if nobody does and they own the post-mortem, or if there is
/// neither and they administer. One statement.
pub async fn waiting(tx: &mut Tx, incident: Reached, person: PersonId, asks: Asks) -> Result<Vec<Report>> {
    let found = rows!(
        tx,
        Row,
        "SELECT r.id, r.surface, r.subject, r.addressee, r.secret, r.at, x.key, x.sealed
         FROM reports r LEFT JOIN secrets x ON x.name = r.secret
         WHERE r.incident = $1 AND r.settled_at IS NULL AND (r.addressee = $2 OR (r.addressee IS NULL AND CASE
            WHEN EXISTS (SELECT 1 FROM incident_people p JOIN people n ON n.id = p.person
                WHERE p.incident = $1 AND p.part = 'facilitator' AND n.deactivated_at IS NULL) THEN $3
            WHEN EXISTS (SELECT 1 FROM postmortems d JOIN people n ON n.id = d.owner
                WHERE d.incident = $1 AND n.deactivated_at IS NULL) THEN $4
            ELSE $5 END)) ORDER BY r.at, r.id",
        incident.0.0,
        person.0,
        asks.facilitator,
        asks.owner,
        asks.administrator
    )?;
    found.into_iter().map(Row::read).collect()
}

/// Says that it was looked at; whether it waited.
pub async fn settle(tx: &mut Tx, incident: Reached, id: Uuid, at: Instant) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE reports SET settled_at = $3 WHERE incident = $1 AND id = $2 AND settled_at IS NULL",
        incident.0.0,
        id,
        at.as_micros()
    )?;
    Ok(changed > 0)
}

/// How many wait, to keep one incident from being flooded.
pub async fn count(tx: &mut Tx, incident: Reached) -> Result<i64> {
    let found = row!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM reports WHERE incident = $1 AND settled_at IS NULL",
        incident.0.0
    )?;
    Ok(found.map_or(0, |(many,)| many))
}
