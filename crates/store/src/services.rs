//! Services: who looks after them, and which incidents name them. A service ends; it is not deleted.

use crate::{
    incidents::names,
    sql::{row, rows, run},
    statement::{Statement, words},
    tx::{Error, Result, Tx},
};
use domain::{
    Instant, ServiceId, TeamId,
    access::Sight,
    incident::IncidentNumber,
    team::{GroupName, compared},
};
use uuid::Uuid;

/// So many incidents whose words fit are looked at, the newest first.
const LOOKED_AT: i64 = 500;

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Which one.
    pub id: ServiceId,
    /// What it is called.
    pub name: GroupName,
    /// The team that looks after it.
    pub team: Option<(TeamId, String)>,
}

type Row = (Uuid, String, Option<Uuid>, Option<String>);

fn service((id, name, team, team_name): Row) -> Result<Service> {
    let name = name.parse().map_err(|_| Error::unknown("the name of a service", name))?;
    Ok(Service { id: ServiceId(id), name, team: team.map(TeamId).zip(team_name) })
}

/// The services that have not ended, by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<Service>> {
    let rows = rows!(
        tx,
        Row,
        "SELECT s.id, s.name, t.id, t.name FROM services s
         LEFT JOIN teams t ON t.id = s.team AND t.ended_at IS NULL
         WHERE s.ended_at IS NULL ORDER BY s.matches, s.id"
    )?;
    rows.into_iter().map(service).collect()
}

/// A service that has not ended.
pub async fn find(tx: &mut Tx, id: ServiceId) -> Result<Option<Service>> {
    let found = row!(
        tx,
        Row,
        "SELECT s.id, s.name, t.id, t.name FROM services s
         LEFT JOIN teams t ON t.id = s.team AND t.ended_at IS NULL
         WHERE s.id = $1 AND s.ended_at IS NULL",
        id.0
    )?;
    found.map(service).transpose()
}

/// Keeps a new service; `false` if there is one of that name.
pub async fn add(
    tx: &mut Tx,
    id: ServiceId,
    name: &GroupName,
    team: Option<TeamId>,
    at: Instant,
) -> Result<bool> {
    let added = run!(
        tx,
        "INSERT INTO services (id, name, matches, team, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        id.0,
        name.as_str(),
        name.matches(),
        team.map(|team| team.0),
        at.as_micros()
    )?;
    Ok(added == 1)
}

/// Says which team looks after a service.
pub async fn set_team(tx: &mut Tx, id: ServiceId, team: Option<TeamId>) -> Result<()> {
    run!(tx, "UPDATE services SET team = $2 WHERE id = $1", id.0, team.map(|team| team.0))?;
    Ok(())
}

/// Ends a service. Its name is free again; who was on call for it stays in the record.
pub async fn end(tx: &mut Tx, id: ServiceId, at: Instant) -> Result<()> {
    run!(
        tx,
        "UPDATE services SET ended_at = $2, matches = $3 WHERE id = $1",
        id.0,
        at.as_micros(),
        id.to_string()
    )?;
    Ok(())
}

/// An incident that names a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its number.
    pub number: IncidentNumber,
    /// Its title.
    pub title: String,
    /// When it was declared.
    pub at: Instant,
}

/// Incidents that `sight` sees and that name a service, the newest first, at most `most`. One statement.
pub async fn incidents(tx: &mut Tx, name: &GroupName, sight: Sight, most: usize) -> Result<Vec<Named>> {
    let mut statement =
        Statement::new("SELECT i.number, i.title, i.declared_at, i.services FROM incidents i WHERE ");
    statement
        .seen(sight)
        .containing("i.words", &words(Some(name.as_str())))
        .text(" ORDER BY i.declared_at DESC, i.number DESC LIMIT ")
        .bind(LOOKED_AT);
    let rows: Vec<(i64, String, i64, String)> = statement.rows(tx).await?;
    let wanted = name.matches();
    let mut found = Vec::new();
    for (number, title, at, services) in rows {
        if found.len() < most && names(&services)?.iter().any(|it| compared(it) == wanted) {
            found.push(Named { number: IncidentNumber(number), title, at: Instant::from_micros(at) });
        }
    }
    Ok(found)
}
